#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots the Linux systems of configs/ and uses them as a person would: waits
for the prompts, types commands, powers off and reboots single guests.
"""

import hashlib
import os
import re
import tempfile

from qemu import BUILD, Fail, Machine
from atf import Case, run  # found through qemu

# Moves the input to the next guest: Ctrl-A is QEMU's, so Bulkhead's escape is Ctrl-T.
NEXT_GUEST = "\x14n"


class Linux:
    """A running system of Linux guests, of which the first has the input."""

    def __init__(self, machine, guests):
        self.machine = machine
        self.guests = guests  # name: number of CPUs
        self.focus = next(iter(guests))

    def expect(self, guest, pattern):
        return self.machine.expect(pattern, vm=guest)

    def wait_greeting(self, guest):
        """Waits for the guest's shell, and compares what it sees with what it was given."""
        seen = self.expect(guest, r"Welcome to (\S+): (\d+) CPUs, (\d+) MiB of memory")
        if seen[1] != guest or int(seen[2]) != self.guests[guest]:
            raise Fail(f"{guest} with {self.guests[guest]} CPUs says {seen[0]!r}")
        # Of its 256 MiB, the kernel keeps some for itself.
        if not 200 <= int(seen[3]) <= 256:
            raise Fail(f"{guest} has {seen[3]} MiB of memory")
        self.expect(guest, "Enter 'help' for a list")

    def focus_on(self, guest):
        """Moves the input to the guest."""
        while self.focus != guest:
            self.machine.send(NEXT_GUEST)
            names = list(self.guests)
            self.focus = names[(names.index(self.focus) + 1) % len(names)]

    def command(self, guest, text):
        """Types a command into the guest. What it prints is to be expected by the caller."""
        self.focus_on(guest)
        self.machine.send(text + "\n")

    def power_off(self, guest):
        self.command(guest, "poweroff")
        self.machine.expect(f"{guest}.* off", vm="bulkhead")


PAIR = {"linux-a": 2, "linux-b": 2}
QUAD = {"linux-a": 1, "linux-b": 1, "linux-c": 1, "linux-d": 1}
SHARED = {"linux-a": 2, "linux-b": 2, "linux-c": 2}
CLANG = BUILD / "clang/bulkhead.img"


def boot(config, guests, body, **machine):
    """Starts a system, waits for all its shells, and calls body(linux)."""
    with Machine(BUILD / f"{config}.dtb", **machine) as qemu:
        linux = Linux(qemu, guests)
        for guest in guests:
            linux.wait_greeting(guest)
        body(linux)


def power_off_all(linux):
    """One guest after the other; with the last one, the machine goes off."""
    *first, last = linux.guests
    for guest in first:
        linux.power_off(guest)
    linux.command(last, "poweroff")
    linux.machine.wait_exit()


def commands(linux):
    """Each guest gets what is typed for it, and nothing else does."""
    for guest in linux.guests:
        linux.command(guest, "echo here $(hostname) $(nproc)")
        linux.expect(guest, f"^here {guest} {linux.guests[guest]}$")
    for guest in linux.guests:
        heard = [text for text in linux.machine.text_of(guest) if text.startswith("here ")]
        if heard != [f"here {guest} {linux.guests[guest]}"]:
            raise Fail(f"{guest} printed {heard}")
    power_off_all(linux)


def ping_pong(linux):
    """The CPUs of every guest wake each other, in all guests at the same time."""
    for guest in linux.guests:
        linux.command(guest, "pingpong 300; pingpong 300 1 0")
    for guest in linux.guests:
        linux.expect(guest, "^pingpong: 300 rounds between CPU 0 and CPU 1")
        linux.expect(guest, "^pingpong: 300 rounds between CPU 1 and CPU 0")
    power_off_all(linux)


def reboot(linux, times=3):
    """One guest reboots while the other counts on without a gap."""
    # In the background: the shell goes on listening.
    linux.command("linux-b",
                  "(i=0; while :; do i=$((i + 1)); echo tick $i; usleep 50000; done) &")
    for _ in range(times):
        linux.expect("linux-b", "^tick [0-9]+$")
        linux.command("linux-a", "reboot")
        linux.wait_greeting("linux-a")
    linux.power_off("linux-a")
    linux.expect("linux-b", "^tick [0-9]+$")
    # One of them may stand behind the shell's prompt.
    ticks = [re.search(r"tick (\d+)$", text) for text in linux.machine.text_of("linux-b")]
    ticks = [int(tick[1]) for tick in ticks if tick]
    if ticks != list(range(1, len(ticks) + 1)):
        raise Fail(f"linux-b's ticks have a gap: {ticks}")
    linux.command("linux-b", "poweroff")
    linux.machine.wait_exit()


def disk():
    """The system with a disk: its owner reads what is on it, and the other guest has none."""
    with tempfile.NamedTemporaryFile() as file:
        content = os.urandom(4 << 20)
        file.write(content)
        file.flush()

        def body(linux):
            linux.command("linux-a", "sha256sum /dev/vda")
            linux.expect("linux-a", f"^{hashlib.sha256(content).hexdigest()} ")
            linux.command("linux-b", "echo disks: $(ls /sys/block | grep -c vd)")
            linux.expect("linux-b", "^disks: 0$")
            power_off_all(linux)

        # as bulkhead run has it for --disk
        boot("linux-disk", PAIR, body, extra=[
            "-drive", f"if=none,id=disk,format=raw,file={file.name}",
            "-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31"])


def cases():
    """What every guest test does on all machines is enough on a few here."""
    def case(name, config, guests, body, **machine):
        return Case(name, lambda: boot(config, guests, body, **machine))

    return [
        case("pair-gic3-cortex-a57", "linux-pair", PAIR, commands),
        case("pair-gic2-cortex-a72", "linux-pair", PAIR, commands, gic=2, cpu="cortex-a72", mem="1G"),
        case("pair-gic3-neoverse-n1", "linux-pair", PAIR, power_off_all, cpu="neoverse-n1", smp=8,
             mem="8G"),
        case("pair-gic2-cortex-a53", "linux-pair", PAIR, power_off_all, gic=2, cpu="cortex-a53",
             mem="4G"),
        case("pair-gic3-max", "linux-pair", PAIR, power_off_all, cpu="max"),
        # EL2 as other tools build it
        case("pair-clang-gic3", "linux-pair", PAIR, commands, image=CLANG),
        case("pair-clang-gic2", "linux-pair", PAIR, power_off_all, image=CLANG, gic=2),
        case("pair-ping-pong-gic3", "linux-pair", PAIR, ping_pong),
        case("pair-ping-pong-gic2", "linux-pair", PAIR, ping_pong, gic=2),
        case("pair-reboot-gic3", "linux-pair", PAIR, reboot),
        case("pair-reboot-gic2", "linux-pair", PAIR, reboot, gic=2),
        case("quad-gic3", "linux-quad", QUAD, commands),
        case("quad-gic2", "linux-quad", QUAD, power_off_all, gic=2),
        Case("disk-gic3", disk),
        case("shared-gic3", "linux-shared", SHARED, commands),
        case("shared-ping-pong-gic2", "linux-shared", SHARED, ping_pong, gic=2),
    ]


if __name__ == "__main__":
    run(cases())
