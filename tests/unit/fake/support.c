// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the code under test finds instead of a machine: the state behind the
 * fakes of arm64/, and defaults for what everybody uses. The defaults
 * are weak: a test that wants to see a log line or survive a panic (by
 * longjmp) defines the function itself.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arm64/barrier.h"
#include "arm64/cache.h"
#include "arm64/expect.h"
#include "arm64/mmio.h"
#include "arm64/sysreg.h"
#include "arm64/tlb.h"
#include "lib/assert.h"
#include "lib/log.h"
#include "lib/panic.h"

/* ---- What everybody uses ---- */

#define DEFINE_LOG(level)                                                                          \
	__attribute__((weak)) void log_##level(const char *fmt, ...)                               \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, fmt);                                                               \
		fputs(#level ": ", stderr);                                                        \
		vfprintf(stderr, fmt, args);                                                       \
		fputc('\n', stderr);                                                               \
		va_end(args);                                                                      \
	}

DEFINE_LOG(info)
DEFINE_LOG(warn)
DEFINE_LOG(error)

__attribute__((weak)) void log_set_sink(const struct log_sink *sink)
{
	(void)sink;
}

__attribute__((weak)) void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("panic: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

__attribute__((weak)) void assert_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

/* ---- System registers ---- */

#define MAX_SYSREGS 512

static struct {
	const char *name;
	uint64_t value;
	unsigned int writes;
} sysregs[MAX_SYSREGS];
static size_t nr_sysregs;

static size_t sysreg_find(const char *name)
{
	for (size_t i = 0; i < nr_sysregs; i++) {
		if (sysregs[i].name == name || strcasecmp(sysregs[i].name, name) == 0)
			return i;
	}
	if (nr_sysregs == MAX_SYSREGS)
		abort();
	sysregs[nr_sysregs].name = name;
	return nr_sysregs++;
}

uint64_t fake_sysreg_get(const char *name)
{
	return sysregs[sysreg_find(name)].value;
}

void fake_sysreg_set(const char *name, uint64_t value)
{
	size_t i = sysreg_find(name);

	sysregs[i].value = value;
	sysregs[i].writes++;
}

unsigned int fake_sysreg_writes(const char *name)
{
	return sysregs[sysreg_find(name)].writes;
}

void fake_sysreg_reset(void)
{
	for (size_t i = 0; i < nr_sysregs; i++) {
		sysregs[i].value = 0;
		sysregs[i].writes = 0;
	}
}

/* ---- Devices ---- */

static const struct fake_mmio_device *mmio_device;

void fake_mmio_set_device(const struct fake_mmio_device *device)
{
	mmio_device = device;
}

uint64_t fake_mmio_read(const volatile void *addr, unsigned int width)
{
	if (mmio_device != NULL)
		return mmio_device->read((uintptr_t)addr, width);
	switch (width) {
	case 1:
		return *(const volatile uint8_t *)addr;
	case 2:
		return *(const volatile uint16_t *)addr;
	case 4:
		return *(const volatile uint32_t *)addr;
	default:
		return *(const volatile uint64_t *)addr;
	}
}

void fake_mmio_write(volatile void *addr, unsigned int width, uint64_t value)
{
	if (mmio_device != NULL) {
		mmio_device->write((uintptr_t)addr, width, value);
		return;
	}
	switch (width) {
	case 1:
		*(volatile uint8_t *)addr = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)addr = (uint16_t)value;
		break;
	case 4:
		*(volatile uint32_t *)addr = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)addr = value;
		break;
	}
}

/* ---- TLB and caches ---- */

struct fake_tlb_op fake_tlb_ops[FAKE_TLB_LOG];
size_t fake_tlb_count;
size_t fake_tlb_published;
void (*fake_tlb_hook)(const struct fake_tlb_op *op);
struct fake_cache fake_cache;

void fake_tlb_reset(void)
{
	memset(fake_tlb_ops, 0, sizeof(fake_tlb_ops));
	fake_tlb_count = 0;
	fake_tlb_published = 0;
	fake_tlb_hook = NULL;
}

void fake_tlb_record(struct fake_tlb_op op)
{
	fake_tlb_ops[fake_tlb_count++ % FAKE_TLB_LOG] = op;
	if (fake_tlb_hook != NULL)
		fake_tlb_hook(&op);
}

/* ---- Exceptions ---- */

#define ISR_A UINT64_C(0x100)
#define DISR_A UINT64_C(0x80000000)

bool fake_expect_fails;

/* Takes the pending SError from the hardware. */
static bool take_serror(void)
{
	uint64_t isr = read_sysreg(isr_el1);

	if (isr & ISR_A)
		write_sysreg(isr_el1, isr & ~ISR_A);
	return isr & ISR_A;
}

void fake_esb(void)
{
	if (take_serror())
		write_sysreg(DISR_EL1, DISR_A);
}

bool expect_copy(void *dst, const void *src, size_t n)
{
	if (fake_expect_fails) {
		fake_expect_fails = false;
		return false;
	}
	memcpy(dst, src, n);
	return true;
}

struct expect_result expect_serror(uint64_t argument)
{
	(void)argument;
	return (struct expect_result){0, take_serror()};
}

struct expect_result expect_run(expect_function *function, uint64_t argument)
{
	if (fake_expect_fails) {
		fake_expect_fails = false;
		return (struct expect_result){0x96000010, 1};
	}
	return function(argument);
}
