#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""No silent end: wrong entries, trees that lack something or cannot be read, and
machines that do not say where their console is, or cannot power off.
"""

import pathlib
import re
import subprocess
import tempfile

from entry import (IMAGE, TREE, edit, entered, log_of, machine_tree, symbols, watched,
                   with_description)
from qemu import BUILD, Fail
from atf import Case, run  # found through qemu

HELLO = (BUILD / "hello.dtb").read_bytes
SMALL = {"smp": 1, "mem": "1G"}
NO_GUEST = "the machine's device tree cannot be used: no guest is started"
TIMER = "error: /timer: interrupts: the generic timer's {} interrupt is missing"
HALTED = "there is no PSCI to power off by: halted"
NO_FIRMWARE = "there is no firmware to power off by: halted"


def tree_of(*commands, bootargs=None, **options):
    """The tree of a small machine, with the description in it, edited."""
    options = {**SMALL, **options}
    return edit(with_description(machine_tree(bootargs, **options), HELLO()), *commands)


def last_line(machine, text):
    if machine.text_of("bulkhead")[-1] != text:
        raise Fail(f"the last line is {machine.text_of('bulkhead')[-1]!r}, not {text!r}")


def ends(machine, *patterns, last):
    """The machine says this, then that its end is here, and powers off unless it says that it halts."""
    for pattern in patterns:
        machine.expect(pattern, vm="bulkhead")
    if last.endswith("halted"):
        machine.expect("halted$", vm="bulkhead")
    else:
        machine.wait_exit()
    last_line(machine, last)
    if {vm for vm, _ in machine.lines} & {"hello"}:
        raise Fail("a guest runs")


# ---- Entries ----

EL1 = "error: entered at EL1: .*virtualization=on"
EL3 = "error: entered at EL3: "
BIG_ENDIAN = "error: entered big-endian"
ADDRESS = "error: loaded at {:#x}: the image has to be at a multiple of 2 MiB"


def wrong_entry(*patterns, last=None, tree=(), **options):
    """Entered wrongly, with all else right. The last line is a pattern's if nothing else is said."""
    with entered(tree_of(*tree), HELLO(), **{**SMALL, **options}) as machine:
        for pattern in patterns:
            machine.expect(pattern, vm="bulkhead")
        if last:
            machine.expect("halted$", vm="bulkhead")
            last_line(machine, last)
        else:
            machine.wait_exit()
        if len(machine.text_of("bulkhead")) != len(patterns) + bool(last):
            raise Fail("more was said")


def stays_e2h():
    """No model of QEMU has E2H RES1: one that can set it does, and the clearing is left out."""
    clearing = IMAGE + symbols()["boot_clear_e2h"] - symbols()["image_start"]
    with watched() as gdb_listener, entered(tree_of(), HELLO(), defines=["E2H"], cpu="neoverse-n1",
                                            extra=gdb_listener.options, **SMALL) as machine:
        with gdb_listener.accept(machine) as gdb:
            gdb.run_to(clearing)
            gdb.set_pc(clearing + 4)
            gdb.resume()
            machine.expect(r"error: HCR_EL2\.E2H cannot be cleared", vm="bulkhead")
            machine.wait_exit()


# ---- Trees ----

def wrong_tree(*patterns, tree=(), last=f"error: {NO_GUEST}"):
    """EL2 says of a tree what the tool says, and powers off."""
    blob = tree_of(*tree)
    with tempfile.NamedTemporaryFile(suffix=".dtb") as host:
        pathlib.Path(host.name).write_bytes(blob)
        told = subprocess.run([str(BUILD / "bulkhead"), "check", str(BUILD / "hello.dtb"), "--host",
                               host.name], capture_output=True, text=True, check=False).stdout
    told = re.findall("(?:error|warning): /.*$", told, re.M)
    with entered(blob, HELLO(), **SMALL) as machine:
        ends(machine, *patterns, last=last)
        said = [line for line in machine.text_of("bulkhead")
                if line.startswith(("error: /", "warning: /"))]
    if said != told:
        raise Fail(f"EL2 says {said}, the tool {told}")


