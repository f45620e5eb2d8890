#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The bulkhead command, as users and other programs run it: exit codes,
messages with their lines, JSON, the map and its picture, guests' trees, build;
that it says what boot says; and that its manual and completion know all of it.
"""

import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build"
CONFIG = ROOT / "tests/config"
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "boot"))

from atf import Case, Fail, run  # found beside this folder
from qemu import Machine  # found in tests/boot

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


# ---- check ----

def exit_codes():
    with Files() as files:
        good = files.write("good.dts", description())
        out, err = tool("check", good)
        if out or err:
            raise Fail(f"a sound description without a machine: {out} {err}")
        warns = files.write("warns.dts", description('initrd = [01020304 05];'))
        out, _ = tool("check", warns)
        expect(out, f"{warns}:{line_of(warns.read_text(), 'initrd')}: warning: /first: initrd: is "
                    "no cpio archive")
        tool("check", warns, "--strict", code=1)
        tool("check", good, "--strict")
        wrong = files.write("wrong.dts", description("bootarg = \"x\";"))
        out, _ = tool("check", wrong, code=2)
        if out != (f"{wrong}:{line_of(wrong.read_text(), 'bootarg')}: error: /first: bootarg: "
                   "unknown property: did you mean bootargs?\n"):
            raise Fail(out)
        _, err = tool("check", files.path("none.dtb"), code=2)
        expect(err, "none.dtb: No such file")
        _, err = tool("check", files.folder.name, code=2)
        expect(err, "Is a directory")
        if tool("check", good, "--format", "json", "--host", files.path("none"), code=2)[0] == "":
            raise Fail("no report about a file that is not there")
        _, err = tool("check", "/dev/zero", code=2)
        expect(err, "/dev/zero: File too large")
        out, _ = tool("check", files.write("text.dtb", "no tree"), code=2)
        expect(out, "error: /: the system description is cut off or damaged")
        out, _ = tool("check", good, "--host", files.write("host.dtb", "no tree"), code=2)
        expect(out, "host.dtb: error: is no device tree, or is cut off")
        cut = files.write("cut.dtb", compiled(DEVICES, files)[:200])
        out, _ = tool("check", good, "--host", cut, code=2)
        expect(out, "cut.dtb: error: is no device tree, or is cut off")


def kinds_of_files():
    """Trees and sources are told apart by what is in them."""
    with Files() as files:
        source = files.write("source", description("bootarg = \"x\";"))
        tree = files.write("tree.dts", compiled(source, files))
        told = "error: /first: bootarg: unknown property: did you mean bootargs?\n"
        for path, line in [(source, f"{source}:{line_of(source.read_text(), 'bootarg')}: "),
                           (tree, "")]:
            out, err = tool("check", path, code=2)
            if out != line + told or err:
                raise Fail(f"{path.name}: {out} {err}")
        # from pipes, which can be read once
        done = subprocess.run(["bash", "-c", f"{' '.join(TOOL)} check <(cat {source}) --host "
                               f"<(cat {VIRT})"], capture_output=True, text=True, check=False)
        line = line_of(source.read_text(), "bootarg")
        expect(done.stdout, f"^/dev/fd/[0-9]+:{line}: {re.escape(told)}")


def lines():
    """Lines are right whatever is in strings, in included files and in the machine's tree."""
    with Files() as files:
        files.write("more.dtsi", "\n\n/ {\n\tthird { };\n};\n/ { second { cpu = <1>; }; };\n")
        files.write("data {", "x")
        text = description('bootargs = "a {b /* c */ }; // d: e";\n\t\tinitrd =\n'
                           '\t\t\t/incbin/(\n\t\t\t"data {");\n\t\tname: bootarg = "x";')
        dts = files.write("x.dts", text + '\n#include "more.dtsi"\n')
        more = files.path("more.dtsi")
        out, _ = tool("check", dts, code=2)
        expect(out, f"^{dts}:{line_of(text, 'bootarg =')}: error: /first: bootarg: ",
               f"^{dts}:{line_of(text, 'initrd =')}: warning: /first: initrd: ",
               f"^{more}:4: error: /third: unknown node", f"^{more}:6: error: /second: cpu: ")
        if len(out.splitlines()) != 4:
            raise Fail(out)
        # what dtc warns of
        text = description(second="0x2000000; status = <1>").replace(
            "0x2000000; status = <1>>", "0x2000000>; };\ndevice-tree { status = <1>")
        dts = files.write("y.dts", text)
        out, err = tool("check", dts, "--strict", code=1)
        if err or out != (f"{dts}:{line_of(text, 'status = ')}: warning: /second/device-tree:"
                          " status: property is not a string\n"):
            raise Fail(f"{out} {err}")
        machine = files.write("machine.dts",
                              re.sub(r"chosen {.*};", "chosen { };", DEVICES.read_text()))
        out, _ = tool("check", files.write("good.dts", description()), "--host", machine)
        expect(out, f"^{machine}:{line_of(machine.read_text(), 'chosen {')}: warning: /chosen: ")


def compiled(dts, files):
    """The bytes that dtc makes of a source."""
    out = files.path("compiled.dtb")
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(out), str(dts)], check=True)
    return out.read_bytes()


