// SPDX-License-Identifier: BSD-2-Clause
/*
 * See host_uart.h. Compatible strings are those of the bindings (Linux,
 * Documentation/devicetree/bindings).
 */
#include "fdt/host_uart.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/diag.h"
#include "fdt/reg.h"
#include "fdt/tree.h"
#include "lib/bits.h"

/* Sizes where only an address is given: a PL011's registers, and the eight of an 8250 */
#define PL011_SIZE 0x1000
#define U8250_REGS 8u

/* The most characters of a word on the command line: a longer one names no UART. */
#define MAX_WORD 64
/* So many words of a command line are looked up: each may be a walk through the tree. */
#define MAX_CONSOLES 8

/* ---- A node's UART ---- */

/* The driver for the node; HOST_UART_NONE if there is none. */
static enum host_uart_type uart_type(const void *dtb, int node, struct host_uart *uart)
{
	static const char *const pl011[] = {"arm,pl011", "arm,sbsa-uart", NULL};
	static const char *const uart8250[] = {"ns16550a", "ns16550", "snps,dw-apb-uart", NULL};
	static const char *const aux[] = {"brcm,bcm2835-aux-uart", NULL};

	if (reg_is_compatible(dtb, node, pl011))
		return HOST_UART_PL011;
	if (reg_is_compatible(dtb, node, aux)) {
		/* its binding has neither: 32-bit registers, 4 bytes apart */
		uart->reg_shift = 2;
		uart->reg_io_width = 4;
		return HOST_UART_8250;
	}
	uart->reg_shift = reg_get_u32(dtb, node, "reg-shift", 0);
	uart->reg_io_width = reg_get_u32(dtb, node, "reg-io-width", 1);
	if (!reg_is_compatible(dtb, node, uart8250) || uart->reg_shift > 4 ||
	    (uart->reg_io_width != 1 && uart->reg_io_width != 2 && uart->reg_io_width != 4))
		return HOST_UART_NONE;
	return HOST_UART_8250;
}

/* Returns what is wrong with the node's UART, or NULL. */
static const char *read_node(const void *dtb, int node, struct host_uart *uart)
{
	static const char *const primecell[] = {"arm,primecell", NULL};

	struct reg_irq irq;

	*uart = (struct host_uart){.node = node};
	if (reg_get(dtb, node, 0, &uart->reg) || !range_valid(uart->reg.base, uart->reg.size))
		return "its UART has no usable reg";
	uart->type = uart_type(dtb, node, uart);
	if (uart->type == HOST_UART_NONE)
		return "no driver for this UART: PL011 and 8250 are known";
	/* Linux does not ask the hardware either if the tree says what is there. */
	uart->has_id = reg_is_compatible(dtb, node, primecell) &&
		       !fdt_getprop(dtb, node, "arm,primecell-periphid", NULL);
	if (reg_get_irq(dtb, node, 0, &irq) == 0) {
		uart->irq = irq.intid;
		uart->irq_edge = irq.edge;
	}
	return NULL;
}

/*
 * The same for a node that may be anything: false unless it is a UART that can be used. Nothing is
 * looked up for nodes that are no UARTs, for there may be many.
 */
static bool read_uart(const void *dtb, int node, struct host_uart *uart)
{
	return uart_type(dtb, node, uart) != HOST_UART_NONE && !read_node(dtb, node, uart);
}

/* ---- Paths and aliases ---- */

/* The node that an alias of this name stands for, or an error. */
static int find_alias(const void *dtb, const char *name, int len)
{
	int aliases = tree_find_path(dtb, "/aliases", 8), path_len = 0;
	const char *path;

	if (aliases < 0)
		return aliases;
	path = fdt_getprop_namelen(dtb, aliases, name, len, &path_len);
	/* Not the alias of an alias: libfdt would follow those in circles. */
	if (!path || path_len <= 0 || *path != '/')
		return -FDT_ERR_NOTFOUND;
	return tree_find_path(dtb, path, (unsigned int)strnlen(path, (size_t)path_len));
}

static const char *stdout_path(const void *dtb, int *len)
{
	int chosen = tree_find_path(dtb, "/chosen", 7);
	const char *path = NULL;

	if (chosen >= 0)
		path = fdt_getprop(dtb, chosen, "stdout-path", len);
	if (chosen >= 0 && !path)
		path = fdt_getprop(dtb, chosen, "linux,stdout-path", len);
	return path;
}

