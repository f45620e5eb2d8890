// SPDX-License-Identifier: BSD-2-Clause
/*
 * Limits of the machine that no tree tells of: boot asks the CPUs and the GIC.
 */
#include <libfdt.h>

#include "fdt/device.h"
#include "fdt/diag.h"
#include "fdt/model.h"
#include "fdt/system.h"
#include "lib/bits.h"
#include "lib/format.h"

#define FIRST_SPI 32u
#define LLU(value) ((unsigned long long)(value))

static bool check_memory_bits(const struct vm_config *vm, const struct vm_memory *memory,
			      unsigned int bits, struct diag *diag)
{
	char path[144];

	if (memory->rom || range_within(memory->ipa.v, memory->size, 0, BIT(bits)))
		return true;
	format(path, sizeof(path), "%s/%.60s", vm->path,
	       fdt_get_name(vm->blob, memory->node, NULL));
	diag_error(diag, path, "reg",
		   "0x%llx, size 0x%llx: this machine's CPUs translate %u bits of address: let it "
		   "end at 0x%llx or below",
		   LLU(memory->ipa.v), LLU(memory->size), bits, LLU(BIT(bits) - 1));
	return false;
}

static bool check_device_bits(const struct vm_config *vm, const struct vm_device *device,
			      unsigned int bits, struct diag *diag)
{
	for (unsigned int i = 0; i < device->nr_regs; i++) {
		uint64_t base = device_ipa(device, device->regs[i].base);

		if (range_within(base, device->regs[i].size, 0, BIT(bits)))
			continue;
		diag_error(diag, vm->path, device->offset ? "passthrough-at" : "passthrough",
			   "%s: 0x%llx: this machine's CPUs translate %u bits of address: let it "
			   "end at 0x%llx or below, by passthrough-at",
			   device->path, LLU(base), bits, LLU(BIT(bits) - 1));
		return false;
	}
	return true;
}

bool system_check_bits(const struct system_config *config, unsigned int bits, struct diag *diag)
{
	bool ok = true;

	for (unsigned int v = 0; v < config->nr_vms; v++) {
		const struct vm_config *vm = &config->vms[v];

		for (unsigned int m = 0; m < vm->nr_memory; m++)
			ok = check_memory_bits(vm, &vm->memory[m], bits, diag) && ok;
		for (unsigned int d = 0; d < vm->nr_devices; d++)
			ok = check_device_bits(vm, &vm->devices[d], bits, diag) && ok;
	}
	return ok;
}

static bool check_device_irqs(const struct vm_config *vm, const struct vm_device *device,
			      uint32_t nr_irqs, struct diag *diag)
{
	for (unsigned int i = 0; i < device->nr_irqs; i++) {
		uint32_t intid = device->irqs[i].intid;

		if (intid < nr_irqs)
			continue;
		diag_error(diag, vm->path, "passthrough",
			   "%s has the interrupt SPI %u, but this machine's GIC has SPIs 0 to %u: "
			   "it cannot be passed on",
			   device->path, intid - FIRST_SPI, nr_irqs - FIRST_SPI - 1);
		return false;
	}
	return true;
}

bool system_check_irqs(const struct system_config *config, uint32_t nr_irqs, struct diag *diag)
{
	bool ok = true;

	for (unsigned int v = 0; v < config->nr_vms; v++) {
		const struct vm_config *vm = &config->vms[v];

		for (unsigned int d = 0; d < vm->nr_devices; d++)
			ok = check_device_irqs(vm, &vm->devices[d], nr_irqs, diag) && ok;
		for (const struct vm_emulated *dev = vm->emulated; dev; dev = dev->next)
			if (dev->spi != MODEL_NO_SPI && dev->spi + FIRST_SPI >= nr_irqs) {
				diag_error(diag, vm->path, NULL,
					   "an emulated device would have SPI %u, but this "
					   "machine's GIC has SPIs 0 to %u: pass fewer devices",
					   dev->spi, nr_irqs - FIRST_SPI - 1);
				ok = false;
			}
	}
	return ok;
}
