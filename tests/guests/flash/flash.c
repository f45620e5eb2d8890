// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest that is its machine's firmware (tests/guests/lib/start.S has copied it from flash
 * into memory): flash can be read and executed, and written by commands alone, of
 * which only the second bank knows any.
 */
#include "arm64/mmio.h"
#include "fdt/platform.h"
#include "lib/bits.h"
#include "tests/guests/lib/guest.h"

#define BLOCK 0x40000u
#define LAST_BLOCK (PLATFORM_FLASH_VARS + PLATFORM_FLASH_VARS_SIZE - BLOCK)
#define READY 0x00800080u

/* The image's first instruction, a branch; the guest knows the rest of the header. */
#define MAGIC_OFFSET 56u
#define MAGIC 0x644d5241u

/* How often each CPU writes something to the flash that all have */
#define STORM 3000

extern const uint8_t image_head[];

static uint8_t *flash(uint64_t address)
{
	return (uint8_t *)(uintptr_t)address;
}

/* ---- The bank with the firmware ---- */

static void check_contents(void)
{
	const uint32_t *copy = (const uint32_t *)image_head;
	unsigned int different = 0;

	/* the code, which does not change in memory */
	for (unsigned int i = 0; i < 1024; i++)
		different += mmio_read32(flash(4 * i)) != copy[i];
	check_equal(mmio_read32(flash(MAGIC_OFFSET)), MAGIC, "the image is at 0");
	check_equal(different, 0, "it is what runs in memory");
	check_equal(mmio_read32(flash(PLATFORM_FLASH_BANK - 4)), 0xffffffff,
		    "the rest of its bank is erased");
	for (unsigned int i = 0; i < machine.nr_ram; i++)
		check(machine.ram[i].base >= PLATFORM_FLASH_SIZE, "it is no memory in the tree");
}

/* By every kind of store, through Device and Normal memory. */
static void check_stores(uint8_t *rom)
{
	uint64_t before = *(volatile uint64_t *)rom;
	uint8_t *p = rom;
	struct fault fault;

	CATCH(fault, __asm__ volatile("strb wzr, [%0]\n\t"
				      "strh wzr, [%0]\n\t"
				      "str wzr, [%0]\n\t"
				      "str xzr, [%0]\n\t"
				      "stp xzr, xzr, [%0]\n\t"
				      "str xzr, [%0], #8\n\t"
				      "str xzr, [%0, #-8]!"
				      : "+r"(p)
				      :
				      : "memory"));
	check_equal(fault.count, 0, "stores to the firmware are no faults");
	check(p == rom, "and write their base back");
	check_equal(*(volatile uint64_t *)rom, before, "they change nothing");
	/* as if it knew commands */
	mmio_write32(rom, 0x00980098);
	check_equal(*(volatile uint64_t *)rom, before, "its bank takes no commands");
}

static void check_no_memory(uint8_t *rom)
{
	uint64_t before = *(volatile uint64_t *)rom;
	uint32_t status = 1;
	struct fault fault;

	CATCH(fault, __asm__ volatile("dc zva, %0" ::"r"(rom) : "memory"));
	check_equal(fault.count, 1, "DC ZVA of the firmware is a fault");
	CATCH(fault, __asm__ volatile("ldxr x9, [%1]\n\tstxr %w0, xzr, [%1]"
				      : "+r"(status)
				      : "r"(rom)
				      : "x9", "memory"));
	check(fault.count == 1 || status == 1, "STXR to it does not succeed");
	CATCH(fault, __asm__ volatile("dc ivac, %0\n\tdc civac, %0" ::"r"(rom) : "memory"));
	check(fault.count <= 2, "cache maintenance of it is survived");
	check_equal(*(volatile uint64_t *)rom, before, "nothing has changed");
}

/* RET, somewhere in this very image, run from flash */
static void check_execution(const uint8_t *rom)
{
	const uint32_t *word = (const uint32_t *)rom;
	struct fault fault;

	while (*word != 0xd65f03c0)
		word++;
	CATCH(fault, ((void (*)(void))(uintptr_t)word)());
	check_equal(fault.count, 0, "it can be executed where it is");
}

