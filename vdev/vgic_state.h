/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vGIC's state: of a VM, of a vCPU, of one interrupt; and the look-up that
 * finds an interrupt by its INTID.
 *
 * An interrupt is guarded by the lock of one vCPU, its owner, and stands in one
 * of five places, all of which are its owner's:
 *
 *   IDLE     none of the others: nothing can be delivered
 *   QUEUED   in the queue of its priority, ready to be delivered
 *   LISTED   in a list register, pending or active, or over without our knowing
 *   SPILLED  active, and no list register was free for it
 *   MOVING   on its way to another owner, when the lock is released
 *
 *            becomes deliverable               fill
 *      ,----------------------------> QUEUED --------------> LISTED
 *      |        is so no more          |  ^                  | | | ^
 *    IDLE <----------------------------'  '------------------' | | |
 *    | ^ ^                                  gives way, pending | | |
 *    | | |                                                     | | |
 *    | | '-----------------------------------------------------' | |
 *    | |          completed, or not deliverable any more         | |
 *    | |                                                         | |
 *    | |     deactivated                      gives way, active  | |
 *    | '-------------------------- SPILLED <---------------------' |
 *    |                              ^   |         fill             |
 *    '------------------------------'   '--------------------------'
 *        made active by a register
 *
 *    IDLE or QUEUED --- its target is not its owner ---> MOVING
 *    MOVING --- vgic_unlock() ---> IDLE or QUEUED, of the target
 *
 * vgic_irq.c has the ways between IDLE, QUEUED and MOVING, vgic_lr.c those to
 * and from LISTED, vgic_spill.c those to and from SPILLED. An interrupt that is
 * LISTED or SPILLED stays with its owner whatever its target is meanwhile.
 *
 * What the hardware does with a list register is learnt when vgic_lr.c looks at
 * it ("folds" it). Until then `active` and the lr_* flags say what was known
 * last. A request of a guest's register about a LISTED interrupt is noted
 * (`activate`, `deactivate`), and is done then.
 *
 * Each flag's meaning is beside its declaration. VGIC_RULES says which of them
 * exclude or need each other; vgic_check.c checks exactly these rules.
 */
#pragma once

#include "arm64/lock.h"
#include "arm64/nospec.h"
#include "lib/types.h"
#include "vdev/vgic.h"

/*
 * The rules: "a: b" is "where a is so, b must be so". IRQ rules are about each interrupt, CPU rules
 * about each vCPU. They hold whenever the lock is free, and when vgic_flush(), vgic_save() and
 * vgic_load() are about to release it. AT_REST marks what holds only while no vCPU of the VM is
 * inside the vGIC: a change of GICD_CTLR gets to the interrupts one after the other.
 */
/* clang-format off */
#define VGIC_RULES(IRQ, CPU)                                                                       \
	/* Places */                                                                               \
	IRQ(ONE_PLACE,        "at most one of: queued, lr, spilled, moving")                       \
	IRQ(QUEUED,           "queued: enabled, pending; not active, not nowhere; in its queue")   \
	IRQ(LISTED,           "lr: that list register of its owner is in use, for this interrupt") \
	IRQ(LISTED_WHY,       "lr: lr_pending or active")                                          \
	IRQ(SPILLED,          "spilled: active; in its owner's list of those")                     \
	IRQ(ACTIVE,           "active: lr or spilled")                                             \
	IRQ(MOVING,           "moving: its target is not its owner; in the owner's list of those") \
	IRQ(OWNER,            "not lr, not spilled, not moving: its target is its owner")          \
	IRQ(DELIVERED,        "idle: not deliverable; queued: its group is on (AT_REST)")          \
	/* The list register */                                                                    \
	IRQ(LR_ONLY,          "lr_* flags, hw_again, activate, deactivate: lr")                    \
	IRQ(LR_LATCH,         "lr_latch: lr_pending")                                              \
	IRQ(LR_HW,            "lr_hw: hw_active, not by_el2; not both active and lr_pending")      \
	IRQ(LR_SOURCE,        "lr_source_valid: an SGI of a GICv2")                                \
	IRQ(LR_AGAIN,         "lr_again: its list register is in the hardware, and not dirty")     \
	IRQ(HW_AGAIN,         "hw_again: lr_hw")                                                   \
	IRQ(ASKED,            "activate, deactivate: its list register is dirty")                  \
	/* The physical interrupt */                                                               \
	IRQ(FORWARDED,        "sampled, by_el2, hw_active: hw")                                    \
	IRQ(SAMPLED_LINE,     "line, with hw: sampled, hw_active, not edge")                       \
	IRQ(HW_WHY,           "hw_active, of an SPI: active, pending or lr")                       \
	/* What it is */                                                                           \
	IRQ(PRIVATE,          "a private one: its target is its vCPU, and not nowhere")            \
	IRQ(SGI,              "an SGI: edge, not hw, no line; of a GICv2: enabled, no latch")      \
	IRQ(SOURCES,          "sources: an SGI of a GICv2, of vCPUs that exist")                   \
	IRQ(PRIORITY,         "its priority is one of those that there are")                       \
	/* A vCPU */                                                                               \
	CPU(LEVELS,           "levels: a bit for each queue with something in it")                 \
	CPU(QUEUES,           "in queues: only queued interrupts of this vCPU and priority")       \
	CPU(SPILLED_ORDER,    "in the spilled list: spilled ones of this vCPU, in order")          \
	CPU(MOVING_LIST,      "in the moving list: moving ones of this vCPU; none if AT_REST")     \
	CPU(USED,             "used: a bit for each list register that stands for an interrupt")   \
	CPU(LR_MASKS,         "dirty, lines: of those in use; lines: the sampled ones")            \
	CPU(RESYNC,           "dirty, sync_request: resync")                                       \
	CPU(HEARD,            "loaded, not resync: maintenance tells of queued and spilled ones")  \
	CPU(SAVED,            "not loaded: saved list registers have the known contents")          \
	CPU(HW_PRIVATE,       "hw_private: a bit for each private interrupt that is hw")
