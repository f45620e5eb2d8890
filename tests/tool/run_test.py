#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bulkhead run and init: from a description to a machine that boots it."""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

from common import (BUILD, ROOT, VIRT, Files, description, expect, expect_not,
                    plain)  # found beside this
from atf import Case, Fail, run  # found through common

def run_machine():
    """run gives QEMU what the description needs, and says before it starts what is wrong."""
    with Files() as files:
        dts, image = files.write("x.dts", description()), BUILD / "bulkhead.img"
        out, _ = plain("run", dts, "--dry-run", "--image", image, "--", "-name", "a b")
        expect(out, r"^qemu-system-aarch64 -M virt,virtualization=on,gic-version=3 -cpu cortex-a57 "
               rf"-smp 4 -m 2G -nographic -kernel {image} -initrd DESCRIPTION.dtb -name 'a b'\n$")
        large = files.write("large.dts", description(second="0xc0000000").replace("<1>", "<5>"))
        out, _ = plain("run", large, "--dry-run", "--gic", "2", "-o", "y.dtb")
        expect(out, r"gic-version=2 -cpu cortex-a57 -smp 6 -m 4G .* -initrd y.dtb")
        # what only the machine's tree tells
        _, err = plain("run", dts, "--dry-run", "--smp", "1", code=2)
        expect(err, r"x\.dts:14: error: /first: cpus: CPU 1 does not exist")
        _, err = plain("run", large, "--dry-run", "--memory", "1G", code=2)
        expect(err, "error: ")
        _, err = plain("run", dts, "--dry-run", "--cpu", "none-such", code=2)
        expect(err, "has no such machine")
        _, err = plain("run", dts, "--dry-run", "--disk", dts, code=2)
        expect(err, "no VM has a virtio slot for it")
        slots = files.write("slots.dts", description(
            'passthrough = "/virtio_mmio@a003c00", "/virtio_mmio@a003e00";\nconsole = "none";'
            "\nunsafe-dma;"))
        disk = files.write("a,b", "")
        out, _ = plain("run", slots, "--dry-run", "--disk", disk, "--net")
        expect(out, r"file=\S*/a,,b -device virtio-blk-device,drive=disk0,bus=virtio-mmio-bus.30 "
               r"-netdev user,id=net -device virtio-net-device,netdev=net,bus=virtio-mmio-bus.31\n")
        _, err = plain("run", dts, "--offset", "5", code=2)
        expect(err, "multiple of 0x200000")


def run_boots():
    """From a source elsewhere, named like an example, to a guest's last word; no file stays."""
    hello = ROOT / "tests/guests/hello/hello.dts"
    with Files() as files:
        text = hello.read_text().replace("guests/hello.img", "kernel.bin")
        files.write("kernel.bin", (BUILD / "guests/hello.img").read_bytes())
        dts = files.write("linux-pair.dts", text)
        done = subprocess.run([str(BUILD / "bulkhead"), "run", str(dts), "--", "-nic", "none",
                               "-accel", "tcg,thread=single"], capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, cwd=files.path("."))
        expect(done.stdout, "^qemu-system-aarch64 ", "powering off")
        if sorted(path.name for path in files.path(".").iterdir()) != ["kernel.bin",
                                                                       "linux-pair.dts"]:
            raise Fail("a file is left")
        made = subprocess.run(["make", "-s", "run", f"CONFIG={dts}", "OFFSET=0x400000"],
                              capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, cwd=ROOT)
        expect(made.stdout, "-initrd build/run/linux-pair.dtb", "Bulkhead 0.1 at 0x40400000",
               "powering off")
        files.write("linux-pair.dts", text.replace("bulkhead,vm", "bulkhead,wm"))
        made = subprocess.run(["make", "-s", "run", f"CONFIG={dts}"], capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL, cwd=ROOT)
        expect(made.stderr, r"linux-pair\.dts:\d+: error: ")
        expect_not(made.stdout, "qemu")


def init():
    """The first description: without a mistake, and nobody's work is overwritten."""
    with Files() as files:
        dts = files.path("my.dts")
        plain("init", dts)
        plain("check", dts, "--strict", "--host", VIRT)
        schema = re.search(r"^// \$schema: file://(\S+)$", dts.read_text(), re.M)[1]
        if not pathlib.Path(schema).is_file():
            raise Fail(f"no schema: {schema}")
        before = dts.read_text()
        expect(plain("init", dts, code=2)[1], "File exists")
        if dts.read_text() != before:
            raise Fail("overwritten")
        plain("init", files.path("none/x.dts"), code=2)


if __name__ == "__main__":
    run([Case("machine", run_machine), Case("boots", run_boots), Case("init", init)])
