// SPDX-License-Identifier: BSD-2-Clause
/*
 * See power.h. Any CPU, at boot and later; the others are idle, or were never started.
 */
#include "core/power.h"

#include "arm64/barrier.h"
#include "core/firmware.h"
#include "lib/log.h"

/* A CPU that has been halted stays here: a symbol for debuggers and tests. */
static _Noreturn __attribute__((noinline)) void power_halted(void)
{
	for (;;)
		wfe();
}

void power_halt(const char *why)
{
	log_info("%s: halted", why);
	log_drain();
	power_halted();
}

void power_off(void)
{
	log_drain();
	firmware_system_off();
	power_halt(firmware_has_system_off() ? "the firmware does not power off"
					     : "there is no PSCI to power off by");
}
