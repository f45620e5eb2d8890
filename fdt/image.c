// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel images: arm64 Image (Linux, Documentation/arch/arm64/booting.rst), ELF64
 * (System V ABI, AArch64 supplement), raw. Every field is untrusted.
 */
#include "fdt/image.h"

#include <stdarg.h>
#include <string.h>

#include "fdt/value.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

#define IMAGE_TEXT_OFFSET 8
#define IMAGE_SIZE 16
#define IMAGE_MAGIC 56
/* Before Linux 3.17 image_size was 0, and text_offset could be anything: this was usual. */
#define IMAGE_OLD_TEXT_OFFSET 0x80000

#define ELF_PHENTSIZE 56
#define ELF_MACHINE_AARCH64 183
#define ELF_TYPE_EXEC 2
#define ELF_TYPE_DYN 3
#define ELF_PT_LOAD 1
#define ELF_MAX_PHNUM 64

#define LLU(value) ((unsigned long long)(value))

/* Little-endian values at any alignment. */
static uint64_t get(const uint8_t *p, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes-- != 0)
		value = value << 8 | p[bytes];
	return value;
}

static __attribute__((format(printf, 2, 3))) int fail(char why[IMAGE_WHY], const char *reason, ...)
{
	va_list args;

	va_start(args, reason);
	format_va(why, IMAGE_WHY, reason, args);
	va_end(args);
	return -EINVAL;
}

/* An Image at this address, which does not end before its memory does. */
static int too_large(char why[IMAGE_WHY], uint64_t needed, uint64_t at, uint64_t ram_end)
{
	char size[VALUE_SIZE], room[VALUE_SIZE];

	value_size(size, needed);
	value_size(room, ram_end > at ? ram_end - at : 0);
	return fail(why,
		    "needs %s from 0x%llx on, but the VM's first memory@ has %s there: make it "
		    "larger",
		    size, LLU(at), room);
}

static int probe_arm64(struct image *image, const uint8_t *data, uint64_t size, ipa_t ram,
		       uint64_t ram_size, char why[IMAGE_WHY])
{
	uint64_t offset = get(data + IMAGE_TEXT_OFFSET, 8);
	uint64_t needed = get(data + IMAGE_SIZE, 8);
	uint64_t gap = ALIGN_UP(ram.v, MIB(2)) - ram.v;

	if (needed == 0) {
		offset = IMAGE_OLD_TEXT_OFFSET;
		needed = size;
	}
	if (offset >= MIB(2))
		return fail(why,
			    "is an Image whose header has text_offset 0x%llx, but 0x1fffff is the "
			    "most: it is damaged; build or copy it again",
			    LLU(offset));
	needed = MAX(needed, size);
	if (ram_size < gap + offset || needed > ram_size - gap - offset)
		return too_large(why, needed, ram.v + gap + offset, ram.v + ram_size);
	image->format = IMAGE_ARM64;
	image->entry = ipa(ram.v + gap + offset);
	image->nr_segments = 1;
	/* The kernel itself clears the memory behind its file. */
	image->segments[0] = (struct image_segment){0, size, image->entry, size};
	image->end = ipa(image->entry.v + needed);
	return 0;
}

static int add_segment(struct image *image, const uint8_t *ph, uint64_t size, ipa_t ram,
		       uint64_t ram_size, char why[IMAGE_WHY])
{
	struct image_segment s = {
	    .offset = get(ph + 8, 8),
	    .ipa = ipa(get(ph + 24, 8)),
	    .file_size = get(ph + 32, 8),
	    .mem_size = get(ph + 40, 8),
	};

	if (s.mem_size == 0)
		return 0;
	if (s.file_size > s.mem_size || !range_within(s.offset, s.file_size, 0, size))
		return fail(why,
			    "is an ELF file that is cut off or damaged: build or copy it again");
	if (!range_within(s.ipa.v, s.mem_size, ram.v, ram_size))
		return fail(why,
			    "is an ELF file with a segment at 0x%llx, size 0x%llx, which is not "
			    "in the VM's first memory@, 0x%llx to 0x%llx: link it into that memory",
			    LLU(s.ipa.v), LLU(s.mem_size), LLU(ram.v), LLU(ram.v + ram_size - 1));
	for (unsigned int i = 0; i < image->nr_segments; i++)
		if (range_overlaps(s.ipa.v, s.mem_size, image->segments[i].ipa.v,
				   image->segments[i].mem_size))
			return fail(why,
				    "is an ELF file whose segments at 0x%llx and 0x%llx overlap: "
				    "link it anew",
				    LLU(image->segments[i].ipa.v), LLU(s.ipa.v));
	if (image->nr_segments == IMAGE_MAX_SEGMENTS)
		return fail(why, "is an ELF file with more than 8 segments: link it with fewer");
	image->segments[image->nr_segments++] = s;
	image->end.v = MAX(image->end.v, s.ipa.v + s.mem_size);
	return 0;
}

