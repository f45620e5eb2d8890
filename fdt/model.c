// SPDX-License-Identifier: BSD-2-Clause
/*
 * All models of emulated devices, and where their devices are among a VM's other ones.
 */
#include "fdt/model.h"

#include "fdt/check.h"
#include "fdt/device.h"
#include "fdt/platform.h"
#include "lib/bits.h"

#define MODEL(id, name) extern const struct model model_##name;
FOR_EACH_MODEL(MODEL)
#undef MODEL

static const struct model *const models[] = {
#define MODEL(id, name) [MODEL_##id] = &model_##name,
    FOR_EACH_MODEL(MODEL)
#undef MODEL
};

struct vm_emulated *model_add(struct parser *p, struct vm_config *vm, enum model_id id,
			      uint64_t base, uint64_t size)
{
	struct vm_emulated *dev = parser_alloc(p, 1, sizeof(*dev)), **last = &vm->emulated;

	if (!dev)
		return NULL;
	while (*last && (*last)->model <= id)
		last = &(*last)->next;
	*dev = (struct vm_emulated){*last, id, ipa(base), size, MODEL_NO_SPI};
	*last = dev;
	return dev;
}

struct vm_emulated *model_find(const struct vm_config *vm, enum model_id id)
{
	struct vm_emulated *dev = vm->emulated;

	while (dev && dev->model != id)
		dev = dev->next;
	return dev;
}

/* ---- Places ---- */

/* True if the device has one of the pages of the range. */
static bool is_in_pages(const struct vm_device *device, uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < device->nr_regs; i++) {
		uint64_t begin = device_ipa(device, device->regs[i].base);
		uint64_t end = ALIGN_UP(begin + device->regs[i].size, PAGE_SIZE);

		begin = ALIGN_DOWN(begin, PAGE_SIZE);
		if (range_overlaps(begin, end - begin, base, size))
			return true;
	}
	return false;
}

bool model_is_taken(const struct vm_config *vm, const struct vm_emulated *dev)
{
	uint64_t base = dev->base.v, size = dev->size;

	for (unsigned int d = 0; d < vm->nr_devices; d++)
		if (is_in_pages(&vm->devices[d], base, size))
			return true;
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (range_overlaps(vm->memory[i].ipa.v, vm->memory[i].size, base, size))
			return true;
	for (const struct vm_emulated *e = vm->emulated; e && e != dev; e = e->next)
		if (range_overlaps(e->base.v, e->size, base, size))
			return true;
	return false;
}

static bool has_spi(const struct vm_config *vm, const struct vm_emulated *dev, uint32_t spi)
{
	for (unsigned int d = 0; d < vm->nr_devices; d++)
		for (unsigned int i = 0; i < vm->devices[d].nr_irqs; i++)
			if (vm->devices[d].irqs[i].intid == spi + 32)
				return true;
	for (const struct vm_emulated *e = vm->emulated; e && e != dev; e = e->next)
		if (e->spi == spi)
			return true;
	/* A virtio slot's, for which software may look without a tree that names it */
	return spi >= PLATFORM_VIRTIO_SPI && spi < PLATFORM_VIRTIO_SPI + PLATFORM_VIRTIO_SLOTS;
}

bool model_place(const struct vm_config *vm, struct vm_emulated *dev, uint32_t spi)
{
	while (model_is_taken(vm, dev) && dev->base.v < PLATFORM_UART_LAST)
		dev->base.v += PAGE_SIZE;
	while (has_spi(vm, dev, spi))
		spi++;
	dev->spi = spi;
	return !model_is_taken(vm, dev) && dev->base.v <= PLATFORM_UART_LAST;
}

/* ---- All of them ---- */

void models_add_properties(const char **names)
{
	for (unsigned int i = 0; i < MODEL_COUNT; i++)
		for (unsigned int k = 0; k < MODEL_MAX_PROPERTIES; k++)
			if (models[i]->properties[k])
				*names++ = models[i]->properties[k];
}

void models_parse(struct parser *p, int node, struct vm_config *vm)
{
	for (unsigned int i = 0; i < MODEL_COUNT; i++)
		if (models[i]->parse)
			models[i]->parse(p, node, vm);
}

void models_place(struct parser *p, struct vm_config *vm)
{
	for (unsigned int i = 0; i < MODEL_COUNT; i++)
		if (models[i]->place)
			models[i]->place(p, vm);
}

static void describe_clock(const struct model_tree *tree)
{
	struct writer *w = tree->w;

	writer_begin(w, "apb-pclk");
	writer_string(w, "compatible", "fixed-clock");
	WRITER_CELLS(w, "#clock-cells", 0);
	WRITER_CELLS(w, "clock-frequency", PLATFORM_UART_CLOCK);
	writer_string(w, "clock-output-names", "clk24mhz");
	WRITER_CELLS(w, "phandle", tree->phandles->clock);
	writer_end(w);
}

void models_describe(const struct model_tree *tree)
{
	bool clocked = false;

	for (const struct vm_emulated *dev = tree->vm->emulated; dev; dev = dev->next) {
		const struct model *model = models[dev->model];

		if (model->clocked && !clocked)
			describe_clock(tree);
		clocked |= model->clocked;
		if (model->describe)
			model->describe(tree, dev);
	}
}