/* clang-format on */

enum vgic_rule {
#define VGIC_RULE(name, text) VGIC_RULE_##name,
	VGIC_RULES(VGIC_RULE, VGIC_RULE)
#undef VGIC_RULE
	    VGIC_NR_RULES
};

#define VGIC_NO_LR 0xff

struct vgic_irq {
	struct vgic_irq *next; /* QUEUED, SPILLED, MOVING: in that list, circular; else NULL */
	struct vgic_irq *prev;
	uint64_t router; /* v3: GICD_IROUTER, as written */
	uint16_t intid;
	uint16_t pintid;	 /* if hw: the physical interrupt's number */
	uint8_t priority;	 /* as the guest wrote it, top five bits */
	uint8_t active_priority; /* if active: the one with which it was acknowledged */
	uint8_t target;		 /* index of the vCPU that it is routed to */
	uint8_t lr;		 /* LISTED: which list register of its owner; else VGIC_NO_LR */
	uint8_t owner;		 /* index of the vCPU whose lock guards it */
	uint8_t targets;	 /* v2: GICD_ITARGETSR, as written */
	uint8_t sources;	 /* v2 SGIs: vCPUs that sent it, not delivered yet */
	uint8_t lr_source;	 /* v2 SGIs: the sender that was delivered last */

	/* What decides over delivery */
	bool enabled : 1;   /* GICD_ISENABLER */
	bool group1 : 1;    /* GICD_IGROUPR */
	bool edge : 1;	    /* GICD_ICFGR; else by level: pending as long as its line is high */
	bool latch : 1;	    /* pending by an edge, by a register, by an SGI (v3) */
	bool line : 1;	    /* its line is high; a physical one: when it was looked at last */
	bool active : 1;    /* acknowledged, and not deactivated, as last known */
	bool nowhere : 1;   /* routed to nobody: waits until it is routed to somebody */
	bool hw_active : 1; /* the physical interrupt is active on behalf of this one */

	/* What is known of its list register, and asked of it */
	bool lr_pending : 1;	  /* it was pending when it was looked at last */
	bool lr_latch : 1;	  /* that was by the latch, which has been taken */
	bool lr_hw : 1;		  /* it has the HW bit: it deactivates the physical interrupt */
	bool lr_source_valid : 1; /* it has a v2 SGI from lr_source, which has been taken */
	bool lr_again : 1;	  /* what was written last, once more, would make it pending */
	bool hw_again : 1;	  /* the physical one has come again: its contents are over */
	bool activate : 1;	  /* asked: make it active */
	bool deactivate : 1; /* asked: make it inactive; before `activate`, if both are asked */

	/* Where it stands, and what it stands for */
	bool spilled : 1; /* SPILLED */
	bool moving : 1;  /* MOVING */
	bool hw : 1;	  /* is a forwarded physical interrupt */
	bool sampled : 1; /* if so: by level, and vgic_host_ops.sample() tells its line */
	bool by_el2 : 1;  /* if so: EL2 deactivates the physical one, no list register does */

	uint8_t active_bit; /* SPILLED: which of the active priorities is its own */
};

/* A circular list of interrupts, the first one in front */
struct vgic_queue {
	struct vgic_irq *first;
};

struct vgic_cpu {
	struct vgic *vgic;
	struct lock lock; /* guards its private interrupts, its SPIs, and all below */
	unsigned int id;
	uint64_t mpidr;
	uint64_t sgi1r_self; /* v3: what a write of ICC_SGI1R_EL1 says if it is to itself alone */
	struct vgic_irq *private_irqs; /* VGIC_NR_PRIVATE; for vgic_get_private() */

