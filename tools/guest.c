// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tree of a guest as source. dtc could write it, but without references: what
 * names other nodes would be numbers, of which dtc complains when it reads them.
 */
#include <ctype.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/diag.h"
#include "fdt/guest.h"
#include "fdt/refs.h"
#include "fdt/reg.h"
#include "lib/bits.h"
#include "tools/tool.h"

#define MAX_LABEL 48

/* ---- Labels ---- */

/* A node's name without its address, of letters, digits and '_' */
static void base_label(const void *dtb, int node, char label[MAX_LABEL])
{
	const char *name = fdt_get_name(dtb, node, NULL);
	size_t n = 0;

	if (!isalpha((unsigned char)*name))
		label[n++] = 'n';
	for (; *name && *name != '@' && n < MAX_LABEL - 12; name++)
		label[n++] = isalnum((unsigned char)*name) ? *name : '_';
	label[n] = '\0';
}

/* With a number, if an earlier node has the same. False if the node is not referred to. */
static bool get_label(const void *dtb, int node, char label[MAX_LABEL])
{
	char other[MAX_LABEL], own[MAX_LABEL];
	unsigned int same = 0;

	if (fdt_get_phandle(dtb, node) == 0)
		return false;
	base_label(dtb, node, own);
	for (int before = 0; before >= 0 && before < node;
	     before = fdt_next_node(dtb, before, NULL)) {
		if (fdt_get_phandle(dtb, before) == 0)
			continue;
		base_label(dtb, before, other);
		same += strcmp(own, other) == 0;
	}
	if (same == 0)
		snprintf(label, MAX_LABEL, "%s", own);
	else
		snprintf(label, MAX_LABEL, "%.36s__%u", own, same + 1);
	return true;
}

/* ---- Properties ---- */

/* Strings that can be printed, none of them empty, the last one ended. */
static bool is_strings(const char *value, int len)
{
	bool empty = true;

	if (len == 0 || value[len - 1] != '\0')
		return false;
	for (int i = 0; i < len; i++) {
		if (value[i] == '\0' && empty)
			return false;
		if (value[i] != '\0' && !isprint((unsigned char)value[i]))
			return false;
		empty = value[i] == '\0';
	}
	return true;
}

