// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/stage2_fault.c: which accesses reach which device with which values, what
 * becomes of the guest's registers, and which aborts it gets instead; with
 * vcpu/emulate.c, for the accesses that take longer. The
 * guest's translation is the test's: stage 1 adds VA_OFFSET.
 */
#include <atf-c.h>
#include <string.h>

#include "arm64/at.h"
#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/pstate.h"
#include "lib/errno.h"
#include "mm/guest.h"
#include "vcpu/crash.h"
#include "vcpu/exit.h"
#include "vcpu/pcpu.h"
#include "vcpu/stage2_fault.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

#define VA_OFFSET UINT64_C(0xffff000000000000)
#define DEV_A UINT64_C(0x09000000) /* two pages */
#define DEV_B UINT64_C(0x09004000) /* one page, and nothing around it */
#define FAULTY 0xf00		   /* offsets from here on do not answer */
#define RAM_IPA UINT64_C(0x40000000)
#define PC (VA_OFFSET + RAM_IPA + 0x100)

static struct mmio_region regions[2];
static struct vm_config config = {.name = "test"};
static struct vm vm;
static struct vcpu vcpu;
static struct pcpu cpu;

/* What the devices saw, and what the next reads give */
static struct {
	const char *dev;
	struct mmio_access access;
} seen[4];
static unsigned int nr_seen;
static uint64_t answers[4];

static uint32_t insn;	     /* at the guest's PC */
static uint64_t fetch_par;   /* not 0: what translating PC gives */
static bool memory_fails;    /* an error in the memory at PC */
static uint64_t second_page; /* what stage 1 gives for another page than the faulting one */
static unsigned int translations;
static bool translated_el0, translated_write;

static enum mmio_result device(struct vcpu *v, void *dev, struct mmio_access *access)
{
	ATF_REQUIRE_EQ(v, &vcpu);
	ATF_REQUIRE(nr_seen < ARRAY_SIZE(seen));
	seen[nr_seen].dev = dev;
	seen[nr_seen].access = *access;
	if ((access->offset & 0xfff) >= FAULTY && (access->offset & 0xfff) < 0xff0)
		return MMIO_FAULT;
	if (!access->write)
		access->value = answers[nr_seen];
	nr_seen++;
	return MMIO_OK;
}

uint64_t at_s1(uint64_t va, bool el0, bool write)
{
	/* where the instruction is */
	if (va == PC) {
		ATF_REQUIRE(!el0 && !write);
		return fetch_par != 0 ? fetch_par : RAM_IPA;
	}
	translations++;
	translated_el0 = el0;
	translated_write = write;
	if (second_page != 0)
		return second_page;
	return (va - VA_OFFSET) & PAR_PA;
}

int guest_read(const struct stage2 *s2, unsigned int id, struct guest_piece *last, ipa_t addr,
	       void *dst, size_t n)
{
	ATF_REQUIRE_EQ(last, &vcpu.code);
	ATF_REQUIRE_EQ(s2, &vm.stage2);
	ATF_REQUIRE_EQ(id, 3);
	ATF_REQUIRE_EQ(n, sizeof(insn));
	memcpy(dst, &insn, sizeof(insn));
	if (addr.v != PC - VA_OFFSET)
		return -EFAULT;
	return memory_fails ? -EIO : 0;
}

#define VBAR UINT64_C(0xffff800010010800)

static bool may_crash;
static const struct vcpu *crashed;

void vm_crash(struct vcpu *who, const char *fmt, ...)
{
	if (!may_crash)
		atf_tc_fail("crash: %s", fmt);
	crashed = who;
}

/* A guest at EL1h, with every register holding its own number times 0x01010101_01010101. */
static void set_up(void)
{
	fake_sysreg_reset();
	memset(&vcpu, 0, sizeof(vcpu));
	vm.config = &config;
	vm.mmio = (struct mmio_map){.regions = regions, .max_regions = ARRAY_SIZE(regions)};
	ATF_REQUIRE_EQ(mmio_map_add(&vm.mmio, ipa(DEV_A), 0x2000, device, (void *)"A", "A"), 0);
	ATF_REQUIRE_EQ(mmio_map_add(&vm.mmio, ipa(DEV_B), 0x1000, device, (void *)"B", "B"), 0);
	vcpu.vm = &vm;
	vcpu.home = &cpu;
	vcpu.mmio_last = &mmio_nowhere;
	cpu = (struct pcpu){.current = &vcpu};
	for (unsigned int i = 0; i < 31; i++)
		vcpu.regs.x[i] = i * UINT64_C(0x0101010101010101);
	cpu.base.id = 3;
	write_sysreg(tpidr_el2, (uintptr_t)&cpu);
	write_sysreg(elr_el2, PC);
	write_sysreg(spsr_el2, PSTATE_EL1H);
	write_sysreg(sctlr_el1, SCTLR_EL1_SPAN);
	nr_seen = 0;
	memset(answers, 0, sizeof(answers));
	fetch_par = 0;
	memory_fails = false;
	second_page = 0;
	translations = 0;
}