/* e_entry is a virtual address: physical by the segment that it lies in. */
static bool find_entry(struct image *image, const uint8_t *ph, uint64_t entry)
{
	uint64_t vaddr = get(ph + 16, 8), paddr = get(ph + 24, 8), size = get(ph + 40, 8);

	if (!range_within(entry, 4, vaddr, size))
		return false;
	image->entry = ipa(entry - vaddr + paddr);
	return true;
}

static int probe_elf(struct image *image, const uint8_t *data, uint64_t size, ipa_t ram,
		     uint64_t ram_size, char why[IMAGE_WHY])
{
	uint64_t type = get(data + 16, 2), entry = get(data + 24, 8), phoff = get(data + 32, 8);
	uint64_t phnum = get(data + 56, 2);
	bool found = false;

	/* ELFCLASS64, ELFDATA2LSB */
	if (data[4] != 2 || data[5] != 1 || get(data + 18, 2) != ELF_MACHINE_AARCH64)
		return fail(why,
			    "is an ELF file, but not for 64-bit little-endian Arm: take one that "
			    "was built for arm64");
	if (type != ELF_TYPE_EXEC && type != ELF_TYPE_DYN)
		return fail(why, "is an ELF file that is not executable: link it");
	if (get(data + 54, 2) != ELF_PHENTSIZE || phnum > ELF_MAX_PHNUM ||
	    !range_within(phoff, phnum * ELF_PHENTSIZE, 0, size))
		return fail(why,
			    "is an ELF file that is cut off or damaged: build or copy it again");

	image->format = IMAGE_ELF64;
	for (uint64_t i = 0; i < phnum; i++) {
		const uint8_t *ph = data + phoff + i * ELF_PHENTSIZE;
		int err;

		if (get(ph, 4) != ELF_PT_LOAD)
			continue;
		err = add_segment(image, ph, size, ram, ram_size, why);
		if (err)
			return err;
		found = found || find_entry(image, ph, entry);
	}
	if (!found)
		return fail(why,
			    "is an ELF file whose entry, 0x%llx, is in none of its segments: link "
			    "it with an entry (ld -e)",
			    LLU(entry));
	return 0;
}

int image_probe(struct image *image, const void *data, uint64_t size, ipa_t ram, uint64_t ram_size,
		char why[IMAGE_WHY])
{
	const uint8_t *bytes = data;

	*image = (struct image){0};
	if (size >= IMAGE_HEADER_SIZE && memcmp(bytes + IMAGE_MAGIC, "ARM\x64", 4) == 0)
		return probe_arm64(image, bytes, size, ram, ram_size, why);
	if (size >= IMAGE_HEADER_SIZE && memcmp(bytes, "\177ELF", 4) == 0)
		return probe_elf(image, bytes, size, ram, ram_size, why);
	return fail(why, "is neither an arm64 Image nor an ELF file (a compressed kernel has to be "
			 "unpacked first, a raw one needs load = <address>;)");
}

int image_raw(struct image *image, uint64_t size, ipa_t load, ipa_t entry, ipa_t ram,
	      uint64_t ram_size, char why[IMAGE_WHY])
{
	*image = (struct image){.format = IMAGE_RAW, .entry = entry, .nr_segments = 1};
	if (!range_within(load.v, size, ram.v, ram_size))
		return fail(why,
			    "0x%llx, size 0x%llx, is not in the VM's first memory@, 0x%llx to "
			    "0x%llx: change load, or make memory@ larger",
			    LLU(load.v), LLU(size), LLU(ram.v), LLU(ram.v + ram_size - 1));
	if (!range_within(entry.v, 4, load.v, size) || !IS_ALIGNED(entry.v, 4)) {
		(void)fail(why,
			   "0x%llx is not in the image, 0x%llx to 0x%llx, or no multiple of 4: "
			   "change entry, or load",
			   LLU(entry.v), LLU(load.v), LLU(load.v + size - 1));
		return -ERANGE;
	}
	image->segments[0] = (struct image_segment){0, size, load, size};
	image->end = ipa(load.v + size);
	return 0;
}
