/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A doubly linked circular list with a head, for lists whose elements are
 * embedded in the structures that they link. An element that is in no list
 * points at itself.
 */
#pragma once

#include <stdbool.h>

struct list {
	struct list *next;
	struct list *prev;
};

/* Makes `l` an empty list, or an element that is in no list. */
static inline void list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

/* Puts `element` before `position`; before the head means at the end. */
static inline void list_insert_before(struct list *position, struct list *element)
{
	element->next = position;
	element->prev = position->prev;
	position->prev->next = element;
	position->prev = element;
}

/* Takes `element` out of its list; harmless if it is in none. */
static inline void list_remove(struct list *element)
{
	element->prev->next = element->next;
	element->next->prev = element->prev;
	list_init(element);
}