static uint64_t own_number(unsigned int n)
{
	return n * UINT64_C(0x0101010101010101);
}

/* Registers that FAR and HPFAR would have after an access to this IPA. */
static void fault_at(uint64_t addr)
{
	write_sysreg(far_el2, VA_OFFSET + addr);
	write_sysreg(hpfar_el2, addr >> 12 << 4);
}

#define TRANSLATION_L3 0x07u

static uint64_t syndrome(unsigned int size, unsigned int rt, uint64_t flags)
{
	return FIELD_PREP(ESR_EC, ESR_EC_DABT_LOWER) | ESR_IL | ESR_ABT_ISV |
	       FIELD_PREP(ESR_ABT_SAS, __builtin_ctz(size)) | FIELD_PREP(ESR_ABT_SRT, rt) |
	       TRANSLATION_L3 | flags;
}

static struct exit_result fast_result(uint64_t esr)
{
	write_sysreg(esr_el2, esr);
	return stage2_fault_fast(&vcpu, esr);
}

/* True if the fast path has done it, false if it leaves it to the slow one. */
static bool fast(uint64_t esr)
{
	struct exit_result result = fast_result(esr);

	ATF_REQUIRE(exit_is_done(result) || exit_is(result, EXIT_SLOW));
	if (exit_is_done(result))
		ATF_REQUIRE_EQ(result.value, (intptr_t)&vcpu);
	return exit_is_done(result);
}

/* The guest executes `word`, whose access goes to addr. */
static void execute(uint32_t word, uint64_t addr, bool write)
{
	insn = word;
	fault_at(addr);
	stage2_data_abort(&vcpu, FIELD_PREP(ESR_EC, ESR_EC_DABT_LOWER) | ESR_IL | TRANSLATION_L3 |
				     (write ? ESR_ABT_WNR : 0));
}

static void check_access(unsigned int n, const char *dev, uint64_t offset, unsigned int size,
			 bool write, uint64_t value)
{
	ATF_REQUIRE(n < nr_seen);
	ATF_CHECK_STREQ(seen[n].dev, dev);
	ATF_CHECK_EQ(seen[n].access.offset, offset);
	ATF_CHECK_EQ(seen[n].access.size, size);
	ATF_CHECK_EQ(seen[n].access.write, write);
	ATF_CHECK_EQ(seen[n].access.value, value);
}

/* Nothing is done yet: no access, no register, no exception. */
static void check_untouched(void)
{
	ATF_CHECK_EQ(nr_seen, 0);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC);
	ATF_CHECK_EQ(fake_sysreg_writes("esr_el1"), 0);
	for (unsigned int i = 0; i < 31; i++)
		ATF_CHECK_EQ(vcpu.regs.x[i], own_number(i));
}

/* The guest is in its handler for this abort, its registers as before the access. */
static void check_aborted(uint64_t far, uint64_t iss)
{
	ATF_CHECK_EQ(read_sysreg(elr_el2), 0x200);
	ATF_CHECK_EQ(read_sysreg(elr_el1), PC);
	ATF_CHECK_EQ(read_sysreg(esr_el1), FIELD_PREP(ESR_EC, ESR_EC_DABT_SAME) | ESR_IL | iss);
	ATF_CHECK_EQ(read_sysreg(far_el1), far);
	for (unsigned int i = 0; i < 31; i++)
		ATF_CHECK_EQ(vcpu.regs.x[i], own_number(i));
}

/* ---- The fast path ---- */

ATF_TC_WITHOUT_HEAD(fast_read);
ATF_TC_BODY(fast_read, tc)
{
	static const unsigned int sizes[] = {1, 2, 4, 8};

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		set_up();
		fault_at(DEV_A + 0x18);
		answers[0] = UINT64_C(0xfedcba9876543210) >> (64 - 8 * sizes[i]);
		ATF_CHECK(fast(syndrome(sizes[i], 5, 0)));
		check_access(0, "A", 0x18, sizes[i], false, 0);
		ATF_CHECK_EQ(vcpu.regs.x[5], answers[0]);
		ATF_CHECK_EQ(vcpu.regs.x[4], own_number(4));
		ATF_CHECK_EQ(vcpu.regs.x[6], own_number(6));
		ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
	}
}

ATF_TC_WITHOUT_HEAD(fast_write);
ATF_TC_BODY(fast_write, tc)
{
	static const struct {
		unsigned int size;
		uint64_t value;
	} writes[] = {{1, 0x11}, {2, 0x1111}, {4, 0x11111111}, {8, UINT64_C(0x1111111111111111)}};

	for (unsigned int i = 0; i < ARRAY_SIZE(writes); i++) {
		set_up();
		fault_at(DEV_B + 8);
		ATF_CHECK(fast(syndrome(writes[i].size, 17, ESR_ABT_WNR)));
		check_access(0, "B", 8, writes[i].size, true, writes[i].value);
		ATF_CHECK_EQ(vcpu.regs.x[17], own_number(17));
		ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
	}
}

