/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's breakpoints and watchpoints: fewer than the CPU's, and live in the
 * hardware while the vCPU is loaded.
 */
#pragma once

#include "lib/types.h"

struct vcpu_context;

/*
 * Puts the calling CPU's debug registers, which no reset defines, into the state that guests
 * expect: all off, the OS lock open. Each CPU, once, before its first guest.
 */
void vcpu_debug_init_cpu(void);

/* The world switch's part: DBG[BW][VC]R<n>_EL1 of the loaded vCPU. */
void vcpu_debug_save(struct vcpu_context *context);
void vcpu_debug_load(const struct vcpu_context *context);

/*
 * DBG[BW][VC]R<n>_EL1 as the loaded guest reads and writes them, n below VCPU_NR_BREAKPOINTS or
 * VCPU_NR_WATCHPOINTS.
 */
uint64_t vcpu_debug_read_bvr(unsigned int n);
uint64_t vcpu_debug_read_bcr(unsigned int n);
uint64_t vcpu_debug_read_wvr(unsigned int n);
uint64_t vcpu_debug_read_wcr(unsigned int n);
void vcpu_debug_write_bvr(unsigned int n, uint64_t value);
void vcpu_debug_write_bcr(unsigned int n, uint64_t value);
void vcpu_debug_write_wvr(unsigned int n, uint64_t value);
void vcpu_debug_write_wcr(unsigned int n, uint64_t value);
