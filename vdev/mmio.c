// SPDX-License-Identifier: BSD-2-Clause
/*
 * The map of a VM's emulated devices. Built at boot, constant afterwards:
 * there is no lock.
 */
#include "vdev/mmio.h"

#include "lib/errno.h"

int mmio_map_init(struct mmio_map *map, unsigned int max, struct arena *arena)
{
	map->nr_regions = 0;
	map->max_regions = 0;
	map->regions = arena_alloc(arena, max, sizeof(map->regions[0]));
	if (map->regions == NULL)
		return -ENOMEM;
	map->max_regions = max;
	return 0;
}

/* How many regions begin at or below addr. */
static unsigned int mmio_map_rank(const struct mmio_map *map, uint64_t addr)
{
	unsigned int low = 0, high = map->nr_regions;

	/* regions[0..low) begin at or below addr, regions[high..) above it */
	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (map->regions[middle].base.v <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int mmio_map_add(struct mmio_map *map, ipa_t base, uint64_t size, mmio_handler *handler, void *dev,
		 const char *name)
{
	unsigned int n;

	if (!range_valid(base.v, size))
		return -EINVAL;
	for (unsigned int i = 0; i < map->nr_regions; i++) {
		const struct mmio_region *r = &map->regions[i];

		if (range_overlaps(base.v, size, r->base.v, r->size))
			return -EEXIST;
	}
	if (map->nr_regions == map->max_regions)
		return -ENOSPC;
	n = mmio_map_rank(map, base.v);
	for (unsigned int i = map->nr_regions; i > n; i--)
		map->regions[i] = map->regions[i - 1];
	map->regions[n] = (struct mmio_region){base, size, handler, dev, name};
	map->nr_regions++;
	return 0;
}

const struct mmio_region *mmio_map_find(const struct mmio_map *map, ipa_t addr, unsigned int size)
{
	unsigned int n = mmio_map_rank(map, addr.v);
	const struct mmio_region *r;

	if (n == 0)
		return NULL;
	r = &map->regions[n - 1];
	return range_within(addr.v, size, r->base.v, r->size) ? r : NULL;
}
