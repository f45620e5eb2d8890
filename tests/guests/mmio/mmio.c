// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loads and stores to emulated devices, by every instruction that moves one
 * or two general registers. Hardware describes only the simple ones to a
 * hypervisor (ESR_EL2.ISS), the others it has to decode.
 *
 * The devices serve as memory: bytes and words of it are priorities of
 * interrupts that are disabled, with the lower three bits of each 0;
 * halfwords are the UART's divisor; doublewords are a GICv3's routes.
 */
#include "tests/guests/mmio/mmio.h"

#include "tests/guests/lib/guest.h"

#define BASE_IRQ 48u /* its priorities are aligned to 16 */

/* What the words from the base's predecessor on are: bytes with and without a sign. */
static const uint32_t words[] = {0xc8b0a898, 0x7888f008, 0x9018e880, 0x30f86040, 0xd0100870};

/* Registers before and after, relative to the device's address. */
struct test {
	access_function *access;
	const char *name;
	int offset;  /* of x0 before, from the base */
	int advance; /* of x0 by the instruction */
	uint64_t x1; /* after it, or what is stored */
	uint64_t x2;
	uint64_t x3; /* the index */
	int at;	     /* stores: where, from the base */
};

#define UNTOUCHED 0x5a5a5a5adeadbeef
#define SIGN64(word) ((uint64_t)(int64_t)(int32_t)(word))

/* clang-format off */
static const struct test loads[] = {
	{access_ldrb,         "ldrb",                 0,  0, 0x08, UNTOUCHED, 0, 0},
	{access_ldrb,         "ldrb, second byte",    1,  0, 0xf0, UNTOUCHED, 0, 0},
	{access_ldrb_imm,     "ldrb, offset",         0,  0, 0x78, UNTOUCHED, 0, 0},
	{access_ldrb_post,    "ldrb, post-indexed",   2,  1, 0x88, UNTOUCHED, 0, 0},
	{access_ldrb_pre,     "ldrb, pre-indexed",    1,  1, 0x88, UNTOUCHED, 0, 0},
	{access_ldrb_reg,     "ldrb, register",       0,  0, 0xe8, UNTOUCHED, 5, 0},
	{access_ldrb_sxtw,    "ldrb, sxtw",           4,  0, 0x78, UNTOUCHED, 0x12345678ffffffff, 0},
	{access_ldrb_uxtw,    "ldrb, uxtw",           0,  0, 0x88, UNTOUCHED, 0xffffffff00000002, 0},
	{access_ldrsb_w,      "ldrsb w",              1,  0, 0xfffffff0, UNTOUCHED, 0, 0},
	{access_ldrsb_x,      "ldrsb x",              2,  0, 0xffffffffffffff88, UNTOUCHED, 0, 0},
	{access_ldrsb_x_post, "ldrsb x, post-indexed", 3, -3, 0x78, UNTOUCHED, 0, 0},
	{access_ldurb,        "ldurb",                3,  0, 0x88, UNTOUCHED, 0, 0},
	{access_ldr_w,        "ldr w",                0,  0, 0x7888f008, UNTOUCHED, 0, 0},
	{access_ldr_w_imm,    "ldr w, offset",        0,  0, 0x9018e880, UNTOUCHED, 0, 0},
	{access_ldr_w_post,   "ldr w, post-indexed",  4,  4, 0x9018e880, UNTOUCHED, 0, 0},
	{access_ldr_w_pre,    "ldr w, pre-indexed",   0,  4, 0x9018e880, UNTOUCHED, 0, 0},
	{access_ldr_w_down,   "ldr w, downwards",     0, -4, 0xc8b0a898, UNTOUCHED, 0, 0},
	{access_ldr_w_lsl,    "ldr w, shifted",       0,  0, 0x30f86040, UNTOUCHED, 2, 0},
	{access_ldr_wzr,      "ldr wzr",              0,  0, UNTOUCHED, UNTOUCHED, 0, 0},
	{access_ldr_wzr_post, "ldr wzr, post-indexed", 0, 4, UNTOUCHED, UNTOUCHED, 0, 0},
	{access_ldrsw,        "ldrsw",                4,  0, SIGN64(0x9018e880), UNTOUCHED, 0, 0},
	{access_ldrsw,        "ldrsw, positive",      0,  0, 0x7888f008, UNTOUCHED, 0, 0},
	{access_ldrsw_post,   "ldrsw, post-indexed",  4,  8, SIGN64(0x9018e880), UNTOUCHED, 0, 0},
	{access_ldrsw_pre,    "ldrsw, pre-indexed",   0,  4, SIGN64(0x9018e880), UNTOUCHED, 0, 0},
	{access_ldur_w,       "ldur w",               0,  0, 0x9018e880, UNTOUCHED, 0, 0},
	{access_ldursw,       "ldursw",               0,  0, SIGN64(0xc8b0a898), UNTOUCHED, 0, 0},
	{access_ldar,         "ldar",                 0,  0, 0x7888f008, UNTOUCHED, 0, 0},
	{access_ldr_sp_post,  "ldr w, [sp], #16",     0, 16, 0x7888f008, UNTOUCHED, 0, 0},
	{access_ldr_sp_pre,   "ldr w, [sp, #-16]!",  16, -16, 0x7888f008, UNTOUCHED, 0, 0},
	{access_ldp_w,        "ldp w",                0,  0, 0x7888f008, 0x9018e880, 0, 0},
	{access_ldp_w_post,   "ldp w, post-indexed",  0,  8, 0x7888f008, 0x9018e880, 0, 0},
	{access_ldp_w_pre,    "ldp w, pre-indexed",   8, -8, 0x7888f008, 0x9018e880, 0, 0},
	{access_ldp_w_zr,     "ldp wzr, w",           0,  0, UNTOUCHED, 0x9018e880, 0, 0},
	{access_ldpsw,        "ldpsw",                0,  0, 0x7888f008, SIGN64(0x9018e880), 0, 0},
	{access_ldpsw_post,   "ldpsw, post-indexed",  4,  8, SIGN64(0x9018e880), 0x30f86040, 0, 0},
	{access_ldnp_w,       "ldnp w",               0,  0, 0x7888f008, 0x9018e880, 0, 0},
};

