/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest kernel images: recognises the format and works out which bytes go
 * where, so that loading (and loading again on a restart) is only copying.
 * Pure logic on untrusted bytes.
 */
#pragma once

#include "lib/types.h"

enum image_format { IMAGE_ARM64, IMAGE_ELF64, IMAGE_RAW };

#define IMAGE_MAX_SEGMENTS 8
#define IMAGE_HEADER_SIZE 64 /* arm64 Image and ELF64 alike: no file is smaller */
#define IMAGE_WHY 200	     /* characters of a reason */

struct image_segment {
	uint64_t offset; /* from the image's first byte */
	uint64_t file_size;
	ipa_t ipa;
	uint64_t mem_size; /* at least file_size; the rest is zeroed */
};

struct image {
	enum image_format format;
	ipa_t entry;
	ipa_t end; /* of the memory that the kernel needs before it reads its device tree */
	struct image_segment segments[IMAGE_MAX_SEGMENTS];
	unsigned int nr_segments;
};

/*
 * Works out where the size bytes at data go for a guest whose main memory is
 * [ram, ram + ram_size). arm64 Image (Documentation/arch/arm64/booting.rst):
 * at text_offset from the first 2 MiB boundary in memory, image_size bytes
 * kept free. ELF64 little-endian AArch64 (ET_EXEC, ET_DYN at its own
 * addresses): each PT_LOAD at its p_paddr, entry e_entry translated to
 * physical. Returns 0, or -EINVAL with `why` saying what is wrong and how to
 * mend it, without a newline.
 */
int image_probe(struct image *image, const void *data, uint64_t size, ipa_t ram, uint64_t ram_size,
		char why[IMAGE_WHY]);

/*
 * The same for size bytes that are loaded at `load` as they are, and entered at
 * `entry`. The guest's memory is [ram, ram + ram_size). If it is `entry` that is wrong, the error
 * is -ERANGE.
 */
int image_raw(struct image *image, uint64_t size, ipa_t load, ipa_t entry, ipa_t ram,
	      uint64_t ram_size, char why[IMAGE_WHY]);
