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
#include "fdt/model.h"
#include "fdt/platform.h"
#include "fdt/seeds.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

#define HIGH(value) ((uint32_t)((value) >> 32))
#define LOW(value) ((uint32_t)(value))

static void write_chosen(struct writer *w, const struct vm_config *vm, const struct host *host)
{
	static const uint8_t no_seed[SEED_RNG_SIZE];
	const struct vm_emulated *uart = model_find(vm, MODEL_PL011);
	uint64_t start = vm->initrd_ipa.v, stop = start + vm->initrd.size;
	char path[32];

	writer_begin(w, "chosen");
	if (vm->bootargs)
		writer_string(w, "bootargs", vm->bootargs);
	if (uart) {
		format(path, sizeof(path), "/pl011@%llx", (unsigned long long)uart->base.v);
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

static void write_psci(struct writer *w)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	writer_begin(w, "psci");
	writer_bytes(w, "compatible", compatible, sizeof(compatible));
	writer_string(w, "method", "hvc");
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

static void write_tree(struct writer *w, const struct vm_config *vm, const struct host *host,
		       struct diag *diag)
{
	struct device_phandles phandles;
	const struct model_tree tree = {w, vm, host, &phandles};

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
	write_timer(w, vm, host);
	models_describe(&tree);
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
