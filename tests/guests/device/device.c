// SPDX-License-Identifier: BSD-2-Clause
/*
 * A device of the machine that is given to a guest, and what others see of it:
 * QEMU virt's real-time clock, a PL031 (DDI 0224), whose alarm is a level.
 *
 * Bootargs: at=ADDRESS, the guest has no such device, and must not reach the
 * page at this address, which another guest has.
 */
#include "arm64/mmio.h"
#include "tests/guests/lib/guest.h"

#define RTC_DR 0x00
#define RTC_MR 0x04
#define RTC_IMSC 0x10
#define RTC_RIS 0x14
#define RTC_ICR 0x1c
#define RTC_PERIPH_ID0 0xfe0

#define ALARMS 3
#define EARLY_ENDS 20u
/* The device must have been used, and used up, before who watches it is done. */
#define ROUNDS 200

static unsigned int alarms, others;
static bool keep_line;
static bool mask_only;	  /* the handler masks the interrupt and leaves the device as it is */
static bool end_first;	  /* it ends the interrupt before it clears the device */
static unsigned int idle; /* interrupts that found the device clear */

static uint8_t *rtc(unsigned int reg)
{
	return (uint8_t *)machine.rtc + reg;
}

static void handle(void)
{
	uint32_t iar = gic_acknowledge(), intid = gic_intid(iar);

	if (intid >= 1020)
		return;
	if (intid == machine.rtc_intid)
		alarms++;
	else
		others++;
	idle += !(mmio_read32(rtc(RTC_RIS)) & 1);
	if (end_first)
		gic_eoi(iar);
	if (mask_only)
		gic_disable(intid);
	else if (!keep_line)
		mmio_write32(rtc(RTC_ICR), 1);
	keep_line = false;
	if (!end_first)
		gic_eoi(iar);
}

static unsigned int alarm_count(void)
{
	return __atomic_load_n(&alarms, __ATOMIC_RELAXED);
}

/*
 * The comparison is for equality, so now is as good as later, and takes no second. Unless the
 * second ends between the two accesses: then there is no alarm yet, and none to come.
 */
static void ring(void)
{
	unsigned int before = alarm_count();

	do
		mmio_write32(rtc(RTC_MR), mmio_read32(rtc(RTC_DR)));
	while (!(mmio_read32(rtc(RTC_RIS)) & 1) && alarm_count() == before);
}

static bool wait_for(unsigned int count)
{
	WAIT_FOR(alarm_count() >= count);
	return alarm_count() == count;
}

static void check_alarms(void)
{
	check(machine.rtc_intid >= 32, "its interrupt is in the tree");
	gic_init();
	irq_set_handler(handle);
	gic_set_edge(machine.rtc_intid, false);
	gic_enable(machine.rtc_intid);
	mmio_write32(rtc(RTC_ICR), 1);
	mmio_write32(rtc(RTC_IMSC), 1);
	irq_enable();
	for (unsigned int i = 1; i <= ALARMS; i++) {
		ring();
		check(wait_for(i), "alarm %u comes as an interrupt, once", i);
	}
	/* the line stays up over the end of the interrupt: it comes again */
	keep_line = true;
	ring();
	check(wait_for(ALARMS + 2), "an interrupt whose line stays up comes again");
	gic_disable(machine.rtc_intid);
	ring();
	delay_ms(1);
	check_equal(alarms, ALARMS + 2, "a disabled one does not come");
	check(WAIT_FOR(gic_is_pending(machine.rtc_intid)), "and is pending");
	gic_enable(machine.rtc_intid);
	check(wait_for(ALARMS + 3), "and comes when it is enabled");
	irq_disable();
	check_equal(others, 0, "no other interrupt comes");
	mmio_write32(rtc(RTC_IMSC), 0);
}

/* The alarm is on, and its interrupt waits. */
static void ring_masked(void)
{
	ring();
	check(WAIT_FOR(gic_is_pending(machine.rtc_intid)), "the alarm's interrupt is pending");
}

static void clear(void)
{
	mmio_write32(rtc(RTC_ICR), 1);
	check(mmio_read32(rtc(RTC_RIS)) == 0, "the device is clear");
}

/* Nothing is pending, and nothing came since there were `count`. */
static void check_nothing(unsigned int count, const char *when)
{
	irq_disable();
	irq_enable();
	delay_ms(1);
	check(!gic_is_pending(machine.rtc_intid) && !gic_is_active(machine.rtc_intid),
	      "%s: not pending", when);
	check_equal(alarms, count, "%s: no interrupt comes", when);
}