ATF_TC_WITHOUT_HEAD(fast_zero_register);
ATF_TC_BODY(fast_zero_register, tc)
{
	set_up();
	fault_at(DEV_A);
	answers[0] = 0xffffffff;
	ATF_CHECK(fast(syndrome(4, 31, 0)));
	ATF_CHECK_EQ(vcpu.vm, &vm); /* which comes after x30 */
	for (unsigned int i = 0; i < 31; i++)
		ATF_CHECK_EQ(vcpu.regs.x[i], own_number(i));
	ATF_CHECK(fast(syndrome(4, 31, ESR_ABT_WNR)));
	check_access(1, "A", 0, 4, true, 0);
}

ATF_TC_WITHOUT_HEAD(fast_changes_device);
ATF_TC_BODY(fast_changes_device, tc)
{
	set_up();
	for (unsigned int i = 0; i < 2; i++) {
		nr_seen = 0;
		fault_at(DEV_A + 0x1ffc);
		ATF_CHECK(fast(syndrome(4, 0, 0)));
		check_access(0, "A", 0x1ffc, 4, false, 0);
		fault_at(DEV_B);
		ATF_CHECK(fast(syndrome(4, 0, 0)));
		check_access(1, "B", 0, 4, false, 0);
	}
}

ATF_TC_WITHOUT_HEAD(fast_declines);
ATF_TC_BODY(fast_declines, tc)
{
	/* registers that are not in memory yet */
	for (unsigned int rt = 0; rt < 32; rt++) {
		bool in_memory = vcpu_regs_are_early(rt);

		set_up();
		fault_at(DEV_A);
		ATF_CHECK_EQ(fast(syndrome(4, rt, ESR_ABT_WNR)), in_memory);
		ATF_CHECK_EQ(nr_seen, in_memory);
		set_up();
		fault_at(DEV_A);
		answers[0] = own_number(rt);
		ATF_CHECK_EQ(fast(syndrome(8, rt, 0)), in_memory);
		if (!in_memory)
			check_untouched();
	}
	/* accesses that take more thought */
	static const uint64_t flips[] = {ESR_ABT_ISV, ESR_ABT_SSE, ESR_ABT_S1PTW, ESR_ABT_CM,
					 0x08 /* permission */};

	for (unsigned int i = 0; i < ARRAY_SIZE(flips); i++) {
		set_up();
		fault_at(DEV_A);
		ATF_CHECK(!fast(syndrome(4, 0, 0) ^ flips[i]));
		check_untouched();
	}
	/* states where stepping over takes more */
	static const uint64_t states[] = {PSTATE_AARCH32, PSTATE_SS, BIT(10), BIT(11)};

	for (unsigned int i = 0; i < ARRAY_SIZE(states); i++) {
		set_up();
		fault_at(DEV_A);
		write_sysreg(spsr_el2, states[i]);
		ATF_CHECK(!fast(syndrome(4, 0, 0)));
		check_untouched();
	}
}

/* The access is done, and then it is not straight back to the guest. */
ATF_TC_WITHOUT_HEAD(fast_attention);
ATF_TC_BODY(fast_attention, tc)
{
	set_up();
	cpu.resched = true;
	fault_at(DEV_B);
	ATF_CHECK(exit_is(fast_result(syndrome(4, 0, 0)), EXIT_RESCHEDULE));
	ATF_CHECK_EQ(nr_seen, 1);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);

	/* what is not done yet is done first, whatever else there is to do */
	set_up();
	cpu.resched = true;
	fault_at(DEV_B);
	ATF_CHECK(!fast(syndrome(4, 20, 0)));
}

ATF_TC_WITHOUT_HEAD(fast_nobody);
ATF_TC_BODY(fast_nobody, tc)
{
	static const uint64_t addrs[] = {0,	    DEV_A - 1,	    DEV_A + 0x2000,
					 DEV_B - 4, DEV_B + 0x1000, DEV_B + 0xffe};

	/* with no device, and with either one, remembered */
	for (unsigned int i = 0; i < 3 * ARRAY_SIZE(addrs); i++) {
		set_up();
		if (i % 3 != 0)
			vcpu.mmio_last = &regions[i % 3 - 1];
		fault_at(addrs[i / 3]);
		ATF_CHECK(!fast(syndrome(4, 0, 0)));
		check_untouched();
	}
}