def damaged(how, bootargs=None, last=f"error: {NO_GUEST}"):
    """A tree that cannot be read: the console is found in what is left of it."""
    with entered(change(how, tree_of(bootargs=bootargs)), HELLO(), **SMALL) as machine:
        ends(machine, "the machine's device tree is damaged", last=last)


def flip_magic(blob):
    blob[0] ^= 1


def flip_end(blob):
    blob[int.from_bytes(blob[8:12], "big") + int.from_bytes(blob[36:40], "big") - 1] ^= 1


def flip_root(blob):
    blob[int.from_bytes(blob[8:12], "big") + 3] ^= 4


def zero_structure(blob):
    start = int.from_bytes(blob[8:12], "big")
    end = start + int.from_bytes(blob[36:40], "big")
    text = blob.find(b"earlycon=")
    for at in range(start, end):
        if not text <= at < text + 30:
            blob[at] = 0


def change(how, tree):
    """The tree after how(bytearray)."""
    blob = bytearray(tree)
    how(blob)
    return bytes(blob)


def told_in_memory(tree, expected, **options):
    """Without a console the text stays in memory, and the machine on."""
    with watched() as gdb_listener, entered(tree(), HELLO(), extra=gdb_listener.options,
                                            **{**SMALL, **options}) as machine:
        with gdb_listener.accept(machine) as gdb:
            gdb.run_to(symbols()["power_halted"])
            text = log_of(gdb)
        machine.read_what_came()
        if machine.text_of("bulkhead"):
            raise Fail("there is a console")
    if text.splitlines() != expected:
        raise Fail(f"in memory is {text!r}")


# ---- Consoles ----

def console(*commands, bootargs=None):
    """The guest is seen, wherever the tree tells of the console."""
    with entered(tree_of(*commands, bootargs=bootargs), HELLO(), **SMALL) as machine:
        machine.expect("Hello", vm="hello")
        machine.wait_exit()


def no_psci_after_guests():
    """All guests are off, and nobody can power off."""
    with entered(tree_of("-r /psci"), HELLO(), **SMALL) as machine:
        machine.expect("Hello", vm="hello")
        machine.expect("all guests are off", vm="bulkhead")
        machine.expect("halted$", vm="bulkhead")
        last_line(machine, HALTED)


NO_STDOUT = "-d /chosen stdout-path"
# another one, so that there is not only one, of the other kind
OTHER = ("-p -t s /uart compatible ns16550a", "-p -t x /uart reg 0 a000000 0 1000")
GONE = "-t s /pl011@9000000 compatible vendor,uart"


