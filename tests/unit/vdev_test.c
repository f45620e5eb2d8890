// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vdev.c: a VM's list of devices. Each is reset and started once, in the order in which they
 * were attached; a model without one of the functions is left alone; lines reach the vGIC.
 */
#include <atf-c.h>
#include <string.h>

#include "vdev/vdev.h"
#include "vdev/vgic.h"

static char events[16];
static struct vdev devs[3], *devices;
static struct vgic *vgic_seen;
static uint32_t intid_seen;

static void note(const struct vdev *dev, char event)
{
	size_t at = strlen(events);

	events[at] = event;
	events[at + 1] = (char)('0' + (dev - devs));
}

static void reset(struct vdev *dev)
{
	note(dev, 'r');
}

static void start(struct vdev *dev)
{
	note(dev, 's');
}

void vgic_set_line(struct vgic *vgic, unsigned int cpu, uint32_t intid, bool level)
{
	ATF_CHECK_EQ(cpu, 0);
	vgic_seen = vgic;
	intid_seen = level ? intid : 0;
}

static void set_up(void)
{
	static const struct vdev_ops both = {.reset = reset, .start = start};
	static const struct vdev_ops one = {.reset = reset}, none = {NULL};

	memset(events, 0, sizeof(events));
	devices = NULL;
	devs[0].ops = &one;
	devs[1].ops = &none;
	devs[2].ops = &both;
	for (uint32_t i = 0; i < 3; i++)
		vdev_attach(&devs[i], &devices, (struct vgic *)&events, 40 + i);
}

ATF_TC_WITHOUT_HEAD(life);
ATF_TC_BODY(life, tc)
{
	(void)tc;
	set_up();
	vdev_start_all(devices);
	ATF_CHECK_STREQ(events, "s2");
	vdev_reset_all(devices);
	ATF_CHECK_STREQ(events, "s2r0r2");
}

ATF_TC_WITHOUT_HEAD(no_devices);
ATF_TC_BODY(no_devices, tc)
{
	(void)tc;
	set_up();
	vdev_start_all(NULL);
	vdev_reset_all(NULL);
	ATF_CHECK_STREQ(events, "");
}

ATF_TC_WITHOUT_HEAD(lines);
ATF_TC_BODY(lines, tc)
{
	(void)tc;
	set_up();
	vdev_set_line(&devs[1], true);
	ATF_CHECK_EQ((void *)vgic_seen, (void *)&events);
	ATF_CHECK_EQ(intid_seen, 41);
	vdev_set_line(&devs[1], false);
	ATF_CHECK_EQ(intid_seen, 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, life);
	ATF_TP_ADD_TC(tp, no_devices);
	ATF_TP_ADD_TC(tp, lines);
	return atf_no_error();
}
