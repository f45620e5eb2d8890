// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VM's real-time clock: `rtc`, an emulated PL031 if the description asks for it.
 */
#include "fdt/check.h"
#include "fdt/device.h"
#include "fdt/diag.h"
#include "fdt/model.h"
#include "fdt/platform.h"
#include "lib/bits.h"

static void parse(struct parser *p, int node, struct vm_config *vm)
{
	static const char *const names[] = {"pl031", "none", NULL};

	if (get_choice(p, node, vm->path, "rtc", names) == 0)
		model_add(p, vm, MODEL_PL031, PLATFORM_RTC_BASE, PLATFORM_RTC_SIZE);
}

static void place(struct parser *p, struct vm_config *vm)
{
	struct vm_emulated *dev = model_find(vm, MODEL_PL031);

	if (dev && !model_place(vm, dev, PLATFORM_RTC_SPI))
		diag_error(p->diag, vm->path, "passthrough",
			   "no page from 0x%x on is left for the emulated clock: remove rtc",
			   PLATFORM_RTC_BASE);
}

static void describe(const struct model_tree *tree, const struct vm_emulated *dev)
{
	static const char compatible[] = "arm,pl031\0arm,primecell";
	struct writer *w = tree->w;

	writer_begin_at(w, "pl031", dev->base.v);
	writer_bytes(w, "compatible", compatible, sizeof(compatible));
	WRITER_CELLS(w, "reg", 0, (uint32_t)dev->base.v, 0, (uint32_t)dev->size);
	WRITER_CELLS(w, "interrupts", IRQ_SPI, dev->spi, IRQ_LEVEL_HIGH);
	WRITER_CELLS(w, "clocks", tree->phandles->clock);
	writer_string(w, "clock-names", "apb_pclk");
	writer_end(w);
}

const struct model model_pl031 = {
    .properties = {"rtc"},
    .clocked = true,
    .parse = parse,
    .place = place,
    .describe = describe,
};
