// SPDX-License-Identifier: BSD-2-Clause
/*
 * The distributor's rows: registers with a few bits for each interrupt, of SPIs
 * and private interrupts alike; and the walk from an access to the interrupts
 * that it is about. Bytes, halfwords and words are all accepted where the
 * manuals leave it open.
 *
 * An access takes the lock of each interrupt's owner, once for neighbours that
 * have the same owner.
 */
#include "vdev/vgic_dist.h"

#include "arm64/gic.h"
#include "vdev/vgic_forward.h"
#include "vdev/vgic_irq.h"
#include "vdev/vgic_lr.h"

static uint64_t read_group(struct vgic *vgic, struct vgic_irq *irq)
{
	(void)vgic;
	return irq->group1;
}

static void write_group(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	irq->group1 = value;
	vgic_follow_line(vgic, irq);
	vgic_update(vgic, irq);
}

static uint64_t read_enable(struct vgic *vgic, struct vgic_irq *irq)
{
	(void)vgic;
	return irq->enabled;
}

static void set_enabled(struct vgic *vgic, struct vgic_irq *irq, bool enabled)
{
	irq->enabled = enabled;
	if (enabled)
		vgic_follow_line(vgic, irq);
	vgic_update(vgic, irq);
}

static void write_set_enable(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	if (value)
		set_enabled(vgic, irq, true);
}

static void write_clear_enable(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	/* v2: SGIs are always enabled (IHI 0048, 4.3.5: implementation defined) */
	if (value && !(vgic->version == 2 && irq->intid < VGIC_NR_SGIS))
		set_enabled(vgic, irq, false);
}

/* But for the level of a physical line, which row_access() adds. */
static uint64_t read_pending(struct vgic *vgic, struct vgic_irq *irq)
{
	(void)vgic;
	if (vgic_follows_line(irq))
		return irq->latch || (irq->lr_pending && irq->lr_latch);
	return vgic_is_pending(irq) || irq->lr_pending;
}

static void write_set_pending(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	/* v2: SGIs become pending by GICD_SPENDSGIR only (IHI 0048, 4.3.7) */
	if (value && !(vgic->version == 2 && irq->intid < VGIC_NR_SGIS)) {
		irq->latch = true;
		vgic_update(vgic, irq);
	}
}

static void write_clear_pending(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	if (value && !(vgic->version == 2 && irq->intid < VGIC_NR_SGIS))
		vgic_clear_pending(vgic, irq);
}

static uint64_t read_active(struct vgic *vgic, struct vgic_irq *irq)
{
	(void)vgic;
	return irq->active;
}

static void write_set_active(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	if (value)
		vgic_activate(vgic, irq);
}

static void write_clear_active(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	if (value)
		vgic_deactivate(vgic, irq);
}

static uint64_t read_priority(struct vgic *vgic, struct vgic_irq *irq)
{
	(void)vgic;
	return irq->priority;
}

static void write_priority(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	uint8_t priority = (uint8_t)value & VGIC_PRIORITY_MASK;

	vgic_unqueue(vgic, irq);
	irq->priority = priority;
	vgic_update(vgic, irq);
}

static uint64_t read_config(struct vgic *vgic, struct vgic_irq *irq)
{
	(void)vgic;
	return irq->edge ? 2 : 0;
}

static void write_config(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	bool edge;

	/* SGIs are edge-triggered; private interrupts' lines are as they are. */
	if (irq->intid < VGIC_NR_PRIVATE)
		return;
	edge = value & 2;
	/* If it is pending now it stays so (IHI 0069, GICD_ICFGR<n>: UNKNOWN). */
	if (irq->sampled && edge && !irq->edge && irq->line) {
		irq->latch = true;
		irq->line = false;
	}
	irq->edge = edge;
	vgic_update(vgic, irq);
}

#define VGIC_ROW(reg, len, bits, r, w)                                                             \
	[(reg) >> VGIC_ROW_SHIFT] = {reg, len, bits, false, false, r, w}
#define VGIC_ONES(reg, lrs, r, w) [(reg) >> VGIC_ROW_SHIFT] = {reg, 0x80, 1, true, lrs, r, w}

const struct vgic_row vgic_shared_rows[VGIC_NR_ROWS] = {
    VGIC_ROW(GICD_IGROUPR, 0x80, 1, read_group, write_group),
    VGIC_ONES(GICD_ISENABLER, false, read_enable, write_set_enable),
    VGIC_ONES(GICD_ICENABLER, false, read_enable, write_clear_enable),
    VGIC_ONES(GICD_ISPENDR, true, read_pending, write_set_pending),
    VGIC_ONES(GICD_ICPENDR, true, read_pending, write_clear_pending),
    VGIC_ONES(GICD_ISACTIVER, true, read_active, write_set_active),
    VGIC_ONES(GICD_ICACTIVER, true, read_active, write_clear_active),
    VGIC_ROW(GICD_IPRIORITYR, 0x400, 8, read_priority, write_priority),
    VGIC_ROW(GICD_ICFGR, 0x100, 2, read_config, write_config),
};

