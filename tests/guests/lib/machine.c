// SPDX-License-Identifier: BSD-2-Clause
/*
 * The machine's description, written once at boot.
 *
 * All addresses and sizes in these trees have two cells, cpu@'s reg one or
 * two. A node's compatible may stand after its reg, so there are two passes:
 * the first finds out which node is which.
 */
#include "tests/guests/lib/machine.h"

#include "lib/bits.h"
#include "lib/string.h"
#include "tests/guests/lib/fdt.h"

#define MAX_PATH 64

struct machine machine;

static char gic_path[MAX_PATH];
static char uart_path[MAX_PATH];
static char rtc_path[MAX_PATH];

static bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* True if the list of strings that the property is has `text`. */
static bool has_string(const struct fdt_property *property, const char *text)
{
	const char *s = (const char *)property->value;
	const char *end = s + property->size;

	for (; s < end; s += strlen(s) + 1) {
		if (strcmp(s, text) == 0)
			return true;
	}
	return false;
}

static void set_path(char *path, const char *value)
{
	if (strlen(value) < MAX_PATH)
		memcpy(path, value, strlen(value) + 1);
}

/* The first UART is the console; a SBSA one has all that is used of a PL011. */
static void find_nodes(const struct fdt_property *property, void *arg)
{
	(void)arg;
	if (strcmp(property->name, "compatible") != 0)
		return;
	if (has_string(property, "arm,gic-v3")) {
		machine.gic_version = 3;
		set_path(gic_path, property->path);
	} else if (has_string(property, "arm,cortex-a15-gic") ||
		   has_string(property, "arm,gic-400")) {
		machine.gic_version = 2;
		set_path(gic_path, property->path);
	} else if ((has_string(property, "arm,pl011") || has_string(property, "arm,sbsa-uart")) &&
		   uart_path[0] == '\0') {
		set_path(uart_path, property->path);
	} else if (has_string(property, "arm,pl031")) {
		set_path(rtc_path, property->path);
	}
}

/* Entry n of a reg property with two cells for each address and size. */
static struct range reg_entry(const struct fdt_property *property, unsigned int n)
{
	return (struct range){fdt_number(property, 4 * n, 2), fdt_number(property, 4 * n + 2, 2)};
}

static void read_reg(const struct fdt_property *property)
{
	unsigned int n = property->size / 16;

	if (starts_with(property->path, "/cpus/cpu@") && machine.nr_cpus < SMP_MAX_CPUS) {
		machine.mpidr[machine.nr_cpus++] = fdt_number(property, 0, property->size / 4);
	} else if (starts_with(property->path, "/memory")) {
		for (unsigned int i = 0; i < n && machine.nr_ram < MACHINE_MAX_RAM; i++)
			machine.ram[machine.nr_ram++] = reg_entry(property, i);
	} else if (strcmp(property->path, gic_path) == 0) {
		machine.gicd = reg_entry(property, 0);
		if (machine.gic_version == 3)
			machine.gicr = reg_entry(property, 1);
		else
			machine.gicc = reg_entry(property, 1);
	} else if (strcmp(property->path, uart_path) == 0) {
		machine.uart = reg_entry(property, 0).base;
	} else if (strcmp(property->path, rtc_path) == 0) {
		machine.rtc = reg_entry(property, 0).base;
	}
}

static void read_property(const struct fdt_property *property, void *arg)
{
	(void)arg;
	if (strcmp(property->name, "reg") == 0)
		read_reg(property);
	else if (strcmp(property->path, "/chosen") == 0 &&
		 strcmp(property->name, "bootargs") == 0 &&
		 property->size <= sizeof(machine.bootargs))
		memcpy(machine.bootargs, property->value, property->size);
	else if (strcmp(property->path, "/psci") == 0 && strcmp(property->name, "method") == 0)
		machine.psci_by_smc = has_string(property, "smc");
	else if (strcmp(property->path, rtc_path) == 0 && strcmp(property->name, "interrupts") == 0)
		machine.rtc_intid = (uint32_t)fdt_number(property, 1, 1) + 32;
}

/* dtc and its users differ in the direction: the machine's order is that of the MPIDRs. */
static void sort_cpus(void)
{
	for (unsigned int i = 1; i < machine.nr_cpus; i++) {
		for (unsigned int j = i; j > 0 && machine.mpidr[j - 1] > machine.mpidr[j]; j--) {
			uint64_t mpidr = machine.mpidr[j];

			machine.mpidr[j] = machine.mpidr[j - 1];
			machine.mpidr[j - 1] = mpidr;
		}
	}
}

void machine_init(const void *dtb)
{
	machine.dtb = (struct range){(uintptr_t)dtb, fdt_size(dtb)};
	if (machine.dtb.size == 0)
		return;
	fdt_walk(dtb, find_nodes, NULL);
	fdt_walk(dtb, read_property, NULL);
	sort_cpus();
	machine.native = machine_has("native");
}

/* What follows `name` where that begins a word of bootargs, or NULL. */
static const char *find_word(const char *name)
{
	const char *s = machine.bootargs;

	while (s != NULL && *s != '\0') {
		if (starts_with(s, name))
			return s + strlen(name);
		s = strchr(s, ' ');
		if (s != NULL)
			s++;
	}
	return NULL;
}

bool machine_has(const char *word)
{
	const char *rest = find_word(word);

	return rest != NULL && (*rest == ' ' || *rest == '\0');
}

unsigned long machine_number(const char *name, unsigned long otherwise)
{
	const char *rest = find_word(name);

	if (rest == NULL || *rest != '=')
		return otherwise;
	return strtoul(rest + 1, NULL, 0);
}

bool machine_is_ram(uint64_t address, uint64_t size)
{
	for (unsigned int i = 0; i < machine.nr_ram; i++) {
		if (range_overlaps(address, size, machine.ram[i].base, machine.ram[i].size))
			return true;
	}
	return false;
}
