// SPDX-License-Identifier: BSD-2-Clause
/*
 * See guest.h. Every address goes through find().
 */
#include "mm/guest.h"

#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/window.h"

/*
 * The piece that has addr. False if there is no memory, or memory that the guest cannot access so
 * (`attrs`: PGTABLE_READ, perhaps with PGTABLE_WRITE).
 */
static bool find(const struct stage2 *s2, uint64_t addr, unsigned int attrs,
		 struct guest_piece *piece)
{
	struct pgtable_leaf leaf;

	if (!pgtable_lookup(&s2->pt, addr, &leaf) || (leaf.attrs & PGTABLE_DEVICE) ||
	    (leaf.attrs & attrs) != attrs)
		return false;
	*piece = (struct guest_piece){leaf.addr, leaf.size, leaf.pa};
	return true;
}

/*
 * The two pieces of the range: the second one's part of it may be empty, and no third one is
 * needed, as GUEST_MAX bytes lie in two pages, and no piece is smaller than a page. *n becomes how
 * many bytes are in the first one. Returns 0 or a negative error.
 */
static int find_both(const struct stage2 *s2, uint64_t addr, size_t *n, unsigned int attrs,
		     struct guest_piece pieces[2])
{
	size_t all = *n;

	if (all > GUEST_MAX)
		return -EINVAL;
	if (all == 0)
		return 0;
	if (!range_valid(addr, all) || !find(s2, addr, attrs, &pieces[0]))
		return -EFAULT;
	*n = MIN(all, pieces[0].size - (addr - pieces[0].addr));
	if (*n != all && !find(s2, addr + *n, attrs, &pieces[1]))
		return -EFAULT;
	return 0;
}

/* Where addr, in the piece, is. */
static pa_t place(const struct guest_piece *piece, uint64_t addr)
{
	return pa(piece->base.v + (addr - piece->addr));
}

/* The whole of guest_read(); *last becomes the piece that has addr. */
static __attribute__((noinline)) int read_far(const struct stage2 *s2, unsigned int cpu,
					      struct guest_piece *last, ipa_t addr, void *dst,
					      size_t n)
{
	struct guest_piece pieces[2];
	size_t first = n;
	int err = find_both(s2, addr.v, &first, PGTABLE_READ, pieces);

	if (err || n == 0)
		return err;
	*last = pieces[0];
	err = phys_read(cpu, dst, place(&pieces[0], addr.v), first);
	if (!err && first != n)
		err = phys_read(cpu, (char *)dst + first, pieces[1].base, n - first);
	return err;
}

/* Without a frame if the piece is known: the way of an instruction that has to be decoded. */
int guest_read(const struct stage2 *s2, unsigned int cpu, struct guest_piece *last, ipa_t addr,
	       void *dst, size_t n)
{
	if (n - 1 >= GUEST_MAX || !range_within(addr.v, n, last->addr, last->size))
		return read_far(s2, cpu, last, addr, dst, n);
	return phys_read(cpu, dst, place(last, addr.v), n);
}

int guest_write(const struct stage2 *s2, unsigned int cpu, ipa_t addr, const void *src, size_t n)
{
	struct guest_piece pieces[2];
	size_t first = n;
	int err = find_both(s2, addr.v, &first, PGTABLE_READ | PGTABLE_WRITE, pieces);

	if (err || n == 0)
		return err;
	phys_write(cpu, place(&pieces[0], addr.v), src, first);
	if (first != n)
		phys_write(cpu, pieces[1].base, (const char *)src + first, n - first);
	return 0;
}

/* The step of n bytes at addr: how many are in one piece, from *base on. 0: it is no memory. */
static uint64_t find_step(const struct stage2 *s2, uint64_t addr, uint64_t n, pa_t *base)
{
	struct guest_piece piece;

	if (!find(s2, addr, PGTABLE_READ, &piece))
		return 0;
	*base = place(&piece, addr);
	return MIN(MIN(n, GUEST_LOAD_MAX), piece.size - (addr - piece.addr));
}

int64_t guest_load(const struct stage2 *s2, unsigned int cpu, ipa_t addr, pa_t src, uint64_t n)
{
	pa_t base;

	n = find_step(s2, addr.v, n, &base);
	if (n == 0)
		return -EFAULT;
	phys_copy(cpu, base, src, n);
	return (int64_t)n;
}

int64_t guest_clear(const struct stage2 *s2, unsigned int cpu, ipa_t addr, uint64_t n)
{
	pa_t base;

	n = find_step(s2, addr.v, n, &base);
	if (n == 0)
		return -EFAULT;
	phys_zero(cpu, base, n);
	return (int64_t)n;
}

int64_t guest_flush(const struct stage2 *s2, unsigned int cpu, ipa_t addr, uint64_t n)
{
	pa_t base;

	n = find_step(s2, addr.v, n, &base);
	if (n == 0)
		return -EFAULT;
	phys_flush(cpu, base, n);
	return (int64_t)n;
}
