/*
 * The guest's device tree, in the order in which libfdt's sequential interface
 * writes it. The first error sticks: a tree that does not fit fails as a whole.
 */
#include "fdt/guest.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/device.h"
#include "fdt/platform.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

#define PHANDLE_GIC 1
#define PHANDLE_CLOCK 2

#define IRQ_SPI 0
#define IRQ_PPI 1
#define IRQ_LEVEL_HIGH 4
#define IRQ_LEVEL_LOW 8

#define MAX_CELLS 16

struct writer {
	void *fdt;
	int err;
};

static void begin(struct writer *w, const char *name)
{
	if (!w->err)
		w->err = fdt_begin_node(w->fdt, name);
}

static void begin_at(struct writer *w, const char *name, uint64_t address)
{
	char full[32];

	format(full, sizeof(full), "%s@%llx", name, (unsigned long long)address);
	begin(w, full);
}

static void end(struct writer *w)
{
	if (!w->err)
		w->err = fdt_end_node(w->fdt);
}

static void bytes(struct writer *w, const char *name, const void *data, size_t size)
{
	if (!w->err)
		w->err = fdt_property(w->fdt, name, data, (int)size);
}

static void string(struct writer *w, const char *name, const char *value)
{
	bytes(w, name, value, strlen(value) + 1);
}

static void cells(struct writer *w, const char *name, const uint32_t *values, size_t n)
{
	fdt32_t data[MAX_CELLS];

	for (size_t i = 0; i < n; i++)
		data[i] = cpu_to_fdt32(values[i]);
	bytes(w, name, data, n * sizeof(*data));
}

/* One property of some cells. */
#define CELLS(w, name, ...)                                                                        \
	cells(w, name, (const uint32_t[]){__VA_ARGS__},                                            \
	      ARRAY_SIZE(((const uint32_t[]){__VA_ARGS__})))

#define HIGH(value) ((uint32_t)((value) >> 32))
#define LOW(value) ((uint32_t)(value))

static void write_chosen(struct writer *w, const struct vm_config *vm)
{
	uint64_t start = vm->initrd_ipa.v, stop = start + vm->initrd.size;

	begin(w, "chosen");
	if (vm->bootargs)
		string(w, "bootargs", vm->bootargs);
	if (vm->console == VM_CONSOLE_PL011)
		string(w, "stdout-path", "/pl011@9000000");
	if (vm->initrd.size != 0) {
		CELLS(w, "linux,initrd-start", HIGH(start), LOW(start));
		CELLS(w, "linux,initrd-end", HIGH(stop), LOW(stop));
	}
	end(w);
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
	begin_at(w, "cpu", mpidr);
	string(w, "device_type", "cpu");
	if (compatible && len > 0)
		bytes(w, "compatible", compatible, (size_t)len);
	else
		string(w, "compatible", "arm,armv8");
	CELLS(w, "reg", LOW(mpidr));
	string(w, "enable-method", "psci");
	end(w);
}

static void write_cpus(struct writer *w, const struct vm_config *vm, const struct host *host)
{
	begin(w, "cpus");
	CELLS(w, "#address-cells", 1);
	CELLS(w, "#size-cells", 0);
	for (unsigned int i = 0; i < vm->nr_cpus; i++)
		write_cpu(w, vm, host, i);
	end(w);
}

static void write_memory(struct writer *w, const struct vm_memory *memory)
{
	begin_at(w, "memory", memory->ipa.v);
	string(w, "device_type", "memory");
	CELLS(w, "reg", HIGH(memory->ipa.v), LOW(memory->ipa.v), HIGH(memory->size),
	      LOW(memory->size));
	end(w);
}

static void write_psci(struct writer *w)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	begin(w, "psci");
	bytes(w, "compatible", compatible, sizeof(compatible));
	string(w, "method", "hvc");
	end(w);
}

