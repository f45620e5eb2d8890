// SPDX-License-Identifier: BSD-2-Clause
/*
 * Picks the driver for the machine's interrupt controller.
 */
#include "drivers/gic.h"

#include "lib/errno.h"

const struct gic *gic;

int gic_init(const struct host *host)
{
	static struct gic ops;
	int err = host->gic.version == 2 ? gicv2_init(host, &ops) : gicv3_init(host, &ops);

	if (!err)
		gic = &ops;
	return err;
}
