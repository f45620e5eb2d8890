// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's device tree, in the order in which libfdt's sequential interface
 * writes it. The first error sticks: a tree that does not fit fails as a whole.
 */
#include "fdt/guest.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/device.h"
#include "fdt/diag.h"
#include "fdt/platform.h"
#include "fdt/seeds.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

#define IRQ_SPI 0
#define IRQ_PPI 1
#define IRQ_LEVEL_HIGH 4
#define IRQ_LEVEL_LOW 8

#define HIGH(value) ((uint32_t)((value) >> 32))
#define LOW(value) ((uint32_t)(value))

static void write_chosen(struct writer *w, const struct vm_config *vm, const struct host *host)
{
	static const uint8_t no_seed[SEED_RNG_SIZE];
	uint64_t start = vm->initrd_ipa.v, stop = start + vm->initrd.size;
	char path[32];

	writer_begin(w, "chosen");
	if (vm->bootargs)
		writer_string(w, "bootargs", vm->bootargs);
	if (vm->console == VM_CONSOLE_PL011) {
		format(path, sizeof(path), "/pl011@%llx", (unsigned long long)vm->uart_base.v);
		writer_string(w, "stdout-path", path);
	}
	if (vm->initrd.size != 0) {
		WRITER_CELLS(w, "linux,initrd-start", HIGH(start), LOW(start));
		WRITER_CELLS(w, "linux,initrd-end", HIGH(stop), LOW(stop));
	}
	/* Each start of the VM writes others: see seeds.h. */
	if (host->seeded) {
		writer_bytes(w, "rng-seed", no_seed, SEED_RNG_SIZE);
		writer_bytes(w, "kaslr-seed", no_seed, SEED_KASLR_SIZE);
	}
	writer_end(w);
}

/* The vCPU is what its home CPU is. */
static void write_cpu(struct writer *w, const struct vm_config *vm, const struct host *host,
		      unsigned int n)
{
	uint64_t mpidr = guest_mpidr(n);
	int len = 0;
	const char *compatible = NULL;

	if (host->dtb)
		compatible =
		    fdt_getprop(host->dtb, host->cpus[vm->cpus[n]].node, "compatible", &len);
	writer_begin_at(w, "cpu", mpidr);
	writer_string(w, "device_type", "cpu");
	if (compatible && len > 0)
		writer_bytes(w, "compatible", compatible, (size_t)len);
	else
		writer_string(w, "compatible", "arm,armv8");
	WRITER_CELLS(w, "reg", LOW(mpidr));
	writer_string(w, "enable-method", "psci");
	writer_end(w);
}

static void write_cpus(struct writer *w, const struct vm_config *vm, const struct host *host)
{
	writer_begin(w, "cpus");
	WRITER_CELLS(w, "#address-cells", 1);
	WRITER_CELLS(w, "#size-cells", 0);
	for (unsigned int i = 0; i < vm->nr_cpus; i++)
		write_cpu(w, vm, host, i);
	writer_end(w);
}

static void write_memory(struct writer *w, const struct vm_memory *memory)
{
	writer_begin_at(w, "memory", memory->ipa.v);
	writer_string(w, "device_type", "memory");
	WRITER_CELLS(w, "reg", HIGH(memory->ipa.v), LOW(memory->ipa.v), HIGH(memory->size),
		     LOW(memory->size));
	writer_end(w);
}

/* The second bank alone takes commands. */
static void write_flash(struct writer *w)
{
	writer_begin_at(w, "flash", PLATFORM_FLASH_VARS);
	writer_string(w, "compatible", "cfi-flash");
	WRITER_CELLS(w, "reg", 0, PLATFORM_FLASH_VARS, 0, PLATFORM_FLASH_VARS_SIZE);
	WRITER_CELLS(w, "bank-width", 4);
	writer_end(w);
}

static void write_psci(struct writer *w)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	writer_begin(w, "psci");
	writer_bytes(w, "compatible", compatible, sizeof(compatible));
	writer_string(w, "method", "hvc");
	writer_end(w);
}

static void write_gic(struct writer *w, const struct vm_config *vm, const struct host *host,
		      uint32_t phandle)
{
	writer_begin_at(w, "intc", PLATFORM_GICD_BASE);
	if (host->gic.version == 3) {
		writer_string(w, "compatible", "arm,gic-v3");
		WRITER_CELLS(w, "reg", 0, PLATFORM_GICD_BASE, 0, PLATFORM_GICD_SIZE, 0,
			     PLATFORM_GICR_BASE, 0, PLATFORM_GICR_STRIDE * vm->nr_cpus);
	} else {
		writer_string(w, "compatible", "arm,cortex-a15-gic");
		WRITER_CELLS(w, "reg", 0, PLATFORM_GICD_BASE, 0, PLATFORM_GICD_SIZE, 0,
			     PLATFORM_GICC_BASE, 0, PLATFORM_GICC_SIZE);
	}
	writer_bytes(w, "interrupt-controller", NULL, 0);
	WRITER_CELLS(w, "#interrupt-cells", 3);
	WRITER_CELLS(w, "#address-cells", 2);
	WRITER_CELLS(w, "#size-cells", 2);
	WRITER_CELLS(w, "phandle", phandle);
	writer_end(w);
}

