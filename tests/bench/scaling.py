# SPDX-License-Identifier: BSD-2-Clause
"""How Bulkhead's exits grow with what the system has more of: they should not."""

import chart
from operations import TITLES
from systems import DONE, Bulkhead, Vm, describe, execute, figures

CPU = "cortex-a57"
OPERATIONS = ["hvc_psci_version", "sysreg_id_aa64pfr0", "gicd_typer_read",
              "gicd_isenabler_write", "uart_status_read", "sgi_self", "timer_running", "timer_wfi"]
ALL_SPIS = 900  # more than a GIC of QEMU's has


def vms_apart(n):
    """Each on its own CPU."""
    return [Vm(f"vm{i}", [i], "idle" if i else "") for i in range(n)]


def vms_together(n):
    """All on CPU 0."""
    return [Vm(f"vm{i}", [0], "idle" if i else "") for i in range(n)]


# What grows: (name, in the settings, its values, makes the VMs for a value).
DIMENSIONS = [
    ("VMs, a CPU each", "vms", (1, 2, 4, 8), vms_apart),
    ("VMs on one CPU", "vms_on_one_cpu", (1, 2, 4, 8), vms_together),
    ("vCPUs of the VM", "vcpus", (1, 2, 4, 8), lambda n: [Vm("vm0", range(n), "")]),
    ("enabled SPIs", "spis", (0, 32, 128, ALL_SPIS), lambda n: [Vm("vm0", [0], f"spis={n}")]),
    ("memory regions", "regions", (1, 4, 8, 16), lambda n: [Vm("vm0", [0], "", regions=n)]),
]


def label(key, value):
    """A value as shown."""
    return "all" if key == "spis" and value == ALL_SPIS else value


def run(gic, key, value, make):
    """The figures of the first VM."""
    vms = make(value)
    cpus = max(cpu for vm in vms for cpu in vm.cpus) + 1
    description = describe(f"scaling-{gic}-{key}-{value}", vms)
    return figures(execute(Bulkhead().boot(description, gic, CPU, cpus, "2G"), until=DONE))


def measure(results):
    """Adds the figures to the results; returns them as text and as the plot."""
    system = Bulkhead()
    points = [(gic, key, value, make) for gic in (3, 2)
              for _, key, values, make in DIMENSIONS for value in values]
    found = {point[:3]: run(*point) for point in points}
    lines, panels = [], []
    for gic in (3, 2):
        for title, key, values, _ in DIMENSIONS:
            curves = {TITLES[name]: [found[gic, key, value].get(name) for value in values]
                      for name in OPERATIONS}
            if gic == 3:
                panels.append((title, [label(key, value) for value in values], curves))
            lines.append(f"{title + f' (GICv{gic})':40}" +
                         "".join(f"{label(key, value):>8}" for value in values))
            lines += [f"  {name:38}" + "".join(f"{figure:8}" for figure in row)
                      for name, row in curves.items()]
            for value in values:
                for name in OPERATIONS:
                    results.add(system, gic, CPU, name, found[gic, key, value][name],
                                setting=f"{key}={label(key, value)}")
    picture = chart.plots(f"Bulkhead's exits in larger systems (GICv3, {CPU})", panels)
    return "\n".join(lines), picture
