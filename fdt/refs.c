// SPDX-License-Identifier: BSD-2-Clause
/*
 * See refs.h. The names are those of the bindings; Linux's drivers/of/property.c
 * and dtc's checks.c have lists for the same purpose.
 */
#include "fdt/refs.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/reg.h"
#include "fdt/tree.h"
#include "lib/format.h"

/* Lists of strings, one after the other. */

/* In the plural, with as many cells as #...-cells says, in the singular. */
static const char by_provider[] = "clock\0reset\0power-domain\0dma\0phy\0nvmem-cell\0interconnect\0"
				  "iommu\0pwm\0io-channel\0hwlock\0thermal-sensor\0gpio\0";
/* Phandles and nothing else */
static const char bare[] = "memory-region\0phy-handle\0phy\0usb-phy\0operating-points-v2\0"
			   "remote-endpoint\0nvmem\0mmc-pwrseq\0extcon\0sfp\0pcs-handle\0"
			   "power-supply\0";
/* How names of registers elsewhere end: a phandle, then what the driver knows */
static const char registers[] =
    "grf\0gpr\0syscon\0sysctrl\0system-controller\0usbmisc\0intf_mode\0smem\0";

static bool is_in(const char *list, const char *name, size_t len)
{
	for (; *list; list += strlen(list) + 1)
		if (strlen(list) == len && memcmp(list, name, len) == 0)
			return true;
	return false;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

static bool ends_with_any(const char *name, const char *ends)
{
	for (; *ends; ends += strlen(ends) + 1)
		if (ends_with(name, ends))
			return true;
	return false;
}

void ref_of(const char *name, struct ref *ref)
{
	size_t len = strlen(name);
	const char *cells = "";

	*ref = (struct ref){.kind = REF_OTHER};
	if (strncmp(name, "assigned-clock", 14) == 0) {
		ref->kind = REF_UNUSED;
	} else if (len != 0 && name[len - 1] == 's' && is_in(by_provider, name, len - 1)) {
		format(ref->cells, sizeof(ref->cells), "#%.*s-cells", (int)len - 1, name);
		if (*name == 'c')
			ref->kind = REF_CLOCK;
	} else if (strcmp(name, "mboxes") == 0) {
		cells = "#mbox-cells";
	} else if (strcmp(name, "msi-parent") == 0) {
		cells = "#msi-cells";
	} else if (ends_with_any(name, "-gpios\0-gpio\0")) {
		cells = "#gpio-cells";
	} else if (strcmp(name, "gpio-ranges") == 0) {
		ref->args = 3;
	} else if (ends_with(name, "-supply")) {
		ref->kind = REF_SUPPLY;
	} else if (ends_with_any(name, registers)) {
		ref->args = REF_REST;
	} else if (!is_in(bare, name, len) && (strncmp(name, "pinctrl-", 8) != 0 || len != 9)) {
		ref->kind = REF_NONE;
	}
	if (*cells)
		format(ref->cells, sizeof(ref->cells), "%s", cells);
}

void ref_named(const char *property, char *named, size_t size)
{
	*named = '\0';
	if (strcmp(property, "pinctrl-names") == 0)
		format(named, size, "pinctrl-0");
	else if (ends_with(property, "-names"))
		format(named, size, "%.*ss", (int)strlen(property) - 6, property);
}

bool ref_next(const void *dtb, const struct ref *ref, const void *cells, unsigned int left,
	      int *provider, unsigned int *used)
{
	uint32_t phandle, args = ref->args;

	if (left == 0)
		return false;
	phandle = fdt32_ld(cells);
	*used = 1;
	*provider = 0;
	if (phandle == 0 || phandle == UINT32_MAX)
		return true;
	*provider = tree_find_phandle(dtb, phandle);
	if (*ref->cells)
		args = reg_get_u32(dtb, *provider, ref->cells, 0);
	*used += args == REF_REST ? left - 1 : args;
	return *provider > 0 && args <= REF_REST && *used <= left;
}
