/*
 * Devices of the machine that are given to VMs: found in the host's tree by
 * their paths, with their registers, interrupts and clocks; each has one
 * owner, as a whole, down to the page.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/device.h"
#include "fdt/diag.h"
#include "fdt/platform.h"
#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

#define MAX_DEVICES 64
#define MAX_PARTS 32 /* registers, interrupts, clocks of a device: each */
#define PROPERTY "passthrough"
#define LLU(value) ((unsigned long long)(value))

/* ---- Clocks ---- */

/* What the guest is told of a provider: a fixed clock as it is, of others what the tree says. */
static uint32_t clock_frequency(struct parser *p, const struct vm_config *vm,
				const struct vm_device *device, int provider)
{
	const void *dtb = p->host->dtb;
	uint32_t frequency = reg_get_u32(dtb, provider, "clock-frequency", 0);

	if (frequency == 0)
		frequency = reg_get_u32(dtb, device->node, "clock-frequency", 0);
	if (frequency == 0)
		diag_warning(p->diag, vm->path, PROPERTY,
			     "%s: clocks: the frequency of %s is not in the machine's tree: the "
			     "guest gets a clock of 0 Hz",
			     device->path, fdt_get_name(dtb, provider, NULL));
	return frequency;
}

static void parse_clocks(struct parser *p, const struct vm_config *vm, struct vm_device *device)
{
	const void *dtb = p->host->dtb;
	struct vm_clock clocks[MAX_PARTS];
	int len = 0;
	const fdt32_t *value = fdt_getprop(dtb, device->node, "clocks", &len);
	unsigned int left = value ? (unsigned int)len / 4 : 0, n = 0;

	while (left != 0 && n < MAX_PARTS) {
		int provider = tree_find_phandle(dtb, fdt32_ld(value));
		unsigned int used =
		    1 + (provider >= 0 ? reg_get_u32(dtb, provider, "#clock-cells", 0) : 0);

		if (provider < 0 || used > left) {
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s: clocks: entry %u names no clock of the machine",
				   device->path, n);
			return;
		}
		clocks[n].provider = fdt32_ld(value);
		clocks[n++].frequency = clock_frequency(p, vm, device, provider);
		value += used;
		left -= used;
	}
	device->clocks = parser_alloc(p, n, sizeof(*clocks));
	if (device->clocks)
		memcpy(device->clocks, clocks, n * sizeof(*clocks));
	device->nr_clocks = device->clocks ? n : 0;
}

/* ---- One device ---- */

/* Masters of memory: by what the tree says of them, or by the generic name of their kind. */
static bool masters_memory(const void *dtb, int node)
{
	static const char *const properties[] = {"iommus", "dmas", "dma-coherent", NULL};
	static const char *const compatibles[] = {"virtio,mmio", NULL};
	static const char *const kinds[] = {
	    "ethernet",	      "usb",	     "mmc",    "sdhci", "pcie", "sata",	   "gpu",
	    "dma-controller", "video-codec", "crypto", "can",	"dma",	"display", NULL};
	const char *name = fdt_get_name(dtb, node, NULL);

	for (unsigned int i = 0; properties[i]; i++)
		if (fdt_getprop(dtb, node, properties[i], NULL))
			return true;
	for (unsigned int i = 0; kinds[i]; i++) {
		size_t len = strlen(kinds[i]);

		if (strncmp(name, kinds[i], len) == 0 && (name[len] == '@' || name[len] == '\0'))
			return true;
	}
	return reg_is_compatible(dtb, node, compatibles);
}

static void parse_regs(struct parser *p, const struct vm_config *vm, struct vm_device *device)
{
	struct range regs[MAX_PARTS];
	unsigned int n = 0;
	int err;

	while (n < MAX_PARTS &&
	       (err = reg_get(p->host->dtb, device->node, n, &regs[n])) != -ENOENT) {
		if (err || regs[n].size == 0) {
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s: register range %u has no address that CPUs can reach",
				   device->path, n);
			return;
		}
		n++;
	}
	if (n == 0)
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s has no registers (reg): only a device that has can be given away",
			   device->path);
	device->regs = parser_alloc(p, n, sizeof(*regs));
	if (device->regs)
		memcpy(device->regs, regs, n * sizeof(*regs));
	device->nr_regs = device->regs ? n : 0;
}

static void parse_irqs(struct parser *p, const struct vm_config *vm, struct vm_device *device)
{
	struct reg_irq irqs[MAX_PARTS];
	unsigned int n = 0;
	int err;

	while (n < MAX_PARTS &&
	       (err = reg_get_irq(p->host->dtb, device->node, n, &irqs[n])) != -ENOENT) {
		if (err || irqs[n].intid < 32 || irqs[n].controller != p->host->gic.node) {
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s: interrupt %u is not a shared one of the GIC's: it cannot "
				   "be passed on",
				   device->path, n);
			return;
		}
		n++;
	}
	device->irqs = parser_alloc(p, n, sizeof(*irqs));
	if (device->irqs)
		memcpy(device->irqs, irqs, n * sizeof(*irqs));
	device->nr_irqs = device->irqs ? n : 0;
}

