// SPDX-License-Identifier: BSD-2-Clause
/*
 * The memory map: all of the memory is there and stays the guest's own, and
 * everything else answers with an external abort, after which the guest goes
 * on (DDI 0487, D8.13 and D19.2.37).
 *
 * Bootargs: seed=N, different for each VM that runs at the same time; pci: look
 * at the pages of QEMU virt's PCI bus too, which takes seconds; bare: there are
 * no empty devices either.
 */
#include "tests/guests/memmap/memmap.h"

#include "tests/guests/lib/guest.h"

extern char image_start[], image_end[];

#define ISOLATION_MS 300
#define MIN_ROUNDS 3

/* ---- Memory ---- */

/* Pages of the guest itself and of its device tree are left alone. */
static bool is_in_use(uint64_t page)
{
	return range_overlaps(page, PAGE_SIZE, mmu_pa(image_start),
			      (size_t)(image_end - image_start)) ||
	       range_overlaps(page, PAGE_SIZE, machine.dtb.base, machine.dtb.size);
}

static uint64_t pattern(uint64_t address, uint64_t seed)
{
	return (address ^ seed << 56) * 0x9e3779b97f4a7c15;
}

/* Calls fn for each free page, with the seed; returns how many times it said no. */
static unsigned int for_each_page(bool (*fn)(uint64_t page, uint64_t seed), uint64_t seed)
{
	unsigned int failures = 0;

	for (unsigned int i = 0; i < machine.nr_ram; i++) {
		uint64_t end = machine.ram[i].base + machine.ram[i].size;

		for (uint64_t page = machine.ram[i].base; page < end; page += PAGE_SIZE) {
			if (!is_in_use(page) && !fn(page, seed))
				failures++;
		}
	}
	return failures;
}

static bool fill_page(uint64_t page, uint64_t seed)
{
	volatile uint64_t *p = (volatile uint64_t *)page;

	p[0] = pattern(page, seed);
	p[PAGE_SIZE / 8 - 1] = ~pattern(page, seed);
	return true;
}

static bool verify_page(uint64_t page, uint64_t seed)
{
	volatile uint64_t *p = (volatile uint64_t *)page;

	return p[0] == pattern(page, seed) && p[PAGE_SIZE / 8 - 1] == ~pattern(page, seed);
}

/* While the neighbours do the same with their seeds. */
static void check_memory(void)
{
	uint64_t seed = machine_number("seed", 0) * 64;
	uint64_t deadline = deadline_after(ISOLATION_MS);
	unsigned int changed = 0, rounds = 0;
	struct fault fault;

	CATCH(fault, for_each_page(fill_page, seed));
	check_equal(fault.count, 0, "all memory can be written");
	check_equal(for_each_page(verify_page, seed), 0, "every page keeps what was written");
	do {
		seed++;
		for_each_page(fill_page, seed);
		cpu_yield();
		changed += for_each_page(verify_page, seed);
		rounds++;
	} while (rounds < MIN_ROUNDS || (!deadline_passed(deadline) && rounds < 60));
	check_equal(changed, 0, "nobody else writes to this memory");
}

/* ---- What is not there ---- */

/* The last address at the end of the first memory bank, where there must be no other bank. */
static uint64_t memory_end(void)
{
	return machine.ram[0].base + machine.ram[0].size;
}

static void check_load(uint64_t address)
{
	/* clang-format off */
	static const struct {
		uint64_t (*load)(uint64_t address);
		const char *name;
	} loads[] = {
		{memmap_ldrb,  "ldrb"},
		{memmap_ldrh,  "ldrh"},
		{memmap_ldr_w, "ldr w"},
		{memmap_ldr_x, "ldr x"},
		{memmap_ldrsw, "ldrsw"},
		{memmap_ldp,   "ldp"},
		{memmap_ldxr,  "ldxr"},
		{memmap_ldar,  "ldar"},
		{memmap_ldr_q, "ldr q"},
	};
	/* clang-format on */
	uint64_t value = 0;
	struct fault fault;

	for (unsigned int i = 0; i < ARRAY_SIZE(loads); i++) {
		CATCH(fault, value = loads[i].load(address));
		check(fault_is_external(&fault, address) && !(fault.esr & ESR_ABT_WNR),
		      "%s from nowhere is an external abort", loads[i].name);
		check_equal(value, MEMMAP_UNTOUCHED, "%s that aborts leaves its registers alone",
			    loads[i].name);
	}
}

