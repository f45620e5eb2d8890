"""A disk of the machine: how fast a guest reads it that it was passed through to, beside
Linux without a hypervisor, and what its interrupts cost in exits.

The disk is a file of zeroes in QEMU's own memory. Time is the wall's: the two take turns,
and only their ratio means something.
"""

import pathlib
import re
import statistics
import tempfile

from linux import BOOTARGS, Console, KERNEL, ROOTFS, exits
from systems import BUILD, Trouble, WORK

MODULES = BUILD / "guests/modules.cpio.gz"
DESCRIPTION = BUILD / "boot/disk.dtb"
MEGABYTES = 256
COUNTED = 16
RUNS = 7
PROMPT = b"Enter 'help' for a list"
MACHINE = ["qemu-system-aarch64", "-cpu", "cortex-a57", "-smp", "1", "-display", "none",
           "-monitor", "none", "-nic", "none", "-serial", "stdio"]
# The kernel's log has times in microseconds.
READ = ("echo 3 >/proc/sys/vm/drop_caches; echo STAMP >/dev/kmsg; "
        "dd if=/dev/vda of=/dev/null bs=1M count=%03u 2>/dev/null; "
        "echo STAMP >/dev/kmsg; dmesg | grep STAMP | tail -n 2")


def disk_options(path):
    return ["-drive", f"if=none,id=disk,format=raw,file={path},readonly=on",
            "-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31"]


def systems(disk, folder):
    """{name: QEMU's command}, each with the same memory for Linux."""
    initrd = pathlib.Path(folder) / "initrd"
    initrd.write_bytes(ROOTFS.read_bytes() + MODULES.read_bytes())
    return {
        "native": [*MACHINE, "-M", "virt,gic-version=3", "-m", "512M", *disk_options(disk),
                   "-kernel", str(KERNEL), "-initrd", str(initrd), "-append",
                   f"{BOOTARGS} hostname=linux-a"],
        "Bulkhead": [*MACHINE, "-M", "virt,virtualization=on,gic-version=3", "-m", "2G",
                     *disk_options(disk), "-kernel", str(BUILD / "bulkhead.img"), "-initrd",
                     str(DESCRIPTION)]}


def ask(console, command, pattern):
    """What a command in the guest prints."""
    console.send(f"{command}; echo en''d\n")
    text = console.collect(b"end").decode("ascii", "replace")
    found = re.search(pattern, text, re.S)
    if not found:
        raise Trouble(f"no {pattern!r} in {text!r}")
    return found


def read_rate(console, megabytes=MEGABYTES):
    """MB/s of one reading, of which nothing has been cached."""
    found = ask(console, READ % megabytes, r"\[ *([0-9.]+)\] STAMP.*?\[ *([0-9.]+)\] STAMP")
    return megabytes * 1048576 / 1e6 / (float(found[2]) - float(found[1]))


def interrupts(console):
    """The disk's and the timer's, so far."""
    found = ask(console, "awk '/virtio0/ { v = $2 } /arch_timer/ { t = $2 } END "
                "{ print \"irqs\", v, t }' /proc/interrupts", r"irqs (\d+) (\d+)")
    return int(found[1]), int(found[2])


def count_exits(command):
    """Interrupts of disk and timer, and exits by reason, that it takes to read COUNTED MiB by pages.

    Typing the command, and what it prints, exit too: what the same takes without a byte of the
    disk is subtracted.
    """
    log = WORK / "disk-exits.log"
    small = "cd /sys/block/vda/queue; echo 4 >max_sectors_kb; echo 0 >read_ahead_kb; cd; echo sm''all"
    counts = []
    with Console([*command, "-d", "int", "-D", str(log)]) as console:
        console.expect(PROMPT)
        ask(console, small, "small")  # an interrupt for each page
        for megabytes in (0, COUNTED):
            before = interrupts(console)
            begin = log.stat().st_size
            read_rate(console, megabytes)
            end = log.stat().st_size
            after = interrupts(console)
            counts.append((after[0] - before[0], after[1] - before[1], exits(log, begin, end)))
    log.unlink()
    (disk_0, timer_0, exits_0), (disk_all, timer_all, exits_all) = counts
    exits_all.subtract(exits_0)
    return disk_all - disk_0, timer_all - timer_0, exits_all


def measure():
    """The lines for the document."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        disk = pathlib.Path(folder) / "disk.img"
        with disk.open("wb") as file:
            file.truncate(MEGABYTES << 20)
        commands = systems(disk, folder)
        rates = {name: [] for name in commands}
        consoles = {name: Console(command) for name, command in commands.items()}
        for console in consoles.values():
            console.__enter__()
        try:
            for console in consoles.values():
                console.expect(PROMPT)
                read_rate(console)  # the file's pages are there now
            for _ in range(RUNS):
                for name, console in consoles.items():
                    rates[name].append(read_rate(console))
        finally:
            for console in consoles.values():
                console.__exit__(None, None, None)
        disk_irqs, timer_irqs, found = count_exits(commands["Bulkhead"])
    medians = {name: statistics.median(values) for name, values in rates.items()}
    lines = ["", f"A passed virtio disk, {MEGABYTES} MiB read in order: MB/s, median of {RUNS} "
             "that took turns"]
    for name, values in rates.items():
        lines.append(f"{name:36}{medians[name]:8.0f}   ({min(values):.0f} to {max(values):.0f})"
                     f"   {medians[name] / medians['native']:.3f}")
    lines += ["", f"Exits for {COUNTED} MiB by pages: {disk_irqs} interrupts of the disk, {timer_irqs} of "
              "the timer"]
    for reason, n in found.most_common():
        lines.append(f"{reason:36}{n:8}")
    return lines


if __name__ == "__main__":
    print("\n".join(measure()))
