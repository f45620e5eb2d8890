# SPDX-License-Identifier: BSD-2-Clause
"""A reader of flattened device trees (Devicetree Specification 5), and a writer
for adding a node: independent of what is tested.
"""

import struct


class Node:
    """A node: name, properties (name: bytes), children in order."""

    def __init__(self, name, parent=None):
        self.name = name
        self.parent = parent
        self.properties = {}
        self.children = []

    @property
    def path(self):
        if not self.parent:
            return "/"
        return (self.parent.path if self.parent.parent else "") + "/" + self.name

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, path):
        """The node with a path below this one, or None."""
        node = self
        for name in path.strip("/").split("/"):
            node = next((c for c in node.children if c.name == name), None) if node else None
        return node

    def cells(self, name):
        """A property as a list of cells; empty if it is not there."""
        value = self.properties.get(name, b"")
        return list(struct.unpack(f">{len(value) // 4}I", value[:len(value) // 4 * 4]))

    def cell(self, name, otherwise=None):
        cells = self.cells(name)
        return cells[0] if cells else otherwise

    def strings(self, name):
        value = self.properties.get(name, b"")
        return value[:-1].decode().split("\0") if value else []

    def available(self):
        return self.strings("status")[:1] in ([], ["okay"], ["ok"])


def read(blob):
    """The root of the tree in the bytes."""
    magic, _, structure, names = struct.unpack_from(">IIII", blob)
    if magic != 0xd00dfeed:
        raise ValueError("no device tree")
    root = node = None
    while True:
        tag, = struct.unpack_from(">I", blob, structure)
        structure += 4
        if tag == 1:
            end = blob.index(b"\0", structure)
            child = Node(blob[structure:end].decode(), node)
            if node:
                node.children.append(child)
            root = root or child
            node = child
            structure = (end + 4) & ~3
        elif tag == 2:
            node = node.parent
        elif tag == 3:
            size, name = struct.unpack_from(">II", blob, structure)
            end = blob.index(b"\0", names + name)
            node.properties[blob[names + name:end].decode()] = \
                blob[structure + 8:structure + 8 + size]
            structure = (structure + 8 + size + 3) & ~3
        elif tag == 9:
            return root


def write(root):
    """The bytes of a tree."""
    names, out = {}, bytearray()
    strings = bytearray()

    def pad():
        out.extend(b"\0" * (-len(out) % 4))

    def add(node):
        out.extend(struct.pack(">I", 1) + node.name.encode() + b"\0")
        pad()
        for name, value in node.properties.items():
            if name not in names:
                names[name] = len(strings)
                strings.extend(name.encode() + b"\0")
            out.extend(struct.pack(">III", 3, len(value), names[name]) + value)
            pad()
        for child in node.children:
            add(child)
        out.extend(struct.pack(">I", 2))

    add(root)
    out.extend(struct.pack(">I", 9))
    head = 40 + 16
    return struct.pack(">10I", 0xd00dfeed, head + len(out) + len(strings), head, head + len(out),
                       40, 17, 16, 0, len(strings), len(out)) + bytes(16) + out + strings


def add_memory(root, base, size):
    """Memory, as firmware adds it. What the tree says itself is for the firmware, and goes."""
    for node in [n for n in root.children if n.strings("device_type") == ["memory"]]:
        root.children.remove(node)
    node = Node(f"memory@{base:x}", root)
    values = []
    for value, cells in ((base, root.cell("#address-cells", 2)), (size, root.cell("#size-cells", 1))):
        values += [value >> 32, value & 0xffffffff][-cells:]
    node.properties = {"device_type": b"memory\0", "reg": struct.pack(f">{len(values)}I", *values)}
    root.children.append(node)
