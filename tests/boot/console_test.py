#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the machine's UART shows to a terminal, to something that answers nothing, and to a log."""

import os
import pathlib
import re
import subprocess
import tempfile

from qemu import BUILD, ROOT, Fail, Machine
from atf import Case, run  # found through qemu

QUESTION = b"\x1b[c"
COLOUR = re.compile(rb"\x1b\[3\dm")


class Recorder(Machine):
    """A machine of which every byte is kept."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.bytes = b""

    def _add(self, data):
        self.bytes += data
        super()._add(data)


class Terminal(Recorder):
    """Someone sits at it: QEMU's standard input and output are a pseudo-terminal."""

    def _start(self):
        user, qemu = os.openpty()
        process = subprocess.Popen(self.command, stdin=qemu, stdout=qemu, stderr=qemu)
        os.close(qemu)
        process.stdin = open(user, "wb", buffering=0)
        process.stdout = open(os.dup(user), "rb", buffering=0)
        return process

    def _read(self, what):
        try:
            return super()._read(what)
        except OSError:  # EIO: nobody has the other side any more
            return False


def pair(folder, console):
    """configs/linux-pair.dts with `console` of the root, compiled."""
    source, blob = pathlib.Path(folder) / "x.dts", pathlib.Path(folder) / "x.dtb"
    text = (ROOT / "configs/linux-pair.dts").read_text()
    head = 'compatible = "bulkhead,system";'
    if head not in text:
        raise Fail(f"no {head}")
    source.write_text(text.replace(head, f'{head} console = "{console}";'))
    subprocess.run([str(BUILD / "bulkhead"), "build", str(source), "-I", str(BUILD), "-o",
                    str(blob)], check=True)
    return blob


def wait_shells(machine):
    """Both guests have greeted."""
    for vm in ("linux-a", "linux-b"):
        machine.expect("Enter 'help' for a list", vm=vm)


def use_shell(machine):
    """The first guest's shell does what is typed, and both guests end."""
    machine.send("echo $((6 * 7)) is it\n")
    machine.expect("^42 is it$", vm="linux-a")
    machine.send("poweroff\n")
    machine.expect("linux-a: .*off", vm="bulkhead")
    machine.send("\x142poweroff\n")
    machine.wait_exit()


def answering():
    """Colours begin when the terminal has answered, and no guest sees the answer."""
    with Terminal(BUILD / "linux-pair.dtb") as machine:
        machine.expect("console: input goes to linux-a", vm="bulkhead")
        if COLOUR.search(machine.bytes) or machine.bytes.count(QUESTION) != 1:
            raise Fail(f"before the answer: {machine.bytes}")
        for part in "\x1b", "[?64;", "77", "c":
            machine.send(part)
        wait_shells(machine)
        use_shell(machine)
        if not COLOUR.search(machine.bytes):
            raise Fail("there is no colour")
        if b"77c" in machine.bytes:
            raise Fail("a guest got the answer")


def silent():
    """A terminal that answers nothing sees no colour, and its Esc reaches the guest."""
    with Terminal(BUILD / "linux-pair.dtb") as machine:
        wait_shells(machine)
        machine.send("echo now; read -s -n 1 key; [ \"$key\" = $'\\033' ] && echo it-is-$((6 * 7))\n")
        machine.expect("^now$", vm="linux-a")
        machine.send("\x1b")
        machine.expect("^it-is-42$", vm="linux-a")
        use_shell(machine)
        if COLOUR.search(machine.bytes):
            raise Fail("there are colours")


def piped():
    """In a pipe, the question is all that is not text."""
    with Recorder(BUILD / "hello.dtb") as machine:
        machine.wait_exit()
        before, question, after = machine.bytes.partition(QUESTION)
        if not question or b"\x1b" in before + after:
            raise Fail(f"{machine.bytes}")


def chosen():
    """By the description there are colours whoever looks."""
    with tempfile.TemporaryDirectory() as folder, \
            Recorder(pair(folder, "colours")) as machine:
        wait_shells(machine)
        use_shell(machine)
        if QUESTION in machine.bytes or not COLOUR.search(machine.bytes):
            raise Fail("asked, or no colour")


def plain():
    """A log has whole lines, and nothing but text, whatever guests send."""
    with tempfile.TemporaryDirectory() as folder, Recorder(pair(folder, "plain")) as machine:
        wait_shells(machine)
        machine.send("printf '\\033[31mred\\033[0m\\n'\n")
        machine.expect("^red$", vm="linux-a")
        use_shell(machine)
        if b"\x1b" in machine.bytes:
            raise Fail("there is an escape sequence")
        strange = [line for owner, line in machine.lines if owner is None and line.strip()]
        if [line for line in strange if not line.startswith("qemu")]:
            raise Fail(f"lines that are nobody's: {strange}")


if __name__ == "__main__":
    run([Case("answering", answering), Case("silent", silent), Case("piped", piped),
         Case("chosen", chosen), Case("plain", plain)])
