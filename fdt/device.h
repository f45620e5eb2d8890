/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nodes of passed devices in their guest's tree: copied from the host's
 * tree, with what is below them and what they refer to.
 */
#pragma once

#include "fdt/system.h"
#include "fdt/tree.h"
#include "fdt/writer.h"

struct diag;

/*
 * Phandles of a guest's tree. A copied node has its own of the host's tree
 * behind those that the user gives; then come those of the nodes that are only
 * the guest's.
 */
struct device_phandles {
	uint32_t first; /* what is added to those of the host's tree */
	uint32_t gic;
	uint32_t clock;	    /* of the emulated UART */
	uint32_t stand_ins; /* and on */
};

void device_number(struct device_phandles *phandles, const struct vm_config *vm,
		   const struct host *host);

/*
 * Writes the VM's devices, with what stands in for others' that they refer to,
 * in the root. Other references are left out with a warning to `diag`, unless
 * that is NULL.
 */
void device_write_all(struct writer *w, const struct vm_config *vm, const struct host *host,
		      const struct device_phandles *phandles, struct diag *diag);

/* The VM's device that the node is, or is below, all available; NULL if it is none of the VM's. */
const struct vm_device *device_of(const struct vm_config *vm, const void *dtb, int node);

/* Entry n of a node's interrupts, if it is a shared one of the GIC's. */
bool device_get_irq(const struct host *host, int node, unsigned int n, struct reg_irq *irq);

/* A physical address of the device's, as the guest has it. */
static inline uint64_t device_ipa(const struct vm_device *device, uint64_t physical)
{
	return physical + device->offset;
}
