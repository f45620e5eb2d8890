#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What users hand to the command by mistake: files that are no device trees, and sources with
mistakes of every kind. Each message names the line, what is wrong, and what to do.
"""

import gzip
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

from common import (BUILD, CONFIG, DEVICES, TOOL, VIRT, Files, compiled, description, expect, line_of,
                    tool)  # found beside this
from atf import Case, Fail, run  # found through common


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


def no_trees():
    """Files of other kinds, as the description and as the machine's tree."""
    text = description()
    kinds = {"utf16.dts": (text.encode("utf-16"), "is text in UTF-16: .*iconv -f UTF-16 -t UTF-8"),
             "le.dts": (text.encode("utf-16-le"), "is text in UTF-16: .*iconv -f UTF-16LE"),
             "be.dts": (text.encode("utf-16-be"), "is text in UTF-16: .*iconv -f UTF-16BE"),
             "utf32.dts": (text.encode("utf-32"), "is text in UTF-32: .*iconv -f UTF-32"),
             "empty.dts": (b"", "is empty: bulkhead init"), "empty.dtb": (b"", "is empty"),
             "x.dts.gz": (gzip.compress(text.encode()), "is compressed by gzip: gunzip it"),
             "x.dtb": (gzip.compress(text.encode()), "is compressed by gzip: gunzip it"),
             "program": ((BUILD / "bulkhead.elf").read_bytes(), "is an ELF file: no device tree"),
             "image": ((BUILD / "bulkhead.img").read_bytes(), "is an arm64 Image"),
             "zip": (b"PK\3\4" + bytes(90), "is a zip archive: unzip it"),
             "random": (bytes(range(1, 250)) + bytes(200), "is neither the source of a device tree")}
    with Files() as files:
        good = files.write("good.dts", text)
        for name, (content, said) in kinds.items():
            path = files.write(name, content)
            for arguments in [(path,), (good, "--host", path)]:
                out, err = tool("check", *arguments, code=2)
                if err or len(out.splitlines()) != 1 or not re.match(
                        rf"{re.escape(str(path))}: error: {said}", out):
                    raise Fail(f"{name}: {out} {err}")
        for path, said in [(files.path("."), "is a folder: name a file in it"),
                           (files.path("none"), "No such file or directory"),
                           (good / "x", "Not a directory")]:
            for arguments in [(path,), (good, "--host", path)]:
                _, err = tool("check", *arguments, code=2)
                expect(err, f"^bulkhead: .*: {said}$")
            # a program that reads the report sees it, too
            report = json.loads(tool("check", path, "--format", "json", code=2)[0])
            if [m["message"] for m in report["messages"]] != [said]:
                raise Fail(str(report))


def unreadable():
    """A file that its owner keeps to himself."""
    if os.getuid() != 0:
        raise Fail("only root can become nobody")
    with Files() as files:
        files.path(".").chmod(0o755)
        secret = files.write("secret.dts", description())
        secret.chmod(0)
        data = files.write("x.dts", description().replace("data = [", 'data = /incbin/("secret.dts"), ['))
        part = files.write("y.dts", '/dts-v1/;\n#include "secret.dts"\n')
        for path, said in [(secret, f"bulkhead: {secret}: Permission denied"),
                           (data, f"{data}:{line_of(data.read_text(), 'incbin')}: error: secret.dts "
                            "cannot be included: Permission denied"),
                           (part, f"{part}:2:10: error: .*: Permission denied")]:
            done = subprocess.run([*TOOL[:1], "check", str(path)], capture_output=True, text=True,
                                  check=False, user="nobody", group="nogroup", extra_groups=[])
            expect(done.stdout + done.stderr, said)


def swapped():
    """A description for the machine's tree, and the other way."""
    with Files() as files:
        dts = files.write("x.dts", description())
        for description_file, host in [(dts, dts), (VIRT, VIRT), (VIRT, dts)]:
            out, _ = tool("check", description_file, "--host", host, code=2)
            wanted = []
            if host == dts:
                wanted.append(f"{host}: error: is a system description: --host takes the machine's "
                              "tree, /sys/firmware/fdt in Linux, or what QEMU writes by -M "
                              "...,dumpdtb=FILE")
            if description_file == VIRT:
                wanted.append(f"{description_file}: error: is a machine's tree, not a system "
                              "description: it belongs behind --host")
            if [line for line in out.splitlines() if ": warning: " not in line] != wanted:
                raise Fail(out)
        out, _ = tool("check", files.write("machine.dtb", compiled(DEVICES, files)), code=2)
        expect(out, "is a machine's tree, not a system description: bulkhead init writes")


