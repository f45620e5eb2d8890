// SPDX-License-Identifier: BSD-2-Clause
/*
 * More interrupts than there are list registers (of which no hardware has
 * more than 16, and QEMU has 4): pending, active, and ended in any order.
 */
#include "tests/guests/gic/gic_test.h"
#include "tests/guests/lib/guest.h"

#define MAX_DEPTH 16u
#define STRIDE 7u /* coprime to the numbers of interrupts: an order that is none */

static uint8_t priority_of(unsigned int i, unsigned int levels)
{
	return (uint8_t)((i % levels) * (256 / levels));
}

/* Pends `count` SPIs in a scrambled order. */
static void pend_all(unsigned int count, unsigned int levels)
{
	for (unsigned int i = 0; i < count; i++)
		prepare(FIRST_IRQ + i, priority_of(i, levels));
	for (unsigned int i = 0; i < count; i++)
		gic_set_pending(FIRST_IRQ + i * STRIDE % count);
}

/* Takes them all; each must come once, none before one of a higher priority. */
static bool take_all(unsigned int count, unsigned int levels)
{
	uint64_t seen = 0;
	uint8_t last = 0;

	for (unsigned int n = 0; n < count; n++) {
		uint32_t iar = take();
		unsigned int i = gic_intid(iar) - FIRST_IRQ;

		if (i >= count || (seen & BIT(i)) || priority_of(i, levels) < last)
			return false;
		seen |= BIT(i);
		last = priority_of(i, levels);
		gic_eoi(iar);
	}
	return takes_nothing();
}

static void check_burst(unsigned int count, unsigned int levels)
{
	pend_all(count, levels);
	check(take_all(count, levels), "%u SPIs with %u priorities: each once, in order", count,
	      levels);
	clean_up();
}

/* While most of them wait, some change their minds. */
static void check_changes(void)
{
	unsigned int count = MIN(nr_free(), 30u);
	uint64_t seen = 0, expected = 0;
	bool in_order = true;
	uint8_t last = 0;

	pend_all(count, 16);
	for (unsigned int i = 0; i < count; i++) {
		if (i % 3 == 0)
			gic_clear_pending(FIRST_IRQ + i);
		else if (i % 3 == 1)
			gic_set_priority(FIRST_IRQ + i, (uint8_t)~priority_of(i, 16) & 0xf0);
		if (i % 3 != 0)
			expected |= BIT(i);
	}
	while (seen != expected) {
		uint32_t iar = take();
		unsigned int i = gic_intid(iar) - FIRST_IRQ;
		uint8_t priority;

		if (i >= count || (seen & BIT(i)))
			break;
		priority = i % 3 == 1 ? (uint8_t)~priority_of(i, 16) & 0xf0 : priority_of(i, 16);
		in_order = in_order && priority >= last;
		last = priority;
		seen |= BIT(i);
		gic_eoi(iar);
	}
	check(seen == expected && in_order && takes_nothing(),
	      "priorities and pending state change while they wait");
	clean_up();
}

/* One of the highest priority arrives while many wait. */
static void check_late_comer(void)
{
	unsigned int count = MIN(nr_free(), 20u);
	uint32_t iar;

	for (unsigned int i = 1; i < count; i++) {
		prepare(FIRST_IRQ + i, 0x80);
		gic_set_pending(FIRST_IRQ + i);
	}
	prepare(FIRST_IRQ, 0x10);
	gic_set_pending(FIRST_IRQ);
	iar = take();
	check_equal(gic_intid(iar), FIRST_IRQ, "a late one of higher priority comes first");
	gic_eoi(iar);
	for (unsigned int i = 1; i < count; i++)
		gic_eoi(take());
	check(takes_nothing(), "and the others follow");
	clean_up();
}

