/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system description: what the user's .dts declares, parsed and checked.
 * system_parse() reads it against the host's description; with a single error
 * nothing starts. The structures live as long as the system runs; the blob
 * stays in memory too, because a VM's restart loads its images from it again.
 */
#pragma once

#include "fdt/host.h"
#include "fdt/image.h"
#include "fdt/model.h"
#include "fdt/reg.h"
#include "lib/arena.h"
#include "lib/types.h"

struct diag;

/* One memory@ node of a VM. */
struct vm_memory {
	ipa_t ipa;
	uint64_t size;
	pa_t pa;    /* chosen by place_memory() */
	bool fixed; /* no: by the description */
	bool rom;   /* has the VM's firmware: the guest cannot write, its tree does not say so */
	int node;   /* offset of its node in the description */
};

/* A device of the machine that is the VM's own. */
struct vm_device {
	const char *path;   /* in the host's tree */
	int node;	    /* offset in the host's tree */
	int label;	    /* the board's label for it: offset in the blob, or -1 */
	struct range *regs; /* physical */
	unsigned int nr_regs;
	uint64_t offset;      /* from physical to guest-physical addresses; may wrap */
	struct reg_irq *irqs; /* SPIs, of the nodes below it too */
	unsigned int nr_irqs;
	bool dma; /* reaches memory by itself */
};

/* Bytes inside the system description: an offset from its start, and a length. */
struct blob_slice {
	uint64_t offset;
	uint64_t size;
};

/* What happens when a VM comes to an end */
enum vm_action { VM_ACTION_STOP, VM_ACTION_RESTART, VM_ACTION_HALT_SYSTEM };

struct vm_lifecycle {
	enum vm_action on_crash, on_reset, on_off;
	uint32_t restart_limit, restart_seconds; /* so many in so long a time; 0: no limit */
	bool watchdog;
};

struct vm_config {
	const char *name; /* in path: letters, digits and ,._+-@ */
	char path[80];	  /* node path, for messages */
	unsigned int id;  /* 1, 2, ... in node order; also the VMID */

	unsigned int *cpus; /* cpus[n]: index into host->cpus of vCPU n's home */
	unsigned int nr_cpus;

	struct vm_memory *memory;
	unsigned int nr_memory;
	bool clear_memory; /* at every start it holds nothing but what is loaded */

	struct blob_slice kernel; /* or its firmware */
	bool firmware;		  /* the kernel is one, which begins where a machine does */
	struct image image;	  /* what the kernel is and where its parts go */
	struct blob_slice initrd; /* size 0: none */
	ipa_t initrd_ipa;
	ipa_t dtb_ipa;	       /* where the device tree goes */
	uint64_t dtb_max;      /* room for it, bytes */
	struct blob_slice dtb; /* the user's own tree; size 0: it is generated */
	const char *bootargs;  /* NULL: none */

	const void *blob; /* where these are, while boot keeps it mapped: */
	int device_tree;  /* offset of what is added to the generated tree, or -1 */

	struct vm_emulated *emulated; /* its emulated devices, in the order of models */
	bool empty_devices;	      /* what firmware looks for on `virt` is there, and empty */
	struct vm_lifecycle lifecycle;

	struct vm_device *devices;
	unsigned int nr_devices;
	bool unsafe_dma; /* the user knows that a device can reach all memory */

	bool own_counter; /* the virtual counter begins at 0 with the VM, at each of its starts */

	int node;	       /* offset in the blob */
	bool has_share;	       /* says something of priority or budget: */
	unsigned int priority; /* a larger one comes first */
	uint32_t budget;       /* us that it runs at most on each of its CPUs; 0: no limit */
	uint32_t period;       /* us: in so many */
};

/* Part of a frame */
struct schedule_window {
	const struct vm_config *vm; /* NULL: nobody's */
	uint32_t length;	    /* us */
};

/* What the description says of some CPUs; without it they go by the VMs' priorities. */
struct schedule_config {
	char path[80];	    /* for messages */
	unsigned int *cpus; /* as vm_config.cpus */
	unsigned int nr_cpus;
	bool partition; /* by windows: what follows is for that */
	struct schedule_window *windows;
	unsigned int nr_windows;
	uint64_t used;		       /* us: the windows together */
	uint64_t frame;		       /* us; what it has more is nobody's */
	const struct vm_config *slack; /* has what is nobody's or not used; NULL: idle */
};

/* What the VMs' output looks like on the machine's UART: docs/console.md */
enum console_style {
	CONSOLE_AUTO, /* in colours if a terminal answers */
	CONSOLE_COLOURS,
	CONSOLE_NO_COLOURS,
	CONSOLE_PLAIN, /* whole lines, and no escape sequence */
};

struct system_config {
	struct vm_config *vms;
	unsigned int nr_vms;
	struct schedule_config *schedules;
	unsigned int nr_schedules;
	enum console_style console;
	bool mitigations_off; /* for measuring only: vcpu/mitigation.h */
};

/*
 * What only boot knows, after parsing and before the VMs are built: the bits of address that the
 * CPUs translate, the interrupts that the GIC has, from INTID 0 on. Return false after reporting
 * what of the VMs is beyond.
 */
bool system_check_bits(const struct system_config *config, unsigned int bits, struct diag *diag);
bool system_check_irqs(const struct system_config *config, uint32_t nr_irqs, struct diag *diag);

/*
 * Parses and checks the description in the size bytes at blob. Everything in
 * it is untrusted. Returns 0, or, after errors were given to `diag`, -EINVAL, or
 * -ENOMEM if the arena is too small. Placing the VMs' memory (vm_memory.pa) is
 * place_memory()'s work.
 */
int system_parse(struct system_config *config, const void *blob, size_t size,
		 const struct host *host, struct arena *arena, struct diag *diag);
