/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world switch: everything of a guest's CPU that lives in the hardware
 * while its vCPU is loaded, moved to memory and back. On the home CPU only.
 */
#pragma once

struct pcpu;
struct vcpu;

/*
 * Sets the control registers that are the same for every vCPU, and the vectors. Each CPU, once,
 * after firmware_init_cpu().
 */
void vcpu_init_cpu(void);

/* Makes `next` the loaded vCPU; whoever was loaded is saved first. */
void vcpu_switch(struct pcpu *cpu, struct vcpu *next);

/* Saves the loaded vCPU, if any, and leaves none: nothing of a guest is in the hardware. */
void vcpu_unload(struct pcpu *cpu);

/* A guest used FP registers that are not its own yet: exchanges them. */
void vcpu_fp_switch(struct vcpu *vcpu);
