#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The manual and what it is about are the same.

docs/reference.md has each property of dts/bindings, no other, with the same values; its examples
are valid, and its mistakes are what tests/config expects. Each message in docs/troubleshooting.md
is one of the sources. Each key of the console is in docs/console.md. Links lead somewhere.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

from atf import Case, Fail, run  # found beside this folder

DOCS, BINDINGS = ROOT / "docs", ROOT / "dts/bindings"
# Section of the reference: the binding, and the levels of nodes in it (as they are indented)
SECTIONS = {
    "The root": ("bulkhead,system", []),
    "An image": ("bulkhead,system", ["images"]),
    "A label": ("bulkhead,system", ["host"]),
    "A group of CPUs": ("bulkhead,system", ["schedule"]),
    "A VM": ("bulkhead,vm", []),
    "Memory": ("bulkhead,vm", ["memory@"]),
}
# Of every node, or written by dtc
IMPLIED = {"phandle", "$nodename"}
TREE = ("qemu-system-aarch64 -M virt,virtualization=on,gic-version=3,dumpdtb={} "
        "-cpu cortex-a57 -smp 4 -m 2G -display none")


# ---- The bindings: enough of YAML for these two files ----

def parse(lines):
    """{key: what is indented below it, or its value as text}"""
    tree, level = {}, None
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        level = indent if level is None else level
        match = re.match(r'"?([^"]+?)"?:(?: (.*))?$', line.strip())
        if indent != level or not match:
            continue
        below = []
        for other in lines[number + 1:]:
            if len(other) - len(other.lstrip()) <= indent:
                break
            below.append(other)
        tree[match[1]] = parse(below) if below and not match[2] else match[2] or ""
    return tree


def binding(name):
    text = (BINDINGS / f"{name}.yaml").read_text()
    return parse([line for line in text.splitlines() if line.strip() and line[0] not in "#%-"])


def required(name, path):
    """The names in the list `required` of the node, which parse() does not read."""
    text = (BINDINGS / f"{name}.yaml").read_text()
    if path:
        text = text[re.search(rf'^  "?\^?{path[0]}', text, re.M).start():]
        block = re.search(r"^ +required:\n((?: +- .*\n)+)", text, re.M)
    else:
        block = re.search(r"^required:\n((?: +- .*\n)+)", text, re.M)
    return set(re.findall(r'- "?([^"\n]+)"?', block[1]))


def properties(name, path):
    """{property: its schema} of a node, without the nodes in it."""
    node = binding(name)
    for step in path:
        nodes = {**node.get("properties", {}), **node.get("patternProperties", {})}
        node = next(schema for key, schema in nodes.items() if key.lstrip("^").startswith(step))
        if "patternProperties" in node:
            node = next(iter(node["patternProperties"].values()))
    return {key: schema for key, schema in node["properties"].items()
            if key not in IMPLIED and not (isinstance(schema, dict) and
                                           schema.get("type") == "object")}


# ---- The reference ----

def tables():
    """{section: {property: [type, default, meaning, example, mistake]}}"""
    found = {}
    text = (DOCS / "reference.md").read_text()
    for title, body in re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", text, re.M | re.S):
        if title not in SECTIONS:
            continue
        rows = [[cell.strip() for cell in line.strip("|").split(" |")]
                for line in body.splitlines() if line.startswith("| `")]
        found[title] = {row[0].strip("`"): row[1:] for row in rows}
        if len(found[title]) != len(rows):
            raise Fail(f"{title}: a property is there twice")
    if set(found) != set(SECTIONS):
        raise Fail(f"sections: {sorted(found)}")
    return found


def quoted(cell):
    """What stands between backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def check_names():
    for title, rows in tables().items():
        schemas = properties(*SECTIONS[title])
        if len(schemas) < 2 or set(rows) != set(schemas):
            raise Fail(f"{title}: missing {sorted(set(schemas) - set(rows))}, "
                       f"stale {sorted(set(rows) - set(schemas))}")
        needed = required(*SECTIONS[title])
        for name, (_, default, *_) in rows.items():
            if (name in needed) != (default == "required"):
                raise Fail(f"{title}: {name}: the default is {default!r}")


def check_values():
    """Of a property that has a choice, all values are there; flags are called so."""
    seen = 0
    for title, rows in tables().items():
        for name, schema in properties(*SECTIONS[title]).items():
            schema = schema if isinstance(schema, dict) else {}
            kind = rows[name][0]
            choice = schema.get("enum") or (f"[{schema['const']}]" if "const" in schema else "")
            values = re.findall(r"[^\[\], \"]+(?:,[^\[\], \"]+)*", choice)
            if choice and [value.strip('"<>') for value in quoted(kind)] != values:
                raise Fail(f"{title}: {name}: {kind}, but the binding has {values}")
            if ("definitions/flag" in schema.get("$ref", "")) != (kind == "flag"):
                raise Fail(f"{title}: {name}: {kind}, but the binding has {schema}")
            seen += bool(choice) + (kind == "flag")
    if seen < 15:
        raise Fail(f"only {seen} choices and flags")


BASE = {
    "The root": {"compatible": 'compatible = "bulkhead,system";',
                 "#address-cells": "#address-cells = <2>;", "#size-cells": "#size-cells = <2>;"},
    "An image": {"data": "data = [d503201f];"},
    "A label": {},
    "A group of CPUs": {"cpus": "cpus = <0>;", "policy": 'policy = "time-partition";',
                        "windows": "windows = <&vm 5000>;"},
    "A VM": {"compatible": 'compatible = "bulkhead,vm";', "cpus": "cpus = <0>;",
             "kernel": "kernel = <&linux>;"},
    "Memory": {"reg": "reg = <ADDRESS(0x60000000) MIB(64)>;"},
}


def description(title, example):
    """A whole system with the example in the node that the section is about."""
    def body(section):
        base = dict(BASE[section])
        if section != title:
            return " ".join(base.values())
        given = re.findall(r"(?:^|; )([\w#-]+)", example)
        if "firmware" in given:
            del base["kernel"]
        return " ".join([more for name, more in base.items() if name not in given] + [example])

    label = f"host {{ x {{ {body('A label')} }}; }};" if title == "A label" else ""
    group = (f"schedule {{ x {{ {body('A group of CPUs')} }}; }};"
             if title == "A group of CPUs" else "")
    image = f"x {{ {body('An image')} }};" if title == "An image" else ""
    # at the place that an example of the VM's names, or at the one that identity can have
    base = "0x60000000" if title == "Memory" else "0x40000000"
    memory = body("Memory").replace("0x60000000", base)
    if title != "Memory":
        memory = memory.replace("MIB(64)", "MIB(256)")
    return f"""/dts-v1/;
