// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot, as a table of contents: from the first instruction at the link
 * address, on the boot CPU, to the seal. Everything here is gone afterwards.
 */
#include "arm64/vmsa.h"
#include "boot/boot.h"
#include "boot/build.h"
#include "boot/entropy.h"
#include "boot/host.h"
#include "boot/report.h"
#include "console/console.h"
#include "core/cpu.h"
#include "core/irq.h"
#include "core/panic.h"
#include "core/power.h"
#include "core/seal.h"
#include "core/smp.h"
#include "drivers/gic.h"
#include "fdt/diag.h"
#include "fdt/host.h"
#include "fdt/place.h"
#include "fdt/system.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/version.h"
#include "mm/el2_map.h"
#include "mm/pages.h"
#include "mm/window.h"
#include "vcpu/forward.h"
#include "vcpu/idregs.h"
#include "vcpu/mitigation.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"
#include "vcpu/wiring.h"

/* The arena's blocks: what a small machine and a small system take */
#define ARENA_PAGES 16
/* The image's block, the tree, the description, and blocks that the pool grew by */
#define MAX_TAKEN 32

static uint64_t entry_time;
static uintptr_t image_pa;
static pa_t x0;
static struct host host;
static struct system_config config;
static struct arena arena;
static struct place_taken taken[MAX_TAKEN];
static unsigned int nr_taken;
static bool placed;
static struct seal_ranges to_unmap;
/* Guests' generators and the stack protector's guard come from it; gone when they are there. */
static struct random random;

extern uintptr_t __stack_chk_guard;

void boot_stop(const char *why)
{
	log_error("%s: no guest is started", why);
	/* Without a console, what was said is in memory as long as there is power. */
	if (host.uart.type == HOST_UART_NONE)
		power_halt("there is no console");
	power_off();
}

/* The line says itself how severe it is. */
static void emit(struct diag *diag, enum diag_severity severity, const char *line)
{
	(void)diag;
	(void)severity;
	log_info("%s", line);
}

static void take(uint64_t base, uint64_t size, const char *owner)
{
	if (size != 0 && nr_taken < MAX_TAKEN)
		taken[nr_taken++] = (struct place_taken){{base, size}, owner};
}

static bool overlaps_reserved(uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < host.nr_reserved; i++)
		if (range_overlaps(base, size, host.reserved[i].base, host.reserved[i].size))
			return true;
	return false;
}

static bool overlaps_taken(uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < nr_taken; i++)
		if (range_overlaps(base, size, taken[i].range.base, taken[i].range.size))
			return true;
	return false;
}

static bool overlaps_guest(uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; placed && i < config.nr_vms; i++)
		for (unsigned int m = 0; m < config.vms[i].nr_memory; m++) {
			const struct vm_memory *memory = &config.vms[i].memory[m];

			if (range_overlaps(base, size, memory->pa.v, memory->size))
				return true;
		}
	return false;
}

/* pages_set_refill(): one more block of RAM that nobody has, from the top down. */
static bool grow_pool(void)
{
	for (unsigned int i = host.nr_ram; i-- > 0;) {
		const struct range *ram = &host.ram[i];
		uint64_t base = ALIGN_DOWN(ram->base + ram->size, EL2_POOL_BLOCK);

		while (base >= ram->base + EL2_POOL_BLOCK && nr_taken < MAX_TAKEN) {
			base -= EL2_POOL_BLOCK;
			if (overlaps_reserved(base, EL2_POOL_BLOCK) ||
			    overlaps_taken(base, EL2_POOL_BLOCK) ||
			    overlaps_guest(base, EL2_POOL_BLOCK))
				continue;
			take(base, EL2_POOL_BLOCK, "Bulkhead's pool");
			return el2_map_pool_block(pa(base)) == 0;
		}
	}
	return false;
}

/* arena_set_grow(): pages of the pool, which grows itself once the machine's memory is known. */
static void *grow_arena(size_t *size)
{
	size_t pages = *size / PAGE_SIZE + 1;

	if (pages > PAGES_MAX)
		return NULL;
	pages = MAX(pages, ARENA_PAGES);
	*size = pages * PAGE_SIZE;
	return page_alloc(pages);
}

static void init_memory(void)
{
	unsigned int parange = parange_usable(read_sysreg(id_aa64mmfr0_el1));
	uint64_t image_size = (uint64_t)(image_end - image_start);

	pages_init(EL2_POOL);
	pages_add(pa(image_pa + image_size), EL2_POOL_BLOCK - image_size);
	el2_map_init(pa(image_pa + (uint64_t)((const char *)boot_l0 - image_start)), pa(image_pa),
		     image_size, parange_bits(parange));
	take(image_pa, EL2_POOL_BLOCK, "Bulkhead's image");
	pages_set_refill(grow_pool);
	arena_init(&arena, NULL, 0);
	arena_set_grow(&arena, grow_arena);
}

