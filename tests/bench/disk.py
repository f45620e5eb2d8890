# SPDX-License-Identifier: BSD-2-Clause
"""A disk that is passed through to Linux: what it exits for, and how fast it is.

The disk is QEMU's virtio-blk, read with O_DIRECT, so that every block that dd reads is a
request to the device and at least one interrupt from it. One CPU, so that no other one's
interrupts are counted.
"""

import collections
import contextlib
import os
import re
import statistics

from linux import BOOTARGS, CLASSES, KERNEL, ROOTFS, Console
from systems import BUILD, WORK, Trouble

MODULES = BUILD / "guests/modules.cpio.gz"
DESCRIPTION = BUILD / "boot/disk.dtb"
DISK = WORK / "disk.img"
MIB = 1 << 20
DISK_SIZE = 256 * MIB
# Bytes of a block, blocks, how often: what takes half a second.
READS = [(4 * MIB, 64, 4), (64 * 1024, 2048, 1), (4096, 4096, 1)]
BOOTS = 2
TURNS = 8
REQUESTS = 4096
# Reaches a page where nothing is. The abort is the only one of user space that goes to EL2.
MARK = "{ devmem 0xb000000; } 2>/dev/null"


def machine(board, gic, memory, cpu="cortex-a57"):
    """QEMU's options for a machine with the disk and one CPU."""
    return ["qemu-system-aarch64", "-M", f"{board},gic-version={gic},dtb-randomness=off", "-cpu", cpu, "-smp", "1",
            "-m", memory, "-display", "none", "-monitor", "none", "-nic", "none",
            "-serial", "stdio", "-drive", f"if=none,id=disk,format=raw,file={DISK},readonly=on",
            "-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31"]


