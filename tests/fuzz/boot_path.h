/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the fuzzers of device trees: the path that boot takes through fdt/, from
 * the two trees to the guests' trees, and what has to hold at its end whatever
 * the trees were. A failed EXPECT() ends the process, which the fuzzer notes.
 */
#pragma once

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/diag.h"
#include "fdt/guest.h"
#include "fdt/place.h"
#include "fdt/platform.h"
#include "fdt/reg.h"
#include "fdt/seeds.h"
#include "lib/bits.h"

#define ARENA_SIZE KIB(64) /* less than boot has: that it does not suffice is tried too */
#define FIXED_SIZE 4096

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Most changes are within the structure and the names: a header that is wrong ends it all. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t start = sizeof(struct fdt_header), length;

	if (seed % 4 == 0 || size < start + 64)
		return LLVMFuzzerMutate(data, size, max_size);
	start += (seed >> 2) % ((size - start) / 4) * 4;
	length = MIN(size - start, 4u << (seed >> 28));
	LLVMFuzzerMutate(data + start, length, length);
	return size;
}

/* ---- Diagnostics ---- */

static inline void check_line(struct diag *diag, enum diag_severity severity, const char *line)
{
	EXPECT(diag->errors + diag->warnings != 0);
	EXPECT(strncmp(line, severity == DIAG_ERROR ? "error: " : "warning: ", 7) == 0);
	for (; *line; line++)
		EXPECT(*line >= ' ' && *line <= '~');
}

/* ---- What holds of a host ---- */

static inline bool apart(const struct range *ranges, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!range_valid(ranges[i].base, ranges[i].size) ||
		    !IS_ALIGNED(ranges[i].base | ranges[i].size, PAGE_SIZE))
			return false;
		if (i != 0 && ranges[i].base <= ranges[i - 1].base + (ranges[i - 1].size - 1))
			return false;
	}
	return true;
}

static inline void check_host(const struct host *host)
{
	EXPECT(host->nr_ram != 0 && apart(host->ram, host->nr_ram));
	EXPECT(apart(host->reserved, host->nr_reserved));
	EXPECT(host->nr_cpus != 0 && host->nr_cpus <= 256);
	EXPECT(host->gic.version == 2 || host->gic.version == 3);
	EXPECT(host->gic.dist.size != 0);
	EXPECT(host->gic.maintenance >= 16 && host->gic.maintenance < 1020);
	EXPECT(host->timer_irq[2] >= 16 && host->timer_irq[3] >= 16);
	if (host->gic.version == 3)
		for (unsigned int i = 0; i < host->gic.nr_redists; i++)
			EXPECT(host->gic.redists[i].size != 0);
	else
		EXPECT(host->gic.cpuif.size && host->gic.hyp.size && host->gic.vcpuif.size);
	if (host->uart.type != HOST_UART_NONE)
		EXPECT(host->uart.reg.size != 0 && host->uart.reg_shift <= 4);
}

/* ---- What holds of a VM ---- */

static inline bool is_free(const struct host *host, uint64_t base, uint64_t size)
{
	bool inside = false;

	for (unsigned int i = 0; i < host->nr_ram; i++)
		inside |= range_within(base, size, host->ram[i].base, host->ram[i].size);
	for (unsigned int i = 0; i < host->nr_reserved; i++)
		if (range_overlaps(base, size, host->reserved[i].base, host->reserved[i].size))
			return false;
	return inside;
}

static inline bool is_shared(const struct system_config *config, const struct vm_memory *memory)
{
	for (unsigned int v = 0; v < config->nr_vms; v++)
		for (unsigned int m = 0; m < config->vms[v].nr_memory; m++) {
			const struct vm_memory *other = &config->vms[v].memory[m];

			if (other != memory &&
			    range_overlaps(memory->pa.v, memory->size, other->pa.v, other->size))
				return true;
		}
	return false;
}

/* True if the range is in one of the VM's memories that the guest can write. */
static inline bool is_own(const struct vm_config *vm, uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (!vm->memory[i].rom &&
		    range_within(base, size, vm->memory[i].ipa.v, vm->memory[i].size))
			return true;
	return false;
}

/*
 * Kernel and initrd are in the first memory, firmware in one of its own, the device tree in any,
 * none in the other's place.
 */
