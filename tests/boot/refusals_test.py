#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check and boot say the same: every description of tests/config that is refused, on the machine
that it is for, by QEMU with that machine's tree.
"""

import json
import pathlib
import re
import subprocess
import tempfile

from qemu import BUILD, ROOT, Fail, Machine
from atf import Case, run  # found through qemu

CONFIG = ROOT / "tests/config"
TOOL = BUILD / "bulkhead"
LINE = re.compile(r"^(error|warning): /")


def build(source, blob):
    subprocess.run([TOOL, "build", source, "-o", blob, "--no-check"], check=True,
                   capture_output=True)


def told_by_check(blob, host):
    report = subprocess.run([TOOL, "check", blob, "--host", host, "--format", "json"], check=False,
                            capture_output=True, text=True).stdout
    return [": ".join(message[key] for key in ("severity", "path", "property", "message")
                      if message[key])
            for message in json.loads(report)["messages"] if message["boot"]]


def told_by_boot(blob, host, gic):
    with Machine(blob, gic=gic, mem="1G", extra=["-dtb", str(host)]) as qemu:
        qemu.wait_exit()
        return [line for line in qemu.text_of("bulkhead") if LINE.match(line)]


def case_of(dts):
    """The same lines in the same order; the first one is what most users read."""
    name = (re.findall(r"^// host: (\S+)$", dts.read_text(), re.M) or ["virt-gicv3"])[0]

    def body():
        with tempfile.TemporaryDirectory() as folder:
            blob, host = pathlib.Path(folder) / "blob.dtb", pathlib.Path(folder) / "host.dtb"
            build(dts, blob)
            build(CONFIG / f"hosts/{name}.dts", host)
            checked = told_by_check(blob, host)
            booted = told_by_boot(blob, host, 2 if name.endswith("gicv2") else 3)
            if not booted or booted != checked:
                raise Fail(f"boot: {' | '.join(booted)}; check: {' | '.join(checked)}")

    return Case(dts.stem, body)


def beyond(vm, line):
    """What no tree tells of: check lets it pass, boot refuses it and says whose it is."""
    text = (CONFIG / "good-one.dts").read_text().replace("memory@", f"{vm} memory@", 1)
    machine = (CONFIG / "hosts/devices.dts").read_text().replace("interrupts = <0 2 4>;",
                                                                 "interrupts = <0 900 4>;", 1)
    with tempfile.TemporaryDirectory() as folder:
        source, tree, blob, host = (pathlib.Path(folder) / name for name in
                                    ("blob.dts", "host.dts", "blob.dtb", "host.dtb"))
        source.write_text(text)
        tree.write_text(machine)
        build(source, blob)
        build(tree, host)
        if any(told.startswith("error") for told in told_by_check(blob, host)):
            raise Fail(f"check knows: {told_by_check(blob, host)}")
        told = told_by_boot(blob, host, 3)
        if told != [line]:
            raise Fail(f"boot said {told}")


def spi_beyond():
    beyond('passthrough = "/pl031@9010000";',
           "error: /vm: passthrough: /pl031@9010000 has the interrupt SPI 900, but this machine's "
           "GIC has SPIs 0 to 223: it cannot be passed on")


def memory_beyond():
    beyond("memory@100000000000 { reg = <0x1000 0 0 0x200000>; };",
           "error: /vm/memory@100000000000: reg: 0x100000000000, size 0x200000: this machine's "
           "CPUs translate 44 bits of address: let it end at 0xfffffffffff or below")


if __name__ == "__main__":
    run([case_of(dts) for dts in sorted(CONFIG.glob("bad-*.dts"))] +
        [Case("spi-beyond", spi_beyond), Case("memory-beyond", memory_beyond)])
