// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/image.c: which bytes of arm64 Images and ELF files go where, and headers
 * that lie.
 */
#include "fdt/image.h"

#include <atf-c.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/errno.h"

#define RAM UINT64_C(0x40000000)
#define RAM_SIZE MIB(16)
#define ELF_MAGIC 0x464c457f
#define PHDRS 64 /* the program headers' offset */

static uint8_t file[8192];
static struct image image;
static char why[IMAGE_WHY];

static void put(size_t at, uint64_t value, unsigned int bytes)
{
	for (; bytes != 0; bytes--, value >>= 8)
		file[at++] = (uint8_t)value;
}

/* Probes a copy of just this size, so that reading beyond it is found. */
static int probe_at(uint64_t size, uint64_t ram, uint64_t ram_size)
{
	uint8_t *copy = malloc(size ? size : 1);
	int err;

	ATF_REQUIRE(copy != NULL);
	memcpy(copy, file, size);
	why[0] = 0;
	err = image_probe(&image, copy, size, ipa(ram), ram_size, why);
	ATF_CHECK_EQ(err != 0, why[0] != 0);
	free(copy);
	return err;
}

static int probe(uint64_t size)
{
	return probe_at(size, RAM, RAM_SIZE);
}

/* In the reason, * is any number of characters. */
static void check_refused(uint64_t size, const char *reason)
{
	ATF_CHECK_EQ(probe(size), -EINVAL);
	ATF_CHECK_MSG(fnmatch(reason, why, 0) == 0, "%s", why);
}

/* ---- arm64 Image ---- */

static void make_arm64(uint64_t text_offset, uint64_t image_size)
{
	memset(file, 0, sizeof(file));
	put(8, text_offset, 8);
	put(16, image_size, 8);
	put(56, 0x644d5241, 4); /* "ARM", 0x64 */
}

static void check_arm64(uint64_t entry, uint64_t size, uint64_t end)
{
	ATF_REQUIRE_EQ_MSG(why[0], 0, "%s", why);
	ATF_CHECK_EQ(image.format, IMAGE_ARM64);
	ATF_CHECK_EQ(image.entry.v, entry);
	ATF_CHECK_EQ(image.end.v, end);
	ATF_REQUIRE_EQ(image.nr_segments, 1);
	ATF_CHECK_EQ(image.segments[0].offset, 0);
	ATF_CHECK_EQ(image.segments[0].ipa.v, entry);
	ATF_CHECK_EQ(image.segments[0].file_size, size);
	ATF_CHECK_EQ(image.segments[0].mem_size, size);
}

ATF_TC_WITHOUT_HEAD(arm64);
ATF_TC_BODY(arm64, tc)
{
	make_arm64(0, 0x10000);
	probe(100);
	check_arm64(RAM, 100, RAM + 0x10000);
	make_arm64(0x80000, 0x10000);
	probe(8192);
	check_arm64(RAM + 0x80000, 8192, RAM + 0x90000);
	/* from the first 2 MiB boundary on */
	probe_at(64, RAM - 0x1000, RAM_SIZE);
	check_arm64(RAM + 0x80000, 64, RAM + 0x90000);
	/* a file that is longer than it says */
	make_arm64(0, 1);
	probe(4096);
	check_arm64(RAM, 4096, RAM + 4096);
	/* before Linux 3.17: no size, and an offset that meant nothing */
	make_arm64(0x12345678, 0);
	probe(4096);
	check_arm64(RAM + 0x80000, 4096, RAM + 0x80000 + 4096);
}

#define TOO_LARGE "needs * from 0x* on, but the VM's first memory@ has 16 MiB there: make it larger"

ATF_TC_WITHOUT_HEAD(arm64_limits);
ATF_TC_BODY(arm64_limits, tc)
{
	make_arm64(0, RAM_SIZE);
	ATF_CHECK_EQ(probe(64), 0);
	ATF_CHECK_EQ(image.end.v, RAM + RAM_SIZE);
	make_arm64(0, RAM_SIZE + 1);
	check_refused(64, "needs 16385 KiB from 0x40000000 on, but the VM's first memory@ has 16 "
			  "MiB there: make it larger");
	make_arm64(0x1000, RAM_SIZE);
	check_refused(64, "needs 16 MiB from 0x40001000 on, but the VM's first memory@ has 16380 "
			  "KiB there: make it larger");
	make_arm64(0, UINT64_MAX);
	check_refused(64, TOO_LARGE);
	make_arm64(MIB(2) - 1, UINT64_MAX - MIB(2) + 2);
	check_refused(64,
		      "needs * MiB from 0x401fffff on, but the VM's first memory@ has 14337 KiB "
		      "there: make it larger");
	make_arm64(MIB(2) - 1, 64);
	ATF_CHECK_EQ(probe(64), 0);
	make_arm64(MIB(2), 64);
	check_refused(
	    64, "is an Image whose header has text_offset 0x*, but 0x1fffff is the most: it is "
		"damaged; build or copy it again");
	make_arm64(UINT64_MAX, 64);
	check_refused(
	    64, "is an Image whose header has text_offset 0x*, but 0x1fffff is the most: it is "
		"damaged; build or copy it again");
	/* memory that ends before the boundary, or before the offset */
	make_arm64(0, 64);
	ATF_CHECK_EQ(probe_at(64, RAM + 0x1000, MIB(2) - 0x1000 + 63), -EINVAL);
	ATF_CHECK_EQ(probe_at(64, RAM + 0x1000, MIB(2) - 0x1000 + 64), 0);
	ATF_CHECK_EQ(probe_at(64, RAM + 0x1000, 0x1000), -EINVAL);
	make_arm64(0x1000, 64);
	ATF_CHECK_EQ(probe_at(64, RAM, 0xfff), -EINVAL);
}

