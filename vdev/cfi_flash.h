/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bank of NOR flash with the Common Flash Interface (JEDEC JESD68.01) and Intel's command set
 * (0x0001), like the two of QEMU's virt: two chips of 16 bits side by side on a bus of 32 bits,
 * with blocks of 256 KiB. Commands, status and identifier are those of Intel's data sheet of the
 * StrataFlash 28F128J3A; each block is locked and unlocked by itself, as with the later P30.
 * Firmware keeps its variables in it.
 *
 * An access of any width is one bus cycle. A command is the lowest byte of the value that is
 * written. Programming and erasing are complete when the access is, so that the status is always
 * "ready". The contents are lost when the VM restarts.
 */
#pragma once

#include "arm64/lock.h"
#include "lib/bits.h"
#include "lib/types.h"
#include "vdev/mmio.h"
#include "vdev/vdev.h"

#define CFI_FLASH_BLOCK KIB(256)
/* Of each unit it is known whether it is erased; programming one first fills it with ones. */
#define CFI_FLASH_UNIT KIB(4)
#define CFI_FLASH_SIZE MIB(1)
#define CFI_FLASH_UNITS (CFI_FLASH_SIZE / CFI_FLASH_UNIT)
/* A buffered program stays within so many aligned bytes, half of them in each chip. */
#define CFI_FLASH_BUFFER 512u

/* What the next read gives */
enum cfi_flash_mode {
	CFI_FLASH_ARRAY,
	CFI_FLASH_STATUS,
	CFI_FLASH_ID,
	CFI_FLASH_QUERY,
};

/* What the next write is */
enum cfi_flash_cycle {
	CFI_FLASH_COMMAND,
	CFI_FLASH_PROGRAM, /* the data of a program command */
	CFI_FLASH_ERASE,   /* the confirmation of an erase command */
	CFI_FLASH_LOCK,	   /* which of the lock commands it is */
	CFI_FLASH_COUNT,   /* how much comes into the buffer */
	CFI_FLASH_FILL,	   /* data for the buffer */
	CFI_FLASH_CONFIRM, /* the buffer is to be programmed */
};

struct cfi_flash {
	struct vdev vdev;

	/* Guards all below, and the memory at `data`. */
	struct lock lock;
	uint8_t *data;				       /* CFI_FLASH_SIZE bytes */
	uint64_t written[(CFI_FLASH_UNITS + 63) / 64]; /* a bit for each unit: it is not erased */
	uint64_t locked;			       /* a bit for each block */
	enum cfi_flash_mode mode;
	enum cfi_flash_cycle cycle;
	uint8_t status;

	/* A buffered program */
	unsigned int left; /* writes that are to come */
	bool has_window;
	uint32_t window; /* offset of the bytes that are in the buffer */
	uint8_t buffer[CFI_FLASH_BUFFER];
};

/* Makes a bank in its reset state, with these CFI_FLASH_SIZE bytes to keep its contents in. Boot
 * only. */
void cfi_flash_init(struct cfi_flash *flash, void *data);

/*
 * The guest's accesses; `dev` is the struct cfi_flash. See mmio_handler. One access fills at most
 * two units, and programs at most CFI_FLASH_BUFFER bytes.
 */
enum mmio_result cfi_flash_access(struct vcpu *vcpu, void *dev, struct mmio_access *access);

/* Flash that has nothing in it and takes no commands: it reads as erased. `dev` is not used. */
enum mmio_result erased_flash_access(struct vcpu *vcpu, void *dev, struct mmio_access *access);