const struct vgic_row *vgic_find_row(const struct vgic_row *rows, uint64_t offset)
{
	uint64_t index = offset >> VGIC_ROW_SHIFT;

	if (offset >= GICD_IPRIORITYR && offset < GICD_ITARGETSR)
		index = GICD_IPRIORITYR >> VGIC_ROW_SHIFT;
	else if (offset >= GICD_ITARGETSR && offset < GICD_ICFGR)
		index = GICD_ITARGETSR >> VGIC_ROW_SHIFT;
	else if (offset >= GICD_ICFGR && offset < GICD_IGRPMODR)
		index = GICD_ICFGR >> VGIC_ROW_SHIFT;
	else if (index >= VGIC_NR_ROWS)
		return NULL;
	return rows[index].read ? &rows[index] : NULL;
}

/* True if the interrupt's line has to be looked at on its own CPU. */
static bool is_private_line(const struct vgic_irq *irq)
{
	return irq->intid < VGIC_NR_PRIVATE && irq->hw_active && vgic_follows_line(irq);
}

/*
 * Brings up to date what is known of interrupts in the list registers of other
 * vCPUs. A vCPU that runs is asked, and the guest does its access again until
 * the vCPU has answered, by an exit. Returns true if the access can be answered
 * now.
 */
static bool sync_others(struct vgic *vgic, struct vgic_cpu *caller, struct vgic_cpu *cpu,
			uint32_t intid, unsigned int count)
{
	bool answered = true, asked = caller->asked == intid + 1;
	uint32_t first = intid;

	for (; count != 0; count--, intid++) {
		const struct vgic_irq *irq = vgic_get(vgic, cpu, intid);
		struct vgic_cpu *owner;

		if (!irq || atomic_load(&irq->owner) == caller->id)
			continue;
		owner = vgic_lock_irq(vgic, irq);
		if (owner == caller || (irq->lr == VGIC_NO_LR && !is_private_line(irq))) {
			;
		} else if (!owner->loaded) {
			vgic_sync(owner);
		} else if (!asked) {
			owner->sync_request = owner->resync = true;
			vgic->host->kick(owner);
			answered = false;
		} else if (owner->sync_request) {
			answered = false;
		}
		vgic_unlock(owner);
	}
	caller->asked = answered ? 0 : first + 1;
	return answered;
}

/* The caller's own list registers are looked at here and now. */
static void sync_caller(struct vgic_cpu *caller, uint32_t intid)
{
	if (intid < VGIC_NR_PRIVATE)
		caller->vgic->host->refresh(caller);
	lock_acquire(&caller->lock);
	vgic_sync(caller);
	if (caller->hw_private && intid < VGIC_NR_PRIVATE)
		caller->resync = true;
	vgic_unlock(caller);
}

/*
 * The first interrupt that an access is about, or nr_irqs: if it is not there, none that follows
 * it is. Speculation may go beyond the last interrupt by one access.
 */
static inline uint32_t first_of_access(const struct vgic *vgic, uint32_t intid)
{
	return intid < vgic->nr_irqs ? (uint32_t)nospec_index(intid, vgic->nr_irqs) : vgic->nr_irqs;
}

/* Writes a one for each interrupt, as `cpu` sees them, whose bit is set; bit 0 is intid's. */
static __attribute__((noinline)) enum mmio_result write_ones(struct vgic *vgic,
							     const struct vgic_cpu *cpu,
							     uint32_t intid,
							     const struct vgic_row *row,
							     uint64_t bits)
{
	struct vgic_cpu *held = NULL;

	intid = first_of_access(vgic, intid);
	for (; bits; bits &= bits - 1) {
		struct vgic_irq *irq = vgic_get(vgic, cpu, intid + (uint32_t)__builtin_ctzll(bits));

		if (!irq)
			break;
		held = vgic_relock_irq(vgic, held, irq);
		row->write(vgic, irq, 1);
		vgic_sync_absent(vgic, irq);
	}
	if (held)
		vgic_unlock(held);
	return MMIO_OK;
}

/* One SPI is enabled or disabled, as drivers do; mostly nothing follows from that. */
static __attribute__((noinline)) enum mmio_result write_enable(struct vgic *vgic,
							       struct vgic_irq *irq, bool enabled)
{
	struct vgic_cpu *owner = vgic_lock_irq(vgic, irq);

