/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine, as the host's device tree describes it. host_parse() reads the
 * tree once at boot (and in the host tools); everything after that uses this
 * structure. Sizes follow the machine: arrays are allocated from the arena.
 */
#pragma once

#include "lib/arena.h"
#include "lib/types.h"

struct diag;

enum host_cpu_method {
	HOST_CPU_PSCI,
	HOST_CPU_SPIN_TABLE,
	HOST_CPU_NO_METHOD, /* cannot be started: usable only if it is the boot CPU */
};

struct host_cpu {
	uint64_t mpidr; /* `reg`: the affinity fields of MPIDR_EL1 */
	enum host_cpu_method method;
	pa_t release_addr; /* spin-table only */
	int node;	   /* offset in the host's tree */
};

enum host_conduit { HOST_CONDUIT_NONE, HOST_CONDUIT_SMC, HOST_CONDUIT_HVC };

struct host_gic {
	unsigned int version; /* 2 or 3 (GICv4 hosts are driven as 3) */
	struct range dist;
	struct range *redists; /* v3: all redistributor regions */
	unsigned int nr_redists;
	uint64_t redist_stride; /* v3: 0 means the architecture's */
	struct range cpuif;	/* v2: GICC */
	struct range hyp;	/* v2: GICH */
	struct range vcpuif;	/* v2: GICV */
	uint32_t maintenance;	/* INTID of the maintenance interrupt */
	int node;
};

enum host_uart_type { HOST_UART_NONE, HOST_UART_PL011, HOST_UART_8250 };

struct host_uart {
	enum host_uart_type type;
	struct range reg;
	unsigned int reg_shift;	   /* 8250 */
	unsigned int reg_io_width; /* 8250: 1, 2 or 4 bytes */
	bool has_id;		   /* PL011: has the PrimeCell identification registers */
	uint32_t irq;		   /* INTID, 0: none, poll */
	bool irq_edge;
	int node; /* -1: has none */
};

struct host {
	const void *dtb; /* valid while boot keeps the tree mapped */

	struct range *ram; /* banks, sorted, merged, page-aligned inwards */
	unsigned int nr_ram;
	struct range *reserved; /* /reserved-memory, /memreserve/: page-aligned outwards, sorted */
	unsigned int nr_reserved;

	struct host_cpu *cpus; /* enabled CPUs in tree order; `cpus` of a VM indexes this */
	unsigned int nr_cpus;
	unsigned int boot_cpu; /* boot finds out; to the tools it is the first */

	enum host_conduit psci; /* HOST_CONDUIT_NONE: no PSCI */
	bool psci_0_1;		/* function ids below come from the tree */
	uint32_t psci_cpu_on;
	struct host_gic gic;
	uint32_t timer_irq[4];	/* INTIDs: EL1 secure, EL1 physical, virtual, EL2 physical */
	bool timer_irq_edge[4]; /* trigger as the tree's flags say */
	bool seeded;		/* boot has found random numbers for guests; the tools believe so */
	struct host_uart uart;	/* the console: see host_uart.h */
	struct range rtc;	/* a PL031 that tells the time; size 0: none */
	struct range initrd;	/* /chosen/linux,initrd-start and -end; size 0: none */
};

/*
 * Why a CPU cannot be started, in a few words: what the machine's tree lacks. NULL if it can, or
 * need not.
 */
const char *host_cpu_lacks(const struct host *host, unsigned int cpu);

/*
 * Fills `host` from the tree at dtb, whose totalsize the caller has mapped.
 * Problems go to `diag`: errors for what boot cannot do without (memory, the
 * GIC, CPUs), warnings for the rest. Returns 0, or -EINVAL if there was an
 * error, or -ENOMEM if the arena is too small, which is an error too.
 */
int host_parse(struct host *host, const void *dtb, struct arena *arena, struct diag *diag);

/*
 * The same in two parts, for boot. The first fills in as much as it takes to say something
 * and to power off: uart, psci and ram, whatever the rest of the tree is worth. It reads at
 * most `size` bytes. Returns 0 even after errors; -EINVAL if the tree cannot be read, with
 * uart and psci even then if what is left of it tells of them (salvage.h); -ENOMEM. answers(), if
 * there is one, says whether a UART is where the tree says.
 */
int host_open(struct host *host, const void *dtb, size_t size,
	      bool (*answers)(const struct host_uart *uart), struct arena *arena,
	      struct diag *diag);

/* The second part, after host_open() has returned 0. Returns as host_parse(). */
int host_read(struct host *host, struct arena *arena, struct diag *diag);
