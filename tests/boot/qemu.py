# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU machine under test: starts it, reads its console, types into it, and
ends it without fail.

Nothing here sleeps: every wait is for output (or the end) of QEMU, within the
limits of the CPU time that it may use. Console lines are kept per VM: Bulkhead begins each with
the VM's name, "linux-a | text"; its own lines are those of "bulkhead".
"""

import os
import pathlib
import re
import select
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"

sys.path.insert(0, str(ROOT / "tests"))
from atf import Fail  # noqa: E402
from limits import Late, Limits  # noqa: E402

# Colours, cursor movement and the like: ECMA-48 control sequences.
CONTROL = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
VM_LINE = re.compile(r"^([A-Za-z0-9,._+-]+) *([|+]) (.*)$")
SELF_LINE = re.compile(r"^bulkhead: (.*)$")


def clean(line):
    """The text that a terminal ends up showing for one raw line without its newline."""
    # A redraw goes back to the first column and erases: what was before it is gone.
    line = line.rpartition(b"\r\x1b[K")[2]
    text = ""
    for part in CONTROL.sub(b"", line).decode("utf-8", "replace").split("\r"):
        text = part + text[len(part):]  # from the first column, over what is there
    return text


class Machine:
    """QEMU's virt machine. Use as a context manager.

    description: the -initrd file, or None; image: the -kernel file; gic, cpu,
    smp, mem: as on QEMU's command line; extra: more options; limits: those of
    limits.Limits that are not the usual ones, by name; threads: "single" for one thread for all CPUs,
    "multi" for one each, None for what the build machine bears; board: another
    machine than virt (cpu=None: with its own CPUs).
    """

    def __init__(self, description, image=BUILD / "bulkhead.img", gic=3, cpu="cortex-a57", smp=4,
                 mem="2G", extra=(), limits=None, virtualization=True,
                 threads=None, board=None):
        if cpu == "max":
            cpu = "max,pauth-impdef=on"  # QEMU computes the architected one very slowly
        if not board:
            board = "virt,gic-version=%s%s" % (gic, ",virtualization=on" if virtualization else "")
        self.command = ["qemu-system-aarch64", "-M", board, *(["-cpu", cpu] if cpu else []),
                        "-smp", str(smp),
                        "-m", str(mem), "-display", "none", "-monitor", "none", "-nic", "none",
                        "-serial", "stdio", "-kernel", str(image)]
        if threads == "single" or threads is None and smp > (os.cpu_count() or 1):
            # With more threads than CPUs, those that wait for a lock run instead of the one that
            # has it: WFE gives nothing back to the build machine. One thread for all CPUs
            # switches at every WFE.
            self.command += ["-accel", "tcg,thread=single"]
        if description:
            self.command += ["-initrd", str(description)]
        self.command += extra
        self.lines = []  # (VM's name or None, text) in the order they came
        self._pending = b""  # the unfinished last line
        self._seen = {}  # VM's name: how many of self.lines expect() has gone past
        self._chosen = limits or {}
        self._limits = None
        self._qemu = None

    def _start(self):
        """Starts QEMU, with its console on the process's `stdin` and `stdout`, unbuffered."""
        return subprocess.Popen(self.command, bufsize=0, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __enter__(self):
        self._qemu = self._start()
        self._limits = Limits(self._qemu.pid, **self._chosen)
        return self

    def __exit__(self, kind, error, trace):
        self._qemu.kill()
        self._qemu.wait()
        self._qemu.stdin.close()
        self._qemu.stdout.close()
        if kind is not None:
            print(" ".join(map(str, self.command)))
            print(self.screen())

    def screen(self):
        """All that was printed, as text."""
        lines = [(f"{vm} | " if vm else "") + text for vm, text in self.lines]
        return "\n".join(lines + [clean(self._pending)])

    def text_of(self, vm):
        """The finished lines of one VM (None: those that are nobody's)."""
        return [text for owner, text in self.lines if owner == vm]

    def partial(self):
        """The unfinished last line on the console, as shown."""
        return clean(self._pending)

    def _add(self, data):
        *complete, self._pending = (self._pending + data).split(b"\n")
        for line in map(clean, complete):
            match = VM_LINE.match(line)
            itself = SELF_LINE.match(line)
            if match and match[2] == "+":
                self._continue(match[1], match[3])
            elif match:
                self.lines.append((match[1], match[3]))
            else:
                self.lines.append(("bulkhead", itself[1]) if itself else (None, line))

    def _continue(self, vm, text):
        """The VM's last line, broken by another one's, goes on."""
        for number in reversed(range(len(self.lines))):
            if self.lines[number][0] == vm:
                self.lines[number] = (vm, self.lines[number][1] + text)
                self._seen[vm] = min(self._seen.get(vm, 0), number)
                return
        self.lines.append((vm, text))

    def _wait(self, what, *files):
        """Waits for something in one of the files."""
        try:
            return self._limits.wait(*files)
        except Late as late:
            raise Fail(f"no {what} {late}") from None

    def _read(self, what):
        """Reads what has come, waiting for it. Returns False when QEMU has ended."""
        self._wait(what, self._qemu.stdout)
        data = os.read(self._qemu.stdout.fileno(), 65536)
        self._add(data)
        return bool(data)

    def read_what_came(self):
        """Reads what is on the console already, without waiting."""
        stdout = self._qemu.stdout
        while select.select([stdout], [], [], 0)[0] and self._read("output"):
            pass

    def wait_for(self, file, what):
        """Waits until there is something to read in a file that QEMU writes to.

        Meanwhile what comes on the console is read.
        """
        files = [file, self._qemu.stdout]
        while True:
            ready = self._wait(what, *files)
            if file in ready:
                return
            if not self._read(what):
                files.remove(self._qemu.stdout)

    def expect(self, pattern, vm=None, partial=False):
        """Waits for a line of `vm` that matches, after the last one expected of it.

        With `partial` also the unfinished last line of the console counts, such
        as a prompt. Returns the match.
        """
        regex = re.compile(pattern)
        index = self._seen.get(vm, 0)
        running = True
        while True:
            for number in range(index, len(self.lines)):
                owner, text = self.lines[number]
                match = regex.search(text) if owner == vm else None
                if match:
                    self._seen[vm] = number + 1
                    return match
            index = len(self.lines)
            match = regex.search(self.partial()) if partial else None
            if match:
                return match
            if not running:
                raise Fail(f"QEMU ended before {vm or 'the console'} printed {pattern!r}")
            running = self._read(f"{pattern!r} from {vm or 'the console'}")

    def send(self, text):
        """Types the text, at once."""
        self._qemu.stdin.write(text.encode())

    def wait_exit(self):
        """Waits until QEMU ends by itself, which must be with success."""
        while self._read("power-off"):
            pass
        with open(os.pidfd_open(self._qemu.pid), "rb") as end:
            self._wait("end of QEMU", end)
        status = self._qemu.wait()
        if status != 0:
            raise Fail(f"QEMU ended with status {status}")

    @property
    def pid(self):
        """QEMU's process."""
        return self._qemu.pid

    def is_running(self):
        """True if QEMU has not ended."""
        return self._qemu.poll() is None
