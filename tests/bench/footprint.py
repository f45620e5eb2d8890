# SPDX-License-Identifier: BSD-2-Clause
"""Bulkhead itself: how long it takes to the first guest, its image, its memory."""

import re
import subprocess

from systems import BUILD, Bulkhead, Run, Trouble, Vm, Xen, describe, execute

GIC, CPU = 3, "cortex-a57"
PHASES = (("ready", r"ready after (\d+) us"), ("first guest starts", r"starts, (\d+) us after"))
MEMORY = re.compile(r"own memory (\d+) KiB: image (\d+), pool (\d+)")
STARTED = "us after the machine"


def boot(name, description, cpus, memory):
    """Boots until the first guest starts. Returns its line of the table and what it says."""
    text = execute(Bulkhead().boot(description, GIC, CPU, cpus, memory), until=STARTED)
    phases = [re.search(pattern, text) for _, pattern in PHASES]
    own = MEMORY.search(text)
    if own is None or None in phases:
        raise Trouble(f"{name}: the boot does not say what it cost")
    return [int(match[1]) * 1000 for match in phases] + [int(kib) for kib in own.groups()]


def measure_xen(name, setting="credit2 vwfi=native"):
    """Xen's own clock when the guest prints its first line, in instructions, or None."""
    xen = Xen(setting)
    run = Run(name, "idle")
    if xen.missing(run, GIC, CPU):
        return None
    text = execute(xen.command(run, GIC, CPU, "console_timestamps=boot"),
                   until="BENCH-START")
    match = re.search(r"\[ *(\d+)\.(\d{6})\d*\] DOM1: BENCH-START", text)
    return int(match[1] + match[2]) * 1000 if match else None


def sections():
    """Lines of (section, bytes) of the image."""
    output = subprocess.run(["aarch64-linux-gnu-size", "-A", str(BUILD / "bulkhead.elf")],
                            capture_output=True, text=True, check=True).stdout
    found = [(name, int(size)) for name, size, address in
             re.findall(r"^(\.\S+)\s+(\d+)\s+(\d+)$", output, re.M) if int(address)]
    return found + [("file", (BUILD / "bulkhead.img").stat().st_size)]


def systems():
    """(name, description, CPUs, memory) of each boot."""
    for n in (1, 2, 4, 8):
        vms = [Vm(f"vm{i}", [i], "idle") for i in range(n)]
        yield f"bench guest, {n} VM{'s' * (n > 1)}", describe(f"boot-{n}", vms), n, "2G"
    yield "configs/linux-pair.dts", BUILD / "linux-pair.dtb", 4, "2G"


def measure(results):
    """Adds the figures to the results; returns them as text."""
    system = Bulkhead()
    lines = [f"Boot (GICv{GIC}, {CPU}): instructions from entry, and memory beside the guests'",
             f"{'':24}{'all VMs built':>16}{'first guest':>14}{'KiB':>8}{'image':>8}{'pool':>8}"]
    for name, description, cpus, memory in systems():
        ready, starts, total, image, pool = boot(name, description, cpus, memory)
        lines.append(f"{name:24}{ready:16,}{starts:14,}{total:8}{image:8}{pool:8}")
        for operation, value in (("boot_ready", ready), ("boot_first_guest", starts),
                                 ("own_memory_kib", total)):
            results.add(system, GIC, CPU, operation, value, setting=name)
    xen = measure_xen("boot")
    lines.append(f"{'Xen 4.17, bench guest':24}{'':16}{xen:14,}  to the guest's first line"
                 if xen else "Xen 4.17: not available")
    if xen:
        results.add(Xen("credit2"), GIC, CPU, "boot_first_guest", xen)
    lines += ["", "Image, bytes:"] + [f"{name:16}{size:10,}" for name, size in sections()]
    for name, size in sections():
        results.add(system, GIC, CPU, "image_bytes", size, setting=name)
    return "\n".join(lines)
