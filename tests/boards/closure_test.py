#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Devices of real boards in a guest's tree: dtc has nothing to say about it, and
it has all that the device depends on, or a warning names what it has not.
"""

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
from hosts_test import BOARDS, GICS, TOOL, of_kind

# Each board: its tree, the devices that a guest gets, and properties that have to be in the first
# one's node as references (a clock or a regulator may be a stand-in).
CASES = {
    "raspberry-pi-4": ("broadcom/bcm2711-rpi-4-b", ["/scb/ethernet@7d580000"],
                       ["phy-handle", "interrupts"]),
    "imx8mp-evk": ("freescale/imx8mp-evk", ["/soc@0/bus@30800000/mmc@30b50000"],
                   ["clocks", "vmmc-supply", "interrupts"]),
    "imx8mp-evk-with-providers": (
        "freescale/imx8mp-evk",
        ["/soc@0/bus@30800000/ethernet@30be0000", "/soc@0/bus@30000000/pinctrl@30330000",
         "/soc@0/bus@30000000/gpio@30230000"],
        ["clocks", "phy-handle", "pinctrl-0", "interrupts"]),
    "zcu102": ("xilinx/zynqmp-zcu102-rev1.0", ["/axi/ethernet@ff0e0000"],
               ["clocks", "phy-handle", "interrupts"]),
    "rk3399": ("rockchip/rk3399-rockpro64", ["/ethernet@fe300000"],
               ["clocks", "phy-supply", "interrupts"]),
    "rk3568": ("rockchip/rk3568-evb1-v10", ["/mmc@fe310000"], ["clocks", "interrupts"]),
    "allwinner-h6": ("allwinner/sun50i-h6-pine-h64", ["/soc/mmc@4020000"],
                     ["clocks", "vmmc-supply", "interrupts"]),
    "amlogic-g12b": ("amlogic/meson-g12b-odroid-n2", ["/soc/mmc@ffe07000"],
                     ["clocks", "vmmc-supply", "interrupts"]),
    "lx2160a": ("freescale/fsl-lx2160a-rdb", ["/soc/esdhc@2140000"], ["clocks", "interrupts"]),
    "armada-8040": ("marvell/armada-8040-mcbin", ["/ap806/config-space@f0000000/mmc@6e0000"],
                    ["clocks", "interrupts"]),
    "sm8250": ("qcom/sm8250-hdk", ["/soc@0/ufshc@1d84000"],
               ["clocks", "vcc-supply", "interrupts"]),
}

# Properties of references: by name, the provider's property for the number of cells, or the number
REFERENCES = {
    "clocks": "#clock-cells", "resets": "#reset-cells", "power-domains": "#power-domain-cells",
    "dmas": "#dma-cells", "phys": "#phy-cells", "nvmem-cells": 0, "iommus": "#iommu-cells",
    "interconnects": "#interconnect-cells", "pwms": "#pwm-cells", "mboxes": "#mbox-cells",
    "io-channels": "#io-channel-cells", "phy-handle": 0, "memory-region": 0,
    "mmc-pwrseq": 0, "operating-points-v2": 0,
}


def cells_of(name):
    """Where to look for the number of cells of an entry; None: no references."""
    if name in REFERENCES:
        return REFERENCES[name]
    if re.search(r"-gpios?$", name):
        return "#gpio-cells"
    if re.search(r"-supply$", name) or re.fullmatch(r"pinctrl-\d", name):
        return 0
    return None


def phandles(root):
    return {node.cell("phandle"): node for node in root.walk() if "phandle" in node.properties}


def references(root, node, name):
    """The nodes that a property refers to; fails if an entry is not whole."""
    by_phandle, found = phandles(root), []
    cells = node.cells(name)
    while cells:
        if cells[0] == 0:
            cells = cells[1:]
            continue
        provider = by_phandle.get(cells[0])
        if not provider:
            raise Fail(f"{node.path}: {name} refers to nothing: {cells[0]}")
        where = cells_of(name)
        count = provider.cell(where) if where else 0
        if count is None or len(cells) < 1 + count:
            raise Fail(f"{node.path}: {name}: {provider.path} has {where} {count}")
        found.append(provider)
        cells = cells[1 + count:]
    return found


def check_references(root):
    """Each reference in the guest's tree leads somewhere; and so do the numbers of names."""
    numbers = [n.cell("phandle") for n in root.walk() if "phandle" in n.properties]
    if len(numbers) != len(set(numbers)):
        raise Fail(f"phandles are there twice: {sorted(numbers)}")
    for node in root.walk():
        for name in node.properties:
            if cells_of(name) is not None:
                references(root, node, name)
        for names, what in [("clock-names", "clocks"), ("reset-names", "resets"),
                            ("dma-names", "dmas"), ("phy-names", "phys"),
                            ("pinctrl-names", "pinctrl-0"), ("interrupt-names", "interrupts")]:
            if names in node.properties and what not in node.properties and \
                    "interrupts-extended" not in node.properties:
                raise Fail(f"{node.path}: {names}, but no {what}")
        if "clocks" in node.properties and "clock-names" in node.properties and \
                len(references(root, node, "clocks")) != len(node.strings("clock-names")):
            raise Fail(f"{node.path}: clocks and clock-names differ")


