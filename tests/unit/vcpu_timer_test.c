// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/timer.c: the emulated physical timer's registers and line, and the
 * virtual timer's way through a world switch. The counter is a number; EL2's
 * timers fire when the test moves it past their deadlines.
 */
#include <atf-c.h>
#include <string.h>

#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "drivers/gic.h"
#include "fdt/platform.h"
#include "vcpu/forward.h"
#include "vcpu/timer.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

#define PHYSICAL_VTIMER 19 /* not what the guest calls it */

static uint8_t memory[4096] __attribute__((aligned(16)));
static struct arena arena = {.base = memory, .size = sizeof(memory)};
static struct vm vm;
static struct vcpu vcpu;

static uint64_t now;
static bool line;
static unsigned int nr_line_changes, nr_injected;
static bool guest_at_vtimer; /* the vGIC: forwarded and not deactivated yet */
static bool physically_active;
static unsigned int nr_set_active;

/* ---- core/timer.c's part ---- */

static struct timer *running[2];

void timer_init(struct timer *timer, void (*fire)(struct timer *timer))
{
	timer->fire = fire;
	list_init(&timer->link);
}

void timer_start(struct timer *timer, uint64_t deadline)
{
	timer_stop(timer);
	timer->deadline = deadline;
	running[running[0] != NULL] = timer;
}

void timer_stop(struct timer *timer)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (running[i] == timer)
			running[i] = NULL;
	}
}

uint64_t timer_now(void)
{
	return now;
}

/* The counter gets to `then`, and what is due fires. */
static void pass_time_to(uint64_t then)
{
	now = then;
	for (unsigned int i = 0; i < 2; i++) {
		struct timer *timer = running[i];

		if (timer != NULL && timer->deadline <= now) {
			running[i] = NULL;
			timer->fire(timer);
		}
	}
}

static bool is_running(const struct timer *timer)
{
	return running[0] == timer || running[1] == timer;
}

/* ---- the interrupt controllers' ---- */

void vgic_set_line(struct vgic *vgic, unsigned int cpu, uint32_t intid, bool high)
{
	ATF_REQUIRE_EQ(vgic, &vm.vgic);
	ATF_REQUIRE_EQ(cpu, 2);
	ATF_REQUIRE_EQ(intid, PLATFORM_PPI_PTIMER);
	line = high;
	nr_line_changes++;
}

void vgic_inject_hw(struct vgic *vgic, unsigned int cpu, uint32_t intid)
{
	ATF_REQUIRE_EQ(vgic, &vm.vgic);
	ATF_REQUIRE_EQ(cpu, 2);
	ATF_REQUIRE_EQ(intid, PLATFORM_PPI_VTIMER);
	guest_at_vtimer = true;
	nr_injected++;
}

bool vgic_hw_private_active(struct vgic_cpu *cpu, uint32_t intid)
{
	ATF_REQUIRE_EQ(cpu, &vcpu.vgic);
	ATF_REQUIRE_EQ(intid, PLATFORM_PPI_VTIMER);
	return guest_at_vtimer;
}

uint32_t forward_vtimer(void)
{
	return PHYSICAL_VTIMER;
}

static void set_active(uint32_t intid, bool active)
{
	ATF_REQUIRE_EQ(intid, PHYSICAL_VTIMER);
	/* the timer's output must be low while this changes */
	ATF_CHECK_EQ(read_sysreg(cntv_ctl_el0), 0);
	physically_active = active;
	nr_set_active++;
}

static const struct gic fake_gic = {.set_active = set_active};
const struct gic *gic = &fake_gic;

static void set_up(void)
{
	fake_sysreg_reset();
	memset(&vcpu, 0, sizeof(vcpu));
	memset(running, 0, sizeof(running));
	arena.used = 0;
	vcpu.vm = &vm;
	vcpu.id = 2;
	vm.cntvoff = 1000;
	now = 5000;
	ATF_REQUIRE_EQ(vcpu_timers_init(&vcpu, &arena), 0);
	line = false;
	nr_line_changes = 0;
	nr_injected = 0;
	guest_at_vtimer = false;
	physically_active = false;
	nr_set_active = 0;
}

