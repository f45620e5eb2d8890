// SPDX-License-Identifier: BSD-2-Clause
/*
 * The emulated flash. cfi_flash.lock guards a bank's state and its memory.
 *
 * Erasing a block clears a few bits, which say of each unit whether it has been written to since.
 * The memory of an erased unit is never read, and is filled with ones before it is programmed.
 */
#include "vdev/cfi_flash.h"

#include "lib/assert.h"
#include "lib/string.h"

/* Commands */
enum {
	CMD_WORD_PROGRAM_ALT = 0x10,
	CMD_BLOCK_ERASE = 0x20,
	CMD_WORD_PROGRAM = 0x40,
	CMD_CLEAR_STATUS = 0x50,
	CMD_LOCK_SETUP = 0x60,
	CMD_READ_STATUS = 0x70,
	CMD_READ_ID = 0x90,
	CMD_READ_QUERY = 0x98,
	CMD_SUSPEND = 0xb0,
	CMD_CONFIRM = 0xd0,
	CMD_BUFFERED_PROGRAM = 0xe8,
	CMD_READ_ARRAY = 0xff,
};

/* The second cycle of CMD_LOCK_SETUP; CMD_CONFIRM unlocks. */
enum { LOCK_BLOCK = 0x01, LOCK_DOWN_BLOCK = 0x2f };

/* The status register */
#define STATUS_READY BIT(7)
#define STATUS_ERASE_ERROR BIT(5)
#define STATUS_PROGRAM_ERROR BIT(4)
#define STATUS_LOCKED BIT(1)
/* Both: the commands were in no sensible order. */
#define STATUS_SEQUENCE_ERROR (STATUS_ERASE_ERROR | STATUS_PROGRAM_ERROR)

/* The identifier: what is at which word of a block */
#define ID_MANUFACTURER 0x89u /* Intel */
#define ID_DEVICE 0x18u
enum { ID_WORD_MANUFACTURER, ID_WORD_DEVICE, ID_WORD_LOCK };

/* Each chip has half of a bank, of a block, and of the buffer. */
#define NR_CHIPS 2u
#define LOG2(n) ((uint8_t)__builtin_ctz(n))
#define CHIP_BLOCK (CFI_FLASH_BLOCK / NR_CHIPS)
#define NR_BLOCKS (CFI_FLASH_SIZE / CFI_FLASH_BLOCK)
#define UNITS_IN_BLOCK (CFI_FLASH_BLOCK / CFI_FLASH_UNIT)

_Static_assert(NR_BLOCKS <= 64, "a bit for each block");
_Static_assert(UNITS_IN_BLOCK == 64, "a word of bits for each block");

#define QUERY_FIRST 0x10u

/*
 * The query table (JESD68.01, tables 3 to 6, and Intel's own at 0x31), from 0x10
 * on, as one chip has it.
 */
/* clang-format off */
static const uint8_t query[] = {
	'Q', 'R', 'Y',
	0x01, 0x00,		/* 13: Intel's command set */
	0x31, 0x00,		/* 15: where its own table is */
	0x00, 0x00, 0x00, 0x00,	/* 17: no other one */
	0x45, 0x55, 0x00, 0x00,	/* 1b: 4.5 V to 5.5 V; no programming voltage */
	0x07, 0x07, 0x0a, 0x00,	/* 1f: 2^n us for a word, a buffer; ms for a block, not for a chip */
	0x04, 0x04, 0x04, 0x00,	/* 23: 2^n times that at most */
	LOG2(CFI_FLASH_SIZE / NR_CHIPS),
	0x02, 0x00,		/* 28: 8 or 16 bits wide */
	LOG2(CFI_FLASH_BUFFER / NR_CHIPS), 0x00,
	0x01,			/* 2c: blocks are all of one size: */
	(NR_BLOCKS - 1) & 0xff, (NR_BLOCKS - 1) >> 8,
	(CHIP_BLOCK / 256) & 0xff, CHIP_BLOCK / 256 >> 8,
	'P', 'R', 'I', '1', '0',
	0x00, 0x00, 0x00, 0x00,	/* 36: nothing optional */
	0x00,			/* 3a: nothing works while suspended */
	0x01, 0x00,		/* 3b: a lock bit for each block */
	0x50, 0x00,		/* 3d: 5.0 V */
	0x00,			/* 3f: no protection registers */
};
/* clang-format on */

/* ---- The contents ---- */

static bool is_written(const struct cfi_flash *flash, uint64_t offset)
{
	return flash->written[offset / CFI_FLASH_BLOCK] &
	       BIT(offset % CFI_FLASH_BLOCK / CFI_FLASH_UNIT);
}

static uint8_t array_byte(const struct cfi_flash *flash, uint64_t offset)
{
	return is_written(flash, offset) ? flash->data[offset] : 0xff;
}

