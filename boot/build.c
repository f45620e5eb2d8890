// SPDX-License-Identifier: BSD-2-Clause
/*
 * Building VMs. Boot CPU only, before any guest runs; no lock is needed.
 */
#include "boot/build.h"

#include "arm64/vmsa.h"
#include "boot/build_devices.h"
#include "boot/build_schedule.h"
#include "drivers/gic.h"
#include "fdt/device.h"
#include "fdt/guest.h"
#include "fdt/platform.h"
#include "fdt/reg.h"
#include "fdt/seeds.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/pages.h"
#include "vcpu/forward.h"
#include "vcpu/idregs.h"
#include "vcpu/pcpu.h"
#include "vcpu/stage2_fault.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"
#include "vcpu/wiring.h"
#include "vdev/vgic_gich.h"
#include "vdev/vgic_ich.h"

/* A generated tree has some 2 KiB, 150 bytes for each CPU, and what devices have. */
#define DTB_PAGES 16
/* The most that Linux takes (booting.rst, 2); a larger one of the user's gets no seeds. */
#define OWN_DTB_MAX MIB(2)

#define GUEST_MAX_IRQS 992u

/* IPA bits that hold all that the VMs were promised; 0: the default is enough. */
static unsigned int ipa_bits_needed(const struct system_config *config)
{
	uint64_t top = 0;

	for (unsigned int i = 0; i < config->nr_vms; i++) {
		const struct vm_config *vm = &config->vms[i];

		for (unsigned int m = 0; m < vm->nr_memory; m++)
			top = MAX(top, vm->memory[m].ipa.v + vm->memory[m].size - 1);
		for (unsigned int d = 0; d < vm->nr_devices; d++)
			for (unsigned int r = 0; r < vm->devices[d].nr_regs; r++)
				top = MAX(top,
					  device_ipa(&vm->devices[d], vm->devices[d].regs[r].base) +
					      vm->devices[d].regs[r].size - 1);
	}
	if (top >> STAGE2_DEFAULT_IPA_BITS == 0)
		return 0;
	return 64 - (unsigned int)__builtin_clzll(top);
}

static int map_range(struct stage2 *stage2, const struct vm_memory *memory)
{
	if (memory->rom)
		return stage2_map_rom(stage2, memory->ipa, memory->pa, memory->size);
	return stage2_map_ram(stage2, memory->ipa, memory->pa, memory->size);
}

static int map_memory(struct vm *vm, const struct stage2_geometry *geometry,
		      const struct host *host)
{
	const struct vm_config *config = vm->config;
	int err = stage2_init(&vm->stage2, geometry, config->id);

	for (unsigned int i = 0; !err && i < config->nr_memory; i++)
		err = map_range(&vm->stage2, &config->memory[i]);
	/* GICv2: the first page of the CPU interface is the hardware's virtual one. */
	if (!err && gic->version == 2)
		err = stage2_map_device(&vm->stage2, ipa(PLATFORM_GICC_BASE),
					pa(host->gic.vcpuif.base), PAGE_SIZE);
	return err;
}

/* In whole pages: two devices of a VM, or two ranges of a device, may be in one. */
static int map_registers(struct vm *vm, const struct vm_device *device, const struct range *reg)
{
	uint64_t base = ALIGN_DOWN(reg->base, PAGE_SIZE);
	uint64_t end = ALIGN_UP(reg->base + reg->size, PAGE_SIZE);
	int err = 0;
	pa_t there;

	for (; !err && base < end; base += PAGE_SIZE) {
		ipa_t place = ipa(device_ipa(device, base));

		if (!stage2_lookup(&vm->stage2, place, &there, NULL, NULL))
			err = stage2_map_device(&vm->stage2, place, pa(base), PAGE_SIZE);
	}
	return err;
}

/* Interrupts come by their own numbers. */
static int add_passed_device(struct vm *vm, const struct vm_device *device)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < device->nr_regs; i++)
		err = map_registers(vm, device, &device->regs[i]);
	for (unsigned int i = 0; !err && i < device->nr_irqs; i++) {
		const struct reg_irq *irq = &device->irqs[i];

		if (irq->intid >= vm->vgic.nr_irqs)
			err = -EINVAL;
		else
			err = forward_assign(irq->intid, irq->edge, vm, irq->intid);
	}
	return err;
}

static int add_passed_devices(struct vm *vm)
{
	for (unsigned int d = 0; d < vm->config->nr_devices; d++) {
		const struct vm_device *device = &vm->config->devices[d];
		int err = add_passed_device(vm, device);

		if (err) {
			log_error("%s: %s cannot be passed through", vm->config->name,
				  device->path);
			return err;
		}
	}
	return 0;
}

/* ---- The VM ---- */

/* The interrupts of a guest's GIC: as many as the machine's has, whole registers of them */
static unsigned int guest_nr_irqs(void)
{
	return MIN(gic->nr_irqs & ~31u, GUEST_MAX_IRQS);
}