static inline void check_images(const struct vm_config *vm, size_t blob_size)
{
	const struct vm_memory *ram = &vm->memory[vm->firmware ? vm->nr_memory - 1 : 0];
	uint64_t dtb = vm->dtb_ipa.v, initrd = vm->initrd_ipa.v;

	EXPECT(range_within(vm->kernel.offset, vm->kernel.size, 0, blob_size));
	EXPECT(range_within(vm->initrd.offset, vm->initrd.size, 0, blob_size));
	EXPECT(is_own(vm, dtb, vm->dtb_max) && IS_ALIGNED(dtb, 8));
	EXPECT(vm->image.format != IMAGE_ARM64 ||
	       !range_overlaps(dtb, vm->dtb_max, vm->image.entry.v,
			       vm->image.end.v - vm->image.entry.v));
	EXPECT(ram->rom == vm->firmware);
	EXPECT(range_within(vm->image.entry.v, 4, ram->ipa.v, ram->size));
	EXPECT(vm->image.nr_segments != 0);
	for (unsigned int i = 0; i < vm->image.nr_segments; i++) {
		const struct image_segment *s = &vm->image.segments[i];

		EXPECT(range_within(s->offset, s->file_size, 0, vm->kernel.size));
		EXPECT(s->file_size <= s->mem_size);
		EXPECT(range_within(s->ipa.v, s->mem_size, ram->ipa.v, ram->size));
		EXPECT(s->ipa.v + s->mem_size <= vm->image.end.v);
		EXPECT(!range_overlaps(s->ipa.v, s->mem_size, dtb, vm->dtb_max));
	}
	if (vm->initrd.size == 0)
		return;
	EXPECT(range_within(initrd, vm->initrd.size, ram->ipa.v, ram->size));
	EXPECT(vm->image.end.v <= initrd);
	EXPECT(!range_overlaps(initrd, vm->initrd.size, dtb, vm->dtb_max));
}

/* They are within the tree, and a generated one has all that the user does not give. */
static inline void check_seeds(const struct vm_config *vm, const void *tree, size_t size)
{
	struct seed_place places[SEEDS_MAX];
	unsigned int n;

	if (reg_check_tree(tree, size))
		return;
	n = seeds_find(vm, tree, places);
	EXPECT(n == SEEDS_MAX || vm->dtb.size != 0 || vm->device_tree >= 0);
	for (unsigned int i = 0; i < n; i++)
		EXPECT(range_within(places[i].offset, places[i].size, 0, size) &&
		       places[i].size <= SEED_RNG_MAX);
}

/* The tree in a block of the size that it may have. */
static inline void check_tree(const struct vm_config *vm, const struct host *host)
{
	struct diag diag = {.emit = check_line};
	void *tree = malloc(vm->dtb_max);
	int size;

	EXPECT(tree != NULL);
	size = guest_dtb_write(vm, host, tree, vm->dtb_max, &diag);
	EXPECT((size < 0) == (diag.errors != 0));
	if (vm->dtb.size != 0) {
		EXPECT((uint64_t)size == vm->dtb.size);
	} else if (size >= 0) {
		EXPECT((uint64_t)size <= vm->dtb_max);
		EXPECT(fdt_check_full(tree, (size_t)size) == 0);
		EXPECT(fdt_path_offset(tree, "/cpus") >= 0);
	}
	if (size >= 0)
		check_seeds(vm, tree, (size_t)size);
	free(tree);
}

