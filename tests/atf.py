# SPDX-License-Identifier: BSD-2-Clause
"""Test programs in Python that Kyua runs: the protocol of atf-test-program(1).

A program makes a list of Case and calls run(cases). Kyua asks it for the list
with -l and then starts it anew for every case.
"""

import getopt
import os
import signal
import sys
import traceback

from limits import WALL, limit_cpu_time


class Case:
    """One test case. body() returns to pass, raises Fail or Skip otherwise.

    cpu: seconds of CPU time that this process and each that it starts may use, before SIGXCPU
    ends it. A Machine has limits of its own.
    """

    def __init__(self, name, body, description="", cpu=120):
        self.name = name
        self.body = body
        self.description = description
        self.cpu = cpu


class Fail(Exception):
    """What was expected did not happen; the text says what did."""


class Skip(Exception):
    """The case cannot run here; the text says why."""


def _print_list(cases):
    # Kyua's timeout goes by the clock: it is for those who wait for ever. A Machine that does is
    # ended before, and then the test's output has its console.
    print('Content-Type: application/X-atf-tp; version="1"\n')
    print("\n\n".join(
        f"ident: {case.name}\ntimeout: {WALL + 60}" +
        (f"\ndescr: {case.description}" if case.description else "") for case in cases))


def _run_case(case, result_file):
    def too_long(*_):
        raise Fail(f"the test has used {case.cpu} s of CPU time")

    signal.signal(signal.SIGXCPU, too_long)
    limit_cpu_time(case.cpu)
    try:
        case.body()
        result, status = "passed", 0
    except Skip as skip:
        result, status = f"skipped: {skip}", 0
    except Fail as fail:
        result, status = f"failed: {fail}", 1
    except Exception as error:  # a broken test is a failed test
        traceback.print_exc()
        result, status = f"failed: {type(error).__name__}: {error}", 1
    result = " ".join(result.split()) + "\n"  # the protocol has one line
    if result_file:
        with open(result_file, "w", encoding="utf-8") as file:
            file.write(result)
    else:
        sys.stderr.write(result)
    return status


def run(cases):
    """The main function of a test program: does what the command line says, and exits."""
    options, arguments = getopt.getopt(sys.argv[1:], "lr:s:v:")
    options = dict(options)
    if "-l" in options:
        _print_list(cases)
        sys.exit(0)
    name = arguments[0].partition(":") if arguments else ("", "", "")
    case = next((c for c in cases if c.name == name[0]), None)
    if case is None:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} -l | [-r result] case")
    if name[2] == "cleanup":
        sys.exit(0)
    status = _run_case(case, options.get("-r"))
    sys.stdout.flush()
    sys.exit(status)