# A change of the description, (what is told, the text in the line that it is told of)
MISTAKES = [
    ("/dts-v1/;\n", "", "/dts-v1/; is missing: write it before all else", None),
    ("/dts-v1/;\n", "#include \"boards/qemu-virt.dtsi\"\n/dts-v1/;\n", "/dts-v1/; is missing", None),
    ("/dts-v1/;", "/dts-v1/", "; is missing behind /dts-v1/", "/dts-v1/"),
    ("/dts-v1/;", "dts-v1;", "/dts-v1/; is missing", None),
    ("cpus = <0 1>;", "cpus = <0 1>", "; is missing behind the value of cpus", "<0 1>"),
    ("cpus = <0 1>;", "cpus <0 1>;", "= is missing behind cpus", "cpus <0"),
    ("cpus = <0 1>;", "cpus = <0 1;", "> is missing: < is opened here, and ; follows", "<0 1;"),
    ("cpus = <0 1>;", "cpus = <0, 1>;", "numbers in < > are separated by spaces, not ,", "<0, 1"),
    ("cpus = <0 1>;", "cpus = 0;", "numbers stand in < >: cpus = <0>", "cpus = 0"),
    ("cpus = <0 1>;", "cpus = <0 1g>;", "1g is no number", "1g"),
    ("cpus = <0 1>;", "cpus = <\"0\">;", "a string stands outside of < >", "<\"0"),
    ("cpus = <0 1>;", "cpus = <0> <1>;", ", is missing between two values of cpus", "<0> <1"),
    ("cpus = <0 1>;", "cpus = <FIRST 1>;", "FIRST is no number: is an #include missing", "FIRST"),
    ("cpus = <0 1>;", "cpus = <(0 1>;", "> is missing: < is opened here", "<(0 1>"),
    ("cpus = <0 1>;", "cpus = ;", "cpus needs a value behind =, not ;", "cpus = ;"),
    ("cpus = <0 1>;", "cpus = [0 1];\n[2];", "a property or a node of first is expected, not [", "[2]"),
    ("cpus = <0 1>;", "cpus = [0g];", "0g: in [ ] are bytes of two hexadecimal digits", "[0g]"),
    ("cpus = <0 1>;", "\u00a0cpus = <0 1>;",
     "a property or a node of first is expected, not a character that is not ASCII", "cpus = <0 1>"),
    ("cpus = <0 1>;", "console = \u201cnone\u201d;",
     "console needs a value behind =, not a character that is not ASCII", "console"),
    ("cpus = <0 1>;", "console = none;",
     "none is no value: a string stands in quotes, numbers in < >", "none"),
    ("cpus = <0 1>;", "cpus = <0 1>;\nbootargs = \"a b;\nconsole = \"none\";",
     "the string that begins here ends in line 16: is its closing \" missing?", "bootargs"),
    ("cpus = <1>;", "cpus = <1>; bootargs = \"a b;",
     "the string that begins here has no closing \"", "bootargs"),
    ("cpus = <0 1>;", "&kernel { };", "&label { } stands outside of all nodes", "&kernel {"),
    ("cpus = <0 1>;", "initrd = /incbin/(x);", "/incbin/ wants the file's name in quotes, not x", "(x)"),
    ("cpus = <0 1>;", "initrd = /incbin/ \"x\";", "( is missing behind /incbin/", "\"x\""),
    ("cpus = <0 1>;", "/delete-node/ x\ncpus = <0>;", "; is missing behind a directive", "delete-node"),
    ("first {", "first", "; is missing behind first", "first"),
    ("\t};\n\n\tfirst", "\t}\n\n\tfirst", "; is missing behind the } of images", "\t}"),
    ("\t};\n\n\tfirst", "\n\tfirst", "the node images, which begins here, has no };", "images {"),
    ("\t};\n};\n", "\t};\n", "the node /, which begins here, has no };", "/ {"),
    ("\t};\n};\n", "\t};\n};\n};\n", "} is one too many", None),
    ("\tfirst {", "\t};\n\n\tfirst {", None, None),
    ("/ {", "x = <1>;\n/ {", "x: nodes stand in the root's: / { ... };", "x = "),
    ("/ {", "/memreserve/ 1;\n/ {", "/memreserve/ wants an address and a size", "memreserve"),
    ("/ {", "/include/ x;\n/ {", "/include/ wants a file's name in quotes", "include"),
    ("/ {", "/include/ \"nix.dtsi\"\n/ {", "nix.dtsi cannot be included: No such file", "nix.dtsi"),
    ("cpus = <0 1>;", "initrd = /incbin/(\"nix\");", "nix cannot be included: No such file", "nix"),
    ("cpus = <0 1>;", "initrd = /incbin/(\"folder\");", "folder cannot be included: Is a dir", "folder"),
    ("reg = <0 0x40000000 0 0x4000000>", "reg = <ADDRESS(0x40000000) MIB(64)>",
     "ADDRESS is not defined: #include <bulkhead.h> is missing", "MIB(64)"),
    ("reg = <0 0x40000000 0 0x4000000>", "reg = <0x140000000 0x4000000>",
     "Value out of range for 32-bit array element: a cell has 32 bits; ADDRESS() of <bulkhead.h>",
     "0x140000000"),
    ("reg = <0 0x40000000 0 0x4000000>", "reg = <0 (4000 0000) 0 0x4000000>",
     "an operator is missing in ( ) before 0000", "(4000 0000)"),
    ("reg = <0 0x40000000 0 0x4000000>", "reg = <0 ((1 << 30) (1)) 0 0x4000000>",
     "an operator is missing in ( ) before (", "(1 << 30)"),
    ("cpus = <0 1>;", "bootargs = 'quiet';", "a string stands in double quotes: bootargs = ",
     "'quiet'"),
    ("cpus = <0 1>;", "passthrough = &virtio31;", "/first: Reference to non-existent node or label "
     "\"virtio31\": #include \"boards/qemu-virt.dtsi\" is missing", "&virtio31"),
    ("kernel = <&kernel>;", "kernel = <&kernal>;", "/first: Reference to non-existent node or label "
     "\"kernal\": did you mean kernel?", "&kernal"),
    ("/ {", "#include \"nix.dtsi\"\n/ {", "nix.dtsi: No such file or directory", "nix.dtsi"),
    ("/ {", "/* x\n/ {", "unterminated comment", "/* x"),
]


