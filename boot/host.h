/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From x0 to struct host: where the machine's tree is found and read, and where
 * messages begin to appear.
 */
#pragma once

#include "core/seal.h"
#include "fdt/host.h"
#include "lib/arena.h"
#include "lib/types.h"

/*
 * Reads the tree that x0 pointed at. The console and the firmware's calls are set up as
 * soon as the tree has told of them; if anything is wrong with the rest, says what, and
 * does not return. *tree becomes the memory that the tree is in; what was mapped for it
 * is noted in to_unmap.
 */
void boot_read_host(struct host *host, pa_t x0, struct arena *arena, struct range *tree,
		    struct seal_ranges *to_unmap);

/*
 * boot/probe.S: whether a read of `width` bytes, 1, 2 or 4, at a mapped address is answered
 * by something, rather than ending in an external abort.
 */
bool boot_probe(const void *address, unsigned int width);