static uint64_t get(enum vcpu_ptimer_reg reg)
{
	return vcpu_ptimer_read(&vcpu, reg);
}

static void set(enum vcpu_ptimer_reg reg, uint64_t value)
{
	vcpu_ptimer_write(&vcpu, reg, value);
}

/* ---- The physical timer ---- */

ATF_TC_WITHOUT_HEAD(init);
ATF_TC_BODY(init, tc)
{
	struct arena none = {.base = memory};

	ATF_CHECK(vcpu_timers_init(&vcpu, &none) < 0);
	set_up();
	ATF_CHECK_EQ(vcpu.timers->vcpu, &vcpu);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), 0);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CNT), 5000);
}

ATF_TC_WITHOUT_HEAD(ptimer_fires);
ATF_TC_BODY(ptimer_fires, tc)
{
	set_up();
	set(VCPU_PTIMER_CVAL, 6000);
	ATF_CHECK(!is_running(&vcpu.timers->ptimer));
	set(VCPU_PTIMER_CTL, CNT_CTL_ENABLE);
	ATF_CHECK(is_running(&vcpu.timers->ptimer));
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), CNT_CTL_ENABLE);
	pass_time_to(5999);
	ATF_CHECK(!line);
	pass_time_to(6000);
	ATF_CHECK(line);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
	/* the line is a level, until the guest does something about it */
	pass_time_to(7000);
	ATF_CHECK_EQ(nr_line_changes, 1);
	set(VCPU_PTIMER_CVAL, 8000);
	ATF_CHECK(!line);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), CNT_CTL_ENABLE);
	pass_time_to(8000);
	ATF_CHECK(line);
	set(VCPU_PTIMER_CTL, 0);
	ATF_CHECK(!line);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), 0);
	ATF_CHECK_EQ(nr_line_changes, 4);
}

ATF_TC_WITHOUT_HEAD(ptimer_past);
ATF_TC_BODY(ptimer_past, tc)
{
	set_up();
	set(VCPU_PTIMER_CTL, CNT_CTL_ENABLE); /* CVAL is 0 */
	ATF_CHECK(line);
	ATF_CHECK(!is_running(&vcpu.timers->ptimer));
	/* and back into the future, as far as it goes */
	set(VCPU_PTIMER_CVAL, UINT64_MAX);
	ATF_CHECK(!line);
	ATF_CHECK(is_running(&vcpu.timers->ptimer));
	ATF_CHECK_EQ(vcpu.timers->ptimer.deadline, UINT64_MAX);
}

ATF_TC_WITHOUT_HEAD(ptimer_masked);
ATF_TC_BODY(ptimer_masked, tc)
{
	set_up();
	set(VCPU_PTIMER_CVAL, 6000);
	set(VCPU_PTIMER_CTL, CNT_CTL_ENABLE | CNT_CTL_IMASK);
	ATF_CHECK(!is_running(&vcpu.timers->ptimer));
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), CNT_CTL_ENABLE | CNT_CTL_IMASK);
	now = 6000;
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), 7);
	ATF_CHECK(!line);
	set(VCPU_PTIMER_CTL, CNT_CTL_ENABLE);
	ATF_CHECK(line);
	set(VCPU_PTIMER_CTL, CNT_CTL_ENABLE | CNT_CTL_IMASK);
	ATF_CHECK(!line);
}

/* EL2's own timer is late: who looks sees the time, and the line with it. */
ATF_TC_WITHOUT_HEAD(ptimer_looked_at);
ATF_TC_BODY(ptimer_looked_at, tc)
{
	for (int by_status = 0; by_status < 2; by_status++) {
		set_up();
		set(VCPU_PTIMER_CVAL, 6000);
		set(VCPU_PTIMER_CTL, CNT_CTL_ENABLE);
		for (now = 5998; now < 6003; now++) {
			uint64_t status = now < 6000 ? 0 : CNT_CTL_ISTATUS;

			if (by_status)
				ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), CNT_CTL_ENABLE | status);
			else
				vcpu_timers_refresh(&vcpu);
			ATF_CHECK_EQ(line, status != 0);
			ATF_CHECK_EQ(is_running(&vcpu.timers->ptimer), !line);
		}
		ATF_CHECK_EQ(nr_line_changes, 1);
		/* late, it changes nothing any more */
		pass_time_to(7000);
		ATF_CHECK_EQ(nr_line_changes, 1);
		set(VCPU_PTIMER_CTL, CNT_CTL_ENABLE | CNT_CTL_IMASK);
		get(VCPU_PTIMER_CTL);
		vcpu_timers_refresh(&vcpu);
		ATF_CHECK(!line);
	}
}

