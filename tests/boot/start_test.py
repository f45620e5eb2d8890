#!/usr/bin/env python3
"""What a guest finds when it starts, where that depends on what the machine had before: memory
that QEMU has filled.
"""

import pathlib
import re
import subprocess
import tempfile

from qemu import BUILD, Fail, Machine
from atf import Case, run  # found through qemu
from guest_test import check_vm

CLEAR = BUILD / "guests/start/start-clear.dtb"
# All that start-clear.dts gives to its VMs
FILLED = 0x70000000
FILLED_SIZE = 16 << 20


def boot_filled(description, gic):
    """Boots on a machine whose memory has something in it; returns the machine, which is off."""
    with tempfile.NamedTemporaryFile() as pattern:
        pattern.write(b"\xa5" * FILLED_SIZE)
        pattern.flush()
        extra = ["-device", f"loader,file={pattern.name},addr={FILLED:#x},force-raw=on"]
        with Machine(description, gic=gic, extra=extra) as machine:
            machine.wait_exit()
            return machine


def cleared(gic):
    """With clear-memory neither of two VMs sees it, nor what it left itself before a reset."""
    machine = boot_filled(CLEAR, gic)
    for vm in "again", "neighbour":
        check_vm(machine, vm)


def not_cleared():
    """Without, both see it: the other case tests something."""
    with tempfile.TemporaryDirectory() as folder:
        description = pathlib.Path(folder) / "start.dtb"
        description.write_bytes(CLEAR.read_bytes())
        for vm in "again", "neighbour":
            subprocess.run(["fdtput", "-d", str(description), f"/{vm}", "clear-memory"], check=True)
        machine = boot_filled(description, 3)
    for vm in "again", "neighbour":
        if not any(re.match("FAIL: memory holds nothing", line) for line in machine.text_of(vm)):
            raise Fail(f"{vm} does not see what the memory held before")


if __name__ == "__main__":
    run([Case(f"cleared-gic{gic}", lambda g=gic: cleared(g)) for gic in (3, 2)] +
        [Case("not-cleared", not_cleared)])
