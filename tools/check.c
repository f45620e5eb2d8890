// SPDX-License-Identifier: BSD-2-Clause
/*
 * What boot cannot see, or does not say: images of other formats, memory
 * that costs small pages, and what nobody uses.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fdt/diag.h"
#include "lib/bits.h"
#include "tools/formats.h"
#include "tools/owners.h"
#include "tools/tool.h"

/* Devices that are named in one line */
#define MAX_NAMED 12

/* ---- Images ---- */

/* The bytes of an image property, as the parser finds them; NULL if there are none. */
static const uint8_t *image_of(const void *blob, int vm, const char *property, size_t *size)
{
	int len = 0, node;
	const void *data = fdt_getprop(blob, vm, property, &len);

	if (data && len == 4) {
		node = fdt_node_offset_by_phandle(blob, fdt32_ld((const fdt32_t *)data));
		data = fdt_getprop(blob, node, "data", &len);
	}
	*size = data ? (size_t)len : 0;
	return data;
}

static void check_images(const void *blob)
{
	int vm;

	fdt_for_each_subnode(vm, blob, 0) {
		size_t size;
		const uint8_t *data;
		const char *what;
		char path[128];

		if (fdt_node_check_compatible(blob, vm, "bulkhead,vm") != 0)
			continue;
		snprintf(path, sizeof(path), "/%.100s", fdt_get_name(blob, vm, NULL));
		data = image_of(blob, vm, "kernel", &size);
		what = data ? formats_of_kernel(data, size) : NULL;
		/* a kernel with an EFI stub is both, and fine */
		if (what && !(size >= 64 && memcmp(data + 56, "ARM\x64", 4) == 0))
			tool_say(TOOL_NOTE, path, "kernel", "is %s", what);
		data = image_of(blob, vm, "initrd", &size);
		/* a property with an error may name no image: its bytes are none of a format */
		if (data && !tool_is_refused(path, "initrd") && !formats_of_initrd(data, size))
			tool_say(
			    TOOL_WARNING, path, "initrd",
			    "is no cpio archive, and not compressed in a way that Linux knows");
	}
}

/* ---- Memory ---- */

/* How many bytes of a range stage 2 has to map by pages of 4 KiB. */
static uint64_t small_bytes(const struct vm_memory *m, bool placed)
{
	uint64_t first = ALIGN_UP(m->ipa.v, MIB(2));
	uint64_t last = ALIGN_DOWN(m->ipa.v + m->size, MIB(2));

	if (placed && ((m->ipa.v ^ m->pa.v) & (MIB(2) - 1)))
		return m->size;
	return first >= last ? m->size : m->size - (last - first);
}

/* Memory that could be mapped better, where boot would place it. */
static void check_blocks(struct tool_system *system)
{
	if (system->has_host && !owners_place(system))
		tool_say(TOOL_WARNING, "/", NULL,
			 "the VMs' memory fits only if the boot loader does not put Bulkhead and "
			 "the description where QEMU's does (bulkhead map): make some smaller");
	for (unsigned int v = 0; v < system->config.nr_vms; v++) {
		const struct vm_config *vm = &system->config.vms[v];

		for (unsigned int i = 0; i < vm->nr_memory; i++) {
			const struct vm_memory *m = &vm->memory[i];
			bool placed = system->has_host || m->fixed;
			bool apart = placed && ((m->ipa.v ^ m->pa.v) & (MIB(2) - 1));
			uint64_t small = small_bytes(m, placed);
			char path[160], mend[160];

			if (m->size < MIB(2) || small == 0 || m->rom)
				continue;
			if (apart && !m->fixed)
				snprintf(
				    mend, sizeof(mend),
				    "there is no free piece of memory that is so aligned: make "
				    "it smaller, or divide it");
			else
				snprintf(mend, sizeof(mend),
					 "make address, size%s multiples of 2 MiB (0x200000)",
					 m->fixed ? " and physical address" : "");
			snprintf(path, sizeof(path), "%s/memory@%llx", vm->path,
				 (unsigned long long)m->ipa.v);
			tool_say(TOOL_WARNING, path, "reg",
				 "%llu of its %llu KiB are mapped by pages of 4 KiB, not by "
				 "blocks of 2 MiB: %s",
				 (unsigned long long)(small >> 10),
				 (unsigned long long)(m->size >> 10), mend);
		}
	}
}

/* ---- What nobody uses ---- */