static const struct test byte_stores[] = {
	{access_strb,      "strb",               1, 0, 0x40, 0, 0, 1},
	{access_strb_post, "strb, post-indexed", 2, 1, 0xc0, 0, 0, 2},
	{access_strb_pre,  "strb, pre-indexed",  2, 1, 0x38, 0, 0, 3},
	{access_strb_reg,  "strb, register",     0, 0, 0xff20, 0, 7, 7},
	{access_sturb,     "sturb",              0, 0, 0x18, 0, 0, 1},
};

/* x1 goes to the word there, x2 to the one behind it for pairs */
static const struct test word_stores[] = {
	{access_str_w,        "str w",               0,  0, 0xffffffff08101820, 0, 0, 0},
	{access_str_w_post,   "str w, post-indexed", 4,  4, 0x28303840, 0, 0, 4},
	{access_str_w_pre,    "str w, pre-indexed",  0,  4, 0x48505860, 0, 0, 4},
	{access_str_w_down,   "str w, downwards",    8, -4, 0x68707880, 0, 0, 8},
	{access_str_wzr,      "str wzr",             0,  0, 0, 0, 0, 0},
	{access_str_wzr_post, "str wzr, post-indexed", 4, 4, 0, 0, 0, 4},
	{access_stur_w,       "stur w",              0,  0, 0x88909860, 0, 0, 4},
	{access_stlr,         "stlr",                8,  0, 0xa8b0b8c0, 0, 0, 8},
	{access_str_sp_post,  "str w, [sp], #16",    0, 16, 0xc8d0d8e0, 0, 0, 0},
};

static const struct test pair_stores[] = {
	{access_stp_w,      "stp w",               0,  0, 0x08101820, 0x88909860, 0, 0},
	{access_stp_w_post, "stp w, post-indexed", 4,  8, 0x28303840, 0xf8f0e8e0, 0, 4},
	{access_stp_w_pre,  "stp w, pre-indexed",  8, -8, 0x48505860, 0x10203040, 0, 0},
	{access_stp_wzr,    "stp wzr, wzr",        4,  0, 0, 0, 0, 4},
	{access_stnp_w,     "stnp w",              4,  0, 0x68707880, 0x50607080, 0, 4},
};
/* clang-format on */

static uint8_t *base(void)
{
	return gic_distributor() + GICD_IPRIORITYR + BASE_IRQ;
}

static void fill(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		mmio_write32(base() - 4 + 4 * i, words[i]);
}

/* All but `skip` words from `first` on are as filled. */
static bool others_untouched(unsigned int first, unsigned int skip)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		if ((i < first || i >= first + skip) && mmio_read32(base() - 4 + 4 * i) != words[i])
			return false;
	}
	return true;
}

