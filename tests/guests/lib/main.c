// SPDX-License-Identifier: BSD-2-Clause
/*
 * From start.S to the test.
 */
#include <stdint.h>

#include "arm64/sysreg.h"
#include "tests/guests/lib/guest.h"

void guest_start(uint64_t dtb, uint64_t base);
extern uint64_t image_pa;

/* Where the image was loaded. */
uint64_t image_pa;

/* On CPU 0 and its stack, with the MMU on: the tree, the console, then the test. */
void guest_start(uint64_t dtb, uint64_t base)
{
	image_pa = base;
	write_sysreg(tpidr_el1, (uintptr_t)&cpus[0]);
	machine_init((const void *)dtb);
	guest_main();
	check_done();
}
