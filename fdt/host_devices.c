// SPDX-License-Identifier: BSD-2-Clause
/*
 * See host_devices.h. Compatible strings are those of the bindings (Linux,
 * Documentation/devicetree/bindings).
 */
#include "fdt/host_devices.h"

#include <libfdt.h>

#include "fdt/diag.h"
#include "fdt/reg.h"
#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/errno.h"

#define MAX_REDISTS 64

static int find_compatible(const void *dtb, const char *const *compatibles)
{
	for (; *compatibles; compatibles++) {
		int node = tree_find_compatible(dtb, -1, *compatibles);

		while (node >= 0 && !reg_is_available(dtb, node))
			node = tree_find_compatible(dtb, node, *compatibles);
		if (node >= 0)
			return node;
	}
	return -FDT_ERR_NOTFOUND;
}

/* ---- GIC ---- */

static const char *const gicv3[] = {"arm,gic-v3", NULL};
static const char *const gicv2[] = {
    "arm,gic-400",	 "arm,cortex-a15-gic", "arm,cortex-a7-gic", "qcom,msm-qgic2",
    "arm,cortex-a9-gic", "qcom,msm-8660-qgic", "arm,pl390",	    NULL};

/* Entry n of the GIC's reg, which must not be empty. */
static bool get_frame(const void *dtb, const struct host_gic *gic, unsigned int n,
		      struct range *frame)
{
	return reg_get(dtb, gic->node, n, frame) == 0 && frame->size != 0;
}

static int parse_redists(struct host_gic *gic, const void *dtb, struct arena *arena,
			 struct diag *diag)
{
	uint32_t n = reg_get_u32(dtb, gic->node, "#redistributor-regions", 1);

	if (n == 0 || n > MAX_REDISTS) {
		diag_error(diag, "/gic", "#redistributor-regions", "%u is not 1 to %d", n,
			   MAX_REDISTS);
		return 0;
	}
	gic->redists = arena_alloc(arena, n, sizeof(*gic->redists));
	if (!gic->redists)
		return -ENOMEM;
	gic->nr_redists = n;
	reg_get_u64(dtb, gic->node, "redistributor-stride", &gic->redist_stride);
	for (unsigned int i = 0; i < n; i++)
		if (!get_frame(dtb, gic, 1 + i, &gic->redists[i]))
			diag_error(diag, "/gic", "reg", "redistributor region %u is missing", i);
	return 0;
}

int host_parse_gic(struct host *host, const void *dtb, struct arena *arena, struct diag *diag)
{
	struct host_gic *gic = &host->gic;
	struct reg_irq irq;
	int err = 0;

	gic->version = 3;
	gic->node = find_compatible(dtb, gicv3);
	if (gic->node < 0) {
		gic->version = 2;
		gic->node = find_compatible(dtb, gicv2);
	}
	if (gic->node < 0) {
		diag_error(diag, "/", "compatible", "the machine's tree has no GICv2 or GICv3");
		return 0;
	}
	if (!get_frame(dtb, gic, 0, &gic->dist))
		diag_error(diag, "/gic", "reg", "the distributor is missing");
	if (gic->version == 3)
		err = parse_redists(gic, dtb, arena, diag);
	else if (!get_frame(dtb, gic, 1, &gic->cpuif) || !get_frame(dtb, gic, 2, &gic->hyp) ||
		 !get_frame(dtb, gic, 3, &gic->vcpuif))
		diag_error(diag, "/gic", "reg",
			   "a GICv2 for guests has GICH and GICV: this tree has not (QEMU: -M "
			   "virt,virtualization=on)");
	if (reg_get_irq(dtb, gic->node, 0, &irq))
		diag_error(diag, "/gic", "interrupts",
			   "the maintenance interrupt is missing: guests need it");
	else
		gic->maintenance = irq.intid;
	return err;
}

/* ---- Timer ---- */

void host_parse_timer(struct host *host, const void *dtb, struct diag *diag)
{
	static const char *const timers[] = {"arm,armv8-timer", "arm,armv7-timer", NULL};
	static const char *const names[] = {"sec-phys", "phys", "virt", "hyp-phys"};
	int node = find_compatible(dtb, timers);
	bool named = node >= 0 && fdt_getprop(dtb, node, "interrupt-names", NULL);

	for (int i = 0; i < 4; i++) {
		int n = named ? fdt_stringlist_search(dtb, node, "interrupt-names", names[i]) : i;
		struct reg_irq irq;

		if (node >= 0 && n >= 0 && reg_get_irq(dtb, node, (unsigned int)n, &irq) == 0) {
			host->timer_irq[i] = irq.intid;
			host->timer_irq_edge[i] = irq.edge;
		} else if (i >= 2) {
			diag_error(diag, "/timer", "interrupts",
				   "the generic timer's %s interrupt is missing", names[i]);
		}
	}
}

void host_check_private(const struct host *host, struct diag *diag)
{
	const struct {
		uint32_t intid;
		const char *name;
	} own[] = {{host->gic.maintenance, "the GIC's maintenance interrupt"},
		   {host->timer_irq[2], "the virtual timer's"},
		   {host->timer_irq[3], "the hypervisor timer's"}};

	for (unsigned int i = 0; i < ARRAY_SIZE(own); i++)
		for (unsigned int k = 0; k < i; k++)
			if (own[i].intid != 0 && own[i].intid == own[k].intid)
				diag_error(diag, "/timer", "interrupts",
					   "INTID %u is %s and %s: each has to have its own",
					   own[i].intid, own[k].name, own[i].name);
}

/* ---- Clock ---- */

void host_parse_rtc(struct host *host, const void *dtb)
{
	static const char *const clocks[] = {"arm,pl031", NULL};
	int node = find_compatible(dtb, clocks);
	struct range reg;

	if (node < 0 || reg_get(dtb, node, 0, &reg) != 0 || reg.size < PAGE_SIZE)
		return;
	for (unsigned int i = 0; i < host->nr_ram; i++)
		if (range_overlaps(reg.base, PAGE_SIZE, host->ram[i].base, host->ram[i].size))
			return;
	host->rtc = reg;
}
