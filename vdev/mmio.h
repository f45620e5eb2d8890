/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emulated MMIO: which device answers which guest-physical address. A VM's table is built at boot,
 * sorted by address, and never changes afterwards, so that look-ups take no lock.
 */
#pragma once

#include "lib/arena.h"
#include "lib/types.h"

struct vcpu;

/* One access, of 1, 2, 4 or 8 bytes, which need not be aligned. */
struct mmio_access {
	uint64_t offset; /* from the region's base */
	uint64_t value;	 /* written, or to be filled in, zero-extended */
	uint8_t size;
	bool write;
};

enum mmio_result {
	MMIO_OK,
	MMIO_FAULT, /* the device does not answer this: external abort */
	MMIO_AGAIN, /* not now: the guest does the access again */
};

/* A device's side. `dev` is the pointer that was given to mmio_map_add(). */
typedef enum mmio_result mmio_handler(struct vcpu *vcpu, void *dev, struct mmio_access *access);

struct mmio_region {
	ipa_t base;
	uint64_t size;
	mmio_handler *handler;
	void *dev;
	const char *name;
};

struct mmio_map {
	struct mmio_region *regions; /* sorted by base, disjoint */
	unsigned int nr_regions;
	unsigned int max_regions;
};

/* Makes an empty map with room for max regions. Boot only. Returns 0 or -ENOMEM. */
int mmio_map_init(struct mmio_map *map, unsigned int max, struct arena *arena);

/*
 * Adds a region. Boot only. Returns 0, -EEXIST if it overlaps another one,
 * -ENOSPC if the map is full, -EINVAL if it is empty or wraps.
 */
int mmio_map_add(struct mmio_map *map, ipa_t base, uint64_t size, mmio_handler *handler, void *dev,
		 const char *name);

/*
 * The region that holds all of [addr, addr + size), or NULL. Binary search:
 * the cost is logarithmic in the number of regions.
 */
const struct mmio_region *mmio_map_find(const struct mmio_map *map, ipa_t addr, unsigned int size);
