// SPDX-License-Identifier: BSD-2-Clause
/*
 * The project's own formatting and string functions, built with the guests'
 * flags. GCC must not recognise the loops in memcpy() as a memcpy().
 */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "lib/format.c"
#include "lib/string.c"
/* NOLINTEND(bugprone-suspicious-include) */
