// SPDX-License-Identifier: BSD-2-Clause
/*
 * The references of copied nodes. A reference to another node of the guest's leads to it in the
 * guest's tree. Fixed clocks and regulators stand in for those of the machine, as the firmware has
 * set them up. Other references are left out.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/clock.h"
#include "fdt/device_copy.h"
#include "fdt/diag.h"
#include "fdt/refs.h"
#include "lib/format.h"

/* Each takes a search in the host's tree; devices have some tens. */
#define MAX_REFERENCES 2048
#define PATH_SHOWN 96

/* ---- Phandles ---- */

/* The phandle that the user gives to a copied node, in device-tree or by a board's label, or 0. */
static uint32_t user_phandle(const struct copy *c, int node)
{
	int path[TREE_MAX_DEPTH + 1], depth = tree_ancestors(c->dtb, node, path), at;
	const struct vm_device *device = copy_device_in_path(c->vm, path, depth, &at);
	int joined = c->vm->device_tree;
	uint32_t phandle;
	char name[64];

	if (!device || joined < 0)
		return 0;
	copy_name(c->dtb, device, name, sizeof(name));
	joined = fdt_subnode_offset(c->vm->blob, joined, name);
	while (joined >= 0 && ++at <= depth)
		joined =
		    fdt_subnode_offset(c->vm->blob, joined, fdt_get_name(c->dtb, path[at], NULL));
	phandle = joined >= 0 ? fdt_get_phandle(c->vm->blob, joined) : 0;
	if (phandle == 0 && device->node == node && device->label >= 0)
		phandle = fdt_get_phandle(c->vm->blob, device->label);
	return phandle;
}

uint32_t copy_phandle(const struct copy *c, int node)
{
	uint32_t phandle = user_phandle(c, node), own = fdt_get_phandle(c->dtb, node);

	return phandle || own == 0 ? phandle : c->phandles->first + own;
}

/* The phandle of a stand-in, which is noted if it is new. 0: there are too many. */
static uint32_t stand_in_phandle(struct copy *c, const struct stand_in *stand_in)
{
	unsigned int n = 0;

	while (n < c->nr_stand_ins &&
	       (c->stand_ins[n].provider != stand_in->provider ||
		c->stand_ins[n].cells != stand_in->cells ||
		c->stand_ins[n].frequency != stand_in->frequency ||
		(stand_in->clock &&
		 memcmp(c->stand_ins[n].clock, stand_in->clock, (size_t)stand_in->cells * 4) != 0)))
		n++;
	if (n == MAX_STAND_INS)
		return 0;
	if (n == c->nr_stand_ins)
		c->stand_ins[c->nr_stand_ins++] = *stand_in;
	return c->phandles->stand_ins + n;
}

/* ---- References ---- */

/* Formats a path, or the end of a long one. */
static void show_path(const void *dtb, int node, char path[PATH_SHOWN])
{
	if (fdt_get_path(dtb, node, path, PATH_SHOWN) != 0)
		format(path, PATH_SHOWN, ".../%s", fdt_get_name(dtb, node, NULL));
}

void copy_warn(const struct copy *c, int node, const char *property, int provider, const char *what)
{
	char path[PATH_SHOWN], to[PATH_SHOWN] = "nothing";

	if (!c->diag)
		return;
	show_path(c->dtb, node, path);
	if (provider > 0)
		show_path(c->dtb, provider, to);
	diag_warning(c->diag, c->vm->path, "passthrough", "%s: %s -> %s: %s", path, property, to,
		     what);
}

static uint32_t clock_stand_in(struct copy *c, int node, int provider, const void *clock,
			       unsigned int cells)
{
	struct stand_in stand_in = {provider, clock, cells, 0};
	unsigned int before = c->nr_stand_ins;
	uint32_t phandle;
	char what[160];

	stand_in.frequency = clock_frequency(c->dtb, node, provider, clock, cells);
	if (stand_in.frequency == 0)
		stand_in.frequency = reg_get_u32(c->dtb, c->device->node, "clock-frequency", 0);
	phandle = stand_in_phandle(c, &stand_in);
	if (stand_in.frequency == 0 && c->nr_stand_ins != before) {
		format(what, sizeof(what),
		       "the machine's tree does not say its frequency: write device-tree { "
		       "clock-%u { clock-frequency = <...>; }; };",
		       before);
		copy_warn(c, node, "clocks", provider, what);
	}
	return phandle;
}

