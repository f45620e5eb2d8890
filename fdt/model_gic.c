// SPDX-License-Identifier: BSD-2-Clause
/*
 * The frames of a VM's vGIC: a GIC of the same version as the host's, where QEMU's virt has it.
 */
#include "fdt/check.h"
#include "fdt/device.h"
#include "fdt/model.h"
#include "fdt/platform.h"
#include "lib/bits.h"

static void parse(struct parser *p, int node, struct vm_config *vm)
{
	(void)node;
	model_add(p, vm, MODEL_GIC, PLATFORM_GICD_BASE, PLATFORM_GICD_SIZE);
}

static void describe(const struct model_tree *tree, const struct vm_emulated *dev)
{
	struct writer *w = tree->w;

	writer_begin_at(w, "intc", dev->base.v);
	if (tree->host->gic.version == 3) {
		writer_string(w, "compatible", "arm,gic-v3");
		WRITER_CELLS(w, "reg", 0, PLATFORM_GICD_BASE, 0, PLATFORM_GICD_SIZE, 0,
			     PLATFORM_GICR_BASE, 0, PLATFORM_GICR_STRIDE * tree->vm->nr_cpus);
	} else {
		writer_string(w, "compatible", "arm,cortex-a15-gic");
		WRITER_CELLS(w, "reg", 0, PLATFORM_GICD_BASE, 0, PLATFORM_GICD_SIZE, 0,
			     PLATFORM_GICC_BASE, 0, PLATFORM_GICC_SIZE);
	}
	writer_bytes(w, "interrupt-controller", NULL, 0);
	WRITER_CELLS(w, "#interrupt-cells", 3);
	WRITER_CELLS(w, "#address-cells", 2);
	WRITER_CELLS(w, "#size-cells", 2);
	WRITER_CELLS(w, "phandle", tree->phandles->gic);
	writer_end(w);
}

const struct model model_gic = {.parse = parse, .describe = describe};
