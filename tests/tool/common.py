#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the command share: a description, the command, what it printed."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build"
CONFIG = ROOT / "tests/config"
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "boot"))

from atf import Fail  # found beside this folder

# With the sanitizers. It finds the project's files by -I, being elsewhere.
TOOL = [str(BUILD / "tests/tool/bulkhead"), "-I", str(ROOT / "dts/include"), "-I",
        str(ROOT / "dts"), "-I", str(BUILD)]
COMMANDS = ["check", "map", "guest-dts", "build", "run", "init"]
VIRT = CONFIG / "hosts/virt-gicv3.dts"
DEVICES = CONFIG / "hosts/devices.dts"

GOOD = """/dts-v1/;

/ {
	compatible = "bulkhead,system";
	#address-cells = <2>;
	#size-cells = <2>;

	images {
		kernel: kernel { data = [KERNEL]; };
	};

	first {
		compatible = "bulkhead,vm";
		cpus = <0 1>;
		kernel = <&kernel>;
		PROPERTIES

		memory@40000000 { reg = <0 0x40000000 0 0x4000000>; };
	};

	second {
		compatible = "bulkhead,vm";
		cpus = <1>;
		kernel = <&kernel>;

		memory@40000000 { reg = <0 0x40000000 0 SECOND>; };
	};
};
"""
IMAGE = ("0000000000000000" * 2 + "0000100000000000" + "0a00000000000000" +
         "0000000000000000" * 3 + "41524d6400000000")


def description(properties="", kernel=IMAGE, second="0x2000000"):
    return GOOD.replace("PROPERTIES", properties).replace("KERNEL", kernel).replace(
        "SECOND", second)


def line_of(text, what):
    return next(n for n, line in enumerate(text.splitlines(), 1) if what in line)


def tool(*arguments, code=0, env=None, stdin=None):
    """Runs the tool, which has to exit with the code; returns what it printed, out and err."""
    done = subprocess.run([TOOL[0], *map(str, arguments), *TOOL[1:]], capture_output=True,
                          text=True, check=False, env={**os.environ, **(env or {})},
                          input=stdin)
    if done.returncode != code:
        raise Fail(f"{arguments}: exit code {done.returncode}, not {code}: {done.stdout} "
                   f"{done.stderr}")
    return done.stdout, done.stderr


def expect(text, *patterns):
    for pattern in patterns:
        if not re.search(pattern, text, re.M):
            raise Fail(f"no {pattern!r} in {text!r}")


def expect_not(text, *patterns):
    for pattern in patterns:
        if re.search(pattern, text, re.M):
            raise Fail(f"{pattern!r} in {text!r}")


class Files:
    """A folder of its own for each test."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def path(self, name):
        return pathlib.Path(self.folder.name) / name

    def write(self, name, content):
        path = self.path(name)
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
        return path


def compiled(dts, files):
    """The bytes that dtc makes of a source."""
    out = files.path("compiled.dtb")
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(out), str(dts)], check=True)
    return out.read_bytes()


def plain(*arguments, code=0, cwd=ROOT):
    """Runs the users' own tool. Returns what it printed, out and err."""
    done = subprocess.run([str(BUILD / "bulkhead"), *map(str, arguments)], capture_output=True,
                          text=True, check=False, cwd=cwd)
    if done.returncode != code:
        raise Fail(f"{arguments}: exit code {done.returncode}, not {code}: {done.stdout} "
                   f"{done.stderr}")
    return done.stdout, done.stderr


def make(*arguments):
    done = subprocess.run(["make", "-s", *map(str, arguments)], cwd=ROOT, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Fail(f"make {arguments}: {done.stdout}{done.stderr}")
