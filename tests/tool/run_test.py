#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bulkhead run and init: from a description to a machine that boots it."""

import hashlib
import os
import pathlib
import random
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

from common import (BUILD, ROOT, VIRT, Files, compiled, description, expect, expect_not,
                    plain)  # found beside this
from atf import Case, Fail, run  # found through common
from devices_test import Guest, use_network  # found through common
from qemu import Machine  # found through common


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


OWN = """/dts-v1/;
/ {
	compatible = "own"; #address-cells = <2>; #size-cells = <2>;
	cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { reg = <0>; compatible = "CPU"; }; };
	intc@8000000 { compatible = "GIC"; };
};
"""


def derived():
    """A VM with a tree of its own says which GIC and which CPUs there are to be."""
    with Files() as files:
        own = {}
        for name, gic, cpu in [("a", "arm,cortex-a15-gic", "arm,cortex-a72"),
                               ("b", "arm,gic-v3", "arm,cortex-a72"), ("c", "x,y", "arm,armv8")]:
            source = files.write("own.dts", OWN.replace("GIC", gic).replace("CPU", cpu))
            files.write(f"{name}.dtb", compiled(source, files))
            own[name] = f'dtb = /incbin/("{name}.dtb");'
        for first, second, machine, said in [
                ("a", "", "gic-version=2 -cpu cortex-a72", None),
                ("b", "b", "gic-version=3 -cpu cortex-a72", None),
                ("c", "a", "gic-version=2 -cpu cortex-a72", None),
                ("c", "c", "gic-version=3 -cpu cortex-a57", None),
                ("a", "b", "gic-version=2 -cpu cortex-a72",
                 r"x.dts:\d+: warning: /second: dtb: is for a machine with --gic 3; this one has 2, "
                 "as first says")]:
            dts = files.write("x.dts", description(own[first]).replace(
                "cpus = <1>;", f"cpus = <1>; {own.get(second, '')}"))
            out, err = plain("run", dts, "--dry-run")
            expect(out, machine)
            expect(err, said or "^$")
        dts = files.write("x.dts", description(own["a"]))
        out, err = plain("run", dts, "--dry-run", "--gic", "3", "--cpu", "cortex-a53")
        expect(out, "gic-version=3 -cpu cortex-a53")
        expect(err, "--gic 2; this one has 3, as the option says", "--cpu cortex-a72; this one")
        plain("run", dts, "--dry-run", "--gic", "3", "--strict", code=1)


def temporary():
    """QEMU's tree is written where TMPDIR says, and does not stay."""
    with Files() as files:
        dts, folder = files.write("x.dts", description()), files.path("a,b")
        folder.mkdir()
        command = [str(BUILD / "bulkhead"), "run", str(dts), "--dry-run"]
        subprocess.run(command, check=True, capture_output=True,
                       env={**os.environ, "TMPDIR": str(folder)})
        if list(folder.iterdir()):
            raise Fail(f"left behind: {list(folder.iterdir())}")
        done = subprocess.run(command, check=False, capture_output=True, text=True,
                              env={**os.environ, "TMPDIR": str(folder / "none")})
        expect(done.stderr, rf"^bulkhead: {folder}/none/bulkhead\.\w+: No such file")


def devices():
    """What --disk and --net add is what the guest that has the slots finds there."""
    content, page = random.randbytes(1 << 20), random.randbytes(1 << 16)
    with Files() as files:
        disk = files.write("disk,1.img", content)
        machine = Machine(None)
        machine.command = [str(BUILD / "bulkhead"), "run", str(ROOT / "tests/boot/devices.dts"),
                           "--disk", str(disk), "--net", "--", "-accel", "tcg,thread=single"]
        with machine as qemu:
            guest = Guest(qemu)
            qemu.expect("Enter 'help' for a list", vm="linux-a")
            guest.run("sha256sum /dev/vda", f"^{hashlib.sha256(content).hexdigest()} ")
            use_network(guest, page)
            qemu.send("poweroff\n")
            qemu.expect("linux-a.* off", vm="bulkhead")


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
        for name in ["linux-pair.dts", "my pair.dts"]:
            dts = files.write(name, text.replace("bulkhead,vm", "bulkhead,wm"))
            made = subprocess.run(["make", "-s", "run", f"CONFIG={dts}"], capture_output=True,
                                  text=True, check=False, stdin=subprocess.DEVNULL, cwd=ROOT)
            expect(made.stderr, rf"{name}:\d+: error: ")
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
        # the schema that it names is the one that fits it, and finds what is wrong
        for text, said in [(dts.read_text(), None),
                           (dts.read_text().replace("cpus = <0>;", 'cpus = <0>; bootarg = "x";'),
                            "bootarg")]:
            dtb = files.path("my.dtb")
            plain("build", files.write("schema.dts", text), "-o", dtb, "--no-check")
            done = subprocess.run(["dt-validate", "-l", "bulkhead", "-s",
                                   str(pathlib.Path(schema).parent), str(dtb)], check=True,
                                  capture_output=True, text=True)
            expect(done.stdout + done.stderr, rf"my\.dtb: .*{said}" if said else r"^\Z")
        before = dts.read_text()
        expect(plain("init", dts, code=2)[1], "File exists")
        if dts.read_text() != before:
            raise Fail("overwritten")
        plain("init", files.path("none/x.dts"), code=2)


if __name__ == "__main__":
    run([Case("machine", run_machine), Case("derived", derived),
         Case("temporary", temporary), Case("devices", devices), Case("boots", run_boots), Case("init", init)])
