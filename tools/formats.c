// SPDX-License-Identifier: BSD-2-Clause
/*
 * Formats of files, which their first bytes tell.
 */
#include "tools/formats.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Characters by which text of two bytes each is told from what is no text. */
#define LOOK 64

struct magic {
	size_t offset, len;
	const char *bytes;
	const char *what;
};

static const char *known_as(const struct magic *magics, const uint8_t *data, size_t size)
{
	for (; magics->len; magics++)
		if (magics->offset + magics->len <= size &&
		    memcmp(data + magics->offset, magics->bytes, magics->len) == 0)
			return magics->what;
	return NULL;
}

/* Kernels that boot does not know, and what to do with them. */
static const struct magic kernels[] = {
    {0, 2, "\x1f\x8b",
     "compressed by gzip: gunzip it (arm64's Image.gz, or a distribution's vmlinuz)"},
    {0, 6, "\3757zXZ\0", "compressed by xz: unxz it"},
    {0, 4, "\x28\xb5\x2f\xfd", "compressed by zstd: unzstd it"},
    {0, 4, "\x04\x22\x4d\x18", "compressed by lz4: unlz4 it"},
    {0, 4, "\x02\x21\x4c\x18", "compressed by lz4: unlz4 it"},
    {0, 3, "BZh", "compressed by bzip2: bunzip2 it"},
    {4, 4, "zimg", "an EFI zboot image: use the Image that is in it"},
    {0, 4, "\x27\x05\x19\x56", "a U-Boot uImage: use the Image that it was made of"},
    {36, 4, "\x18\x28\x6f\x01", "a 32-bit zImage: only 64-bit kernels run"},
    {0, 4, "\xd0\x0d\xfe\xed", "a device tree or a FIT image: use the Image that is in it"},
    {0, 2, "MZ", "an EFI program: use the Image"},
    {0, 0, NULL, NULL}};

/* What Linux takes for an initrd (init/initramfs.c, lib/decompress.c) */
static const struct magic initrds[] = {
    {0, 5, "07070", "cpio"},
    {0, 2, "\x1f\x8b", "gzip"},
    {0, 6, "\3757zXZ\0", "xz"},
    {0, 4, "\x28\xb5\x2f\xfd", "zstd"},
    {0, 4, "\x02\x21\x4c\x18", "lz4"},
    {0, 4, "\x04\x22\x4d\x18", "lz4"},
    {0, 3, "BZh", "bzip2"},
    {0, 3, "\x5d\0\0", "lzma"},
    {0, 4, "\x89LZO", "lzo"},
    {0, 0, NULL, NULL},
};

/* What is given for a description, or for a machine's tree. */
static const struct magic others[] = {
    {0, 4, "\xff\xfe\0\0", "text in UTF-32: save it as UTF-8, or use iconv -f UTF-32 -t UTF-8"},
    {0, 2, "\xff\xfe", "text in UTF-16: save it as UTF-8, or use iconv -f UTF-16 -t UTF-8"},
    {0, 2, "\xfe\xff", "text in UTF-16: save it as UTF-8, or use iconv -f UTF-16 -t UTF-8"},
    {0, 2, "\x1f\x8b", "compressed by gzip: gunzip it"},
    {0, 6, "\3757zXZ\0", "compressed by xz: unxz it"},
    {0, 4, "\x28\xb5\x2f\xfd", "compressed by zstd: unzstd it"},
    {0, 4, "\x04\x22\x4d\x18", "compressed by lz4: unlz4 it"},
    {0, 3, "BZh", "compressed by bzip2: bunzip2 it"},
    {0, 4, "PK\x03\x04", "a zip archive: unzip it"},
    {257, 5, "ustar", "a tar archive: unpack it"},
    {0, 5, "07070", "a cpio archive: no device tree"},
    {0, 8, "!<arch>\n", "an archive of ar or dpkg: no device tree"},
    {0, 4,
     "\x7f"
     "ELF",
     "an ELF file: no device tree"},
    {0, 4, "\x27\x05\x19\x56", "a U-Boot uImage: use the file that it was made of"},
    {0, 4, "\xd7\xb7\xab\x1e",
     "a table of Android's device trees: use one of those that are in it"},
    {56, 4, "ARM\x64", "an arm64 Image, a kernel or Bulkhead itself: no device tree"},
    {0, 2, "MZ", "an EFI program: no device tree"},
    {0, 0, NULL, NULL}};

const char *formats_of_kernel(const uint8_t *data, size_t size)
{
	return known_as(kernels, data, size);
}

const char *formats_of_initrd(const uint8_t *data, size_t size)
{
	return known_as(initrds, data, size);
}

/* Every second byte is a zero, the others are characters of ASCII. */
static bool is_utf16(const uint8_t *data, size_t size, size_t first)
{
	size_t len = size < LOOK ? size & ~(size_t)1 : LOOK;

	for (size_t i = 0; i < len; i += 2) {
		int c = data[i + first];

		if (data[i + 1 - first] != 0 || !(isprint(c) || isspace(c)))
			return false;
	}
	return len >= 8;
}

const char *formats_of_other(const uint8_t *data, size_t size)
{
	const char *known = size != 0 ? known_as(others, data, size)
				      : "empty: bulkhead init writes a first description";

	if (!known && is_utf16(data, size, 0))
		known = "text in UTF-16: save it as UTF-8, or use iconv -f UTF-16LE -t UTF-8";
	if (!known && is_utf16(data, size, 1))
		known = "text in UTF-16: save it as UTF-8, or use iconv -f UTF-16BE -t UTF-8";
	return known;
}