#define UNKNOWN                                                                                    \
	"is neither an arm64 Image nor an ELF file (a compressed kernel has to be unpacked "       \
	"first, a raw one needs load = <address>;)"

ATF_TC_WITHOUT_HEAD(unknown);
ATF_TC_BODY(unknown, tc)
{
	make_arm64(0, 64);
	for (uint64_t size = 0; size < 64; size++)
		check_refused(size, UNKNOWN);
	file[59]++;
	check_refused(8192, UNKNOWN);
	memset(file, 0, sizeof(file));
	put(0, 0x088b1f, 3); /* gzip */
	check_refused(8192, UNKNOWN);
	put(0, ELF_MAGIC, 4);
	check_refused(63, UNKNOWN);
}

/* ---- ELF ---- */

static void add_segment(unsigned int n, uint64_t offset, uint64_t vaddr, uint64_t paddr,
			uint64_t file_size, uint64_t mem_size)
{
	size_t at = PHDRS + n * 56;

	put(at, 1, 4); /* PT_LOAD */
	put(at + 8, offset, 8);
	put(at + 16, vaddr, 8);
	put(at + 24, paddr, 8);
	put(at + 32, file_size, 8);
	put(at + 40, mem_size, 8);
	put(56, n + 1, 2);
}

/* Two segments, linked to run high; the entry is in the first one. */
static void make_elf(void)
{
	memset(file, 0, sizeof(file));
	put(0, ELF_MAGIC, 4);
	put(4, 0x010102, 3); /* 64-bit, little-endian */
	put(16, 2, 2);	     /* ET_EXEC */
	put(18, 183, 2);     /* EM_AARCH64 */
	put(24, 0xffff000000000100, 8);
	put(32, PHDRS, 8);
	put(54, 56, 2);
	add_segment(0, 0x1000, 0xffff000000000000, RAM, 0x800, 0x1000);
	add_segment(1, 0x1800, 0xffff000000200000, RAM + 0x3000, 0x100, 0x100);
}

ATF_TC_WITHOUT_HEAD(elf);
ATF_TC_BODY(elf, tc)
{
	make_elf();
	ATF_REQUIRE_EQ_MSG(probe(sizeof(file)), 0, "%s", why);
	ATF_CHECK_EQ(image.format, IMAGE_ELF64);
	ATF_CHECK_EQ(image.entry.v, RAM + 0x100);
	ATF_CHECK_EQ(image.end.v, RAM + 0x3100);
	ATF_REQUIRE_EQ(image.nr_segments, 2);
	ATF_CHECK_EQ(image.segments[0].offset, 0x1000);
	ATF_CHECK_EQ(image.segments[0].file_size, 0x800);
	ATF_CHECK_EQ(image.segments[0].mem_size, 0x1000);
	ATF_CHECK_EQ(image.segments[0].ipa.v, RAM);
	ATF_CHECK_EQ(image.segments[1].ipa.v, RAM + 0x3000);
	/* position-independent, the other order of addresses, other kinds of segments */
	put(16, 3, 2);
	put(24, 0xffff000000200000, 8);
	add_segment(2, UINT64_MAX, 0, 0, UINT64_MAX, UINT64_MAX);
	put(PHDRS + 112, 4, 4); /* PT_NOTE */
	ATF_REQUIRE_EQ_MSG(probe(sizeof(file)), 0, "%s", why);
	ATF_CHECK_EQ(image.entry.v, RAM + 0x3000);
	ATF_CHECK_EQ(image.nr_segments, 2);
}

