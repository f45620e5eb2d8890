// SPDX-License-Identifier: BSD-2-Clause
/*
 * System registers: those that identify the CPU, those that guests must not
 * find, debug exceptions, and calls to the firmware. An exit changes nothing
 * that it should not.
 */
#include "tests/guests/sysregs/sysregs.h"

#include "lib/string.h"
#include "tests/guests/lib/guest.h"

#define TIMER_IRQ PLATFORM_PPI_VTIMER

/* ---- Calls ---- */

static int64_t smc(uint64_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("smc #0"
			 : "+r"(x0)::"x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
			   "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return (int64_t)x0;
}

static void check_calls(void)
{
	static const uint32_t unknown[] = {
	    0x8400ffff, /* the standard service's */
	    0xc400ffff, /* the same, 64 bits */
	    0x86000000, /* a vendor hypervisor's */
	    0x83000000, /* an OEM's */
	    0xb2000000, /* a trusted application's */
	    0x00000000, /* a yielding call */
	    0x80000002, /* SMCCC_ARCH_SOC_ID */
	};
	struct fault fault;
	int64_t result = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++) {
		CATCH(fault, result = hvc(unknown[i], 0, 0, 0));
		/* 32-bit calls leave the upper half unknown */
		check(fault.count == 0 && (int32_t)result == SMCCC_NOT_SUPPORTED,
		      "HVC: %#x is not supported", unknown[i]);
	}
	check(psci(PSCI_VERSION, 0, 0, 0) >= 0x10001, "HVC: PSCI is there");
	if (machine.native)
		return;

	check((int32_t)hvc(SMCCC_VERSION, 0, 0, 0) >= 0x10001, "HVC: SMCCC is 1.1 or later");
	check_equal((int32_t)hvc(SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0), 0,
		    "HVC: SMCCC_VERSION is a feature");
	check_equal((uint32_t)hvc(SMCCC_ARCH_FEATURES, 0x80001234, 0, 0), (uint32_t)-1,
		    "HVC: an unknown one is not");
	CATCH(fault, result = smc(0x8400ffff));
	check(fault.count == 0 && (int32_t)result == SMCCC_NOT_SUPPORTED,
	      "SMC: an unknown call is not supported");
	CATCH(fault, result = smc(PSCI_VERSION));
	check(fault.count == 0 && result >= 0x10001, "SMC: PSCI is there too");
}

/* ---- What survives ---- */

static void check_survival(void)
{
	uint64_t uart = machine.uart;

	/* SMCCC 1.1, 2.6: x4 to x30 are preserved */
	check_equal(survive_hvc(PSCI_VERSION) & ~UINT64_C(0xe), 0, "HVC preserves registers");
	check_equal(survive_hvc(0x8400ffff) & ~UINT64_C(0xe), 0, "an unknown HVC does, too");
	check_equal(survive_load(uart + PL011_FR), BIT(1), "a load from a device writes x1 only");
	check_equal(survive_load_x28(uart + PL011_FR), BIT(28), "... x28 only");
	check_equal(survive_load_xzr(uart + PL011_FR), 0, "... nothing");
	check_equal(survive_load_writeback(uart + PL011_FR), BIT(1), "... x1 only, decoded");
	check_equal(survive_store(uart + PL011_ICR), 0, "a store to a device preserves registers");
	check_equal(survive_mrs(0), BIT(1), "MRS writes x1 only");
	check_equal(survive_mrs_x25(0), BIT(25), "... x25 only");
	check_equal(survive_mrs_xzr(0), 0, "... nothing");
	check_equal(survive_yield(0), 0, "YIELD preserves registers");

	/* There is something to wake up for. */
	gic_enable(TIMER_IRQ);
	write_sysreg(cntv_cval_el0, deadline_after(2));
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	check_equal(survive_wfi(0), 0, "WFI preserves registers");
	write_sysreg(cntv_ctl_el0, 0);
	gic_disable(TIMER_IRQ);
}