static struct regs run(const struct test *t, uintptr_t address, uint64_t x1, uint64_t x2,
		       struct fault *fault)
{
	struct regs regs = {{address + (uint64_t)t->offset, x1, x2, t->x3}};

	CATCH(*fault, t->access(&regs));
	return regs;
}

static bool address_is_right(const struct test *t, const struct regs *regs, uintptr_t address)
{
	return regs->x[0] == address + (uint64_t)t->offset + (uint64_t)t->advance &&
	       regs->x[3] == t->x3;
}

static void check_load(const struct test *t, uintptr_t address)
{
	struct fault fault;
	struct regs regs = run(t, address, UNTOUCHED, UNTOUCHED, &fault);

	check(fault.count == 0 && regs.x[1] == t->x1 && regs.x[2] == t->x2 &&
		  address_is_right(t, &regs, address),
	      "%s", t->name);
}

/* A store of `size` bytes from x1, and for pairs from x2 behind it. */
static void check_store(const struct test *t, unsigned int size, bool pair)
{
	unsigned int word = (unsigned int)t->at / 4;
	struct fault fault;
	struct regs regs;
	bool right;

	fill();
	regs = run(t, (uintptr_t)base(), t->x1, t->x2, &fault);
	if (size == 1) {
		uint32_t byte = 8 * ((unsigned int)t->at % 4);
		uint32_t expected = (words[word + 1] & ~(0xffu << byte)) | (uint32_t)(t->x1 & 0xff)
									       << byte;

		right = mmio_read32(base() + 4 * word) == expected;
	} else {
		right = mmio_read32(base() + 4 * word) == (uint32_t)t->x1;
	}
	if (pair)
		right = right && mmio_read32(base() + 4 * word + 4) == (uint32_t)t->x2;
	check(fault.count == 0 && right && regs.x[1] == t->x1 && regs.x[2] == t->x2 &&
		  address_is_right(t, &regs, (uintptr_t)base()) &&
		  others_untouched(word + 1, pair ? 2 : 1),
	      "%s", t->name);
}

static void check_tables(void)
{
	fill();
	for (unsigned int i = 0; i < ARRAY_SIZE(loads); i++)
		check_load(&loads[i], (uintptr_t)base());
	check(others_untouched(0, 0), "loads change nothing");
	for (unsigned int i = 0; i < ARRAY_SIZE(byte_stores); i++)
		check_store(&byte_stores[i], 1, false);
	for (unsigned int i = 0; i < ARRAY_SIZE(word_stores); i++)
		check_store(&word_stores[i], 4, false);
	for (unsigned int i = 0; i < ARRAY_SIZE(pair_stores); i++)
		check_store(&pair_stores[i], 4, true);
	fill();
}

/* ---- Halfwords ---- */

static void check_halfwords(void)
{
	uintptr_t ibrd = machine.uart + PL011_IBRD;
	const struct test halves[] = {
	    {access_ldrh, "ldrh", 0, 0, 0x8001, UNTOUCHED, 0, 0},
	    {access_ldrh_post, "ldrh, post-indexed", 0, 2, 0x8001, UNTOUCHED, 0, 0},
	    {access_ldrsh_w, "ldrsh w", 0, 0, 0xffff8001, UNTOUCHED, 0, 0},
	    {access_ldrsh_x, "ldrsh x", 0, 0, 0xffffffffffff8001, UNTOUCHED, 0, 0},
	    {access_ldrsh_x_pre, "ldrsh x, pre-indexed", -4, 4, 0xffffffffffff8001, UNTOUCHED, 0,
	     0},
	    {access_ldurh, "ldurh", 4, 0, 0x8001, UNTOUCHED, 0, 0},
	};
	const struct test stores[] = {
	    {access_strh, "strh", 0, 0, 0xffff1234, 0, 0, 0},
	    {access_strh_post, "strh, post-indexed", 0, 2, 0x4321, 0, 0, 0},
	};
	uint32_t old = mmio_read32((void *)ibrd);

	mmio_write32((void *)ibrd, 0x8001);
	for (unsigned int i = 0; i < ARRAY_SIZE(halves); i++)
		check_load(&halves[i], ibrd);
	for (unsigned int i = 0; i < ARRAY_SIZE(stores); i++) {
		struct fault fault;
		struct regs regs = run(&stores[i], ibrd, stores[i].x1, 0, &fault);

		check(fault.count == 0 && mmio_read32((void *)ibrd) == (stores[i].x1 & 0xffff) &&
			  address_is_right(&stores[i], &regs, ibrd),
		      "%s", stores[i].name);
	}
	mmio_write32((void *)ibrd, old);
}

