# SPDX-License-Identifier: BSD-2-Clause
"""Instructions of Bulkhead's boot, by phase: counted from outside, by what QEMU executes.

QEMU logs every block of instructions that it runs until the first guest is
entered. A phase begins when a function of this list is entered for the first
time, on any CPU, and what all CPUs execute from then on is in it.
"""

import re
import subprocess

from systems import BUILD, WORK, Bulkhead, Vm, describe, execute

GIC, CPU = 3, "cortex-a57"
LINK, LOAD = 0xff8000000000, 0x40200000  # mm/layout.h; QEMU's virt with its RAM at 1 GiB
PHASES = (("boot_entry", "MMU, first tables"), ("boot_main", "page pool"),
          ("boot_read_host", "host's tree"), ("system_parse", "description"),
          ("boot_guarded", "interrupt controller, CPUs"), ("build_vms", "building VMs"),
          ("seal_and_run", "seal"), ("load_step", "loading"), ("vcpu_enter", "first guest"))
INSTRUCTION = re.compile(r"^0x([0-9a-f]+): ")
TRACE = re.compile(r"^Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/")


def starts():
    """{address: phase's number}, at the link address and at the physical one."""
    listing = subprocess.run(["aarch64-linux-gnu-nm", str(BUILD / "bulkhead.elf")], check=True,
                             capture_output=True, text=True).stdout
    address = {line.split()[2]: int(line.split()[0], 16) for line in listing.splitlines()}
    found = {address[name]: number for number, (name, _) in enumerate(PHASES) if name in address}
    return found | {at - LINK + LOAD: number for at, number in found.items()}


def count(log):
    """Instructions of each phase but the last one, which ends the count."""
    begins, sizes, totals = starts(), {}, [0] * len(PHASES)
    phase, block, length = 0, None, 0
    with open(log, encoding="ascii", errors="replace") as lines:
        for line in lines:
            instruction = INSTRUCTION.match(line)
            if instruction:
                block = int(instruction[1], 16) if block is None else block
                length += 1
                continue
            if block is not None:
                sizes[block], block, length = length, None, 0
            trace = TRACE.match(line)
            if not trace:
                continue
            pc = int(trace[1], 16)
            phase = max(phase, begins.get(pc, 0))
            if phase == len(PHASES) - 1:
                break
            totals[phase] += sizes[pc]
    return totals[:-1]


def measure(results):
    """Adds the figures to the results; returns them as text."""
    columns = []
    for n in (1, 2, 4, 8):
        description = describe(f"phases-{n}", [Vm(f"vm{i}", [i], "idle") for i in range(n)])
        log = WORK / "phases.log"
        command = Bulkhead().boot(description, GIC, CPU, n, "2G")
        execute(command + ["-d", "exec,nochain,in_asm", "-D", str(log)],
                until="us after the machine")
        columns.append((n, count(log)))
        log.unlink()
    lines = [f"Boot by phase (GICv{GIC}, {CPU}), instructions of all CPUs",
             f"{'':32}" + "".join(f"{n:>9} VM{'s' if n > 1 else ' '}" for n, _ in columns)]
    for number, (_, title) in enumerate(PHASES[:-1]):
        lines.append(f"{title:32}" + "".join(f"{totals[number]:12,}" for _, totals in columns))
        for n, totals in columns:
            results.add(Bulkhead(), GIC, CPU, f"boot: {title}", totals[number],
                        setting=f"{n} VMs")
    return "\n".join(lines)
