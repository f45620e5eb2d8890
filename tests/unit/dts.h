/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device trees for tests: compiled by dtc from source in the test itself, or
 * from a file of tests/config. Each one lies in a block of just its size, so
 * that AddressSanitizer finds what reads beyond it.
 */
#pragma once

#include <atf-c.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "fdt/diag.h"
#include "lib/format.h"

#define DTS_BLOB "tree.dtb"
#define DTS_LINES 128

/* The file's bytes, followed by nothing; the caller frees them. */
static inline uint8_t *dts_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	long length;

	ATF_REQUIRE_MSG(file != NULL, "%s cannot be opened", path);
	ATF_REQUIRE_EQ(fseek(file, 0, SEEK_END), 0);
	length = ftell(file);
	ATF_REQUIRE(length > 0);
	rewind(file);
	bytes = malloc((size_t)length);
	ATF_REQUIRE(bytes != NULL && fread(bytes, 1, (size_t)length, file) == (size_t)length);
	fclose(file);
	*size = (size_t)length;
	return bytes;
}

/* Compiles the source of a tree, without "/dts-v1/;". */
static inline uint8_t *dts_compile(const char *source, size_t *size)
{
	size_t ignored;
	FILE *dtc = popen("dtc -q -I dts -O dtb -o " DTS_BLOB " -", "w"); /* NOLINT(cert-env33-c) */
	uint8_t *blob;

	ATF_REQUIRE(dtc != NULL);
	fputs("/dts-v1/;\n", dtc);
	fputs(source, dtc);
	ATF_REQUIRE_EQ_MSG(pclose(dtc), 0, "dtc refuses %s", source);
	blob = dts_read(DTS_BLOB, size ? size : &ignored);
	ATF_REQUIRE_EQ(remove(DTS_BLOB), 0);
	return blob;
}

/* Compiles tests/config/NAME. The test program is in build/tests/unit. */
static inline uint8_t *dts_compile_file(const atf_tc_t *tc, const char *name, size_t *size)
{
	char path[512];
	size_t ignored, length;
	uint8_t *source, *blob;
	char *text;

	format(path, sizeof(path), "%s/../../../tests/config/%s",
	       atf_tc_get_config_var_wd(tc, "srcdir", "build/tests/unit"), name);
	source = dts_read(path, &length);
	text = malloc(length + 1);
	ATF_REQUIRE(text != NULL);
	format(text, length + 1, "%.*s", (int)length, (const char *)source);
	/* dts_compile() writes "/dts-v1/;" too; twice is allowed. */
	blob = dts_compile(text, size ? size : &ignored);
	free(text);
	free(source);
	return blob;
}

/* Diagnostics as tests look at them: the lines, in order. */
struct dts_diag {
	struct diag diag;
	unsigned int nr_lines;
	char lines[DTS_LINES][320];
};

static inline void dts_emit(struct diag *diag, enum diag_severity severity, const char *line)
{
	struct dts_diag *d = (struct dts_diag *)diag;

	(void)severity;
	ATF_REQUIRE(d->nr_lines < DTS_LINES);
	format(d->lines[d->nr_lines++], sizeof(d->lines[0]), "%s", line);
}

static inline void dts_diag_init(struct dts_diag *d)
{
	*d = (struct dts_diag){.diag = {.emit = dts_emit}};
}

/* Just one line was printed, and it is this. */
static inline void dts_check_line(const struct dts_diag *d, const char *line)
{
	ATF_REQUIRE_EQ_MSG(d->nr_lines, 1, "%u lines, the first one %s", d->nr_lines, d->lines[0]);
	ATF_CHECK_STREQ(d->lines[0], line);
}