void check_order(void)
{
	unsigned int many = nr_free();

	check_burst(MIN(many, 30u), 32);
	check_burst(many, 16);
	check_burst(many, 1);
	/* A prime number of interrupts, and again: nothing is left over. */
	check_burst(MIN(many, 29u), 4);
	check_changes();
	check_late_comer();
}

static uint32_t stack[MAX_DEPTH];

/* Each one preempts the one before; all are active then. Returns how many were taken. */
static unsigned int nest(void)
{
	for (unsigned int i = 0; i < MAX_DEPTH; i++) {
		prepare(FIRST_IRQ + i, (uint8_t)(0xf0 - 0x10 * i));
		gic_set_pending(FIRST_IRQ + i);
		stack[i] = take();
		if (gic_intid(stack[i]) != FIRST_IRQ + i)
			return i;
	}
	return MAX_DEPTH;
}

static unsigned int count_active(void)
{
	unsigned int active = 0;

	for (unsigned int i = 0; i < MAX_DEPTH; i++)
		active += gic_is_active(FIRST_IRQ + i);
	return active;
}

void check_nesting(void)
{
	bool right = true;

	check_equal(nest(), MAX_DEPTH, "interrupts preempt each other %u deep", MAX_DEPTH);
	check_equal(count_active(), MAX_DEPTH, "all are active");
	/* One that waits for its turn meanwhile */
	prepare(FIRST_IRQ + MAX_DEPTH, 0x88);
	gic_set_pending(FIRST_IRQ + MAX_DEPTH);
	for (unsigned int i = MAX_DEPTH; i-- > 0;) {
		right = right && (gic_running_priority() & GIC_PRIORITY_MASK) == 0xf0 - 0x10 * i;
		if (0xf0 - 0x10 * i == 0x90) {
			/* higher than what is running, at last */
			right = right && takes_once(FIRST_IRQ + MAX_DEPTH);
		} else if (0xf0 - 0x10 * i < 0x90) {
			right = right && takes_nothing();
		}
		gic_eoi(stack[i]);
		right = right && count_active() == i;
	}
	check(right, "and end one by one");
	check_equal(gic_running_priority(), 0xff, "until nothing is running");
	clean_up();
}

/* EOImode 1: EOI drops the priority, and deactivation comes later, in another order. */
void check_two_steps(void)
{
	bool right = true;
	uint32_t iar;

	gic_set_eoimode(true);
	check_equal(nest(), MAX_DEPTH, "two-step end: %u deep", MAX_DEPTH);
	for (unsigned int i = MAX_DEPTH; i-- > 0;)
		gic_eoi(stack[i]);
	check_equal(gic_running_priority(), 0xff, "two-step end: priorities are dropped");
	check_equal(count_active(), MAX_DEPTH, "two-step end: all are still active");

	gic_set_pending(FIRST_IRQ + 5);
	check(takes_nothing(), "two-step end: an active one does not come again");
	prepare(FIRST_IRQ + MAX_DEPTH, 0xf0);
	gic_set_pending(FIRST_IRQ + MAX_DEPTH);
	iar = take();
	check_equal(gic_intid(iar), FIRST_IRQ + MAX_DEPTH, "two-step end: others do");
	gic_eoi(iar);
	gic_deactivate(iar);
	check(!gic_is_active(FIRST_IRQ + MAX_DEPTH), "two-step end: and are over");

	for (unsigned int i = 0; i < MAX_DEPTH; i++) {
		unsigned int n = i * STRIDE % MAX_DEPTH;

		gic_deactivate(stack[n]);
		right = right && !gic_is_active(FIRST_IRQ + n);
		right = right && count_active() == MAX_DEPTH - 1 - i;
		if (n == 5) {
			iar = take();
			right = right && gic_intid(iar) == FIRST_IRQ + 5;
			gic_eoi(iar);
			gic_deactivate(iar);
		}
	}
	check(right, "two-step end: deactivated in another order");
	check(takes_nothing(), "two-step end: nothing is left");
	gic_set_eoimode(false);
	clean_up();
}