def cases():
    def case(name, body, *args, **options):
        return Case(name, lambda: body(*args, **options))

    x0 = "error: x0 is {:#x}, where there is no device tree"
    unknown = ["error: the machine is not known: no guest is started",
               "there is no console: halted"]
    secure = "virt,gic-version=3,secure=on"
    return [
        case("el1", wrong_entry, EL1, defines=["AT_EL1"]),
        case("el3", wrong_entry, EL3, board=secure + ",virtualization=on", last=NO_FIRMWARE),
        case("el3-without-el2", wrong_entry, EL3, board=secure, last=NO_FIRMWARE),
        case("big-endian", wrong_entry, BIG_ENDIAN, defines=["BIG_ENDIAN=sctlr_el2"]),
        case("page-aligned", wrong_entry, ADDRESS.format(0x40281000), image=0x40281000),
        case("misaligned", wrong_entry, ADDRESS.format(0x40280804), image=0x40280804),
        case("all-at-once", wrong_entry, EL1, BIG_ENDIAN, ADDRESS.format(0x40280804),
             defines=["AT_EL1", "BIG_ENDIAN=sctlr_el1"], image=0x40280804),
        case("wrong-without-psci", wrong_entry, BIG_ENDIAN, defines=["BIG_ENDIAN=sctlr_el2"],
             tree=["-r /psci"], last=HALTED),
        case("wrong-without-stdout-path", wrong_entry, ADDRESS.format(0x40281000), image=0x40281000,
             tree=[NO_STDOUT]),
        case("e2h-stays", stays_e2h),

        case("no-gic", wrong_tree, "no GICv2 or GICv3", tree=["-r /intc@8000000"]),
        case("no-timer", wrong_tree, "timer's virt interrupt is missing", tree=["-r /timer"]),
        case("no-memory", wrong_tree, "tree has no memory", tree=["-r /memory@40000000"]),
        case("no-cpus", wrong_tree, "tree has 0 CPUs", tree=["-r /cpus"]),
        case("reserved-without-cells", wrong_tree, "secret@70000000 cannot be read",
             tree=["-p -t x /reserved-memory/secret@70000000 reg 0 70000000 0 1000"]),
        case("reserved-without-ranges", wrong_tree, "is there an empty ranges",
             tree=["-p -t x /reserved-memory/secret@70000000 reg 0 70000000 0 1000",
                   "-t x /reserved-memory #address-cells 2", "-t x /reserved-memory #size-cells 2"]),
        case("description-outside", wrong_tree, "is not in this machine's memory",
             tree=["-t x /chosen linux,initrd-end 1 0"]),
        case("nothing-and-no-psci", wrong_tree, "no GICv2 or GICv3", last=HALTED,
             tree=["-r /intc@8000000", "-r /psci"]),
        case("psci-by-hvc", wrong_tree, "/psci: method: hvc is for EL1", "no GICv2", last=HALTED,
             tree=["-r /intc@8000000", "-t s /psci method hvc"]),
        case("no-psci-after-guests", no_psci_after_guests),
        case("damaged-magic", damaged, flip_magic),
        case("damaged-end", damaged, flip_end),
        case("damaged-root", damaged, flip_root),
        case("damaged-all", damaged, zero_structure, bootargs="earlycon=pl011,0x9000000",
             last=HALTED),

        case("no-tree", told_in_memory, lambda: b"", [x0.format(TREE), *unknown]),
        case("no-tree-misaligned", told_in_memory, tree_of, [x0.format(TREE + 4), *unknown],
             x0=TREE + 4),
        case("no-tree-but-nothing", told_in_memory, tree_of, [x0.format(0x8000000000), *unknown],
             x0=0x8000000000),
        case("no-tree-beyond-addresses", told_in_memory, tree_of,
             [x0.format(0x800000000000), *unknown], x0=0x800000000000),
        case("no-console", told_in_memory, lambda: tree_of(NO_STDOUT, GONE, "-r /timer"),
             ["warning: /chosen: stdout-path: names no UART: there is no console",
              TIMER.format("virt"), TIMER.format("hyp-phys"), f"error: {NO_GUEST}",
              "there is no console: halted"]),
        case("damaged-without-earlycon", told_in_memory, lambda: change(zero_structure, tree_of()),
             ["error: /: the machine's device tree is damaged", f"error: {NO_GUEST}",
              "there is no console: halted"]),

        case("serial0", console, NO_STDOUT, *OTHER,
             "-p -t s /aliases serial0 /pl011@9000000"),
        case("earlycon", console, NO_STDOUT, *OTHER, bootargs="earlycon=pl011,0x9000000"),
        case("earlycon-without-node", console, NO_STDOUT, GONE, bootargs="earlycon=pl011,0x9000000"),
        case("console-by-name", console, NO_STDOUT, *OTHER,
             bootargs="console=ttyAMA0"),
        case("only-one", console, NO_STDOUT),
        case("not-there", console, "-t x /pl011@9000000 reg 0 a800000 0 1000",
             bootargs="earlycon=pl011,0x9000000"),
        case("half-there", console, "-t x /pl011@9000000 reg 0 9000080 0 1000",
             bootargs="earlycon=pl011,0x9000000"),
        case("in-memory", console, "-t x /pl011@9000000 reg 0 49000000 0 1000",
             bootargs="earlycon=pl011,0x9000000"),
    ]


if __name__ == "__main__":
    run(cases())
