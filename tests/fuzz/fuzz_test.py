#!/usr/bin/env python3
"""Runs every fuzzer of tests/fuzz for a while, from the same seed each time.

By hand, without end: build/tests/fuzz/NAME [CORPUS]; see libFuzzer's -help=1.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from atf import Case, Fail, run  # noqa: E402

PROGRAMS = FOLDER.parent.parent / "build/tests/fuzz"


def fuzz(name):
    """Many inputs, starting from tests/fuzz/corpus/NAME if there is one."""
    corpus = FOLDER / "corpus" / name
    with tempfile.TemporaryDirectory() as found:
        command = [str(PROGRAMS / name), "-runs=50000", "-seed=1", "-max_total_time=60",
                   "-timeout=10", f"-artifact_prefix={os.getcwd()}/", found]
        if corpus.is_dir():
            command.append(str(corpus))
        status = subprocess.run(command, check=False).returncode
    if status != 0:
        raise Fail(f"{name} ended with status {status}")


if __name__ == "__main__":
    run([Case(source.stem, lambda name=source.stem: fuzz(name), timeout=150)
         for source in sorted(FOLDER.glob("*.c"))])
