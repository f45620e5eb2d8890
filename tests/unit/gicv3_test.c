// SPDX-License-Identifier: BSD-2-Clause
/*
 * drivers/gicv3.c: what the CPU interface is set to. The registers in memory are memory here.
 */
#include <atf-c.h>
#include <string.h>

#include "arm64/gic.h"
#include "arm64/sysreg.h"
#include "core/cpu.h"
#include "drivers/gic.h"
#include "lib/errno.h"
#include "mm/el2_map.h"
#include "mm/pages.h"

#define DIST 0x08000000
#define REDIST 0x080a0000

static uint8_t dist[0x10000] __attribute__((aligned(8)));
static uint8_t redist[2 * 0x10000] __attribute__((aligned(8)));
static void *pages[512];
static struct cpu cpu;
static struct gic ops;
static struct range redist_range = {REDIST, sizeof(redist)};
static struct host host;

void *el2_map_device(pa_t base, uint64_t size)
{
	(void)size;
	return base.v == DIST ? dist : redist;
}

void *page_alloc(size_t n)
{
	ATF_REQUIRE(n * 4096 <= sizeof(pages));
	return pages;
}

static int set_up(void)
{
	uint64_t typer = GICR_TYPER_LAST;

	fake_sysreg_reset();
	memset(dist, 0, sizeof(dist));
	memset(redist, 0, sizeof(redist));
	memcpy(redist + GICR_TYPER, &typer, sizeof(typer));
	host.nr_cpus = 1;
	host.gic.version = 3;
	host.gic.dist = (struct range){DIST, sizeof(dist)};
	host.gic.redists = &redist_range;
	host.gic.nr_redists = 1;
	write_sysreg(tpidr_el2, (uintptr_t)&cpu);
	ATF_REQUIRE_EQ(gicv3_init(&host, &ops), 0);
	return ops.init_cpu(0, 0);
}

/* EL1's accesses of ICC_SRE_EL1 trap, so that no guest can turn the registers off for others. */
ATF_TC_WITHOUT_HEAD(sre);
ATF_TC_BODY(sre, tc)
{
	ATF_REQUIRE_EQ(set_up(), 0);
	ATF_CHECK_EQ(read_sysreg(ICC_SRE_EL2), ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB);
	ATF_CHECK_EQ(read_sysreg(ICC_SRE_EL1), ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB);
	ATF_CHECK_EQ(read_sysreg(ICC_CTLR_EL1), ICC_CTLR_EOIMODE);
	ATF_CHECK_EQ(read_sysreg(ICC_IGRPEN1_EL1), 1);
}

ATF_TC_WITHOUT_HEAD(no_redistributor);
ATF_TC_BODY(no_redistributor, tc)
{
	ATF_REQUIRE_EQ(set_up(), 0);
	ATF_CHECK_EQ(ops.init_cpu(0, 1), -ENODEV);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sre);
	ATF_TP_ADD_TC(tp, no_redistributor);
	return atf_no_error();
}
