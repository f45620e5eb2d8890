// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot: a VM's PL031. All of them say what the machine's clock says.
 */
#include "arm64/mmio.h"
#include "arm64/pl031.h"
#include "boot/model.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mm/el2_map.h"
#include "vcpu/rtc.h"
#include "vcpu/vm.h"

/* What the machine's clock says when boot is here, in seconds */
static uint32_t clock_seconds;

/* The machine's clock is nobody's yet. */
static void prepare(const struct host *host)
{
	uint8_t *regs;

	if (host->rtc.size == 0)
		return;
	regs = el2_map_device(pa(host->rtc.base), PAGE_SIZE);
	if (!regs)
		return;
	clock_seconds = mmio_read32(regs + PL031_DR);
	if (el2_unmap_range(ALIGN_DOWN((uintptr_t)regs, PAGE_SIZE), PAGE_SIZE))
		log_warn("the machine's clock stays mapped");
}

static int build(struct vm *vm, const struct vm_emulated *config, struct arena *arena)
{
	struct rtc *rtc = arena_alloc(arena, 1, sizeof(*rtc));

	if (!rtc)
		return -ENOMEM;
	rtc->alarms = arena_alloc(arena, vm->nr_vcpus, sizeof(*rtc->alarms));
	if (!rtc->alarms)
		return -ENOMEM;
	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		timer_init(&rtc->alarms[i].timer, rtc_alarm);
		rtc->alarms[i].rtc = rtc;
	}
	pl031_init(&rtc->pl031, &rtc_ops, timer_ticks(1000000), clock_seconds);
	model_attach(vm, config, &rtc->pl031.vdev);
	return mmio_map_add(&vm->mmio, config->base, config->size, pl031_access, &rtc->pl031,
			    "PL031");
}

const struct model_builder build_pl031 = {
    .regions = 1,
    .size = sizeof(struct rtc),
    .vcpu_size = sizeof(struct rtc_alarm),
    .prepare = prepare,
    .build = build,
};
