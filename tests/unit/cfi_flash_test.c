// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/cfi_flash.c: the commands of the emulated flash, by sequences as drivers
 * send them and by random ones, against contents kept beside it.
 */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "vdev/cfi_flash.h"

static struct cfi_flash flash;
static uint8_t *data;

#define READY 0x80u
#define ERASE_FAILED 0x20u
#define PROGRAM_FAILED 0x10u
#define LOCKED 0x02u
#define BAD_SEQUENCE (ERASE_FAILED | PROGRAM_FAILED)

/* Of exactly the flash's size: the sanitizer sees what is read or written beside it. */
static void set_up(void)
{
	free(data);
	data = malloc(CFI_FLASH_SIZE);
	ATF_REQUIRE(data != NULL);
	memset(data, 0x5a, CFI_FLASH_SIZE);
	cfi_flash_init(&flash, data);
}

static uint64_t get(uint64_t offset, uint8_t size)
{
	struct mmio_access access = {.offset = offset, .size = size, .value = ~UINT64_C(0)};

	ATF_REQUIRE_EQ(cfi_flash_access(NULL, &flash, &access), MMIO_OK);
	ATF_REQUIRE(!lock_is_held(&flash.lock));
	return access.value;
}

static void set(uint64_t offset, uint64_t value, uint8_t size)
{
	struct mmio_access access = {.offset = offset, .size = size, .value = value, .write = true};

	ATF_REQUIRE_EQ(cfi_flash_access(NULL, &flash, &access), MMIO_OK);
	ATF_REQUIRE(!lock_is_held(&flash.lock));
}

/* A command as drivers send it to two chips at once */
static void command(uint64_t offset, uint8_t value)
{
	set(offset, value * UINT64_C(0x00010001), 4);
}

static void program(uint64_t offset, uint64_t value, uint8_t size)
{
	command(offset, 0x40);
	set(offset, value, size);
}

static void erase(uint64_t offset)
{
	command(offset, 0x20);
	command(offset, 0xd0);
}

static void expect_status(uint64_t status)
{
	command(0, 0x70);
	ATF_CHECK_EQ(get(0, 4), status * 0x00010001);
	command(0, 0x50);
	command(0, 0x70);
	ATF_CHECK_EQ(get(0, 4), 0x00800080);
	command(0, 0xff);
}

ATF_TC_WITHOUT_HEAD(erased);
ATF_TC_BODY(erased, tc)
{
	set_up();
	for (uint64_t offset = 0; offset < CFI_FLASH_SIZE; offset += 4096)
		ATF_CHECK_EQ(get(offset, 8), UINT64_MAX);
	ATF_CHECK_EQ(get(CFI_FLASH_SIZE - 1, 1), 0xff);
	ATF_CHECK_EQ(get(3, 4), 0xffffffff);
}

ATF_TC_WITHOUT_HEAD(query);
ATF_TC_BODY(query, tc)
{
	/* clang-format off */
	static const struct {
		uint64_t word;
		uint8_t value;
	} table[] = {
		{0x0f,  0},
		{0x10,  'Q'},
		{0x11,  'R'},
		{0x12,  'Y'},
		{0x13,  1},
		{0x15,  0x31},
		{0x27,  19},
		{0x28,  2},
		{0x2a,  8},
		{0x2b,  0},
		{0x2c,  1},
		{0x2d,  3},
		{0x2e,  0},
		{0x2f,  0},
		{0x30,  2},
		{0x31,  'P'},
		{0x32,  'R'},
		{0x33,  'I'},
		{0x34,  '1'},
		{0x40,  0},
		{0xff,  0},
		{0x110, 'Q'},
	};
	/* clang-format on */

	set_up();
	command(0x55 * 4, 0x98);
	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++) {
		uint64_t value = table[i].value;

		ATF_CHECK_EQ(get(table[i].word * 4, 4), value << 16 | value);
		ATF_CHECK_EQ(get(table[i].word * 4, 2), value);
		ATF_CHECK_EQ(get(table[i].word * 4, 1), value);
		ATF_CHECK_EQ(get(table[i].word * 4 + 2, 1), value);
		ATF_CHECK_EQ(get(table[i].word * 4 + 1, 1), 0);
	}
	command(0, 0xff);
	ATF_CHECK_EQ(get(0x40, 4), 0xffffffff);
}