/* ---- Doublewords ---- */

static void check_doublewords(void)
{
	uintptr_t router = (uintptr_t)gic_distributor() + GICD_IROUTER + (uintptr_t)8 * BASE_IRQ;
	const uint64_t values[] = {0x0000001200345678, 0x000000fe00dcba98, 0x0000000100020304,
				   0x000000a500c3e187};
	const struct test doubles[] = {
	    {access_ldr_x, "ldr x", 0, 0, values[0], UNTOUCHED, 0, 0},
	    {access_ldr_x_post, "ldr x, post-indexed", 8, 8, values[1], UNTOUCHED, 0, 0},
	    {access_ldr_x_lsl, "ldr x, shifted", 0, 0, values[3], UNTOUCHED, 3, 0},
	    {access_ldr_xzr, "ldr xzr", 0, 0, UNTOUCHED, UNTOUCHED, 0, 0},
	    {access_ldp_x, "ldp x", 0, 0, values[0], values[1], 0, 0},
	    {access_ldp_x_pre, "ldp x, pre-indexed", 0, 16, values[2], values[3], 0, 0},
	};
	const struct test stores[] = {
	    {access_str_x, "str x", 0, 0, 0x1100110203, 0, 0, 0},
	    {access_str_x_pre, "str x, pre-indexed", -8, 8, 0x2200000011, 0, 0, 0},
	    {access_stp_x, "stp x", 0, 0, 0x3300000012, 0x4400000013, 0, 8},
	    {access_stp_x_post, "stp x, post-indexed", 0, 16, 0x5500000014, 0x6600000015, 0, 8},
	};
	uint64_t mask = GICD_IROUTER_AFFINITY;

	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		mmio_write64((uint8_t *)router + (size_t)8 * i, values[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(doubles); i++)
		check_load(&doubles[i], router);
	for (unsigned int i = 0; i < ARRAY_SIZE(stores); i++) {
		const struct test *t = &stores[i];
		struct fault fault;
		struct regs regs = run(t, router, t->x1, t->x2, &fault);
		bool second = t->at == 0 || mmio_read64((uint8_t *)router + 8) == (t->x2 & mask);

		check(fault.count == 0 && mmio_read64((void *)router) == (t->x1 & mask) && second &&
			  address_is_right(t, &regs, router),
		      "%s", t->name);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		gic_route(BASE_IRQ + i, 0);
}

/* ---- Other translations ---- */

/* LDTR and STTR access as EL0 does. */
static void check_unprivileged(void)
{
	uintptr_t user =
	    (uintptr_t)mmu_map(0, (uintptr_t)base(), MMU_DEVICE | MMU_USER | MMU_NO_EXEC);
	const struct test t[] = {
	    {access_ldtrb, "ldtrb", 2, 0, 0x88, UNTOUCHED, 0, 0},
	    {access_ldtr_w, "ldtr w", 0, 0, 0x7888f008, UNTOUCHED, 0, 0},
	};
	const struct test byte = {access_sttrb, "sttrb", 1, 0, 0x60, 0, 0, 1};
	const struct test word = {access_sttr_w, "sttr w", 4, 0, 0x20406080, 0, 0, 4};
	struct fault fault;

	fill();
	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++)
		check_load(&t[i], user);
	run(&byte, user, byte.x1, 0, &fault);
	run(&word, user, word.x1, 0, &fault);
	check(mmio_read8(base() + 1) == 0x60 && mmio_read32(base() + 4) == 0x20406080,
	      "sttrb, sttr w");
	/* The other mapping of the same device is not for EL0. */
	run(&t[1], (uintptr_t)base(), 0, 0, &fault);
	check(fault.count == 1 && (fault.esr & 0x3c) == 0xc, "ldtr w: a permission fault");
	mmu_unmap(0);
	fill();
}

/* Through another virtual address, of another memory type; and with the MMU off. */
static void check_mappings(void)
{
	static const uint64_t types[] = {MMU_NORMAL, MMU_UNCACHED, MMU_STRONG};
	uint64_t pair = (uint64_t)words[2] << 32 | words[1];
	bool right = true;

	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		uintptr_t other = (uintptr_t)mmu_map(0, (uintptr_t)base(), types[i] | MMU_NO_EXEC);

		right = right && load_post_indexed(other) == words[1] && load_pair(other) == pair;
	}
	mmu_unmap(0);
	check(right, "decoded loads through other mappings");
	check(mmu_call_off(load_post_indexed, (uintptr_t)base()) == words[1] &&
		  mmu_call_off(load_pair, (uintptr_t)base()) == pair,
	      "decoded loads with the MMU off");
}

