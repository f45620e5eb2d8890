#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The harness itself: when it ends a test, and when it does not.

What stands in QEMU's place is a program in Python, and all limits are short.
"""

import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import tempfile

from qemu import Fail, Machine
from atf import Case, run  # found through qemu
from limits import WALL

TESTS = pathlib.Path(__file__).resolve().parent.parent
PRELUDE = """
import sys, time
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
def say(text):
    print(text, flush=True)
"""


def fake(program, **limits):
    """A machine whose QEMU is a program. At its start it has not used its limits yet."""
    machine = Machine(None, limits=limits)
    machine.command = [sys.executable, "-S", "-c", PRELUDE + program]
    return machine


def expect_late(machine, pattern):
    """The machine does not get to its end, because of a limit."""
    try:
        with machine:
            machine.expect("^end$")
    except Fail as failure:
        if not re.search(pattern, str(failure)):
            raise
        return
    raise Fail("nothing has ended the machine")


def silent():
    """Who computes without a word, after some, is ended."""
    expect_late(fake("say('begin'); burn(60)", silent=1), "in 1 s of CPU time without output$")


def talks():
    """Who prints again and again is not, before it has used up all that there is."""
    machine = fake("for n in range(600): say(f'at {time.process_time()}'); burn(0.1)",
                   silent=1, total=3)
    expect_late(machine, "after 3 s of CPU time$")
    last = float(machine.lines[-1][1].split()[1])
    if last < 2.8:
        raise Fail(f"ended after {last} s of CPU time")


def waits():
    """Who uses no CPU time is ended by the clock alone."""
    machine = fake("say('begin'); sys.stdin.read()", silent=1, total=1, wall=3)
    expect_late(machine, "after 3 s by the clock, 0.[0-9] s of CPU time$")


def stopped():
    """Time in which QEMU does not get a CPU does not count.

    The machine is stopped for longer than it may compute, as if its neighbours had the CPUs.
    """
    with fake("say('begin'); sys.stdin.readline(); burn(0.5); say('end')", silent=1,
              total=2) as machine:
        machine.expect("^begin$")
        os.kill(machine.pid, signal.SIGSTOP)
        with subprocess.Popen(["sh", "-c", f"sleep 3; kill -CONT {machine.pid}"]):
            machine.send("go on\n")
            machine.expect("^end$")
            machine.wait_exit()


def several_threads():
    """The CPU time is that of all threads: QEMU has one for each CPU, and one that waits."""
    program = """
import hashlib, threading
say('begin')
threads = [threading.Thread(target=hashlib.pbkdf2_hmac, args=('sha256', b'', b'', 1 << 27))
           for _ in range(2)]
for thread in threads: thread.start()
"""
    expect_late(fake(program, silent=1), "in 1 s of CPU time without output$")


PROGRAM = f"""#!{sys.executable}
import subprocess, sys
sys.path[:0] = ["{TESTS}", "{TESTS}/boot"]
from qemu import Machine
import atf
atf.WALL = {{wall}} - 60

def wait():
    machine = Machine(None)
    machine.command = [sys.executable, "-c", "import os, signal; print('pid', os.getpid(), flush=True);"
                       "signal.pause()"]
    with machine:
        with open("{{pids}}", "w", encoding="ascii") as file:
            file.write(machine.expect("pid ([0-9]+)")[1])
        machine.expect("end")

def burn():
    while True:
        pass

def child_burns():
    subprocess.run([sys.executable, "-c", "while True: pass"], check=True)

atf.run([atf.Case("wait", wait), atf.Case("burn", burn, cpu=1),
         atf.Case("child", child_burns, cpu=1)])
"""


def ends(pid):
    """Whether the process, which somebody has killed, ends."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with open(descriptor, "rb") as end:
        ended = bool(select.select([end], [], [], 60)[0])
        if not ended:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    return ended


def kyua(folder, case, pattern, wall=WALL):
    """Has Kyua run one case of PROGRAM with a timeout; its line has to match."""
    program = folder / "program"
    program.write_text(PROGRAM.replace("{pids}", f"{folder}/pids").replace("{wall}", str(wall)),
                       encoding="ascii")
    program.chmod(0o755)
    (folder / "Kyuafile").write_text(
        "syntax(2)\ntest_suite('harness')\natf_test_program{name='program'}\n", encoding="ascii")
    (folder / "results.db").unlink(missing_ok=True)
    done = subprocess.run(["kyua", "--logfile=/dev/null", "--config=none", "test",
                           f"--kyuafile={folder}/Kyuafile", f"--results-file={folder}/results.db",
                           f"program:{case}"], cwd=folder, text=True, check=False,
                          capture_output=True, stdin=subprocess.DEVNULL)
    if not re.search(f"program:{case}  ->  {pattern}", done.stdout):
        raise Fail(f"no {pattern!r}: {done.stdout}{done.stderr}")


def computes():
    """A case that computes for ever is ended, and says why; so is one whose child does."""
    with tempfile.TemporaryDirectory() as name:
        kyua(pathlib.Path(name), "burn", "failed: the test has used 1 s of CPU time")
        kyua(pathlib.Path(name), "child", "failed: .*SIGXCPU")


def ended_by_kyua():
    """What a case started has ended with it."""
    with tempfile.TemporaryDirectory() as name:
        pids = pathlib.Path(name) / "pids"
        wall = 2
        while not pids.exists() or not pids.stat().st_size:  # it has not come to its wait
            kyua(pathlib.Path(name), "wait", "broken: Test case body timed out", wall)
            wall *= 4
        if not ends(int(pids.read_text(encoding="ascii"))):
            raise Fail("the machine of a case that Kyua ended runs on")


if __name__ == "__main__":
    run([Case("silent", silent), Case("talks", talks), Case("waits", waits),
         Case("stopped", stopped), Case("several-threads", several_threads), Case("computes", computes),
         Case("ended-by-kyua", ended_by_kyua)])