def every_bad_configuration():
    """As sources, all that tests/config knows has the lines of boot, and no other error."""
    with Files() as files:
        names = sorted(CONFIG.glob("bad-*.dts"))
        if len(names) < 60:
            raise Fail(f"only {len(names)} bad configurations")
        for dts in names:
            text = dts.read_text()
            host = (re.findall(r"^// host: (\S+)$", text, re.M) or ["virt-gicv3"])[0]
            expected = sorted(re.findall(r"^// expect: (error: .*)$", text, re.M))
            out, _ = tool("check", dts, "--host", CONFIG / f"hosts/{host}.dts",
                          code=2 if expected else 0)
            found = [re.sub(r"^[^ ]*?:\d+: ", "", line) for line in out.splitlines()]
            found = sorted(line for line in found if line.startswith("error: "))
            if found != expected:
                raise Fail(f"{dts.name}: {found}, not {expected}")
        del files


def beyond_boot():
    with Files() as files:
        for magic, what in [("1f8b0800000000000000", "compressed by gzip"),
                            ("fd377a585a000000", "compressed by xz"),
                            ("28b52ffd0000", "compressed by zstd"),
                            ("4d5a00007a696d67", "an EFI zboot image"),
                            ("2705195600000000", "a U-Boot uImage"),
                            ("00" * 36 + "18286f0100000000", "a 32-bit zImage")]:
            dts = files.write("x.dts", description(kernel=magic))
            out, _ = tool("check", dts, code=2)
            expect(out, "error: /first: kernel: is neither", f"note: /first: kernel: is {what}")
        dts = files.write("y.dts", description(second="0x2001000"))
        out, _ = tool("check", dts, "--host", VIRT)
        expect(out, r"warning: /second/memory@40000000: reg: 4 of its 32772 KiB are mapped by "
                    "pages of 4 KiB", r"note: /: \d+ of \d+ MiB of memory are left over",
               "note: /: no VM has CPUs 2 3: they stay off")
        # free memory that begins and ends between blocks, a CPU that cannot be started
        odd = DEVICES.read_text().replace("<0 0x40000000 0 0x40000000>",
                                          "<0 0x40000000 0 0x400000>, <0 0x40801000 0 0x4300000>")
        odd = re.sub(r'(reg = <1>;) enable-method = "psci";', r"\1", odd)
        dts = files.write("w.dts", description().replace(
            "second {", "other {").replace("0x2000000", "0x200000"))
        out, _ = tool("check", dts, "--host", files.write("odd.dts", odd), "--strict", code=1)
        line = line_of(dts.read_text(), "0 0x4000000>")
        expect(out, f"^{dts}:{line}: warning: /first/memory@40000000: reg: 65536 of its 65536 KiB "
                    "are mapped by pages of 4 KiB, not by blocks of 2 MiB: there is no free piece "
                    "of memory that is so aligned: make it smaller, or divide it$",
               f"^{dts}:{line_of(dts.read_text(), '<0 1>')}: warning: /first: cpus: CPU 1 cannot "
               "be started: the machine's tree has no enable-method for it$")
        out, _ = tool("check", files.write("z.dts", description()), "--host", DEVICES)
        expect(out, r"note: /: no VM has these \d+ devices: .*/pl031@9010000")
        alike = "".join(f'x@{n:x} {{ compatible = "x"; reg = <0 {n:#x} 0 1>; }};\n'
                        for n in range(16, 25))
        host = files.write("h.dts", DEVICES.read_text().replace("psci {", alike + "psci {", 1))
        out, _ = tool("check", dts, "--host", host)
        expect(out, r"note: /: no VM has these \d+ devices: /x@10 \(9 of these\) /near@9000800 ")


def json_output():
    with Files() as files:
        dts = files.write("x.dts", description("bootarg = \"x\"; initrd = [01020304 05];"))
        out, _ = tool("check", dts, "--format", "json", "--host", VIRT, code=2)
        report = json.loads(out)
        if report["file"] != str(dts) or report["errors"] != 1 or report["warnings"] != 1:
            raise Fail(out)
        message = next(m for m in report["messages"] if m["severity"] == "error")
        if message != {"severity": "error", "path": "/first", "property": "bootarg",
                       "message": "unknown property: did you mean bootargs?", "boot": True,
                       "file": str(dts), "line": line_of(dts.read_text(), "bootarg")}:
            raise Fail(str(message))
        for text, what in [(description().replace("<0 1>", "<0 1"), "syntax error"),
                           (description().replace(f"[{IMAGE}]", '/incbin/("nix")'), "nix")]:
            dts = files.write("y.dts", text)
            report = json.loads(tool("check", dts, "--format", "json", code=2)[0])
            if len(report["messages"]) != 1 or what not in report["messages"][0]["message"]:
                raise Fail(str(report))
        odd = files.write(os.fsdecode(b"\xff\"\t.dts"), description("bootarg = \"x\";"))
        done = subprocess.run([*TOOL, "check", str(odd), "--format", "json"], capture_output=True,
                              check=False)
        if not json.loads(done.stdout.decode())["file"].endswith("\ufffd\"\t.dts"):
            raise Fail(str(done))
        out, _ = tool("check", files.write("good.dts", description()), "--format", "json")
        if json.loads(out)["messages"]:
            raise Fail(out)


