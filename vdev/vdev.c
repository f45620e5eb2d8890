// SPDX-License-Identifier: BSD-2-Clause
/*
 * See vdev.h. A VM's list of devices is made at boot and constant afterwards: there is no lock.
 */
#include "vdev/vdev.h"

#include "vdev/vgic.h"

void vdev_attach(struct vdev *dev, struct vdev **devices, struct vgic *vgic, uint32_t intid)
{
	dev->vgic = vgic;
	dev->intid = intid;
	dev->next = NULL;
	while (*devices)
		devices = &(*devices)->next;
	*devices = dev;
}

void vdev_reset_all(struct vdev *devices)
{
	for (struct vdev *dev = devices; dev; dev = dev->next)
		if (dev->ops->reset)
			dev->ops->reset(dev);
}

void vdev_start_all(struct vdev *devices)
{
	for (struct vdev *dev = devices; dev; dev = dev->next)
		if (dev->ops->start)
			dev->ops->start(dev);
}

void vdev_set_line(struct vdev *dev, bool level)
{
	vgic_set_line(dev->vgic, 0, dev->intid, level);
}