/* The line drops before the interrupt has been taken: there is none. */
static void check_dropped_line(void)
{
	uint32_t ctlr = mmio_read32(gic_distributor() + GICD_CTLR);
	unsigned int count = alarms;

	mmio_write32(rtc(RTC_IMSC), 1);
	gic_disable(machine.rtc_intid);
	ring_masked();
	clear();
	check(!gic_is_pending(machine.rtc_intid), "cleared while disabled: not pending");
	gic_enable(machine.rtc_intid);
	check_nothing(count, "cleared while disabled");

	gic_disable(machine.rtc_intid);
	ring_masked();
	clear();
	gic_enable(machine.rtc_intid);
	check_nothing(count, "cleared while disabled, and nobody has looked");

	mmio_write32(gic_distributor() + GICD_CTLR, ctlr & ~3u);
	ring_masked();
	clear();
	mmio_write32(gic_distributor() + GICD_CTLR, ctlr);
	check_nothing(count, "cleared while the distributor was off");

	irq_disable();
	ring_masked();
	clear();
	check(!gic_is_pending(machine.rtc_intid), "cleared with interrupts masked: not pending");
	check_nothing(count, "cleared with interrupts masked");

	/* as a driver with a thread: masked and ended at once, cleared and unmasked later */
	mask_only = true;
	ring();
	check(wait_for(count + 1), "a handler that masks its interrupt is called once");
	check(gic_is_pending(machine.rtc_intid), "ended with the line up: pending");
	mask_only = false;
	clear();
	gic_enable(machine.rtc_intid);
	check_nothing(count + 1, "cleared after its end, and unmasked");

	/* while it is active, the register says what the line does */
	irq_disable();
	ring();
	while (gic_intid(gic_acknowledge()) != machine.rtc_intid)
		cpu_yield();
	check(gic_is_active(machine.rtc_intid) && gic_is_pending(machine.rtc_intid),
	      "active, the line up: pending as well");
	clear();
	check(gic_is_active(machine.rtc_intid) && !gic_is_pending(machine.rtc_intid),
	      "active, the line down: not pending");
	gic_eoi(machine.rtc_intid);
	check_nothing(count + 1, "ended with the line down");

	ring();
	check(wait_for(count + 2), "the next alarm comes");
	mmio_write32(rtc(RTC_IMSC), 0);
	irq_disable();
}

/*
 * A handler that ends its interrupt before it clears the device: the line is up at
 * the end, so that EL2 takes the interrupt at once, and it comes once more. See
 * docs/configuration.md.
 */
static void check_early_end(void)
{
	unsigned int before = alarms;

	clear();
	mmio_write32(rtc(RTC_IMSC), 1);
	end_first = true;
	idle = 0;
	irq_enable();
	for (unsigned int i = 1; i <= EARLY_ENDS; i++) {
		ring();
		WAIT_FOR(alarm_count() - before - __atomic_load_n(&idle, __ATOMIC_RELAXED) >= i);
		irq_disable();
		irq_enable();
	}
	end_first = false;
	print("ended before it is cleared: %u of %u interrupts came for nothing\n", idle,
	      alarms - before);
	check(alarms - before - idle == EARLY_ENDS && idle <= EARLY_ENDS,
	      "at most one more for an early end");
	check_nothing(alarms, "ended early");
	irq_disable();
	mmio_write32(rtc(RTC_IMSC), 0);
}

static void check_device(void)
{
	uint32_t id = 0;

	for (unsigned int i = 0; i < 4; i++)
		id |= (mmio_read32(rtc(RTC_PERIPH_ID0 + 4 * i)) & 0xff) << 8 * i;
	check_equal(id & 0xfff, 0x031, "the PL031's own identification is there");
	check(mmio_read32(rtc(RTC_DR)) > 1600000000, "it knows the date");
	check_alarms();
	check_dropped_line();
	check_early_end();
}

static void check_stranger(uint64_t page)
{
	static const unsigned int offsets[] = {0, RTC_DR + 4, RTC_IMSC, RTC_PERIPH_ID0, 0xffc};
	unsigned int reads = 0, writes = 0;
	struct fault fault;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(offsets); i++) {
			uint64_t address = page + offsets[i];

			CATCH(fault, mmio_read32((void *)address));
			reads += fault_is_external(&fault, address);
			CATCH(fault, mmio_write32((void *)address, UINT32_MAX));
			writes += fault_is_external(&fault, address);
		}
		cpu_yield();
	}
	check_equal(reads, ROUNDS * ARRAY_SIZE(offsets), "every read aborts");
	check_equal(writes, ROUNDS * ARRAY_SIZE(offsets), "every write aborts");
}

void guest_main(void)
{
	uint64_t page = machine_number("at", 0);

	check_equal(machine.rtc != 0, page == 0, "the device is in the owner's tree only");
	if (page != 0)
		check_stranger(page);
	else
		check_device();
}
