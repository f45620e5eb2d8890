#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The bulkhead command, as users and other programs run it: exit codes,
messages with their lines, JSON, the map, guests' trees, build;
and that it says what boot says.
"""

import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

from common import (BUILD, CONFIG, DEVICES, IMAGE, ROOT, TOOL, VIRT, Files, compiled, description,
                    expect, expect_not, line_of, tool)  # found beside this
from atf import Case, Fail, run  # found through common
from qemu import Machine  # found through common

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
        # what is no image has no format
        for value in ["&kernel", '"kernel"', "<&kernel &kernel>"]:
            wrong = files.write("wrong.dts", description(f"initrd = {value};"))
            out, _ = tool("check", wrong, code=2)
            if len(out.splitlines()) != 1 or ": error: /first: initrd: " not in out:
                raise Fail(out)
        wrong = files.write("wrong.dts", description("bootarg = \"x\";"))
        out, _ = tool("check", wrong, code=2)
        if out != (f"{wrong}:{line_of(wrong.read_text(), 'bootarg')}: error: /first: bootarg: "
                   "unknown property: did you mean bootargs?\n"):
            raise Fail(out)
        _, err = tool("check", files.path("none.dtb"), code=2)
        expect(err, "none.dtb: No such file")
        _, err = tool("check", files.folder.name, code=2)
        expect(err, "is a folder: name a file in it")
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
        # the parent of what is in device-tree is the guest's root, with two size cells
        for cells, said in [(2, False), (3, True)]:
            inner = (f"device-tree {{ reserved-memory {{ #address-cells = <2>; #size-cells = "
                     f"<{cells}>; ranges; }}; }};")
            dts = files.write("z.dts", description(inner))
            out, _ = tool("check", dts, "--strict", code=int(said))
            if ('empty "ranges" property' in out) != said or len(out.splitlines()) != said:
                raise Fail(out)
        machine = files.write("machine.dts",
                              re.sub(r"chosen {.*};", "chosen { };", DEVICES.read_text()))
        out, _ = tool("check", files.write("good.dts", description()), "--host", machine)
        expect(out, f"^{machine}:{line_of(machine.read_text(), 'chosen {')}: warning: /chosen: ")


def missing_labels():
    """The line of the reference, not that of its node, also of the second VM's."""
    with Files() as files:
        text = description('bootargs = "&nobody";\n\t\tinitrd = <&nobody>;')
        text = text.replace("cpus = <1>;", "cpus =\n\t\t\t<1 &nobody>;")
        dts = files.write("x.dts", text)
        out, _ = tool("check", dts, code=2)
        for vm, what in ("first", "initrd = <&nobody>"), ("second", "<1 &nobody>"):
            expect(out, f"^{dts}:{line_of(text, what)}: error: /{vm}: Reference to non-existent "
                   'node or label "nobody"$')


