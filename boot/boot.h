/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps of boot, as start.S, tables.c and main.c share them.
 */
#pragma once

#include "core/image.h"
#include "lib/types.h"

#define BOOT_STACK_SIZE 8192

extern uint64_t boot_l0[];
extern uint8_t boot_stack[];

/* start.S: where secondary CPUs enter, with their MMU off. */
void secondary_entry(void);

/*
 * Makes the first tables of an image loaded at `load`, a page boundary at least; runs with
 * the MMU off. wrong: as for boot_refuse(); 0: there is a pool too.
 */
void boot_map(uintptr_t load, unsigned int wrong);

/* The boot CPU, at EL2, MMU on, at the link address: dtb and load are physical. */
_Noreturn void boot_main(uintptr_t dtb, uintptr_t load);

/*
 * The same after an entry that is wrong, WRONG_* (wrong.h): says how, and stops.
 * `loaded_at`: where the image was before it was moved to a page boundary, `load`.
 */
_Noreturn void boot_refuse(uintptr_t dtb, uintptr_t load, unsigned int wrong, uintptr_t loaded_at);

/* Says why no guest is started, and powers off if that can be. */
_Noreturn void boot_stop(const char *why);

/* Goes on in next() on another stack. */
_Noreturn void boot_on_stack(uintptr_t top, void (*next)(void));