static void check_store(uint64_t address)
{
	static const struct {
		uint64_t (*store)(uint64_t address);
		const char *name;
	} stores[] = {
	    {memmap_strb, "strb"},
	    {memmap_strh, "strh"},
	    {memmap_str_w, "str w"},
	    {memmap_str_x, "str x"},
	    {memmap_stp, "stp"},
	    {memmap_str_q, "str q"},
	    {memmap_str_post, "str, post-indexed"},
	    {memmap_str_pre, "str, pre-indexed"},
	};
	uint64_t base = 0;
	struct fault fault;

	for (unsigned int i = 0; i < ARRAY_SIZE(stores); i++) {
		CATCH(fault, base = stores[i].store(address));
		check(fault_is_external(&fault, address) && (fault.esr & ESR_ABT_WNR),
		      "%s to nowhere is an external abort", stores[i].name);
		check_equal(base, address, "%s that aborts does not write its base back",
			    stores[i].name);
	}
}

static bool load_faults(uint64_t address)
{
	struct fault fault;

	CATCH(fault, memmap_ldr_w(address));
	return fault_is_external(&fault, address);
}

static bool store_faults(uint64_t address)
{
	struct fault fault;

	CATCH(fault, memmap_str_w(address));
	return fault_is_external(&fault, address) && (fault.esr & ESR_ABT_WNR);
}

/* What virt has flash for is there, and erased, unless the description says no. */
static bool is_flash(uint64_t address)
{
	return !machine_has("bare") && address < PLATFORM_FLASH_SIZE;
}

static bool is_slot(uint64_t address)
{
	return !machine_has("bare") &&
	       range_overlaps(address, 8, PLATFORM_VIRTIO_BASE,
			      (uint64_t)PLATFORM_VIRTIO_SLOTS * PLATFORM_VIRTIO_STRIDE);
}

static bool is_device(uint64_t address)
{
	const struct range devices[] = {
	    machine.gicd, machine.gicc, machine.gicr, {machine.uart, PAGE_SIZE}};

	for (unsigned int i = 0; i < ARRAY_SIZE(devices); i++) {
		if (range_overlaps(address, 8, devices[i].base, devices[i].size))
			return true;
	}
	return is_slot(address) || is_flash(address);
}

/* Up to and beyond the machine's memory: a word in each 2 MiB, 1 GiB further up. */
static void check_everything_else(void)
{
	unsigned int answers = 0;
	uint64_t last = 0;

	for (uint64_t address = 0; address < GIB(510);
	     address += address < GIB(8) ? MIB(2) : GIB(1)) {
		uint64_t word = address + 0x1230;

		if (machine_is_ram(word, 4) || is_device(word) || load_faults(word))
			continue;
		answers++;
		last = word;
	}
	check(answers == 0, "nothing else answers, from 0 to 510 GiB (%u do, up to %#llx)", answers,
	      (unsigned long long)last);
}

/* Counts the pages of [base, end) that answer a load, or a store if those are tried too. */
static unsigned int count_answers(uint64_t base, uint64_t end, bool stores, uint64_t *last)
{
	unsigned int answers = 0;

	for (uint64_t page = base; page < end; page += PAGE_SIZE) {
		if (is_device(page) || (load_faults(page) && (!stores || store_faults(page))))
			continue;
		answers++;
		*last = page;
	}
	return answers;
}

/* Every page where QEMU's virt has devices, whoever they belong to: none is this guest's. */
static void check_device_pages(void)
{
	uint64_t last = 0;
	unsigned int answers = count_answers(0x08000000, 0x10000000, true, &last);

	check(answers == 0, "no page of a device answers (%u do, up to %#llx)", answers,
	      (unsigned long long)last);
}

/*
 * Every page of its PCI bus: memory, ports and configuration space. Of the
 * second half of a TiB, which is memory of the bus too, one in each 8 GiB.
 */
static void check_pci_pages(void)
{
	uint64_t last = 0;
	unsigned int answers = count_answers(0x10000000, 0x40000000, false, &last) +
			       count_answers(0x4010000000, 0x4020000000, false, &last);

	for (uint64_t address = GIB(512); address < GIB(1024); address += GIB(8)) {
		if (load_faults((uintptr_t)mmu_map(0, address, MMU_NORMAL)))
			continue;
		answers++;
		last = address;
	}
	mmu_unmap(0);
	check(answers == 0, "no page of the PCI bus answers (%u do, up to %#llx)", answers,
	      (unsigned long long)last);
}

static void check_flash(void)
{
	static const uint64_t words[] = {0,
					 0x1230,
					 PLATFORM_FLASH_BANK - 8,
					 PLATFORM_FLASH_BANK,
					 PLATFORM_FLASH_BANK + 0x154,
					 PLATFORM_FLASH_SIZE - 8};
	unsigned int erased = 0, faults = 0;
	struct fault fault;

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		uint64_t value = 0;

		/* as if it was a command */
		CATCH(fault, memmap_str_w(words[i]));
		faults += fault.count;
		CATCH(fault, value = memmap_ldr_x(words[i]));
		faults += fault.count;
		erased += value == UINT64_MAX;
	}
	if (is_flash(0)) {
		check_equal(faults, 0, "there is flash");
		check_equal(erased, ARRAY_SIZE(words), "it is erased, and takes no commands");
	} else {
		check_equal(faults, 2 * ARRAY_SIZE(words), "there is no flash");
	}
}

