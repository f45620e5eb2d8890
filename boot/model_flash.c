// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot: flash. Memory and passed devices are mapped, so that accesses to them never come to what is
 * added here; but for writes to firmware, which meet erased flash.
 */
#include "boot/model.h"
#include "fdt/platform.h"
#include "lib/errno.h"
#include "mm/pages.h"
#include "vcpu/vm.h"
#include "vdev/cfi_flash.h"

/* The bank in which firmware keeps its variables */
static int build_variables(struct vm *vm, const struct vm_emulated *config, struct arena *arena)
{
	struct cfi_flash *flash = arena_alloc(arena, 1, sizeof(*flash));
	void *data = page_alloc(CFI_FLASH_SIZE / PAGE_SIZE);
	int err;

	_Static_assert(PLATFORM_FLASH_VARS_SIZE == CFI_FLASH_SIZE, "the size in the guest's tree");
	if (!data || !flash)
		return -ENOMEM;
	cfi_flash_init(flash, data);
	model_attach(vm, config, &flash->vdev);
	err = mmio_map_add(&vm->mmio, ipa(PLATFORM_FLASH_VARS), CFI_FLASH_SIZE, cfi_flash_access,
			   flash, "flash");
	if (err)
		return err;
	return mmio_map_add(&vm->mmio, ipa(PLATFORM_FLASH_VARS + CFI_FLASH_SIZE),
			    PLATFORM_FLASH_BANK - CFI_FLASH_SIZE, erased_flash_access, NULL,
			    "erased flash");
}

static int build(struct vm *vm, const struct vm_emulated *config, struct arena *arena)
{
	bool firmware = vm->config->firmware;
	uint64_t size = firmware ? PLATFORM_FLASH_BANK : config->size;
	int err = firmware ? build_variables(vm, config, arena) : 0;

	if (err)
		return err;
	return mmio_map_add(&vm->mmio, config->base, size, erased_flash_access, NULL,
			    "erased flash");
}

const struct model_builder build_flash = {
    .regions = 3,
    .size = sizeof(struct cfi_flash),
    .build = build,
};
