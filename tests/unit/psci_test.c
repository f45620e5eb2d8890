// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/psci.c: which of the firmware's mitigations guests are offered.
 */
#include <atf-c.h>

#include "arm64/psci.h"
#include "core/firmware.h"
#include "vcpu/exit.h"
#include "vcpu/pcpu.h"
#include "vcpu/psci.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

static struct pcpu cpu;
static struct vm vm;
static struct vcpu vcpu;
static uint32_t called;
static int32_t answer;

int32_t firmware_workaround(uint32_t function)
{
	(void)function;
	return answer;
}

void firmware_call_workaround(uint32_t function)
{
	called = function;
}

void vcpu_request(struct vcpu *target, uint64_t requests)
{
	(void)target;
	atf_tc_fail("requests 0x%llx", (unsigned long long)requests);
}

void vcpu_look(struct vcpu *looking)
{
	(void)looking;
	atf_tc_fail("looks at its life");
}

void vcpu_wait(struct vcpu *waiting)
{
	(void)waiting;
	atf_tc_fail("waits");
}

bool vm_stop(struct vcpu *stopping, enum vm_next next)
{
	(void)stopping;
	atf_tc_fail("stops: %d", (int)next);
}

static int32_t call(uint64_t function, uint64_t argument)
{
	vcpu = (struct vcpu){.vm = &vm, .home = &cpu};
	vcpu.regs.x[0] = function;
	vcpu.regs.x[1] = argument;
	called = 0;
	ATF_REQUIRE_EQ(vcpu_smccc_call(&vcpu).value, (intptr_t)&vcpu);
	return (int32_t)vcpu.regs.x[0];
}

/* Those without an argument are called for guests, if the firmware has them. */
ATF_TC_WITHOUT_HEAD(offered);
ATF_TC_BODY(offered, tc)
{
	static const uint32_t functions[] = {SMCCC_ARCH_WORKAROUND_1, SMCCC_ARCH_WORKAROUND_3};

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		answer = 0;
		ATF_CHECK_EQ(call(SMCCC_ARCH_FEATURES, functions[i]), 0);
		ATF_CHECK_EQ(called, 0);
		ATF_CHECK_EQ(call(functions[i], 0), 0);
		ATF_CHECK_EQ(called, functions[i]);
		answer = SMCCC_NOT_SUPPORTED;
		ATF_CHECK_EQ(call(SMCCC_ARCH_FEATURES, functions[i]), SMCCC_NOT_SUPPORTED);
		ATF_CHECK_EQ(call(functions[i], 0), SMCCC_NOT_SUPPORTED);
		ATF_CHECK_EQ(called, 0);
	}
}

/* SMCCC_ARCH_WORKAROUND_2 would change the CPU for the next guest on it. */
ATF_TC_WITHOUT_HEAD(store_bypass);
ATF_TC_BODY(store_bypass, tc)
{
	answer = 0;
	ATF_CHECK_EQ(call(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_2), SMCCC_NOT_SUPPORTED);
	for (uint64_t on = 0; on < 2; on++) {
		ATF_CHECK_EQ(call(SMCCC_ARCH_WORKAROUND_2, on), SMCCC_NOT_SUPPORTED);
		ATF_CHECK_EQ(called, 0);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, offered);
	ATF_TP_ADD_TC(tp, store_bypass);
	return atf_no_error();
}