ATF_TC_WITHOUT_HEAD(identifier);
ATF_TC_BODY(identifier, tc)
{
	set_up();
	for (uint64_t block = 0; block < CFI_FLASH_SIZE; block += CFI_FLASH_BLOCK) {
		command(block, 0x90);
		ATF_CHECK_EQ(get(block, 4), 0x00890089);
		ATF_CHECK_EQ(get(block + 4, 4), 0x00180018);
		ATF_CHECK_EQ(get(block + 8, 4), 0);
		command(block, 0x60);
		command(block, 0x01);
		command(block, 0x90);
		ATF_CHECK_EQ(get(block + 8, 4), 0x00010001);
	}
	command(0, 0x60);
	command(0, 0xd0);
	command(0, 0x90);
	ATF_CHECK_EQ(get(8, 4), 0);
	ATF_CHECK_EQ(get(CFI_FLASH_BLOCK + 8, 4), 0x00010001);
}

ATF_TC_WITHOUT_HEAD(program_word);
ATF_TC_BODY(program_word, tc)
{
	set_up();
	program(0x1000, 0x12345678, 4);
	ATF_CHECK_EQ(get(0x1000, 4), READY * 0x00010001);
	expect_status(READY);
	ATF_CHECK_EQ(get(0x1000, 4), 0x12345678);
	ATF_CHECK_EQ(get(0x0ff8, 8), UINT64_MAX);
	ATF_CHECK_EQ(get(0x1004, 8), UINT64_MAX);
	/* only ones become zeroes */
	program(0x1000, 0xff00ff0f, 4);
	program(0x1008, 0x0102030405060708, 8);
	program(0x1010, 0x99, 1);
	command(0, 0xff);
	ATF_CHECK_EQ(get(0x1000, 4), 0x12005608);
	ATF_CHECK_EQ(get(0x1008, 8), 0x0102030405060708);
	ATF_CHECK_EQ(get(0x1010, 4), 0xffffff99);
}

ATF_TC_WITHOUT_HEAD(erase_block);
ATF_TC_BODY(erase_block, tc)
{
	const uint64_t last = CFI_FLASH_BLOCK - 4;

	set_up();
	program(0, 0, 4);
	program(last, 0, 4);
	program(CFI_FLASH_BLOCK, 0x11111111, 4);
	erase(0x20000);
	expect_status(READY);
	ATF_CHECK_EQ(get(0, 4), 0xffffffff);
	ATF_CHECK_EQ(get(last, 4), 0xffffffff);
	ATF_CHECK_EQ(get(CFI_FLASH_BLOCK, 4), 0x11111111);
	/* what was there before is not there again */
	program(last - 4, 0x22222222, 4);
	command(0, 0xff);
	ATF_CHECK_EQ(get(last - 4, 8), 0xffffffff22222222);
}

/* `count` words of 32 bits, from a value on */
static void fill(uint64_t offset, unsigned int count, uint32_t value)
{
	command(offset, 0xe8);
	ATF_CHECK_EQ(get(offset, 4) & READY, READY);
	command(offset, (uint8_t)(count - 1));
	for (unsigned int i = 0; i < count; i++)
		set(offset + 4ull * i, value + i, 4);
}