def make_disk():
    """Random bytes: a file with holes would not be read."""
    WORK.mkdir(parents=True, exist_ok=True)
    if not DISK.exists() or DISK.stat().st_size != DISK_SIZE:
        new = WORK / f"disk.img.{os.getpid()}"
        with new.open("wb") as file:
            for _ in range(DISK_SIZE // MIB):
                file.write(os.urandom(MIB))
        new.replace(DISK)  # another test may read it


def systems(gic):
    """{system: QEMU's command line}, with the same kernel, initramfs, memory and disk for Linux."""
    make_disk()
    initrd = WORK / f"linux-disk-gicv{gic}.cpio.gz"
    initrd.write_bytes(ROOTFS.read_bytes() + MODULES.read_bytes())
    return {"native": [*machine("virt", gic, "512M"), "-kernel", str(KERNEL),
                       "-initrd", str(initrd), "-append", BOOTARGS],
            "Bulkhead": [*machine("virt,virtualization=on", gic, "2G"),
                         "-kernel", str(BUILD / "bulkhead.img"), "-initrd", str(DESCRIPTION)]}


class Shell(Console):
    """A running Linux with its shell."""

    def __init__(self, command):
        super().__init__(command)
        self.count = 0

    def __enter__(self):
        super().__enter__()
        try:
            self.expect(b"Enter 'help' for a list")
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def run(self, line):
        """Types a line, which has to succeed. Returns what it printed, with its echo."""
        self.count += 1
        # Neither the echo of what is typed nor a command that failed has the mark.
        self.send(f"{{ {line}; }} && echo do''ne-{self.count}- || echo fai''led\n")
        text = self.expect(f"done-{self.count}-".encode(), failure=b"failed")
        return text.decode(errors="replace")


# ---- Exits ------------------------------------------------------------------------------------

def exits_between_marks(log):
    """{reason: how many} from the first mark to the second in QEMU's log of exceptions."""
    found, marks = collections.Counter(), 0
    entry = re.compile(rb"Taking exception \d+ \[([^]]+)\] on CPU \d+\n"
                       rb"\.\.\.from EL([01]) to EL2\n\.\.\.with ESR (0x[0-9a-f]+)")
    for kind, level, syndrome in entry.findall(log.read_bytes()):
        # The syndrome that the log has for an interrupt is of the last exception.
        interrupt = kind in (b"IRQ", b"FIQ")
        if not interrupt and level == b"0" and int(syndrome, 16) == 0x24:
            marks += 1
        elif marks == 1:
            found["interrupt" if interrupt else CLASSES.get(int(syndrome, 16), kind.decode())] += 1
    if marks != 2:
        raise Trouble(f"{marks} marks in {log}")
    return found


def interrupts(text):
    """{device: how many} of what /proc/interrupts had, on one CPU."""
    return {name: int(count)
            for count, name in re.findall(r"^.*\d+: +(\d+) .*?(\S+)\r?$", text, re.M)}


def count_exits(gic):
    """While Linux reads: {reason: exits}, {device: interrupts that it counted}."""
    log = WORK / f"disk-exits-gicv{gic}.log"
    command = systems(gic)["Bulkhead"] + ["-d", "int", "-D", str(log)]
    with Shell(command) as shell:
        shell.run(f"{MARK}; cat /proc/interrupts >/tmp/before; "
                  f"dd if=/dev/vda of=/dev/null bs=4k count={REQUESTS} iflag=direct 2>/dev/null; "
                  f"cat /proc/interrupts >/tmp/after; ! {MARK}")
        before, after = (shell.run(f"cat /tmp/{name}") for name in ("before", "after"))
    found = exits_between_marks(log)
    log.unlink()
    start, end = interrupts(before), interrupts(after)
    return found, {name: end[name] - start[name] for name in end if end[name] != start[name]}


def measure_exits(lines):
    """For the table."""
    result = {}
    lines.append(f"Exits of Linux that reads {REQUESTS} blocks of 4 KiB from a disk passed through")
    for gic in (3, 2):
        exits, counted = result[gic] = count_exits(gic)
        lines.append(f"GICv{gic}: " + ", ".join(f"{count} {reason}" for reason, count
                                              in exits.most_common()) +
                     "; interrupts that Linux counted: " +
                     ", ".join(f"{count} {name}" for name, count in counted.items()))
    return result


# ---- Throughput -------------------------------------------------------------------------------

def throughput(shell, size, count, times):
    """Bytes a second, by the guest's clock."""
    now = "sed -n '/^now at/p' /proc/timer_list"
    text = shell.run(f"{now}; for n in $(seq {times}); do dd if=/dev/vda of=/dev/null bs={size} "
                     f"count={count} iflag=direct; done; {now}")
    begin, end = map(int, re.findall(r"now at (\d+) nsecs", text))
    if text.count(f"{count}+0 records in") != times:
        raise Trouble(f"not all of the disk was read: {text}")
    return size * count * times * 1e9 / (end - begin)


def take_turns(shells, found):
    """Each system reads while the other one waits for input, first one, then the other first."""
    for shell in shells.values():
        throughput(shell, *READS[0])  # until the build machine has the file in memory
    for turn in range(TURNS):
        for read in READS:
            for name in sorted(shells, reverse=turn % 2 == 1):
                found[read][name].append(throughput(shells[name], *read))


def measure_throughput(lines, gic=3):
    """Native and under Bulkhead. Returns {bytes of a block: ratio}.

    The build machine's speed changes from minute to minute: what is compared is what
    was measured within the same second.
    """
    commands = systems(gic)
    found = {read: {name: [] for name in commands} for read in READS}
    for _ in range(BOOTS):
        with contextlib.ExitStack() as stack:
            take_turns({name: stack.enter_context(Shell(command))
                        for name, command in commands.items()}, found)
    ratios = {}
    lines.append("Linux on one CPU reads from a virtio disk, MiB/s; ratio: the median of "
                 f"{BOOTS * TURNS} turns")
    lines.append(f"{'':24}{'native':>10}{'Bulkhead':>10}{'ratio':>8}")
    for read, rates in found.items():
        native, ours = rates["native"], rates["Bulkhead"]
        ratios[read[0]] = statistics.median(b / a for a, b in zip(native, ours))
        lines.append(f"{'blocks of ' + str(read[0] // 1024) + ' KiB':24}"
                     f"{statistics.median(native) / MIB:10.1f}{statistics.median(ours) / MIB:10.1f}"
                     f"{ratios[read[0]]:8.2f}")
    return ratios


def measure():
    """The figures as text. Throughput is of this machine and this minute."""
    lines = []
    measure_exits(lines)
    lines.append("")
    measure_throughput(lines)
    return "\n".join(lines)
