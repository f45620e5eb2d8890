// SPDX-License-Identifier: BSD-2-Clause
/*
 * Says hello, says what machine it is on, and powers off.
 */
#include "tests/guests/lib/guest.h"

void guest_main(void)
{
	uint64_t memory = 0;

	for (unsigned int i = 0; i < machine.nr_ram; i++)
		memory += machine.ram[i].size;
	print("Hello from a guest with %u CPU%s, %llu MiB of memory and a GICv%u.\n",
	      machine.nr_cpus, machine.nr_cpus == 1 ? "" : "s", (unsigned long long)(memory >> 20),
	      machine.gic_version);
	check(machine.nr_cpus >= 1 && memory != 0 && machine.gic_version != 0,
	      "the device tree describes the machine");
}