static void write_timer(struct writer *w, const struct vm_config *vm, const struct host *host)
{
	/* v2: bits 15 to 8 say which CPUs have the interrupt (arm,gic.yaml) */
	uint32_t flags = IRQ_LEVEL_LOW;

	if (host->gic.version == 2)
		flags |= ((1u << vm->nr_cpus) - 1) << 8;
	writer_begin(w, "timer");
	writer_string(w, "compatible", "arm,armv8-timer");
	WRITER_CELLS(w, "interrupts", IRQ_PPI, PLATFORM_PPI_SEC_PTIMER - 16, flags, IRQ_PPI,
		     PLATFORM_PPI_PTIMER - 16, flags, IRQ_PPI, PLATFORM_PPI_VTIMER - 16, flags,
		     IRQ_PPI, PLATFORM_PPI_HPTIMER - 16, flags);
	/* it goes on while the vCPU waits, whether that is loaded or not */
	writer_bytes(w, "always-on", NULL, 0);
	writer_end(w);
}

/* What clocks the emulated devices */
static void write_clock(struct writer *w, uint32_t clock)
{
	writer_begin(w, "apb-pclk");
	writer_string(w, "compatible", "fixed-clock");
	WRITER_CELLS(w, "#clock-cells", 0);
	WRITER_CELLS(w, "clock-frequency", PLATFORM_UART_CLOCK);
	writer_string(w, "clock-output-names", "clk24mhz");
	WRITER_CELLS(w, "phandle", clock);
	writer_end(w);
}

static void write_uart(struct writer *w, const struct vm_config *vm, uint32_t clock)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";

	writer_begin_at(w, "pl011", vm->uart_base.v);
	writer_bytes(w, "compatible", compatible, sizeof(compatible));
	WRITER_CELLS(w, "reg", 0, LOW(vm->uart_base.v), 0, PLATFORM_UART_SIZE);
	WRITER_CELLS(w, "interrupts", IRQ_SPI, vm->uart_spi, IRQ_LEVEL_HIGH);
	WRITER_CELLS(w, "clocks", clock, clock);
	writer_bytes(w, "clock-names", clock_names, sizeof(clock_names));
	writer_end(w);
}

static void write_rtc(struct writer *w, const struct vm_config *vm, uint32_t clock)
{
	static const char compatible[] = "arm,pl031\0arm,primecell";

	writer_begin_at(w, "pl031", vm->rtc_base.v);
	writer_bytes(w, "compatible", compatible, sizeof(compatible));
	WRITER_CELLS(w, "reg", 0, LOW(vm->rtc_base.v), 0, PLATFORM_RTC_SIZE);
	WRITER_CELLS(w, "interrupts", IRQ_SPI, vm->rtc_spi, IRQ_LEVEL_HIGH);
	WRITER_CELLS(w, "clocks", clock);
	writer_string(w, "clock-names", "apb_pclk");
	writer_end(w);
}

static void write_tree(struct writer *w, const struct vm_config *vm, const struct host *host,
		       struct diag *diag)
{
	struct device_phandles phandles;

	device_number(&phandles, vm, host);
	writer_begin(w, "");
	writer_string(w, "model", "Bulkhead virtual machine");
	writer_string(w, "compatible", "linux,dummy-virt");
	WRITER_CELLS(w, "#address-cells", 2);
	WRITER_CELLS(w, "#size-cells", 2);
	WRITER_CELLS(w, "interrupt-parent", phandles.gic);
	write_chosen(w, vm, host);
	write_cpus(w, vm, host);
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (!vm->memory[i].rom)
			write_memory(w, &vm->memory[i]);
	write_psci(w);
	write_gic(w, vm, host, phandles.gic);
	write_timer(w, vm, host);
	if (vm->firmware)
		write_flash(w);
	if (vm->console == VM_CONSOLE_PL011 || vm->rtc)
		write_clock(w, phandles.clock);
	if (vm->console == VM_CONSOLE_PL011)
		write_uart(w, vm, phandles.clock);
	if (vm->rtc)
		write_rtc(w, vm, phandles.clock);
	device_write_all(w, vm, host, &phandles, diag);
	writer_end(w);
}

int guest_dtb_write(const struct vm_config *vm, const struct host *host, void *buf, size_t buf_size,
		    struct diag *diag)
{
	struct writer w;
	int size = -ENOSPC;

	if (vm->dtb.size == 0) {
		writer_init(&w, buf, buf_size, vm->blob, vm->device_tree);
		write_tree(&w, vm, host, diag);
		size = writer_finish(&w);
	} else if (vm->dtb.size <= buf_size) {
		memcpy(buf, (const char *)vm->blob + vm->dtb.offset, vm->dtb.size);
		size = (int)vm->dtb.size;
	}
	if (size < 0 && diag)
		diag_error(diag, vm->path, NULL,
			   "the guest's device tree is larger than 64 KiB, or deeper than %d "
			   "nodes: pass fewer devices, or add less by device-tree",
			   WRITER_DEPTH);
	return size;
}