/* Properties that name other devices, which a guest does not get. */
static void warn_left_out(struct parser *p, const struct vm_config *vm,
			  const struct vm_device *device)
{
	const void *dtb = p->host->dtb;
	int property;

	fdt_for_each_property_offset(property, dtb, device->node) {
		const char *name;

		if (fdt_getprop_by_offset(dtb, property, &name, NULL) && device_leaves_out(name))
			diag_warning(p->diag, vm->path, PROPERTY,
				     "%s: %s is left out: what it names is not the guest's",
				     device->path, name);
	}
}

/* True if a bus above the device, but for the root, maps the addresses that it uses to others. */
static bool bus_translates_dma(const void *dtb, int node)
{
	int path[TREE_MAX_DEPTH + 1], len;

	for (int depth = tree_ancestors(dtb, node, path) - 1; depth > 0; depth--)
		if (fdt_getprop(dtb, path[depth], "dma-ranges", &len) && len != 0)
			return true;
	return false;
}

static bool all_identity(const struct vm_config *vm)
{
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (!vm->memory[i].fixed || vm->memory[i].pa.v != vm->memory[i].ipa.v)
			return false;
	return true;
}

static void parse_device(struct parser *p, struct vm_config *vm, const char *path)
{
	const void *dtb = p->host->dtb;
	struct vm_device *device = &vm->devices[vm->nr_devices];
	int node =
	    *path == '/' ? tree_find_path(dtb, path, (unsigned int)strlen(path)) : -FDT_ERR_BADPATH;

	if (node <= 0) {
		diag_error(p->diag, vm->path, PROPERTY,
			   "this machine has no %s: write the path of a node of its device tree",
			   path);
		return;
	}
	*device = (struct vm_device){.path = path, .node = node};
	if (!reg_is_available(dtb, node))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s is disabled in the machine's tree (status)", path);
	parse_regs(p, vm, device);
	parse_irqs(p, vm, device);
	parse_clocks(p, vm, device);
	warn_left_out(p, vm, device);
	device->dma = masters_memory(dtb, node);
	if (device->dma && !vm->unsafe_dma && !all_identity(vm))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s reads and writes memory by itself, at physical addresses, which "
			   "are not the guest's: it would damage others. Give every memory@ of the "
			   "VM identity; or, if it is never used so, the VM unsafe-dma;",
			   path);
	if (device->dma && !vm->unsafe_dma && bus_translates_dma(dtb, node))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s: its bus translates the addresses that it uses (dma-ranges), which "
			   "its node does not say without the bus: it cannot be passed on",
			   path);
	vm->nr_devices++;
}

void parse_passthrough(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const char *list = fdt_getprop(p->blob, node, PROPERTY, &len), *end;
	unsigned int n = 0;

	if (!list)
		return;
	if (len == 0 || list[len - 1] != '\0' || *list == '\0') {
		diag_error(p->diag, vm->path, PROPERTY,
			   "has to be paths of devices: write passthrough = \"/pl031@9010000\";");
		return;
	}
	end = list + len;
	for (const char *path = list; path < end; path += strlen(path) + 1)
		n++;
	if (n > MAX_DEVICES) {
		diag_error(p->diag, vm->path, PROPERTY, "%u devices are too many: %d are the most",
			   n, MAX_DEVICES);
		return;
	}
	vm->devices = parser_alloc(p, n, sizeof(*vm->devices));
	for (const char *path = list; vm->devices && path < end; path += strlen(path) + 1)
		parse_device(p, vm, path);
}

/* ---- All devices ---- */

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

/* What is Bulkhead's own, or no device. */
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

/* IPA = PA: nothing else of the guest's may be there. */
static bool is_taken(const struct vm_config *vm, const struct range *reg)
{
	const struct range devices = {
	    PLATFORM_GICD_BASE, PLATFORM_UART_BASE - PLATFORM_GICD_BASE +
				    (vm->console == VM_CONSOLE_PL011 ? PLATFORM_UART_SIZE : 0)};

	if (shares_page(reg, &devices))
		return true;
	for (unsigned int i = 0; i < vm->nr_memory; i++) {
		const struct range memory = {vm->memory[i].ipa.v, vm->memory[i].size};

		if (shares_page(reg, &memory))
			return true;
	}
	return false;
}

static void check_place(struct parser *p, const struct vm_config *vm,
			const struct vm_device *device)
{
	for (unsigned int i = 0; i < device->nr_regs; i++) {
		const struct range *reg = &device->regs[i];
		const char *owner = owner_of(p->host, reg);

		if (owner)
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s: 0x%llx is in a page with %s, which stays with Bulkhead",
				   device->path, LLU(reg->base), owner);
		else if (is_taken(vm, reg))
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s: at 0x%llx the guest has memory or an emulated device",
				   device->path, LLU(reg->base));
	}
	for (unsigned int i = 0; i < device->nr_irqs; i++)
		if (vm->console == VM_CONSOLE_PL011 &&
		    device->irqs[i].intid == PLATFORM_UART_SPI + 32)
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s has the interrupt of the emulated UART, SPI %u: write "
				   "console = \"none\"; for this VM",
				   device->path, PLATFORM_UART_SPI);
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

/* Two devices, of which `b` comes later. */
static void check_pair(struct parser *p, const struct vm_config *a_vm, const struct vm_device *a,
		       const struct vm_config *vm, const struct vm_device *b)
{
	if (a->node == b->node)
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s: already given to %s (a device has one owner)", b->path, a_vm->name);
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
		const struct vm_config *vm = &config->vms[v];

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
