#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots the debug build, which checks the order of locks while it runs: guests whose VMs and vCPUs
meet in EL2, on both GICs. And sees that the checks are there: a CPU that is made to believe that it
holds a lock must not take one that comes before it.
"""

import pathlib
import subprocess
import tempfile

from gdb_stub import Listener
from guest_test import System, boot
from qemu import BUILD, ROOT, Machine
from atf import Case, run  # found through qemu

DEBUG = BUILD / "debug/bulkhead.img"
# Interrupts of every kind and from everywhere, lives of VMs and vCPUs, shared CPUs, devices, flash
SYSTEMS = ("gic/gic", "gic/gic-shared", "hello/hello", "psci/psci", "share/share", "sgi/sgi-shared",
           "crash/crash-together", "flash/flash", "start/start")
# core/cpu.h, struct cpu: its list of locks; arm64/lock.h, struct lock: what the list consists of
CPU_LOCKS = 16
LOCK_ORDER = 8


def symbol(name):
    """The address of something in the debug build."""
    listing = subprocess.run(["aarch64-linux-gnu-nm", str(DEBUG.with_suffix(".elf"))], check=True,
                             capture_output=True, text=True).stdout
    return next(int(line.split()[0], 16) for line in listing.splitlines() if line.endswith(f" {name}"))


def wrong_order():
    """A VM powers off while its CPU seems to hold the console's lock: the panic names both locks."""
    with tempfile.TemporaryDirectory() as folder:
        with (Listener(pathlib.Path(folder) / "gdb") as listener,
              Machine(BUILD / "guests/hello/hello.dtb", image=DEBUG, smp=1,
                      extra=listener.options) as machine):
            with listener.accept(machine) as gdb:
                gdb.run_to(symbol("vm_stop"))
                gdb.write_memory(gdb.system("TPIDR_EL2") + CPU_LOCKS,
                                 (symbol("console") + LOCK_ORDER).to_bytes(8, "little"))
                gdb.resume()
                machine.expect("panic: lock order: vm.lock 0 is taken while console.lock 0 is held",
                               vm="bulkhead")
                machine.expect("all CPUs are halted")


def cases():
    """Every system on each GIC that it is for."""
    for name in SYSTEMS:
        system = System(ROOT / f"tests/guests/{name}.dts")
        smp = 4 if system.cpus <= 4 else 8
        mem = "1G" if system.fits(system.gics[0], smp, "1G") else "2G"
        for gic in system.gics:
            yield Case(f"{system.name}-gic{gic}",
                       lambda s=system, g=gic, c=smp, m=mem: boot(s, g, "cortex-a57", c, m, DEBUG))
    yield Case("wrong-order", wrong_order)


if __name__ == "__main__":
    run(list(cases()))
