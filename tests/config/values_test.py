#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every property of the language with every kind of value: what a mistake is called.

The properties are those of dts/bindings, so that a new one is in here without anybody's doing. A
refusal names the node and the property, quotes what is there, and says what to write; there is one
for one mistake. values.txt has all messages, for a reader: a change of one of them is a change of
that file, by values_test.py --update, which is to be read before it is committed.
"""

import difflib
import json
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DTS = HERE.parent.parent / "dts"
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

from atf import Case, Fail, run  # found beside this folder
from config_test import compile_dts, tool  # found in this folder

REFERENCE = HERE / "values.txt"
IMAGE = ("[0000000000000000 0000000000000000 0000010000000000 0000000000000000 0000000000000000 "
         "0000000000000000 0000000000000000 41524d6400000000]")

# A description without a mistake: for each node, what it has.
ROOT = {"compatible": '"bulkhead,system"', "#address-cells": "<2>", "#size-cells": "<2>"}
NODES = {
    "/images/linux": {"data": IMAGE},
    "/images/raw": {"data": "[1400000014000000]", "load": "<0 0x50080000>"},
    "/host/rtc": {"path": '"/pl031@9010000"'},
    "/vm": {"compatible": '"bulkhead,vm"', "cpus": "<0 1>", "kernel": "<&linux>",
            "passthrough": "&rtc"},
    "/schedule/group": {"cpus": "<0 1>", "policy": '"time-partition"', "windows": "<&vm 5000>"},
    "/vm/memory@50000000": {"reg": "<0 0x50000000 0 0x4000000>"},
}
# What the property of another one needs to be looked at
NEEDS = {"/vm": {"firmware": {"kernel": None}, "load": {"kernel": "[1400000014000000]"},
                 "entry": {"kernel": "[1400000014000000]", "load": "<0 0x50080000>"}},
         "/images/linux": {"entry": {"load": "<0 0x50080000>"}}}

# What these say decides how others are read, and where a label leads: the mistake is theirs.
ELSEWHERE = [("/", "#address-cells"), ("/", "#size-cells"), ("/images/linux", "data"),
             ("/images/linux", "load"), ("/images/linux", "entry"), ("/host/rtc", "path")]
# dtc's own, and a board's
OTHERS = ["phandle", "#gpio-cells"]

# As source has them, in the order of values.txt. None: the property is not there.
VALUES = [
    None, "", '"text"', '""', '"0 1"', '"a", "b"', "<0>", "<1>", "<77>", "<(-1)>", "<0xdead0000>",
    "<0 0>", "<0 0x123>", "<0xffffffff 0xffffffff>", "<1 2 3>", "<1 1 1 1 1 1 1 1 1>",
    "[01]", "[00 01 02]", "[01 02 03 04 05]", "<&linux>", "<&vm>", "<&linux &raw>", "&linux",
    '"linux"', '"Image"', "<&rtc>", "&vm",
]
MENDS = ("write ", "remove ", "change ", "make ", "choose ", "shorten ", "give ", "name ", "let ",
         "move ", "include ", "take ", "build ", "this machine has CPUs")


def bindings():
    """(node, property) of all that dts/bindings describes, in its order."""
    for file, places in {"bulkhead,system.yaml": {"images": "/images/linux", "host": "/host/rtc",
                                                  "schedule": "/schedule/group", "": "/"},
                         "bulkhead,vm.yaml": {"^memory": "/vm/memory@50000000", "": "/vm"}}.items():
        above = []  # (indent, key) of the mappings that a line is in
        for line in (DTS / "bindings" / file).read_text(encoding="utf-8").splitlines():
            key = re.match(r'( *)"?([^\s":]+)"?:( |$)', line)
            if not key:
                continue
            while above and above[-1][0] >= len(key[1]):
                above.pop()
            names = [name for _, name in above]
            above.append((len(key[1]), key[2]))
            if names[-1:] == ["properties"] and "select" not in names and \
                    key[2] not in ["$nodename", "images", "host", "schedule", "device-tree",
                                   *OTHERS]:
                yield next(node for prefix, node in places.items()
                           if any(name.startswith(prefix) for name in names)), key[2]


def source(node, name, value):
    """The description with this property so, and where it is."""
    root, nodes = dict(ROOT), {path: dict(has) for path, has in NODES.items()}
    nodes.get(node, {}).update(NEEDS.get(node, {}).get(name, {}))
    (root if node == "/" else nodes[node])[name] = value

    def properties(has, indent):
        return "".join(f"{indent}{key}{' = ' + text if text else ''};\n"
                       for key, text in has.items() if text is not None)

    def child(path, label=""):
        return f"\t{label}{path.split('/')[-1]} {{\n{properties(nodes[path], chr(9) * 2)}\t}};\n"

    return ("/dts-v1/;\n/ {\n" + properties(root, "\t") +
            "\timages {\n" + child("/images/linux", "linux: ") + child("/images/raw", "raw: ") +
            "\t};\n\thost {\n" + child("/host/rtc", "rtc: ") + "\t};\n" +
            # The VM's own mistakes are not to be mistakes of a schedule as well.
            ("\tschedule {\n" + child(node) + "\t};\n" if "schedule" in node else "") +
            "\tvm: vm {\n" + properties(nodes["/vm"], "\t\t") + child("/vm/memory@50000000") +
            "\t};\n};\n")


def quoted(value):
    """Of what a message can quote a value by, any is enough."""
    if value is None:
        return [""]
    if value == "":
        return ["no value"]
    if value.startswith("&"):
        return [value[1:]]
    if value.startswith('"'):
        return re.findall(r'"[^"]+"', value) or ['""', "1 byte"]
    cells = re.findall(r"&?[(0-9a-z-]+", value)
    if value.startswith("["):
        return [value, f"{len(cells)} byte", f"{int(''.join(cells), 16):#x}"]
    if "&" in value:
        # dtc makes numbers of labels, from 1 on, and so they are shown where no label can be
        return [*cells, "label", "64 bytes", "<1", "<2", "<0x1", "<0x2", "CPU 2", "0x100000002"]
    numbers = [int(cell.strip("("), 0) & 0xffffffff for cell in cells]
    return [f"{4 * len(cells)} bytes", "64 bytes", "&linux",
            *(text for n in numbers for text in (f"0x{n:x}", str(n), str(n - (n >> 31 << 32))))]


def problem(node, name, value, errors, line):
    """What is wrong with the way in which a mistake is told, or None."""
    elsewhere = (node, name) in ELSEWHERE and not any(m["property"] == name for m in errors)
    if len(errors) > (value or "").count(",") + 1 and not elsewhere and name != "cpus":
        return f"{len(errors)} errors for one mistake"
    for message in errors:
        text = message["message"]
        if not elsewhere and value is not None:
            if (message["path"], message["property"]) != (node, name):
                return "not at the property"
            if message["line"] != line:
                return f"at line {message['line']}, not {line}"
            if not any(part in text for part in quoted(value)):
                return f"does not quote any of {quoted(value)}"
        if not any(mend in text for mend in MENDS):
            return "does not say how to mend it"
    return None


def messages(node, names):
    """The lines of values.txt for a node's properties, and what is wrong with them."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        dts, host = pathlib.Path(folder) / "x.dts", pathlib.Path(folder) / "host.dtb"
        compile_dts(HERE / "hosts/devices.dts", host)
        for name in names:
            yield f"\n{node} {name}\n", wrong
            for value in VALUES:
                text = source(node, name, value)
                dts.write_text(text, encoding="utf-8")
                _, report, printed = tool("check", dts, "--host", host, "--format", "json")
                if printed:
                    raise Fail(f"{node} {name} = {value}: check printed {printed}")
                found = [m for m in json.loads(report)["messages"] if m["boot"]]
                errors = [m for m in found if m["severity"] == "error"]
                lines = [n for n, l in enumerate(text.splitlines(), 1)
                         if re.match(rf"\t+{re.escape(name)}( = |;)", l)]
                shown = "(not there)" if value is None else value or "(no value)"
                why = problem(node, name, value, errors,
                              next((n for n in lines if n >= line_of(text, node)), None))
                if why:
                    wrong.append(f"{node} {name} = {shown}: {why}: "
                                 + " | ".join(m["message"] for m in errors))
                yield f"  {shown}: " + (" | ".join(
                    ": ".join(m[key] for key in ("severity", "path", "property", "message")
                              if m.get(key)) for m in found) or "fine") + "\n", wrong


