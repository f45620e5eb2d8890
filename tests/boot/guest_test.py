#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots every system of tests/guests on a choice of machines.

The guests check themselves. Each prints lines "PASS: name" and "FAIL: name:
why", then "DONE: N passed, M failed", and powers off; when all are off, the
machine must power off. A comment in the system's .dts narrows the machines
down, names a CPU model that has to be among them and VMs that are there only
for others to watch, and has QEMU count instructions: 2^N ns pass with each,
whatever else the build machine does.

    // test: gic=3 cpu=max silent=victim icount=3
"""

import re
import subprocess

from qemu import BUILD, ROOT, Fail, Machine
from atf import Case, run  # found through qemu

# GIC, CPU model, CPUs, memory: every value of each stands in at least one row,
# and rows differ in as much as they can, because they must stay few.
MACHINES = [
    (3, "cortex-a57", 4, "2G"),
    (2, "cortex-a53", 4, "1G"),
    (2, "cortex-a72", 8, "4G"),
    (3, "neoverse-n1", 8, "8G"),
    (3, "max", 4, "1G"),
    (2, "max", 2, "2G"),
    (3, "cortex-a72", 2, "4G"),
    (3, "cortex-a53", 1, "1G"),
    (2, "cortex-a57", 1, "8G"),
]


def fdtget(option, dtb, *where):
    """What `fdtget option` says of a node or a property, as words; none if it is not there."""
    command = ["fdtget", *option.split(), str(dtb), *where]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()


class System:
    """A .dts of tests/guests and what its machine must have."""

    def __init__(self, dts):
        self.name = dts.stem
        self.dtb = BUILD / "guests" / dts.parent.name / (dts.stem + ".dtb")
        words = re.findall(r"^// test:(.*)$", dts.read_text(encoding="utf-8"), re.M)
        options = dict(word.split("=") for word in " ".join(words).split())
        self.gics = [int(gic) for gic in options.get("gic", "2,3").split(",")]
        # Idle time is skipped.
        self.extra = (["-icount", f"shift={options['icount']},sleep=off"] if "icount" in options
                      else [])
        self.cpu = options.get("cpu")  # on this model in any case
        silent = options.get("silent", "").split(",")

        self.vms = []
        self.cpus = 1
        self.memory = 256 << 20  # for the hypervisor, the blob and what QEMU loads
        for vm in fdtget("-l", self.dtb, "/"):
            if fdtget("-t s", self.dtb, f"/{vm}", "compatible") != ["bulkhead,vm"]:
                continue
            if vm not in silent:
                self.vms.append(vm)
            cpus = [int(cpu) for cpu in fdtget("-t u", self.dtb, f"/{vm}", "cpus")]
            self.cpus = max([self.cpus] + [cpu + 1 for cpu in cpus])
            for child in fdtget("-l", self.dtb, f"/{vm}"):
                reg = [int(cell) for cell in fdtget("-t u", self.dtb, f"/{vm}/{child}", "reg")]
                self.memory += sum((high << 32) + low for high, low in zip(reg[2::4], reg[3::4]))

    def fits(self, gic, smp, mem):
        """True if the machine has what the system needs."""
        return gic in self.gics and smp >= self.cpus and int(mem[:-1]) << 30 >= self.memory


def check_vm(machine, vm):
    """Compares what one VM printed with its own count."""
    lines = machine.text_of(vm)
    failures = [line for line in lines if line.startswith("FAIL")]
    done = [re.match(r"DONE: (\d+) passed, (\d+) failed", line) for line in lines]
    done = [match for match in done if match]
    if failures:
        raise Fail(f"{vm}: {failures[0]} (of {len(failures)})")
    if len(done) != 1:
        raise Fail(f"{vm} printed {len(done)} DONE lines instead of one")
    passed = sum(line.startswith("PASS") for line in lines)
    if int(done[0][2]) != 0 or int(done[0][1]) != passed or passed == 0:
        raise Fail(f"{vm} says {done[0][0]!r}, but printed {passed} PASS lines")


def check_reports(machine):
    """Every VM that was stopped was reported, once, however many of its vCPUs crashed."""
    lines = machine.text_of("bulkhead")
    reported = re.findall(r"^error: (\S+): vCPU \d+: ", "\n".join(lines), re.M)
    stopped = re.findall(r"^(\S+): stopped$", "\n".join(lines), re.M)
    if sorted(reported) != sorted(stopped):
        raise Fail(f"reports are of {reported}, stopped were {stopped}")


def boot(system, gic, cpu, smp, mem, image=BUILD / "bulkhead.img"):
    """Runs the system on one machine until that powers off."""
    with Machine(system.dtb, image=image, gic=gic, cpu=cpu, smp=smp, mem=mem,
                 extra=system.extra) as machine:
        machine.wait_exit()
        check_reports(machine)
        for vm in system.vms:
            check_vm(machine, vm)


def cases():
    """Every system on both GICs, and on others of the machines that are large enough, in turn."""
    for number, dts in enumerate(sorted((ROOT / "tests/guests").glob("*/*.dts"))):
        system = System(dts)
        machines = [m for m in MACHINES if system.fits(m[0], m[2], m[3])]
        first = [next((m for m in machines if m[0] == gic), None) for gic in (3, 2)]
        first += [m for m in machines if m[1] == system.cpu and m not in first][:1]
        others = [m for m in machines if m not in first]
        turn = [others[(number + i) % len(others)] for i in range(min(2, len(others)))]
        for gic, cpu, smp, mem in [m for m in first if m] + turn:
            yield Case(f"{system.name}-gic{gic}-{cpu}-smp{smp}-{mem}",
                       lambda s=system, m=(gic, cpu, smp, mem): boot(s, *m))


if __name__ == "__main__":
    run(list(cases()))
