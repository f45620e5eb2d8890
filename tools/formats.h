/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a file is, by its first bytes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Of a kernel that boot does not take: what it is, and what to do with it; or NULL. */
const char *formats_of_kernel(const uint8_t *data, size_t size);

/* Which of the formats that Linux takes an initrd has; or NULL. */
const char *formats_of_initrd(const uint8_t *data, size_t size);

/*
 * Of a file that should be a device tree, as source or compiled, and is nothing of the kind: what
 * it is, and what to do; or NULL.
 */
const char *formats_of_other(const uint8_t *data, size_t size);