def line_of(text, node):
    """The line at which a node of the description begins."""
    name = node.split("/")[-1]
    return next(n for n, line in enumerate(text.splitlines(), 1)
                if re.match(rf"\t*([a-z]+: )?{re.escape(name)} ?{{|/ {{", line)
                and (name or line == "/ {") and (not name or line != "/ {"))


def by_node():
    nodes = {}
    for node, name in bindings():
        nodes.setdefault(node, []).append(name)
    return nodes


def case_of(node, names):
    def body():
        found, wrong = "", []
        for text, wrong in messages(node, names):
            found += text
        if wrong:
            raise Fail(f"{len(wrong)} messages: " + " || ".join(wrong))
        sections = re.split(r"^(?=\n/)", REFERENCE.read_text(encoding="utf-8"), flags=re.M)
        wanted = "".join(s for s in sections if s.startswith(f"\n{node} "))
        if found != wanted:
            raise Fail("not as in values.txt: " + " || ".join(
                line for line in difflib.unified_diff(wanted.splitlines(), found.splitlines(),
                                                      lineterm="", n=0)))

    return Case("of_" + (re.sub(r"[^a-z]+", "_", node).strip("_") or "root"), body)


def all_properties():
    """The reader of the bindings finds what the parser knows, neither less nor more."""
    known = {name for names in by_node().values() for name in names}
    missing = {"compatible", "#address-cells", "mitigations", "data", "load", "entry", "cpus",
               "passthrough-at", "watchdog", "reg", "physical", "identity", "path"} - known
    if missing or len(known) < 33:
        raise Fail(f"{len(known)} properties, without {missing}")


def update():
    """Writes values.txt anew, and says what a reader would not be told by it."""
    text = REFERENCE.read_text(encoding="utf-8").split("\n/", 1)[0] if REFERENCE.exists() else ""
    for node, names in by_node().items():
        wrong = []
        for line, wrong in messages(node, names):
            text += line
        print(*wrong, sep="\n")
    REFERENCE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        run([case_of(node, names) for node, names in by_node().items()] +
            [Case("all_properties", all_properties)])
