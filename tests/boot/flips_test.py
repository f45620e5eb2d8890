#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Bits flip in the machine's tree or in the description on their way into memory:
boot ends in a message, or in a system that runs. A few seeds; more by hand: flips.

Which bits: those of the blob's header, reservations, structure and names; the padding
that QEMU's tree has, and the guest's own code, show nothing of Bulkhead.
"""

import functools
import random
import struct

from entry import entered, log_of, machine_tree, symbols, watched, with_description
from qemu import BUILD, Fail
from atf import Case, run  # found through qemu

BOOTARGS = "earlycon=pl011,0x9000000"
# seconds of QEMU's CPU time; a guest whose kernel was hit may do nothing for ever
LIMITS = {"silent": 15, "total": 30, "wall": 120}
# where a CPU stands that has ended
ENDS = ("power_halted", "panic_halt", "fatal_parked")
SEEDS = 20


@functools.lru_cache
def sound():
    """The machine's tree and the description, as they are before bits flip."""
    description = (BUILD / "hello.dtb").read_bytes()
    tree = with_description(machine_tree(BOOTARGS, smp=1, mem="1G"), description)
    _, _, structure, names, *_, names_size, structure_size = struct.unpack_from(">10I", tree)
    end = max(structure + structure_size, names + names_size)
    return (tree[:4] + struct.pack(">I", end) + tree[8:end], description)


def parts(blob):
    """The bytes of a blob that mean something, as ranges: not the images in a description."""
    header = struct.unpack_from(">10I", blob)
    structure, names, reservations = header[2:5]
    names_size, structure_size = header[8:10]
    end = reservations
    while any(blob[end:end + 16]):
        end += 16
    ranges = [range(40), range(reservations, end + 16), range(names, names + names_size)]
    # properties that are longer are images
    at = structure
    while at < structure + structure_size:
        start, tag = at, struct.unpack_from(">I", blob, at)[0]
        at += 4
        if tag == 1:
            at = (blob.index(b"\0", at) + 4) & ~3
        elif tag == 3:
            size = struct.unpack_from(">I", blob, at)[0]
            at = (at + 8 + size + 3) & ~3
            if size > 4096:
                ranges.append(range(start, start + 12))
                continue
        ranges.append(range(start, at))
    return ranges


def flipped(seed):
    """The two blobs with one to four bits of one of them the other way, and what was done.

    And whether the console may be lost: the earlycon= itself was hit, and something else.
    """
    rng = random.Random(seed)
    blobs = [bytearray(blob) for blob in sound()]
    which = rng.choice((0, 0, 0, 1))
    ranges = parts(blobs[which])
    where = [byte for part in ranges for byte in part]
    bits = [(rng.choice(where), rng.randrange(8)) for _ in range(rng.choice((1, 1, 2, 4)))]
    for byte, bit in bits:
        blobs[which][byte] ^= 1 << bit
    earlycon = sound()[0].index(BOOTARGS.encode())
    blind = which == 0 and len(bits) > 1 and any(
        earlycon <= byte <= earlycon + len(BOOTARGS) for byte, _ in bits)
    name = ("tree", "description")[which]
    return blobs, f"{name}: " + ", ".join(f"byte {byte} bit {bit}" for byte, bit in bits), blind


def judge(text):
    """What Bulkhead's output shows, "" if nothing."""
    if ": starts, " in text:
        return "runs"
    if "failed in EL2" in text or "panic: " in text:
        return "panics"
    return "says so" if "error: " in text else ""


def boot(seed):
    """Boots with the seed's bits flipped. Returns how that ended; raises Fail if in silence."""
    (tree, description), done, blind = flipped(seed)
    print(f"seed {seed}: {done}")
    with watched() as listener, entered(bytes(tree), bytes(description), extra=listener.options,
                                        smp=1, mem="1G", limits=LIMITS) as machine:
        with listener.accept(machine) as gdb:
            try:
                halted = gdb.run_to_one_of([symbols()[name] for name in ENDS])
            except Fail:  # too late
                if judge(machine.screen()) == "runs":
                    return "runs"
                raise
            log = log_of(gdb) if halted else ""
        if halted:
            machine.read_what_came()
        else:
            machine.wait_exit()
        screen = machine.screen()
        ends = judge(screen)
        if not ends and blind:
            # without a console, a refusal halts
            ends = judge(log) and "in memory, " + judge(log) if halted else "runs unseen"
        if not ends:
            raise Fail(f"seed {seed}: {done}: no word of it: {screen!r}, in memory {log!r}")
        return ends


if __name__ == "__main__":
    run([Case(f"seed-{seed}", lambda seed=seed: boot(seed)) for seed in range(SEEDS)])
