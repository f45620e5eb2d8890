// SPDX-License-Identifier: BSD-2-Clause
/*
 * The devices that are emulated, by their models. Boot CPU only, before any guest runs; no lock is
 * needed.
 */
#include "boot/build_devices.h"

#include "boot/model.h"
#include "lib/errno.h"
#include "vcpu/vm.h"

#define MODEL(id, name) extern const struct model_builder build_##name;
FOR_EACH_MODEL(MODEL)
#undef MODEL

static const struct model_builder *const builders[] = {
#define MODEL(id, name) [MODEL_##id] = &build_##name,
    FOR_EACH_MODEL(MODEL)
#undef MODEL
};

static unsigned int count_regions(const struct vm_config *config)
{
	unsigned int n = 0;

	for (const struct vm_emulated *dev = config->emulated; dev; dev = dev->next)
		n += builders[dev->model]->regions;
	return n;
}

size_t build_devices_size(const struct vm_config *config)
{
	size_t size = count_regions(config) * sizeof(struct mmio_region);

	for (const struct vm_emulated *dev = config->emulated; dev; dev = dev->next) {
		const struct model_builder *builder = builders[dev->model];

		size += builder->size + config->nr_cpus * builder->vcpu_size;
	}
	return size;
}

static bool has_model(const struct system_config *config, enum model_id id)
{
	for (unsigned int i = 0; i < config->nr_vms; i++)
		if (model_find(&config->vms[i], id))
			return true;
	return false;
}

void build_devices_init(const struct system_config *config, const struct host *host)
{
	for (unsigned int i = 0; i < MODEL_COUNT; i++)
		if (builders[i]->prepare && has_model(config, (enum model_id)i))
			builders[i]->prepare(host);
}

void model_attach(struct vm *vm, const struct vm_emulated *config, struct vdev *dev)
{
	uint32_t intid = config->spi == MODEL_NO_SPI ? 0 : VGIC_NR_PRIVATE + config->spi;

	vdev_attach(dev, &vm->devices, &vm->vgic, intid);
}

int build_devices(struct vm *vm, struct arena *arena)
{
	int err = mmio_map_init(&vm->mmio, count_regions(vm->config), arena);

	for (const struct vm_emulated *dev = vm->config->emulated; !err && dev; dev = dev->next) {
		if (dev->spi != MODEL_NO_SPI && dev->spi + VGIC_NR_PRIVATE >= vm->vgic.nr_irqs)
			return -EINVAL;
		err = builders[dev->model]->build(vm, dev, arena);
	}
	return err;
}