#define TRY(name, value)                                                                           \
	do {                                                                                       \
		uint64_t old_ = read_sysreg(name);                                                 \
		uint64_t read_;                                                                    \
		write_sysreg(name, value);                                                         \
		isb();                                                                             \
		read_ = read_sysreg(name);                                                         \
		write_sysreg(name, old_);                                                          \
		isb();                                                                             \
		check_equal(read_, value, #name " keeps what is written");                         \
	} while (0)

static void check_writable(void)
{
	TRY(tpidr_el0, 0x123456789abcdef0);
	TRY(tpidrro_el0, 0xfedcba9876543210);
	TRY(contextidr_el1, 0x12345678);
	TRY(ttbr1_el1, 0x0012000012345000);
	TRY(far_el1, 0xfedcba9876543210);
	TRY(esr_el1, 0x96000010);
	TRY(elr_el1, 0xfedcba9876543210);
	TRY(sp_el0, 0xfedcba9876543210);
	TRY(par_el1, 0x12345000);
	TRY(cntkctl_el1, 0x3);
	TRY(cpacr_el1, 0x00300000);
	/* Any kind of pointer authentication */
	if ((read_sysreg(id_aa64isar1_el1) & 0xff000ff0) ||
	    (read_sysreg(ID_AA64ISAR2_EL1) & 0xff00)) {
		TRY(APIAKEYLO_EL1, 0x123456789abcdef0);
		TRY(APGAKEYHI_EL1, 0xfedcba9876543210);
	}
}

/* ---- Caches ---- */

static void check_zva(void)
{
	static uint8_t buffer[4096] __attribute__((aligned(2048)));
	uint64_t dczid = read_sysreg(dczid_el0);
	size_t size = (size_t)4 << (dczid & 0xf);
	bool zero = true;

	if (dczid & BIT(4))
		return;
	memset(buffer, 0xff, sizeof(buffer));
	__asm__ volatile("dc zva, %0" ::"r"(buffer) : "memory");
	for (size_t i = 0; i < size; i++)
		zero = zero && buffer[i] == 0;
	check(size <= 2048 && zero && buffer[size] == 0xff, "DC ZVA clears a block");
}

/* Code that was written a moment ago: movz w0, #n; ret */
static void check_new_code(void)
{
	static uint32_t code[2] __attribute__((aligned(64)));
	uint64_t (*function)(void) = (uint64_t(*)(void))(uintptr_t)code;
	bool right = true;

	for (uint32_t n = 1; n <= 3; n++) {
		code[0] = 0x52800000 | n << 5;
		code[1] = 0xd65f03c0;
		__asm__ volatile(
		    "dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(code)
		    : "memory");
		right = right && function() == n;
	}
	check(right, "new code runs after cache maintenance");
}

static void check_caches(void)
{
	uint64_t ctr = read_sysreg(ctr_el0), clidr = read_sysreg(clidr_el1);
	struct fault fault;

	check((ctr & BIT(31)) && (ctr & 0xf) <= 9 && (ctr >> 16 & 0xf) <= 9, "CTR_EL0 is sane");
	check((clidr & 7) != 0, "CLIDR_EL1 has a level 1 cache");
	write_sysreg(csselr_el1, 0);
	isb();
	check(read_sysreg(ccsidr_el1) != 0, "CCSIDR_EL1 describes it");
	CATCH(fault, __asm__ volatile("dc cisw, xzr\n\tdc isw, xzr\n\tdc csw, xzr\n\tdsb sy\n\t"
				      "ic iallu\n\tic ialluis\n\tdsb sy\n\tisb" ::
					  : "memory"));
	check_equal(fault.count, 0, "cache maintenance by set and way is allowed");
	check_zva();
	check_new_code();
}

static void check_tlb(void)
{
	struct fault fault;

	CATCH(fault, __asm__ volatile("tlbi vmalle1\n\ttlbi vmalle1is\n\ttlbi vae1, xzr\n\t"
				      "tlbi aside1is, xzr\n\tdsb sy\n\tisb" ::
					  : "memory"));
	check_equal(fault.count, 0, "TLB maintenance of EL1 is allowed");
	__asm__ volatile("at s1e1r, %0\n\tisb" ::"r"(machine.ram[0].base) : "memory");
	check((read_sysreg(par_el1) & 0xfffffffff001) == machine.ram[0].base,
	      "AT S1E1R gives the guest's physical address");
}

void guest_main(void)
{
	gic_init();
	smp_start();
	check_id_registers();
	check_hidden();
	check_debug();
	check_calls();
	check_writable();
	check_caches();
	check_tlb();
	check_survival();
}
