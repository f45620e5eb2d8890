// SPDX-License-Identifier: BSD-2-Clause
/*
 * The emulated PL031. pl031.lock guards its state.
 */
#include "vdev/pl031.h"

#include "arm64/pl031.h"
#include "lib/bits.h"

/* PeriphID: part 0x031, designer 0x41 (Arm), revision 1; PCellID. */
static const uint8_t id_regs[] = {0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static uint32_t seconds(const struct pl031 *rtc, uint64_t now)
{
	return (uint32_t)(now / rtc->frequency) + rtc->offset;
}

static void update(struct pl031 *rtc)
{
	bool level = rtc->raised && rtc->enabled;

	lock_assert_held(&rtc->lock);
	if (level != rtc->irq_level) {
		rtc->irq_level = level;
		vdev_set_line(&rtc->vdev, level);
	}
}

/* After a change of the clock or of the match: the alarm is now, or to come. */
static void set_alarm(struct pl031 *rtc, struct vcpu *vcpu)
{
	uint64_t now = rtc->ops->now();
	uint32_t left = rtc->match - seconds(rtc, now);

	rtc->armed = false;
	if (left == 0)
		rtc->raised = true;
	/* An alarm beyond the counter's end never comes. */
	else if (!__builtin_mul_overflow(now / rtc->frequency + left, rtc->frequency,
					 &rtc->deadline)) {
		rtc->armed = true;
		rtc->ops->arm(rtc, vcpu, rtc->deadline);
	}
}

static uint32_t read_reg(const struct pl031 *rtc, unsigned int offset)
{
	switch (offset) {
	case PL031_DR:
		return seconds(rtc, rtc->ops->now());
	case PL031_MR:
		return rtc->match;
	case PL031_LR:
		return rtc->load;
	case PL031_CR:
		return 1;
	case PL031_IMSC:
		return rtc->enabled;
	case PL031_RIS:
		return rtc->raised;
	case PL031_MIS:
		return rtc->raised && rtc->enabled;
	default:
		if (offset >= PL031_ID && (offset - PL031_ID) / 4 < ARRAY_SIZE(id_regs))
			return id_regs[(offset - PL031_ID) / 4];
		return 0;
	}
}

static void write_reg(struct pl031 *rtc, struct vcpu *vcpu, unsigned int offset, uint32_t value)
{
	switch (offset) {
	case PL031_MR:
		rtc->match = value;
		set_alarm(rtc, vcpu);
		break;
	case PL031_LR:
		rtc->load = value;
		rtc->offset += value - seconds(rtc, rtc->ops->now());
		set_alarm(rtc, vcpu);
		break;
	case PL031_IMSC:
		rtc->enabled = value & 1;
		break;
	case PL031_ICR:
		rtc->raised = rtc->raised && !(value & 1);
		break;
	default: /* CR: the clock is on, and stays so */
		break;
	}
}

enum mmio_result pl031_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	struct pl031 *rtc = dev;
	unsigned int byte = access->offset % 4;
	unsigned int offset = (unsigned int)access->offset - byte;

	/* The bus is 32 bits wide. */
	if (byte + access->size > 4)
		return MMIO_FAULT;

	lock_acquire(&rtc->lock);
	if (!access->write)
		access->value =
		    (read_reg(rtc, offset) >> (8 * byte)) & GENMASK(8 * access->size - 1, 0);
	else if (byte == 0)
		write_reg(rtc, vcpu, offset, (uint32_t)access->value);
	update(rtc);
	lock_release(&rtc->lock);
	return MMIO_OK;
}

void pl031_tick(struct pl031 *rtc)
{
	lock_acquire(&rtc->lock);
	if (rtc->armed && rtc->ops->now() >= rtc->deadline) {
		rtc->armed = false;
		rtc->raised = true;
		update(rtc);
	}
	lock_release(&rtc->lock);
}

/* No alarm, and the line is low; the time stays. */
static void reset(struct vdev *vdev)
{
	struct pl031 *rtc = container_of(vdev, struct pl031, vdev);

	lock_acquire(&rtc->lock);
	rtc->match = 0;
	rtc->load = 0;
	rtc->enabled = false;
	rtc->raised = false;
	rtc->armed = false;
	update(rtc);
	lock_release(&rtc->lock);
}

static const struct vdev_ops pl031_vdev_ops = {.reset = reset};

void pl031_init(struct pl031 *rtc, const struct pl031_ops *ops, uint64_t frequency,
		uint32_t seconds_now)
{
	*rtc = (struct pl031){.vdev = {.ops = &pl031_vdev_ops},
			      .ops = ops,
			      .frequency = frequency,
			      .lock = LOCK_INIT(LOCK_PL031, 0)};
	rtc->offset = seconds_now - seconds(rtc, ops->now());
}