ATF_TC_WITHOUT_HEAD(elf_header);
ATF_TC_BODY(elf_header, tc)
{
	static const char machine[] = "is an ELF file, but not for 64-bit little-endian Arm: take "
				      "one that was built for arm64";
	static const char damaged[] = "is an ELF file that is cut off or damaged: build or copy it "
				      "again";
	static const struct {
		unsigned int at, bytes;
		uint64_t value;
		const char *reason;
	} bad[] = {
	    {4, 1, 1, machine},	  /* 32-bit */
	    {5, 1, 2, machine},	  /* big-endian */
	    {18, 2, 40, machine}, /* Arm */
	    {18, 2, 62, machine}, /* x86 */
	    {16, 2, 1, "is an ELF file that is not executable: link it"},
	    {16, 2, 4, "is an ELF file that is not executable: link it"},
	    {54, 2, 55, damaged},
	    {54, 2, 0, damaged},
	    {56, 2, 65, damaged},
	    {56, 2, 0xffff, damaged},
	    {32, 8, sizeof(file) - 111, damaged},
	    {32, 8, UINT64_MAX, damaged},
	    {32, 8, UINT64_MAX - 111, damaged},
	    {56, 2, 0,
	     "is an ELF file whose entry, 0x*, is in none of its segments: link it with an entry "
	     "(ld -e)"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		make_elf();
		put(bad[i].at, bad[i].value, bad[i].bytes);
		check_refused(sizeof(file), bad[i].reason);
	}
}

ATF_TC_WITHOUT_HEAD(elf_segments);
ATF_TC_BODY(elf_segments, tc)
{
	static const char damaged[] = "is an ELF file that is cut off or damaged: build or copy it "
				      "again";
	static const char outside[] =
	    "is an ELF file with a segment at 0x*, size 0x*, which is not in "
	    "the VM's first memory@, 0x40000000 to 0x40ffffff: link it "
	    "into that memory";
	static const struct {
		uint64_t offset, paddr, file_size, mem_size;
		const char *reason;
	} bad[] = {
	    {0, RAM + 0x5000, 2, 1, damaged},
	    {sizeof(file), RAM + 0x5000, 1, 1, damaged},
	    {sizeof(file) - 1, RAM + 0x5000, 2, 2, damaged},
	    {UINT64_MAX, RAM + 0x5000, 2, 2, damaged},
	    {0, RAM + 0x5000, UINT64_MAX, UINT64_MAX, damaged},
	    {0, RAM - 1, 1, 2, outside},
	    {0, RAM + RAM_SIZE - 1, 1, 2, outside},
	    {0, RAM + RAM_SIZE, 0, 1, outside},
	    {0, UINT64_MAX, 0, 2, outside},
	    {0, 0, 0, UINT64_MAX, outside},
	    {0, RAM + 0x5000, 0, UINT64_MAX - RAM, outside},
	    {0, RAM + 0xfff, 0, 1,
	     "is an ELF file whose segments at 0x40000000 and 0x40000fff overlap: link it anew"},
	    {0, RAM + 0x2fff, 0, 2,
	     "is an ELF file whose segments at 0x40003000 and 0x40002fff overlap: link it anew"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		make_elf();
		add_segment(2, bad[i].offset, 0, bad[i].paddr, bad[i].file_size, bad[i].mem_size);
		check_refused(sizeof(file), bad[i].reason);
	}
	/* the whole memory, and nothing of the file */
	make_elf();
	add_segment(1, 0, 0, RAM + 0x1000, 0, RAM_SIZE - 0x1000);
	ATF_CHECK_EQ(probe(sizeof(file)), 0);
	ATF_CHECK_EQ(image.end.v, RAM + RAM_SIZE);
	/* empty, wherever it is */
	make_elf();
	add_segment(2, UINT64_MAX, 0, UINT64_MAX, 0, 0);
	ATF_CHECK_EQ(probe(sizeof(file)), 0);
	ATF_CHECK_EQ(image.nr_segments, 2);
}

ATF_TC_WITHOUT_HEAD(elf_segment_count);
ATF_TC_BODY(elf_segment_count, tc)
{
	make_elf();
	for (unsigned int n = 0; n < 8; n++)
		add_segment(n, 0, n * 0x10, RAM + n * 0x10, 0x10, 0x10);
	put(24, 0x70, 8);
	ATF_REQUIRE_EQ(probe(sizeof(file)), 0);
	ATF_CHECK_EQ(image.nr_segments, 8);
	ATF_CHECK_EQ(image.entry.v, RAM + 0x70);
	add_segment(8, 0, 0x80, RAM + 0x80, 0x10, 0x10);
	check_refused(sizeof(file), "is an ELF file with more than 8 segments: link it with fewer");
}

/* A whole instruction of the entry is in a segment. */
ATF_TC_WITHOUT_HEAD(elf_entry);
ATF_TC_BODY(elf_entry, tc)
{
	static const char nowhere[] = "is an ELF file whose entry, 0x*, is in none of its "
				      "segments: link it with an entry (ld -e)";
	static const uint64_t bad[] = {
	    0, RAM, 0xfffeffffffffffff, 0xffff000000000ffd, 0xffff000000200100, UINT64_MAX};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		make_elf();
		put(24, bad[i], 8);
		check_refused(sizeof(file), nowhere);
	}
	make_elf();
	put(24, 0xffff000000000ffc, 8);
	ATF_CHECK_EQ(probe(sizeof(file)), 0);
	ATF_CHECK_EQ(image.entry.v, RAM + 0xffc);
	/* in one that is empty, which is none */
	make_elf();
	add_segment(2, 0, 0x1000, RAM + 0x8000, 0, 0);
	put(24, 0x1000, 8);
	check_refused(sizeof(file), nowhere);
}

/* Cut off anywhere; every byte of the headers changed: in memory, or refused. */
ATF_TC_WITHOUT_HEAD(elf_damaged);
ATF_TC_BODY(elf_damaged, tc)
{
	unsigned int good = 0;

	make_elf();
	for (uint64_t size = 0; size < 0x1900; size++)
		ATF_CHECK_EQ(probe(size), -EINVAL);
	ATF_CHECK_EQ(probe(0x1900), 0);
	for (unsigned int at = 0; at < PHDRS + 112; at++) {
		for (unsigned int change = 1; change < 256; change++) {
			file[at] ^= (uint8_t)change;
			if (probe(sizeof(file)) == 0) {
				good++;
				ATF_CHECK(range_within(image.entry.v, 4, RAM, RAM_SIZE));
				for (unsigned int i = 0; i < image.nr_segments; i++) {
					const struct image_segment *s = &image.segments[i];

					ATF_CHECK(
					    range_within(s->offset, s->file_size, 0, sizeof(file)));
					ATF_CHECK(
					    range_within(s->ipa.v, s->mem_size, RAM, RAM_SIZE));
					ATF_CHECK(s->ipa.v + s->mem_size <= image.end.v);
				}
			}
			file[at] ^= (uint8_t)change;
		}
	}
	ATF_CHECK(good > 1000);
}

/* ---- Raw ---- */

static int raw(uint64_t size, uint64_t load, uint64_t entry)
{
	int err;

	why[0] = 0;
	err = image_raw(&image, size, ipa(load), ipa(entry), ipa(RAM), RAM_SIZE, why);
	ATF_CHECK_EQ(err != 0, why[0] != 0);
	return err;
}

ATF_TC_WITHOUT_HEAD(raw_image);
ATF_TC_BODY(raw_image, tc)
{
	ATF_CHECK_EQ(raw(100, RAM + 0x80000, RAM + 0x80004), 0);
	ATF_CHECK_EQ(image.format, IMAGE_RAW);
	ATF_CHECK_EQ(image.entry.v, RAM + 0x80004);
	ATF_CHECK_EQ(image.end.v, RAM + 0x80000 + 100);
	ATF_CHECK_EQ(image.nr_segments, 1);
	ATF_CHECK_EQ(image.segments[0].offset, 0);
	ATF_CHECK_EQ(image.segments[0].ipa.v, RAM + 0x80000);
	ATF_CHECK_EQ(image.segments[0].file_size, 100);
	ATF_CHECK_EQ(image.segments[0].mem_size, 100);
	/* to the last byte of the memory, and the last instruction */
	ATF_CHECK_EQ(raw(8, RAM + RAM_SIZE - 8, RAM + RAM_SIZE - 4), 0);
	ATF_CHECK_EQ(raw(9, RAM + RAM_SIZE - 8, RAM + RAM_SIZE - 8), -EINVAL);
	ATF_CHECK_EQ(raw(8, RAM - 4, RAM), -EINVAL);
	ATF_CHECK_EQ(raw(8, UINT64_MAX - 3, UINT64_MAX - 3), -EINVAL);
	ATF_CHECK_EQ(raw(8, RAM, RAM + 8), -ERANGE);
	ATF_CHECK_EQ(raw(8, RAM, RAM - 4), -ERANGE);
	ATF_CHECK_EQ(raw(8, RAM, RAM + 2), -ERANGE);
	ATF_CHECK_EQ(raw(3, RAM, RAM), -ERANGE);
	ATF_CHECK_EQ(raw(8, RAM, UINT64_MAX - 3), -ERANGE);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, arm64);
	ATF_TP_ADD_TC(tp, arm64_limits);
	ATF_TP_ADD_TC(tp, unknown);
	ATF_TP_ADD_TC(tp, elf);
	ATF_TP_ADD_TC(tp, elf_header);
	ATF_TP_ADD_TC(tp, elf_segments);
	ATF_TP_ADD_TC(tp, elf_segment_count);
	ATF_TP_ADD_TC(tp, elf_entry);
	ATF_TP_ADD_TC(tp, elf_damaged);
	ATF_TP_ADD_TC(tp, raw_image);
	return atf_no_error();
}