ATF_TC_WITHOUT_HEAD(program_buffer);
ATF_TC_BODY(program_buffer, tc)
{
	set_up();
	fill(0x200, 128, 0x1000);
	command(0xffff, 0xff);
	ATF_CHECK_EQ_MSG(get(0x200, 4), 0xffffffff, "nothing is programmed before it is confirmed");
	fill(0x200, 128, 0x1000);
	command(0x200, 0xd0);
	expect_status(READY);
	for (unsigned int i = 0; i < 128; i++)
		ATF_CHECK_EQ(get(0x200 + 4 * i, 4), 0x1000 + i);
	ATF_CHECK_EQ(get(0x400, 8), UINT64_MAX);

	/* the middle of a window */
	fill(0x4010, 2, 7);
	command(0x4010, 0xd0);
	command(0, 0xff);
	ATF_CHECK_EQ(get(0x400c, 4), 0xffffffff);
	ATF_CHECK_EQ(get(0x4010, 8), 0x0000000800000007);
	ATF_CHECK_EQ(get(0x4018, 4), 0xffffffff);
}

ATF_TC_WITHOUT_HEAD(bad_sequences);
ATF_TC_BODY(bad_sequences, tc)
{
	set_up();
	program(0, 0x12345678, 4);
	command(0, 0x20);
	command(0, 0x40);
	expect_status(READY | BAD_SEQUENCE);
	command(0, 0x60);
	command(0, 0x77);
	expect_status(READY | BAD_SEQUENCE);
	/* more than the buffer has */
	command(0, 0xe8);
	command(0, 128);
	expect_status(READY | BAD_SEQUENCE);
	/* beside the window of the first one */
	command(0x200, 0xe8);
	command(0x200, 1);
	set(0x200, 0, 4);
	set(0x400, 0, 4);
	expect_status(READY | BAD_SEQUENCE);
	command(0x200, 0xe8);
	command(0x200, 0);
	set(0x3fc, 0, 8);
	expect_status(READY | BAD_SEQUENCE);
	fill(0x200, 4, 0);
	command(0x200, 0x70);
	expect_status(READY | BAD_SEQUENCE);
	/* a reset ends any, and is no error */
	command(0, 0x20);
	command(0, 0xff);
	ATF_CHECK_EQ(get(0, 4), 0x12345678);
	expect_status(READY);
	ATF_CHECK_EQ(get(0x200, 8), UINT64_MAX);
}

ATF_TC_WITHOUT_HEAD(locked);
ATF_TC_BODY(locked, tc)
{
	set_up();
	program(CFI_FLASH_BLOCK + 4, 0x12345678, 4);
	command(CFI_FLASH_BLOCK, 0x60);
	command(CFI_FLASH_BLOCK, 0x01);
	program(CFI_FLASH_BLOCK + 8, 0, 4);
	expect_status(READY | PROGRAM_FAILED | LOCKED);
	fill(CFI_FLASH_BLOCK + 8, 1, 0);
	command(CFI_FLASH_BLOCK, 0xd0);
	expect_status(READY | PROGRAM_FAILED | LOCKED);
	/* with its last byte in the locked one */
	program(CFI_FLASH_BLOCK - 2, 0, 4);
	expect_status(READY | PROGRAM_FAILED | LOCKED);
	erase(CFI_FLASH_BLOCK);
	expect_status(READY | ERASE_FAILED | LOCKED);
	ATF_CHECK_EQ(get(CFI_FLASH_BLOCK + 4, 8), 0xffffffff12345678);
	ATF_CHECK_EQ(get(CFI_FLASH_BLOCK - 4, 4), 0xffffffff);
	command(CFI_FLASH_BLOCK, 0x60);
	command(CFI_FLASH_BLOCK, 0xd0);
	erase(CFI_FLASH_BLOCK);
	expect_status(READY);
	ATF_CHECK_EQ(get(CFI_FLASH_BLOCK + 4, 4), 0xffffffff);
}

ATF_TC_WITHOUT_HEAD(restart);
ATF_TC_BODY(restart, tc)
{
	set_up();
	program(0, 0, 4);
	command(0, 0x60);
	command(0, 0x01);
	fill(0x200, 4, 0);
	vdev_reset_all(&flash.vdev);
	ATF_CHECK_EQ(get(0, 4), 0xffffffff);
	ATF_CHECK_EQ(get(0x200, 4), 0xffffffff);
	command(0, 0x90);
	ATF_CHECK_EQ(get(8, 4), 0);
}

