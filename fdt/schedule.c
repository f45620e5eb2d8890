// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who has the CPUs when: the groups of /schedule, and the VMs' `priority` and
 * `budget`, parsed and checked. Times are in microseconds.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "lib/bits.h"
#include "lib/format.h"

#define MAX_WINDOWS 64
#define MAX_PRIORITY 255
/* A switch takes some microseconds, and has to be a small part of what it is for. */
#define SHORTEST 100u
/* The longest frame and period, an hour: anything longer is meant for something else. */
#define LONGEST 3600000000u

#define EXAMPLE "windows = <&vm_a 6000>, <&vm_b 4000>; in microseconds"

/* ---- A VM's share of its CPUs ---- */

static void parse_budget(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, "budget", &len);
	uint32_t budget, period;

	if (!value)
		return;
	if (len != 8 || value_is_text(value, len)) {
		wrong_value(p, node, vm->path, "budget", VALUE_DECIMAL,
			    "a budget and a period, in microseconds",
			    "budget = <2000 10000>; for a fifth");
		return;
	}
	budget = fdt32_ld(value);
	period = fdt32_ld(value + 1);
	if (budget < SHORTEST || budget > period || period > LONGEST) {
		diag_error(p->diag, vm->path, "budget",
			   "<%u %u> cannot be kept: write <budget period> with a budget of %u "
			   "us at least, and a period from that to %u",
			   budget, period, SHORTEST, LONGEST);
		return;
	}
	vm->budget = budget;
	vm->period = period;
}

void parse_share(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const fdt32_t *priority = fdt_getprop(p->blob, node, "priority", &len);

	vm->has_share = priority || fdt_getprop(p->blob, node, "budget", NULL);
	if (priority && len == 4 && fdt32_ld(priority) <= MAX_PRIORITY)
		vm->priority = fdt32_ld(priority);
	else if (priority)
		wrong_value(p, node, vm->path, "priority", VALUE_DECIMAL,
			    "a number from 0, the last one, to 255",
			    "priority = <1>; to come before those that say nothing");
	parse_budget(p, node, vm);
}

/* ---- A group of CPUs ---- */

static bool has_cpu(const unsigned int *cpus, unsigned int nr, unsigned int cpu)
{
	for (unsigned int i = 0; i < nr; i++)
		if (cpus[i] == cpu)
			return true;
	return false;
}

static bool vm_has_cpu(const struct vm_config *vm, unsigned int cpu)
{
	return has_cpu(vm->cpus, vm->nr_cpus, cpu);
}

/* Groups that are not parsed yet have no CPUs. Returns false after reporting. */
static bool check_group_cpu(struct parser *p, const struct schedule_config *group, unsigned int cpu)
{
	struct system_config *config = p->config;
	unsigned int errors = p->diag->errors;
	bool wanted = false;

	if (cpu >= p->host->nr_cpus) {
		diag_error(p->diag, group->path, "cpus",
			   "CPU %d does not exist: this machine has CPUs 0 to %u", (int)cpu,
			   p->host->nr_cpus - 1);
		return false;
	}
	if (has_cpu(group->cpus, group->nr_cpus, cpu))
		diag_error(p->diag, group->path, "cpus", "CPU %u is there twice: remove one", cpu);
	for (unsigned int i = 0; i < config->nr_schedules; i++)
		if (has_cpu(config->schedules[i].cpus, config->schedules[i].nr_cpus, cpu) &&
		    &config->schedules[i] != group)
			diag_error(p->diag, group->path, "cpus",
				   "CPU %u is in %s already: remove it, a CPU has one policy", cpu,
				   config->schedules[i].path);
	for (unsigned int i = 0; i < config->nr_vms; i++)
		wanted |= vm_has_cpu(&config->vms[i], cpu);
	if (!wanted)
		diag_error(p->diag, group->path, "cpus",
			   "CPU %u is no VM's: remove it, or name it in the cpus of a VM", cpu);
	return p->diag->errors == errors;
}

static void parse_group_cpus(struct parser *p, int node, struct schedule_config *group)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, "cpus", &len);
	unsigned int n = value ? (unsigned int)len / 4 : 0;

	if (n == 0 || len % 4 != 0 || value_is_text(value, len) || n > p->host->nr_cpus) {
		wrong_value(p, node, group->path, "cpus", VALUE_DECIMAL,
			    "a list of this machine's CPUs", "cpus = <2 3>;");
		return;
	}
	group->cpus = parser_alloc(p, n, sizeof(*group->cpus));
	for (unsigned int i = 0; group->cpus && i < n; i++)
		if (check_group_cpu(p, group, fdt32_ld(value + i)))
			group->cpus[group->nr_cpus++] = fdt32_ld(value + i);
}

