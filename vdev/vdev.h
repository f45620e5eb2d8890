/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An emulated device as its VM knows it, whatever its model: what happens to it in the VM's life,
 * and its interrupt line. A device that has a life or a line has a struct vdev embedded. Guests'
 * accesses come by the VM's map (mmio.h).
 */
#pragma once

#include "lib/types.h"

struct vdev;
struct vgic;

/* A model's functions; one that is NULL has nothing to do. Called with no lock held. */
struct vdev_ops {
	/* All vCPUs of the VM are off, and its vGIC has been reset: as after power-on. */
	void (*reset)(struct vdev *dev);
	/* The VM begins to run: its memory has been loaded. */
	void (*start)(struct vdev *dev);
};

struct vdev {
	const struct vdev_ops *ops;
	struct vdev *next; /* of the same VM */
	struct vgic *vgic; /* the VM's */
	uint32_t intid;	   /* of the device's interrupt */
};

/*
 * Appends a device to its VM's list, which begins at *devices, and connects its interrupt line to
 * the VM's vGIC. Boot only.
 */
void vdev_attach(struct vdev *dev, struct vdev **devices, struct vgic *vgic, uint32_t intid);

/* The VM's reset and start, for all devices of the list, in its order. */
void vdev_reset_all(struct vdev *devices);
void vdev_start_all(struct vdev *devices);

/* Drives the device's interrupt line. May be called under the device's lock. */
void vdev_set_line(struct vdev *dev, bool level);
