// SPDX-License-Identifier: BSD-2-Clause
/*
 * Two banks of flash: the first one has a VM's firmware, the second one its variables. A VM without
 * firmware has both of them erased, as long as it is to have virt's empty devices.
 */
#include "fdt/check.h"
#include "fdt/model.h"
#include "fdt/platform.h"
#include "fdt/writer.h"
#include "lib/bits.h"

static void parse(struct parser *p, int node, struct vm_config *vm)
{
	(void)node;
	if (vm->firmware || vm->empty_devices)
		model_add(p, vm, MODEL_FLASH, PLATFORM_FLASH_BASE, PLATFORM_FLASH_SIZE);
}

/* The second bank alone takes commands, of firmware. */
static void describe(const struct model_tree *tree, const struct vm_emulated *dev)
{
	struct writer *w = tree->w;

	(void)dev;
	if (!tree->vm->firmware)
		return;
	writer_begin_at(w, "flash", PLATFORM_FLASH_VARS);
	writer_string(w, "compatible", "cfi-flash");
	WRITER_CELLS(w, "reg", 0, PLATFORM_FLASH_VARS, 0, PLATFORM_FLASH_VARS_SIZE);
	WRITER_CELLS(w, "bank-width", 4);
	writer_end(w);
}

const struct model model_flash = {.parse = parse, .describe = describe};
