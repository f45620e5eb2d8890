#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a guest finds when it starts, where that depends on the machine: memory that holds
something already, and seeds, from the sources of random numbers that there are.
"""

import pathlib
import re
import struct
import subprocess
import tempfile

from gdb_stub import Listener
from qemu import BUILD, Fail, Machine
from atf import Case, run  # found through qemu
from guest_test import check_vm
from system_test import address_of, with_firmware

FORMS = BUILD / "guests/start/start.dtb"
CLEAR = BUILD / "guests/start/start-clear.dtb"
# All that start-clear.dts gives to its VMs
FILLED = 0x70000000
FILLED_SIZE = 16 << 20


def boot_filled(description, gic):
    """Boots on a machine whose memory has something in it; returns the machine, which is off."""
    with tempfile.NamedTemporaryFile() as pattern:
        pattern.write(b"\xa5" * FILLED_SIZE)
        pattern.flush()
        extra = ["-device", f"loader,file={pattern.name},addr={FILLED:#x},force-raw=on"]
        with Machine(description, gic=gic, extra=extra) as machine:
            machine.wait_exit()
            return machine


def cleared(gic):
    """With clear-memory neither of two VMs sees it, nor what it left itself before a reset."""
    machine = boot_filled(CLEAR, gic)
    for vm in "again", "neighbour":
        check_vm(machine, vm)


def not_cleared():
    """Without, both see it: the other case tests something."""
    with tempfile.TemporaryDirectory() as folder:
        description = pathlib.Path(folder) / "start.dtb"
        description.write_bytes(CLEAR.read_bytes())
        for vm in "again", "neighbour":
            subprocess.run(["fdtput", "-d", str(description), f"/{vm}", "clear-memory"], check=True)
        machine = boot_filled(description, 3)
    for vm in "again", "neighbour":
        if not any(re.match("FAIL: memory holds nothing", line) for line in machine.text_of(vm)):
            raise Fail(f"{vm} does not see what the memory held before")


def change(description, vm, **properties):
    """Gives a VM other properties: strings, or bytes."""
    for name, value in properties.items():
        form, words = ("s", [value]) if isinstance(value, str) else ("bx", [f"{b:x}" for b in value])
        subprocess.run(["fdtput", "-t", form, str(description), f"/{vm}", name, *words], check=True)


def seeds_of(description, cpu, randomness):
    """Boots, and returns all seeds that guests had, in all their lives."""
    board = f"virt,virtualization=on,gic-version=3,dtb-randomness={randomness}"
    with Machine(description, board=board, cpu=cpu) as machine:
        machine.wait_exit()
    for vm in "again", "neighbour":
        check_vm(machine, vm)
    said = any("no source of random numbers" in text for _, text in machine.lines)
    lines = machine.text_of("again") + machine.text_of("neighbour")
    seeds = [line for line in lines if line.startswith("seed ")]
    if said != (not seeds):
        raise Fail(f"{len(seeds)} seeds, but Bulkhead says {'nothing' if not said else 'there are none'}")
    return [seed.split()[-1] for seed in seeds]


def seeded(cpu, randomness):
    """Each seed is another one: of two VMs, of three lives, of two boots."""
    seeds = seeds_of(CLEAR, cpu, randomness) + seeds_of(CLEAR, cpu, randomness)
    # The shorter ones must not be a part of the longer ones either.
    parts = [seed[:16] for seed in seeds] + [seed[-16:] for seed in seeds if len(seed) > 16]
    if len(seeds) != 16 or len(set(parts)) != len(parts):
        raise Fail(f"not 16 seeds that have nothing in common: {seeds}")


def seeded_by_firmware():
    """By firmware at EL3 that has random numbers every other time, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        firmware, tree, extra = with_firmware(folder, "firmware.S", 1, FORMS)
        for seed in "rng-seed", "kaslr-seed":
            subprocess.run(["fdtput", "-d", tree, "/chosen", seed], check=True)
        with Machine(None, image=firmware, smp=1, board="virt,virtualization=on,secure=on,"
                     "gic-version=3", extra=(*extra, "-semihosting-config", "enable=on")) as machine:
            machine.wait_exit()
    vms = ("raw", "raw-at", "elf", "elf-first", "image")
    for vm in vms:
        check_vm(machine, vm)
    seeds = [line for vm in vms for line in machine.text_of(vm) if line.startswith("seed ")]
    if len(set(seeds)) != 2 * len(vms):
        raise Fail(f"not two seeds for each VM: {seeds}")


