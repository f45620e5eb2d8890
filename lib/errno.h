/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers, used as negative return values ("0 or -ENOMEM"). The values
 * are those of the C library, so that host programs may include both.
 */
#pragma once

#define ENOENT 2
#define EIO 5
#define E2BIG 7
#define ENOMEM 12
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define ENOSPC 28
#define ERANGE 34
#define ENOSYS 38
