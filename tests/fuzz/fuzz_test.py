#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs every fuzzer of tests/fuzz for a while, from the same seed each time.

Its first inputs are device trees: those of tests/config, and tests/fuzz/corpus/NAME,
where inputs are kept that once found something.

By hand, without end: tests/fuzz/fuzz_test.py --seeds NAME FOLDER writes the first inputs
to a folder, for build/tests/fuzz/NAME FOLDER; see libFuzzer's -help=1.
"""

import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from atf import Case, Fail, run  # noqa: E402
from limits import PERIOD, WALL, cpu_time  # noqa: E402

PROGRAMS = FOLDER.parent.parent / "build/tests/fuzz"
CONFIG = FOLDER.parent / "config"
COMMAND = FOLDER.parent.parent / "build/bulkhead"
SEEDS = {
    "host_fuzz": sorted(CONFIG.glob("hosts/*.dts")),
    "device_fuzz": [CONFIG / "hosts/devices.dts"],
    "system_fuzz": sorted(CONFIG.glob("*.dts")),
}
SECONDS = 30  # of CPU time
LEAST = 5000  # inputs: who has not had so many then goes on, on a slow machine
MOST = 90  # seconds of CPU time, after which something is slow, or stuck


def write_seeds(name, folder):
    """Compiles the fuzzer's first inputs into a folder, and copies what was found before."""
    for source in SEEDS.get(name, []):
        subprocess.run([str(COMMAND), "build", str(source), "-o",
                        str(pathlib.Path(folder) / f"{source.stem}.dtb"), "--no-check"],
                       check=True, capture_output=True)
    for known in sorted((FOLDER / "corpus" / name).glob("*")):
        (pathlib.Path(folder) / known.name).write_bytes(known.read_bytes())


def inputs(text):
    """How many libFuzzer has tried, at least, by what it prints."""
    return max(map(int, re.findall(rb"^#(\d+)\t", text, re.M)), default=0)


def watch(fuzzer):
    """Ends the fuzzer when it has had its CPU time, and inputs. Returns what it printed."""
    text = b""
    ended = False
    while True:
        if select.select([fuzzer.stderr], [], [], PERIOD)[0]:
            data = os.read(fuzzer.stderr.fileno(), 65536)
            if not data:
                return text.decode(errors="replace")
            text += data
        seconds = cpu_time(fuzzer.pid)
        if seconds >= MOST:
            fuzzer.send_signal(signal.SIGABRT)  # libFuzzer keeps the input
        elif not ended and seconds >= SECONDS and inputs(text) >= LEAST:
            fuzzer.send_signal(signal.SIGUSR1)  # it ends between two inputs
            ended = True


def fuzz(name):
    """As many inputs as there is time for."""
    with tempfile.TemporaryDirectory() as corpus:
        write_seeds(name, corpus)
        command = [str(PROGRAMS / name), "-seed=1", f"-timeout={WALL}", "-print_final_stats=1",
                   f"-artifact_prefix={os.getcwd()}/", corpus]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as fuzzer:
            text = watch(fuzzer)
    sys.stderr.write(text[-20000:])
    if fuzzer.returncode != 0:
        raise Fail(f"{name} ended with status {fuzzer.returncode}")
    executed = re.search(r"^stat::number_of_executed_units: (\d+)$", text, re.M)
    if not executed or int(executed[1]) < LEAST:
        raise Fail(f"{name} tried {executed[1] if executed else 'no'} inputs: at least {LEAST} "
                   "were expected")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--seeds"]:
        write_seeds(sys.argv[2], sys.argv[3])
    else:
        run([Case(source.stem, lambda name=source.stem: fuzz(name))
             for source in sorted(FOLDER.glob("*.c"))])
