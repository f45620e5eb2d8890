/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An emulated PL031 (DDI 0224, r1p3), a guest's real-time clock: seconds that the guest can set,
 * and an alarm.
 *
 * The seconds are those of the counter that EL2's own timers use, and so go on while the VM is
 * stopped. A time that the guest has set stays over its restarts, as with a battery. The alarm
 * comes once, when the clock gets to the match register's value, after a write to that register or
 * to the clock.
 */
#pragma once

#include "arm64/lock.h"
#include "lib/types.h"
#include "vdev/mmio.h"
#include "vdev/vdev.h"

struct pl031;

struct pl031_ops {
	/* The counter. */
	uint64_t (*now)(void);
	/*
	 * Has pl031_tick() called when the counter is at `deadline`, in the name of this vCPU. A
	 * deadline that was armed before, for another vCPU, may come as well. Called under the
	 * lock.
	 */
	void (*arm)(struct pl031 *rtc, struct vcpu *vcpu, uint64_t deadline);
};

struct pl031 {
	struct vdev vdev;
	const struct pl031_ops *ops;
	uint64_t frequency; /* of the counter, Hz */

	/* Guards everything below. */
	struct lock lock;
	uint32_t offset; /* from the counter's seconds to the clock's; wraps */
	uint32_t match, load;
	bool enabled, raised; /* the interrupt */
	bool irq_level;	      /* of the interrupt line */
	bool armed;	      /* an alarm is to come, at the deadline */
	uint64_t deadline;
};

/*
 * Makes a clock that says `seconds_now` (since 1970, by convention), with a counter of `frequency`
 * Hz, which is not 0. Boot only.
 */
void pl031_init(struct pl031 *rtc, const struct pl031_ops *ops, uint64_t frequency,
		uint32_t seconds_now);

/* The counter may have got to the alarm. On any CPU, holding no lock. */
void pl031_tick(struct pl031 *rtc);

/* The guest's accesses; `dev` is the struct pl031. See mmio_handler. */
enum mmio_result pl031_access(struct vcpu *vcpu, void *dev, struct mmio_access *access);
