// SPDX-License-Identifier: BSD-2-Clause
/*
 * Passed devices beside each other and beside what is Bulkhead's: each has one
 * owner, as a whole, down to the page; and what is emulated makes room.
 */
#include <libfdt.h>

#include "fdt/check.h"
#include "fdt/device.h"
#include "fdt/diag.h"
#include "fdt/model.h"
#include "fdt/platform.h"
#include "fdt/tree.h"
#include "lib/bits.h"

#define PROPERTY "passthrough"
#define PLACES "passthrough-at"
#define LLU(value) ((unsigned long long)(value))

static struct range pages_of(const struct range *reg)
{
	uint64_t base = ALIGN_DOWN(reg->base, PAGE_SIZE);

	return (struct range){base, ALIGN_UP(reg->base + reg->size, PAGE_SIZE) - base};
}

/* True if the registers, as whole pages, and a range, as whole pages, have something in common. */
static bool shares_page(const struct range *reg, const struct range *other)
{
	struct range a = pages_of(reg), b = pages_of(other);

	return other->size != 0 && range_overlaps(a.base, a.size, b.base, b.size);
}

/* Who has a page of the registers and keeps it, or NULL. */
static const char *owner_of(const struct host *host, const struct range *reg)
{
	const struct range *gic[] = {&host->gic.dist, &host->gic.cpuif, &host->gic.hyp,
				     &host->gic.vcpuif};

	for (unsigned int i = 0; i < ARRAY_SIZE(gic); i++)
		if (shares_page(reg, gic[i]))
			return "the interrupt controller";
	for (unsigned int i = 0; i < host->gic.nr_redists; i++)
		if (shares_page(reg, &host->gic.redists[i]))
			return "the interrupt controller";
	if (host->uart.type != HOST_UART_NONE && shares_page(reg, &host->uart.reg))
		return "the console that all share";
	for (unsigned int i = 0; i < host->nr_ram; i++)
		if (shares_page(reg, &host->ram[i]))
			return "memory";
	return NULL;
}

/* What the VM has at these addresses of its own, apart from passed devices, or NULL. */
static const char *at_guest(const struct parser *p, const struct vm_config *vm,
			    const struct range *reg)
{
	bool v3 = p->host->gic.version == 3;
	const struct range gic[] = {
	    {PLATFORM_GICD_BASE, PLATFORM_GICD_SIZE},
	    {v3 ? PLATFORM_GICR_BASE : PLATFORM_GICC_BASE,
	     v3 ? (uint64_t)PLATFORM_GICR_STRIDE * MAX(vm->nr_cpus, 1u) : PLATFORM_GICC_SIZE}};

	const struct range flash = {PLATFORM_FLASH_BASE, PLATFORM_FLASH_SIZE};

	if (vm->firmware && shares_page(reg, &flash))
		return "the flash of its firmware";
	if (shares_page(reg, &gic[0]) || shares_page(reg, &gic[1]))
		return "its interrupt controller";
	for (unsigned int i = 0; i < vm->nr_memory; i++) {
		const struct range memory = {vm->memory[i].ipa.v, vm->memory[i].size};

		if (shares_page(reg, &memory))
			return "memory";
	}
	return NULL;
}

/* Returns false after saying what is wrong with a range of registers. */
static bool check_range(struct parser *p, const struct vm_config *vm,
			const struct vm_device *device, const struct range *reg)
{
	const struct range guest = {device_ipa(device, reg->base), reg->size};
	const char *owner = owner_of(p->host, reg), *other = at_guest(p, vm, &guest);
	const char *property = device->offset != 0 ? PLACES : PROPERTY;

	if (owner)
		diag_error(
		    p->diag, vm->path, PROPERTY,
		    "%s: 0x%llx is in a page with %s, which stays with Bulkhead: it cannot be "
		    "passed on",
		    device->path, LLU(reg->base), owner);
	else if (!range_within(guest.base, guest.size, 0, BIT(48)))
		diag_error(p->diag, vm->path, property,
			   "%s: 0x%llx: a guest's addresses have 48 bits at most: let it end at "
			   "0xffffffffffff or below, by " PLACES,
			   device->path, LLU(guest.base));
	else if (other)
		diag_error(
		    p->diag, vm->path, property,
		    "%s: at 0x%llx the guest has %s: move one of them, the device by " PLACES,
		    device->path, LLU(guest.base), other);
	return !owner && !other;
}