static void check_memory_left(const struct tool_system *system)
{
	uint64_t have = 0, want = 0;

	for (unsigned int i = 0; i < system->host.nr_ram; i++)
		have += system->host.ram[i].size;
	for (unsigned int i = 0; i < system->host.nr_reserved; i++)
		for (unsigned int k = 0; k < system->host.nr_ram; k++) {
			const struct range *r = &system->host.reserved[i],
					   *ram = &system->host.ram[k];
			uint64_t base = MAX(r->base, ram->base);
			uint64_t end = MIN(r->base + r->size, ram->base + ram->size);

			if (base < end)
				have -= end - base;
		}
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		for (unsigned int i = 0; i < system->config.vms[v].nr_memory; i++)
			want += system->config.vms[v].memory[i].size;
	tool_say(TOOL_NOTE, "/", NULL, "%llu of %llu MiB of memory are left over",
		 (unsigned long long)((have - want) >> 20), (unsigned long long)(have >> 20));
}

static void check_cpus_left(const struct tool_system *system)
{
	char list[512] = "";
	size_t n = 0;

	for (unsigned int cpu = 0; cpu < system->host.nr_cpus; cpu++) {
		bool used = false;

		for (unsigned int v = 0; v < system->config.nr_vms; v++)
			for (unsigned int i = 0; i < system->config.vms[v].nr_cpus; i++)
				used |= system->config.vms[v].cpus[i] == cpu;
		if (!used && n < sizeof(list) - 8)
			n += (size_t)snprintf(list + n, sizeof(list) - n, " %u", cpu);
	}
	if (n != 0)
		tool_say(TOOL_NOTE, "/", NULL, "no VM has CPUs%s: they stay off", list);
}

static void check_devices_left(const struct tool_system *system)
{
	struct owned_devices devices = owners_devices(system);
	char list[1000] = "";
	unsigned int left = 0, named = 0;
	size_t n = 0;

	for (unsigned int i = 0; i < devices.nr; i += owners_alike(&devices, i)) {
		unsigned int alike = owners_alike(&devices, i);

		if (devices.list[i].owner)
			continue;
		left += alike;
		if (named++ >= MAX_NAMED)
			continue;
		n += (size_t)snprintf(list + n, sizeof(list) - n, " %.50s", devices.list[i].path);
		if (alike > 1)
			n += (size_t)snprintf(list + n, sizeof(list) - n, " (%u of these)", alike);
	}
	if (left != 0)
		tool_say(TOOL_NOTE, "/", NULL, "no VM has these %u devices:%s%s", left, list,
			 named > MAX_NAMED ? " ..." : "");
	free(devices.list);
}

/* Adds warnings about systems that boot would run, and should not. */
void tool_check_doubtful(struct tool_system *system)
{
	/* without VMs, the tree may be damaged */
	if (system->config.nr_vms != 0)
		check_images(system->tree.blob.data);
	if (!system->usable)
		return;
	check_blocks(system);
}

static void check_left(const struct tool_system *system)
{
	if (!system->usable || !system->has_host)
		return;
	check_memory_left(system);
	check_cpus_left(system);
	check_devices_left(system);
}

/* ---- The commands ---- */

int tool_result(const struct tool_options *options)
{
	if (tool_count(TOOL_ERROR) != 0)
		return TOOL_FAILED;
	return options->strict && tool_count(TOOL_WARNING) != 0 ? TOOL_WARNINGS : TOOL_OK;
}

int tool_check(const struct tool_options *options)
{
	struct tool_system system;

	tool_load(options, &system);
	tool_check_doubtful(&system);
	check_left(&system);
	tool_report(options, &system, stdout);
	tool_unload(&system);
	return tool_result(options);
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* An earlier run's output is not to be taken for this one's. */
static void remove_output(const char *path)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
		unlink(path);
}

/* Like check, without what is left over; what is sound is written. */
int tool_build(const struct tool_options *options)
{
	struct tool_system system;
	int code;

	if (is_same_file(options->output, options->file) ||
	    (options->host && is_same_file(options->output, options->host))) {
		tool_fail(options->output, "would be overwritten: name another file by -o");
		return TOOL_FAILED;
	}
	tool_load(options, &system);
	if (!options->no_check)
		tool_check_doubtful(&system);
	tool_report(options, &system, stderr);
	code = tool_result(options);
	if (code == TOOL_OK && !tool_write_file(options->output, &system.tree.blob))
		code = TOOL_FAILED;
	if (code != TOOL_OK) {
		remove_output(options->output);
		if (options->depfile)
			remove_output(options->depfile);
	}
	tool_unload(&system);
	return code;
}
