#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The cost of no exit grows unnoticed: compares Bulkhead's counts with tests/bench/expected.json.

The counts are exact and repeat; a count that is over the committed one by more
than 2 % fails. `make bench-update` (--update) commits to new ones. What boot may
cost until the first guest starts is a number for each kind of system, and stays.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import footprint  # noqa: E402
import gate  # noqa: E402
from systems import BUILD  # noqa: E402
from atf import Case, Fail, run  # noqa: E402


def check_counts(gic):
    """Measures, and fails with a diff."""
    expected, found = gate.load()[f"gicv{gic}"], gate.measure(gic)
    difference = gate.diff(expected, found)
    if difference:
        print(difference)
    grown = gate.grown(expected, found)
    if grown:
        raise Fail(f"more than {gate.TOLERANCE} % over tests/bench/expected.json, or not measured: "
                   f"{', '.join(grown)}; `make bench-update` accepts the new counts")


def check_ceilings():
    """What is committed is within what an exit may cost at all."""
    committed = gate.load()["gicv3"]
    if gate.too_dear(committed):
        raise Fail(f"over their ceilings: {', '.join(gate.too_dear(committed))}")
    if gate.too_dear({**committed, "sgi_self": 196}) != ["sgi_self"]:
        raise Fail("a count over its ceiling is not seen")


def check_boot(description, cpus, most):
    """Fails if more instructions than `most` are executed until the first guest starts."""
    _, starts, *_ = footprint.boot(description, BUILD / f"{description}.dtb", cpus, "2G")
    print(f"{description} on {cpus} CPUs: {starts:,} of {most:,}")
    if starts > most:
        raise Fail(f"{starts:,} instructions, and not {most:,}")


def check_comparison():
    """What the gate lets through."""
    expected = {"a": 100, "b": 100, "c": 100, "d": 100, "e": 1}
    found = {"a": 102, "b": 103, "c": 1, "e": 2, "new": 1000}
    if gate.grown(expected, found) != ["b", "d", "e"]:
        raise Fail(f"grown: {gate.grown(expected, found)}")
    if gate.diff(expected, expected) or "+b 103" not in gate.diff(expected, found).splitlines():
        raise Fail(f"diff: {gate.diff(expected, found)}")


def update():
    """Measures, shows what has changed, and writes the file."""
    counts = {f"gicv{gic}": gate.measure(gic) for gic in (3, 2)}
    dear = gate.too_dear(counts["gicv3"])
    if dear:
        sys.exit(f"over their ceilings, in tests/bench/gate.py: {', '.join(dear)}")
    before = gate.load() if gate.EXPECTED.exists() else {}
    for name, found in counts.items():
        difference = gate.diff(before.get(name, {}), found)
        print(f"{name}: " + (f"\n{difference}" if difference else "unchanged"))
    gate.save(counts)


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        run([Case("comparison", check_comparison), Case("ceilings", check_ceilings)] +
            [Case(f"gicv{gic}", lambda g=gic: check_counts(g),
                  f"instructions per exit, GICv{gic}") for gic in (3, 2)] +
            [Case("boot-hello-one-cpu", lambda: check_boot("hello", 1, 1_000_000)),
             Case("boot-hello", lambda: check_boot("hello", 4, 1_000_000)),
             Case("boot-linux-pair", lambda: check_boot("linux-pair", 4, 16_000_000))])