ATF_TC_WITHOUT_HEAD(fast_device_faults);
ATF_TC_BODY(fast_device_faults, tc)
{
	set_up();
	fault_at(DEV_A + FAULTY);
	ATF_CHECK(fast(syndrome(4, 0, 0)));
	check_aborted(VA_OFFSET + DEV_A + FAULTY, FSC_EXTERNAL);
	set_up();
	fault_at(DEV_A + FAULTY);
	ATF_CHECK(fast(syndrome(4, 0, ESR_ABT_WNR)));
	check_aborted(VA_OFFSET + DEV_A + FAULTY, FSC_EXTERNAL | ESR_ABT_WNR);
}

/* ---- The slow path, with a syndrome ---- */

ATF_TC_WITHOUT_HEAD(syndrome_extension);
ATF_TC_BODY(syndrome_extension, tc)
{
	static const struct {
		unsigned int size;
		uint64_t flags, answer, expected;
	} loads[] = {
	    {1, ESR_ABT_SSE | ESR_ABT_SF, 0x80, UINT64_C(0xffffffffffffff80)},
	    {1, ESR_ABT_SSE, 0x80, 0xffffff80},
	    {1, ESR_ABT_SSE | ESR_ABT_SF, 0x7f, 0x7f},
	    {2, ESR_ABT_SSE | ESR_ABT_SF, 0x8000, UINT64_C(0xffffffffffff8000)},
	    {2, ESR_ABT_SSE, 0x8000, 0xffff8000},
	    {4, ESR_ABT_SSE | ESR_ABT_SF, 0x80000000, UINT64_C(0xffffffff80000000)},
	    {4, 0, 0x80000000, 0x80000000},
	    {8, ESR_ABT_SF, UINT64_C(0x8000000000000001), UINT64_C(0x8000000000000001)},
	    /* a device that gives more than it was asked for */
	    {1, 0, 0x1ff, 0xff},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(loads); i++) {
		set_up();
		fault_at(DEV_A + 4);
		answers[0] = loads[i].answer;
		stage2_data_abort(&vcpu, syndrome(loads[i].size, 25, loads[i].flags));
		check_access(0, "A", 4, loads[i].size, false, 0);
		ATF_CHECK_EQ(vcpu.regs.x[25], loads[i].expected);
		ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
	}
}

ATF_TC_WITHOUT_HEAD(syndrome_aarch32);
ATF_TC_BODY(syndrome_aarch32, tc)
{
	set_up();
	write_sysreg(spsr_el2, PSTATE_AARCH32 | PSTATE_T | FIELD_PREP(PSTATE_A32_IT_HIGH, 1));
	fault_at(DEV_A);
	answers[0] = 7;
	stage2_data_abort(&vcpu, syndrome(4, 20, 0) & ~ESR_IL);
	ATF_CHECK_EQ(vcpu.regs.x[20], 7);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 2);
	ATF_CHECK_EQ(read_sysreg(spsr_el2),
		     PSTATE_AARCH32 | PSTATE_T | FIELD_PREP(PSTATE_A32_IT_HIGH, 2));
}

ATF_TC_WITHOUT_HEAD(nobody);
ATF_TC_BODY(nobody, tc)
{
	set_up();
	fault_at(DEV_B - 4);
	stage2_data_abort(&vcpu, syndrome(4, 1, 0));
	check_aborted(VA_OFFSET + DEV_B - 4, FSC_EXTERNAL);
	ATF_CHECK_EQ(nr_seen, 0);
	/* half in, half out */
	set_up();
	fault_at(DEV_B + 0xffc);
	stage2_data_abort(&vcpu, syndrome(8, 1, ESR_ABT_WNR));
	check_aborted(VA_OFFSET + DEV_B + 0xffc, FSC_EXTERNAL | ESR_ABT_WNR);
	ATF_CHECK_EQ(nr_seen, 0);
}

ATF_TC_WITHOUT_HEAD(not_for_devices);
ATF_TC_BODY(not_for_devices, tc)
{
	/* maintenance of what is not cached */
	set_up();
	fault_at(DEV_A);
	stage2_data_abort(&vcpu, ESR_IL | ESR_ABT_CM | ESR_ABT_WNR | TRANSLATION_L3);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
	ATF_CHECK_EQ(nr_seen, 0);
	ATF_CHECK_EQ(fake_sysreg_writes("esr_el1"), 0);
	/* translation tables in a device, also for AT and DC instructions */
	set_up();
	fault_at(DEV_A);
	stage2_data_abort(&vcpu, ESR_IL | ESR_ABT_S1PTW | TRANSLATION_L3);
	check_aborted(VA_OFFSET + DEV_A, FSC_EXTERNAL);
	set_up();
	fault_at(DEV_A);
	stage2_data_abort(&vcpu, ESR_IL | ESR_ABT_CM | ESR_ABT_S1PTW | TRANSLATION_L3);
	check_aborted(VA_OFFSET + DEV_A, FSC_EXTERNAL);
	/* permission, where there is no device */
	set_up();
	fault_at(DEV_B - 4);
	stage2_data_abort(&vcpu, syndrome(4, 0, ESR_ABT_WNR) | 0x0f);
	check_aborted(VA_OFFSET + DEV_B - 4, FSC_EXTERNAL | ESR_ABT_WNR);
	set_up();
	fault_at(DEV_A);
	stage2_data_abort(&vcpu, (syndrome(4, 0, 0) & ~ESR_ABT_FSC) | FSC_ALIGNMENT);
	check_aborted(VA_OFFSET + DEV_A, FSC_ALIGNMENT);
	ATF_CHECK_EQ(nr_seen, 0);
}

