/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The models of devices that are emulated for VMs: which of them a description asks for, where in
 * its VM's addresses each device is, and how the VM's tree describes it. boot/model.h has the part
 * that makes them, vdev/vdev.h the part that lives as long as the VM.
 *
 * A new model is one row here, and a file for each of these parts: docs/architecture.md.
 */
#pragma once

#include "lib/types.h"

struct device_phandles;
struct host;
struct parser;
struct vm_config;
struct writer;

/* In this order devices are parsed, placed, described, built and reset. */
/* clang-format off */
#define FOR_EACH_MODEL(MODEL)                                                  \
	MODEL(GIC,    gic)    /* the frames of the vGIC */                     \
	MODEL(FLASH,  flash)  /* two banks, for firmware and its variables */  \
	MODEL(PL011,  pl011)  /* a UART on the console */                      \
	MODEL(PL031,  pl031)  /* a real-time clock */                          \
	MODEL(VIRTIO, virtio) /* slots for virtio devices, a page of them */
/* clang-format on */

enum model_id {
#define MODEL(id, name) MODEL_##id,
	FOR_EACH_MODEL(MODEL)
#undef MODEL
	    MODEL_COUNT
};

#define MODEL_NO_SPI UINT32_MAX

/* A device of a VM that is emulated. */
struct vm_emulated {
	struct vm_emulated *next; /* of the same VM, in the order of models */
	enum model_id model;
	ipa_t base;    /* of its registers, or of the first ones */
	uint64_t size; /* of these, bytes */
	uint32_t spi;  /* its interrupt, from 0, or MODEL_NO_SPI */
};

/* The guest's tree, for a model that writes its node. */
struct model_tree {
	struct writer *w;
	const struct vm_config *vm;
	const struct host *host;
	const struct device_phandles *phandles;
};

#define MODEL_MAX_PROPERTIES 4

/* A model's functions; NULL for nothing to do. */
struct model {
	/* The properties of a VM's node that are the model's */
	const char *properties[MODEL_MAX_PROPERTIES];
	/* The node in the guest's tree refers to its clock */
	bool clocked;
	/* Reads these properties, and adds the devices that the VM has. Its memory, images and
	 * empty-devices have been parsed. */
	void (*parse)(struct parser *p, int node, struct vm_config *vm);
	/* The VM's passed devices are known: gives way to them. */
	void (*place)(struct parser *p, struct vm_config *vm);
	/* Writes the device's node in the guest's tree, below the root. */
	void (*describe)(const struct model_tree *tree, const struct vm_emulated *dev);
};

/* Adds a device to the VM. NULL: there is no memory, which has been reported. */
struct vm_emulated *model_add(struct parser *p, struct vm_config *vm, enum model_id id,
			      uint64_t base, uint64_t size);

/* The VM's first device of the model, or NULL. */
struct vm_emulated *model_find(const struct vm_config *vm, enum model_id id);

/* True if a passed device, memory, or an emulated device before it is where the device is. */
bool model_is_taken(const struct vm_config *vm, const struct vm_emulated *dev);

/*
 * Moves the device up, by pages, to where nothing else of the VM's is, and its interrupt to the
 * first SPI from `spi` on that is free. Returns false if no page up to PLATFORM_UART_LAST is.
 */
bool model_place(const struct vm_config *vm, struct vm_emulated *dev, uint32_t spi);

/* ---- All models, for the parser and the writer of guests' trees ---- */

/* Appends the names of all models' properties, MODEL_COUNT * MODEL_MAX_PROPERTIES at most. */
void models_add_properties(const char **names);

void models_parse(struct parser *p, int node, struct vm_config *vm);
void models_place(struct parser *p, struct vm_config *vm);

/* Writes the nodes of the VM's emulated devices, and of the clock that they have, if one has. */
void models_describe(const struct model_tree *tree);