def names_twice():
    """A VM that was copied, and not renamed: dtc merges it where a board's labels stand before."""
    with Files() as files:
        text = description().replace("\tsecond {", "\tfirst {")
        for board in ["", '#include "boards/qemu-virt.dtsi"\n']:
            for origin, what in [(text, "/ has two nodes first,"), (
                    description(second="0x2000000>; };\n\t\tmemory@40000000 { reg = <0 0 0 0x1000"),
                                  "second has two nodes memory@40000000,")]:
                dts = files.write("x.dts", origin.replace("\n", "\n" + board, 1))
                lines = dts.read_text().splitlines()
                node = what.split()[-1].strip(",") + " {"
                line = max(n for n, at in enumerate(lines, 1) if at.strip().startswith(node))
                out, err = tool("check", dts, code=2)
                if err or not out.startswith(f"{dts}:{line}: error: {what} ") or \
                        len(out.splitlines()) != 1:
                    raise Fail(f"{out} {err}")
        # written once more on purpose, or after it was deleted
        again = "\n/ { first { own-counter; }; };\n/ { /delete-node/ second; };\n"
        tool("check", files.write("y.dts", description() + again), "--strict")
        tool("check", files.write("z.dts", description() + "/ { x { }; /delete-node/ x;\n"
                                  "x { }; /delete-node/ x; };\n"), "--strict")


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
            dts = files.write("x.dts", description(kernel=magic + "00" * 64))
            out, _ = tool("check", dts, code=2)
            expect(out, "error: /first: kernel: is neither", f"note: /first: kernel: is {what}")
        dts = files.write("y.dts", description(second="0x2001000"))
        out, _ = tool("check", dts, "--host", VIRT)
        expect(out, r"warning: /second/memory@40000000: reg: 4 of its 32772 KiB are mapped by "
                    "pages of 4 KiB", r"note: /: \d+ of \d+ MiB of memory are left over",
               "note: /: no VM has CPUs 2 3: they stay off")
        # free memory that begins and ends between blocks
        odd = DEVICES.read_text().replace("<0 0x40000000 0 0x40000000>",
                                          "<0 0x40000000 0 0x400000>, <0 0x40801000 0 0x4300000>")
        dts = files.write("w.dts", description().replace(
            "second {", "other {").replace("0x2000000", "0x200000"))
        out, _ = tool("check", dts, "--host", files.write("odd.dts", odd), "--strict", code=1)
        line = line_of(dts.read_text(), "0 0x4000000>")
        expect(out, f"^{dts}:{line}: warning: /first/memory@40000000: reg: 65536 of its 65536 KiB "
                    "are mapped by pages of 4 KiB, not by blocks of 2 MiB: there is no free piece "
                    "of memory that is so aligned: make it smaller, or divide it$")
        out, _ = tool("check", files.write("z.dts", description()), "--host", DEVICES)
        expect(out, r"note: /: no VM has these \d+ devices: .*/pl031@9010000")
        # device-tree is joined with a root that has two cells, whatever dtc takes it to have
        inside = ("device-tree { reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;"
                  " b@42000000 { reg = <0 0x42000000 0 0x1000>; }; }; };\nmemory@")
        out, _ = tool("check", files.write("r.dts", description().replace("memory@", inside, 1)),
                      "--host", DEVICES, "--strict")
        expect_not(out, "warning")
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
        for text, what in [(description().replace("<0 1>", "<0 1"), "> is missing"),
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
               r"^ +0 +0x0  +first vCPU 0$",
               r"^ +1 +0x1  +first vCPU 1, second vCPU 0 \(shared\)$",
               r"^  \(assumed: Bulkhead at 0x40200000, as QEMU's loader does it; the description "
               r"at 0x48000000, as QEMU's loader does it\)$")
        check_pieces(out, 0x40000000, 0x80000000)
        # where the guest has it, if that is elsewhere; columns are as wide as names are
        name = "a-virtual-machine-of-31-letters"
        text = description(PASSED + "passthrough-at = <0 0x9000000>;").replace("first", name)
        out, _ = tool("map", files.write("y.dts", text), "--host", DEVICES)
        expect(out, rf"^ +0x9010000 +0x9010fff +4 KiB  {name} /pl031@9010000, at 0x9000000$",
               rf"^ +0x9030000 +0x90301ff +512 B  -{' ' * len(name)}/first@9030000$")
        _, err = tool("map", dts, code=2)
        expect(err, "map needs the machine's device tree: --host DTB")
        _, err = tool("map", files.write("y.dts", description().replace("<0 1>", "<9>")),
                      "--host", DEVICES, code=2)
        expect(err, "CPU 9 does not exist")


def firmware():
    """What a VM has as firmware is memory of the machine's, in the table."""
    with Files() as files:
        text = description().replace("kernel = <&kernel>", "firmware = <&kernel>", 1)
        dts = files.write("x.dts", text)
        out, _ = tool("map", dts, "--host", DEVICES)
        expect(out, r"^ +0x[0-9a-f]+ +0x[0-9a-f]+ +4 KiB  first +at 0x0, firmware$",
               r"^ +0x[0-9a-f]+ +0x[0-9a-f]+ +64 MiB  first +at 0x40000000$")
        check_pieces(out, 0x40000000, 0x80000000)
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
    rows = re.findall(r"^ +(0x[0-9a-f]+) +(0x[0-9a-f]+) +\d+ [KMG]iB +(.*)$",
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
                ("cpus = <0 1", "> is missing: < is opened here, and ; follows", "cpus = <0 1;"),
                ("cpus = <7>", "/first: cpus: CPU 7 does not exist: this machine has CPUs 0 to 3",
                 "cpus = <7>"),
                ("cpus = <&nobody>", '/first: Reference to non-existent node or label "nobody"',
                 "&nobody"),
                ("initrd =\n\n\t/incbin/(\"nix\"); cpus = <0 1>",
                 "nix cannot be included: No such file or directory: looked beside "
                 f"{files.path('wrong.dts')}, in -I and in the program's folder", "nix"),
                ("#include <nowhere.h>\n\t\tcpus = <0 1>",
                 "nowhere.h: No such file or directory", "#include <nowhere.h>")]:
            wrong = files.write("wrong.dts", text.replace("cpus = <0 1>", mistake))
            out.write_text("of an earlier run")
            _, err = tool("build", wrong, "-o", out, "-I", include, "--host", VIRT, code=2)
            line = line_of(wrong.read_text(), where)
            if not re.fullmatch(rf"{wrong}:{line}(:\d+)?: error: {re.escape(complaint)}\n", err):
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


