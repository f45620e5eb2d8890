// SPDX-License-Identifier: BSD-2-Clause
/*
 * The devices that are emulated. Boot CPU only, before any guest runs; no lock is needed.
 */
#include "boot/build_devices.h"

#include "arm64/mmio.h"
#include "arm64/pl031.h"
#include "console/console.h"
#include "core/timer.h"
#include "drivers/gic.h"
#include "fdt/platform.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mm/el2_map.h"
#include "mm/pages.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"
#include "vcpu/wiring.h"
#include "vdev/cfi_flash.h"
#include "vdev/vgic_mmio.h"
#include "vdev/virtio_empty.h"

/* The distributor, and GICC_DIR (GICv2) or the redistributors (GICv3) */
static unsigned int count_gic(const struct vm_config *config)
{
	(void)config;
	return 2;
}

static int add_gic(struct vm *vm, struct arena *arena)
{
	bool v2 = gic->version == 2;
	int err = mmio_map_add(&vm->mmio, ipa(PLATFORM_GICD_BASE), PLATFORM_GICD_SIZE,
			       v2 ? vgic_v2_dist_access : vgic_v3_dist_access, &vm->vgic, "GICD");

	(void)arena;
	if (err)
		return err;
	if (v2)
		return mmio_map_add(&vm->mmio, ipa(PLATFORM_GICC_BASE + PAGE_SIZE), PAGE_SIZE,
				    vgic_v2_dir_access, &vm->vgic, "GICC_DIR");
	return mmio_map_add(&vm->mmio, ipa(PLATFORM_GICR_BASE),
			    (uint64_t)PLATFORM_GICR_STRIDE * vm->nr_vcpus, vgic_v3_redist_access,
			    &vm->vgic, "GICR");
}

static unsigned int count_uart(const struct vm_config *config)
{
	return config->console == VM_CONSOLE_PL011;
}

static int add_uart(struct vm *vm, struct arena *arena)
{
	int err;

	vpl011_init(&vm->uart, wiring_uart_irq);
	err = console_add_vm(&vm->uart.port, vm->config->name, arena);
	if (err)
		return err;
	if (vm->config->uart_spi + VGIC_NR_PRIVATE >= vm->vgic.nr_irqs)
		return -EINVAL;
	return mmio_map_add(&vm->mmio, vm->config->uart_base, PLATFORM_UART_SIZE, vpl011_access,
			    &vm->uart, "PL011");
}

static unsigned int count_virtio(const struct vm_config *config)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < PLATFORM_VIRTIO_PAGES; i++)
		n += (config->virtio_pages & BIT(i)) != 0;
	return n;
}

static int add_virtio(struct vm *vm, struct arena *arena)
{
	int err = 0;

	(void)arena;
	for (unsigned int i = 0; !err && i < PLATFORM_VIRTIO_PAGES; i++)
		if (vm->config->virtio_pages & BIT(i))
			err = mmio_map_add(&vm->mmio, ipa(PLATFORM_VIRTIO_BASE + i * PAGE_SIZE),
					   PAGE_SIZE, virtio_empty_access, NULL, "virtio slots");
	return err;
}

/* The bank in which firmware keeps its variables */
static int add_flash_bank(struct vm *vm, struct arena *arena)
{
	void *data = page_alloc(CFI_FLASH_SIZE / PAGE_SIZE);
	int err;

	_Static_assert(PLATFORM_FLASH_VARS_SIZE == CFI_FLASH_SIZE, "the size in the guest's tree");
	vm->flash = arena_alloc(arena, 1, sizeof(*vm->flash));
	if (!data || !vm->flash)
		return -ENOMEM;
	cfi_flash_init(vm->flash, data);
	err = mmio_map_add(&vm->mmio, ipa(PLATFORM_FLASH_VARS), CFI_FLASH_SIZE, cfi_flash_access,
			   vm->flash, "flash");
	if (!err)
		err = mmio_map_add(&vm->mmio, ipa(PLATFORM_FLASH_VARS + CFI_FLASH_SIZE),
				   PLATFORM_FLASH_BANK - CFI_FLASH_SIZE, erased_flash_access, NULL,
				   "erased flash");
	return err;
}

