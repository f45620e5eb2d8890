/*
 * The first instructions: of the boot CPU, as arm64 Linux is entered
 * (Documentation/arch/arm64/booting.rst in Linux), and of the others, as PSCI
 * CPU_ON or a spin table enters them. MMU off, interrupts masked or not,
 * loaded at any 2 MiB boundary.
 *
 * Until the MMU is on, code here and in boot.c runs at its physical address:
 * symbols are reached relative to the program counter only.
 */
#include "arm64/vmsa_asm.h"
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
 * x20: where image_start was loaded
 * x21: exception level at entry, 1 to 3
 */
boot_entry:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	x19, x0
	adrp	x20, image_start
	mrs	x21, CurrentEL
	ubfx	x21, x21, #2, #2

	/* From EL3, which nobody who boots Linux uses, go on at EL1 and refuse there. */
	cmp	x21, #3
	b.ne	1f
	mov	x0, #(1 << 10 | 1)	/* SCR_EL3.RW, NS */
	msr	scr_el3, x0
	ldr	x0, =0x30d00800		/* SCTLR_EL1: RES1, MMU off */
	msr	sctlr_el1, x0
	mov	x0, #0x3c5		/* SPSR: EL1h, all masked */
	msr	spsr_el3, x0
	adr	x0, 1f
	msr	elr_el3, x0
	eret
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

	/* void boot_map(pa_t load_address): fills in the first tables */
	adrp	x2, boot_stack + 8192
	add	x2, x2, :lo12:boot_stack + 8192
	mov	sp, x2
	mov	x0, x20
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
	ldr	x0, =secondary_entry_mapped
	b	enable_mmu
park:
	wfe
	b	park

/*
 * Drops the data cache lines that hold [x0, x1), which begin and end on line
 * boundaries. Preserves x1; clobbers x0, x2, x3.
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

	/* E2H = 0; no traps that EL2 code could meet; EL1 is AArch64 */
	ldr	x5, =HCR_BOOT
	msr	hcr_el2, x5
	ldr	x5, =CPTR_BOOT
	msr	cptr_el2, x5
	isb
	ldr	x5, =(TCR_RES1)
	orr	x3, x3, x5
	orr	x3, x3, x4, lsl #16	/* PS */
	msr	mair_el2, x2
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
	mov	x2, x21
	cmp	x21, #2
	b.ne	boot_refuse		/* boot_refuse(dtb, load address, exception level) */
	ldr	x3, =vectors
	msr	vbar_el2, x3
	isb
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
