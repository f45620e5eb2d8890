// SPDX-License-Identifier: BSD-2-Clause
/*
 * See boot/host.h. The tree is not trusted to be one, nor to have the console
 * where it says.
 */
#include "boot/host.h"

#include <libfdt.h>

#include "arm64/mmio.h"
#include "arm64/pl011.h"
#include "boot/boot.h"
#include "console/console.h"
#include "core/firmware.h"
#include "drivers/uart.h"
#include "fdt/diag.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "mm/el2_map.h"

/* Linux' Documentation/arch/arm64/booting.rst, 2: at an 8-byte boundary, 2 MiB at most */
#define TREE_ALIGN 8
#define TREE_MAX MIB(2)

/* No UART has more registers, whatever its tree says. */
#define UART_MAX KIB(64)

#define PCELL_ID 0xb105f00d /* of every PrimeCell (DDI 0183, 3.3.17), a byte in each register */
#define U8250_LSR UINT64_C(5)

/* ---- The tree ---- */

/* A header of which one field may be damaged, as opposed to ATAGs, or whatever else is there. */
static bool looks_like_tree(const void *at)
{
	return fdt_magic(at) == FDT_MAGIC ||
	       (fdt_version(at) == 17 && fdt_last_comp_version(at) == 16);
}

/*
 * Maps the tree by whole 2 MiB blocks, as Linux asks of its place: one or two entries
 * instead of hundreds. Returns NULL if there is none at x0; else *size is how much of it can be
 * read, which for a damaged header is what is left of the block.
 */
static const void *map_tree(pa_t x0, size_t *size, struct seal_ranges *to_unmap)
{
	uint64_t block = ALIGN_DOWN(x0.v, EL2_POOL_BLOCK), offset = x0.v - block;
	const char *first;

	if (!IS_ALIGNED(x0.v, TREE_ALIGN) || offset + sizeof(struct fdt_header) > EL2_POOL_BLOCK)
		return NULL;
	first = el2_map_boot_data(pa(block), EL2_POOL_BLOCK);
	if (!first)
		return NULL;
	to_unmap->dtb = (uintptr_t)first;
	to_unmap->dtb_size = EL2_POOL_BLOCK;
	if (!boot_probe(first + offset, 4) || !looks_like_tree(first + offset))
		return NULL;
	*size = EL2_POOL_BLOCK - offset;
	if (fdt_check_header(first + offset) != 0 || fdt_totalsize(first + offset) > TREE_MAX ||
	    fdt_totalsize(first + offset) <= *size)
		return first + offset;
	el2_unmap_range(to_unmap->dtb, to_unmap->dtb_size);
	*size = fdt_totalsize(first + offset);
	to_unmap->dtb_size = 2 * EL2_POOL_BLOCK;
	to_unmap->dtb = (uintptr_t)el2_map_boot_data(pa(block), to_unmap->dtb_size);
	return to_unmap->dtb ? (const char *)to_unmap->dtb + offset : NULL;
}

/* ---- The console ---- */

static uint8_t *uart_base;
static uint64_t uart_size;

static bool has_primecell_id(const uint8_t *base)
{
	uint32_t id = 0;

	for (unsigned int i = 0; i < 4; i++) {
		const uint8_t *reg = base + PL011_ID + 16 + 4 * i;

		if (!boot_probe(reg, 4))
			return false;
		id |= (mmio_read32(reg) & 0xff) << (8 * i);
	}
	return id == PCELL_ID;
}

/* host_open()'s question. The UART that answered last stays mapped. */
static bool answers(const struct host_uart *host_uart)
{
	bool pl011 = host_uart->type == HOST_UART_PL011;
	uint64_t size = MIN(host_uart->reg.size, UART_MAX);
	uint64_t reg = pl011 ? (uint64_t)PL011_FR : U8250_LSR << host_uart->reg_shift;
	unsigned int width = pl011 ? 4 : host_uart->reg_io_width;
	uint8_t *base;

	if (reg + width > size || (host_uart->has_id && size < PAGE_SIZE))
		return false;
	base = el2_map_device(pa(host_uart->reg.base), size);
	if (!base)
		return false;
	if (!boot_probe(base + reg, width) || (host_uart->has_id && !has_primecell_id(base))) {
		el2_unmap_range((uintptr_t)base, size);
		return false;
	}
	if (uart_base)
		el2_unmap_range((uintptr_t)uart_base, uart_size);
	uart_base = base;
	uart_size = size;
	return true;
}

static void start_uart(const struct host *host)
{
	static struct uart uart;

	uart_init(&uart, &host->uart, uart_base);
	console_set_uart(&uart);
}

/* ---- All of it ---- */

/* The line says itself how severe it is. */
static void emit(struct diag *diag, enum diag_severity severity, const char *line)
{
	(void)diag;
	(void)severity;
	log_info("%s", line);
}

void boot_read_host(struct host *host, pa_t x0, struct arena *arena, struct range *tree,
		    struct seal_ranges *to_unmap)
{
	struct diag diag = {.emit = emit};
	size_t size = 0;
	const void *dtb = map_tree(x0, &size, to_unmap);
	int err;

	if (!dtb) {
		log_error("x0 is 0x%llx, where there is no device tree", (unsigned long long)x0.v);
		boot_stop("the machine is not known");
	}
	err = host_open(host, dtb, MIN(size, TREE_MAX), answers, arena, &diag);
	start_uart(host);
	firmware_init(host);
	if (err || host_read(host, arena, &diag))
		boot_stop("the machine's device tree cannot be used");
	*tree = (struct range){x0.v, fdt_totalsize(dtb)};
}
