/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware of a machine without PSCI, as far as Bulkhead sees it: puts CPUs
 * 1 to 3 into a spin table (Devicetree Specification 3.8.1, Linux'
 * Documentation/arch/arm64/booting.rst) and enters the image at 0x40200000 on
 * CPU 0, with the tree that QEMU left at 0x40000000. Runs at EL2, at 0x60000000.
 */
	.globl	_start
_start:
	mov	x19, #1
1:	ldr	x0, =0xc4000003		/* QEMU's own PSCI: CPU_ON */
	mov	x1, x19
	adr	x2, spin
	adr	x3, table
	add	x3, x3, x19, lsl #3
	smc	#0
	add	x19, x19, #1
	cmp	x19, #4
	b.ne	1b
	ldr	x0, =0x40000000
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	ldr	x4, =0x40200000
	br	x4

/* x0: where this CPU's release address is */
spin:
	wfe
	ldr	x4, [x0]
	cbz	x4, spin
	mov	x0, xzr
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	br	x4

	.ltorg
	.org	0x1000
table:
	.quad	0, 0, 0, 0
