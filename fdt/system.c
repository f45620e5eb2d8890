// SPDX-License-Identifier: BSD-2-Clause
/*
 * The system description as a whole: the blob, the root, the images, and
 * which nodes are VMs. What is in a VM's node is vm.c's. All mistakes are
 * reported, the blob is trusted in nothing.
 */
#include "fdt/system.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "fdt/reg.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

#define MAX_VMS 64
#define MAX_NAME 31

#define COMPATIBLE_SYSTEM "bulkhead,system"
#define COMPATIBLE_VM "bulkhead,vm"

void *parser_alloc(struct parser *p, size_t count, size_t size)
{
	void *memory = arena_alloc(p->arena, count, size);

	if (!memory && !p->err) {
		diag_error(p->diag, "/", NULL, "the system is too large: remove some of it");
		p->err = -ENOMEM;
	}
	return memory;
}

/* ---- The root and the images ---- */

/* True if the property is this one string. */
static bool is_string(const void *blob, int node, const char *property, const char *string)
{
	int len;
	const char *value = fdt_getprop(blob, node, property, &len);

	return value && (size_t)len == strlen(string) + 1 &&
	       memcmp(value, string, (size_t)len) == 0;
}

static unsigned int cells(struct parser *p, const char *property)
{
	int len;
	const fdt32_t *value = fdt_getprop(p->blob, 0, property, &len);

	if (value && len == 4 && (fdt32_ld(value) == 1 || fdt32_ld(value) == 2))
		return fdt32_ld(value);
	diag_error(p->diag, "/", property, "has to be <1> or <2>: write %s = <2>;", property);
	return 2;
}

/* Without it, or "on": what the CPUs need. */
static void check_mitigations(struct parser *p)
{
	if (!fdt_getprop(p->blob, 0, "mitigations", NULL) ||
	    is_string(p->blob, 0, "mitigations", "on"))
		return;
	p->config->mitigations_off = is_string(p->blob, 0, "mitigations", "off");
	if (p->config->mitigations_off)
		diag_warning(p->diag, "/", "mitigations",
			     "\"off\" is for measuring only: guests can reach EL2's secrets");
	else
		diag_error(p->diag, "/", "mitigations",
			   "has to be \"on\" or \"off\": leave it out");
}

static void check_root(struct parser *p)
{
	static const char *const names[] = {"compatible", "#address-cells", "#size-cells",
					    "model",	  "mitigations",    NULL};

	if (!is_string(p->blob, 0, "compatible", COMPATIBLE_SYSTEM))
		diag_error(p->diag, "/", "compatible",
			   "this is no system description: the root needs "
			   "compatible = \"" COMPATIBLE_SYSTEM "\";");
	check_property_names(p, 0, "/", names);
	p->address_cells = cells(p, "#address-cells");
	p->size_cells = cells(p, "#size-cells");
	check_mitigations(p);
}

static void check_images(struct parser *p)
{
	static const char *const none[] = {NULL}, *const names[] = {"data", "load", "entry",
								    "phandle", NULL};
	char path[SYSTEM_PATH_MAX];
	int node;

	check_property_names(p, p->images, "/images", none);
	fdt_for_each_subnode(node, p->blob, p->images) {
		int len = 0;
		const void *data = fdt_getprop(p->blob, node, "data", &len);

		format(path, sizeof(path), "/images/%.60s", fdt_get_name(p->blob, node, NULL));
		check_property_names(p, node, path, names);
		if (!data || len == 0)
			diag_error(p->diag, path, "data",
				   "the image is empty: write data = /incbin/(\"file\");");
		if (fdt_first_subnode(p->blob, node) >= 0)
			diag_error(p->diag, path, NULL, "an image has no nodes in it: remove them");
	}
}

/* ---- The VMs ---- */

/* Devicetree Specification 2.2.1; dtc would not write others. */
static bool is_name_char(char c)
{
	static const char marks[] = {',', '.', '_', '+', '-', '@'};

	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       memchr(marks, c, sizeof(marks));
}

