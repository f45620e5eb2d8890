#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""When VMs that share a CPU have it, seen by themselves (tests/guests/windows), with a neighbour
that takes EL2's time in every way. QEMU has one CPU and counts instructions, so that all that is
measured repeats; a nanosecond is an instruction.
"""

import re

from qemu import BUILD, Fail, Machine
from atf import Case, run  # found through qemu

VMS = {
    "windows": ["long", "short", "storm"],
    "budget": ["large", "small", "storm"],
    "priority": ["first", "storm-a", "storm-b"],
}


def watch(name, gic, cpu):
    """Boots one of the systems; its VMs check what they see, and print it."""
    with Machine(BUILD / f"boot/schedule-{name}.dtb", gic=gic, cpu=cpu, smp=1,
                 extra=["-icount", "shift=0,sleep=off"], limits={"silent": 200}) as machine:
        machine.wait_exit()
        for vm in VMS[name]:
            lines = machine.text_of(vm)
            print("\n".join(f"{vm}: {line}" for line in lines))
            failed = [line for line in lines if line.startswith("FAIL")]
            if failed:
                raise Fail(f"{vm}: {failed[0]}")
            if not any(re.match("DONE: [1-9][0-9]* passed, 0 failed", line) for line in lines):
                raise Fail(f"{vm} did not finish")


if __name__ == "__main__":
    run([Case(f"{name}-gic{gic}", lambda n=name, g=gic, c=cpu: watch(n, g, c))
         for name in VMS for gic, cpu in ((3, "cortex-a57"), (2, "cortex-a53"))])
