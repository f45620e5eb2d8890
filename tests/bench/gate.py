# SPDX-License-Identifier: BSD-2-Clause
"""The committed costs, and what counts as having grown."""

import difflib
import json

import mitigations
import operations
from systems import ROOT, RUNS, Bulkhead, Native

EXPECTED = ROOT / "tests/bench/expected.json"
CPU = "cortex-a57"
TOLERANCE = 2  # per cent

# What an exit may cost at all, in instructions (CPU, GICv3): `make bench-update` accepts no more.
CEILINGS = {
    "hvc_psci_version": 66, "gicd_typer_read": 120, "uart_status_read": 130, "sgi_self": 195,
    "timer_running": 125, "gicd_isenabler_write_0": 130, "gicd_isenabler_write": 195,
    "spi_device": 165, "bhb_exit": 30, "serror_exit": 6, "serror_switch": 6,
}


def measure(gic):
    """{operation: instructions} of Bulkhead, with the switch of VMs."""
    found = {}
    for run in RUNS:
        figures, _ = Bulkhead().measure(run, gic, CPU)
        found.update(figures)
        if run.name == "share":
            own, _ = Native().measure(run, gic, CPU)
            operations.add_world_switch(found, own["share_round"])
    found.update(mitigations.measure(gic, CPU))
    return {operation: found[operation] for operation, _ in operations.ROWS if operation in found}


def load():
    """{"gicv3": {operation: instructions}, ...} as committed."""
    return json.loads(EXPECTED.read_text(encoding="ascii"))


def save(counts):
    """Writes the same."""
    EXPECTED.write_text(json.dumps(counts, indent="\t") + "\n", encoding="ascii")


def grown(expected, found):
    """The operations that cost more than is tolerated, or that are not measured any more."""
    return [operation for operation in expected
            if operation not in found
            or found[operation] * 100 > expected[operation] * (100 + TOLERANCE)]


def too_dear(found):
    """The operations that cost more than they may at all, with GICv3, or that are not measured."""
    return [operation for operation, most in CEILINGS.items()
            if operation not in found or found[operation] > most]


def diff(expected, found):
    """All that has changed, as a unified diff."""
    before, after = ([f"{operation} {counts[operation]}" for operation in counts]
                     for counts in (expected, found))
    return "\n".join(difflib.unified_diff(before, after, "expected", "measured", "", "", 0, ""))
