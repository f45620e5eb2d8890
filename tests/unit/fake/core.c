// SPDX-License-Identifier: BSD-2-Clause
/*
 * Weak stand-ins for what core and vcpu give to the folders below them, for tests that
 * link code which mentions them and never get there.
 */
#include <stdlib.h>

#include "drivers/gic.h"
#include "vcpu/crash.h"
#include "vcpu/exit.h"
#include "vcpu/forward.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

__attribute__((weak)) const struct gic *gic;

__attribute__((weak)) uint32_t forward_vtimer(void)
{
	abort();
}

__attribute__((weak)) struct exit_result exit_attend(struct vcpu *vcpu)
{
	(void)vcpu;
	return EXIT_RESCHEDULE;
}

__attribute__((weak)) void vm_crash(struct vcpu *vcpu, const char *fmt, ...)
{
	(void)vcpu;
	(void)fmt;
	abort();
}
