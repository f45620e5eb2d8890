// SPDX-License-Identifier: BSD-2-Clause
/*
 * The emulated PL011 UART (DDI 0183). Register and bit names are that
 * document's. vpl011.lock guards the state; reads of FR take no lock.
 */
#include "vdev/vpl011.h"

#include "arm64/atomic.h"
#include "console/console.h"

#define REG(offset) ((offset) / 4)

/* Bits that can be written, of the registers that just keep their values. */
/* clang-format off */
static const uint16_t write_masks[VPL011_NR_REGS] = {
	[REG(PL011_ILPR)]  = 0x00ff,
	[REG(PL011_IBRD)]  = 0xffff,
	[REG(PL011_FBRD)]  = 0x003f,
	[REG(PL011_LCR_H)] = 0x00ff,
	[REG(PL011_CR)]    = 0xff87,
	[REG(PL011_IFLS)]  = 0x003f,
	[REG(PL011_IMSC)]  = PL011_INT_ALL,
	[REG(PL011_DMACR)] = 0x0007,
};
/* clang-format on */

/* PeriphID: part 0x011, designer 0x41 (Arm), revision 3 (r1p5); PCellID. */
static const uint8_t id_regs[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static bool fifos_are_on(const struct vpl011 *uart)
{
	return (uart->regs[REG(PL011_LCR_H)] & PL011_LCR_H_FEN) != 0;
}

static bool is_loopback(const struct vpl011 *uart)
{
	return (uart->regs[REG(PL011_CR)] & PL011_CR_LBE) != 0;
}

static unsigned int rx_depth(const struct vpl011 *uart)
{
	return fifos_are_on(uart) ? VPL011_FIFO_SIZE : 1;
}

/* The FIFO level that raises the receive interrupt (3.3.9). */
static unsigned int rx_trigger(const struct vpl011 *uart)
{
	static const uint8_t levels[] = {4, 8, 16, 24, 28, 28, 28, 28};

	if (!fifos_are_on(uart))
		return 1;
	return levels[FIELD_GET(PL011_IFLS_RX, uart->regs[REG(PL011_IFLS)])];
}

/*
 * Receive interrupts are levels. By the document, ICR clears them until more is received or time
 * passes. Time passes at once here: they cannot be cleared while there is something to read, and no
 * character is ever forgotten. Errors and modem signals do not occur.
 */
static uint32_t raw_interrupts(const struct vpl011 *uart)
{
	uint64_t ris = 0;

	if (uart->rx_count >= rx_trigger(uart))
		ris |= PL011_INT_RX;
	if (uart->rx_count > 0 && fifos_are_on(uart))
		ris |= PL011_INT_RT;
	if (uart->tx_irq)
		ris |= PL011_INT_TX;
	return (uint32_t)ris;
}

/* The modem's signals: the console is always there; in loopback they are the UART's own (3.3.8). */
static uint64_t modem_flags(const struct vpl011 *uart)
{
	uint64_t cr = uart->regs[REG(PL011_CR)], flags = 0;

	if (!is_loopback(uart))
		return PL011_FR_CTS | PL011_FR_DSR | PL011_FR_DCD;
	if ((cr & PL011_CR_RTS) != 0)
		flags |= PL011_FR_CTS;
	if ((cr & PL011_CR_DTR) != 0)
		flags |= PL011_FR_DSR;
	if ((cr & PL011_CR_OUT1) != 0)
		flags |= PL011_FR_DCD;
	if ((cr & PL011_CR_OUT2) != 0)
		flags |= PL011_FR_RI;
	return flags;
}

/* Brings FR and the interrupt line up to date after any change. */
static void update(struct vpl011 *uart)
{
	uint64_t flags = modem_flags(uart);
	bool level = (raw_interrupts(uart) & uart->regs[REG(PL011_IMSC)]) != 0;

	lock_assert_held(&uart->lock);
	if (uart->rx_count == 0)
		flags |= PL011_FR_RXFE;
	if (uart->rx_count >= rx_depth(uart))
		flags |= PL011_FR_RXFF;
	atomic_store(&uart->flags, (uint32_t)flags);

	if (level != uart->irq_level) {
		uart->irq_level = level;
		vdev_set_line(&uart->vdev, level);
	}
}

/*
 * Two loads suffice without the lock. The receiver's bits change together in one word. The
 * transmitter's depend on the ring alone, which may change at any time, as a FIFO drains.
 */
static inline uint32_t read_flags(const struct vpl011 *uart)
{
	uint32_t flags = atomic_load(&uart->flags);

	if (console_port_is_full(&uart->port))
		return flags | (uint32_t)(PL011_FR_TXFF | PL011_FR_BUSY);
	return flags | (uint32_t)PL011_FR_TXFE;
}

static bool receive(struct vpl011 *uart, uint8_t c)
{
	if (uart->rx_count >= rx_depth(uart))
		return false;
	uart->rx[(uart->rx_head + uart->rx_count) % VPL011_FIFO_SIZE] = c;
	uart->rx_count++;
	return true;
}

/*
 * True if a character that was refused has room now: the console is to try again. The lock is held.
 */
static bool wants_input(struct vpl011 *uart)
{
	lock_assert_held(&uart->lock);
	if (!uart->rx_refused || is_loopback(uart) || uart->rx_count >= rx_depth(uart))
		return false;
	uart->rx_refused = false;
	return true;
}

/*
 * The transmit interrupt is raised when a character leaves, as in hardware: not when it is enabled,
 * and not again once ICR has cleared it. While the ring is full nothing leaves.
 */
static void raise_tx(struct vpl011 *uart)
{
	uart->tx_irq = true;
	if (console_port_is_full(&uart->port)) {
		atomic_store(&uart->port.wants_room, true);
		/*
		 * Orders the store of wants_room before the load of tail. The console stores tail,
		 * then loads wants_room: at least one of the two CPUs sees the other's store.
		 */
		dmb(ish);
		uart->tx_irq = !console_port_is_full(&uart->port);
	}
}

/* Returns whether the console must be kicked. */
static bool transmit(struct vpl011 *uart, uint8_t c)
{
	bool kick = false;

	if (is_loopback(uart))
		receive(uart, c);
	else
		kick = console_port_put(&uart->port, c);
	raise_tx(uart);
	return kick;
}

static uint8_t read_data(struct vpl011 *uart)
{
	uint8_t c;

	if (uart->rx_count == 0)
		return 0;
	c = uart->rx[uart->rx_head];
	uart->rx_head = (uint8_t)((uart->rx_head + 1) % VPL011_FIFO_SIZE);
	uart->rx_count--;
	return c;
}

static uint32_t read_reg(struct vpl011 *uart, unsigned int offset)
{
	switch (offset) {
	case PL011_DR:
		return read_data(uart);
	case PL011_FR:
		return read_flags(uart);
	case PL011_RIS:
		return raw_interrupts(uart);
	case PL011_MIS:
		return raw_interrupts(uart) & uart->regs[REG(PL011_IMSC)];
	default:
		if (offset >= PL011_ID && REG(offset - PL011_ID) < ARRAY_SIZE(id_regs))
			return id_regs[REG(offset - PL011_ID)];
		/* Reserved registers are never written, and so read as zero. */
		return REG(offset) < VPL011_NR_REGS ? uart->regs[REG(offset)] : 0;
	}
}

/* Returns whether the console must be kicked. */
static bool write_reg(struct vpl011 *uart, unsigned int offset, uint32_t value)
{
	if (offset == PL011_DR)
		return transmit(uart, (uint8_t)value);
	if (offset == PL011_ICR) {
		if ((value & PL011_INT_TX) != 0)
			uart->tx_irq = false;
	} else if (REG(offset) < VPL011_NR_REGS) {
		uart->regs[REG(offset)] = (uint16_t)(value & write_masks[REG(offset)]);
	}
	return false;
}

/* Any access, under the lock. */
static __attribute__((noinline)) enum mmio_result access_locked(struct vpl011 *uart,
								struct mmio_access *access)
{
	unsigned int byte = access->offset % 4;
	unsigned int offset = (unsigned int)access->offset - byte;
	bool kick = false;

	/* The bus is 32 bits wide. */
	if (byte + access->size > 4)
		return MMIO_FAULT;

	lock_acquire(&uart->lock);
	if (!access->write)
		access->value =
		    (read_reg(uart, offset) >> (8 * byte)) & GENMASK(8 * access->size - 1, 0);
	else if (byte == 0)
		kick = write_reg(uart, offset, (uint32_t)access->value);
	kick |= wants_input(uart);
	update(uart);
	lock_release(&uart->lock);

	if (kick)
		uart->port.kick(&uart->port);
	return MMIO_OK;
}

/*
 * Guests mostly poll FR, which takes neither lock nor stack frame. Bit 8 (RI) is beyond a byte's
 * read.
 */
enum mmio_result vpl011_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	struct vpl011 *uart = dev;

	(void)vcpu;
	if (access->offset == PL011_FR && !access->write && access->size <= 4) {
		uint32_t flags = read_flags(uart);

		access->value = access->size == 1 ? (uint8_t)flags : flags;
		return MMIO_OK;
	}
	return access_locked(uart, access);
}

