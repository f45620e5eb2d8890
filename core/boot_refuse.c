/*
 * The image was entered at EL1 (or EL3), where it cannot run: it finds the
 * UART, says so, and stops. The first tables serve EL1 too; what is missing
 * in them, the tree and the UART, is added here by 1 GiB blocks at identical
 * addresses. This is the end of the road, so no care is taken of anything else.
 */
#include <libfdt.h>

#include "arm64/barrier.h"
#include "arm64/pte.h"
#include "arm64/tlb.h"
#include "core/boot.h"
#include "core/console.h"
#include "core/log.h"
#include "drivers/uart.h"
#include "fdt/diag.h"
#include "fdt/host.h"

#define GIB_SHIFT 30
#define L0_SHIFT 39

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

/* Maps the 1 GiB around address where it is; l1 is used if its 512 GiB have no table yet. */
static void map_identity(uintptr_t load, uint64_t address, unsigned int mair, uint64_t *l1)
{
	uint64_t *entry = &boot_l0[address >> L0_SHIFT & 511];

	if (*entry & PTE_VALID)
		/* of the identity map's page: what it maps is not needed any more */
		*entry = 0;
	*entry = (load + ((uintptr_t)l1 - (uintptr_t)image_start)) | PTE_TYPE_TABLE;
	l1[address >> GIB_SHIFT & 511] = (address & ~(GIB(1) - 1)) | PTE_TYPE_BLOCK | PTE_AF |
					 FIELD_PREP(PTE_S1_ATTR, mair) |
					 FIELD_PREP(PTE_SH, PTE_SH_INNER) | PTE_S1_XN | BIT(53);
	dsb(ishst);
	tlbi(vmalle1);
	dsb(nsh);
	isb();
}

void boot_refuse(uintptr_t dtb, uintptr_t load, unsigned int el)
{
	struct diag diag = {.emit = ignore};
	struct arena arena;

	console_init_early();
	map_identity(load, dtb, MAIR_NORMAL, refuse_l1[0]);
	if (fdt_check_header((const void *)dtb) == 0) {
		uint64_t *l1 = refuse_l1[1];

		arena_init(&arena, refuse_arena, sizeof(refuse_arena));
		/* errors do not matter as long as the UART is found */
		(void)host_parse(&refuse_host, (const void *)dtb, &arena, &diag);
		if (refuse_host.uart.reg.base >> L0_SHIFT == dtb >> L0_SHIFT)
			l1 = refuse_l1[0];
		map_identity(load, refuse_host.uart.reg.base, MAIR_DEVICE, l1);
		uart_init(&refuse_uart, &refuse_host.uart, (void *)refuse_host.uart.reg.base);
		console_set_uart(&refuse_uart);
	}
	log_error("entered at EL%u: a hypervisor needs EL2. Have the firmware enter the image at "
		  "EL2 (QEMU virt: -M virt,virtualization=on)",
		  el);
	for (;;)
		wfe();
}
