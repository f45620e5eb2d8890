#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What one VM does, and what its neighbours must not notice of it.

Whatever is about one moment, or counted exactly, does not depend on luck: a CPU is held through
QEMU's GDB stub, or QEMU counts instructions and traces what the interrupt controller does.
"""

import pathlib
import re
import tempfile

from gdb_stub import Listener
from qemu import BUILD, Fail, Machine
from system_test import functions
from atf import Case, run  # found through qemu

WFE = 0xd503205f
CPU_1 = "02"  # for the GDB stub


def address_of(function):
    """Where one of the hypervisor's functions is."""
    return next(address for address, name in functions() if name == function)


def halt_loop(gdb):
    """The address of the hypervisor's loop in which a CPU is halted, and changes nothing."""
    start = address_of("panic_halt")
    code = gdb.read_memory(start, 32)
    return start + code.index(WFE.to_bytes(4, "little"))


def left_and_reset(gic):
    """A vCPU that turns itself off is held where it has yet to leave its CPU; its VM resets.

    CPU 1 has a vCPU of VM "reset" and the neighbour's. The physical interrupt of the vCPU's
    timer is active there: if the VM forgets it, the neighbour gets no tick any more. The VM also
    looks whether its vCPU is said to be on as long as it is held.
    """
    with tempfile.TemporaryDirectory() as folder, \
            Listener(pathlib.Path(folder) / "gdb") as listener, \
            Machine(BUILD / "boot/held.dtb", gic=gic, smp=3, extra=listener.options) as machine:
        look = address_of("vcpu_look")
        with listener.accept(machine) as gdb:
            # In CPU_OFF; in a life in which CPU 0's SYSTEM_RESET came first there is none.
            while gdb.run_to(look) != CPU_1:
                pass
            gdb.set_pc(halt_loop(gdb))
            if gdb.run_to(look) == CPU_1:  # in SYSTEM_RESET
                raise Fail("the CPU that is held goes on")
            gdb.resume()
            # Meanwhile CPU 0 has all the time that it needs to do what it must not.
            for _ in range(2):
                machine.expect("of 100 ticks", vm="witness")
            gdb.interrupt()
            gdb.select(CPU_1)
            gdb.set_pc(look)
            gdb.resume()
        for vm in ("reset", "neighbour", "witness"):
            machine.expect("^DONE: [0-9]+ passed, 0 failed", vm=vm)
        machine.wait_exit()


def kicks(gic, mode, most):
    """A VM writes 1,000 times to an interrupt of its vCPU that shares CPU 1, which has others."""
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / "trace"
        extra = ("-icount", "shift=0,sleep=off", "-D", trace,
                 "-trace", "gicv3_icc_iar1_read", "-trace", "gic_acknowledge_irq")
        with Machine(BUILD / f"boot/poke-{mode}.dtb", gic=gic, smp=2, extra=extra) as machine:
            machine.wait_exit()
            for vm in ("poke", "neighbour-a", "neighbour-b", "neighbour-c"):
                machine.expect("^DONE: 1 passed, 0 failed", vm=vm)
        # SGI 0, by which CPUs send each other to their mailboxes
        taken = re.findall("IAR1 read cpu 0x1 value 0x0$|cpu 1 acknowledged irq 0$",
                           trace.read_text(encoding="utf-8"), re.M)
        print(f"CPU 1 took {len(taken)} kicks")
        if not 0 < len(taken) <= most:
            raise Fail(f"CPU 1 took {len(taken)} kicks, at most {most} are right")


def cases():
    """On both GICs"""
    for gic in (2, 3):
        yield Case(f"left_and_reset-gic{gic}", lambda g=gic: left_and_reset(g),
                   "a VM resets while its vCPU leaves a CPU")
        # CPU_ON and the VM's end; and the wake-up
        yield Case(f"kicks_of_runnable-gic{gic}", lambda g=gic: kicks(g, "spin", 2),
                   "a vCPU that is not loaded costs its neighbours nothing")
        yield Case(f"kicks_of_waiting-gic{gic}", lambda g=gic: kicks(g, "wait", 3),
                   "a vCPU that waits is woken once")


if __name__ == "__main__":
    run(list(cases()))
