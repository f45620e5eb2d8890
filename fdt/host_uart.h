/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which UART of the machine is the console. For host.c, and for reports about a
 * tree that cannot be used otherwise.
 */
#pragma once

#include "fdt/host.h"

/*
 * Fills in host->uart with the first of these that is there, has a driver, and
 * answers (answers() says so; NULL: all do):
 *
 *	1. /chosen/stdout-path
 *	2. the alias serial0, unless stdout-path names a UART without a driver
 *	3. of /chosen/bootargs, as Linux reads them (admin-guide/kernel-parameters), the
 *	   last earlycon= or console= with a UART's address, console=ttyAMAn, ttySn
 *	4. the only UART that there is, with the same exception
 *
 * host->ram is known already: an address on the command line that is in memory is no
 * UART's. Without any UART, there is a warning, and HOST_UART_NONE.
 */
void host_parse_uart(struct host *host, const void *dtb,
		     bool (*answers)(const struct host_uart *uart), struct diag *diag);

/* The `answers` of above: true if the UART that the tree or the command line names can be used. */
bool host_uart_is_usable(const struct host *host, const struct host_uart *uart,
			 bool (*answers)(const struct host_uart *uart));

/*
 * The last resort where the tree cannot be read: the first earlycon= or console= with a
 * UART's address among `size` bytes at `bytes`, whatever they are. False if there is none.
 */
bool host_scan_uart(struct host_uart *uart, const void *bytes, size_t size);