/* Around the devices; where they end within a page's reach. */
static void check_gaps(void)
{
	const struct {
		uint64_t address;
		const char *name;
	} gaps[] = {
	    {0, "address 0"},
	    {machine.ram[0].base - 4, "the word before the memory"},
	    {memory_end(), "the word after the memory"},
	    {machine.gicd.base - 4, "the word before the distributor"},
	    {PLATFORM_GICC_BASE + PLATFORM_GICC_SIZE, "the word after the GICv2 CPU interface"},
	    {0x08030000, "the GICv2's virtual interface control"},
	    {0x08040000, "the GICv2's virtual CPU interface"},
	    {0x08080000, "the interrupt translation service"},
	    {machine.uart - 4, "the word before the UART"},
	    {machine.uart + PLATFORM_UART_SIZE, "the word after the UART"},
	    {0x09010000, "the real-time clock"},
	    {0x09020000, "the firmware's configuration"},
	    {PLATFORM_VIRTIO_BASE - 4, "the word before the slots for virtio devices"},
	    {PLATFORM_VIRTIO_BASE, "the first slot for a virtio device"},
	    {PLATFORM_VIRTIO_BASE + PLATFORM_VIRTIO_SLOTS * PLATFORM_VIRTIO_STRIDE,
	     "the word after the slots for virtio devices"},
	    {0x10000000, "PCI memory"},
	    {0x40200000, "where the hypervisor was loaded"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(gaps); i++) {
		if (!machine_is_ram(gaps[i].address, 4) && !is_device(gaps[i].address))
			check(load_faults(gaps[i].address), "%s (%#llx) is not there", gaps[i].name,
			      (unsigned long long)gaps[i].address);
	}
	if (machine.gic_version == 3) {
		uint64_t end = machine.gicr.base + (uint64_t)machine.nr_cpus * PLATFORM_GICR_STRIDE;

		check(load_faults(end), "there is no redistributor after the last CPU's");
		check(load_faults(PLATFORM_GICC_BASE), "a GICv3 has no GICv2 CPU interface");
	} else {
		check(load_faults(PLATFORM_GICR_BASE), "a GICv2 has no redistributors");
	}
}

/* What firmware for QEMU's virt looks at: VIRTIO 1.2, 4.2.2. Returns false if it is not so. */
static bool is_empty_slot(uint64_t slot)
{
	static const uint32_t expected[] = {0x74726976, 2, 0, 0x4b4c5542, 0, 0, 0, 0};
	bool ok = true;

	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++)
		ok = ok && (uint32_t)memmap_ldr_w(slot + i * 4) == expected[i];
	/* Status, and what is configuration of a device */
	memmap_str_w(slot + 0x70);
	memmap_str_w(slot + 0x100);
	ok = ok && (uint32_t)memmap_ldr_w(slot + 0x70) == 0 &&
	     (uint32_t)memmap_ldr_w(slot + 0x1fc) == 0;
	return ok && (uint8_t)memmap_ldrb(slot) == 0 && (uint16_t)memmap_ldrh(slot) == 0 &&
	       memmap_ldr_x(slot) == 0 && memmap_ldp(slot) == 0;
}

static void check_slots(void)
{
	unsigned int empty = 0;
	struct fault fault;

	fault_begin(&fault);
	for (unsigned int i = 0; i < PLATFORM_VIRTIO_SLOTS; i++)
		empty += is_empty_slot(PLATFORM_VIRTIO_BASE + (uint64_t)i * PLATFORM_VIRTIO_STRIDE);
	fault_end();
	check_equal(fault.count, 0, "all slots for virtio devices answer");
	check_equal(empty, PLATFORM_VIRTIO_SLOTS, "all slots for virtio devices are empty");
}

/* ---- Other ways to get there ---- */

static void check_fetch(uint64_t address)
{
	void (*nowhere)(void) = (void (*)(void))address;
	void *device;
	struct fault fault;

	CATCH(fault, nowhere());
	check(fault.count == 1 && fault_ec(&fault) == ESR_EC_IABT_SAME &&
		  FIELD_GET(ESR_ABT_FSC, fault.esr) == FSC_EXTERNAL && fault.far == address &&
		  fault.elr == address,
	      "an instruction fetch from nowhere is an external abort");
	if (machine.native)
		return;
	device = mmu_map(0, machine.gicd.base, MMU_NORMAL);
	CATCH(fault, ((void (*)(void))(uintptr_t)device)());
	check(fault.count == 1 && fault_ec(&fault) == ESR_EC_IABT_SAME &&
		  FIELD_GET(ESR_ABT_FSC, fault.esr) == FSC_EXTERNAL,
	      "an instruction fetch from an emulated device is an external abort");
	mmu_unmap(0);
}