/* ---- The bank for variables ---- */

static void command(uint64_t address, uint32_t value)
{
	mmio_write32(flash(address), value << 16 | value);
}

static bool is_ready(void)
{
	command(PLATFORM_FLASH_VARS, 0x70);
	return mmio_read32(flash(PLATFORM_FLASH_VARS)) == READY;
}

static void check_commands(void)
{
	uint64_t address = LAST_BLOCK + BLOCK - 8;

	command(PLATFORM_FLASH_VARS + 0x154, 0x98);
	check_equal(mmio_read32(flash(PLATFORM_FLASH_VARS + 0x40)), 0x00510051, "it answers QRY");
	command(PLATFORM_FLASH_VARS, 0xff);
	check_equal(mmio_read32(flash(address)), 0xffffffff, "it is erased at the start");
	command(address, 0x40);
	mmio_write32(flash(address), 0x12345678);
	check(is_ready(), "programmed");
	command(address, 0xff);
	check_equal(mmio_read32(flash(address)), 0x12345678, "it keeps what is programmed");
	mmio_write32(flash(address), 0);
	check_equal(mmio_read32(flash(address)), 0x12345678, "but not what is stored");
	command(LAST_BLOCK, 0x20);
	command(LAST_BLOCK, 0xd0);
	check(is_ready(), "erased");
	command(address, 0xff);
	check_equal(mmio_read32(flash(address)), 0xffffffff, "and it is");
	check_equal(mmio_read32(flash(LAST_BLOCK + BLOCK)), 0xffffffff,
		    "behind the bank's end it reads as erased");
}

/* Anything, anywhere in the bank, by all CPUs at once. */
static void storm(unsigned int cpu)
{
	static const uint8_t values[] = {0x10, 0x20, 0x40, 0x50, 0x60, 0x70, 0x90,
					 0x98, 0xd0, 0xd0, 0xe8, 0xff, 0x01, 0x7f};
	uint32_t random = cpu + 1;

	for (unsigned int i = 0; i < STORM; i++) {
		random = random * 1664525 + 1013904223;
		command(PLATFORM_FLASH_VARS + ((random >> 8) % PLATFORM_FLASH_VARS_SIZE & ~3u),
			values[(random >> 4) % ARRAY_SIZE(values)]);
		(void)mmio_read32(flash(PLATFORM_FLASH_VARS + 4 * (random >> 28)));
	}
}

static void check_storm(void)
{
	unsigned int erased = 0;

	smp_run(storm);
	/* whatever sequence that has left unfinished */
	for (unsigned int i = 0; i < 130; i++)
		command(PLATFORM_FLASH_VARS, 0xff);
	for (uint64_t block = PLATFORM_FLASH_VARS; block <= LAST_BLOCK; block += BLOCK) {
		command(block, 0x60);
		command(block, 0xd0);
		command(block, 0x20);
		command(block, 0xd0);
	}
	command(PLATFORM_FLASH_VARS, 0x50);
	check(is_ready(), "after a storm of commands it is ready");
	command(PLATFORM_FLASH_VARS, 0xff);
	for (uint64_t offset = 0; offset < PLATFORM_FLASH_VARS_SIZE; offset += 4096)
		erased += mmio_read32(flash(PLATFORM_FLASH_VARS + offset)) == 0xffffffff;
	check_equal(erased, PLATFORM_FLASH_VARS_SIZE / 4096, "and can be erased");
}

void guest_main(void)
{
	uint8_t *normal = mmu_map(0, PLATFORM_FLASH_BASE, MMU_NORMAL);

	check_contents();
	check_stores(flash(0x100));
	check_stores(normal + 0x200);
	check_no_memory(normal + 0x400);
	check_execution(normal);
	check_contents();
	check_commands();
	smp_start();
	check_storm();
	check_contents();
}