/* stdout-path is a path or an alias, and may go on with ":115200n8". */
static int find_stdout(const void *dtb)
{
	int len = 0;
	const char *path = stdout_path(dtb, &len), *options;

	if (!path)
		return -FDT_ERR_NOTFOUND;
	len = (int)strnlen(path, (size_t)len);
	options = memchr(path, ':', (size_t)len);
	if (options)
		len = (int)(options - path);
	if (len == 0)
		return -FDT_ERR_NOTFOUND;
	return *path == '/' ? tree_find_path(dtb, path, (unsigned int)len)
			    : find_alias(dtb, path, len);
}

/*
 * UART n of a kind, by the alias serial<n> or else by the order in the tree; n = -1: the only
 * one of any kind. An error if there is none.
 */
static int find_nth(const void *dtb, enum host_uart_type type, int n)
{
	int found = -FDT_ERR_NOTFOUND, count = 0;
	char alias[] = "serial0";
	struct host_uart uart;

	alias[6] = (char)('0' + MAX(n, 0));
	if (n >= 0) {
		found = find_alias(dtb, alias, 7);
		if (found >= 0 && !read_node(dtb, found, &uart) && uart.type == type)
			return found;
	}
	for (int node = fdt_next_node(dtb, -1, NULL); node >= 0;
	     node = fdt_next_node(dtb, node, NULL)) {
		if (!read_uart(dtb, node, &uart) || !reg_is_available(dtb, node) ||
		    (n >= 0 && uart.type != type))
			continue;
		found = node;
		if (count++ == n)
			return node;
	}
	return n < 0 && count == 1 ? found : -FDT_ERR_NOTFOUND;
}

/* ---- The command line ---- */

/* Moves *s on past the prefix; false, and *s as it was, if it begins otherwise. */
static bool skip_prefix(const char **s, const char *prefix)
{
	size_t n = 0;

	for (; prefix[n]; n++)
		if ((*s)[n] != prefix[n])
			return false;
	*s += n;
	return true;
}