/* Both banks, or the first one and the two parts of that of the variables */
static unsigned int count_flash(const struct vm_config *config)
{
	return config->firmware ? 3 : config->empty_devices;
}

/*
 * What is mapped, memory and passed devices, never comes here; but for writes to firmware, which
 * is as erased flash then.
 */
static int add_flash(struct vm *vm, struct arena *arena)
{
	uint64_t size = vm->config->firmware ? PLATFORM_FLASH_BANK : PLATFORM_FLASH_SIZE;
	int err = vm->config->firmware ? add_flash_bank(vm, arena) : 0;

	if (!err)
		err = mmio_map_add(&vm->mmio, ipa(PLATFORM_FLASH_BASE), size, erased_flash_access,
				   NULL, "erased flash");
	return err;
}

/* What the clocks of all VMs say when boot is here, in seconds */
static uint32_t clock_seconds;

/* That of the machine's clock, which belongs to nobody yet. */
static uint32_t read_clock(const struct range *reg)
{
	uint8_t *regs = el2_map_device(pa(reg->base), PAGE_SIZE);
	uint32_t seconds;

	if (!regs)
		return 0;
	seconds = mmio_read32(regs + PL031_DR);
	if (el2_unmap_range(ALIGN_DOWN((uintptr_t)regs, PAGE_SIZE), PAGE_SIZE))
		log_warn("the machine's clock stays mapped");
	return seconds;
}

static unsigned int count_rtc(const struct vm_config *config)
{
	return config->rtc;
}

static int add_rtc(struct vm *vm, struct arena *arena)
{
	const struct vm_config *config = vm->config;
	struct vm_rtc *rtc = arena_alloc(arena, 1, sizeof(*rtc));

	vm->rtc = rtc;
	if (!rtc)
		return -ENOMEM;
	rtc->vm = vm;
	rtc->alarms = arena_alloc(arena, vm->nr_vcpus, sizeof(*rtc->alarms));
	if (!rtc->alarms)
		return -ENOMEM;
	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		timer_init(&rtc->alarms[i].timer, wiring_rtc_alarm);
		rtc->alarms[i].rtc = rtc;
	}
	if (config->rtc_spi + VGIC_NR_PRIVATE >= vm->vgic.nr_irqs)
		return -EINVAL;
	pl031_init(&rtc->pl031, &wiring_rtc_ops, timer_ticks(1000000), clock_seconds);
	return mmio_map_add(&vm->mmio, config->rtc_base, PLATFORM_RTC_SIZE, pl031_access,
			    &rtc->pl031, "PL031");
}

/*
 * What is emulated: how many ranges of a VM's addresses a kind of device has, 0 if the description
 * asks for none of it, and what adds them to the VM's map.
 */
static const struct {
	unsigned int (*count)(const struct vm_config *config);
	int (*add)(struct vm *vm, struct arena *arena);
} emulated[] = {
    {count_gic, add_gic},     {count_uart, add_uart}, {count_virtio, add_virtio},
    {count_flash, add_flash}, {count_rtc, add_rtc},
};

static unsigned int count_regions(const struct vm_config *config)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(emulated); i++)
		n += emulated[i].count(config);
	return n;
}

size_t build_devices_size(const struct vm_config *config)
{
	return count_regions(config) * sizeof(struct mmio_region) + sizeof(struct cfi_flash) +
	       sizeof(struct vm_rtc) + config->nr_cpus * sizeof(struct vm_alarm);
}

void build_devices_init(const struct system_config *config, const struct host *host)
{
	bool wanted = false;

	for (unsigned int i = 0; i < config->nr_vms; i++)
		wanted |= config->vms[i].rtc;
	if (wanted && host->rtc.size != 0)
		clock_seconds = read_clock(&host->rtc);
}

int build_devices(struct vm *vm, struct arena *arena)
{
	int err = mmio_map_init(&vm->mmio, count_regions(vm->config), arena);

	for (unsigned int i = 0; !err && i < ARRAY_SIZE(emulated); i++)
		if (emulated[i].count(vm->config) != 0)
			err = emulated[i].add(vm, arena);
	return err;
}
