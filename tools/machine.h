/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine of QEMU that a description needs.
 */
#pragma once

#include "tools/tool.h"

/* What QEMU is started with; the texts are options of QEMU. */
struct machine {
	char board[80], cpu[64], cpus[16], memory[32];
};

/*
 * What the description says, unless the options say something else. Reports VMs' own trees that are
 * for another machine.
 */
void machine_choose(const struct tool_options *options, const struct tool_system *system,
		    struct machine *machine);

/* The virtio slots that VMs have: bit n is slot n of QEMU's virt. */
uint32_t machine_slots(const struct tool_system *system);