def syntax():
    """Where the mistake is, not where nothing fits any longer; also in an included file."""
    with Files() as files:
        files.path("folder").mkdir()
        plain_text = description()
        for old, new, said, where in MISTAKES:
            text = plain_text.replace(old, new, 1)
            if said is None or text == plain_text:
                if said is not None:
                    raise Fail(f"no change: {old!r}")
                continue
            for change in ("\n", "\r\n"):
                dts = files.write("x.dts", text.replace("\n", change))
                out, err = tool("check", dts, code=2)
                line = line_of(text, where) if where else out.split(":")[1]
                first = out.splitlines()[0] if out else ""
                if err or not re.match(rf"{dts}:{line}(:\d+)?: error: {re.escape(said)}", first):
                    raise Fail(f"{new!r}: line {line}, {said!r}: {out} {err}")
        part = files.write("part.dtsi", "/ {\n\tsecond {\n\t\tcpus = <1>\n\t};\n};\n")
        dts = files.write("x.dts", plain_text + '#include "part.dtsi"\n')
        out, _ = tool("check", dts, code=2)
        if out != f"{part}:3: error: ; is missing behind the value of cpus\n":
            raise Fail(out)


def syntax_is_dtc_s():
    """No explanation for what dtc takes; some message for all that it does not."""
    with Files() as files:
        for dts in sorted(CONFIG.glob("good-*.dts"))[:12]:
            text = dts.read_text()
            for n, line in enumerate(text.splitlines()):
                if not re.search(r"[;{}<>\"]", line):
                    continue
                last = max(line.rfind(c) for c in ";{}<>\"")
                lines = text.splitlines()
                lines[n] = line[:last] + line[last + 1:]
                path = files.write("x.dts", "\n".join(lines) + "\n")
                done = subprocess.run([str(BUILD / "bulkhead"), "check", str(path)], text=True,
                                      capture_output=True, check=False)
                if done.returncode not in (0, 2) or done.stderr:
                    raise Fail(f"{dts.name}:{n + 1}: {done}")
                if done.returncode == 2 and not re.match(r".*: error: (?!syntax error)", done.stdout):
                    raise Fail(f"{dts.name}:{n + 1}: {lines[n]!r}: {done.stdout}")


def beside_the_file():
    """What the current folder has is not taken for what the description includes."""
    with Files() as files:
        for name in ("here", "there"):
            files.path(name).mkdir()
        files.path("here/data").write_bytes(b"here")
        files.path("there/data").write_bytes(b"there")
        text = description().replace("data = [", 'x = /incbin/("data"); data = [')
        files.path("there/x.dts").write_text(text)
        for cwd, dts in [("here", "../there/x.dts"), ("there", "x.dts"), (".", "there/x.dts")]:
            subprocess.run([str(BUILD / "bulkhead"), "build", dts, "-o", files.path("x.dtb"),
                            "--no-check", "--depfile", files.path("x.d")], check=True,
                           cwd=files.path(cwd))
            read = subprocess.run(["fdtget", files.path("x.dtb"), "/images/kernel", "x"], text=True,
                                  capture_output=True, check=True).stdout
            if bytes(map(int, read.split())) != b"there":
                raise Fail(f"{dts} in {cwd}: {read}")


if __name__ == "__main__":
    run([Case("kinds-of-files", kinds_of_files), Case("no-trees", no_trees),
         Case("unreadable", unreadable), Case("swapped", swapped), Case("syntax", syntax),
         Case("syntax-is-dtcs", syntax_is_dtc_s), Case("beside-the-file", beside_the_file)])