def colours():
    with Files() as files:
        dts = files.write("x.dts", description("bootarg = \"x\";"))
        expect_not(tool("check", dts, code=2)[0], "\033")
        expect(tool("check", dts, "--color=always", code=2)[0], "\033\\[1;31merror\033\\[0m")
        ours, theirs = pty.openpty()
        for env, coloured in [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False),
                              ({"TERM": "xterm", "NO_COLOR": ""}, True),
                              ({"TERM": "xterm", "NO_COLOR": "1"}, False)]:
            clean = {k: v for k, v in os.environ.items() if k not in ("TERM", "NO_COLOR")}
            subprocess.run([*TOOL[:1], "check", str(dts), *TOOL[1:]], stdout=theirs, check=False,
                           env={**clean, **env})
            printed = os.read(ours, 65536).decode()
            if ("\033[1;31merror" in printed) != coloured:
                raise Fail(f"{env}: {printed!r}")
        os.close(ours)
        os.close(theirs)


# ---- The other commands ----

PASSED = 'passthrough = "/pl031@9010000"; console = "none";'


def map_table():
    with Files() as files:
        dts = files.write("x.dts", description(PASSED))
        out, _ = tool("map", dts, "--host", DEVICES)
        expect(out, r"^ +0x40200000 +0x403fffff +2 MiB  Bulkhead +image and pool$",
               r"^ +0x[0-9a-f]+ +0x[0-9a-f]+ +64 MiB  first +at 0x40000000$",
               r"^ +0x[0-9a-f]+ +0x[0-9a-f]+ +32 MiB  second +at 0x40000000$",
               r"^ +0x8000000 +0x800ffff +64 KiB  Bulkhead +/intc@8000000$",
               r"^ +0x9010000 +0x9010fff +4 KiB  first +/pl031@9010000$",
               r"^ +0x9030000 +0x90301ff +512 B  - +/first@9030000$",
               r"^ +2 +first +/pl031@9010000$", r"^ +30 +- +/soc/mmc@1000$",
               r"^ +0 +0  +first vCPU 0$",
               r"^ +1 +0x1  +first vCPU 1, second vCPU 0 \(shared\)$",
               r"^  \(assumed: Bulkhead at 0x40200000, as QEMU's loader does it; the description "
               r"at 0x48000000, as QEMU's loader does it\)$")
        check_pieces(out, 0x40000000, 0x80000000)
        _, err = tool("map", dts, code=2)
        expect(err, "map needs the machine's device tree: --host DTB")
        _, err = tool("map", files.write("y.dts", description().replace("<0 1>", "<9>")),
                      "--host", DEVICES, code=2)
        expect(err, "CPU 9 does not exist")


def firmware():
    """What a VM has as firmware is memory of the machine's, in the table and in the picture."""
    with Files() as files:
        text = description().replace("kernel = <&kernel>", "firmware = <&kernel>", 1)
        dts, svg = files.write("x.dts", text), files.path("x.svg")
        out, _ = tool("map", dts, "--host", DEVICES, "--svg", svg)
        expect(out, r"^ +0x[0-9a-f]+ +0x[0-9a-f]+ +4 KiB  first +at 0, firmware$",
               r"^ +0x[0-9a-f]+ +0x[0-9a-f]+ +64 MiB  first +at 0x40000000$")
        check_pieces(out, 0x40000000, 0x80000000)
        names = names_of(ET.parse(svg).getroot())
        expect(names, "^0x40000000 64 MiB, physical", "firmware, 4 KiB",
               "^0x40000000 device tree, 64 KiB")
        out, _ = tool("guest-dts", "first", dts)
        expect(out, r"flash@4000000 \{")
        expect_not(out, "memory@0 ")
        with files.path("large").open("wb") as file:
            file.truncate((64 << 20) + 1)
        dts = files.write("large.dts", text.replace("firmware = <&kernel>",
                                                    'firmware = /incbin/("large")', 1))
        out, _ = tool("check", dts, code=2)
        expect(out, "firmware: has 65537 KiB, but a bank of flash only 64 MiB: make it smaller")


def pieces(out):
    """(first, last, rest of the line) of every piece of memory in a map."""
    rows = re.findall(r"^ +(0x[0-9a-f]+|0) +(0x[0-9a-f]+) +\d+ [KMG]iB +(.*)$",
                      out.split("devices")[0], re.M)
    return [(int(first, 16), int(last, 16), rest) for first, last, rest in rows]


def check_pieces(out, base, end):
    """The pieces of memory follow each other without a gap, and are all of the bank."""
    for first, last, rest in pieces(out):
        if first != base or last < first:
            raise Fail(f"a gap or an overlap at {first:#x}: {rest}")
        base = last + 1
    if base != end:
        raise Fail(f"to {base:#x}, not {end:#x}")


