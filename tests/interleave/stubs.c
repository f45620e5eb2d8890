// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the code under test asks of the rest of the hypervisor. See machine.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arm64/sysreg.h"
#include "console/console.h"
#include "core/firmware.h"
#include "core/panic.h"
#include "lib/assert.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "mm/el2_map.h"
#include "mm/stage2.h"
#include "mm/window.h"
#include "tests/interleave/machine_state.h"
#include "vcpu/exit.h"
#include "vcpu/idregs.h"
#include "vcpu/inject.h"
#include "vcpu/serror.h"
#include "vcpu/stage2_fault.h"
#include "vcpu/switch.h"
#include "vcpu/sysreg_trap.h"
#include "vcpu/trap_config.h"

/* ---- The world switch: in the order of vcpu/switch.c ---- */

void vcpu_init_cpu(void)
{
}

void vcpu_unload(struct pcpu *cpu)
{
	struct vcpu *vcpu = cpu->current;

	if (!vcpu)
		return;
	explore_point("unloads", vcpu->id);
	vcpu->context.pc = read_sysreg(elr_el2);
	vgic_save(&vcpu->vgic);
	vcpu_timers_save(vcpu);
	cpu->current = NULL;
}

void vcpu_switch(struct pcpu *cpu, struct vcpu *next)
{
	vcpu_unload(cpu);
	explore_point("loads", next->id);
	write_sysreg(elr_el2, next->context.pc);
	write_sysreg(hcr_el2, next->context.hcr);
	vcpu_timers_load(next);
	vgic_load(&next->vgic);
	cpu->current = next;
}

void vcpu_fp_switch(struct vcpu *vcpu)
{
	vcpu->home->fp_owner = vcpu;
}

uint64_t vcpu_hcr(void)
{
	return 0;
}

/* ---- Loading ---- */

void load_restart(struct vm *vm)
{
	machine_guests[vm - vms].loaded = 0;
}

bool load_step(struct vm *vm, unsigned int cpu)
{
	(void)cpu;
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpus[i].home->current == &vm->vcpus[i])
			explore_fail("%s is loaded while vCPU %u is on its CPU", vm->config->name,
				     i);
	return ++machine_guests[vm - vms].loaded == MACHINE_LOAD_STEPS;
}

/* ---- What else is asked for ---- */

static const char *text_of(const char *fmt, va_list args)
{
	static char text[256];

	vsnprintf(text, sizeof(text), fmt, args);
	explore_note("says: %s", text);
	return text;
}

void log_info(const char *fmt, ...)
{
	va_list args;
	const char *text;

	va_start(args, fmt);
	text = text_of(fmt, args);
	va_end(args);
	for (unsigned int i = 0; i < machine->nr_vms; i++) {
		if (strncmp(text, machine_vm_names[i], 3) != 0)
			continue;
		if (strstr(text, "powered off"))
			machine_guests[i].ended |= MACHINE_OFF;
		if (strstr(text, "stopped"))
			machine_guests[i].ended |= MACHINE_CRASHED;
	}
}

void log_error(const char *fmt, ...)
{
	va_list args;
	const char *text;

	va_start(args, fmt);
	text = text_of(fmt, args);
	va_end(args);
	for (unsigned int i = 0; i < machine->nr_vms; i++)
		if (strncmp(text, machine_vm_names[i], 3) == 0 && ++machine_guests[i].reports > 1)
			explore_fail("%s reports twice in one life", machine_vm_names[i]);
}

void log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_of(fmt, args);
	va_end(args);
}

void assert_failed(const char *file, int line, const char *condition)
{
	explore_fail("%s:%d: assertion failed: %s", file, line, condition);
}

void panic(const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	explore_fail("panic: %s", text);
}

void panic_halt(void)
{
	explore_fail("CPU %u was halted", explore_self());
}

void log_drain(void)
{
}

void console_poll(void)
{
}

void console_start_vm(struct console_port *port)
{
	(void)port;
}

void console_stop_vm(struct console_port *port)
{
	(void)port;
}

/* The end: all VMs, each as it should. */
void firmware_system_off(void)
{
	for (unsigned int i = 0; i < machine->nr_vms; i++) {
		unsigned int ended = machine_guests[i].ended, ends = machine->vms[i].ends;

		if (vms[i].state != VM_STOPPED)
			explore_fail("power-off while %s is in state %u", machine_vm_names[i],
				     (unsigned int)vms[i].state);
		if (__builtin_popcount(ended) != 1 || (ended & ~ends))
			explore_fail("%s ended in ways %u, not in one of %u", machine_vm_names[i],
				     ended, ends);
		if (machine_guests[i].lives < machine->vms[i].lives)
			explore_fail("%s had %u lives, not %u", machine_vm_names[i],
				     machine_guests[i].lives, machine->vms[i].lives);
	}
	explore_done();
}

int firmware_cpu_on(uint64_t mpidr, pa_t entry, uint64_t context)
{
	(void)entry;
	(void)context;
	explore_point("firmware starts CPU", mpidr);
	machine_cpus[mpidr].started = true;
	return 0;
}

void firmware_init_cpu(struct cpu *cpu)
{
	(void)cpu;
}

int32_t firmware_workaround(uint32_t function)
{
	(void)function;
	return -1;
}

void firmware_call_workaround(uint32_t function)
{
	(void)function;
}

void *el2_map_stack(unsigned int cpu)
{
	return &machine_cpus[cpu];
}

void phys_write(unsigned int cpu, pa_t dst, const void *src, uint64_t n)
{
	(void)cpu;
	(void)dst;
	(void)src;
	(void)n;
}

void idregs_merge(void)
{
}

bool stage2_lookup(const struct stage2 *s2, ipa_t addr, pa_t *base, uint64_t *contiguous,
		   bool *device)
{
	(void)s2;
	(void)contiguous;
	*base = pa(addr.v);
	*device = false;
	return true;
}

/* No SError is pending. */
bool serror_sync(struct pcpu *cpu, struct vcpu *owner)
{
	(void)cpu;
	(void)owner;
	return false;
}

void inject_skip_instruction(uint64_t esr)
{
	(void)esr;
	write_sysreg(elr_el2, read_sysreg(elr_el2) + 4);
}

/* ---- What no program of the tests leads to ---- */

/* clang-format off */
#define UNUSED __attribute__((unused))
#define NOT_REACHED(result, name, ...)                                                             \
	result name(__VA_ARGS__)                                                                   \
	{                                                                                          \
		explore_fail("unexpected: " #name);                                                \
	}

NOT_REACHED(struct exit_result, stage2_fault_fast, struct vcpu *vcpu UNUSED, uint64_t esr UNUSED)
NOT_REACHED(struct exit_result, vcpu_sysreg_fast, struct vcpu *vcpu UNUSED, uint64_t esr UNUSED)
NOT_REACHED(bool, firmware_has_system_off, void)
NOT_REACHED(void, inject_serror, void)
NOT_REACHED(void, inject_undef, struct vcpu *vcpu UNUSED)
NOT_REACHED(void, stage2_fetch_abort, struct vcpu *vcpu UNUSED)
NOT_REACHED(void, stage2_data_abort, struct vcpu *vcpu UNUSED, uint64_t esr UNUSED)
NOT_REACHED(void, vcpu_sysreg, struct vcpu *vcpu UNUSED, uint64_t esr UNUSED)
NOT_REACHED(void, vcpu_coprocessor, struct vcpu *vcpu UNUSED, uint64_t esr UNUSED)
/* clang-format on */