/* A store to memory that is mapped read-only: HPFAR_EL2 is not set, stage 1 tells the page. */
ATF_TC_WITHOUT_HEAD(read_only);
ATF_TC_BODY(read_only, tc)
{
	set_up();
	fault_at(DEV_A + 0x10);
	write_sysreg(hpfar_el2, DEV_B >> 12 << 4);
	stage2_data_abort(&vcpu, syndrome(4, 7, ESR_ABT_WNR) | 0x0f);
	check_access(0, "A", 0x10, 4, true, 0x07070707);
	ATF_CHECK_EQ(nr_seen, 1);
	ATF_CHECK_EQ(translations, 1);
	ATF_CHECK(translated_write);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);

	/* as the instruction says, a pair */
	set_up();
	vcpu.regs.x[2] = VA_OFFSET + DEV_A;
	fault_at(DEV_A);
	write_sysreg(hpfar_el2, DEV_B >> 12 << 4);
	insn = 0xa9000440; /* stp x0, x1, [x2] */
	stage2_data_abort(&vcpu, ESR_IL | ESR_ABT_WNR | 0x0f);
	check_access(0, "A", 0, 8, true, 0);
	check_access(1, "A", 8, 8, true, own_number(1));

	/* another vCPU has changed the translation meanwhile */
	set_up();
	fault_at(DEV_A);
	second_page = PAR_F | FIELD_PREP(PAR_FST, 0x07);
	stage2_data_abort(&vcpu, syndrome(4, 7, ESR_ABT_WNR) | 0x0f);
	ATF_CHECK_EQ(nr_seen, 0);
	check_aborted(VA_OFFSET + DEV_A, 0x07 | ESR_ABT_WNR);
}

/* ---- The slow path, with the instruction ---- */

ATF_TC_WITHOUT_HEAD(writeback);
ATF_TC_BODY(writeback, tc)
{
	set_up();
	vcpu.regs.x[2] = VA_OFFSET + DEV_A;
	answers[0] = UINT64_C(0x1122334455667788);
	execute(0xf8408c41, DEV_A + 8, false); /* ldr x1, [x2, #8]! */
	check_access(0, "A", 8, 8, false, 0);
	ATF_CHECK_EQ(vcpu.regs.x[1], answers[0]);
	ATF_CHECK_EQ(vcpu.regs.x[2], VA_OFFSET + DEV_A + 8);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);

	set_up();
	vcpu.regs.x[9] = VA_OFFSET + DEV_A + 0x10;
	execute(0xb81fcd28, DEV_A + 0xc, true); /* str w8, [x9, #-4]! */
	check_access(0, "A", 0xc, 4, true, 0x08080808);
	ATF_CHECK_EQ(vcpu.regs.x[9], VA_OFFSET + DEV_A + 0xc);
	ATF_CHECK_EQ(vcpu.regs.x[8], own_number(8));

	set_up();
	vcpu.regs.x[1] = VA_OFFSET + DEV_B;
	answers[0] = 0x80;
	execute(0x38801420, DEV_B, false); /* ldrsb x0, [x1], #1 */
	check_access(0, "B", 0, 1, false, 0);
	ATF_CHECK_EQ(vcpu.regs.x[0], UINT64_C(0xffffffffffffff80));
	ATF_CHECK_EQ(vcpu.regs.x[1], VA_OFFSET + DEV_B + 1);
}

ATF_TC_WITHOUT_HEAD(writeback_to_sp);
ATF_TC_BODY(writeback_to_sp, tc)
{
	static const struct {
		uint64_t pstate;
		bool el1;
	} modes[] = {{PSTATE_EL0T, false}, {PSTATE_EL1T, false}, {PSTATE_EL1H, true}};

	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		const uint64_t sp = VA_OFFSET + DEV_A + 0x20;

		set_up();
		write_sysreg(spsr_el2, modes[i].pstate);
		write_sysreg(sp_el0, modes[i].el1 ? 1 : sp);
		write_sysreg(sp_el1, modes[i].el1 ? sp : 1);
		execute(0xf81f0fff, DEV_A + 0x10, true); /* str xzr, [sp, #-16]! */
		check_access(0, "A", 0x10, 8, true, 0);
		ATF_CHECK_EQ(read_sysreg(sp_el0), modes[i].el1 ? 1 : sp - 16);
		ATF_CHECK_EQ(read_sysreg(sp_el1), modes[i].el1 ? sp - 16 : 1);
		ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
	}
}

