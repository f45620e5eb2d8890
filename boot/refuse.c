// SPDX-License-Identifier: BSD-2-Clause
/*
 * The image was entered in a way in which it cannot run: it finds the UART, says
 * so, and stops. It may be at EL1, at any page boundary, or with HCR_EL2.E2H set:
 * the first tables serve all of these. What is missing in them, the tree and the
 * UART, is added here by 1 GiB blocks at identical addresses; there is no pool.
 * This is the end of the road, so no care is taken of anything else.
 */
#include <libfdt.h>

#include "arm64/barrier.h"
#include "arm64/el2.h"
#include "arm64/pte.h"
#include "arm64/tlb.h"
#include "boot/boot.h"
#include "boot/wrong.h"
#include "console/console.h"
#include "core/firmware.h"
#include "core/panic.h"
#include "core/power.h"
#include "drivers/uart.h"
#include "fdt/diag.h"
#include "fdt/host.h"
#include "lib/log.h"
#include "mm/layout.h"

#define GIB_SHIFT 30
#define L0_SHIFT 39
#define PTE_S1_PXN BIT(53) /* at EL1, and with E2H */

/* Level 1 tables for the tree's and the UART's part of the address space */
static uint64_t refuse_l1[2][512] __attribute__((aligned(4096)));
static uint64_t refuse_arena[2048] __attribute__((aligned(16)));
static struct host refuse_host;
static struct uart refuse_uart;

static void ignore(struct diag *diag, enum diag_severity severity, const char *line)
{
	(void)diag;
	(void)severity;
	(void)line;
}

static bool at_el1(void)
{
	return FIELD_GET(GENMASK(3, 2), read_sysreg(CurrentEL)) == 1;
}

/* EL2 with E2H = 0 has no EL0: there, AP[1] is RES1. */
static uint64_t regime_bits(void)
{
	return at_el1() || (read_sysreg(hcr_el2) & HCR_E2H) ? PTE_S1_PXN : PTE_S1_AP1;
}

/* Maps the 1 GiB around address where it is; l1 is used if its 512 GiB have no table yet. */
static void map_identity(uintptr_t load, uint64_t address, unsigned int mair, uint64_t *l1)
{
	uint64_t *entry = &boot_l0[address >> L0_SHIFT & 511];

	if (*entry & PTE_VALID)
		/* of the identity map's page: what it maps is not needed any more */
		*entry = 0;
	*entry = (load + ((uintptr_t)l1 - (uintptr_t)image_start)) | PTE_TYPE_TABLE;
	l1[address >> GIB_SHIFT & 511] =
	    (address & ~(GIB(1) - 1)) | PTE_TYPE_BLOCK | PTE_AF | FIELD_PREP(PTE_S1_ATTR, mair) |
	    FIELD_PREP(PTE_SH, PTE_SH_INNER) | PTE_S1_XN | regime_bits();
	dsb(ishst);
	if (at_el1())
		tlbi(vmalle1);
	else
		tlbi(alle2);
	dsb(nsh);
	isb();
}

/* Where identical addresses are not the image's or the pool's. */
static bool is_low(uint64_t address)
{
	return address < EL2_POOL;
}

/* The console and the firmware, as far as the tree tells of them: errors do not matter. */
static void find_console(uintptr_t dtb, uintptr_t load)
{
	struct diag diag = {.emit = ignore};
	uint64_t size = GIB(1) - (dtb & (GIB(1) - 1)), uart;
	uint64_t *l1 = refuse_l1[1];
	struct arena arena;

	refuse_host.uart.node = -1;
	if (dtb % 8 != 0 || !is_low(dtb) || size < sizeof(struct fdt_header))
		return;
	map_identity(load, dtb, MAIR_NORMAL, refuse_l1[0]);
	if (fdt_magic((const void *)dtb) != FDT_MAGIC)
		return;
	arena_init(&arena, refuse_arena, sizeof(refuse_arena));
	(void)host_open(&refuse_host, (const void *)dtb, MIN(size, MIB(2)), NULL, &arena, &diag);
	uart = refuse_host.uart.reg.base;
	if (refuse_host.uart.type == HOST_UART_NONE || !is_low(uart))
		return;
	if (uart >> L0_SHIFT == dtb >> L0_SHIFT)
		l1 = refuse_l1[0];
	map_identity(load, uart, MAIR_DEVICE, l1);
	uart_init(&refuse_uart, &refuse_host.uart, (void *)uart);
	console_set_uart(&refuse_uart);
}

static void say(unsigned int wrong, uintptr_t loaded_at)
{
	if (wrong & WRONG_EL3)
		log_error("entered at EL3: firmware has to be there, and enter the image at EL2");
	else if (wrong & WRONG_EL1)
		log_error("entered at EL1: a hypervisor needs EL2. Have the firmware enter the "
			  "image at EL2 (QEMU virt: -M virt,virtualization=on)");
	if (wrong & WRONG_BIG_ENDIAN)
		log_error("entered big-endian (SCTLR.EE): the image is little-endian");
	if (wrong & WRONG_ADDRESS)
		log_error("loaded at 0x%lx: the image has to be at a multiple of 2 MiB (0x200000)",
			  loaded_at);
	if (wrong & WRONG_E2H)
		log_error("HCR_EL2.E2H cannot be cleared: this CPU has no EL2 but with the "
			  "Virtualization Host Extensions, in which the image does not run");
}

void boot_refuse(uintptr_t dtb, uintptr_t load, unsigned int wrong, uintptr_t loaded_at)
{
	panic_init();
	console_init_early();
	find_console(dtb, load);
	say(wrong, loaded_at);
	if (refuse_host.uart.type == HOST_UART_NONE)
		power_halt("there is no console");
	/* Without firmware, EL3 is nobody's. */
	if (wrong & WRONG_EL3)
		power_halt("there is no firmware to power off by");
	firmware_init(&refuse_host);
	power_off();
}
