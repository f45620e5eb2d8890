/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/sysreg.h for the build machine: system registers are the entries of a
 * table, by name (upper and lower case are the same), 0 until written. There
 * is one table: the test is one CPU. The names that the real header defines
 * by encoding stay names here. Names are kept by reference: string literals.
 */
#pragma once

#include <stdint.h>

#define SYSREG_STR(name) SYSREG_STR_(name)
#define SYSREG_STR_(name) #name

#define read_sysreg(name) fake_sysreg_get(SYSREG_STR(name))
#define write_sysreg(name, value) fake_sysreg_set(SYSREG_STR(name), (uint64_t)(value))

uint64_t fake_sysreg_get(const char *name);
void fake_sysreg_set(const char *name, uint64_t value);
/* Writes since the last reset, to check that something was not touched. */
unsigned int fake_sysreg_writes(const char *name);
/* Sets all registers and counts to 0. */
void fake_sysreg_reset(void);