static void write_gic(struct writer *w, const struct vm_config *vm, const struct host *host)
{
	begin_at(w, "intc", PLATFORM_GICD_BASE);
	if (host->gic.version == 3) {
		string(w, "compatible", "arm,gic-v3");
		CELLS(w, "reg", 0, PLATFORM_GICD_BASE, 0, PLATFORM_GICD_SIZE, 0, PLATFORM_GICR_BASE,
		      0, PLATFORM_GICR_STRIDE * vm->nr_cpus);
	} else {
		string(w, "compatible", "arm,cortex-a15-gic");
		CELLS(w, "reg", 0, PLATFORM_GICD_BASE, 0, PLATFORM_GICD_SIZE, 0, PLATFORM_GICC_BASE,
		      0, PLATFORM_GICC_SIZE);
	}
	bytes(w, "interrupt-controller", NULL, 0);
	CELLS(w, "#interrupt-cells", 3);
	CELLS(w, "#address-cells", 2);
	CELLS(w, "#size-cells", 2);
	CELLS(w, "phandle", PHANDLE_GIC);
	end(w);
}

static void write_timer(struct writer *w, const struct vm_config *vm, const struct host *host)
{
	/* v2: bits 15 to 8 say which CPUs have the interrupt (arm,gic.yaml) */
	uint32_t flags = IRQ_LEVEL_LOW;

	if (host->gic.version == 2)
		flags |= ((1u << vm->nr_cpus) - 1) << 8;
	begin(w, "timer");
	string(w, "compatible", "arm,armv8-timer");
	CELLS(w, "interrupts", IRQ_PPI, PLATFORM_PPI_SEC_PTIMER - 16, flags, IRQ_PPI,
	      PLATFORM_PPI_PTIMER - 16, flags, IRQ_PPI, PLATFORM_PPI_VTIMER - 16, flags, IRQ_PPI,
	      PLATFORM_PPI_HPTIMER - 16, flags);
	/* it goes on while the vCPU waits, whether that is loaded or not */
	bytes(w, "always-on", NULL, 0);
	end(w);
}

static void write_uart(struct writer *w)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";

	begin(w, "apb-pclk");
	string(w, "compatible", "fixed-clock");
	CELLS(w, "#clock-cells", 0);
	CELLS(w, "clock-frequency", PLATFORM_UART_CLOCK);
	string(w, "clock-output-names", "clk24mhz");
	CELLS(w, "phandle", PHANDLE_CLOCK);
	end(w);

	begin_at(w, "pl011", PLATFORM_UART_BASE);
	bytes(w, "compatible", compatible, sizeof(compatible));
	CELLS(w, "reg", 0, PLATFORM_UART_BASE, 0, PLATFORM_UART_SIZE);
	CELLS(w, "interrupts", IRQ_SPI, PLATFORM_UART_SPI, IRQ_LEVEL_HIGH);
	CELLS(w, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
	bytes(w, "clock-names", clock_names, sizeof(clock_names));
	end(w);
}

static void write_tree(struct writer *w, const struct vm_config *vm, const struct host *host)
{
	begin(w, "");
	string(w, "model", "Bulkhead virtual machine");
	string(w, "compatible", "linux,dummy-virt");
	CELLS(w, "#address-cells", 2);
	CELLS(w, "#size-cells", 2);
	CELLS(w, "interrupt-parent", PHANDLE_GIC);
	write_chosen(w, vm);
	write_cpus(w, vm, host);
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		write_memory(w, &vm->memory[i]);
	write_psci(w);
	write_gic(w, vm, host);
	write_timer(w, vm, host);
	if (vm->console == VM_CONSOLE_PL011)
		write_uart(w);
	if (!w->err)
		w->err = device_write_all(w->fdt, vm, host);
	end(w);
}

int guest_dtb_write(const struct vm_config *vm, const struct host *host, void *buf, size_t buf_size)
{
	struct writer w = {.fdt = buf};

	w.err = fdt_create(buf, (int)buf_size);
	if (!w.err)
		w.err = fdt_finish_reservemap(buf);
	write_tree(&w, vm, host);
	if (!w.err)
		w.err = fdt_finish(buf);
	return w.err ? -ENOSPC : (int)fdt_totalsize(buf);
}
