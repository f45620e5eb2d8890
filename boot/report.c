// SPDX-License-Identifier: BSD-2-Clause
/*
 * See report.h. Addresses are the guest's; "at" leads to the physical one, if that is another.
 */
#include "boot/report.h"

#include <stdarg.h>

#include "fdt/model.h"
#include "fdt/platform.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/string.h"

#define LINE_WIDTH 70 /* with "bulkhead: " before it, 80 columns */
#define ITEM_MAX 128
#define NR_PRIVATE_INTIDS 32u /* SPI 0 is INTID 32 */

/* Text that is made item by item. A line that has no room for the next one is said. */
struct line {
	char text[LINE_WIDTH + ITEM_MAX];
	size_t length;
	size_t indent; /* of the lines in which it goes on */
	bool empty;    /* the line has no item yet */
};

static void begin(struct line *line, size_t indent)
{
	memset(line->text, ' ', indent);
	line->length = indent;
	line->indent = indent;
	line->empty = true;
}

static void end(struct line *line)
{
	log_info("%.*s", (int)line->length, line->text);
}

/* `before` ends the item before this one; a blank or a new line is between the two. */
__attribute__((format(printf, 3, 4))) static void add(struct line *line, const char *before,
						      const char *fmt, ...)
{
	char item[ITEM_MAX];
	size_t n, gap = strlen(before);
	va_list args;

	va_start(args, fmt);
	n = format_va(item, sizeof(item), fmt, args);
	va_end(args);
	n = MIN(n, sizeof(item) - 1);
	memcpy(line->text + line->length, before, gap);
	line->length += gap;
	if (!line->empty && line->length + 1 + n + 1 > LINE_WIDTH) {
		end(line);
		begin(line, MAX(line->indent, 4u));
	}
	if (!line->empty)
		line->text[line->length++] = ' ';
	memcpy(line->text + line->length, item, n);
	line->length += n;
	line->empty = false;
}

static void add_size(struct line *line, uint64_t size)
{
	bool mib = size % (1u << 20) == 0;

	add(line, ",", "%llu %s", (unsigned long long)(size >> (mib ? 20 : 10)),
	    mib ? "MiB" : "KiB");
}

/* A range as the guest sees it, and where it is. */
static void add_range(struct line *line, const char *before, uint64_t guest, uint64_t size,
		      uint64_t physical)
{
	unsigned long long first = guest, last = guest + size - 1;

	if (guest == physical)
		add(line, before, "0x%llx-0x%llx", first, last);
	else
		add(line, before, "0x%llx-0x%llx at 0x%llx", first, last,
		    (unsigned long long)physical);
}

static void report_memory(const struct vm_memory *memory)
{
	struct line line;

	begin(&line, 2);
	add(&line, "", "memory");
	add_range(&line, "", memory->ipa.v, memory->size, memory->pa.v);
	add_size(&line, memory->size);
	if (memory->ipa.v == memory->pa.v)
		add(&line, ",", "identity");
	if (memory->rom)
		add(&line, ",", "rom");
	end(&line);
}

static void report_device(const struct vm_device *device)
{
	struct line line;

	begin(&line, 2);
	add(&line, "", "device %s", device->path);
	for (unsigned int i = 0; i < device->nr_regs; i++)
		add_range(&line, i == 0 ? ":" : ",", device->regs[i].base + device->offset,
			  device->regs[i].size, device->regs[i].base);
	for (unsigned int i = 0; i < device->nr_irqs; i++) {
		uint32_t spi = device->irqs[i].intid - NR_PRIVATE_INTIDS;

		if (i == 0)
			add(&line, ",", device->nr_irqs > 1 ? "SPIs %u" : "SPI %u", spi);
		else
			add(&line, "", "%u", spi);
	}
	if (device->dma)
		add(&line, ",", "DMA");
	end(&line);
}

static void report_emulated(const char *what, const struct vm_emulated *dev)
{
	log_info("  %s 0x%llx, SPI %u", what, (unsigned long long)dev->base.v, dev->spi);
}

static void report_summary(const struct vm_config *vm)
{
	uint64_t size = 0;
	struct line line;

	for (unsigned int i = 0; i < vm->nr_memory; i++)
		size += vm->memory[i].size;
	begin(&line, 0);
	add(&line, "", "%s: VMID %u,", vm->name, vm->id);
	for (unsigned int i = 0; i < vm->nr_cpus; i++)
		add(&line, "", i == 0 ? "CPUs %u" : "%u", vm->cpus[i]);
	add_size(&line, size);
	if (vm->nr_memory == 1)
		add(&line, "", "at 0x%llx", (unsigned long long)vm->memory[0].pa.v);
	else
		add(&line, "", "in %u ranges", vm->nr_memory);
	if (model_find(vm, MODEL_PL011) == NULL)
		add(&line, ",", "no console");
	end(&line);
}

void report_vm(const struct vm_config *vm)
{
	const struct vm_emulated *uart = model_find(vm, MODEL_PL011);
	const struct vm_emulated *rtc = model_find(vm, MODEL_PL031);

	report_summary(vm);
	for (unsigned int i = 0; vm->nr_memory > 1 && i < vm->nr_memory; i++)
		report_memory(&vm->memory[i]);
	for (unsigned int i = 0; i < vm->nr_devices; i++)
		report_device(&vm->devices[i]);
	if (uart && (uart->base.v != PLATFORM_UART_BASE || uart->spi != PLATFORM_UART_SPI))
		report_emulated("console", uart);
	if (rtc)
		report_emulated("clock", rtc);
}
