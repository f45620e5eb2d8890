/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world switch: moves the registers that a guest has in the hardware while
 * its vCPU is loaded to memory, and back. On the home CPU only.
 */
#pragma once

struct pcpu;
struct vcpu;

/*
 * Sets the control registers that are the same for every vCPU, and the vectors. Each CPU, once,
 * after firmware_init_cpu().
 */
void vcpu_init_cpu(void);

/* Makes `next` the loaded vCPU; the one that was loaded, if any, is saved first. */
void vcpu_switch(struct pcpu *cpu, struct vcpu *next);

/* Saves the loaded vCPU, if any, and leaves none: nothing of a guest is in the hardware. */
void vcpu_unload(struct pcpu *cpu);

/* The loaded guest uses FP registers, and another's are in the hardware: exchanges them. */
void vcpu_fp_switch(struct vcpu *vcpu);