/* A name that can be shown and told apart. */
static void name_vm(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const char *name = fdt_get_name(p->blob, node, &len);
	bool ok = len != 0;

	format(vm->path, sizeof(vm->path), "/%.60s", name);
	vm->name = vm->path + 1;
	for (const char *c = name; *c; c++)
		ok = ok && is_name_char(*c);
	if (!ok)
		diag_error(p->diag, vm->path, NULL,
			   "is no name: make one of letters, digits and ,._+-@");
	if (len > MAX_NAME)
		diag_error(p->diag, vm->path, NULL,
			   "the name has %d characters: shorten it to %d at most", len, MAX_NAME);
}

static void unknown_node(struct parser *p, int node)
{
	static const char *const names[] = {"images", NULL};
	const char *name = fdt_get_name(p->blob, node, NULL);
	char path[SYSTEM_PATH_MAX];

	format(path, sizeof(path), "/%.60s", name);
	if (check_similar(name, names))
		diag_error(p->diag, path, NULL, "unknown node: did you mean images?");
	else
		diag_error(p->diag, path, NULL,
			   "unknown node: a VM needs compatible = \"" COMPATIBLE_VM "\";");
}

static bool is_vm(struct parser *p, int node)
{
	return node != p->images && node != p->labels &&
	       is_string(p->blob, node, "compatible", COMPATIBLE_VM);
}

static void parse_nodes(struct parser *p)
{
	struct system_config *config = p->config;
	unsigned int count = 0;
	int node;

	fdt_for_each_subnode(node, p->blob, 0) {
		if (is_vm(p, node))
			count++;
		else if (node != p->images && node != p->labels)
			unknown_node(p, node);
	}
	if (count == 0)
		diag_error(p->diag, "/", NULL,
			   "there is no VM: add a node with compatible = \"" COMPATIBLE_VM "\";");
	if (count > MAX_VMS) {
		diag_error(p->diag, "/", NULL, "there are %u VMs: %d are the most", count, MAX_VMS);
		count = MAX_VMS;
	}
	config->vms = parser_alloc(p, count, sizeof(*config->vms));
	if (!config->vms)
		return;
	fdt_for_each_subnode(node, p->blob, 0) {
		struct vm_config *vm = &config->vms[config->nr_vms];

		if (config->nr_vms == count || !is_vm(p, node))
			continue;
		vm->id = ++config->nr_vms;
		name_vm(p, node, vm);
		parse_vm(p, node, vm);
	}
}

/* All VMs together, against what the machine has. */
static void check_total_memory(struct parser *p)
{
	uint64_t have = 0, want = 0;

	for (unsigned int i = 0; i < p->host->nr_ram; i++)
		have += p->host->ram[i].size;
	for (unsigned int i = 0; i < p->config->nr_vms; i++) {
		const struct vm_config *vm = &p->config->vms[i];

		/* of 48 bits each, and there are not so many */
		for (unsigned int m = 0; m < vm->nr_memory; m++)
			want += vm->memory[m].size;
	}
	if (want > have)
		diag_error(p->diag, "/", NULL,
			   "the VMs have %llu MiB of memory in all, this machine has %llu MiB: "
			   "make them smaller",
			   (unsigned long long)(want >> 20), (unsigned long long)(have >> 20));
}

int system_parse(struct system_config *config, const void *blob, size_t size,
		 const struct host *host, struct arena *arena, struct diag *diag)
{
	struct parser p = {
	    .blob = blob,
	    .size = size,
	    .host = host,
	    .arena = arena,
	    .diag = diag,
	    .config = config,
	};
	int err = reg_check_tree(blob, size);

	*config = (struct system_config){0};
	if (err) {
		diag_error(diag, "/", NULL,
			   "the system description is cut off or damaged: was it made by dtc, and "
			   "loaded in whole?");
		return -EINVAL;
	}
	p.images = fdt_subnode_offset(blob, 0, "images");
	p.labels = fdt_subnode_offset(blob, 0, "host");
	check_root(&p);
	if (p.images >= 0)
		check_images(&p);
	parse_nodes(&p);
	check_total_memory(&p);
	check_devices(&p);
	if (p.err)
		return p.err;
	return diag->errors != 0 ? -EINVAL : 0;
}