/* ---- Windows ---- */

/* The VM with this phandle, which has to be on all CPUs of the group; NULL after reporting. */
static const struct vm_config *find_vm(struct parser *p, const struct schedule_config *group,
				       const char *property, uint32_t phandle)
{
	int node = fdt_node_offset_by_phandle(p->blob, phandle);
	const struct vm_config *vm = NULL;
	char shown[48];

	for (unsigned int i = 0; i < p->config->nr_vms; i++)
		if (node >= 0 && p->config->vms[i].node == node)
			vm = &p->config->vms[i];
	if (!vm) {
		if (node >= 0)
			format(shown, sizeof(shown), "%.40s", fdt_get_name(p->blob, node, NULL));
		else
			format(shown, sizeof(shown), "<%u>", phandle);
		diag_error(p->diag, group->path, property,
			   "%s is no VM: give the VM's node a label, and write <&label ...>",
			   shown);
		return NULL;
	}
	for (unsigned int i = 0; i < group->nr_cpus; i++)
		if (!vm_has_cpu(vm, group->cpus[i]))
			diag_error(p->diag, group->path, property,
				   "%s has no vCPU on CPU %u: name the CPU in its cpus, or make a "
				   "group without it",
				   vm->name, group->cpus[i]);
	return vm;
}

static void parse_windows(struct parser *p, int node, struct schedule_config *group)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, "windows", &len);
	unsigned int n = value ? (unsigned int)len / 8 : 0, errors = p->diag->errors;

	if (n == 0 || len % 8 != 0 || value_is_text(value, len)) {
		wrong_value(p, node, group->path, "windows", VALUE_DECIMAL,
			    "pairs of a VM and its time", EXAMPLE);
		return;
	}
	if (n > MAX_WINDOWS) {
		diag_error(p->diag, group->path, "windows",
			   "there are %u windows: %d are the most: make the frame shorter", n,
			   MAX_WINDOWS);
		return;
	}
	group->windows = parser_alloc(p, n, sizeof(*group->windows));
	for (unsigned int i = 0; group->windows && p->diag->errors == errors && i < n; i++) {
		struct schedule_window *window = &group->windows[i];
		uint32_t phandle = fdt32_ld(value + 2 * (size_t)i);

		window->length = fdt32_ld(value + 2 * (size_t)i + 1);
		if (phandle != 0)
			window->vm = find_vm(p, group, "windows", phandle);
		if (window->length < SHORTEST && p->diag->errors == errors)
			diag_error(p->diag, group->path, "windows",
				   "window %u is %u us long: make it %u at least, a switch takes "
				   "some of it",
				   i, window->length, SHORTEST);
		group->used += window->length;
	}
	if (p->diag->errors == errors && group->used > LONGEST)
		diag_error(p->diag, group->path, "windows",
			   "%llu us in all are too many: make them %u, an hour, at most",
			   (unsigned long long)group->used, LONGEST);
	if (p->diag->errors == errors)
		group->nr_windows = n;
}

static void parse_frame(struct parser *p, int node, struct schedule_config *group)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, "frame", &len);

	group->frame = group->used;
	if (!value)
		return;
	if (len != 4 || value_is_text(value, len)) {
		wrong_value(p, node, group->path, "frame", VALUE_DECIMAL,
			    "a number of microseconds", "frame = <10000>;");
		return;
	}
	group->frame = fdt32_ld(value);
	if (group->frame < group->used)
		diag_error(
		    p->diag, group->path, "frame",
		    "<%u> is less than the windows, which are %llu us together: make it that "
		    "at least, or the windows shorter",
		    fdt32_ld(value), (unsigned long long)group->used);
	else if (group->frame > LONGEST)
		diag_error(p->diag, group->path, "frame",
			   "<%u> us are too many: make them %u, an hour, at most", fdt32_ld(value),
			   LONGEST);
}

static void parse_slack(struct parser *p, int node, struct schedule_config *group)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, "slack", &len);

	if (value && len == 4 && !value_is_text(value, len))
		group->slack = find_vm(p, group, "slack", fdt32_ld(value));
	else if (value)
		wrong_value(p, node, group->path, "slack", VALUE_DECIMAL, "a VM",
			    "slack = <&vm_a>;");
}

