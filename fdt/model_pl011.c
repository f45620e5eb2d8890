// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VM's serial port: `console`, an emulated PL011 unless the description wants none.
 */
#include "fdt/check.h"
#include "fdt/device.h"
#include "fdt/diag.h"
#include "fdt/model.h"
#include "fdt/platform.h"
#include "lib/bits.h"

static void parse(struct parser *p, int node, struct vm_config *vm)
{
	static const char *const names[] = {"pl011", "none", NULL};

	if (get_choice(p, node, vm->path, "console", names) != 1)
		model_add(p, vm, MODEL_PL011, PLATFORM_UART_BASE, PLATFORM_UART_SIZE);
}

static void place(struct parser *p, struct vm_config *vm)
{
	struct vm_emulated *dev = model_find(vm, MODEL_PL011);

	if (dev && !model_place(vm, dev, PLATFORM_UART_SPI))
		diag_error(p->diag, vm->path, "passthrough",
			   "no page from 0x%x on is left for the emulated UART: write "
			   "console = \"none\";",
			   PLATFORM_UART_BASE);
}

static void describe(const struct model_tree *tree, const struct vm_emulated *dev)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";
	uint32_t clock = tree->phandles->clock;
	struct writer *w = tree->w;

	writer_begin_at(w, "pl011", dev->base.v);
	writer_bytes(w, "compatible", compatible, sizeof(compatible));
	WRITER_CELLS(w, "reg", 0, (uint32_t)dev->base.v, 0, (uint32_t)dev->size);
	WRITER_CELLS(w, "interrupts", IRQ_SPI, dev->spi, IRQ_LEVEL_HIGH);
	WRITER_CELLS(w, "clocks", clock, clock);
	writer_bytes(w, "clock-names", clock_names, sizeof(clock_names));
	writer_end(w);
}

const struct model model_pl011 = {
    .properties = {"console"},
    .clocked = true,
    .parse = parse,
    .place = place,
    .describe = describe,
};
