/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values in messages: as the author of a description writes them.
 */
#pragma once

#include "lib/types.h"

#define VALUE_SHOWN 80
#define VALUE_SIZE 32
#define VALUE_NUMBER 16
#define VALUE_TEXT 40 /* so many characters of text are shown */

enum value_base { VALUE_DECIMAL, VALUE_HEX };

/*
 * Returns true if the bytes look like one or more strings, none of them empty: what stands
 * in the place of numbers then is no number.
 */
bool value_is_text(const void *value, int len);

/*
 * Formats the len bytes of a property as source would have them: "text", <1 2>
 * with its numbers in this base, or [00 01]. The end of a long value is left out.
 * A property without a value is shown as "nothing", without quotes.
 */
void value_show(char text[VALUE_SHOWN], const void *value, int len, enum value_base base);

/* Formats a number that one writes in decimal: in hexadecimal if it is none such, -1 as -1. */
void value_number(char text[VALUE_NUMBER], uint32_t number);

/* Formats a size, in MiB if it is a whole number of them or absurd, or else in KiB or bytes. */
void value_size(char text[VALUE_SIZE], uint64_t bytes);
