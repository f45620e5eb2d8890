#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The device trees of all boards that Debian's kernel knows, as hosts: each is
read without an error, or with a message that is true.
"""

import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

from atf import Case, Fail, run  # found beside this folder
import fdt  # found in this folder

TOOL = BUILD / "tests/tool/bulkhead"  # with the sanitizers
BOARDS = BUILD / "deps/linux-image-arm64/usr/lib"
LEAST = 570  # of bookworm; there are more later

DESCRIPTION = """/dts-v1/;
/ {
	compatible = "bulkhead,system"; #address-cells = <2>; #size-cells = <2>;
	vm {
		compatible = "bulkhead,vm"; cpus = <0>; console = "none";
		kernel = [1400000014000000]; load = <0 0x40000000>;
		memory@40000000 { reg = <0 0x40000000 0 0x200000>; };
	};
};
"""

# What may be wrong with a machine, and when that is true
GICS = ["arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic", "arm,cortex-a9-gic", "arm,gic-v3",
        "qcom,msm-qgic2", "arm,eb11mp-gic", "arm,arm1176jzf-devchip-gic"]


def of_kind(root, kinds):
    return [node for node in root.walk() if set(node.strings("compatible")) & set(kinds)]


def has_memory(root):
    for node in root.walk():
        if node.strings("device_type") == ["memory"] and node.available():
            size_cells = node.parent.cell("#size-cells", 1)
            entry = node.parent.cell("#address-cells", 2) + size_cells
            reg = node.cells("reg")
            if any(any(reg[at + entry - size_cells:at + entry]) for at in range(0, len(reg), entry)):
                return True
    return False


def gic_regs(root):
    """How many ranges the GICv2 has (the last two are for hypervisors)."""
    gic = of_kind(root, GICS)[0]
    entry = gic.parent.cell("#address-cells", 2) + gic.parent.cell("#size-cells", 1)
    return len(gic.cells("reg")) // entry


def known_uart(root):
    path = "".join(root.find("/chosen").strings("stdout-path")) if root.find("/chosen") else ""
    path = path.split(":")[0]
    aliases = root.find("/aliases")
    if aliases and path in aliases.properties:
        path = aliases.strings(path)[0]
    return root.find(path) if path else None


PL011 = ["arm,pl011", "arm,sbsa-uart"]
UART_8250 = ["ns16550a", "ns16550", "snps,dw-apb-uart", "brcm,bcm2835-aux-uart", "ns8250"]

TRUE = {
    "no memory": lambda root: not has_memory(root),
    "no GICv2 or GICv3": lambda root: not of_kind(root, GICS),
    "has GICH and GICV": lambda root: gic_regs(root) < 4,
    "maintenance interrupt is missing":
        lambda root: not of_kind(root, GICS)[0].properties.get("interrupts"),
    "generic timer's":
        lambda root: not any(len(n.cells("interrupts")) >= 12 and n.available()
                             for n in of_kind(root, ["arm,armv8-timer", "arm,armv7-timer"])),
    "hvc is for EL1":
        lambda root: any(node.strings("method") == ["hvc"]
                         for node in of_kind(root, ["arm,psci-1.0", "arm,psci-0.2", "arm,psci"])),
    "no driver for this UART":
        lambda root: known_uart(root) and not set(known_uart(root).strings("compatible")) &
        set(PL011 + UART_8250),
    "names no UART": lambda root: not known_uart(root) or not known_uart(root).available(),
}


def check(description, host):
    """Lines without notes, and what the map says of the machine."""
    done = subprocess.run([str(TOOL), "check", str(description), "--host", str(host)],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2) or done.stderr:
        raise Fail(f"{host}: exit code {done.returncode}: {done.stdout}{done.stderr}")
    return [line for line in done.stdout.splitlines() if not line.startswith("note: ")]


def judge(name, root, lines):
    """Every message has to be of a kind that we know, and true of the tree."""
    for line in lines:
        kind = next((kind for kind in TRUE if kind in line), None)
        if not kind:
            raise Fail(f"{name}: {line}")
        if not TRUE[kind](root):
            raise Fail(f"{name}: not true: {line}")


def compare_map(name, description, host, root):
    """CPUs and the GIC's address, as a reader of another kind finds them."""
    done = subprocess.run([str(TOOL), "map", str(description), "--host", str(host)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Fail(f"{name}: {done.stderr}")
    cpus = [node for node in root.find("/cpus").children
            if node.strings("device_type") == ["cpu"] and
            (node.available() or node.strings("status") == ["disabled"])]
    shown = done.stdout.split("\nCPUs\n")[1].splitlines()
    if len(shown) != len(cpus):
        raise Fail(f"{name}: {len(shown)} CPUs, the tree has {len(cpus)}")
    for cpu, line in zip(cpus, shown):
        mpidr = int("".join(f"{cell:08x}" for cell in cpu.cells("reg")), 16)
        if int(line.split()[1], 16) != mpidr:
            raise Fail(f"{name}: {line}, the tree has {mpidr:#x}")
    owned = re.findall(r"^ +(0x[0-9a-f]+) .* Bulkhead +(/\S+)$", done.stdout, re.M)
    if not any(root.find(path) in of_kind(root, GICS) for _, path in owned):
        raise Fail(f"{name}: Bulkhead has no GIC: {owned}")


def one(dtb, description, with_memory):
    """Reads one board; returns the kinds of its messages."""
    blob = dtb.read_bytes()
    root = fdt.read(blob)
    if not with_memory:
        lines = check(description, dtb)
        judge(dtb.name, root, lines)
    else:
        fdt.add_memory(root, 0x400000000 if root.cell("#address-cells", 2) == 2 else 0x40000000,
                       1 << 29)
        with tempfile.NamedTemporaryFile(suffix=".dtb") as host:
            host.write(fdt.write(root))
            host.flush()
            lines = check(description, host.name)
            judge(dtb.name, root, lines)
            if not any("error: " in line for line in lines):
                compare_map(dtb.name, description, host.name, root)
    return [next(kind for kind in TRUE if kind in line) for line in lines] or ["nothing"]


def all_boards(with_memory):
    boards = sorted(BOARDS.rglob("*.dtb"))
    if len(boards) < LEAST:
        raise Fail(f"only {len(boards)} boards in {BOARDS}")
    kinds = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        description = pathlib.Path(folder) / "description.dtb"
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(description), "-"],
                       input=DESCRIPTION.encode(), check=True)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for found in pool.map(lambda dtb: one(dtb, description, with_memory), boards):
                kinds.update(found)
    print(f"{len(boards)} boards: " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
    if with_memory and (kinds["no memory"] or kinds["nothing"] < 100):
        raise Fail("too few boards are sound")


if __name__ == "__main__":
    run([Case("as-they-are", lambda: all_boards(False), cpu=300),
         Case("with-memory", lambda: all_boards(True), cpu=300)])