/* See console_port.room: the transmitter's FIFO has drained. */
static void vpl011_room(struct console_port *port)
{
	struct vpl011 *uart = container_of(port, struct vpl011, port);

	lock_acquire(&uart->lock);
	raise_tx(uart);
	update(uart);
	lock_release(&uart->lock);
}

/* See console_port.input. */
static bool vpl011_input(struct console_port *port, uint8_t c)
{
	struct vpl011 *uart = container_of(port, struct vpl011, port);
	bool taken;

	lock_acquire(&uart->lock);
	/* In loopback the line is cut off. */
	taken = !is_loopback(uart) && receive(uart, c);
	if (!taken)
		uart->rx_refused = true;
	update(uart);
	lock_release(&uart->lock);
	return taken;
}

static void reset_regs(struct vpl011 *uart)
{
	lock_acquire(&uart->lock);
	for (unsigned int i = 0; i < VPL011_NR_REGS; i++)
		uart->regs[i] = 0;
	uart->regs[REG(PL011_CR)] = PL011_CR_TXE | PL011_CR_RXE;
	uart->regs[REG(PL011_IFLS)] = 0x12;
	uart->rx_head = 0;
	uart->rx_count = 0;
	uart->tx_irq = false;
	update(uart);
	lock_release(&uart->lock);
}

/* Received characters are gone, the line is low; output in the ring is kept. */
static void reset(struct vdev *vdev)
{
	struct vpl011 *uart = container_of(vdev, struct vpl011, vdev);

	reset_regs(uart);
	console_stop_vm(&uart->port);
}

static void start(struct vdev *vdev)
{
	console_start_vm(&container_of(vdev, struct vpl011, vdev)->port);
}

static const struct vdev_ops vpl011_ops = {.reset = reset, .start = start};

void vpl011_init(struct vpl011 *uart)
{
	*uart = (struct vpl011){.vdev = {.ops = &vpl011_ops}, .lock = LOCK_INIT(LOCK_VPL011, 0)};
	uart->port.room = vpl011_room;
	uart->port.input = vpl011_input;
	reset_regs(uart);
}