/* Programming turns ones into zeroes, never the other way. */
static void program_byte(struct cfi_flash *flash, uint64_t offset, uint8_t value)
{
	uint64_t unit = ALIGN_DOWN(offset, CFI_FLASH_UNIT);

	if (!is_written(flash, offset)) {
		if (value == 0xff)
			return;
		memset(flash->data + unit, 0xff, CFI_FLASH_UNIT);
		flash->written[offset / CFI_FLASH_BLOCK] |=
		    BIT(offset % CFI_FLASH_BLOCK / CFI_FLASH_UNIT);
	}
	flash->data[offset] &= value;
}

static bool is_locked(const struct cfi_flash *flash, uint64_t offset)
{
	return flash->locked & BIT(offset / CFI_FLASH_BLOCK);
}

/* `size` bytes, which lie in one block or, if an access is not aligned, in two. */
static void program(struct cfi_flash *flash, uint64_t offset, const uint8_t *bytes,
		    unsigned int size)
{
	if (is_locked(flash, offset) || is_locked(flash, offset + size - 1)) {
		flash->status |= STATUS_PROGRAM_ERROR | STATUS_LOCKED;
		return;
	}
	for (unsigned int i = 0; i < size; i++)
		program_byte(flash, offset + i, bytes[i]);
}

static void erase_block(struct cfi_flash *flash, uint64_t offset)
{
	if (is_locked(flash, offset))
		flash->status |= STATUS_ERASE_ERROR | STATUS_LOCKED;
	else
		flash->written[offset / CFI_FLASH_BLOCK] = 0;
}

/* ---- Reads ---- */

/* The lower byte that one chip puts onto its half of the bus; the upper one is zero. */
static uint8_t chip_byte(const struct cfi_flash *flash, uint64_t offset)
{
	uint64_t word = offset / 4;

	if (flash->mode == CFI_FLASH_STATUS)
		return flash->status;
	if (flash->mode == CFI_FLASH_QUERY) {
		word = (word & 0xff) - QUERY_FIRST;
		return word < sizeof(query) ? query[word] : 0;
	}
	switch (word % (CFI_FLASH_BLOCK / 4)) {
	case ID_WORD_MANUFACTURER:
		return ID_MANUFACTURER;
	case ID_WORD_DEVICE:
		return ID_DEVICE;
	case ID_WORD_LOCK:
		return is_locked(flash, offset);
	default:
		return 0;
	}
}

static uint8_t read_byte(const struct cfi_flash *flash, uint64_t offset)
{
	if (flash->mode == CFI_FLASH_ARRAY)
		return array_byte(flash, offset);
	return offset % 2 == 0 ? chip_byte(flash, offset) : 0;
}

/*
 * Firmware reads its variables several 100,000 times before its prompt: aligned reads of the array
 * are done at once.
 */
static uint64_t read(const struct cfi_flash *flash, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	if (flash->mode == CFI_FLASH_ARRAY && IS_ALIGNED(offset, size)) {
		if (!is_written(flash, offset))
			return GENMASK(8 * size - 1, 0);
		memcpy(&value, flash->data + offset, size);
		return value;
	}
	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)read_byte(flash, offset + i) << (8 * i);
	return value;
}

/* ---- Writes ---- */

static void end_sequence(struct cfi_flash *flash)
{
	flash->mode = CFI_FLASH_STATUS;
	flash->cycle = CFI_FLASH_COMMAND;
}

/*
 * The value that was written ends a sequence, and is not the one that should have come. Of those,
 * CMD_READ_ARRAY alone is no error.
 */
static void break_sequence(struct cfi_flash *flash, uint8_t command)
{
	end_sequence(flash);
	if (command == CMD_READ_ARRAY)
		flash->mode = CFI_FLASH_ARRAY;
	else
		flash->status |= STATUS_SEQUENCE_ERROR;
}

static void begin_sequence(struct cfi_flash *flash, enum cfi_flash_cycle cycle)
{
	flash->mode = CFI_FLASH_STATUS;
	flash->cycle = cycle;
}

static void take_command(struct cfi_flash *flash, uint8_t command)
{
	switch (command) {
	case CMD_WORD_PROGRAM:
	case CMD_WORD_PROGRAM_ALT:
		begin_sequence(flash, CFI_FLASH_PROGRAM);
		break;
	case CMD_BLOCK_ERASE:
		begin_sequence(flash, CFI_FLASH_ERASE);
		break;
	case CMD_LOCK_SETUP:
		begin_sequence(flash, CFI_FLASH_LOCK);
		break;
	case CMD_BUFFERED_PROGRAM:
		begin_sequence(flash, CFI_FLASH_COUNT);
		break;
	case CMD_READ_STATUS:
		flash->mode = CFI_FLASH_STATUS;
		break;
	case CMD_READ_ID:
		flash->mode = CFI_FLASH_ID;
		break;
	case CMD_READ_QUERY:
		flash->mode = CFI_FLASH_QUERY;
		break;
	case CMD_SUSPEND:
	case CMD_CONFIRM: /* resume: nothing ever is suspended */
		break;
	case CMD_CLEAR_STATUS:
		flash->status = STATUS_READY;
		flash->mode = CFI_FLASH_ARRAY;
		break;
	default: /* CMD_READ_ARRAY, and all that are no commands */
		flash->mode = CFI_FLASH_ARRAY;
		break;
	}
}

