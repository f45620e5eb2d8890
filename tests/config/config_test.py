#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every .dts here is one mistake in a system description (bad-*), or none
(good-*). Comments in it say what boot has to print, all of it and in any
order, and for which machine:

    // expect: error: /vm: cpus: CPU 7 does not exist: ...
    // host: virt-gicv2

or what the first VM's own tree has, as fdtget prints it ("-" for a property or
a node that is not there):

    // guest: /pl031@9010000 interrupts = 0 2 4
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
sys.path.insert(0, str(HERE.parent))

from atf import Case, Fail, run  # found beside this folder

TOOL = BUILD / "tests/tool/bulkhead"  # with the sanitizers
BUILT = BUILD / "bulkhead"  # users' own, which finds the project's includes by itself


def compile_dts(dts, out):
    """As users do; what dtc warns of is no part of these tests."""
    subprocess.run([str(BUILT), "build", str(dts), "-o", str(out), "--no-check"], check=True,
                   capture_output=True)


def tool(*arguments):
    """Runs the tool; returns its exit code and what it printed, out and err."""
    done = subprocess.run([str(TOOL), *map(str, arguments)], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def check(blob, host):
    """The exit code for a description, and the lines that boot would print."""
    code, report, errors = tool("check", blob, "--host", host, "--format", "json")
    if errors:
        raise Fail(f"check printed: {errors}")
    lines = []
    for message in json.loads(report)["messages"]:
        parts = (message[key] for key in ("severity", "path", "property", "message"))
        if message["boot"]:
            lines.append(": ".join(part for part in parts if part))
    return code, lines


def first_vm(blob):
    """The name of the first VM in a description."""
    def ask(*arguments):
        return subprocess.run(["fdtget", *arguments], capture_output=True, text=True,
                              check=True).stdout
    return next(node for node in ask("-l", str(blob), "/").split()
                if "bulkhead,vm" in ask("-d", "", str(blob), f"/{node}", "compatible"))


def guest_tree_is_clean(blob, host, guest):
    """dtc has nothing to say about the tree that the first VM gets."""
    code, source, errors = tool("guest-dts", first_vm(blob), blob, "--host", host)
    if code != 0:
        raise Fail(f"no guest tree: exit code {code}, {errors}")
    done = subprocess.run(["dtc", "-I", "dts", "-O", "dtb", "-o", str(guest), "-"], input=source,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stderr:
        raise Fail(f"dtc says of the guest's tree: {done.stderr}")


def guest_tree_has(guest, expected):
    """What `node property = value` says is in the tree."""
    for line in expected:
        where, value = line.split(" = ", 1)
        done = subprocess.run(["fdtget", "-d", "-", str(guest), *where.split()],
                              capture_output=True, text=True, check=False)
        printed = done.stdout.strip() if done.returncode == 0 else "-"
        if printed != value:
            raise Fail(f"expected {where} = {value}, got {printed} {done.stderr}")


def case_of(dts):
    text = dts.read_text(encoding="utf-8")
    expected = re.findall(r"^// expect: (.*)$", text, re.M)
    host_name = (re.findall(r"^// host: (\S+)$", text, re.M) or ["virt-gicv3"])[0]

    def body():
        with tempfile.TemporaryDirectory() as folder:
            blob, host, guest = (pathlib.Path(folder) / n for n in
                                 ("blob.dtb", "host.dtb", "guest.dtb"))
            compile_dts(dts, blob)
            compile_dts(HERE / f"hosts/{host_name}.dts", host)
            code, printed = check(blob, host)
            if sorted(printed) != sorted(expected):
                raise Fail("expected " + " | ".join(expected) + " but got " + " | ".join(printed))
            if code != (2 if any(e.startswith("error") for e in expected) else 0):
                raise Fail(f"exit code {code}")
            if dts.name.startswith("good-"):
                guest_tree_is_clean(blob, host, guest)
                guest_tree_has(guest, re.findall(r"^// guest: (.*)$", text, re.M))

    return Case(dts.stem, body)


def damaged():
    """A blob that is cut off anywhere, or has a byte changed, is an error or harmless."""
    with tempfile.TemporaryDirectory() as folder:
        blob, host, part = (pathlib.Path(folder) / n for n in ("blob.dtb", "host.dtb", "part.dtb"))
        compile_dts(HERE / "good-two.dts", blob)
        compile_dts(HERE / "hosts/virt-gicv3.dts", host)
        whole = blob.read_bytes()
        for size in [1, 39, 40, 100, len(whole) // 2, len(whole) - 1]:
            part.write_bytes(whole[:size])
            code, printed = check(part, host)
            if code != 2 or len(printed) != 1 or "cut off or damaged" not in printed[0]:
                raise Fail(f"{size} of {len(whole)} bytes: {code}, {printed}")
        for place in range(0, len(whole), 13):
            changed = bytearray(whole)
            changed[place] ^= 0xff
            part.write_bytes(changed)
            code, printed = check(part, host)
            if code not in (0, 2) or (code == 2) != any(p.startswith("error") for p in printed):
                raise Fail(f"byte {place} changed: exit code {code}, {printed}")


if __name__ == "__main__":
    run([case_of(dts) for dts in sorted(HERE.glob("*.dts"))] + [Case("damaged", damaged)])
