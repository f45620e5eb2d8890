/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which UART of the machine is the console. For host.c, and for whoever has
 * something to say while the rest of the tree is of no use.
 */
#pragma once

#include "fdt/host.h"

/*
 * Fills in host->uart. The first of these that is there, that a driver is for, and
 * that answers (answers() says so; NULL: all do):
 *
 *	1. /chosen/stdout-path
 *	2. the alias serial0, unless stdout-path names a UART without a driver
 *	3. of /chosen/bootargs, as Linux reads them (admin-guide/kernel-parameters), the
 *	   last earlycon= or console= with a UART's address, console=ttyAMAn, ttySn
 *	4. the only UART that there is, with the same exception
 *
 * An address of the command line is not in memory: host->ram is known already. Without
 * any UART, a warning, and HOST_UART_NONE.
 */
void host_parse_uart(struct host *host, const void *dtb,
		     bool (*answers)(const struct host_uart *uart), struct diag *diag);

/* Whether a UART that the tree, or the command line, tells of can be used, as above. */
bool host_uart_is_usable(const struct host *host, const struct host_uart *uart,
			 bool (*answers)(const struct host_uart *uart));

/*
 * The last resort where the tree cannot be read: the first earlycon= or console= with a
 * UART's address among `size` bytes at `bytes`, whatever they are. False if there is none.
 */
bool host_scan_uart(struct host_uart *uart, const void *bytes, size_t size);