	/* What stands in no list register; `levels` is read without the lock */
	uint32_t hw_private; /* private interrupts that are forwarded ones */
	uint32_t levels;     /* bit n: queue[n] is not empty */
	struct vgic_queue queue[VGIC_LEVELS];
	struct vgic_queue spilled; /* the highest priority first */
	struct vgic_queue moving;

	/* List registers; touched on the CPU where the vCPU is loaded, if it is */
	bool loaded;
	bool sync_request; /* another vCPU wants to know what is in the list registers */
	uint32_t asked;	   /* this vCPU waits for such answers: from INTID asked - 1 on; or 0 */
	bool resync;	/* there is something to do before the next entry; read without the lock */
	bool waiting;	/* what is queued may have been so for long: lines are looked at again */
	uint16_t used;	/* list registers that stand for an interrupt, perhaps one that is over */
	uint16_t dirty; /* of these: something of the interrupt has changed */
	uint16_t lines; /* of these: the interrupt is sampled */
	uint32_t maintenance;		       /* VGIC_MAINT_*, as set last */
	struct vgic_irq *lr_irq[VGIC_MAX_LRS]; /* NULL where not in use */
	struct vgic_lr lrs[VGIC_MAX_LRS];      /* their contents, while not loaded */
	uint64_t lr_raw[VGIC_MAX_LRS];	       /* as written last; the back end's */

	/* The virtual CPU interface while not loaded; the back end's */
	uint32_t vmcr;
	uint32_t apr[8]; /* v2: one; v3: AP0R0-3, AP1R0-3 */
};

struct vgic {
	unsigned int version;
	unsigned int nr_cpus;
	unsigned int nr_irqs;
	unsigned int nr_lrs;
	const struct vgic_lr_ops *lr;
	const struct vgic_host_ops *host;
	struct vgic_cpu **cpus;
	struct vgic_irq *spis; /* for vgic_get_spi() */
	uint32_t always;       /* VGIC_MAINT_*, of all vCPUs at all times */

	/*
	 * GICD_CTLR: the groups that are on. vgic_set_groups() changes them under no lock, and
	 * has every interrupt looked at again afterwards.
	 */
	bool enable_group0;
	bool enable_group1;
};

/*
 * The look-up: nothing else knows how interrupts are kept. INTIDs from 8192 on, LPIs (IHI 0069, 5),
 * have their place in vgic_get(); there are none yet.
 */

/* The private interrupt of a vCPU; intid is below VGIC_NR_PRIVATE. */
static inline struct vgic_irq *vgic_get_private(const struct vgic_cpu *cpu, uint32_t intid)
{
	return &cpu->private_irqs[intid];
}

/* The SPI; intid is from VGIC_NR_PRIVATE on, and below nr_irqs. */
static inline struct vgic_irq *vgic_get_spi(const struct vgic *vgic, uint32_t intid)
{
	return &vgic->spis[intid - VGIC_NR_PRIVATE];
}

/* The interrupt with any INTID, as `cpu` sees it; NULL if there is none. */
static inline struct vgic_irq *vgic_get(const struct vgic *vgic, const struct vgic_cpu *cpu,
					uint32_t intid)
{
	if (intid < VGIC_NR_PRIVATE)
		return vgic_get_private(cpu, intid);
	if (intid < vgic->nr_irqs)
		return vgic_get_spi(vgic, intid);
	return NULL;
}

/* The same for a number that a guest gives: not even speculation gets beyond what there is. */
static inline struct vgic_irq *vgic_get_for_guest(const struct vgic *vgic,
						  const struct vgic_cpu *cpu, uint32_t intid)
{
	uint32_t spi = intid - VGIC_NR_PRIVATE;

	if (intid < VGIC_NR_PRIVATE)
		return vgic_get_private(cpu, (uint32_t)nospec_index(intid, VGIC_NR_PRIVATE));
	if (intid >= vgic->nr_irqs)
		return NULL;
	return &vgic->spis[nospec_index(spi, vgic->nr_irqs - VGIC_NR_PRIVATE)];
}

/* The vCPU whose lock guards the interrupt, and which holds it, if any does. */
static inline struct vgic_cpu *vgic_owner(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return vgic->cpus[irq->owner];
}

/* True if the interrupt asks to be delivered, wherever it stands. */
static inline bool vgic_is_pending(const struct vgic_irq *irq)
{
	return irq->latch || (!irq->edge && irq->line) || irq->sources;
}

/* True if GICD_CTLR lets the interrupt's group through. */
static inline bool vgic_group_is_on(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return irq->group1 ? vgic->enable_group1 : vgic->enable_group0;
}

/* True if the interrupt may be given to its target. */
static inline bool vgic_is_deliverable(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return irq->enabled && !irq->active && !irq->nowhere && vgic_is_pending(irq) &&
	       vgic_group_is_on(vgic, irq);
}

/* True if the pending state is that of a physical line, which vgic_host_ops.sample() tells. */
static inline bool vgic_follows_line(const struct vgic_irq *irq)
{
	return irq->sampled && !irq->edge;
}
