# SPDX-License-Identifier: BSD-2-Clause
"""How long a process under test may take: by the CPU time that it uses, not by the clock.

Neighbours that keep the build machine busy make a test slow, and never late. Only who waits
for ever, and uses no CPU time, is ended by the clock.
"""

import os
import resource
import select
import time

SILENT = 60  # seconds of CPU time without output: a Linux guest needs a few to its next line
TOTAL = 300  # seconds of CPU time in all
WALL = 15 * 60  # seconds by the clock
PERIOD = 1  # second: how often the limits are looked at while nothing comes


class Late(Exception):
    """A process has used up one of its limits; the text says which."""


def cpu_time(pid):
    """Seconds of CPU time that all threads of a process have used, to 10 ms; see proc(5).

    Raises FileNotFoundError if there is no such process. An ended one that nobody has waited
    for is still there.
    """
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    utime, stime = fields[11:13]
    return (int(utime) + int(stime)) / os.sysconf("SC_CLK_TCK")


def limit_cpu_time(seconds, pid=0):
    """From now on SIGXCPU ends the process, and each that it starts, when it has used so much.

    Only the soft limit is set, so that for a process that runs longer it can be raised.
    """
    hard = resource.prlimit(pid, resource.RLIMIT_CPU)[1]
    if hard != resource.RLIM_INFINITY:
        seconds = min(seconds, hard)
    resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, hard))


class Limits:
    """The limits of one running process, and waiting within them.

    silent, total: seconds of CPU time, without output and in all; wall: seconds by the clock.
    """

    def __init__(self, pid, silent=SILENT, total=TOTAL, wall=WALL):
        self._pid = pid
        self._silent = silent
        self._total = total
        self._wall = wall
        self._end = time.monotonic() + wall
        self._spent = 0  # CPU time when somebody last looked
        self._heard = 0  # CPU time when there was output last
        limit_cpu_time(int(total) + 60, pid)  # which holds if nobody looks any more

    def _check(self, heard):
        """Raises Late if a limit is used up. heard: there is output."""
        try:
            self._spent = cpu_time(self._pid)
        except FileNotFoundError:
            pass  # it has ended, and uses no more
        if heard:
            self._heard = self._spent
        if self._spent >= self._total:
            raise Late(f"after {self._total} s of CPU time")
        if self._spent - self._heard >= self._silent:
            raise Late(f"in {self._silent} s of CPU time without output")
        if time.monotonic() >= self._end:
            raise Late(f"after {self._wall} s by the clock, {self._spent:.1f} s of CPU time")

    def wait(self, *files):
        """Waits until there is output in some of the files, and returns those. Raises Late."""
        ready = []
        while not ready:
            ready = select.select(files, [], [], PERIOD)[0]
            self._check(bool(ready))
        return ready

    def read(self, file):
        """The next output in the file; none at its end. Raises Late."""
        self.wait(file)
        return os.read(file.fileno(), 65536)