ATF_TC_WITHOUT_HEAD(ptimer_registers);
ATF_TC_BODY(ptimer_registers, tc)
{
	set_up();
	set(VCPU_PTIMER_TVAL, 100);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CVAL), 5100);
	ATF_CHECK_EQ(get(VCPU_PTIMER_TVAL), 100);
	now = 5101;
	ATF_CHECK_EQ(get(VCPU_PTIMER_TVAL), 0xffffffff);
	/* TVAL is 32 bits wide, and signed */
	set(VCPU_PTIMER_TVAL, UINT64_C(0x12345678ffffffff));
	ATF_CHECK_EQ(get(VCPU_PTIMER_CVAL), 5100);
	set(VCPU_PTIMER_TVAL, 0x80000000);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CVAL), 5101 - UINT64_C(0x80000000));
	set(VCPU_PTIMER_CVAL, UINT64_C(0xfedcba9876543210));
	ATF_CHECK_EQ(get(VCPU_PTIMER_CVAL), UINT64_C(0xfedcba9876543210));
	ATF_CHECK_EQ(get(VCPU_PTIMER_TVAL), 0x76543210 - 5101);
	/* ISTATUS is read-only, the rest does not exist */
	set(VCPU_PTIMER_CTL, UINT64_MAX ^ CNT_CTL_ENABLE);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), CNT_CTL_IMASK);
	set(VCPU_PTIMER_CNT, 0);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CNT), 5101);
}

/* ---- The virtual timer ---- */

/* The guest, loaded, sets its timer to fire at virtual time cval. */
static void guest_sets(uint64_t cval, uint64_t ctl)
{
	write_sysreg(cntv_cval_el0, cval);
	write_sysreg(cntv_ctl_el0, ctl);
}

ATF_TC_WITHOUT_HEAD(vtimer_wakes);
ATF_TC_BODY(vtimer_wakes, tc)
{
	set_up();
	guest_sets(5500, CNT_CTL_ENABLE);
	vcpu_timers_save(&vcpu);
	ATF_CHECK_EQ(read_sysreg(cntv_ctl_el0), 0);
	ATF_CHECK_EQ(vcpu.context.cntv_ctl, CNT_CTL_ENABLE);
	ATF_CHECK_EQ(vcpu.context.cntv_cval, 5500);
	ATF_CHECK_EQ(nr_set_active, 0);
	/* 5500 of the guest's time is 6500 */
	pass_time_to(6499);
	ATF_CHECK_EQ(nr_injected, 0);
	pass_time_to(6500);
	ATF_CHECK_EQ(nr_injected, 1);
	/* as if it had been taken: active before the line can rise again */
	vcpu_timers_load(&vcpu);
	ATF_CHECK(physically_active);
	ATF_CHECK_EQ(read_sysreg(cntv_ctl_el0), CNT_CTL_ENABLE);
	ATF_CHECK_EQ(read_sysreg(cntv_cval_el0), 5500);
	ATF_CHECK_EQ(read_sysreg(cntvoff_el2), 1000);
}

ATF_TC_WITHOUT_HEAD(vtimer_not_due);
ATF_TC_BODY(vtimer_not_due, tc)
{
	set_up();
	guest_sets(5500, CNT_CTL_ENABLE);
	vcpu_timers_save(&vcpu);
	now = 6000;
	vcpu_timers_load(&vcpu);
	/* the hardware has it again */
	ATF_CHECK(!is_running(&vcpu.timers->vtimer));
	pass_time_to(7000);
	ATF_CHECK_EQ(nr_injected, 0);
	ATF_CHECK_EQ(nr_set_active, 0);
}

