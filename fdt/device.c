/*
 * See device.h. A node is copied as it is, but for where its registers are
 * (physical addresses, in the root), its interrupts (the guest's GIC, the same
 * numbers), its clocks (fixed ones), and what names other nodes of the host's
 * tree, which the guest does not have.
 */
#include "fdt/device.h"

#include <libfdt.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/format.h"

#define IRQ_EDGE_RISING 1
#define IRQ_LEVEL_HIGH 4

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

bool device_leaves_out(const char *property)
{
	static const char *const names[] = {"resets",
					    "power-domains",
					    "dmas",
					    "iommus",
					    "phys",
					    "nvmem-cells",
					    "interconnects",
					    "mboxes",
					    "hwlocks",
					    "msi-parent",
					    "phy-handle",
					    "thermal-sensors",
					    "operating-points-v2",
					    "memory-region",
					    NULL};

	for (unsigned int i = 0; names[i]; i++)
		if (strcmp(property, names[i]) == 0)
			return true;
	return ends_with(property, "-supply") || ends_with(property, "-gpios") ||
	       (strncmp(property, "pinctrl-", 8) == 0 && property[8] >= '0' &&
		property[8] <= '9') ||
	       strncmp(property, "assigned-clock", 14) == 0;
}

/* What is written anew, or does not go for the guest. */
static bool is_replaced(const char *name)
{
	static const char *const names[] = {
	    "reg",    "interrupts", "interrupts-extended", "interrupt-parent",
	    "clocks", "phandle",    "linux,phandle",	   "status",
	    "ranges", NULL};

	for (unsigned int i = 0; names[i]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return device_leaves_out(name);
}

/* A property of n cells, which `get` tells one by one. */
static int write_cells(void *fdt, const char *name, unsigned int n,
		       uint32_t (*get)(const void *from, unsigned int i), const void *from)
{
	void *place = NULL;
	int err = n ? fdt_property_placeholder(fdt, name, (int)n * 4, &place) : 0;
	fdt32_t *cell = place;

	for (unsigned int i = 0; !err && i < n; i++)
		fdt32_st(cell + i, get(from, i));
	return err;
}

static uint32_t reg_cell(const void *from, unsigned int i)
{
	const struct range *reg = (const struct range *)from + i / 4;
	uint64_t value = i & 2 ? reg->size : reg->base;

	return (uint32_t)(i & 1 ? value : value >> 32);
}

static uint32_t irq_cell(const void *from, unsigned int i)
{
	const struct reg_irq *irq = (const struct reg_irq *)from + i / 3;
	const uint32_t cells[] = {0, irq->intid - 32, irq->edge ? IRQ_EDGE_RISING : IRQ_LEVEL_HIGH};

	return cells[i % 3];
}

/* The first of the VM's clocks that is the same one, by number. */
static unsigned int clock_number(const struct vm_config *vm, const struct vm_clock *clock)
{
	unsigned int n = 0;

	for (unsigned int d = 0; d < vm->nr_devices; d++)
		for (unsigned int i = 0; i < vm->devices[d].nr_clocks; i++, n++) {
			const struct vm_clock *other = &vm->devices[d].clocks[i];

			if (other->provider == clock->provider &&
			    other->frequency == clock->frequency)
				return n;
		}
	return n;
}

static int write_clocks_of(void *fdt, const struct vm_config *vm, const struct vm_device *device)
{
	void *place = NULL;
	int err = 0;

	if (device->nr_clocks)
		err = fdt_property_placeholder(fdt, "clocks", (int)device->nr_clocks * 4, &place);
	for (unsigned int i = 0; !err && i < device->nr_clocks; i++)
		fdt32_st((fdt32_t *)place + i,
			 DEVICE_PHANDLES + clock_number(vm, &device->clocks[i]));
	return err;
}

static int write_clock(void *fdt, unsigned int number, uint32_t frequency)
{
	char name[32];
	int err;

	format(name, sizeof(name), "clock-%u", number);
	err = fdt_begin_node(fdt, name);
	if (!err)
		err = fdt_property(fdt, "compatible", "fixed-clock", sizeof("fixed-clock"));
	if (!err)
		err = fdt_property_u32(fdt, "#clock-cells", 0);
	if (!err)
		err = fdt_property_u32(fdt, "clock-frequency", frequency);
	if (!err)
		err = fdt_property_u32(fdt, "phandle", DEVICE_PHANDLES + number);
	return err ? err : fdt_end_node(fdt);
}

static int write_all_clocks(void *fdt, const struct vm_config *vm)
{
	unsigned int n = 0;
	int err = 0;

	for (unsigned int d = 0; d < vm->nr_devices; d++)
		for (unsigned int i = 0; i < vm->devices[d].nr_clocks; i++, n++) {
			const struct vm_clock *clock = &vm->devices[d].clocks[i];

			if (!err && clock_number(vm, clock) == n)
				err = write_clock(fdt, n, clock->frequency);
		}
	return err;
}

/* The unit address is the guest's: a physical one. */
static int begin_device(void *fdt, const void *dtb, const struct vm_device *device)
{
	const char *full = fdt_get_name(dtb, device->node, NULL);
	const char *at = strchr(full, '@');
	int len = (int)(at ? (size_t)(at - full) : strlen(full));
	char name[80];

	format(name, sizeof(name), "%.*s@%llx", MIN(len, 40), full,
	       (unsigned long long)device->regs[0].base);
	return fdt_begin_node(fdt, name);
}

static int write_device(void *fdt, const struct vm_config *vm, const void *dtb,
			const struct vm_device *device)
{
	int err = begin_device(fdt, dtb, device), property;

	fdt_for_each_property_offset(property, dtb, device->node) {
		const char *name;
		int len;
		const void *value = fdt_getprop_by_offset(dtb, property, &name, &len);

		if (!err && value && !is_replaced(name))
			err = fdt_property(fdt, name, value, len);
	}
	if (!err)
		err = write_cells(fdt, "reg", 4 * device->nr_regs, reg_cell, device->regs);
	if (!err)
		err = write_cells(fdt, "interrupts", 3 * device->nr_irqs, irq_cell, device->irqs);
	if (!err)
		err = write_clocks_of(fdt, vm, device);
	return err ? err : fdt_end_node(fdt);
}

int device_write_all(void *fdt, const struct vm_config *vm, const struct host *host)
{
	int err = write_all_clocks(fdt, vm);

	for (unsigned int d = 0; !err && d < vm->nr_devices; d++)
		err = write_device(fdt, vm, host->dtb, &vm->devices[d]);
	return err;
}
