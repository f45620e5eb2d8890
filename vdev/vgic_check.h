/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the rules of vgic_state.h hold: for tests, and for debug builds,
 * which look whenever a vCPU leaves vgic_flush(), vgic_save() and vgic_load().
 */
#pragma once

#include "vdev/vgic_state.h"

#define VGIC_NO_INTID UINT32_MAX

/* A broken rule, and where. */
struct vgic_fault {
	enum vgic_rule rule;
	unsigned int cpu; /* the vCPU, or the interrupt's owner */
	uint32_t intid;	  /* the interrupt; VGIC_NO_INTID if the rule is about a vCPU */
};

/*
 * Looks at a vCPU and at all interrupts that it owns and that something has happened to, with its
 * lock held; not at the rules that hold AT_REST only. Returns true if all is well; else `fault` has
 * the first rule that is broken.
 */
bool vgic_check_cpu(struct vgic_cpu *cpu, struct vgic_fault *fault);

/* Looks at all of a VM, AT_REST: no vCPU is inside the vGIC, and no lock is held. */
bool vgic_check(struct vgic *vgic, struct vgic_fault *fault);

/* What the rule says: its text in VGIC_RULES. */
const char *vgic_rule_text(enum vgic_rule rule);

/* In debug builds: panics if a rule is broken, with its text and the interrupt. Lock held. */
#ifdef BULKHEAD_DEBUG
void vgic_assert_rules(struct vgic_cpu *cpu);
#else
static inline void vgic_assert_rules(struct vgic_cpu *cpu)
{
	(void)cpu;
}
#endif
