/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions: of the boot CPU, as arm64 Linux is entered
 * (Documentation/arch/arm64/booting.rst in Linux), and of the others, as PSCI
 * CPU_ON or a spin table enters them. MMU off, interrupts masked or not,
 * loaded at any 2 MiB boundary.
 *
 * Until the MMU is on, code here and in tables.c runs at its physical address:
 * symbols are reached relative to the program counter only.
 *
 * An entry that is wrong is set right as far as it takes to say so: in EL2, or in
 * EL1, little-endian, at a page boundary. boot_refuse() is told what was wrong.
 */
#include "arm64/vmsa_asm.h"
#include "boot/wrong.h"
#include "mm/layout.h"

	.section .head.text, "ax"

	.globl	image_head
image_head:
	b	boot_entry		/* code0, code1 */
	.long	0
	.quad	0			/* text_offset: from a 2 MiB boundary */
	.quad	EL2_POOL_BLOCK		/* image_size: the whole block, its rest is our pool */
	.quad	0x0a			/* flags: little-endian, 4 KiB pages, anywhere in memory */
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.long	0			/* no PE header */

	.section .idmap.text, "ax"

/*
 * void boot_entry(pa_t dtb)
 *
 * x19: physical address of the host's DTB
 * x20: where image_start was loaded, or moved to
 * x21: exception level, 1 or 2
 * x22: what is wrong, WRONG_*
 * x23: where image_start was loaded
 */
boot_entry:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	x19, x0
	mov	x22, xzr
	mrs	x21, CurrentEL
	ubfx	x21, x21, #2, #2
	cmp	x21, #3
	b.ne	at_el1_or_el2

	/*
	 * EL3, which nobody who boots Linux uses. Goes on in EL2, or in EL1 if there is
	 * none, non-secure. No data is accessed before: it may be big-endian.
	 */
	mov	x22, #WRONG_EL3
	mov	x0, #(1 << 10 | 1 << 8 | 1)	/* SCR_EL3.RW, HCE, NS */
	msr	scr_el3, x0
	msr	cptr_el3, xzr
	mov	x1, #0x3c9		/* SPSR: EL2h, all masked */
	mov	w0, #0x0830		/* SCTLR_EL2: RES1, MMU off */
	movk	w0, #0x30c5, lsl #16
	mrs	x2, id_aa64pfr0_el1
	ubfx	x2, x2, #8, #4		/* EL2 */
	cbz	x2, 1f
	msr	sctlr_el2, x0
	b	2f
1:	mov	x1, #0x3c5		/* EL1h */
	mov	w0, #0x0800		/* the same of SCTLR_EL1 */
	movk	w0, #0x30d0, lsl #16
	msr	sctlr_el1, x0
2:	msr	spsr_el3, x1
	adr	x0, at_el1_or_el2
	msr	elr_el3, x0
	isb
	eret

at_el1_or_el2:
	mrs	x21, CurrentEL
	ubfx	x21, x21, #2, #2
	cmp	x21, #1
	b.eq	1f
	mrs	x0, sctlr_el2
	tbz	x0, #25, 3f		/* EE */
	bic	x0, x0, #(1 << 25)
	msr	sctlr_el2, x0
	b	2f
1:	orr	x22, x22, #WRONG_EL1
	mrs	x0, sctlr_el1
	tbz	x0, #25, 3f
	bic	x0, x0, #(3 << 24)	/* EE, E0E */
	msr	sctlr_el1, x0
2:	orr	x22, x22, #WRONG_BIG_ENDIAN
	isb
3:	/* Not adrp, which is right in pages only. */
	adr	x20, image_head
	mov	x23, x20
	tst	x20, #(EL2_POOL_BLOCK - 1)
	b.eq	at_page
	orr	x22, x22, #WRONG_ADDRESS
	tst	x20, #0xfff
	b.eq	at_page

	/*
	 * Up to the next page boundary, within the 2 MiB that the header asks for, from the
	 * end down. By words: larger accesses may be misaligned, and fault.
	 */
	movz	x0, #:abs_g1:image_file_size
	movk	x0, #:abs_g0_nc:image_file_size
	add	x4, x20, #0xfff
	and	x4, x4, #~0xfff
	add	x1, x20, x0
	add	x2, x4, x0
	mov	x6, x4
	mov	x7, x2