/* The second half is on the next page: another part of the device, or nobody's. */
static void check_pages(void)
{
	struct test pair = {.access = access_ldp_w, .name = "ldp"};
	struct test post = {.access = access_ldp_w_post, .name = "ldp"};
	uintptr_t inner = (uintptr_t)gic_distributor() + 0x1000 - 4;
	uintptr_t last = machine.uart + PLATFORM_UART_SIZE - 4;
	struct fault fault;
	struct regs regs;

	if (machine.native && machine.gic_version == 2)
		return; /* QEMU's has one page */
	regs = run(&pair, inner, UNTOUCHED, UNTOUCHED, &fault);
	check(fault.count == 0 && regs.x[1] != UNTOUCHED && regs.x[2] != UNTOUCHED,
	      "ldp across pages of a device");
	if (machine.native)
		return;
	regs = run(&post, last, UNTOUCHED, UNTOUCHED, &fault);
	check(fault.count == 1 && fault_ec(&fault) == ESR_EC_DABT_SAME &&
		  FIELD_GET(ESR_ABT_FSC, fault.esr) == FSC_EXTERNAL && regs.x[0] == last,
	      "ldp across the end of a device is an external abort");
}

/* ---- What devices do not do ---- */

static void check_refused(void)
{
	static const struct {
		access_function *access;
		const char *name;
		bool lse;
	} refused[] = {
	    {access_simd_ldr_q, "ldr q", false},
	    {access_simd_ldr_s_post, "ldr s, post-indexed", false},
	    {access_simd_str_d, "str d", false},
	    {access_simd_str_q_pre, "str q, pre-indexed", false},
	    {access_simd_ldp, "ldp d", false},
	    {access_simd_stp, "stp s", false},
	    {access_simd_ld1, "ld1", false},
	    {access_simd_st1_post, "st1, post-indexed", false},
	    {access_ldxr, "ldxr", false},
	    {access_ldaxr, "ldaxr", false},
	    {access_ldxp, "ldxp", false},
	    {access_dc_zva, "dc zva", false},
	    {access_ldadd, "ldadd", true},
	    {access_swp, "swp", true},
	    {access_cas, "cas", true},
	};
	bool lse = FIELD_GET(GENMASK(23, 20), read_sysreg(id_aa64isar0_el1)) >= 2;
	/* Normal memory: what these would do to a device is nobody's promise. */
	uintptr_t address = (uintptr_t)mmu_map(0, (uintptr_t)base(), MMU_UNCACHED | MMU_NO_EXEC);

	for (unsigned int i = 0; i < ARRAY_SIZE(refused); i++) {
		struct regs regs = {{address, 0, 0, 0}};
		struct fault fault;

		if (refused[i].lse && !lse)
			continue;
		CATCH(fault, refused[i].access(&regs));
		check(fault.count == 1 && fault_ec(&fault) == ESR_EC_DABT_SAME &&
			  regs.x[0] == address,
		      "%s of a device is an abort", refused[i].name);
	}
	mmu_unmap(0);
	check(others_untouched(0, 0), "and changes nothing");
}

/* Unaligned ones: an answer or an abort, and the guest goes on. */
static void check_unaligned(void)
{
	uintptr_t address = (uintptr_t)mmu_map(0, (uintptr_t)base(), MMU_UNCACHED | MMU_NO_EXEC);
	const struct test word = {.access = access_ldr_w, .offset = 1};
	const struct test pair = {.access = access_ldp_w_post, .offset = 3};
	struct fault fault;
	struct regs regs;

	regs = run(&word, address, 0, 0, &fault);
	check(fault.count == 1 || regs.x[1] == (words[2] << 24 | words[1] >> 8),
	      "an unaligned word: all of it, or an abort");
	run(&pair, address, 0, 0, &fault);
	check(fault.count <= 1, "an unaligned pair");
	mmu_unmap(0);
}

void guest_main(void)
{
	gic_init();
	check_tables();
	check_halfwords();
	if (machine.gic_version == 3)
		check_doublewords();
	check_unprivileged();
	check_mappings();
	check_pages();
	if (!machine.native) {
		check_refused();
		check_unaligned();
	}
}