/* A hexadecimal number after "0x", up to a comma or the end; not 0. */
static bool parse_address(const char *s, uint64_t *address)
{
	*address = 0;
	if (!skip_prefix(&s, "0x") && !skip_prefix(&s, "0X"))
		return false;
	for (; *s && *s != ','; s++) {
		char c = *s >= '0' && *s <= '9' ? *s : (char)(*s | 0x20);

		if (*address >> 60 || !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		*address = *address << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return *address != 0;
}

/*
 * Parses the text behind earlycon= or console=, if it has a UART's address:
 * pl011[,mmio32],0x...; uart[8250][,mmio|,mmio16|,mmio32],0x...
 */
static bool parse_address_of(const char *s, struct host_uart *uart)
{
	uint64_t base;

	*uart = (struct host_uart){.node = -1, .reg_io_width = 1};
	if (skip_prefix(&s, "pl011,")) {
		uart->type = HOST_UART_PL011;
		(void)(skip_prefix(&s, "mmio32,") || skip_prefix(&s, "mmio,"));
	} else if (skip_prefix(&s, "uart8250,") || skip_prefix(&s, "uart,") ||
		   skip_prefix(&s, "ns16550a,") || skip_prefix(&s, "ns16550,")) {
		uart->type = HOST_UART_8250;
		if (skip_prefix(&s, "mmio32,"))
			uart->reg_shift = 2;
		else if (skip_prefix(&s, "mmio16,"))
			uart->reg_shift = 1;
		else
			(void)skip_prefix(&s, "mmio,");
		uart->reg_io_width = 1U << uart->reg_shift;
	}
	if (uart->type == HOST_UART_NONE || !parse_address(s, &base))
		return false;
	uart->reg.base = base;
	uart->reg.size = uart->type == HOST_UART_PL011 ? PL011_SIZE : U8250_REGS << uart->reg_shift;
	return range_valid(uart->reg.base, uart->reg.size);
}

/* The node with the same registers has the interrupt, if there is one. */
static void find_its_node(const void *dtb, struct host_uart *uart)
{
	struct host_uart other;

	for (int node = fdt_next_node(dtb, -1, NULL); node >= 0;
	     node = fdt_next_node(dtb, node, NULL))
		if (read_uart(dtb, node, &other) && other.type == uart->type &&
		    other.reg.base == uart->reg.base) {
			*uart = other;
			return;
		}
}

/* A word of the command line. False if it names no UART that is known. */
static bool read_word(const void *dtb, const char *word, struct host_uart *uart)
{
	bool is_console = skip_prefix(&word, "console=");
	enum host_uart_type type = HOST_UART_NONE;

	if (!is_console && !skip_prefix(&word, "earlycon="))
		return false;
	if (parse_address_of(word, uart)) {
		find_its_node(dtb, uart);
		return true;
	}
	if (is_console && skip_prefix(&word, "ttyAMA"))
		type = HOST_UART_PL011;
	else if (is_console && skip_prefix(&word, "ttyS"))
		type = HOST_UART_8250;
	/* at most ten: more have no console */
	if (type == HOST_UART_NONE || *word < '0' || *word > '9' || (word[1] && word[1] != ','))
		return false;
	return read_node(dtb, find_nth(dtb, type, *word - '0'), uart) == NULL;
}

/* ---- The choice ---- */

bool host_uart_is_usable(const struct host *host, const struct host_uart *uart,
			 bool (*answers)(const struct host_uart *uart))
{
	/* A board's tree may have memory everywhere, until firmware mends it; a user knows better.
	 */
	for (unsigned int i = 0; uart->node < 0 && i < host->nr_ram; i++)
		if (range_overlaps(uart->reg.base, uart->reg.size, host->ram[i].base,
				   host->ram[i].size))
			return false;
	return !answers || answers(uart);
}

/* Makes the UART of a node the console. Returns false if it cannot be used. */
static bool take_node(struct host *host, const void *dtb, int node,
		      bool (*answers)(const struct host_uart *uart))
{
	struct host_uart uart;

	if (node < 0 || read_node(dtb, node, &uart) || !host_uart_is_usable(host, &uart, answers))
		return false;
	host->uart = uart;
	return true;
}

static bool take_from_bootargs(struct host *host, const void *dtb,
			       bool (*answers)(const struct host_uart *uart))
{
	int chosen = tree_find_path(dtb, "/chosen", 7), len = 0;
	const char *args = chosen < 0 ? NULL : fdt_getprop(dtb, chosen, "bootargs", &len);
	unsigned int consoles = 0;
	bool found = false;
	char word[MAX_WORD];
	size_t n = 0;

	for (int i = 0; args && i <= len; i++) {
		char c = i < len ? args[i] : '\0';
		struct host_uart uart;

		if (c > ' ') {
			if (n < sizeof(word))
				word[n++] = c;
			continue;
		}
		if (n < sizeof(word)) {
			word[n] = '\0';
			if (consoles < MAX_CONSOLES && read_word(dtb, word, &uart) && ++consoles &&
			    host_uart_is_usable(host, &uart, answers)) {
				host->uart = uart;
				found = true;
			}
		}
		n = 0;
		if (c == '\0')
			break;
	}
	return found;
}

void host_parse_uart(struct host *host, const void *dtb,
		     bool (*answers)(const struct host_uart *uart), struct diag *diag)
{
	int node = find_stdout(dtb), len;
	struct host_uart uart;
	const char *wrong = "names no UART";

	host->uart = (struct host_uart){.node = -1};
	if (take_node(host, dtb, node, answers))
		return;
	if (node >= 0) {
		wrong = read_node(dtb, node, &uart);
		if (!wrong)
			wrong = "nothing answers where its UART should be";
	}
	if ((node < 0 && take_node(host, dtb, find_alias(dtb, "serial0", 7), answers)) ||
	    take_from_bootargs(host, dtb, answers) ||
	    (node < 0 && take_node(host, dtb, find_nth(dtb, HOST_UART_NONE, -1), answers))) {
		if (stdout_path(dtb, &len))
			diag_warning(diag, "/chosen", "stdout-path", "%s: another one is used",
				     wrong);
		return;
	}
	diag_warning(diag, "/chosen", "stdout-path", node < 0 ? "%s: there is no console" : "%s",
		     wrong);
}

bool host_scan_uart(struct host_uart *uart, const void *bytes, size_t size)
{
	const char *at = bytes, *end = at + size;

	for (; at != end; at++) {
		char word[MAX_WORD];
		const char *s = word;
		size_t n = 0;

		/* where a word begins */
		if ((*at != 'e' && *at != 'c') ||
		    (at != (const char *)bytes && at[-1] > ' ' && at[-1] <= '~'))
			continue;
		while (n + 1 < sizeof(word) && at + n != end && at[n] > ' ' && at[n] <= '~') {
			word[n] = at[n];
			n++;
		}
		word[n] = '\0';
		if ((skip_prefix(&s, "earlycon=") || skip_prefix(&s, "console=")) &&
		    parse_address_of(s, uart))
			return true;
	}
	*uart = (struct host_uart){.node = -1};
	return false;
}