/* An access of several bytes of which the first are memory. */
static void check_crossing(void)
{
	uint64_t address = memory_end() - 4;
	struct fault fault;

	CATCH(fault, memmap_ldr_x(address));
	check(fault.count == 1 && FIELD_GET(ESR_ABT_FSC, fault.esr) == FSC_EXTERNAL &&
		  fault.far - address <= 4,
	      "a load across the end of memory is an external abort");
	CATCH(fault, memmap_ldp(memory_end() - 8));
	check(fault.count == 1 && FIELD_GET(ESR_ABT_FSC, fault.esr) == FSC_EXTERNAL,
	      "a load of a pair across the end of memory is an external abort");
}

/*
 * An external abort on a table walk has a code of its own, with the level (0x14
 * to 0x17), but the syndrome that a hypervisor gets does not tell which level
 * of the guest's walk it was: it may report the plain external abort, as KVM does.
 */
static bool is_walk_abort(const struct fault *fault)
{
	uint64_t fsc = FIELD_GET(ESR_ABT_FSC, fault->esr);

	return fsc == 0x17 || (!machine.native && fsc == FSC_EXTERNAL);
}

/* The translation table itself is not there. */
static void check_walk(uint64_t address)
{
	volatile uint32_t *p = mmu_map_table(0, address & ~PAGE_MASK);
	struct fault fault;

	CATCH(fault, memmap_ldr_w((uintptr_t)p));
	check(fault.count == 1 && fault_ec(&fault) == ESR_EC_DABT_SAME && is_walk_abort(&fault) &&
		  fault.far == (uintptr_t)p,
	      "a table walk to nowhere is an external abort");
	CATCH(fault, ((void (*)(void))(uintptr_t)p)());
	check(fault.count == 1 && fault_ec(&fault) == ESR_EC_IABT_SAME && is_walk_abort(&fault),
	      "so it is for an instruction fetch");
	p = mmu_map_table(0, machine.uart);
	CATCH(fault, memmap_ldr_w((uintptr_t)p));
	check(fault.count == 1 && fault_ec(&fault) == ESR_EC_DABT_SAME,
	      "a table walk into a device is an abort");
	mmu_unmap(0);
}

/* As far up as the CPU's addresses go: further than stage 2 may. */
static void check_highest(void)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 48};
	uint64_t range = MIN(read_sysreg(id_aa64mmfr0_el1) & 0xf, ARRAY_SIZE(bits) - 1);
	uint64_t address = BIT(bits[range] - 1) + MIB(6);
	uintptr_t p = (uintptr_t)mmu_map(0, address, MMU_NORMAL);
	struct fault fault;

	CATCH(fault, memmap_ldr_x(p));
	check(fault_is_external(&fault, p), "the upper half of the physical addresses is empty");
	mmu_unmap(0);
}

static void check_cache_operations(uint64_t address)
{
	struct fault fault;

	CATCH(fault, __asm__ volatile("dc zva, %0" ::"r"(address) : "memory"));
	check(fault.count == 1 && fault_ec(&fault) == ESR_EC_DABT_SAME &&
		  FIELD_GET(ESR_ABT_FSC, fault.esr) == FSC_EXTERNAL,
	      "DC ZVA of nowhere is an external abort");
	/* These may do nothing, or abort. */
	CATCH(fault,
	      __asm__ volatile("dc civac, %0\n\tdc cvau, %0\n\tic ivau, %0\n\tdsb sy" ::"r"(address)
			       : "memory"));
	check(fault.count <= 3, "cache maintenance of nowhere is survived");
	CATCH(fault, __asm__ volatile("prfm pldl1keep, [%0]" ::"r"(address)));
	check_equal(fault.count, 0, "a prefetch from nowhere does nothing");
}

void guest_main(void)
{
	uint64_t hole =
	    machine.ram[machine.nr_ram - 1].base + machine.ram[machine.nr_ram - 1].size + 0x1238;

	check_memory();
	check_load(hole);
	check_store(hole);
	check_crossing();
	check_fetch(hole & ~UINT64_C(3));
	check_walk(hole);
	check_highest();
	check_cache_operations(hole & ~UINT64_C(0xfff));
	if (!machine.native) {
		check_gaps();
		if (!machine_has("bare"))
			check_slots();
		check_flash();
		check_device_pages();
		if (machine_has("pci"))
			check_pci_pages();
		check_everything_else();
	}
	check_memory();
}
