// SPDX-License-Identifier: BSD-2-Clause
/*
 * Values of properties: read by kind, and refused in their author's terms. dtc
 * keeps no types, so a value is shown as what it looks like, as in fdtdump(1).
 */
#include "fdt/value.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "fdt/reg.h"
#include "lib/bits.h"
#include "lib/format.h"

/* Of long values, so much is shown. */
#define MAX_CELLS 4
#define MAX_BYTES 8
/* Larger numbers are bits or addresses, or the two's complements of such small ones. */
#define MAX_DECIMAL 999999u
#define MAX_NEGATIVE 1000u

/* ---- Shown ---- */

bool value_is_text(const void *value, int len)
{
	const char *text = value;

	if (len < 2 || text[len - 1] != '\0')
		return false;
	for (int i = 0; i < len; i++)
		if (text[i] == '\0' ? i == 0 || text[i - 1] == '\0'
				    : text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static void show_text(char text[VALUE_SHOWN], const char *value, int len)
{
	size_t n = 0;

	for (int i = 0, left = VALUE_TEXT; i < len && n < VALUE_SHOWN;
	     i += (int)strlen(value + i) + 1) {
		int shown = MIN((int)strlen(value + i), left);
		bool whole = value[i + shown] == '\0';

		n += format(text + n, VALUE_SHOWN - n, "%s\"%.*s%s\"", i ? ", " : "", shown,
			    value + i, whole ? "" : "...");
		left -= shown;
		if (left == 0 && whole && i + shown + 1 < len && n < VALUE_SHOWN)
			n += format(text + n, VALUE_SHOWN - n, ", ...");
		if (left == 0)
			return;
	}
}

void value_number(char text[VALUE_NUMBER], uint32_t number)
{
	if (number <= MAX_DECIMAL)
		format(text, VALUE_NUMBER, "%u", number);
	else if (number >= -MAX_NEGATIVE)
		format(text, VALUE_NUMBER, "-%u", -number);
	else
		format(text, VALUE_NUMBER, "0x%x", number);
}

/* A negative number is in parentheses, as dtc wants it. */
static void show_cell(char text[VALUE_NUMBER], uint32_t cell, enum value_base base)
{
	if (base == VALUE_HEX)
		format(text, VALUE_NUMBER, "0x%x", cell);
	else if (cell >= -MAX_NEGATIVE)
		format(text, VALUE_NUMBER, "(-%u)", -cell);
	else
		value_number(text, cell);
}

void value_show(char text[VALUE_SHOWN], const void *value, int len, enum value_base base)
{
	bool cells = len % 4 == 0;
	int count = cells ? len / 4 : len, shown = MIN(count, cells ? MAX_CELLS : MAX_BYTES);
	const uint8_t *bytes = value;
	size_t n = 0;

	if (len <= 0) {
		format(text, VALUE_SHOWN, "nothing");
		return;
	}
	if (len == 1 && *bytes == 0) {
		format(text, VALUE_SHOWN, "\"\"");
		return;
	}
	if (value_is_text(value, len)) {
		show_text(text, value, len);
		return;
	}
	for (int i = 0; i < shown && n < VALUE_SHOWN; i++) {
		const char *before = i ? " " : cells ? "<" : "[";
		char number[VALUE_NUMBER];

		if (cells)
			show_cell(number, fdt32_ld((const fdt32_t *)value + i), base);
		else
			format(number, sizeof(number), "%02x", bytes[i]);
		n += format(text + n, VALUE_SHOWN - n, "%s%s", before, number);
	}
	if (n < VALUE_SHOWN)
		format(text + n, VALUE_SHOWN - n, "%s%c", shown < count ? " ..." : "",
		       cells ? '>' : ']');
}

void value_size(char text[VALUE_SIZE], uint64_t bytes)
{
	if (bytes >= MIB(1) && (IS_ALIGNED(bytes, MIB(1)) || bytes >= BIT(48)))
		format(text, VALUE_SIZE, "%llu MiB", (unsigned long long)(bytes >> 20));
	else if (bytes >= KIB(4))
		format(text, VALUE_SIZE, "%llu KiB", (unsigned long long)((bytes + 1023) >> 10));
	else
		format(text, VALUE_SIZE, "%u byte%s", (unsigned int)bytes, bytes == 1 ? "" : "s");
}

/* ---- Refused ---- */

void wrong_value(struct parser *p, int node, const char *path, const char *property,
		 enum value_base base, const char *wanted, const char *mend)
{
	char shown[VALUE_SHOWN];
	int len = 0;
	const void *value = fdt_getprop(p->blob, node, property, &len);

	value_show(shown, value, len, base);
	if (!value)
		diag_error(p->diag, path, property, "is missing: write %s", mend);
	else if (len == 0)
		diag_error(p->diag, path, property, "has no value, but has to be %s: write %s",
			   wanted, mend);
	else
		diag_error(p->diag, path, property, "%s is not %s: write %s", shown, wanted, mend);
}

/* ---- Read ---- */

bool get_flag(struct parser *p, int node, const char *path, const char *property)
{
	char shown[VALUE_SHOWN];
	int len = 0;
	const void *value = fdt_getprop(p->blob, node, property, &len);

	if (!value)
		return false;
	value_show(shown, value, len, VALUE_DECIMAL);
	if (len != 0)
		diag_error(p->diag, path, property,
			   "has the value %s, but a flag has none: write %s; for yes, nothing for "
			   "no",
			   shown, property);
	return true;
}

/* True if the bytes are one string, and end with it. */
static bool is_string(const char *value, int len)
{
	return len != 0 && strnlen(value, (size_t)len) == (size_t)len - 1;
}

const char *get_string(struct parser *p, int node, const char *path, const char *property)
{
	char mend[96];
	int len = 0;
	const char *value = fdt_getprop(p->blob, node, property, &len);

	if (!value || is_string(value, len))
		return value;
	format(mend, sizeof(mend), "%.40s = \"...\";", property);
	wrong_value(p, node, path, property, VALUE_DECIMAL, "one string", mend);
	return NULL;
}

int get_choice(struct parser *p, int node, const char *path, const char *property,
	       const char *const *names)
{
	char wanted[96], mend[96] = "one of these";
	const char *value, *meant;
	size_t n = 0;
	int len = 0;

	value = fdt_getprop(p->blob, node, property, &len);
	if (!value)
		return -1;
	for (int i = 0; names[i]; i++) {
		if ((size_t)len == strlen(names[i]) + 1 &&
		    memcmp(value, names[i], (size_t)len) == 0)
			return i;
		if (n < sizeof(wanted))
			n += format(wanted + n, sizeof(wanted) - n, "%s\"%s\"",
				    i == 0	   ? ""
				    : names[i + 1] ? ", "
						   : " or ",
				    names[i]);
	}
	meant = is_string(value, len) ? check_similar(value, names) : NULL;
	if (meant || !names[1])
		format(mend, sizeof(mend), "%.40s = \"%s\";", property, meant ? meant : names[0]);
	wrong_value(p, node, path, property, VALUE_DECIMAL, wanted, mend);
	return -1;
}

bool is_address(const struct parser *p, int node, const char *property)
{
	int len = 0;

	const void *value = fdt_getprop(p->blob, node, property, &len);

	return value && (unsigned int)len == p->address_cells * 4 &&
	       (len == 4 || !value_is_text(value, len));
}

bool get_address(struct parser *p, int node, const char *path, const char *property,
		 uint64_t *address)
{
	char wanted[80], mend[96];
	int len = 0;
	const void *value = fdt_getprop(p->blob, node, property, &len);
	/* as it was probably meant, or an example */
	bool cells = (len == 4 || len == 8) && !value_is_text(value, len);
	uint64_t meant = cells ? reg_cells(value, (unsigned int)len / 4) : 0x40000000;

	if (is_address(p, node, property)) {
		*address = reg_cells(value, p->address_cells);
		return true;
	}
	format(wanted, sizeof(wanted), "an address of %u cell%s (#address-cells of the root)",
	       p->address_cells, p->address_cells == 1 ? "" : "s");
	if (p->address_cells == 1)
		format(mend, sizeof(mend), "%.40s = <0x%x>;", property, (uint32_t)meant);
	else
		format(mend, sizeof(mend), "%.40s = <0x%x 0x%x>;", property,
		       (uint32_t)(meant >> 32), (uint32_t)meant);
	wrong_value(p, node, path, property, VALUE_HEX, wanted, mend);
	return false;
}