ATF_TC_WITHOUT_HEAD(pairs);
ATF_TC_BODY(pairs, tc)
{
	set_up();
	vcpu.regs.x[2] = VA_OFFSET + DEV_A;
	answers[0] = 11;
	answers[1] = 22;
	execute(0xa9400440, DEV_A, false); /* ldp x0, x1, [x2] */
	check_access(0, "A", 0, 8, false, 0);
	check_access(1, "A", 8, 8, false, 0);
	ATF_CHECK_EQ(vcpu.regs.x[0], 11);
	ATF_CHECK_EQ(vcpu.regs.x[1], 22);
	ATF_CHECK_EQ(vcpu.regs.x[2], VA_OFFSET + DEV_A);
	ATF_CHECK_EQ(translations, 0);

	/* The CPU may report the second half's address */
	set_up();
	vcpu.regs.x[2] = VA_OFFSET + DEV_A;
	insn = 0x69400440; /* ldpsw x0, x1, [x2] */
	answers[0] = 0x80000000;
	answers[1] = 1;
	execute(insn, DEV_A + 4, false);
	check_access(0, "A", 0, 4, false, 0);
	check_access(1, "A", 4, 4, false, 0);
	ATF_CHECK_EQ(vcpu.regs.x[0], UINT64_C(0xffffffff80000000));
	ATF_CHECK_EQ(vcpu.regs.x[1], 1);

	set_up();
	vcpu.regs.x[5] = VA_OFFSET + DEV_B + 0x100;
	execute(0xa8bf10a3, DEV_B + 0x100, true); /* stp x3, x4, [x5], #-16 */
	check_access(0, "B", 0x100, 8, true, own_number(3));
	check_access(1, "B", 0x108, 8, true, own_number(4));
	ATF_CHECK_EQ(vcpu.regs.x[5], VA_OFFSET + DEV_B + 0xf0);
}

/* Bits that TBI takes as a tag are no part of the address. */
ATF_TC_WITHOUT_HEAD(tagged_address);
ATF_TC_BODY(tagged_address, tc)
{
	set_up();
	vcpu.regs.x[2] = (VA_OFFSET + DEV_A) ^ UINT64_C(0x5a) << 56;
	execute(0xf8408c41, DEV_A + 8, false); /* ldr x1, [x2, #8]! */
	check_access(0, "A", 8, 8, false, 0);
	ATF_CHECK_EQ(vcpu.regs.x[2], ((VA_OFFSET + DEV_A) ^ UINT64_C(0x5a) << 56) + 8);
}

ATF_TC_WITHOUT_HEAD(pair_over_two_pages);
ATF_TC_BODY(pair_over_two_pages, tc)
{
	const uint32_t ldp = 0xa9400440; /* ldp x0, x1, [x2] */

	set_up();
	vcpu.regs.x[2] = VA_OFFSET + DEV_A + 0xff8;
	answers[0] = 11;
	answers[1] = 22;
	execute(ldp, DEV_A + 0xff8, false);
	check_access(0, "A", 0xff8, 8, false, 0);
	check_access(1, "A", 0x1000, 8, false, 0);
	ATF_CHECK_EQ(vcpu.regs.x[1], 22);
	ATF_CHECK_EQ(translations, 1);
	ATF_CHECK(!translated_el0);
	ATF_CHECK(!translated_write);

	/* stage 1 has another device behind the first */
	set_up();
	vcpu.regs.x[2] = VA_OFFSET + DEV_A + 0xff8;
	second_page = DEV_B;
	execute(ldp, DEV_A + 0xff8, false);
	check_access(0, "A", 0xff8, 8, false, 0);
	check_access(1, "B", 0, 8, false, 0);

	/* nobody is there: neither register changes, and the first access is not done */
	set_up();
	vcpu.regs.x[2] = own_number(2); /* for check_aborted(): the address is in x3 */
	vcpu.regs.x[3] = VA_OFFSET + DEV_B + 0xff8;
	execute(0xa9400460, DEV_B + 0xff8, false); /* ldp x0, x1, [x3] */
	ATF_CHECK_EQ(vcpu.regs.x[3], VA_OFFSET + DEV_B + 0xff8);
	vcpu.regs.x[3] = own_number(3);
	check_aborted(VA_OFFSET + DEV_B + 0x1000, FSC_EXTERNAL);
	ATF_CHECK_EQ(nr_seen, 0);

	/* the guest has nothing mapped there: its own translation fault, level 2 */
	set_up();
	write_sysreg(spsr_el2, PSTATE_EL0T);
	vcpu.regs.x[2] = VA_OFFSET + DEV_A + 0xff8;
	second_page = PAR_F | FIELD_PREP(PAR_FST, 0x06);
	execute(0xa9000440, DEV_A + 0xff8, true); /* stp x0, x1, [x2] */
	ATF_CHECK_EQ(read_sysreg(esr_el1),
		     FIELD_PREP(ESR_EC, ESR_EC_DABT_LOWER) | ESR_IL | ESR_ABT_WNR | 0x06);
	ATF_CHECK_EQ(read_sysreg(far_el1), VA_OFFSET + DEV_A + 0x1000);
	ATF_CHECK_EQ(read_sysreg(elr_el2), 0x400);
	ATF_CHECK_EQ(nr_seen, 0);
	ATF_CHECK(translated_el0);
	ATF_CHECK(translated_write);

	/* its tables are nowhere */
	set_up();
	vcpu.regs.x[2] = VA_OFFSET + DEV_A + 0xff8;
	second_page = PAR_F | PAR_S | FIELD_PREP(PAR_FST, 0x06);
	execute(ldp, DEV_A + 0xff8, false);
	ATF_CHECK_EQ(read_sysreg(esr_el1), FIELD_PREP(ESR_EC, ESR_EC_DABT_SAME) | ESR_IL | 0x10);
}

