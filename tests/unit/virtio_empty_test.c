// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/virtio_empty.c: what a driver that looks for a device sees of a slot, at every slot of a
 * page, by every size, and beyond the registers that are there.
 */
#include <atf-c.h>

#include "fdt/platform.h"
#include "vdev/virtio_empty.h"

static uint64_t access_slot(uint64_t offset, uint8_t size, bool write)
{
	struct mmio_access a = {
	    .offset = offset, .value = write ? UINT32_MAX : 0, .size = size, .write = write};

	ATF_REQUIRE_EQ(virtio_empty_access(NULL, NULL, &a), MMIO_OK);
	return a.value;
}

ATF_TC_WITHOUT_HEAD(registers);
ATF_TC_BODY(registers, tc)
{
	(void)tc;
	for (uint64_t slot = 0; slot < PAGE_SIZE; slot += PLATFORM_VIRTIO_STRIDE) {
		ATF_CHECK_EQ(access_slot(slot, 4, false), 0x74726976);
		ATF_CHECK_EQ(access_slot(slot + 4, 4, false), 2);
		ATF_CHECK_EQ(access_slot(slot + 8, 4, false), 0);
		ATF_CHECK_EQ(access_slot(slot + 12, 4, false), 0x4b4c5542);
		for (uint64_t offset = 16; offset < PLATFORM_VIRTIO_STRIDE; offset += 4)
			ATF_CHECK_EQ(access_slot(slot + offset, 4, false), 0);
	}
}

ATF_TC_WITHOUT_HEAD(other_sizes);
ATF_TC_BODY(other_sizes, tc)
{
	(void)tc;
	for (uint64_t offset = 0; offset < 32; offset++) {
		ATF_CHECK_EQ(access_slot(offset, 1, false), 0);
		ATF_CHECK_EQ(access_slot(offset, 2, false), 0);
		ATF_CHECK_EQ(access_slot(offset, 8, false), 0);
		if (offset % 4 != 0)
			ATF_CHECK_EQ(access_slot(offset, 4, false), 0);
	}
}

/* The status register among them: a driver must not believe that it talks to a device. */
ATF_TC_WITHOUT_HEAD(writes);
ATF_TC_BODY(writes, tc)
{
	(void)tc;
	for (uint64_t offset = 0; offset < PLATFORM_VIRTIO_STRIDE; offset += 4)
		(void)access_slot(offset, 4, true);
	ATF_CHECK_EQ(access_slot(0x70, 4, false), 0);
	ATF_CHECK_EQ(access_slot(0, 4, false), 0x74726976);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, registers);
	ATF_TP_ADD_TC(tp, other_sizes);
	ATF_TP_ADD_TC(tp, writes);
	return atf_no_error();
}
