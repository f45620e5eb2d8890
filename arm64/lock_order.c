// SPDX-License-Identifier: BSD-2-Clause
/*
 * The check of the locks' order: see lock_order.h. Each CPU has a list of the
 * locks that it holds, the last one first, which only this CPU uses. Ranks rise
 * from the list's end to its front, so that its first lock is all that a new
 * one has to be compared with.
 */
#include "arm64/lock_order.h"

#ifdef BULKHEAD_DEBUG

#include "arm64/percpu.h"
#include "lib/panic.h"

static const char *const names[] = {
    [LOCK_UNRANKED] = "a lock without a rank",
    [LOCK_VM] = "vm.lock",
    [LOCK_CFI_FLASH] = "cfi_flash.lock",
    [LOCK_PL031] = "pl031.lock",
    [LOCK_VPL011] = "vpl011.lock",
    [LOCK_VGIC_CPU] = "vgic_cpu.lock",
    [LOCK_CONSOLE] = "console.lock",
    [LOCK_EL2_MAP] = "the lock of EL2's map",
    [LOCK_PAGE_POOL] = "the page pool's lock",
};

/* The boot CPU's list, before it has its data. There is no other CPU then. */
static struct lock_order *boot_list;

static struct lock_order **own_list(void)
{
	return percpu_data() ? percpu_locks() : &boot_list;
}

static unsigned int own_index(void)
{
	return percpu_data() ? percpu_id() : 0;
}

static bool is_mine(const struct lock_order *order)
{
	for (const struct lock_order *o = *own_list(); o; o = o->below)
		if (o == order)
			return true;
	return false;
}

void lock_order_acquire(const struct lock_order *order, bool next)
{
	const struct lock_order *last = *own_list();

	if (order->rank == LOCK_UNRANKED)
		panic("lock order: %s is taken", names[order->rank]);
	if (is_mine(order))
		panic("lock order: %s %u is taken twice", names[order->rank], order->number);
	if (!last || last->rank < order->rank)
		return;
	if (next && last->rank == order->rank && last->number < order->number)
		return;
	panic("lock order: %s %u is taken while %s %u is held", names[order->rank], order->number,
	      names[last->rank], last->number);
}

void lock_order_acquired(struct lock_order *order)
{
	struct lock_order **list = own_list();

	order->cpu = own_index();
	order->below = *list;
	*list = order;
}

void lock_order_release(struct lock_order *order)
{
	struct lock_order **link = own_list();

	while (*link && *link != order)
		link = &(*link)->below;
	if (!*link)
		panic("lock order: %s %u is released by CPU %u, which does not hold it: CPU %u "
		      "took it last",
		      names[order->rank], order->number, own_index(), order->cpu);
	*link = order->below;
}

void lock_order_assert_held(const struct lock_order *order)
{
	if (!is_mine(order))
		panic("lock order: %s %u is not held by CPU %u, and has to be", names[order->rank],
		      order->number, own_index());
}

void lock_assert_none_held(void)
{
	const struct lock_order *last = *own_list();

	if (last)
		panic("lock order: %s %u is held where no lock may be", names[last->rank],
		      last->number);
}

#endif