def what_is_there_already():
    """What the boot loader places is beside what is reserved or fixed, or where it says."""
    with Files() as files:
        text = DEVICES.read_text()
        reserved = ("reserved-memory {\n#address-cells = <2>; #size-cells = <2>; ranges;\n"
                    "a@40200000 { reg = <0 0x40200000 0 0x1000>; };\n"
                    "b@48000000 { reg = <0 0x48000000 0 0x200000>; };\n"
                    "c@7ff00000 { reg = <0 0x7ff00000 0 0x400000>; };\n};\nchosen {")
        host = files.write("host.dts", text.replace("chosen {", reserved, 1))
        dts = files.write("x.dts", description())
        out, _ = tool("map", dts, "--host", host)
        expect(out, "0x40400000 +0x405fffff +2 MiB  Bulkhead", "0x48200000 .* system description$",
               "0x7ff00000 +0x7fffffff +1 MiB  - +reserved by firmware$")
        check_pieces(out, 0x40000000, 0x80000000)
        host = files.write("host.dts", text.replace("chosen {", "chosen { linux,initrd-start = "
                           "<0x50000000>; linux,initrd-end = <0x50000100>;", 1))
        out, _ = tool("map", dts, "--host", host)
        expect(out, "0x50000000 .* system description$", "by linux,initrd-start")
        # with all of the memory given away, there is room for nothing else
        dts = files.write("x.dts", description(second="0x3c000000"))
        out, _ = tool("map", dts, "--host", DEVICES)
        expect(out, "beside these there is no room for the VMs")
        expect_not(out, "image and pool")
        check_pieces(out, 0x40000000, 0x80000000)
        out, _ = tool("check", dts, "--host", DEVICES, "--strict", code=1)
        expect(out, "warning: /: the VMs' memory fits only if the boot loader does not put")


SVG = "{http://www.w3.org/2000/svg}"


def check_texts(root):
    """No text of the picture is on another one, or beyond the picture."""
    boxes = []
    for t in root.iter(SVG + "text"):
        text = "".join(t.itertext()) if t.find(SVG + "title") is None else t[0].tail
        # as wide as wide fonts are
        wide = {"mono": 6.7, "head": 9.5, "title": 12.5}[t.get("class").split()[0]] * len(text)
        boxes.append((float(t.get("x")), float(t.get("y")), wide, text))
    for n, (x, y, wide, text) in enumerate(boxes):
        if x < 0 or x + wide > float(root.get("width")) or y > float(root.get("height")):
            raise Fail(f"{text!r} is beyond the picture")
        for other_x, other_y, other_wide, other in boxes[:n]:
            if abs(y - other_y) < 11 and x < other_x + other_wide and other_x < x + wide:
                raise Fail(f"{text!r} is on {other!r}")


def check_scale(rects, name):
    """All boxes that have a size are to one scale."""
    sized = [(float(r.get("height")), int(r.get("data-size"))) for r in rects if r.get(name)]
    scale = max(sized)[0] / max(sized)[1]
    for height, size in sized:
        if abs(height - size * scale) > 0.01:
            raise Fail(f"{size} has height {height}, not {size * scale}")
    return len(sized)


def names_of(root):
    """All texts and tooltips, a line each."""
    return "\n".join("".join(t.itertext()) for tag in ("text", "title")
                     for t in root.iter(SVG + tag))


def picture():
    with Files() as files:
        dts, svg = files.write("x.dts", description(PASSED)), files.path("x.svg")
        out, _ = tool("map", dts, "--host", DEVICES, "--svg", svg)
        root = ET.parse(svg).getroot()
        rects = list(root.iter(SVG + "rect"))
        count = check_scale(rects, "data-bank"), check_scale(rects, "data-vm")
        if count != (len(pieces(out)), 2):
            raise Fail(f"not all pieces are in the picture: {count}")
        owners = {r.get("data-owner") for r in rects}
        if not {"first", "second", "Bulkhead", "free"} <= owners:
            raise Fail(f"owners: {owners}")
        shares = {r.get("data-cpu"): float(r.get("height")) for r in rects if r.get("data-cpu")}
        if shares["0"] != 2 * shares["1"]:
            raise Fail(f"shares: {shares}")
        names = names_of(root)
        expect(names, "^first$", "^second$", "/pl031@9010000 +SPI 2", "bank 0: 0x40000000, 1 GiB",
               "1/2 second vCPU 0", "kernel, 1 MiB")
        for path in re.findall(r"(/\S+)$", out.split("devices\n")[1].split("\n\n")[0], re.M):
            expect(names, re.escape(path))
        if "prefers-color-scheme: dark" not in svg.read_text() or "<script" in svg.read_text():
            raise Fail("the picture is for light only, or does something")
        check_texts(root)
        _, err = tool("map", dts, "--host", DEVICES, "--svg", "/nowhere/x.svg", code=2)
        expect(err, "/nowhere/x.svg: No such file")