/* Every VM on the CPUs gets to run, and by its windows alone. */
static void check_partition(struct parser *p, const struct schedule_config *group)
{
	for (unsigned int i = 0; i < p->config->nr_vms; i++) {
		const struct vm_config *vm = &p->config->vms[i];
		bool runs = group->slack && vm == group->slack;
		unsigned int n = 0;

		while (n < group->nr_cpus && !vm_has_cpu(vm, group->cpus[n]))
			n++;
		if (n == group->nr_cpus)
			continue;
		for (unsigned int w = 0; w < group->nr_windows; w++)
			runs |= vm == group->windows[w].vm;
		if (!runs)
			diag_error(p->diag, group->path, "windows",
				   "%s is on CPU %u and has no window: it would never run: give it "
				   "one, or the slack",
				   vm->name, group->cpus[n]);
		if (vm->has_share)
			diag_error(
			    p->diag, vm->path, NULL,
			    "priority and budget mean nothing on CPU %u, which %s divides by "
			    "windows: remove them, or the CPU",
			    group->cpus[n], group->path);
	}
}

static void parse_partition(struct parser *p, int node, struct schedule_config *group)
{
	group->partition = true;
	parse_windows(p, node, group);
	parse_frame(p, node, group);
	parse_slack(p, node, group);
	if (group->nr_windows != 0)
		check_partition(p, group);
}

/* ---- All of it ---- */

static void parse_group(struct parser *p, int node, struct schedule_config *group)
{
	static const char *const names[] = {"cpus", "policy", "windows", "frame", "slack", NULL},
				 *const policies[] = {"time-partition", "priority", NULL};
	int policy;

	format(group->path, sizeof(group->path), "/schedule/%.60s",
	       fdt_get_name(p->blob, node, NULL));
	check_property_names(p, node, group->path, names);
	if (fdt_first_subnode(p->blob, node) >= 0)
		diag_error(p->diag, group->path, NULL,
			   "a group of CPUs has no nodes in it: remove them");
	parse_group_cpus(p, node, group);
	policy = get_choice(p, node, group->path, "policy", policies);
	if (!fdt_getprop(p->blob, node, "policy", NULL))
		wrong_value(p, node, group->path, "policy", VALUE_DECIMAL, "a policy",
			    "policy = \"time-partition\"; or \"priority\"");
	if (policy == 0)
		parse_partition(p, node, group);
	for (unsigned int i = 2; policy == 1 && names[i]; i++)
		if (fdt_getprop(p->blob, node, names[i], NULL))
			diag_error(p->diag, group->path, names[i],
				   "belongs to the policy \"time-partition\", and this is "
				   "\"priority\": remove one of them");
}

/* What a CPU's VMs were promised together, in millionths; only of those CPUs that have no frame. */
static void check_load(struct parser *p, unsigned int cpu)
{
	uint64_t load = 0;

	for (unsigned int i = 0; i < p->config->nr_schedules; i++)
		if (p->config->schedules[i].partition &&
		    has_cpu(p->config->schedules[i].cpus, p->config->schedules[i].nr_cpus, cpu))
			return;
	for (unsigned int i = 0; i < p->config->nr_vms; i++) {
		const struct vm_config *vm = &p->config->vms[i];

		if (vm->budget != 0 && vm_has_cpu(vm, cpu))
			load += (uint64_t)vm->budget * 1000000 / vm->period;
	}
	if (load > 1000000)
		diag_error(
		    p->diag, "/", "budget",
		    "CPU %u is over-committed: its VMs' budgets are %u.%02u %% of it together: "
		    "make them smaller, or their periods longer",
		    cpu, (unsigned int)(load / 10000), (unsigned int)(load / 100 % 100));
}

void parse_schedule(struct parser *p)
{
	static const char *const none[] = {NULL};
	struct system_config *config = p->config;
	unsigned int count = 0;
	int node;

	if (p->schedule >= 0) {
		check_property_names(p, p->schedule, "/schedule", none);
		fdt_for_each_subnode(node, p->blob, p->schedule) {
			count++;
		}
		config->schedules = parser_alloc(p, count, sizeof(*config->schedules));
		if (!config->schedules)
			return;
		fdt_for_each_subnode(node, p->blob, p->schedule) {
			parse_group(p, node, &config->schedules[config->nr_schedules++]);
		}
	}
	for (unsigned int cpu = 0; cpu < p->host->nr_cpus; cpu++)
		check_load(p, cpu);
}