/* Registers are whole, no one else's, and where the guest has nothing else. */
static inline void check_devices_of(const struct system_config *config, const struct vm_config *vm,
				    const struct host *host)
{
	for (unsigned int d = 0; d < vm->nr_devices; d++) {
		const struct vm_device *device = &vm->devices[d];

		EXPECT(device->nr_regs != 0);
		for (unsigned int r = 0; r < device->nr_regs; r++) {
			const struct range *reg = &device->regs[r];
			uint64_t at = reg->base + device->offset;

			EXPECT(reg->size != 0 && range_valid(reg->base, reg->size));
			EXPECT(range_within(at, reg->size, 0, BIT(48)));
			for (unsigned int i = 0; i < host->nr_ram; i++)
				EXPECT(!range_overlaps(reg->base, reg->size, host->ram[i].base,
						       host->ram[i].size));
			EXPECT(!range_overlaps(reg->base, reg->size, host->gic.dist.base,
					       host->gic.dist.size));
			for (unsigned int m = 0; m < vm->nr_memory; m++)
				EXPECT(!range_overlaps(at, reg->size, vm->memory[m].ipa.v,
						       vm->memory[m].size));
			for (const struct vm_emulated *e = vm->emulated; e; e = e->next)
				EXPECT(e->model == MODEL_FLASH ||
				       !range_overlaps(at, reg->size, e->base.v, e->size));
		}
		for (unsigned int i = 0; i < device->nr_irqs; i++)
			EXPECT(device->irqs[i].intid >= 32 && device->irqs[i].intid < 1020);
		for (unsigned int v = 0; v < config->nr_vms; v++)
			for (unsigned int e = 0; e < config->vms[v].nr_devices; e++)
				EXPECT(&config->vms[v].devices[e] == device ||
				       config->vms[v].devices[e].node != device->node);
	}
}

static inline void check_vm(const struct system_config *config, const struct vm_config *vm,
			    const struct host *host, size_t blob_size)
{
	EXPECT(vm->nr_cpus != 0 && vm->nr_memory != 0);
	for (unsigned int i = 0; i < vm->nr_cpus; i++)
		EXPECT(vm->cpus[i] < host->nr_cpus);
	for (unsigned int i = 0; i < vm->nr_memory; i++) {
		const struct vm_memory *m = &vm->memory[i];

		EXPECT(IS_ALIGNED(m->pa.v | m->ipa.v | m->size, PAGE_SIZE));
		EXPECT(is_free(host, m->pa.v, m->size));
		EXPECT(!is_shared(config, m));
		EXPECT(
		    !range_overlaps(m->ipa.v, m->size, PLATFORM_GICD_BASE,
				    PLATFORM_UART_BASE + PLATFORM_UART_SIZE - PLATFORM_GICD_BASE));
	}
	check_images(vm, blob_size);
	check_devices_of(config, vm, host);
	EXPECT(range_within(vm->dtb.offset, vm->dtb.size, 0, blob_size));
	check_tree(vm, host);
}

/* ---- The path ---- */

static inline void boot_path(const void *host_dtb, const void *blob, size_t blob_size)
{
	static uint8_t memory[ARENA_SIZE] __attribute__((aligned(16)));
	struct diag diag = {.emit = check_line};
	struct system_config config;
	struct arena arena;
	struct host host;

	arena_init(&arena, memory, sizeof(memory));
	if (host_parse(&host, host_dtb, &arena, &diag))
		return;
	EXPECT(diag.errors == 0);
	host.seeded = true;
	check_host(&host);
	if (system_parse(&config, blob, blob_size, &host, &arena, &diag) ||
	    place_memory(&config, &host, NULL, 0, &arena, &diag)) {
		EXPECT(diag.errors != 0);
		return;
	}
	EXPECT(diag.errors == 0);
	for (unsigned int i = 0; i < config.nr_vms; i++)
		check_vm(&config, &config.vms[i], &host, blob_size);
}

/* ---- Writing the tree that is not the fuzzer's ---- */

/* libfdt's sequential functions fail for one reason here: FIXED_SIZE is too small. */
#define WRITE(call) EXPECT((call) == 0)

static inline void write_cells(void *fdt, const char *name, size_t n, const uint32_t *values)
{
	fdt32_t cells[32];

	for (size_t i = 0; i < n; i++)
		cells[i] = cpu_to_fdt32(values[i]);
	WRITE(fdt_property(fdt, name, cells, (int)(n * sizeof(*cells))));
}

#define WRITE_CELLS(fdt, name, ...)                                                                \
	write_cells(fdt, name, ARRAY_SIZE(((const uint32_t[]){__VA_ARGS__})),                      \
		    (const uint32_t[]){__VA_ARGS__})

static inline void write_begin(void *fdt)
{
	WRITE(fdt_create(fdt, FIXED_SIZE));
	WRITE(fdt_finish_reservemap(fdt));
	WRITE(fdt_begin_node(fdt, ""));
	WRITE_CELLS(fdt, "#address-cells", 2);
	WRITE_CELLS(fdt, "#size-cells", 2);
}

static inline void write_end(void *fdt)
{
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_finish(fdt));
}