def physical(host, node, address):
    """Through the ranges of all buses."""
    bus = node.parent
    while bus.parent:
        child, size = bus.cell("#address-cells", 2), bus.cell("#size-cells", 1)
        above = bus.parent.cell("#address-cells", 2)
        ranges = bus.cells("ranges")
        while ranges:
            base, to, length = (int("".join(f"{c:08x}" for c in part), 16) for part in
                                (ranges[:child], ranges[child:child + above],
                                 ranges[child + above:child + above + size]))
            if base <= address < base + length:
                address = address - base + to
                break
            ranges = ranges[child + above + size:]
        bus = bus.parent
    del host
    return address


def check_device(host, guest, path, said):
    """The node of a passed device, beside the host's; returns the guest's."""
    original = host.find(path)
    cells = original.parent.cell("#address-cells", 2)
    first = int("".join(f"{c:08x}" for c in original.cells("reg")[:cells]), 16)
    first = physical(host, original, first)
    node = guest.find(f"/{original.name.split('@')[0]}@{first:x}")
    if not node:
        raise Fail(f"{path} is not in the guest's tree at {first:#x}")
    if (node.cells("reg")[0] << 32) + node.cells("reg")[1] != first:
        raise Fail(f"{node.path}: reg {node.cells('reg')}, not {first:#x}")
    if node.properties["compatible"] != original.properties["compatible"]:
        raise Fail(f"{node.path}: compatible {node.strings('compatible')}")
    check_interrupts(host, original, node)
    for inner in [n for n in original.walk() if all_available(n, original)]:
        mine = node if inner is original else node.find(inner.path[len(original.path):])
        for name in inner.properties:
            if cells_of(name) is None or (mine and name in mine.properties):
                continue
            # left out: not in silence
            if not any(f"{inner.path}: {name} -> /" in line for line in said):
                raise Fail(f"{inner.path}: {name} is missing, and nobody says so: {said}")
    return node


def all_available(node, top):
    while node is not top:
        if not node.available() or "ranges" in node.parent.properties:
            return False
        node = node.parent
    return True


def check_interrupts(host, original, node):
    """Those of the GIC, with the same numbers."""
    if "interrupts" not in original.properties:
        return
    parent = original
    while parent and "interrupt-parent" not in parent.properties:
        parent = parent.parent
    controller = phandles(host)[parent.cell("interrupt-parent")]
    if controller not in of_kind(host, GICS):
        return
    size = controller.cell("#interrupt-cells")
    wanted = original.cells("interrupts")
    wanted = [wanted[at + 1] for at in range(0, len(wanted), size) if wanted[at] == 0]
    if node.cells("interrupts")[1::3] != wanted:
        raise Fail(f"{node.path}: SPIs {node.cells('interrupts')[1::3]}, not {wanted}")


def description(paths):
    """A Linux guest that is where it believes to be, for devices that reach memory."""
    listed = ", ".join(f'"{path}"' for path in paths)
    return f"""/dts-v1/;
    / {{
        compatible = "bulkhead,system"; #address-cells = <2>; #size-cells = <2>;
        linux {{
            compatible = "bulkhead,vm"; cpus = <0>; passthrough = {listed};
            kernel = [1400000014000000]; load = <0 0x50000000>;
            memory@50000000 {{ reg = <0 0x50000000 0 0x8000000>; identity; }};
        }};
    }};"""


def board(tree, paths, wanted):
    host = fdt.read((next(BOARDS.glob("linux-image-*")) / f"{tree}.dtb").read_bytes())
    fdt.add_memory(host, 0x40000000, 0x40000000)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "host.dtb").write_bytes(fdt.write(host))
        (folder / "x.dts").write_text(description(paths))
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(folder / "x.dtb"),
                        str(folder / "x.dts")], check=True)
        arguments = [str(folder / "x.dtb"), "--host", str(folder / "host.dtb")]
        done = subprocess.run([str(TOOL), "check", *arguments], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise Fail(f"{done.stdout}{done.stderr}")
        said = done.stdout.splitlines()
        source = subprocess.run([str(TOOL), "guest-dts", "linux", *arguments], capture_output=True,
                                check=True).stdout
        blob = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-"], input=source,
                              capture_output=True, check=True).stdout
        done = subprocess.run(["dtc", "-I", "dtb", "-O", "dts", "-o", "/dev/null", "-"], input=blob,
                              capture_output=True, check=False)
        if done.returncode != 0 or done.stderr:
            raise Fail(f"dtc: {done.stderr.decode()}")
        guest = fdt.read(blob)
        check_references(guest)
        nodes = [check_device(host, guest, path, said) for path in paths]
        missing = [name for name in wanted if name not in nodes[0].properties]
        print("\n".join(line for line in said if line.startswith("warning")))
        if missing:
            raise Fail(f"{nodes[0].path} has no {missing}")


if __name__ == "__main__":
    run([Case(name, lambda c=case: board(*c)) for name, case in CASES.items()])