def picture_of_much():
    """Long names, small and large pieces, many of everything: all is there, and legible."""
    with Files() as files:
        many, name = "", "a-virtual-machine-of-31-letters"
        for n in range(10):
            many += (f'{name[:-2]}{n:02} {{ compatible = "bulkhead,vm"; cpus = <0 {n % 3}>; '
                     "kernel = <&kernel>;\nmemory@40000000 { "
                     f"reg = <0 0x40000000 0 {0x400000 << n % 5:#x}  0x80 0 0 0x1000>; }}; }};\n"
                     ).replace("<0 0>", "<0>")
        text = description()
        dts = files.write("x.dts", text[:text.index("first {")] + many + "};\n")
        devices = "".join(f'a-device-of-a-long-name@{n:x} {{ compatible = "x"; '
                          f"reg = <0 {n:#x} 0 1>; interrupts = <0 {n % 900} 4>; }};\n"
                          f'b@{n + 8:x} {{ compatible = "y"; reg = <0 {n + 8:#x} 0 1>; }};\n'
                          for n in range(0x1000000, 0x1003000, 0x40))
        memory = ("memory@90000000 { device_type = \"memory\"; reg = <0 0x90000000 0 0x1000>, "
                  "<2 0 1 0>, <4 0 0 0x100000>; };\npsci {")
        host = DEVICES.read_text().replace("psci {", devices + memory, 1)
        cpus = "".join(f'cpu@{n:x} {{ device_type = "cpu"; compatible = "arm,cortex-a57"; '
                       f'reg = <{n}>; enable-method = "psci"; }};\n' for n in range(2, 100))
        host = host.replace("cpu@1 {", cpus + "cpu@1 {", 1)
        svg, host = files.path("x.svg"), files.write("host.dts", host)
        out, _ = tool("map", dts, "--host", host, "--svg", svg)
        root = ET.parse(svg).getroot()
        check_scale(root.iter(SVG + "rect"), "data-bank")
        check_scale(root.iter(SVG + "rect"), "data-vm")
        check_texts(root)
        names = names_of(root)
        expect(names, *[f"^{name[:-2]}{n:02}$" for n in range(10)], "and 97 CPUs that are idle",
               *[f"^bank {n}: " for n in range(4)])
        for path in re.findall(r"(/\S+)$", out.split("devices\n")[1].split("\n\n")[0], re.M):
            expect(names, re.escape(path))


def guest_dts():
    with Files() as files:
        dts = files.write("x.dts", description(PASSED + r'bootargs = "a \"b\\\\c\" {";'))
        out, err = tool("guest-dts", "first", dts, "--host", DEVICES)
        expect(out, "^/dts-v1/;", "pl031@9010000 {", "interrupts = <0x0 0x2 0x4>",
               "clocks = <&[a-z_0-9]+>", 'compatible = "arm,pl031", "arm,primecell"')
        if err:
            raise Fail(err)
        done = subprocess.run(["dtc", "-I", "dts", "-O", "dtb", "-o", str(files.path("out")), "-"],
                              input=out, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            raise Fail(f"dtc on the guest's tree: {done.stderr}")
        made = subprocess.run(["fdtget", str(files.path("out")), "/chosen", "bootargs"],
                              capture_output=True, text=True, check=True).stdout
        if made != 'a "b\\\\c" {\n':
            raise Fail(made)
        host = files.write("host.dtb", compiled(DEVICES, files).replace(
            b"clock-names", b"clock\x1b[\xffx {"))
        odd, _ = tool("guest-dts", "first", dts, "--host", host)
        expect(odd, r'^\t\tclock\?\?\?x\?\? = "apb_pclk";$')
        expect_not(tool("guest-dts", "second", dts, "--host", DEVICES)[0], "pl031")
        expect(tool("guest-dts", "second", dts)[0], 'compatible = "arm,armv8"')
        _, err = tool("guest-dts", "third", dts, code=2)
        expect(err, "there is no VM third in .*: it has first, second$")


def build():
    with Files() as files:
        out = files.path("out.dtb")
        include = files.path("include")
        include.mkdir()
        (include / "mine.h").write_text("#define SIZE 0x4000000\n")
        (include / "kernel.bin").write_bytes(bytes.fromhex(IMAGE))
        text = description().replace(f"[{IMAGE}]", '/incbin/("kernel.bin")').replace(
            "/ {", "#include <mine.h>\n#include <bulkhead.h>\n"
            "#include \"boards/qemu-virt.dtsi\"\n/ {", 1)
        text = text.replace("<0 0x40000000 0 0x4000000>", "<ADDRESS(0x40000000) 0 SIZE>")
        dts = files.write("good.dts", text)
        tool("build", dts, "-o", out, "-I", include, "--host", VIRT)
        made = subprocess.run(["fdtget", "-t", "x", str(out), "/first/memory@40000000", "reg"],
                              capture_output=True, text=True, check=True).stdout
        if made != "0 40000000 0 4000000\n":
            raise Fail(made)
        # what it makes, it reads
        tool("check", out, "--host", VIRT)
        out.unlink()
        for mistake, complaint, where in [
                ("cpus = <0 1", "syntax error", "cpus = <0 1;"),
                ("cpus = <7>", "/first: cpus: CPU 7 does not exist: this machine has CPUs 0 to 3",
                 "cpus = <7>"),
                ("cpus = <&nobody>", '/first: Reference to non-existent node or label "nobody"',
                 "first {"),
                ("initrd =\n\n\t/incbin/(\"nix\"); cpus = <0 1>",
                 "/incbin/: nix: No such file or directory: looked beside "
                 f"{files.path('wrong.dts')}, in -I and in the program's folder", "nix"),
                ("#include <nowhere.h>\n\t\tcpus = <0 1>",
                 "nowhere.h: No such file or directory", "#include <nowhere.h>")]:
            wrong = files.write("wrong.dts", text.replace("cpus = <0 1>", mistake))
            out.write_text("of an earlier run")
            _, err = tool("build", wrong, "-o", out, "-I", include, "--host", VIRT, code=2)
            if err != f"{wrong}:{line_of(wrong.read_text(), where)}: error: {complaint}\n":
                raise Fail(f"{mistake}: {err}")
            if sorted(os.listdir(files.folder.name)) != ["good.dts", "include", "wrong.dts"]:
                raise Fail(f"{mistake}: left behind: {os.listdir(files.folder.name)}")
        for arguments in [(dts, "-o", dts), (dts, "-o", VIRT, "--host", VIRT)]:
            _, err = tool("build", *arguments, "-I", include, code=2)
            expect(err, "would be overwritten")
        if dts.read_text() != text:
            raise Fail("the source is overwritten")
        warns = files.write("warns.dts", description("initrd = [01020304 05];"))
        tool("build", warns, "-o", "/nowhere/out.dtb", code=2)
        tool("build", warns, "-o", out, "--strict", code=1)
        if out.exists():
            raise Fail("after a warning, --strict: there is an output")
        tool("build", warns, "-o", out)
        if out.read_bytes()[:4] != b"\xd0\x0d\xfe\xed":
            raise Fail("no tree")
        tool("build", warns, "-o", "/dev/null")


def same_as_boot():
    """EL2 prints, on the machine itself, what the tool prints before."""
    with Files() as files:
        host = files.path("host.dtb")
        machine = Machine(None, smp=4, mem="1G")
        board = machine.command[machine.command.index("-M") + 1]
        subprocess.run(["qemu-system-aarch64", "-M", f"{board},dumpdtb={host}", "-cpu",
                        "cortex-a57", "-smp", "4", "-m", "1G", "-display", "none"], check=True,
                       capture_output=True)
        for name in ["bad-several", "bad-cpu", "bad-passthrough-twice", "bad-load-outside",
                     "bad-action", "bad-passthrough-missing", "bad-passthrough-dma",
                     "bad-device-tree-deep"]:
            dts, blob = CONFIG / f"{name}.dts", files.write("x.dtb", b"")
            subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(blob), str(dts)],
                           check=True)
            out, _ = tool("check", blob, "--host", host, code=2)
            told = [line for line in out.splitlines() if not line.startswith("note: ")]
            with Machine(blob, smp=4, mem="1G") as qemu:
                qemu.expect("the system description has errors|not all VMs can be built",
                            vm="bulkhead")
                booted = [line for line in qemu.text_of("bulkhead")
                          if re.match("(error|warning): /", line)]
            if booted != told:
                raise Fail(f"{name}: EL2 says {booted}, the tool {told}")