4:	ldr	w3, [x1, #-4]!
	str	w3, [x2, #-4]!
	cmp	x1, x20
	b.ne	4b
	mov	x0, x6
	mov	x1, x7
	bl	invalidate_range
	ic	iallu
	dsb	sy
	isb
	adr	x0, at_page
	sub	x0, x0, x20
	mov	x20, x6
	add	x0, x0, x20
	br	x0

at_page:
	cmp	x21, #1
	b.eq	1f
	bl	init_hcr
	tbz	x5, #34, 1f		/* E2H */
	orr	x22, x22, #WRONG_E2H
1:
	/*
	 * The loader cleaned the image, not .bss. Lines of it that are dirty in
	 * a cache could be written back over what we store past the caches: drop them.
	 */
	adrp	x0, bss_start
	add	x0, x0, :lo12:bss_start
	adrp	x1, bss_end
	add	x1, x1, :lo12:bss_end
	bl	invalidate_range

	adrp	x0, bss_start
	add	x0, x0, :lo12:bss_start
2:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	2b

	/* void boot_map(pa_t load_address, unsigned int wrong): fills in the first tables */
	adrp	x2, boot_stack + 8192
	add	x2, x2, :lo12:boot_stack + 8192
	mov	sp, x2
	mov	x0, x20
	mov	w1, w22
	bl	boot_map

	/* Lines fetched by speculation since then are stale once caches are on. */
	adrp	x0, bss_start
	add	x0, x0, :lo12:bss_start
	adrp	x1, bss_end
	add	x1, x1, :lo12:bss_end
	bl	invalidate_range

	ldr	x0, =boot_entry_mapped
	b	enable_mmu

/*
 * PSCI CPU_ON enters here, or the spin table's CPUs do: one CPU at a time,
 * the one that smp.c is waiting for.
 */
	.globl	secondary_entry
secondary_entry:
	msr	daifset, #0xf
	msr	spsel, #1
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	park			/* firmware that starts CPUs elsewhere than at EL2 is of no use */
	mrs	x0, sctlr_el2
	bic	x0, x0, #(1 << 25)	/* EE */
	msr	sctlr_el2, x0
	isb
	bl	init_hcr
	tbnz	x5, #34, park		/* E2H: unlike the boot CPU */
	ldr	x0, =secondary_entry_mapped
	b	enable_mmu
park:
	wfe
	b	park

/*
 * E2H = 0, no traps that EL2's code could meet, EL1 is AArch64. Returns in x5 what
 * HCR_EL2 has then: CPUs that have EL2 only with E2H = 1 keep that bit (DDI 0487,
 * ID_AA64MMFR4_EL1.E2H0).
 */
init_hcr:
	ldr	x5, =HCR_BOOT
boot_clear_e2h:				/* a test skips this instruction, to be such a CPU */
	msr	hcr_el2, x5
	isb
	mrs	x5, hcr_el2
	ret

/*
 * Drops the data cache lines that hold [x0, x1), which begin and end on line
 * boundaries, or next to what nobody has cached. Preserves x1; clobbers x0, x2, x3.
 */
invalidate_range:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4		/* DminLine: log2 of words */
	mov	x3, #4
	lsl	x3, x3, x2
3:	dc	ivac, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.lo	3b
	dsb	sy
	ret

/*
 * Turns the MMU on with the tables that boot_map() made, and goes on at the
 * link address in x0. Both sides of that are in this page, which is mapped at
 * its physical address too. Every control register is written, whatever the
 * firmware left there (DDI 0487: most reset to UNKNOWN).
 * Clobbers x1 to x5.
 */
enable_mmu:
	adrp	x1, boot_l0
	ldr	x2, =MAIR_VALUE
	ldr	x3, =TCR_VALUE
	mrs	x4, id_aa64mmfr0_el1
	and	x4, x4, #0xf		/* PARange */
	cmp	x4, #5			/* 48 bits is all that the tables hold */
	mov	x5, #5
	csel	x4, x4, x5, lo

	mrs	x5, CurrentEL
	cmp	x5, #(1 << 2)
	b.eq	4f

	mrs	x5, hcr_el2
	tbnz	x5, #34, 5f
	ldr	x5, =CPTR_BOOT
	msr	cptr_el2, x5
	ldr	x5, =(TCR_RES1)
	orr	x3, x3, x5
	orr	x3, x3, x4, lsl #16	/* PS */
	b	6f

	/* With E2H only to say so: TCR_EL2 and CPTR_EL2 have EL1's layout */
5:	mov	x5, #(3 << 20)		/* FPEN */
	msr	cptr_el2, x5
	mov	x5, #(1 << 23)		/* EPD1: nothing in the upper half */
	orr	x3, x3, x5
	orr	x3, x3, x4, lsl #32	/* IPS */

	/*
	 * What later architectures added to EL2's own regime, and firmware that knows of
	 * it may have enabled. It lets EL2 reach these, where the CPU has them (4 in
	 * Linux' booting.rst). The guests' counterparts are vcpu/trap_config.c's.
	 */
6:	mrs	x5, S3_0_C0_C7_3	/* ID_AA64MMFR3_EL1: 0 where there is none */
	tst	x5, #0xf		/* TCRX */
	b.eq	7f
	msr	S3_4_C2_C0_3, xzr	/* TCR2_EL2: no indirect permissions, no overlays */
7:	tst	x5, #0xf0		/* SCTLRX */
	b.eq	8f
	msr	S3_4_C1_C0_3, xzr	/* SCTLR2_EL2 */
8:	mrs	x5, id_aa64pfr1_el1
	ubfx	x5, x5, #44, #4		/* GCS */
	cbz	x5, 9f
	msr	S3_4_C2_C5_0, xzr	/* GCSCR_EL2: returns are not checked */
9:	msr	mair_el2, x2
	msr	tcr_el2, x3
	msr	ttbr0_el2, x1
	dsb	sy			/* the tables are in memory before any walk */
	isb
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	ldr	x5, =SCTLR_BOOT
	msr	sctlr_el2, x5
	isb
	br	x0

4:	/* At EL1 only to say so: the same tables serve as EL1's */
	mov	x5, #(3 << 20)		/* FPEN: libfdt may use FP registers */
	msr	cpacr_el1, x5
	ldr	x5, =(1 << 23)		/* EPD1: nothing in the upper half */
	orr	x3, x3, x5
	orr	x3, x3, x4, lsl #32	/* IPS */
	msr	mair_el1, x2
	msr	tcr_el1, x3
	msr	ttbr0_el1, x1
	dsb	sy
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	ldr	x5, =SCTLR_BOOT_EL1
	msr	sctlr_el1, x5
	isb
	br	x0

	.ltorg

	.text

boot_entry_mapped:
	ldr	x0, =boot_stack + 8192
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x19
	mov	x1, x20
	mov	w2, w22
	mov	x3, x23
	cmp	x21, #1
	b.eq	boot_refuse		/* boot_refuse(dtb, load address, what is wrong, loaded at) */
	ldr	x4, =vectors
	msr	vbar_el2, x4
	isb
	cbnz	x22, boot_refuse
	b	boot_main		/* boot_main(dtb, load address) */

secondary_entry_mapped:
	ldr	x3, =vectors
	msr	vbar_el2, x3
	ldr	x0, =smp_starting	/* struct cpu * */
	ldr	x0, [x0]
	msr	tpidr_el2, x0
	ldr	x1, [x0, #CPU_STACK_TOP]
	mov	sp, x1
	mov	x29, xzr
	mov	x30, xzr
	isb
	b	smp_secondary_main	/* smp_secondary_main(cpu) */

/*
 * _Noreturn void boot_on_stack(uintptr_t top, void (*next)(void))
 * Leaves the boot stack for good.
 */
	.globl	boot_on_stack
boot_on_stack:
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	br	x1

	.ltorg