/* One error for a device: the others are usually of the same cause. */
static void check_place(struct parser *p, const struct vm_config *vm,
			const struct vm_device *device)
{
	for (unsigned int i = 0; i < device->nr_regs; i++)
		if (!check_range(p, vm, device, &device->regs[i]))
			return;
	for (unsigned int i = 0; i < device->nr_irqs; i++)
		if (p->host->uart.type != HOST_UART_NONE &&
		    device->irqs[i].intid == p->host->uart.irq) {
			diag_error(
			    p->diag, vm->path, PROPERTY,
			    "%s has its interrupt in common with the console that all share, "
			    "which stays with Bulkhead: it cannot be passed on",
			    device->path);
			return;
		}
}

static bool share_pages(const struct vm_device *a, const struct vm_device *b)
{
	for (unsigned int i = 0; i < a->nr_regs; i++)
		for (unsigned int k = 0; k < b->nr_regs; k++)
			if (shares_page(&a->regs[i], &b->regs[k]))
				return true;
	return false;
}

static bool share_irq(const struct vm_device *a, const struct vm_device *b)
{
	for (unsigned int i = 0; i < a->nr_irqs; i++)
		for (unsigned int k = 0; k < b->nr_irqs; k++)
			if (a->irqs[i].intid == b->irqs[k].intid)
				return true;
	return false;
}

/* True if one node is below the other, and a part of it. */
static bool is_inside(const struct parser *p, int node, int outer)
{
	int path[TREE_MAX_DEPTH + 1], depth = tree_ancestors(p->host->dtb, node, path);

	while (--depth > 0 && !fdt_getprop(p->host->dtb, path[depth], "ranges", NULL))
		if (path[depth] == outer)
			return true;
	return false;
}

/* Two devices of a VM at one place, that are not at one place in the machine. */
static bool collide(const struct vm_device *a, const struct vm_device *b)
{
	for (unsigned int i = 0; a->offset != b->offset && i < a->nr_regs; i++)
		for (unsigned int k = 0; k < b->nr_regs; k++) {
			struct range x = a->regs[i], y = b->regs[k];

			x.base = device_ipa(a, x.base);
			y.base = device_ipa(b, y.base);
			if (shares_page(&x, &y))
				return true;
		}
	return false;
}

/* Two devices, of which `b` comes later. */
static void check_pair(struct parser *p, const struct vm_config *a_vm, const struct vm_device *a,
		       const struct vm_config *vm, const struct vm_device *b)
{
	if (a->node == b->node)
		diag_error(
		    p->diag, vm->path, PROPERTY,
		    "%s: already given to %s (a device has one owner): remove it from one of "
		    "them",
		    b->path, a_vm->name);
	else if (is_inside(p, a->node, b->node) || is_inside(p, b->node, a->node))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s and %s, which %s has, are one inside the other: name the outer one, "
			   "once",
			   b->path, a->path, a_vm->name);
	else if (a_vm == vm && collide(a, b))
		diag_error(p->diag, vm->path, PLACES, "%s is in the place of %s: move it", b->path,
			   a->path);
	else if (a_vm != vm && share_pages(a, b))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s is in one page with %s, which %s has: both have to be one VM's",
			   b->path, a->path, a_vm->name);
	else if (a_vm != vm && share_irq(a, b))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s has an interrupt in common with %s, which %s has: both have to be "
			   "one VM's",
			   b->path, a->path, a_vm->name);
}

void check_devices(struct parser *p)
{
	const struct system_config *config = p->config;

	for (unsigned int v = 0; v < config->nr_vms; v++) {
		struct vm_config *vm = &config->vms[v];

		models_place(p, vm);
		for (unsigned int d = 0; d < vm->nr_devices; d++) {
			check_place(p, vm, &vm->devices[d]);
			for (unsigned int w = 0; w <= v; w++) {
				const struct vm_config *other = &config->vms[w];
				unsigned int n = w == v ? d : other->nr_devices;

				for (unsigned int e = 0; e < n; e++)
					check_pair(p, other, &other->devices[e], vm,
						   &vm->devices[d]);
			}
		}
	}
}
