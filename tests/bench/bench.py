#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measures what exits cost, side by side: `make bench`. docs/performance.md explains the output.

    tests/bench/bench.py [--only SYSTEM...] [--document]

Leaves build/bench/table.txt, results.json, exits.svg and scaling.svg, and the
console of every run beside them. One QEMU at a time. --document also puts the
table into docs/performance.md.
"""

import argparse
import subprocess
import sys

import chart
import disk
import footprint
import linux
import mitigations
import operations
import phases
import report
import scaling
from systems import ROOT, RUNS, WORK, Bulkhead, Kvm, Native, Trouble, Xen

MACHINES = [(3, "cortex-a57"), (2, "cortex-a57"), (3, "max"), (2, "max")]
CHART_ROWS = ["hvc_psci_version", "hvc_unknown", "sysreg_id_aa64pfr0", "gicd_typer_read",
              "gicd_isenabler_write", "gicr_typer_read", "uart_status_read", "sgi_self",
              "sgi_cpu_running", "timer_running", "timer_wfi", "world_switch"]


def measure(system, gic, cpu):
    """All runs of one system on one machine: figures, {operation: why not}, what the log says."""
    found, reasons, log = {}, {}, None
    for run in RUNS:
        why = system.missing(run, gic, cpu)
        if not why:
            try:
                figures, log = system.measure(run, gic, cpu)
                found.update(figures)
                continue
            except (Trouble, subprocess.CalledProcessError) as error:
                why = str(error)
        for operation in operations.of_run(run.name):
            reasons[operation] = why
    return found, reasons, log


def collect(results, systems):
    """Measures all systems on all machines; native comes first, being part of world_switch."""
    own = {}
    for system in systems:
        for gic, cpu in MACHINES:
            found, reasons, log = measure(system, gic, cpu)
            if system.name == "Bulkhead":
                found.update(mitigations.measure(gic, cpu))
            if system.name == "native":
                own[gic, cpu] = found.pop("share_round", 0)
            else:
                operations.add_world_switch(found, own.get((gic, cpu)))
            add(results, system, gic, cpu, found, reasons)
            results.log(report.heading(system, cpu), log)
            print(f"  BENCH   {report.heading(system, cpu)}, GICv{gic}, {cpu}", flush=True)


def add(results, system, gic, cpu, found, reasons):
    """Sorts the figures of one system on one machine into the rows."""
    unknown = operations.untold(found)
    if unknown:
        sys.exit(f"no row for {', '.join(unknown)}")
    if found.get("nothing", 0) != 0:
        sys.exit(f"{system.name}: nothing at all costs {found['nothing']} instructions")
    for operation, _ in operations.ROWS:
        if operation in found:
            results.add(system, gic, cpu, operation, found[operation])
        else:
            results.miss(system, gic, cpu, operation,
                         reasons.get(operation) or operations.reason(system.name, operation, gic))


def draw_exits(results, systems):
    """The bar chart, of the machine that most figures exist for."""
    gic, cpu = MACHINES[0]
    groups = [(operations.TITLES[operation],
               [results.find(system.name, system.setting_on(cpu), gic, cpu, operation)
                for system in systems])
              for operation in CHART_ROWS]
    names = [report.heading(system, cpu) for system in systems]
    return chart.bars(f"What an exit costs (GICv{gic}, {cpu})", names, groups)


def document(output):
    """Puts the table where the last one is, between the markers."""
    path = ROOT / "docs/performance.md"
    before, begin, rest = path.read_text(encoding="utf-8").partition("<!-- table -->\n")
    _, end, after = rest.partition("<!-- end -->\n")
    if not begin or not end:
        sys.exit(f"{path} has no place for the table")
    path.write_text(f"{before}{begin}```\n{output}\n```\n{end}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", metavar="SYSTEM",
                        help="native, bulkhead, xen, kvm, footprint, scaling, linux, disk")
    parser.add_argument("--document", action="store_true", help="update docs/performance.md")
    options = parser.parse_args()

    def wanted(name):
        return not options.only or name in options.only

    WORK.mkdir(parents=True, exist_ok=True)
    results = report.Results()
    systems = [Native()]
    if wanted("bulkhead"):
        systems.append(Bulkhead())
    if wanted("xen"):
        systems += [Xen("credit2"), Xen("credit2 vwfi=native")]
    if wanted("kvm"):
        systems.append(Kvm())
    collect(results, systems)
    output = report.table(results, systems, MACHINES)
    (WORK / "exits.svg").write_text(draw_exits(results, systems[1:]), encoding="utf-8")
    if wanted("footprint"):
        output += "\n\n" + footprint.measure(results)
        output += "\n\n" + phases.measure(results)
    if wanted("scaling"):
        text, picture = scaling.measure(results)
        output += "\n\n" + text
        (WORK / "scaling.svg").write_text(picture, encoding="utf-8")
    if wanted("linux"):
        output += "\n\n" + linux.measure()
    if wanted("disk"):
        output += "\n\n" + disk.measure()
    results.save(WORK / "results.json")
    (WORK / "table.txt").write_text(output + "\n", encoding="utf-8")
    if options.document:
        document(output)
    print(output)


if __name__ == "__main__":
    main()