#include <bulkhead.h>
#include "boards/qemu-virt.dtsi"

/ {{
	{body("The root")}
	images {{
		linux: linux {{ data = /incbin/("guests/Image"); }};
		rootfs: rootfs {{ data = /incbin/("guests/rootfs.cpio.gz"); }};
		{image}
	}};
	{label}
	{group}
	vm: vm {{
		{body("A VM")}
		memory@{base[2:]} {{ {memory} }};
	}};
}};
"""


def check_examples():
    """Each is accepted, and sets the property."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "build").symlink_to(ROOT / "build")
        subprocess.run(TREE.format(folder / "guest.dtb").split(), check=True, capture_output=True)
        for title, rows in tables().items():
            for prop, (_, _, _, example, _) in rows.items():
                (statement,) = quoted(example)
                if not re.search(rf"(^|; ){re.escape(prop)}( =|;)", statement):
                    raise Fail(f"{title}: {prop}: {statement} is no example")
                (folder / "x.dts").write_text(description(title, statement))
                done = subprocess.run(["build/bulkhead", "check", "x.dts", "--host", "guest.dtb"],
                                      cwd=folder, capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    raise Fail(f"{title}: {prop}: {done.stdout}{done.stderr}"
                               f"{description(title, statement)}")


def check_mistakes():
    """Each is what the parser says of this property, by a test of tests/config."""
    expected = [line for file in sorted((ROOT / "tests/config").glob("*.dts"))
                for line in re.findall("^// expect: (.*)$", file.read_text(), re.M)]
    expected += (ROOT / "tests/config/values.txt").read_text().splitlines()
    seen = 0
    for title, rows in tables().items():
        for prop, (*_, mistake) in rows.items():
            for message in quoted(mistake):
                seen += 1
                if not any(message in line and prop in line for line in expected):
                    raise Fail(f"{title}: {prop}: nobody expects {message!r}")
    if seen < 30:
        raise Fail(f"only {seen} mistakes")


# ---- What goes wrong ----

def literals():
    """All strings of the sources, those beside each other joined."""
    found = []
    for folder in ("boot", "core", "vcpu", "vdev", "mm", "fdt", "drivers", "console", "lib", "tools"):
        for file in sorted((ROOT / folder).glob("*.[ch]")):
            text = re.sub(r'"\s*\n\s*"', "", file.read_text())
            found += [re.sub(r'\\(["\\])', r"\1", text_)
                      for text_ in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text)]
    return found


def says(literal, message):
    """True if what stands between the "..." of the message is in the string, in this order."""
    at = 0
    for part in message.split("..."):
        at = literal.find(part.strip(), at)
        if at < 0:
            return False
        at += len(part.strip())
    return True


def check_messages():
    """The first column of each table of messages; other tables are of symptoms."""
    texts = literals()
    page = (DOCS / "troubleshooting.md").read_text()
    tables_ = re.findall(r"^\| message \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, re.M)
    messages = [quoted(line.strip("|").split(" | ")[0])
                for rows in tables_ for line in rows.splitlines()]
    if len(messages) < 50 or any(len(cell) != 1 for cell in messages):
        raise Fail(f"{len(messages)} messages: {messages}")
    lost = [message for (message,) in messages
            if len(message.replace("...", "").strip()) < 6 or
            not any(says(text, message) for text in texts)]
    if lost:
        raise Fail(f"nobody says {lost}")


# ---- The console's keys ----

def check_keys():
    source = (ROOT / "console/console_keys.c").read_text()
    keys = re.findall(r"^    \{'(.)', '(.)', \"", source, re.M)
    page = (DOCS / "console.md").read_text()
    shown = re.findall(r"^\| Ctrl-T `(.)`", page, re.M)
    if len(keys) < 5 or sorted(first for first, _ in keys) != sorted(set(shown) - {"h"}):
        raise Fail(f"the keys are {keys}, console.md has {shown}")


# ---- Links ----

def anchors(page):
    """Those that the headings of a page make, as GitHub has it."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head).lower() for head in heads]
    return {re.sub(r"[^\w -]", "", head).replace(" ", "-") for head in plain}


def check_links():
    seen = 0
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if "://" in target:
                continue
            name, _, anchor = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            if not file.exists() or anchor and anchor not in anchors(file):
                raise Fail(f"{page.name}: {target} leads nowhere")
            seen += 1
    if seen < 50:
        raise Fail(f"only {seen} links")


if __name__ == "__main__":
    run([Case("names", check_names), Case("values", check_values),
         Case("examples", check_examples), Case("mistakes", check_mistakes),
         Case("messages", check_messages), Case("keys", check_keys), Case("links", check_links)])
