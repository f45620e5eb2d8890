// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/model.c: a VM's list of emulated devices, and the places that they find among its other ones.
 */
#include <atf-c.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "fdt/model.h"
#include "fdt/platform.h"
#include "lib/bits.h"
#include "tests/unit/dts.h"

static struct vm_config vm;
static struct parser parser;
static struct arena arena;
static struct dts_diag diag;

static void set_up(size_t room)
{
	static uint8_t memory[1024] __attribute__((aligned(16)));

	vm = (struct vm_config){.path = "/vm"};
	dts_diag_init(&diag);
	arena_init(&arena, memory, room);
	parser = (struct parser){.arena = &arena, .diag = &diag.diag};
}

static struct vm_emulated *add(enum model_id id, uint64_t base)
{
	struct vm_emulated *dev = model_add(&parser, &vm, id, base, PAGE_SIZE);

	ATF_REQUIRE(dev != NULL);
	return dev;
}

/* Whatever the order in which they are added: that of models, and of the same model's addition. */
ATF_TC_WITHOUT_HEAD(order);
ATF_TC_BODY(order, tc)
{
	const struct vm_emulated *second, *third;

	(void)tc;
	set_up(1024);
	third = add(MODEL_VIRTIO, 0x1000);
	second = add(MODEL_PL011, 0x2000);
	add(MODEL_VIRTIO, 0x3000);
	add(MODEL_GIC, 0x4000);
	ATF_CHECK_EQ(vm.emulated->model, MODEL_GIC);
	ATF_CHECK_EQ(vm.emulated->next, second);
	ATF_CHECK_EQ(second->next, third);
	ATF_CHECK_EQ(third->base.v, 0x1000);
	ATF_CHECK_EQ(third->spi, MODEL_NO_SPI);
	ATF_REQUIRE(third->next != NULL);
	ATF_CHECK_EQ(third->next->base.v, 0x3000);
	ATF_CHECK_EQ(third->next->next, NULL);
	ATF_CHECK_EQ(model_find(&vm, MODEL_VIRTIO), third);
	ATF_CHECK_EQ(model_find(&vm, MODEL_PL031), NULL);
}

ATF_TC_WITHOUT_HEAD(no_memory);
ATF_TC_BODY(no_memory, tc)
{
	(void)tc;
	set_up(16);
	ATF_CHECK_EQ(model_add(&parser, &vm, MODEL_GIC, 0, PAGE_SIZE), NULL);
	ATF_CHECK_EQ(vm.emulated, NULL);
	ATF_CHECK(parser.err != 0);
	ATF_CHECK_EQ(diag.diag.errors, 1);
}

/* It gives way to devices, whole pages of them, to memory, and to those before it, not after. */
ATF_TC_WITHOUT_HEAD(place);
ATF_TC_BODY(place, tc)
{
	const uint64_t base = PLATFORM_UART_BASE;
	struct range reg = {0x7000ff0, 0x20}; /* in two pages */
	struct reg_irq irqs[] = {{.intid = 32 + 2}, {.intid = 32 + 3}};
	struct vm_device device = {
	    .regs = &reg, .nr_regs = 1, .irqs = irqs, .nr_irqs = 2, .offset = base - 0x7000000};
	struct vm_memory memory = {.ipa = ipa(base + 3 * PAGE_SIZE), .size = PAGE_SIZE};
	struct vm_emulated *first, *second, *later;

	(void)tc;
	set_up(1024);
	first = add(MODEL_PL011, base);
	second = add(MODEL_PL031, base);
	later = add(MODEL_VIRTIO, base + 4 * PAGE_SIZE);
	later->spi = 4;
	vm.devices = &device;
	vm.nr_devices = 1;
	vm.memory = &memory;
	vm.nr_memory = 1;
	ATF_CHECK(model_place(&vm, first, 1));
	ATF_CHECK_EQ(first->base.v, base + 2 * PAGE_SIZE);
	ATF_CHECK_EQ(first->spi, 1);
	ATF_CHECK(model_place(&vm, second, 1));
	ATF_CHECK_EQ(second->base.v, base + 4 * PAGE_SIZE);
	ATF_CHECK_EQ(second->spi, 4);
	ATF_CHECK(model_is_taken(&vm, later));
	vm = (struct vm_config){0};
}

ATF_TC_WITHOUT_HEAD(no_place);
ATF_TC_BODY(no_place, tc)
{
	struct vm_memory memory = {.ipa = ipa(PLATFORM_UART_BASE)};
	struct vm_emulated *dev;

	(void)tc;
	set_up(1024);
	dev = add(MODEL_PL011, PLATFORM_UART_BASE);
	vm.memory = &memory;
	vm.nr_memory = 1;
	memory.size = PLATFORM_UART_LAST - PLATFORM_UART_BASE;
	ATF_CHECK(model_place(&vm, dev, 1));
	ATF_CHECK_EQ(dev->base.v, PLATFORM_UART_LAST);
	memory.size += PAGE_SIZE;
	ATF_CHECK(!model_place(&vm, dev, 1));
	vm = (struct vm_config){0};
}

/* Slots of virt have SPIs 16 to 47, whether something is in them or not. */
ATF_TC_WITHOUT_HEAD(slots_spis);
ATF_TC_BODY(slots_spis, tc)
{
	struct vm_emulated *dev;

	(void)tc;
	set_up(1024);
	dev = add(MODEL_PL011, PLATFORM_UART_BASE);
	ATF_CHECK(model_place(&vm, dev, 15));
	ATF_CHECK_EQ(dev->spi, 15);
	ATF_CHECK(model_place(&vm, dev, 16));
	ATF_CHECK_EQ(dev->spi, 48);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, order);
	ATF_TP_ADD_TC(tp, no_memory);
	ATF_TP_ADD_TC(tp, place);
	ATF_TP_ADD_TC(tp, no_place);
	ATF_TP_ADD_TC(tp, slots_spis);
	return atf_no_error();
}