ATF_TC_WITHOUT_HEAD(pair_half_faults);
ATF_TC_BODY(pair_half_faults, tc)
{
	set_up();
	vcpu.regs.x[2] = VA_OFFSET + DEV_A + FAULTY - 8;
	answers[0] = 11;
	execute(0xa9400440, DEV_A + FAULTY - 8, false); /* ldp x0, x1, [x2] */
	vcpu.regs.x[2] = own_number(2);
	check_aborted(VA_OFFSET + DEV_A + FAULTY, FSC_EXTERNAL);

	set_up();
	vcpu.regs.x[5] = VA_OFFSET + DEV_A + FAULTY - 8;
	execute(0xa8bf10a3, DEV_A + FAULTY - 8, true); /* stp x3, x4, [x5], #-16 */
	ATF_CHECK_EQ(vcpu.regs.x[5], VA_OFFSET + DEV_A + FAULTY - 8);
	vcpu.regs.x[5] = own_number(5);
	check_aborted(VA_OFFSET + DEV_A + FAULTY, FSC_EXTERNAL | ESR_ABT_WNR);
	ATF_CHECK_EQ(nr_seen, 1);
}

ATF_TC_WITHOUT_HEAD(other_addressing);
ATF_TC_BODY(other_addressing, tc)
{
	/* No base register has DEV_A's address as it is: x4 + x5 * 8 */
	set_up();
	vcpu.regs.x[4] = VA_OFFSET + DEV_A;
	vcpu.regs.x[5] = 4;
	answers[0] = 33;
	execute(0xf8657883, DEV_A + 0x20, false); /* ldr x3, [x4, x5, lsl #3] */
	check_access(0, "A", 0x20, 8, false, 0);
	ATF_CHECK_EQ(vcpu.regs.x[3], 33);
	/* with the zero register as index */
	set_up();
	vcpu.regs.x[4] = VA_OFFSET + DEV_A;
	execute(0xf87f7883, DEV_A, false); /* ldr x3, [x4, xzr, lsl #3] */
	check_access(0, "A", 0, 8, false, 0);
}

/* Nothing is emulated that cannot be what trapped. */
ATF_TC_WITHOUT_HEAD(not_emulated);
ATF_TC_BODY(not_emulated, tc)
{
	static const struct {
		uint32_t insn;
		bool write;
	} wrong[] = {
	    {0xd503201f, false}, /* nop */
	    {0xd50b7420, true},	 /* dc zva, x0 */
	    {0x3cc10400, false}, /* ldr q0, [x0], #16 */
	    {0xf8408c41, true},	 /* ldr x1, [x2, #8]!, for a store */
	    {0xb81fcd28, false}, /* str w8, [x9, #-4]!, for a load */
	    {0xf8408c41, false}, /* ldr x1, [x2, #8]!, but x2 points elsewhere */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		set_up();
		execute(wrong[i].insn, DEV_A + 8, wrong[i].write);
		check_aborted(VA_OFFSET + DEV_A + 8,
			      FSC_EXTERNAL | (wrong[i].write ? ESR_ABT_WNR : 0));
		ATF_CHECK_EQ(nr_seen, 0);
	}
	/* AArch32 */
	set_up();
	write_sysreg(spsr_el2, PSTATE_AARCH32);
	execute(0xf8408c41, DEV_A + 8, false);
	ATF_CHECK_EQ(read_sysreg(elr_el2), 0x600);
	ATF_CHECK_EQ(nr_seen, 0);
}