/*
 * Rewrites the value of a property of references for the guest. Returns how many
 * cells it has; 0 if it has to be left out, because of *provider.
 */
static unsigned int rewrite(struct copy *c, int node, const struct ref *ref, const fdt32_t *from,
			    unsigned int left, fdt32_t *to, int *provider)
{
	unsigned int n = 0, used;

	*provider = 0;
	while (c->nr_references++ < MAX_REFERENCES &&
	       ref_next(c->dtb, ref, from, left, provider, &used)) {
		bool own = *provider == 0 || device_of(c->vm, c->dtb, *provider);
		uint32_t phandle = 0;

		if (own && *provider)
			phandle = copy_phandle(c, *provider);
		else if (!own && ref->kind == REF_CLOCK)
			phandle = clock_stand_in(c, node, *provider, from, used);
		else if (!own && ref->kind == REF_SUPPLY)
			phandle = stand_in_phandle(c, &(struct stand_in){.provider = *provider});
		if ((*provider && phandle == 0) || n + used > MAX_CELLS)
			return 0;
		memcpy(to + n, from, (size_t)used * 4);
		fdt32_st(to + n, phandle);
		/* a stand-in has no cells */
		n += own ? used : 1;
		from += used;
		left -= used;
	}
	return left == 0 ? n : 0;
}

bool copy_leaves_out_names(struct copy *c, int node, const char *names)
{
	fdt32_t cells[MAX_CELLS];
	char property[40];
	struct ref ref;
	int len = 0, provider;
	const void *value;

	ref_named(names, property, sizeof(property));
	value = *property ? fdt_getprop(c->dtb, node, property, &len) : NULL;
	ref_of(property, &ref);
	return value && ref.kind != REF_NONE &&
	       rewrite(c, node, &ref, value, (unsigned int)len / 4, cells, &provider) == 0;
}

void copy_reference(struct copy *c, int node, const char *name, const struct ref *ref,
		    const void *value, unsigned int len)
{
	fdt32_t cells[MAX_CELLS];
	int provider;
	unsigned int n = rewrite(c, node, ref, value, len / 4, cells, &provider);

	if (n != 0)
		writer_bytes(c->w, name, cells, (size_t)n * 4);
	else if (len != 0)
		copy_warn(
		    c, node, name, provider,
		    "is not this VM's: the property is left out; pass that too if a driver needs "
		    "it");
}

/* ---- Stand-ins ---- */

static void write_clock(struct writer *w, unsigned int n, uint32_t frequency)
{
	char name[24];

	format(name, sizeof(name), "clock-%u", n);
	writer_begin(w, name);
	writer_string(w, "compatible", "fixed-clock");
	WRITER_CELLS(w, "#clock-cells", 0);
	WRITER_CELLS(w, "clock-frequency", frequency);
}

static void write_regulator(struct writer *w, unsigned int n, const void *dtb, int provider)
{
	static const char *const same[] = {"regulator-name", "regulator-min-microvolt",
					   "regulator-max-microvolt", NULL};
	char name[24];

	format(name, sizeof(name), "regulator-%u", n);
	writer_begin(w, name);
	writer_string(w, "compatible", "regulator-fixed");
	if (!fdt_getprop(dtb, provider, same[0], NULL))
		writer_string(w, same[0], name);
	for (unsigned int i = 0; same[i]; i++) {
		int len;
		const void *value = fdt_getprop(dtb, provider, same[i], &len);

		if (value)
			writer_bytes(w, same[i], value, (size_t)len);
	}
}

void copy_write_stand_ins(struct copy *c)
{
	for (unsigned int n = 0; n < c->nr_stand_ins; n++) {
		if (c->stand_ins[n].clock)
			write_clock(c->w, n, c->stand_ins[n].frequency);
		else
			write_regulator(c->w, n, c->dtb, c->stand_ins[n].provider);
		WRITER_CELLS(c->w, "phandle", c->phandles->stand_ins + n);
		writer_end(c->w);
	}
}
