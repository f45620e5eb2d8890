/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's memory: what there is, and what of it is somebody else's. For
 * host.c.
 */
#pragma once

#include "fdt/host.h"

/* As many separate ranges of RAM, and of reservations, can be kept. */
#define HOST_MAX_RANGES 32

/* The memory nodes, into host->ram, which has HOST_MAX_RANGES entries. None at all: an error. */
void host_parse_ram(struct host *host, const void *dtb, struct diag *diag);

/*
 * /memreserve/ and /reserved-memory (Devicetree Specification 3.5 and 5.3), into
 * host->reserved. Memory of somebody else must not be given to a VM only because
 * the tree cannot be read: whatever makes no sense is an error.
 */
void host_parse_reserved(struct host *host, const void *dtb, struct diag *diag);

/* /chosen/linux,initrd-start and -end, which have to be in memory. After host_parse_ram(). */
void host_parse_initrd(struct host *host, const void *dtb, struct diag *diag);
