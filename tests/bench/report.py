# SPDX-License-Identifier: BSD-2-Clause
"""The table and results.json."""

import json

from operations import ROWS


class Results:
    """What was measured, and why what was not measured was not."""

    def __init__(self):
        self.records = []
        self.notes = {}  # (system, setting, gic, cpu, operation): reason
        self.logs = []  # (heading, what the system's log says of it), each once

    def add(self, system, gic, cpu, operation, instructions, setting=None):
        """One figure."""
        if setting is None:
            setting = system.setting_on(cpu)
        self.records.append({
            "system": system.name, "setting": setting, "gic": gic, "cpu": cpu,
            "operation": operation, "instructions": instructions})

    def miss(self, system, gic, cpu, operation, why):
        """One that there is not."""
        self.notes[system.name, system.setting_on(cpu), gic, cpu, operation] = why

    def log(self, head, text):
        """What a system says of itself."""
        if text and (head, text) not in self.logs:
            self.logs.append((head, text))

    def find(self, name, setting, gic, cpu, operation):
        """The figure, or None."""
        for record in self.records:
            if (record["system"], record["setting"], record["gic"], record["cpu"],
                    record["operation"]) == (name, setting, gic, cpu, operation):
                return record["instructions"]
        return None

    def save(self, path):
        """results.json: one object a line."""
        lines = ",\n".join(json.dumps(record) for record in self.records)
        path.write_text(f"[\n{lines}\n]\n", encoding="ascii")


class Notes:
    """Numbered footnotes, each reason once."""

    def __init__(self):
        self.texts = []

    def number(self, text):
        """The number of a text, new or not."""
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1

    def lines(self):
        """All of them."""
        return [f"[{n}] {text}" for n, text in enumerate(self.texts, 1)]


def ratio(value, ours):
    """How many times ours it is."""
    if value * 10 < ours:
        return f"1/{ours / value:.0f}"
    return f"{value / ours:.{1 if value >= ours else 2}f}x"


def cell(results, notes, system, gic, cpu, operation, ours):
    """One figure, with its ratio to ours."""
    name, setting = system.name, system.setting_on(cpu)
    value = results.find(name, setting, gic, cpu, operation)
    if value is None:
        why = results.notes.get((name, setting, gic, cpu, operation), "not measured")
        return f"- [{notes.number(why)}]"
    if ours and name not in ("native", "Bulkhead"):
        return f"{value} ({ratio(value, ours)})"
    return str(value)


def heading(system, cpu):
    """What stands above its column."""
    return f"{system.name} {system.setting_on(cpu)}".strip()


def table(results, systems, machines):
    """The table as text: a block per machine, a row per operation, a column per system."""
    notes = Notes()
    lines = []
    for gic, cpu in machines:
        rows = []
        for operation, title in ROWS:
            ours = results.find("Bulkhead", "", gic, cpu, operation)
            rows.append([title] + [cell(results, notes, system, gic, cpu, operation, ours)
                                   for system in systems])
        rows.insert(0, [f"GICv{gic}, {cpu}", *(heading(system, cpu) for system in systems)])
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        for n, row in enumerate(rows):
            lines.append("  ".join([row[0].ljust(widths[0])] + [
                text.rjust(width) for text, width in zip(row[1:], widths[1:])]))
            if n == 0:
                lines.append("-" * len(lines[-1]))
        lines.append("")
    lines += ["Instructions per operation in QEMU; in brackets, how many times Bulkhead's."]
    lines += notes.lines()
    lines += [f"{head}: {text}" for head, text in results.logs]
    return "\n".join(lines)
