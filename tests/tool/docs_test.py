#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What README, CONTRIBUTING and docs/*.md show. No block is only text:

    $ command       is run, and its output has to be the one that stands there
    ```dts          is checked, as a whole or put into a description that has the rest
    make ..., PROGRAM ...   the goals, or the program and its options, exist
    error: ...      is what `check` says of configs/my.dts

A comment before a block says what the reader does not see:

    <!-- my.dts: "OLD" is "NEW" -->     configs/my.dts is configs/linux-pair.dts with this change
    <!-- some lines -->                 of the output: those that are shown, in this order
    <!-- boots: numbers differ -->      the console of a machine, which is left when all is there
    <!-- typed: "TEXT" after "OTHER" -->    there, when OTHER has come
    <!-- file: NAME -->                 the block is this file from here on
    <!-- of FILE.dts: names differ -->  a message that this file of tests/config expects
    <!-- table -->                      is written by a program, which compares it itself
    <!-- not run: WHY -->
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "boot"))

from atf import Case, Fail, run  # found beside this folder
from limits import Late, Limits  # found beside this folder
from qemu import CONTROL  # found in tests/boot

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"((?:^<!--[^\n]*-->\n)*)^```(\w*)\n(.*?)^```$", re.M | re.S)
EDIT = re.compile(r'<!-- my\.dts: "(.*)" is "(.*)" -->')
FILE = re.compile(r"<!-- file: (\S+) -->")
TYPED = re.compile(r'<!-- typed: "(.*)" after "(.*)" -->')
TREE = ("qemu-system-aarch64 -M virt,virtualization=on,gic-version=3,dumpdtb=virt.dtb "
        "-cpu cortex-a57 -smp 4 -m 2G")


def blocks(page):
    """Of each block: the comments before it, its language, and its lines."""
    return [(match[1], match[2], match[3].splitlines())
            for match in BLOCK.finditer(page.read_text())]


def commands(lines):
    """Pairs of a command and what stands below it."""
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return found


def in_order(shown, printed):
    """All lines that are shown are printed, in their order."""
    rest = iter(printed)
    return all(any(line == other for other in rest) for line in shown)


def compare(command, shown, printed, some):
    some = some or "..." in shown
    shown = [line for line in shown if line != "..."]
    if not (in_order(shown, printed) if some else shown == printed):
        raise Fail(f"{command}: shown: {chr(10).join(shown)}\nprinted: {chr(10).join(printed)}")


def boot(folder, command, shown, typed):
    """Runs it until all that is shown has come; numbers may be others.

    typed: pairs of what is typed and what it waits for.
    """
    # what is measured and what firmware chooses differ, not the options of QEMU
    wanted = [re.escape(line) if line.startswith("qemu") else
              re.sub(r"(?:0x)?[0-9][0-9a-f]*", "(?:0x)?[0-9a-f]+", re.escape(line))
              for line in shown]
    text = b""
    typed = [(text.encode().decode("unicode_escape").encode(), after) for text, after in typed]
    with subprocess.Popen(["sh", "-c", f"exec {command}"],
                          cwd=ROOT if command.startswith("make") else folder, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True, bufsize=0) as process:
        limits = Limits(process.pid)
        try:
            while True:
                plain = CONTROL.sub(b"", text).decode("utf-8", "replace").replace("\r", "\n")
                missing = [line for line in wanted if not re.search("^" + line, plain, re.M)]
                if not missing and not typed:
                    return
                if typed and typed[0][1] in plain:
                    process.stdin.write(typed.pop(0)[0])
                limits.wait(process.stdout)
                more = os.read(process.stdout.fileno(), 65536)
                if not more:
                    raise Fail(f"{command}: ends without {missing or typed}: {plain}")
                text += more
        except Late as late:
            raise Fail(f"{command}: no {missing} {late}: {plain}") from None
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def prepare(folder):
    """A folder in which the commands find what they find in the project's."""
    for name in ("build", "tests"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "configs", folder / "configs")
    subprocess.run(TREE.split(), cwd=folder, check=True, capture_output=True)


def edit(folder, comments):
    """Line numbers are those without the line of the license."""
    text = (ROOT / "configs/linux-pair.dts").read_text()
    text = re.sub(r"\A// SPDX.*\n", "", text)
    for old, new in EDIT.findall(comments):
        if old not in text:
            raise Fail(f"configs/linux-pair.dts has no {old!r}")
        text = text.replace(old, new)
    (folder / "configs/my.dts").write_text(text)


def page_of(page):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(folder)
        for comments, _, lines in blocks(page):
            edit(folder, comments)
            for file in FILE.findall(comments):
                (folder / file).write_text("\n".join(lines) + "\n")
            for command, shown in commands(lines):
                if "<!-- boots" in comments:
                    boot(folder, command, shown, TYPED.findall(comments))
                    continue
                done = subprocess.run(["bash", "-c", command], cwd=folder, text=True, check=False,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      stdin=subprocess.DEVNULL)
                if command != TREE:
                    compare(command, shown, done.stdout.splitlines(),
                            "<!-- some lines" in comments)


# ---- Sources ----

ROOT_NODE = re.compile(r"^(?!memory@|device-tree )([\w-]+) \{", re.M)
HEAD = """/dts-v1/;
#include <bulkhead.h>
#include "boards/qemu-virt.dtsi"

/ {
	compatible = "bulkhead,system";
	#address-cells = <2>;
	#size-cells = <2>;

	images {
		linux: linux { data = /incbin/("guests/Image"); };
		rootfs: rootfs { data = /incbin/("guests/rootfs.cpio.gz"); };
	};
};

"""
# What a VM cannot do without, and what says that it is there
NEEDED = [('compatible = "bulkhead,vm";', '"bulkhead,vm"'), ("cpus = <0>;", "cpus ="),
          ("kernel = <&linux>;", r"\b(kernel|firmware) ="),
          ("memory@40000000 { reg = <ADDRESS(0x40000000) MIB(256)>; };", "memory@")]


def completed(lines):
    """A whole description of a part of one, in which "..." is what the reader knows."""
    text = "\n".join(line for line in lines if line.strip() != "...")
    if "/dts-v1/;" in text:
        return text
    text = re.sub(r"^#include .*\n", "", text, flags=re.M)
    if text.startswith("/ {"):
        return HEAD + text + "\n/ { vm { " + " ".join(more for more, _ in NEEDED) + " }; };\n"
    vms = [name for name in ROOT_NODE.findall(text) if name != "images"]
    if not ROOT_NODE.search(text):
        vms, text = ["vm"], "vm {\n" + text + "\n};"
    more = " ".join(more for more, there in NEEDED if not re.search(there, text))
    return HEAD + "/ {\n" + text + "\n};\n" + "".join(f"/ {{ {vm} {{ {more} }}; }};\n" for vm in vms)


def sources():
    """What is shown as source is free of mistakes."""
    seen = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(folder)
        for page in PAGES:
            for _, language, lines in blocks(page):
                if language != "dts":
                    continue
                seen += 1
                text = completed(lines)
                for data in re.findall(r'/incbin/\("([^"/]*)"\)', text):
                    (folder / "configs" / data).write_bytes(bytes(64))
                (folder / "configs/block.dts").write_text(text)
                done = subprocess.run(["build/bulkhead", "check", "configs/block.dts", "--host",
                                       "virt.dtb"], cwd=folder, text=True, check=False,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                if done.returncode != 0:
                    raise Fail(f"{page.name}: {done.stdout}\n{text}")
    if seen < 10:
        raise Fail(f"only {seen} sources")


# ---- Other blocks ----

def messages(page, comments, lines):
    """What check says of my.dts, or what a test of the parser expects."""
    example = re.search(r"<!-- of (\S+\.dts): names differ -->", comments)
    if example:
        text = (ROOT / "tests/config" / example[1]).read_text()
        for line in lines:
            pattern = r"/[\w@/,.-]+".join(map(re.escape, re.split(r"/[\w@/,.-]+", line)))
            if not re.search(f"^// expect: {pattern}$", text, re.M):
                raise Fail(f"{page.name}: {example[1]} does not expect {line}")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(folder)
        edit(folder, comments)
        done = subprocess.run(["build/bulkhead", "check", "configs/my.dts", "--host", "virt.dtb"],
                              cwd=folder, capture_output=True, text=True, check=False)
        printed = [re.sub(r"^configs/my\.dts:\d+: ", "", line) for line in done.stdout.splitlines()]
        compare(page.name, sorted(lines),
                sorted(line for line in printed if not line.startswith("note")), False)


def program(page, line):
    """It exists, and knows the options that it is shown with."""
    words = re.sub(r"\s+#.*", "", line).split()
    path = ROOT / words[0]
    if not os.access(path, os.X_OK):
        raise Fail(f"{page.name}: there is no program {words[0]}")
    known = subprocess.run([str(path), "--help"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout
    for option in words[1:]:
        if option.startswith("-") and not re.search(rf"(^|[\s,[]){option}\b", known):
            raise Fail(f"{page.name}: {words[0]} does not know {option}")


def kinds():
    """Each block is of a kind that is tested, or says why not."""
    for page in PAGES:
        for comments, language, lines in blocks(page):
            if (language == "dts" or any(line.startswith("$ ") for line in lines) or
                    re.search(r"<!-- (table|not run: .*) -->", comments)):
                continue
            if all(re.match("(error|warning): ", line) for line in lines):
                messages(page, comments, lines)
                continue
            for line in lines:
                if not line.startswith("make"):
                    program(page, line)


def goals():
    """Of what the pages call by make, all is there."""
    called = sorted({re.sub(r"\s+#.*|\s+\.\.\..*|^\$ ", "", line).strip()
                     for page in PAGES for _, _, lines in blocks(page) for line in lines
                     if re.match(r"(\$ )?make( |$)", line)})
    if not called:
        raise Fail("nobody calls make")
    for command in called:
        done = subprocess.run(["sh", "-c", f"{command} -n"], cwd=ROOT, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise Fail(f"{command}: {done.stderr}")


if __name__ == "__main__":
    run([Case(page.stem.lower(), lambda page=page: page_of(page), cpu=600) for page in PAGES] +
        [Case("sources", sources), Case("kinds", kinds), Case("goals", goals)])