static int add_vcpu(struct vm *vm, unsigned int id, const uint64_t *idregs, struct arena *arena)
{
	struct vcpu *vcpu = &vm->vcpus[id];
	struct pcpu *home = &pcpus[vm->config->cpus[id]];
	struct sched_params params = build_share(vm->config);
	int err;

	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->home = home;
	vcpu->slot = home->nr_vcpus++;
	home->vcpus[vcpu->slot] = vcpu;
	vcpu->mmio_last = &mmio_nowhere;
	vcpu->idregs = idregs;
	sched_add(&home->sched, &vcpu->sched, &params);
	err = vcpu_timers_init(vcpu, arena);
	if (!err)
		err = vgic_cpu_init(&vm->vgic, &vcpu->vgic, id, arena);
	return err;
}

static int add_vcpus(struct vm *vm, struct arena *arena)
{
	uint64_t *idregs = arena_alloc(arena, IDREGS_NR, sizeof(*idregs));
	int err;

	vm->nr_vcpus = vm->config->nr_cpus;
	vm->vcpus = arena_alloc(arena, vm->nr_vcpus, sizeof(*vm->vcpus));
	if (!vm->vcpus || !idregs)
		return -ENOMEM;
	err = vgic_init(&vm->vgic, gic->version, vm->nr_vcpus, guest_nr_irqs(), gic->nr_lrs,
			gic->version == 2 ? &gich_lr_ops : &ich_lr_ops, &wiring_vgic_host, arena);
	for (unsigned int i = 0; i < IDREGS_NR; i++)
		idregs[i] = idregs_read(vm, i);
	for (unsigned int i = 0; !err && i < vm->nr_vcpus; i++)
		err = add_vcpu(vm, i, idregs, arena);
	if (!err)
		forward_assign_vtimer(vm);
	return err;
}

/* The generated tree stays, for restarts, in just the pages that it needs. */
static int add_tree(struct vm *vm, const struct host *host, struct diag *diag)
{
	void *dtb = page_alloc(DTB_PAGES);
	size_t pages;
	int size;

	if (!dtb)
		return -ENOMEM;
	size = guest_dtb_write(vm->config, host, dtb, DTB_PAGES * PAGE_SIZE, diag);
	if (size < 0)
		return size;
	if (host->seeded)
		vm->seeds.nr_places = seeds_find(vm->config, dtb, vm->seeds.places);
	pages = ((size_t)size + PAGE_SIZE - 1) / PAGE_SIZE;
	if (pages < DTB_PAGES)
		page_free((char *)dtb + pages * PAGE_SIZE, DTB_PAGES - pages);
	load_add(vm, page_to_pa(dtb), vm->config->dtb_ipa, (uint64_t)size, 0);
	return 0;
}

/* The user's own tree is where he put it in the description: libfdt reads an aligned copy. */
static int find_own_seeds(struct vm *vm)
{
	const struct blob_slice *slice = &vm->config->dtb;
	size_t pages = (slice->size + PAGE_SIZE - 1) / PAGE_SIZE;
	void *copy;

	if (slice->size > OWN_DTB_MAX)
		return 0;
	copy = page_alloc(pages);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, (const char *)vm->config->blob + slice->offset, slice->size);
	if (reg_check_tree(copy, slice->size) == 0)
		vm->seeds.nr_places = seeds_find(vm->config, copy, vm->seeds.places);
	page_free(copy, pages);
	return 0;
}

static int add_own_tree(struct vm *vm, const struct host *host, pa_t blob)
{
	const struct vm_config *config = vm->config;

	load_add(vm, pa(blob.v + config->dtb.offset), config->dtb_ipa, config->dtb.size, 0);
	return host->seeded ? find_own_seeds(vm) : 0;
}

/* The kernel's segments, the initrd, the tree; and what is between them. */
static unsigned int max_load_parts(const struct vm_config *config)
{
	unsigned int images = config->image.nr_segments + 2;

	return 2 * images + config->nr_memory;
}

static int add_images(struct vm *vm, const struct host *host, pa_t blob, struct arena *arena,
		      struct diag *diag)
{
	const struct vm_config *config = vm->config;
	pa_t kernel = pa(blob.v + config->kernel.offset);
	int err = load_init(vm, max_load_parts(config), arena);

	if (err)
		return err;
	for (unsigned int i = 0; i < config->image.nr_segments; i++) {
		const struct image_segment *s = &config->image.segments[i];

		load_add(vm, pa(kernel.v + s->offset), s->ipa, s->file_size,
			 s->mem_size - s->file_size);
	}
	if (config->initrd.size != 0)
		load_add(vm, pa(blob.v + config->initrd.offset), config->initrd_ipa,
			 config->initrd.size, 0);
	if (config->dtb.size == 0)
		err = add_tree(vm, host, diag);
	else
		err = add_own_tree(vm, host, blob);
	if (!err)
		load_add_rest(vm);
	return err;
}