def bulkhead_in(out):
    """Where the map has the image."""
    return re.search(r"^ +(0x[0-9a-f]+) .*  Bulkhead +image and pool$", out, re.M)[1]


def placed_as_boot():
    """The map has Bulkhead and the VMs where boot has them, by QEMU's tree with and without
    -initrd, and also if the header of the image has it elsewhere.
    """
    pair = BUILD / "linux-pair.dtb"
    with Files() as files:
        moved = bytearray((BUILD / "bulkhead.img").read_bytes())
        struct.pack_into("<Q", moved, 8, 0x30000000)  # text_offset
        moved = files.write("moved.img", moved)
        for image, offset in [(BUILD / "bulkhead.img", "0"), (moved, "0x30000000")]:
            with Machine(pair, image=image, smp=4, mem="2G") as qemu:
                at = qemu.expect(r"^Bulkhead \S+ at (0x[0-9a-f]+),", vm="bulkhead")[1]
                placed = [qemu.expect(f"^{vm}: VMID .* MiB at (0x[0-9a-f]+)", vm="bulkhead")[1]
                          for vm in ("linux-a", "linux-b")]
            for with_initrd in (True, False):
                host = files.path("host.dtb")
                command = Machine(pair if with_initrd else None, image=image, smp=4,
                                  mem="2G").command
                board = command.index("-M") + 1
                command[board] += f",dumpdtb={host}"
                subprocess.run(command, check=True, capture_output=True,
                               stdin=subprocess.DEVNULL)
                for arguments in [("--image", image), ("--offset", offset)]:
                    out, _ = tool("map", pair, "--host", host, *arguments)
                    found = [hex(first) for vm in ("linux-a", "linux-b")
                             for first, _, rest in pieces(out) if rest.startswith(vm)]
                    if bulkhead_in(out) != at or found != placed:
                        raise Fail(f"boot: {at} and {placed}, {arguments}: {out}")
                expect(out, "by linux,initrd-start" if with_initrd else
                       "the description at 0x[0-9a-f]+, as QEMU's")


def in_the_way():
    """Memory that a VM wants where Bulkhead is: told by boot, check, map, build and run alike, and
    not if Bulkhead is elsewhere.
    """
    hello = (ROOT / "tests/guests/hello/hello.dts").read_text()
    with Files() as files:
        host = files.path("host.dtb")
        command = Machine(None, smp=4, mem="1G").command
        command[command.index("-M") + 1] += f",dumpdtb={host}"
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        dts = files.write("x.dts", re.sub(r"(reg = <[^>]*>;)", r"\1 identity;", hello, count=1))
        blob = files.path("x.dtb")
        tool("build", dts, "-o", blob)
        with Machine(blob, smp=4, mem="1G") as qemu:
            qemu.expect("the system description has errors", vm="bulkhead")
            booted = [line for line in qemu.text_of("bulkhead") if line.startswith("error: /")]
        for arguments in [("check", blob, "--host", host), ("map", blob, "--host", host),
                          ("build", blob, "-o", files.path("y.dtb"), "--host", host),
                          ("run", blob, "--dry-run", "--memory", "1G")]:
            out, err = tool(*arguments, code=2)
            told = [line for line in (out + err).splitlines() if "error: /" in line]
            if not booted or told != booted:
                raise Fail(f"{arguments}: {told}, not {booted}")
            expect(out + err, "note: /: Bulkhead at 0x40200000, as QEMU's loader does it")
        tool("check", blob, "--host", host, "--offset", "0x30000000")
        tool("run", blob, "--dry-run", "--memory", "1G", "--offset", "0x30000000", "--image",
             BUILD / "bulkhead.img")


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


def plain_tool():
    """Users' own, without the sanitizers, finds the project's files by itself."""
    for config in sorted((ROOT / "configs").glob("*.dts")):
        done = subprocess.run([str(BUILD / "bulkhead"), "check", str(config), "--strict"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Fail(f"{config.name}: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    run([Case("exit-codes", exit_codes), Case("lines", lines),
         Case("missing-labels", missing_labels),
         Case("names-twice", names_twice),
         Case("every-bad-configuration", every_bad_configuration),
         Case("beyond-boot", beyond_boot), Case("json", json_output), Case("colours", colours),
         Case("map", map_table), Case("firmware", firmware), Case("taken", what_is_there_already),
         Case("guest-dts", guest_dts), Case("build", build), Case("same-as-boot", same_as_boot),
         Case("placed-as-boot", placed_as_boot),
         Case("in-the-way", in_the_way), Case("for-make", for_make),
         Case("plain-tool", plain_tool)])
