/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sizes and addresses of two cells each, as system descriptions with
 * #address-cells = <2> and #size-cells = <2> have them:
 *
 *	#include <bulkhead.h>
 *	...
 *	memory@40000000 { reg = <ADDRESS(0x40000000) MIB(256)>; };
 */
#ifndef BULKHEAD_H
#define BULKHEAD_H

#define ADDRESS(address) ((address) >> 32) ((address) & 0xffffffff)

#define KIB(n) ADDRESS((n) << 10)
#define MIB(n) ADDRESS((n) << 20)
#define GIB(n) ADDRESS((n) << 30)

#endif