static void take_lock(struct cfi_flash *flash, uint64_t offset, uint8_t command)
{
	uint64_t block = BIT(offset / CFI_FLASH_BLOCK);

	if (command == LOCK_BLOCK || command == LOCK_DOWN_BLOCK)
		flash->locked |= block;
	else if (command == CMD_CONFIRM)
		flash->locked &= ~block;
	else
		return break_sequence(flash, command);
	end_sequence(flash);
}

/* `count` and one more writes come next. */
static void take_count(struct cfi_flash *flash, uint64_t count)
{
	count &= 0xffff;
	if (count >= CFI_FLASH_BUFFER / 4)
		return break_sequence(flash, 0);
	flash->left = (unsigned int)count + 1;
	flash->has_window = false;
	/* Ones leave the contents as they are, where nothing is written. */
	memset(flash->buffer, 0xff, sizeof(flash->buffer));
	flash->cycle = CFI_FLASH_FILL;
}

static void fill_buffer(struct cfi_flash *flash, uint64_t offset, const uint8_t *bytes,
			unsigned int size)
{
	if (!flash->has_window) {
		flash->window = (uint32_t)ALIGN_DOWN(offset, CFI_FLASH_BUFFER);
		flash->has_window = true;
	}
	if (!range_within(offset, size, flash->window, CFI_FLASH_BUFFER))
		return break_sequence(flash, 0);
	memcpy(flash->buffer + (offset - flash->window), bytes, size);
	if (--flash->left == 0)
		flash->cycle = CFI_FLASH_CONFIRM;
}

static void write(struct cfi_flash *flash, uint64_t offset, uint64_t value, unsigned int size)
{
	uint8_t command = (uint8_t)value, bytes[8];

	for (unsigned int i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));

	switch (flash->cycle) {
	case CFI_FLASH_COMMAND:
		take_command(flash, command);
		break;
	case CFI_FLASH_PROGRAM:
		program(flash, offset, bytes, size);
		end_sequence(flash);
		break;
	case CFI_FLASH_ERASE:
		if (command != CMD_CONFIRM)
			return break_sequence(flash, command);
		erase_block(flash, offset);
		end_sequence(flash);
		break;
	case CFI_FLASH_LOCK:
		take_lock(flash, offset, command);
		break;
	case CFI_FLASH_COUNT:
		take_count(flash, value);
		break;
	case CFI_FLASH_FILL:
		fill_buffer(flash, offset, bytes, size);
		break;
	case CFI_FLASH_CONFIRM:
		if (command != CMD_CONFIRM)
			return break_sequence(flash, command);
		program(flash, flash->window, flash->buffer, sizeof(flash->buffer));
		end_sequence(flash);
		break;
	}
}

enum mmio_result cfi_flash_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	struct cfi_flash *flash = dev;

	(void)vcpu;
	ASSERT(range_within(access->offset, access->size, 0, CFI_FLASH_SIZE));
	lock_acquire(&flash->lock);
	if (access->write)
		write(flash, access->offset, access->value, access->size);
	else
		access->value = read(flash, access->offset, access->size);
	lock_release(&flash->lock);
	return MMIO_OK;
}

enum mmio_result erased_flash_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	(void)vcpu;
	(void)dev;
	access->value = GENMASK(8 * access->size - 1, 0);
	return MMIO_OK;
}

/* ---- Its life ---- */

static void set_reset_state(struct cfi_flash *flash)
{
	memset(flash->written, 0, sizeof(flash->written));
	flash->locked = 0;
	flash->mode = CFI_FLASH_ARRAY;
	flash->cycle = CFI_FLASH_COMMAND;
	flash->status = STATUS_READY;
}

/* All is erased and unlocked. */
static void reset(struct vdev *vdev)
{
	struct cfi_flash *flash = container_of(vdev, struct cfi_flash, vdev);

	lock_acquire(&flash->lock);
	set_reset_state(flash);
	lock_release(&flash->lock);
}

static const struct vdev_ops cfi_flash_ops = {.reset = reset};

void cfi_flash_init(struct cfi_flash *flash, void *data)
{
	*flash = (struct cfi_flash){
	    .vdev = {.ops = &cfi_flash_ops}, .data = data, .lock = LOCK_INIT(LOCK_CFI_FLASH, 0)};
	set_reset_state(flash);
}
