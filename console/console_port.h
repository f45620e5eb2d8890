/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line between an emulated UART and the console. The guest's output goes
 * into a ring; typed characters come as calls. A device embeds the struct and
 * fills in its two functions; console_add_vm() fills in the rest. vdev sees
 * no more of the console than this file.
 *
 * The ring has one writer (the device, under its own lock) and one reader
 * (the console, under console.lock). head and tail run freely and are reduced
 * when they are used; each side stores one of the two.
 */
#pragma once

#include "arm64/atomic.h"
#include "arm64/barrier.h"
#include "lib/types.h"

struct console_source;

struct console_port {
	uint8_t *data;
	uint32_t size; /* a power of two */
	uint32_t head; /* the device's: where the next character goes */
	uint32_t tail; /* the console's: the oldest character that it still needs */
	bool live;     /* the console's: shows characters at once, not only whole lines */
	/*
	 * The device's: found the ring full. The console takes it back and calls room() when
	 * half of the ring is free.
	 */
	bool wants_room;

	/* The console's own state of this port. */
	struct console_source *source;
	/*
	 * Asks the console to look at this port: there is output that the console waits for
	 * (console_port_put() says so), or the device has room again after input() returned
	 * false. The device holds no lock, because the console may call it back.
	 */
	void (*kick)(struct console_port *port);

	/* The device's functions; called with no lock held. */
	/* There is room in the ring again, after wants_room. */
	void (*room)(struct console_port *port);
	/* A character was typed. False: no room for it now; kick() when there is. */
	bool (*input)(struct console_port *port, uint8_t c);
};

/* Characters in the ring. */
static inline uint32_t console_port_used(const struct console_port *port)
{
	return atomic_load_relaxed(&port->head) - atomic_load_relaxed(&port->tail);
}

/*
 * Needs no lock. To the writer, a ring that is not full stays so until it writes; a full one may
 * have room again at once.
 */
static inline bool console_port_is_full(const struct console_port *port)
{
	return console_port_used(port) >= port->size;
}

/*
 * Puts c into the ring, where it is lost if the ring is full. Returns whether
 * kick() must be called. The caller holds the device's lock.
 */
static inline bool console_port_put(struct console_port *port, uint8_t c)
{
	uint32_t head = port->head;

	if (head - atomic_load(&port->tail) >= port->size)
		return true;
	port->data[head & (port->size - 1)] = c;
	atomic_store(&port->head, head + 1);
	/*
	 * Orders the store of head before the loads of live and tail. The console stores
	 * live, then loads head: one of the two sees the other.
	 */
	dmb(ish);
	return c == '\n' || atomic_load_relaxed(&port->live) || console_port_is_full(port);
}
