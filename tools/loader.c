// SPDX-License-Identifier: BSD-2-Clause
/*
 * QEMU's loader (hw/arm/boot.c), which other boot loaders resemble: the image where its header has
 * it (Documentation/arch/arm64/booting.rst in Linux), counted from the start of memory; the
 * description 128 MiB behind that, the machine's tree behind the description.
 */
#include "tools/loader.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bits.h"

/* In the header: text_offset and image_size, of 64 bits, and the magic number */
#define HEADER_OFFSET 8
#define HEADER_SIZE 16
#define HEADER_MAGIC 56
#define HEADER_END 64
/* The start of memory has QEMU's own first instructions. */
#define LOADER_SIZE KIB(4)
#define IMAGE_ALIGN MIB(2)

#define LLU(value) ((unsigned long long)(value))

/* ---- The image ---- */

static uint64_t little_endian(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 8; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

static bool read_offset(const struct tool_options *options, struct tool_image *image)
{
	char *end;

	if (!options->offset)
		return true;
	errno = 0;
	image->offset = strtoull(options->offset, &end, 0);
	image->moved = true;
	if (errno == 0 && end != options->offset && !*end && image->offset % IMAGE_ALIGN == 0)
		return true;
	tool_fail("--offset", "is a multiple of 0x200000");
	return false;
}

bool loader_read_image(const struct tool_options *options, struct tool_image *image)
{
	struct tool_blob blob;
	char path[PATH_MAX];

	*image = (struct tool_image){.offset = 0, .size = IMAGE_ALIGN};
	if (options->image)
		snprintf(path, sizeof(path), "%s", options->image);
	else
		tool_path(path, "bulkhead.img");
	if (!options->image && access(path, R_OK) != 0)
		return read_offset(options, image);
	if (!tool_read_file(path, &blob))
		return false;
	if (blob.size < HEADER_END || memcmp(blob.data + HEADER_MAGIC, "ARM\x64", 4) != 0) {
		tool_fail(path, "is no Image: make writes build/bulkhead.img");
		free(blob.data);
		return false;
	}
	image->offset = little_endian(blob.data + HEADER_OFFSET);
	image->size = MAX(little_endian(blob.data + HEADER_SIZE), PAGE_SIZE);
	free(blob.data);
	return read_offset(options, image);
}

/* ---- Places ---- */

/* The first range that has a byte of [base, base + size): reserved, or loaded before. */
static const struct range *find_obstacle(const struct tool_system *system,
					 const struct loaded *loaded, uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < system->host.nr_reserved; i++)
		if (range_overlaps(base, size, system->host.reserved[i].base,
				   system->host.reserved[i].size))
			return &system->host.reserved[i];
	for (unsigned int i = 0; i < NR_LOADED; i++)
		if (loaded->ranges[i].size != 0 &&
		    range_overlaps(base, size, loaded->ranges[i].base, loaded->ranges[i].size))
			return &loaded->ranges[i];
	return NULL;
}

/* The first place from `from` on, in a bank, where nothing is; `from` if there is none. */
static uint64_t find_place(const struct tool_system *system, const struct loaded *loaded,
			   uint64_t from, uint64_t size, uint64_t align)
{
	for (unsigned int b = 0; b < system->host.nr_ram; b++) {
		const struct range *ram = &system->host.ram[b];
		uint64_t base = ALIGN_UP(MAX(from, ram->base), align);
		const struct range *obstacle;

		while (range_within(base, size, ram->base, ram->size)) {
			obstacle = find_obstacle(system, loaded, base, size);
			if (!obstacle)
				return base;
			base = ALIGN_UP(obstacle->base + obstacle->size, align);
		}
	}
	return from;
}

static const char *why_there(bool told, const char *by, uint64_t wanted, uint64_t got)
{
	if (told)
		return by;
	return wanted == got ? "as QEMU's loader does it" : "behind what firmware has reserved";
}

void loader_assume(const struct tool_system *system, struct loaded *loaded)
{
	const struct range *ram = &system->host.ram[0];
	const struct tool_image *image = &system->image;
	uint64_t offset = image->offset + (image->offset >= LOADER_SIZE ? 0 : IMAGE_ALIGN);
	uint64_t at = ram->base + offset, wanted = ram->base + MIN(MIB(128), ram->size / 2), place;
	uint64_t size = ALIGN_UP(system->tree.blob.size, PAGE_SIZE);
	uint64_t tree = ALIGN_UP(fdt_totalsize(system->host.dtb), PAGE_SIZE);
	bool told = system->host.initrd.size != 0;

	*loaded = (struct loaded){.assumed = ""};
	place = image->moved ? at : find_place(system, loaded, at, image->size, IMAGE_ALIGN);
	loaded->ranges[LOADED_IMAGE] = (struct range){place, image->size};
	wanted = MAX(wanted, place + image->size);
	loaded->ranges[LOADED_DESCRIPTION] =
	    (struct range){told ? ALIGN_DOWN(system->host.initrd.base, PAGE_SIZE)
				: find_place(system, loaded, wanted, size, PAGE_SIZE),
			   size};
	loaded->ranges[LOADED_TREE] =
	    (struct range){find_place(system, loaded,
				      loaded->ranges[LOADED_DESCRIPTION].base + size, tree, MIB(2)),
			   tree};
	snprintf(loaded->assumed, sizeof(loaded->assumed),
		 "Bulkhead at %#llx, %s; the description at %#llx, %s", LLU(place),
		 why_there(image->moved, "by --offset", at, place),
		 LLU(loaded->ranges[LOADED_DESCRIPTION].base),
		 why_there(told, "by linux,initrd-start", wanted,
			   loaded->ranges[LOADED_DESCRIPTION].base));
}

bool loader_is_wanted(const struct tool_system *system, const struct loaded *loaded, bool all)
{
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		for (unsigned int i = 0; i < system->config.vms[v].nr_memory; i++) {
			const struct vm_memory *m = &system->config.vms[v].memory[i];

			for (unsigned int n = 0; m->fixed && n < (all ? NR_LOADED : 1); n++)
				if (range_overlaps(m->pa.v, m->size, loaded->ranges[n].base,
						   loaded->ranges[n].size))
					return true;
		}
	return false;
}
