// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest that misbehaves, for its neighbours to be undisturbed by. What it
 * does is bootargs' mode:
 *
 *	mode=no-vectors		jumps to nowhere, without exception vectors: is stopped
 *	mode=tables		has its translation tables in a device: is stopped
 *	mode=mmu-off		turns its MMU off where it must not: is stopped
 *	mode=together		like no-vectors, on all its CPUs at once: is stopped, and reported
 *once mode=loop		takes exceptions in exception vectors that its own tables do not
 *				map; its CPU 1 then powers off
 *	mode=stack		takes exceptions on a stack that is not there; likewise
 *	mode=writes		writes to nowhere, all the time
 *	mode=undef		executes UNDEFINED instructions
 *	mode=calls		makes hypercalls of all numbers
 *	mode=devices		reads and writes registers of devices at random
 *	mode=interrupts		makes all its interrupts pending, all the time
 *	mode=sysregs		reads every system register there could be, and writes EL2's
 *
 * The latter ones end after ms=N (1000) and say that they are still there.
 */
#include "tests/guests/crash/crash.h"

#include "lib/string.h"
#include "tests/guests/lib/guest.h"

#define NOWHERE UINT64_C(0x7000000000)
#define LOOP_MS 300

static uint64_t random_state = 0x2545f4914f6cdd1d;

/* xorshift64: the same numbers each time */
static uint64_t random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* ---- Storms: one step each ---- */

static bool write_nowhere(void)
{
	struct fault fault;
	uint64_t address = NOWHERE + (random() & 0xffffff8);

	CATCH(fault, __asm__ volatile("str xzr, [%0]" ::"r"(address) : "memory"));
	return fault.count == 1;
}

static bool execute_undefined(void)
{
	struct fault fault;

	CATCH(fault, __asm__ volatile(".inst 0"); (void)read_sysreg(S3_4_C1_C1_0);
	      write_sysreg(S3_6_C1_C1_0, 0); (void)read_sysreg(S3_0_C15_C0_0));
	return fault.count == 4;
}

static bool call(void)
{
	uint64_t function = random();

	/* Most of them near those that there are; but none that ends this. */
	if (random() & 3)
		function = (function & 0x4000003f) | 0x84000000;
	switch ((uint32_t)function) {
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_SYSTEM_RESET2:
	case PSCI_SYSTEM_RESET2_64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_CPU_ON_64:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND_64:
	case PSCI_SYSTEM_SUSPEND:
	case PSCI_SYSTEM_SUSPEND_64:
		return true;
	default:
		hvc(function, random(), random(), random());
		return true;
	}
}

/* Not the UART's data: its output is read by the tests. */
static uint8_t *random_register(void)
{
	uint64_t offset = random();

	switch (random() % 4) {
	case 0:
		return (uint8_t *)machine.uart + PL011_IMSC + offset % 0x20;
	case 1:
		if (machine.gic_version == 3)
			return (uint8_t *)machine.gicr.base +
			       offset % ((uint64_t)machine.nr_cpus * PLATFORM_GICR_STRIDE);
		return (uint8_t *)machine.gicc.base + offset % machine.gicc.size;
	default:
		return (uint8_t *)machine.gicd.base + offset % machine.gicd.size;
	}
}

static bool access_device(void)
{
	uint8_t *reg = random_register();
	uint64_t value = random();
	struct fault fault;

	switch (random() % 8) {
	case 0:
		CATCH(fault, mmio_write8(reg, (uint8_t)value));
		break;
	case 1:
		CATCH(fault, mmio_write16(reg, (uint16_t)value));
		break;
	case 2:
		CATCH(fault, mmio_write32(reg, (uint32_t)value));
		break;
	case 3:
		CATCH(fault, mmio_write64(reg, value));
		break;
	case 4:
		CATCH(fault, (void)mmio_read8(reg));
		break;
	case 5:
		CATCH(fault, (void)mmio_read16(reg));
		break;
	case 6:
		CATCH(fault, (void)mmio_read32(reg));
		break;
	default:
		CATCH(fault, __asm__ volatile("ldp x1, x2, [%0], #8" : "+r"(reg)::"x1", "x2"));
		break;
	}
	return fault.count <= 1;
}

