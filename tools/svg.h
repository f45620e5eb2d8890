/*
 * A picture of who owns what, as SVG.
 */
#pragma once

#include "tools/owners.h"

/* A size in the largest unit that fits. */
void map_size(char *text, size_t size, uint64_t bytes);

/* Writes options->svg. False after saying why not. */
bool svg_write(const struct tool_options *options, const struct tool_system *system,
	       const struct owned_memories *memory, const struct owned_devices *devices);