static void read_host(void)
{
	struct range tree;

	boot_read_host(&host, x0, &arena, &tree, &to_unmap);
	take(tree.base, tree.size, "the machine's device tree");
	log_info("Bulkhead " BULKHEAD_VERSION " at 0x%lx, %u CPUs, GICv%u", image_pa, host.nr_cpus,
		 host.gic.version);
}

static void read_system(void)
{
	struct diag diag = {.emit = emit};
	const void *blob;

	if (host.initrd.size == 0)
		boot_stop("there is no system description: pass one where an initrd goes "
			  "(/chosen/linux,initrd-start)");
	blob = el2_map_boot_data(pa(host.initrd.base), host.initrd.size);
	if (!blob)
		boot_stop("the system description cannot be mapped");
	to_unmap.blob = (uintptr_t)blob;
	to_unmap.blob_size = host.initrd.size;
	take(host.initrd.base, host.initrd.size, "the system description");

	if (system_parse(&config, blob, host.initrd.size, &host, &arena, &diag) ||
	    place_memory(&config, &host, taken, nr_taken, &arena, &diag))
		boot_stop("the system description has errors");
	placed = true;
	if (config.mitigations_off)
		mitigation_set_off();
}

static void start_cpus(void)
{
	pa_t entry = pa(image_pa + (uint64_t)((const char *)secondary_entry - image_start));
	bool failed = false;

	for (unsigned int cpu = 0; cpu < nr_pcpus; cpu++) {
		bool wanted = &pcpus[cpu] == this_pcpu();

		for (unsigned int i = 0; i < config.nr_vms; i++)
			for (unsigned int c = 0; c < config.vms[i].nr_cpus; c++)
				wanted |= config.vms[i].cpus[c] == cpu;
		if (wanted && smp_start(&host.cpus[cpu], &pcpus[cpu].base, entry))
			failed = true;
	}
	if (failed)
		boot_stop("not all CPUs that the VMs need are there");
}

static void start_console(void)
{
	wiring_init();
	if (host.uart.irq)
		(void)irq_claim_spi(host.uart.irq, host.uart.irq_edge, console_irq, NULL);
	console_start(&wiring_console_hooks, config.console);
}

static uintptr_t random_word(void)
{
	uintptr_t word;

	random_bytes(&random, &word, sizeof(word));
	return word;
}

static void claim_interrupts(void)
{
	int err = irq_init(&host, &arena);

	if (!err)
		err = forward_init(&host, &arena);
	if (!err)
		err = vcpu_init();
	if (err)
		boot_stop(err == -ENOMEM ? "out of memory"
					 : "two of the hypervisor's own interrupts are the same");
}

/* On the boot CPU's own stack, which has a guard. */
static void boot_guarded(void)
{
	struct diag diag = {.emit = emit};

	if (gic_init(&host))
		boot_stop("the interrupt controller cannot be used");
	claim_interrupts();
	start_cpus();
	if (build_vms(&config, &host, pa(host.initrd.base), &random, &diag))
		boot_stop("not all VMs can be built");
	random_wipe(&random, sizeof(random));
	vm_set_alive(nr_vms, entry_time);
	for (unsigned int i = 0; i < nr_vms; i++)
		report_vm(vms[i].config);
	start_console();
	to_unmap.idmap = image_pa + (uintptr_t)(idmap_start - image_start);
	seal_and_run(&to_unmap, entry_time);
}

void boot_main(uintptr_t dtb, uintptr_t load)
{
	void *stack;

	entry_time = read_sysreg(cntpct_el0);
	__stack_chk_guard ^= entry_time * 0x9e3779b97f4a7c15 ^ dtb;
	image_pa = load;
	x0 = pa(dtb);
	panic_init();
	console_init_early();
	init_memory();
	read_host();
	idregs_init();
	if (pcpu_init_all(&host, &arena) || window_init(host.nr_cpus, EL2_WINDOWS))
		boot_stop("the CPUs cannot be set up");
	host.boot_cpu = this_cpu()->id;
	host.seeded = boot_gather_entropy(&random, host.dtb);
	if (!host.seeded)
		log_info("no source of random numbers: guests get no rng-seed and no kaslr-seed");
	/* The old guard is in the frame of this function alone, which never returns. */
	__stack_chk_guard ^= random_word();
	read_system();
	stack = el2_map_stack(this_cpu()->id);
	if (!stack)
		boot_stop("out of memory");
	this_cpu()->stack_top = (uintptr_t)stack;
	boot_on_stack((uintptr_t)stack, boot_guarded);
}