def placed_as_boot():
    """The map has the VMs where boot puts them, by QEMU's tree with and without -initrd."""
    pair = BUILD / "linux-pair.dtb"
    with Files() as files:
        with Machine(pair, smp=4, mem="2G") as qemu:
            placed = [qemu.expect(f"^{vm}: VMID .* MiB at (0x[0-9a-f]+)$", vm="bulkhead")[1]
                      for vm in ("linux-a", "linux-b")]
        for with_initrd in (True, False):
            host = files.path("host.dtb")
            command = Machine(pair if with_initrd else None, smp=4, mem="2G").command
            board = command.index("-M") + 1
            command[board] += f",dumpdtb={host}"
            subprocess.run(command, check=True, capture_output=True,
                           stdin=subprocess.DEVNULL)
            out, _ = tool("map", pair, "--host", host)
            found = [hex(first) for vm in ("linux-a", "linux-b") for first, _, rest in pieces(out)
                     if rest.startswith(vm)]
            if found != placed:
                raise Fail(f"boot has them at {placed}, the map at {found}")
            expect(out, "by linux,initrd-start" if with_initrd else "at 0x48000000, as QEMU's")


# ---- The command line ----

def usage():
    out, _ = tool("--help")
    expect(out, *[f"^  {command} " for command in COMMANDS])
    expect(tool("--version")[0], r"^bulkhead \d")
    for command in COMMANDS:
        expect(tool(command, "--help")[0], f"^usage: bulkhead {command} ", "^  --host DTB")
    for arguments in [[], ["frobnicate", "x"], ["check"], ["map"], ["guest-dts", "x.dts"],
                      ["build", "x.dts"], ["check", "x", "y"], ["check", "x", "--format", "xml"],
                      ["check", "x", "--color", "red"], ["check", "x", "--nonsense"]]:
        out, err = tool(*arguments, code=2)
        expect(err, "usage: bulkhead check")
    full = subprocess.run([TOOL[0], "--help"], stdout=open("/dev/full", "w", encoding="ascii"),
                          stderr=subprocess.PIPE, check=False)
    if full.returncode != 2:
        raise Fail(f"output that cannot be written: exit code {full.returncode}")
    with Files() as files:
        wrong = files.write("wrong.dts", description("bootarg = \"x\";"))
        good = files.write("good.dts", description())
        # who has read enough is no error of ours
        done = subprocess.run(["bash", "-c", f"{' '.join(TOOL)} guest-dts first {good} | :; "
                               "echo ${PIPESTATUS[0]}"], capture_output=True, text=True,
                              check=False)
        if done.stderr or done.stdout not in ("0\n", "141\n"):
            raise Fail(f"into a pipe that nobody reads: {done}")
        for arguments, code in [(f"check {wrong}", 2), (f"guest-dts first {good}", 2),
                                (f"build {good} -o {files.path('out')}", 0)]:
            done = subprocess.run(["sh", "-c", f"exec {' '.join(TOOL)} {arguments} <&- >&-"],
                                  stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode != code or (code and "Bad file descriptor" not in done.stderr):
                raise Fail(f"{arguments}, closed: {done}")


def plain(*arguments, code=0, cwd=ROOT):
    """Runs the users' own tool. Returns what it printed, out and err."""
    done = subprocess.run([str(BUILD / "bulkhead"), *map(str, arguments)], capture_output=True,
                          text=True, check=False, cwd=cwd)
    if done.returncode != code:
        raise Fail(f"{arguments}: exit code {done.returncode}, not {code}: {done.stdout} "
                   f"{done.stderr}")
    return done.stdout, done.stderr


def for_make():
    """build tells make what it has read; without the check it only compiles."""
    with Files() as files:
        files.write("part.dtsi", "/* nothing */\n")
        data = files.write("kernel.bin", bytes.fromhex(IMAGE))
        dts = files.write("x.dts", description().replace(
            "[" + IMAGE + "]", '/incbin/("kernel.bin")').replace("/ {", '#include "part.dtsi"\n/ {',
                                                                1))
        dtb, rule = files.path("x.dtb"), files.path("x.d")
        tool("build", dts, "-o", dtb, "--depfile", rule)
        made = files.write("Makefile", f"include {rule}\n{dtb}:\n\t@echo made\n")
        for newer in (dts, files.path("part.dtsi"), data, None):
            for path in (dts, files.path("part.dtsi"), data):
                os.utime(path, (1, 1))
            if newer:
                os.utime(newer, (1 << 33, 1 << 33))
            out = subprocess.run(["make", "-s", "-f", str(made), str(dtb)], capture_output=True,
                                 text=True, check=True).stdout
            if ("made" in out) != bool(newer):
                raise Fail(f"{newer}: {out!r}")
        if sorted(path.name for path in files.path(".").iterdir()) != [
                "Makefile", "kernel.bin", "part.dtsi", "x.d", "x.dtb", "x.dts"]:
            raise Fail(f"left behind: {list(files.path('.').iterdir())}")
        bad = files.write("bad.dts", description().replace("<0 1>", '"0"'))
        tool("build", bad, "-o", dtb, "--depfile", rule, code=2)
        if dtb.exists() or rule.exists():
            raise Fail("after an error there is output")
        tool("build", bad, "-o", dtb, "--no-check")
        expect(tool("check", dtb, code=2)[0], "cpus")
        _, err = tool("build", files.write("worse.dts", "/dts-v1/; /"), "-o", dtb, "--no-check",
                      code=2)
        expect(err, "worse.dts:1: error")


def run_machine():
    """run gives QEMU what the description needs, and says before it starts what is wrong."""
    with Files() as files:
        dts = files.write("x.dts", description())
        out, _ = plain("run", dts, "--dry-run", "--image", "/dev/null", "--", "-name", "a b")
        expect(out, r"^qemu-system-aarch64 -M virt,virtualization=on,gic-version=3 -cpu cortex-a57 "
               r"-smp 4 -m 2G -nographic -kernel /dev/null -initrd DESCRIPTION.dtb -name 'a b'\n$")
        large = files.write("large.dts", description(second="0xc0000000").replace("<1>", "<5>"))
        out, _ = plain("run", large, "--dry-run", "--image", "/dev/null", "--gic", "2", "-o", "y.dtb")
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


INSTALLED = ["bin/bulkhead", "share/bash-completion/completions/bulkhead",
             "share/bulkhead/bulkhead.img", "share/bulkhead/dts/bindings/bulkhead,system.yaml",
             "share/bulkhead/dts/boards/qemu-virt.dtsi", "share/bulkhead/dts/include/bulkhead.h",
             "share/bulkhead/guests/hello.img", "share/doc/bulkhead/LICENSE",
             "share/doc/bulkhead/examples/hello.dts", "share/man/man1/bulkhead.1"]


def make(*arguments):
    done = subprocess.run(["make", "-s", *map(str, arguments)], cwd=ROOT, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Fail(f"make {arguments}: {done.stdout}{done.stderr}")


def boots(command, dts, cwd):
    """This command boots this description, with nothing of the project's folder."""
    done = subprocess.run([str(command), "run", str(dts), "--", "-nic", "none", "-accel",
                           "tcg,thread=single"], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, cwd=cwd,
                          env={"PATH": "/usr/bin:/bin"})
    expect(done.stdout, "powering off")
    expect_not(done.stdout, re.escape(str(ROOT)))


def installed():
    """In an empty root: all is there, and the command needs nothing else, wherever that is."""
    with Files() as files:
        root = files.path("root")
        make("install", f"DESTDIR={root}", "PREFIX=/usr/local")
        usr = root / "usr/local"
        missing = [name for name in INSTALLED if not (usr / name).is_file()]
        if missing or [path.name for path in root.iterdir()] != ["usr"]:
            raise Fail(f"missing: {missing}")
        moved = files.path("else where")
        usr.rename(moved)
        boots(moved / "bin/bulkhead", moved / "share/doc/bulkhead/examples/hello.dts",
              files.path("."))
        subprocess.run([moved / "bin/bulkhead", "init", "my.dts"], cwd=files.path("."), check=True)
        boots(moved / "bin/bulkhead", "my.dts", files.path("."))
        # alone, it knows where the rest was to be
        build = files.path("build")
        prefix = files.path("prefix")
        make(f"{build}/bulkhead", f"B={build}", f"LIBFDT={BUILD}/deps/libfdt", f"PREFIX={prefix}")
        (prefix / "share").mkdir(parents=True)
        (moved / "share/bulkhead").rename(prefix / "share/bulkhead")
        alone = files.path("alone")
        (build / "bulkhead").rename(alone)
        boots(alone, moved / "share/doc/bulkhead/examples/hello.dts", files.path("."))


def debian():
    """The two packages, from just the source; their files are those of the installation."""
    with Files() as files:
        source = files.path("bulkhead")
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True,
                               check=True).stdout
        source.mkdir()
        subprocess.run(["cpio", "-0pdm", "--quiet", str(source)], cwd=ROOT, input=names,
                       check=True)
        done = subprocess.run(["dpkg-buildpackage", "-us", "-uc", "-F", "-d"], cwd=source,
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "LIBFDT": f"{BUILD}/deps/libfdt",
                                   "DEB_BUILD_OPTIONS": "noautodbgsym"})
        if done.returncode != 0:
            raise Fail(done.stdout[-3000:] + done.stderr[-3000:])
        if not files.path("bulkhead_0.1.dsc").is_file():
            raise Fail("no source package")
        root = files.path("root")
        packages = sorted(files.path(".").glob("*.deb"))
        if [path.name.split("_")[0] for path in packages] != ["bulkhead-image", "bulkhead"]:
            raise Fail(f"{packages}")
        for package in packages:
            subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True)
        missing = [name for name in INSTALLED if not (root / "usr" / name).is_file() and
                   not (root / "usr" / (name + ".gz")).is_file() and "LICENSE" not in name]
        if missing:
            raise Fail(f"missing: {missing}")
        boots(root / "usr/bin/bulkhead", root / "usr/share/doc/bulkhead/examples/hello.dts",
              files.path("."))