/* What a VM's structures need, generously: unused pages of an arena are never touched. */
static size_t arena_pages(const struct vm_config *config)
{
	size_t bytes = KIB(8) + (size_t)gic->nr_irqs * sizeof(struct vgic_irq) +
		       build_devices_size(config) +
		       max_load_parts(config) * sizeof(struct load_part) +
		       config->nr_cpus * (sizeof(struct vcpu) + sizeof(struct vcpu_timers) +
					  (VGIC_NR_PRIVATE + 8) * sizeof(struct vgic_irq) + 256);

	return (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
}

static int build_vm(struct vm *vm, const struct vm_config *config,
		    const struct stage2_geometry *geometry, const struct host *host, pa_t blob,
		    struct diag *diag)
{
	size_t pages = arena_pages(config);
	struct arena arena;
	void *memory = page_alloc(pages);
	int err;

	if (!memory)
		return -ENOMEM;
	arena_init(&arena, memory, pages * PAGE_SIZE);
	vm->config = config;
	vm->lock = (struct lock)LOCK_INIT(LOCK_VM, (unsigned int)(vm - vms));
	vm->state = VM_LOADING;
	err = map_memory(vm, geometry, host);
	if (!err)
		err = add_vcpus(vm, &arena);
	if (!err)
		err = add_passed_devices(vm);
	if (!err)
		err = build_devices(vm, &arena);
	if (!err)
		err = add_images(vm, host, blob, &arena, diag);
	return err;
}

/* How many vCPUs have this CPU as their home */
static unsigned int count_vcpus(const struct system_config *config, unsigned int cpu)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < config->nr_vms; i++)
		for (unsigned int c = 0; c < config->vms[i].nr_cpus; c++)
			n += config->vms[i].cpus[c] == cpu;
	return n;
}

/* The CPUs' schedulers, and room for as many vCPUs as each is home of. */
static int prepare_cpus(const struct system_config *config)
{
	unsigned int total = 0;
	struct vcpu **slots;

	for (unsigned int i = 0; i < nr_pcpus; i++)
		total += count_vcpus(config, i);
	slots = page_alloc((total * sizeof(*slots) + PAGE_SIZE - 1) / PAGE_SIZE);
	if (!slots)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr_pcpus; i++) {
		sched_init(&pcpus[i].sched);
		pcpus[i].vcpus = slots;
		slots += count_vcpus(config, i);
	}
	return 0;
}

/* The smaller one of a register's field in two CPUs' values */
static uint64_t lesser_field(uint64_t a, uint64_t b, uint64_t field)
{
	return FIELD_GET(field, a) <= FIELD_GET(field, b) ? a : b;
}

/* What every CPU can do: the least of their physical address and VMID bits */
static void common_features(uint64_t *mmfr0, uint64_t *mmfr1)
{
	*mmfr0 = this_pcpu()->base.mmfr0;
	*mmfr1 = this_pcpu()->base.mmfr1;
	for (unsigned int i = 0; i < nr_pcpus; i++) {
		if (!pcpus[i].base.online)
			continue;
		*mmfr0 = lesser_field(*mmfr0, pcpus[i].base.mmfr0, MMFR0_PARANGE);
		*mmfr1 = lesser_field(*mmfr1, pcpus[i].base.mmfr1, MMFR1_VMIDBITS);
	}
}

/* One shape of stage 2 for all VMs, which every CPU can walk. Says why there is none. */
static int common_geometry(const struct system_config *config, struct stage2_geometry *geometry,
			   struct diag *diag)
{
	uint64_t mmfr0, mmfr1;
	int err;

	common_features(&mmfr0, &mmfr1);
	if (!system_check_bits(config, parange_bits(parange_usable(mmfr0)), diag))
		return -ERANGE;
	err = stage2_geometry(mmfr0, mmfr1, ipa_bits_needed(config), geometry);
	if (err)
		log_error("the CPUs have no stage 2 with pages of 4 KiB");
	return err;
}

int build_vms(const struct system_config *config, const struct host *host, pa_t blob,
	      struct random *random, struct diag *diag)
{
	struct stage2_geometry geometry;
	int err = common_geometry(config, &geometry, diag);

	if (!system_check_irqs(config, guest_nr_irqs(), diag))
		err = -ERANGE;
	if (err)
		return err;
	if (gic->version == 2)
		gich_init(gic->hyp);
	nr_vms = config->nr_vms;
	vms = page_alloc((nr_vms * sizeof(*vms) + PAGE_SIZE - 1) / PAGE_SIZE);
	if (!vms)
		return -ENOMEM;
	build_devices_init(config, host);
	err = prepare_cpus(config);
	for (unsigned int i = 0; !err && i < nr_vms; i++) {
		random_bytes(random, &vms[i].seeds.random, sizeof(vms[i].seeds.random));
		err = build_vm(&vms[i], &config->vms[i], &geometry, host, blob, diag);
		if (err)
			log_error("%s: cannot be built: %s", config->vms[i].name,
				  err == -ENOMEM ? "the hypervisor is out of memory"
				  : err == -ENOSPC
				      ? "its device tree is too large"
				      : "two of its devices or memories are in one place");
	}
	if (!err)
		err = build_schedules(config);
	for (unsigned int i = 0; !err && i < nr_vms; i++)
		sched_wake(&vms[i].vcpus[0].home->sched, &vms[i].vcpus[0].sched);
	return err;
}
