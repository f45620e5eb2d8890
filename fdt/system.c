// SPDX-License-Identifier: BSD-2-Clause
/*
 * The system description as a whole: the blob, the root, the images, and
 * which nodes are VMs. The insides of a VM's node are vm.c's. All mistakes are
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
#define MAX_FILE_NAME 256

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
	char mend[40];

	if (value && len == 4 && (fdt32_ld(value) == 1 || fdt32_ld(value) == 2))
		return fdt32_ld(value);
	format(mend, sizeof(mend), "%s = <2>;", property);
	wrong_value(p, 0, "/", property, VALUE_DECIMAL, "<1> or <2>", mend);
	return 2;
}

/* Without it: what the CPUs need. */
static void check_mitigations(struct parser *p)
{
	static const char *const names[] = {"on", "off", NULL};

	p->config->mitigations_off = get_choice(p, 0, "/", "mitigations", names) == 1;
	if (p->config->mitigations_off)
		diag_warning(p->diag, "/", "mitigations",
			     "\"off\" is for measuring only: guests can reach EL2's secrets");
}

static void check_console(struct parser *p)
{
	static const char *const names[] = {"auto", "colours", "no-colours", "plain", NULL};
	static const enum console_style styles[] = {CONSOLE_AUTO, CONSOLE_COLOURS,
						    CONSOLE_NO_COLOURS, CONSOLE_PLAIN};
	int chosen = get_choice(p, 0, "/", "console", names);

	if (chosen >= 0)
		p->config->console = styles[chosen];
}

/* Returns false if this is some other tree, such as the machine's. */
static bool check_root(struct parser *p)
{
	static const char *const names[] = {"compatible",  "#address-cells", "#size-cells", "model",
					    "mitigations", "console",	     NULL};

	if (!is_string(p->blob, 0, "compatible", COMPATIBLE_SYSTEM)) {
		wrong_value(p, 0, "/", "compatible", VALUE_DECIMAL,
			    "\"" COMPATIBLE_SYSTEM "\": this is no system description",
			    "compatible = \"" COMPATIBLE_SYSTEM "\";");
		if (fdt_getprop(p->blob, 0, "compatible", NULL))
			return false;
	}
	(void)get_string(p, 0, "/", "model");
	check_property_names(p, 0, "/", names);
	p->address_cells = cells(p, "#address-cells");
	p->size_cells = cells(p, "#size-cells");
	check_mitigations(p);
	check_console(p);
	return true;
}

bool is_image_name(const void *value, int len)
{
	return (len == 1 && *(const char *)value == '\0') ||
	       (len <= MAX_FILE_NAME && value_is_text(value, len));
}

/* True for one cell that is the phandle of a node. */
static bool is_label(const struct parser *p, const void *data, int len)
{
	return len == 4 && fdt_node_offset_by_phandle(p->blob, fdt32_ld(data)) >= 0;
}

bool is_image_data(const struct parser *p, const void *data, int len)
{
	return data && len != 0 && !is_image_name(data, len) && !is_label(p, data, len);
}

/* The name of a file in the place of its bytes */
static void refuse_name(struct parser *p, const char *path, const char *data, int len)
{
	char shown[VALUE_SHOWN];
	bool whole = len > 1 && len < VALUE_TEXT && strlen(data) == (size_t)len - 1;

	value_show(shown, data, len, VALUE_HEX);
	diag_error(p->diag, path, "data",
		   "%s is text, not the bytes of an image: write data = /incbin/(\"%s\");", shown,
		   whole ? data : "file");
}

static void check_data(struct parser *p, int node, const char *path)
{
	int len = 0;
	const void *data = fdt_getprop(p->blob, node, "data", &len);

	if (is_image_data(p, data, len))
		return;
	if (!data)
		diag_error(p->diag, path, "data", "is missing: write data = /incbin/(\"file\");");
	else if (len == 0)
		diag_error(p->diag, path, "data",
			   "has no value, so the image is empty: write data = "
			   "/incbin/(\"file\");");
	else if (is_label(p, data, len))
		diag_error(
		    p->diag, path, "data",
		    "<&%.40s> is the label of a node, not the bytes of an image: write data = "
		    "/incbin/(\"file\");",
		    fdt_get_name(p->blob, fdt_node_offset_by_phandle(p->blob, fdt32_ld(data)),
				 NULL));
	else
		refuse_name(p, path, data, len);
}

static void check_images(struct parser *p)
{
	static const char *const none[] = {NULL}, *const names[] = {"data", "load", "entry",
								    "phandle", NULL};
	char path[SYSTEM_PATH_MAX];
	uint64_t address;
	int node;

	check_property_names(p, p->images, "/images", none);
	fdt_for_each_subnode(node, p->blob, p->images) {
		format(path, sizeof(path), "/images/%.60s", fdt_get_name(p->blob, node, NULL));
		check_property_names(p, node, path, names);
		check_data(p, node, path);
		if (fdt_getprop(p->blob, node, "entry", NULL) &&
		    !fdt_getprop(p->blob, node, "load", NULL))
			diag_error(p->diag, path, "entry",
				   "has no effect without load, which makes the image a raw one: "
				   "write load = <...>; too, or remove it");
		for (unsigned int i = 1; i <= 2; i++)
			if (fdt_getprop(p->blob, node, names[i], NULL))
				(void)get_address(p, node, path, names[i], &address);
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

static void refuse_node(struct parser *p, int node)
{
	static const char *const names[] = {"images", "schedule", NULL};
	const char *name = fdt_get_name(p->blob, node, NULL), *meant = check_similar(name, names);
	char path[SYSTEM_PATH_MAX];

	format(path, sizeof(path), "/%.60s", name);
	if (fdt_getprop(p->blob, node, "compatible", NULL))
		wrong_value(p, node, path, "compatible", VALUE_DECIMAL, "\"" COMPATIBLE_VM "\"",
			    "compatible = \"" COMPATIBLE_VM "\"; if the node is a VM");
	else if (meant)
		diag_error(p->diag, path, NULL, "unknown node: did you mean %s?", meant);
	else
		diag_error(p->diag, path, NULL,
			   "unknown node: remove it, or write compatible = \"" COMPATIBLE_VM
			   "\"; in "
			   "it if it is a VM");
}

static bool is_vm(struct parser *p, int node)
{
	return node != p->images && node != p->labels && node != p->schedule &&
	       is_string(p->blob, node, "compatible", COMPATIBLE_VM);
}

static void parse_nodes(struct parser *p)
{
	struct system_config *config = p->config;
	unsigned int count = 0, errors = p->diag->errors;
	int node;

	fdt_for_each_subnode(node, p->blob, 0) {
		if (is_vm(p, node))
			count++;
		else if (node != p->images && node != p->labels && node != p->schedule)
			refuse_node(p, node);
	}
	if (count == 0 && p->diag->errors == errors)
		diag_error(p->diag, "/", NULL,
			   "there is no VM: add a node with compatible = \"" COMPATIBLE_VM "\";");
	if (count > MAX_VMS) {
		diag_error(p->diag, "/", NULL, "there are %u VMs: %d are the most: remove some",
			   count, MAX_VMS);
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
	p.schedule = fdt_subnode_offset(blob, 0, "schedule");
	if (!check_root(&p))
		return -EINVAL;
	if (p.images >= 0)
		check_images(&p);
	parse_nodes(&p);
	parse_schedule(&p);
	check_total_memory(&p);
	check_devices(&p);
	if (p.err)
		return p.err;
	return diag->errors != 0 ? -EINVAL : 0;
}