def manual():
    """The manual and the completion know every command and option that --help knows."""
    out, _ = tool("--help")
    options = sorted(set(re.findall(r"--[a-z][a-z-]*", out)))
    page = (ROOT / "tools/bulkhead.1").read_text()
    words = (ROOT / "tools/completion.bash").read_text()
    for option in options:
        option = option.rstrip("-")
        expect(page, re.escape(f"Fl -{option[2:]}"))
        expect(words, re.escape(option))
    for command in COMMANDS:
        expect(page, f"Cm {command}")
    completed = subprocess.run(
        ["bash", "-c", "source tools/completion.bash; COMP_WORDS=(bulkhead ''); COMP_CWORD=1; "
         "_bulkhead; echo ${COMPREPLY[@]}; COMP_WORDS=(bulkhead check --f); COMP_CWORD=2; "
         "COMPREPLY=(); _bulkhead; echo ${COMPREPLY[@]}"], cwd=ROOT, capture_output=True, text=True,
        check=True).stdout
    if completed.splitlines() != [" ".join(COMMANDS), "--format"]:
        raise Fail(completed)


def plain_tool():
    """Users' own, without the sanitizers, finds the project's files by itself."""
    for config in sorted((ROOT / "configs").glob("*.dts")):
        done = subprocess.run([str(BUILD / "bulkhead"), "check", str(config), "--strict"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Fail(f"{config.name}: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    run([Case("exit-codes", exit_codes), Case("kinds-of-files", kinds_of_files),
         Case("lines", lines), Case("every-bad-configuration", every_bad_configuration),
         Case("beyond-boot", beyond_boot), Case("json", json_output), Case("colours", colours),
         Case("map", map_table), Case("firmware", firmware), Case("taken", what_is_there_already), Case("picture", picture),
         Case("picture-of-much", picture_of_much), Case("guest-dts", guest_dts),
         Case("build", build), Case("same-as-boot", same_as_boot),
         Case("placed-as-boot", placed_as_boot), Case("usage", usage), Case("manual", manual),
         Case("plain-tool", plain_tool), Case("for-make", for_make),
         Case("run", run_machine), Case("run-boots", run_boots),
         Case("init", init), Case("installed", installed), Case("debian", debian, cpu=600)])