/* Interrupts are masked: they stay pending, or become active when acknowledged, and stay so. */
static bool pend_interrupts(void)
{
	uint8_t *page = gic_distributor();

	for (unsigned int i = 4; i < gic_nr_irqs() / 8; i += 4) {
		mmio_write32(page + GICD_ISENABLER + i, UINT32_MAX);
		mmio_write32(page + GICD_ISPENDR + i, UINT32_MAX);
		mmio_write32(page + GICD_ISACTIVER + i, (uint32_t)(random() & random()));
		mmio_write32(page + GICD_ICACTIVER + i, (uint32_t)(random() & random()));
		mmio_write32(page + GICD_IPRIORITYR + 8 * i, (uint32_t)random());
	}
	gic_send_sgi((uint32_t)(random() % 16), (unsigned int)BIT(machine.nr_cpus) - 1);
	gic_eoi(gic_acknowledge());
	gic_acknowledge();
	return true;
}

/* One instruction, written a moment ago, with x0 = 0. */
static void execute(uint32_t instruction)
{
	static uint32_t code[2] __attribute__((aligned(64)));
	void (*function)(uint64_t) = (void (*)(uint64_t))(uintptr_t)code;

	code[0] = instruction;
	code[1] = 0xd65f03c0; /* ret */
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(code)
			 : "memory");
	function(0);
}

/* MRS x0 and MSR with all encodings: bits 20 to 5 (C6.2: op0, op1, CRn, CRm, op2). */
static void try_system_registers(void)
{
	struct fault fault;
	unsigned int written = 0;

	for (uint32_t encoding = 0; encoding < 0x8000; encoding++)
		CATCH(fault, execute(0xd5300000 | encoding << 5));
	check(fault.count <= 1, "every system register was read");
	/* op0 3, op1 4 to 6: those of EL2 and EL3 */
	for (uint32_t encoding = 0x6000; encoding < 0x7800; encoding++) {
		CATCH(fault, execute(0xd5100000 | encoding << 5));
		written += fault.count == 0;
	}
	check_equal(written, 0, "no register of EL2 or EL3 was written");
}

/* For as long as ms says; `step` returns whether it went as it should. */
static void storm(bool (*step)(void), const char *name)
{
	uint64_t deadline = deadline_after(machine_number("ms", 1000));
	unsigned int steps = 0;
	bool right = true;

	while (!deadline_passed(deadline)) {
		right = step() && right;
		steps++;
	}
	check(right && steps > 0, "%s", name);
	/* What the UART's registers have become is no reason to say nothing. */
	print("%u steps\n", steps);
}

/* ---- The end ---- */

/* CPU 1, while CPU 0 is lost in a loop. */
static void power_off_later(unsigned int cpu)
{
	delay_ms(LOOP_MS);
	check(cpu == 1, "CPU 1 goes on while CPU 0 takes exceptions for ever");
	check_done();
}

static void leave_cpu_0(void (*fatal)(uint64_t), uint64_t address)
{
	smp_start();
	smp_call(1, power_off_later);
	fatal(address);
}

static void jump_without_mapping(uint64_t address)
{
	crash_jump(address, address);
}

static void jump_together(unsigned int cpu)
{
	(void)cpu;
	smp_barrier(machine.nr_cpus);
	crash_jump(NOWHERE, NOWHERE);
}

static void run_fatal(void)
{
	if (machine_has("mode=together")) {
		smp_start();
		smp_run(jump_together);
	}
	if (machine_has("mode=no-vectors"))
		crash_jump(NOWHERE, NOWHERE);
	if (machine_has("mode=tables"))
		crash_tables(machine.uart);
	if (machine_has("mode=mmu-off"))
		crash_mmu_off();
	if (machine_has("mode=loop"))
		leave_cpu_0(jump_without_mapping, GUEST_VA + GIB(1) - MIB(2));
	if (machine_has("mode=stack"))
		leave_cpu_0(crash_stack, NOWHERE);
}

void guest_main(void)
{
	print("%s\n", machine.bootargs);
	gic_init();
	run_fatal();
	if (machine_has("mode=writes"))
		storm(write_nowhere, "writes to nowhere");
	else if (machine_has("mode=undef"))
		storm(execute_undefined, "UNDEFINED instructions");
	else if (machine_has("mode=calls"))
		storm(call, "calls of all kinds");
	else if (machine_has("mode=devices"))
		storm(access_device, "accesses to devices");
	else if (machine_has("mode=interrupts"))
		storm(pend_interrupts, "interrupts");
	else if (machine_has("mode=sysregs"))
		try_system_registers();
	else
		check(false, "there is a mode");
}