ATF_TC_WITHOUT_HEAD(without_commands);
ATF_TC_BODY(without_commands, tc)
{
	static const uint8_t sizes[] = {1, 2, 4, 8};

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct mmio_access access = {.size = sizes[i], .value = 0x98, .write = true};

		ATF_CHECK_EQ(erased_flash_access(NULL, NULL, &access), MMIO_OK);
		access.write = false;
		access.value = 0;
		ATF_CHECK_EQ(erased_flash_access(NULL, NULL, &access), MMIO_OK);
		ATF_CHECK_EQ(access.value, UINT64_MAX >> (64 - 8 * sizes[i]));
	}
}

/* Whatever is written, and whatever a read is in the middle of, contents change by programming
 * alone. */
ATF_TC_WITHOUT_HEAD(random_writes);
ATF_TC_BODY(random_writes, tc)
{
	static const uint8_t commands[] = {0x10, 0x20, 0x40, 0x50, 0x60, 0x70, 0x90,
					   0x98, 0xb0, 0xd0, 0xd0, 0xe8, 0xff, 0x01};
	static uint8_t before[CFI_FLASH_SIZE];
	uint32_t seed = 1;

	set_up();
	for (unsigned int n = 0; n < 1000000; n++) {
		uint32_t r = seed = seed * 1664525 + 1013904223;
		uint8_t size = (uint8_t)(1u << (r >> 30));
		uint64_t offset = (r >> 3) % (CFI_FLASH_SIZE - size + 1);

		/* often near each other, so that there is something to program again */
		if (r & 0x1000000)
			offset = offset % 4096 + CFI_FLASH_BLOCK - 2048;
		if (r & 0x2000000)
			set(offset, commands[(r >> 8) % ARRAY_SIZE(commands)], size);
		else if (r & 0x4000000)
			set(offset, r * UINT64_C(0x9e3779b97f4a7c15), size);
		else
			get(offset, size);
		ATF_REQUIRE(flash.status & READY);
	}
	command(0, 0xff);
	command(0, 0xff);
	for (uint64_t offset = 0; offset < CFI_FLASH_SIZE; offset++)
		before[offset] = (uint8_t)get(offset, 1);
	for (uint64_t block = 0; block < CFI_FLASH_SIZE; block += CFI_FLASH_BLOCK) {
		command(block, 0x60);
		command(block, 0xd0);
	}
	/* each byte is what it was, less what is programmed now */
	for (unsigned int n = 0; n < 100000; n++) {
		uint32_t r = seed = seed * 1664525 + 1013904223;
		uint64_t offset = r % CFI_FLASH_SIZE;

		program(offset, r >> 24, 1);
		before[offset] &= (uint8_t)(r >> 24);
	}
	command(0, 0xff);
	for (uint64_t offset = 0; offset < CFI_FLASH_SIZE; offset++)
		ATF_REQUIRE_EQ((uint8_t)get(offset, 1), before[offset]);
	/* any width, aligned or not, over the end of what is erased together */
	for (uint64_t offset = 0; offset + 8 <= CFI_FLASH_SIZE; offset++) {
		uint64_t expected;

		memcpy(&expected, before + offset, 8);
		ATF_REQUIRE_EQ(get(offset, 8), expected);
		ATF_REQUIRE_EQ(get(offset, 4), (uint32_t)expected);
		ATF_REQUIRE_EQ(get(offset, 2), (uint16_t)expected);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, erased);
	ATF_TP_ADD_TC(tp, query);
	ATF_TP_ADD_TC(tp, identifier);
	ATF_TP_ADD_TC(tp, program_word);
	ATF_TP_ADD_TC(tp, erase_block);
	ATF_TP_ADD_TC(tp, program_buffer);
	ATF_TP_ADD_TC(tp, bad_sequences);
	ATF_TP_ADD_TC(tp, locked);
	ATF_TP_ADD_TC(tp, restart);
	ATF_TP_ADD_TC(tp, without_commands);
	ATF_TP_ADD_TC(tp, random_writes);
	return atf_no_error();
}