static void print_strings(const char *value, int len)
{
	for (const char *at = value; at < value + len; at += strlen(at) + 1) {
		printf("%s\"", at == value ? "" : ", ");
		for (const char *c = at; *c; c++)
			printf(*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
		printf("\"");
	}
}

static void print_cells(const fdt32_t *cells, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		printf("%s0x%x", i ? " " : "", fdt32_ld(cells + i));
}

/* Entries that name other nodes, as references; the others as numbers. */
static void print_references(const void *dtb, const struct ref *ref, const fdt32_t *cells,
			     unsigned int left)
{
	unsigned int used = 0;
	char label[MAX_LABEL];
	int provider = 0;

	while (ref_next(dtb, ref, cells, left, &provider, &used)) {
		printf("<");
		if (provider > 0 && get_label(dtb, provider, label))
			printf("&%s", label);
		else
			print_cells(cells, 1);
		if (used > 1)
			printf(" ");
		print_cells(cells + 1, used - 1);
		cells += used;
		left -= used;
		printf(left ? ">, " : ">");
	}
	if (left != 0) {
		printf("<");
		print_cells(cells, left);
		printf(">");
	}
}

static void print_value(const void *dtb, const char *name, const char *value, int len)
{
	struct ref ref;

	ref_of(name, &ref);
	if (strcmp(name, "interrupt-parent") == 0)
		ref = (struct ref){.kind = REF_OTHER};
	if (strcmp(name, "interrupts-extended") == 0)
		ref = (struct ref){.kind = REF_OTHER, .cells = "#interrupt-cells"};
	if (ref.kind != REF_NONE && len % 4 == 0) {
		print_references(dtb, &ref, (const fdt32_t *)(const void *)value,
				 (unsigned int)len / 4);
	} else if (is_strings(value, len)) {
		print_strings(value, len);
	} else if (len % 4 == 0) {
		printf("<");
		print_cells((const fdt32_t *)(const void *)value, (unsigned int)len / 4);
		printf(">");
	} else {
		printf("[");
		for (int i = 0; i < len; i++)
			printf("%s%02x", i ? " " : "", (unsigned char)value[i]);
		printf("]");
	}
}

/* Prints a name without characters that dtc does not take, or that would control a terminal. */
static void print_name(const char *name)
{
	static const char marks[] = ",._+*#?@-";

	if (!*name)
		printf("?");
	for (; *name; name++)
		printf("%c", isalnum((unsigned char)*name) || strchr(marks, *name) ? *name : '?');
}

static void indent(int depth)
{
	for (int i = 0; i < depth; i++)
		printf("\t");
}

/* The node's first line, and its properties. */
static void print_node(const void *dtb, int node, int depth)
{
	const char *name, *value;
	char label[MAX_LABEL];
	int property, len;

	printf("\n");
	indent(depth);
	if (get_label(dtb, node, label))
		printf("%s: ", label);
	name = fdt_get_name(dtb, node, NULL);
	if (depth == 0)
		printf("/");
	else
		print_name(name);
	printf(" {\n");
	fdt_for_each_property_offset(property, dtb, node) {
		value = fdt_getprop_by_offset(dtb, property, &name, &len);
		if (!value)
			continue;
		indent(depth + 1);
		print_name(name);
		if (len != 0) {
			printf(" = ");
			print_value(dtb, name, value, len);
		}
		printf(";\n");
	}
}

static void print_tree(const void *dtb)
{
	uint64_t base, size;
	int depth = 0, last = -1;

	printf("/dts-v1/;\n");
	for (int i = 0; i < fdt_num_mem_rsv(dtb); i++)
		if (fdt_get_mem_rsv(dtb, i, &base, &size) == 0)
			printf("/memreserve/ 0x%llx 0x%llx;\n", (unsigned long long)base,
			       (unsigned long long)size);
	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(dtb, node, &depth)) {
		for (; last >= depth; last--) {
			indent(last);
			printf("};\n");
		}
		print_node(dtb, node, depth);
		last = depth;
	}
	for (; last >= 0; last--) {
		indent(last);
		printf("};\n");
	}
}

/* ---- The command ---- */

static const struct vm_config *find_vm(const struct tool_options *options,
				       const struct tool_system *system)
{
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		if (strcmp(system->config.vms[v].name, options->vm) == 0)
			return &system->config.vms[v];
	fprintf(stderr, "bulkhead: there is no VM %s in %s: it has", options->vm, options->file);
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		fprintf(stderr, "%s %s", v ? "," : "", system->config.vms[v].name);
	fprintf(stderr, "\n");
	return NULL;
}

static bool print_tree_of(const struct vm_config *vm, const struct host *host)
{
	size_t room = MAX(MIB(2), vm->dtb.size);
	void *tree = malloc(room);
	int size = tree ? guest_dtb_write(vm, host, tree, room, NULL) : -1;
	/* the user's own is not checked in whole before */
	bool ok = size >= 0 && reg_check_tree(tree, (uint64_t)size) == 0;

	if (ok)
		print_tree(tree);
	else
		fprintf(stderr, "bulkhead: the tree of %s is too large, or damaged\n", vm->name);
	free(tree);
	return ok;
}

int tool_guest_dts(const struct tool_options *options)
{
	struct tool_system system;
	const struct vm_config *vm;
	bool ok;

	if (!tool_load_sound(options, &system))
		return TOOL_FAILED;
	vm = find_vm(options, &system);
	ok = vm && print_tree_of(vm, &system.host);
	tool_unload(&system);
	return ok ? TOOL_OK : TOOL_FAILED;
}