	irq->enabled = enabled;
	if (irq->next || irq->lr != VGIC_NO_LR || vgic_is_pending(irq)) {
		if (enabled)
			vgic_follow_line(owner->vgic, irq);
		vgic_update(owner->vgic, irq);
		vgic_sync_absent(owner->vgic, irq);
	}
	vgic_unlock(owner);
	return MMIO_OK;
}

enum mmio_result vgic_write_enables(struct vgic *vgic, const struct mmio_access *access)
{
	/* Both rows begin at multiples of their length. */
	uint32_t intid = (uint32_t)(access->offset % (GICD_ICENABLER - GICD_ISENABLER)) * 8;
	uint64_t bits = access->value;

	/* If there is no such SPI this is 0, which is taken for a private one's. */
	intid = (uint32_t)nospec_index(intid, vgic->nr_irqs);
	if (intid < VGIC_NR_PRIVATE || bits == 0)
		return MMIO_OK;
	if ((bits & (bits - 1)) == 0 && intid + 31 < vgic->nr_irqs)
		return write_enable(vgic,
				    vgic_get_spi(vgic, intid + (uint32_t)__builtin_ctzll(bits)),
				    access->offset < GICD_ICENABLER);
	/* All vCPUs see the same SPIs. */
	return write_ones(vgic, vgic->cpus[0], intid,
			  &vgic_shared_rows[access->offset >> VGIC_ROW_SHIFT], bits);
}

static __attribute__((noinline)) enum mmio_result row_access(struct vgic *vgic,
							     struct vgic_cpu *caller,
							     struct vgic_cpu *cpu,
							     const struct vgic_row *row,
							     struct mmio_access *access)
{
	unsigned int per_byte = 8 / row->bits;
	uint32_t intid = first_of_access(vgic, (uint32_t)(access->offset - row->offset) * per_byte);
	unsigned int count = access->size * per_byte;
	uint64_t mask = (UINT64_C(1) << row->bits) - 1;
	struct vgic_cpu *held = NULL;

	if (row->lrs && !access->write && !sync_others(vgic, caller, cpu, intid, count))
		return MMIO_AGAIN;
	if (row->lrs && cpu == caller)
		sync_caller(caller, intid);
	for (unsigned int i = 0; i < count; i++, intid++) {
		struct vgic_irq *irq = vgic_get(vgic, cpu, intid);
		unsigned int shift = i * row->bits;

		if (!irq)
			break;
		held = vgic_relock_irq(vgic, held, irq);
		if (access->write) {
			row->write(vgic, irq, access->value >> shift & mask);
			vgic_sync_absent(vgic, irq);
			continue;
		}
		access->value |= row->read(vgic, irq) << shift;
		if (row->read == read_pending && vgic_follows_line(irq))
			access->value |= (uint64_t)vgic_line_is_high(vgic, caller, irq) << shift;
	}
	if (held)
		vgic_unlock(held);
	return MMIO_OK;
}

enum mmio_result vgic_row_access(struct vgic *vgic, struct vgic_cpu *caller, struct vgic_cpu *cpu,
				 const struct vgic_row *row, struct mmio_access *access)
{
	uint32_t intid = (uint32_t)(access->offset - row->offset) * 8;

	if (!row->ones || !access->write)
		return row_access(vgic, caller, cpu, row, access);
	if (row->lrs && cpu == caller)
		sync_caller(caller, intid);
	return write_ones(vgic, cpu, intid, row, access->value);
}

void vgic_set_groups(struct vgic *vgic, bool group0, bool group1)
{
	struct vgic_cpu *held = NULL;

	/*
	 * A CPU that decides by the old value does so under an owner's lock before that is taken
	 * here, and is corrected. A CPU that gets the lock after this one sees the new value.
	 */
	atomic_store(&vgic->enable_group0, group0);
	atomic_store(&vgic->enable_group1, group1);
	for (unsigned int i = VGIC_NR_PRIVATE; i < vgic->nr_irqs; i++) {
		struct vgic_irq *irq = vgic_get_spi(vgic, i);

		held = vgic_relock_irq(vgic, held, irq);
		vgic_follow_line(vgic, irq);
		vgic_update(vgic, irq);
	}
	for (unsigned int c = 0; c < vgic->nr_cpus; c++) {
		for (unsigned int i = 0; i < VGIC_NR_PRIVATE; i++) {
			struct vgic_irq *irq = vgic_get_private(vgic->cpus[c], i);

			held = vgic_relock_irq(vgic, held, irq);
			vgic_update(vgic, irq);
		}
	}
	if (held)
		vgic_unlock(held);
}