ATF_TC_WITHOUT_HEAD(fetch);
ATF_TC_BODY(fetch, tc)
{
	const uint32_t ldr = 0xf8408c41; /* ldr x1, [x2, #8]! */

	/* Another vCPU unmapped the code: the guest runs into that by itself */
	set_up();
	fetch_par = PAR_F | FIELD_PREP(PAR_FST, 0x07);
	execute(ldr, DEV_A + 8, false);
	check_untouched();
	/* Its tables are gone */
	set_up();
	fetch_par = PAR_F | PAR_S;
	execute(ldr, DEV_A + 8, false);
	check_aborted(VA_OFFSET + DEV_A + 8, FSC_EXTERNAL);
	/* The memory of its tables, or of the code, has an error: it is told so, and EL2 lives */
	for (uint64_t fst = 0x10; fst < 0x20; fst++) {
		set_up();
		fetch_par = PAR_F | FIELD_PREP(PAR_FST, fst);
		execute(ldr, DEV_A + 8, false);
		check_aborted(VA_OFFSET + DEV_A + 8, FSC_EXTERNAL);
	}
	set_up();
	memory_fails = true;
	execute(ldr, DEV_A + 8, false);
	check_aborted(VA_OFFSET + DEV_A + 8, FSC_EXTERNAL);
	/* It is in no memory of the VM's: a device that was given to it, or nothing */
	set_up();
	fetch_par = 0x1000;
	execute(ldr, DEV_A + 8, false);
	check_aborted(VA_OFFSET + DEV_A + 8, FSC_EXTERNAL);
}

/* The guest is at PC with this PSTATE, and could not fetch the instruction there. */
static void set_up_fetch(uint64_t pstate)
{
	set_up();
	write_sysreg(vbar_el1, VBAR);
	write_sysreg(spsr_el2, pstate);
	may_crash = true;
	crashed = NULL;
}

ATF_TC_WITHOUT_HEAD(fetch_failed);
ATF_TC_BODY(fetch_failed, tc)
{
	/* anywhere but in the vectors, it is the guest's to handle */
	set_up_fetch(PSTATE_EL1H);
	write_sysreg(far_el2, VBAR - 4);
	stage2_fetch_abort(&vcpu);
	ATF_CHECK_EQ(crashed, NULL);
	ATF_CHECK_EQ(read_sysreg(elr_el2), VBAR + 0x200);
	ATF_CHECK_EQ(read_sysreg(esr_el1), FIELD_PREP(ESR_EC, ESR_EC_IABT_SAME) | ESR_IL | 0x10);
	ATF_CHECK_EQ(read_sysreg(far_el1), VBAR - 4);

	set_up_fetch(PSTATE_EL1H);
	write_sysreg(far_el2, VBAR + 0x800);
	stage2_fetch_abort(&vcpu);
	ATF_CHECK_EQ(crashed, NULL);

	/* EL0 at these addresses is not the handler */
	set_up_fetch(PSTATE_EL0T);
	write_sysreg(far_el2, VBAR + 0x200);
	stage2_fetch_abort(&vcpu);
	ATF_CHECK_EQ(crashed, NULL);
	ATF_CHECK_EQ(read_sysreg(elr_el2), VBAR + 0x400);

	/* what the last one leads to; bits that VBAR_EL1 does not have do not hide it */
	set_up_fetch(PSTATE_EL1H);
	write_sysreg(vbar_el1, VBAR | 0x7ff);
	write_sysreg(far_el2, VBAR + 0x400);
	stage2_fetch_abort(&vcpu);
	ATF_CHECK_EQ(crashed, &vcpu);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, fast_read);
	ATF_TP_ADD_TC(tp, fast_write);
	ATF_TP_ADD_TC(tp, fast_zero_register);
	ATF_TP_ADD_TC(tp, fast_changes_device);
	ATF_TP_ADD_TC(tp, fast_declines);
	ATF_TP_ADD_TC(tp, fast_attention);
	ATF_TP_ADD_TC(tp, fast_nobody);
	ATF_TP_ADD_TC(tp, fast_device_faults);
	ATF_TP_ADD_TC(tp, syndrome_extension);
	ATF_TP_ADD_TC(tp, syndrome_aarch32);
	ATF_TP_ADD_TC(tp, nobody);
	ATF_TP_ADD_TC(tp, not_for_devices);
	ATF_TP_ADD_TC(tp, read_only);
	ATF_TP_ADD_TC(tp, writeback);
	ATF_TP_ADD_TC(tp, writeback_to_sp);
	ATF_TP_ADD_TC(tp, pairs);
	ATF_TP_ADD_TC(tp, tagged_address);
	ATF_TP_ADD_TC(tp, pair_over_two_pages);
	ATF_TP_ADD_TC(tp, pair_half_faults);
	ATF_TP_ADD_TC(tp, other_addressing);
	ATF_TP_ADD_TC(tp, not_emulated);
	ATF_TP_ADD_TC(tp, fetch);
	ATF_TP_ADD_TC(tp, fetch_failed);
	return atf_no_error();
}