ATF_TC_WITHOUT_HEAD(vtimer_off);
ATF_TC_BODY(vtimer_off, tc)
{
	static const uint64_t ctls[] = {0, CNT_CTL_IMASK, CNT_CTL_ENABLE | CNT_CTL_IMASK,
					CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS};

	for (unsigned int i = 0; i < ARRAY_SIZE(ctls); i++) {
		set_up();
		guest_sets(100, ctls[i]);
		vcpu_timers_save(&vcpu);
		ATF_CHECK(!is_running(&vcpu.timers->vtimer));
		vcpu_timers_load(&vcpu);
		ATF_CHECK_EQ(read_sysreg(cntv_ctl_el0), ctls[i] & ~CNT_CTL_ISTATUS);
	}
}

ATF_TC_WITHOUT_HEAD(vtimer_past_and_never);
ATF_TC_BODY(vtimer_past_and_never, tc)
{
	/* due, but the interrupt had not been taken yet */
	set_up();
	guest_sets(100, CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
	vcpu_timers_save(&vcpu);
	pass_time_to(now);
	ATF_CHECK_EQ(nr_injected, 1);
	/* beyond the end of the physical counter: not in the past by overflow */
	set_up();
	guest_sets(UINT64_MAX - 10, CNT_CTL_ENABLE);
	vcpu_timers_save(&vcpu);
	ATF_CHECK(!is_running(&vcpu.timers->vtimer));
}

/* The guest is in its timer interrupt when another vCPU comes. */
ATF_TC_WITHOUT_HEAD(vtimer_in_handler);
ATF_TC_BODY(vtimer_in_handler, tc)
{
	set_up();
	guest_at_vtimer = true;
	physically_active = true;
	guest_sets(100, CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
	vcpu_timers_save(&vcpu);
	/* the other one's is free, and this one gets no second */
	ATF_CHECK(!physically_active);
	ATF_CHECK(!is_running(&vcpu.timers->vtimer));
	vcpu_timers_load(&vcpu);
	ATF_CHECK(physically_active);
	ATF_CHECK_EQ(nr_injected, 0);
}

ATF_TC_WITHOUT_HEAD(sample);
ATF_TC_BODY(sample, tc)
{
	set_up();
	for (uint64_t ctl = 0; ctl < 8; ctl++) {
		write_sysreg(cntv_ctl_el0, ctl);
		ATF_CHECK_EQ(vcpu_timers_sample(PLATFORM_PPI_VTIMER), ctl == 5);
		ATF_CHECK(!vcpu_timers_sample(PLATFORM_PPI_PTIMER));
	}
}

ATF_TC_WITHOUT_HEAD(reset);
ATF_TC_BODY(reset, tc)
{
	set_up();
	set(VCPU_PTIMER_CTL, CNT_CTL_ENABLE);
	guest_sets(5500, CNT_CTL_ENABLE);
	vcpu_timers_save(&vcpu);
	ATF_CHECK(line);
	vcpu_timers_reset(&vcpu);
	ATF_CHECK(!line);
	ATF_CHECK_EQ(vcpu.context.cntv_ctl, 0);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CTL), 0);
	ATF_CHECK_EQ(get(VCPU_PTIMER_CVAL), 0);
	pass_time_to(UINT64_MAX);
	ATF_CHECK_EQ(nr_injected, 0);
	ATF_CHECK(!line);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, init);
	ATF_TP_ADD_TC(tp, ptimer_fires);
	ATF_TP_ADD_TC(tp, ptimer_past);
	ATF_TP_ADD_TC(tp, ptimer_masked);
	ATF_TP_ADD_TC(tp, ptimer_looked_at);
	ATF_TP_ADD_TC(tp, ptimer_registers);
	ATF_TP_ADD_TC(tp, vtimer_wakes);
	ATF_TP_ADD_TC(tp, vtimer_not_due);
	ATF_TP_ADD_TC(tp, vtimer_off);
	ATF_TP_ADD_TC(tp, vtimer_past_and_never);
	ATF_TP_ADD_TC(tp, vtimer_in_handler);
	ATF_TP_ADD_TC(tp, sample);
	ATF_TP_ADD_TC(tp, reset);
	return atf_no_error();
}