def guard_of(randomness):
    """The stack protector's guard when guests are about to start, on a machine whose clock counts
    instructions.
    """
    board = f"virt,virtualization=on,gic-version=3,dtb-randomness={randomness}"
    symbols = subprocess.run(["aarch64-linux-gnu-nm", str(BUILD / "bulkhead.elf")], check=True,
                             capture_output=True, text=True).stdout
    guard = int(re.search(r"^(\S+) \w __stack_chk_guard$", symbols, re.M)[1], 16)
    with tempfile.TemporaryDirectory() as folder:
        with (Listener(pathlib.Path(folder) / "gdb") as listener,
              Machine(FORMS, board=board, smp=1,
                      extra=(*listener.options, "-icount", "shift=0,sleep=off")) as machine):
            with listener.accept(machine) as gdb:
                gdb.run_to(address_of("seal_and_run"))
                return gdb.read_memory(guard, 8)


def guard():
    """It comes from the source of random numbers, and not from the time alone."""
    by_time, seeded = ([guard_of(randomness) for _ in range(2)] for randomness in ("off", "on"))
    if by_time[0] != by_time[1]:
        raise Fail(f"machines without a source differ: {by_time}")
    if len({by_time[0], *seeded}) != 3:
        raise Fail(f"the guard is {by_time[0]} without a source, and {seeded} with one")


def chosen_seeds(gdb, tree):
    """The seeds in the machine's tree, at this physical address: {name: bytes}."""
    def read(offset, size):
        return b"".join(gdb.read_physical(tree + offset + i).to_bytes(8, "little")
                        for i in range(0, size, 8))[:size]

    header = struct.unpack(">10I", read(0, 40))
    nodes, names = read(header[2], header[9]), read(header[3], header[8])
    seeds = {}
    for name in b"rng-seed", b"kaslr-seed":
        # FDT_PROP, the length, the name's offset among the names
        place = re.search(rb"\x00\x00\x00\x03(....)" + re.escape(struct.pack(">I", names.index(name))), nodes,
                          re.S)
        seeds[name.decode()] = nodes[place.end():place.end() + int.from_bytes(place[1], "big")]
    return seeds


def wiped():
    """The machine's own seeds are gone when guests start."""
    with tempfile.TemporaryDirectory() as folder:
        with (Listener(pathlib.Path(folder) / "gdb") as listener,
              Machine(FORMS, smp=1, extra=listener.options) as machine):
            with listener.accept(machine) as gdb:
                gdb.run_to(0x40200000)
                tree = gdb.general(0)
                before = chosen_seeds(gdb, tree)
                gdb.run_to(address_of("seal_and_run"))
                after = chosen_seeds(gdb, tree)
    if not all(any(seed) for seed in before.values()) or {len(s) for s in before.values()} != {8, 32}:
        raise Fail(f"QEMU's seeds are {before}")
    if any(any(seed) for seed in after.values()) or before.keys() != after.keys():
        raise Fail(f"the seeds {before} became {after}")


def unseeded():
    """Without a source there are no seeds, and a line says so."""
    with tempfile.TemporaryDirectory() as folder:
        description = pathlib.Path(folder) / "start.dtb"
        description.write_bytes(CLEAR.read_bytes())
        change(description, "again", bootargs="seeds=0 lives=3")
        change(description, "neighbour", bootargs="seeds=0")
        seeds = seeds_of(description, "cortex-a57", "off")
    if seeds:
        raise Fail(f"seeds from nowhere: {seeds}")


def own_tree():
    """In a tree of the user's own the seeds that it has are replaced, those of device-tree are not."""
    with tempfile.TemporaryDirectory() as name:
        description, tree = (pathlib.Path(name) / file for file in ("start.dtb", "guest.dtb"))
        description.write_bytes(CLEAR.read_bytes())
        source = subprocess.run([str(BUILD / "bulkhead"), "guest-dts", "neighbour", str(description)],
                                capture_output=True, check=True).stdout
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(tree)], input=source, check=True)
        subprocess.run(["fdtput", "-d", str(description), "/neighbour", "bootargs"], check=True)
        change(description, "neighbour", dtb=tree.read_bytes())
        chosen = "/again/device-tree/chosen"
        subprocess.run(["fdtput", "-cp", str(description), chosen], check=True)
        subprocess.run(["fdtput", "-t", "x", str(description), chosen, "kaslr-seed", "1234", "5678"],
                       check=True)
        seeds = seeds_of(description, "cortex-a57", "on")
    if seeds.count("0000123400005678") != 3 or len(seeds) != 8 or len(set(seeds)) != 6:
        raise Fail(f"not three given seeds, and five new ones: {seeds}")


if __name__ == "__main__":
    run([Case("seeded-by-tree", lambda: seeded("cortex-a57", "on")),
         Case("seeded-by-cpu", lambda: seeded("max", "off")),
         Case("guard", guard), Case("wiped", wiped),
         Case("seeded-by-firmware", seeded_by_firmware), Case("unseeded", unseeded), Case("own-tree", own_tree)] +
        [Case(f"cleared-gic{gic}", lambda g=gic: cleared(g)) for gic in (3, 2)] +
        [Case("not-cleared", not_cleared)])
