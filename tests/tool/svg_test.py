#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The picture that `bulkhead map --svg` draws, of every description that there is: all that the
table says is in it, legible, and tied to its VM; nothing is empty, on something else, or outside.
"""

import itertools
import math
import re
import subprocess
import xml.etree.ElementTree as ET

from common import (BUILD, CONFIG, DEVICES, ROOT, TOOL, Files, description, expect,
                    tool)  # found beside this
from atf import Case, Fail, run  # found through common

SVG = "{http://www.w3.org/2000/svg}"
# px of a character of each font, as wide as wide fonts are; and above and below the baseline
WIDTHS = {"title": 12.5, "head": 9.5}
WIDTH, ABOVE, BELOW = 6.7, 8.5, 2.5
LEAST = 16  # px of a piece of memory
VIRT = "virt,virtualization=on,gic-version={} -cpu cortex-a57 -smp {}"


def dump(path, machine=VIRT.format(3, 4)):
    """The device tree of one of QEMU's machines, as a file."""
    machine, *options = machine.split()
    subprocess.run(["qemu-system-aarch64", "-M", f"{machine},dumpdtb={path}", "-m", "2G",
                    *options], check=True, capture_output=True)
    return path


class Text:
    """A text of the picture: what is shown, all of it, and where that is."""

    def __init__(self, element):
        title = element.find(SVG + "title")
        self.shown = element.text or "" if title is None else title.tail
        self.all = self.shown if title is None else title.text
        self.classes = element.get("class", "").split()
        width = next((WIDTHS[c] for c in self.classes if c in WIDTHS), WIDTH) * len(self.shown)
        x, self.y = float(element.get("x")), float(element.get("y"))
        if "end" in self.classes:
            x -= width
        if "middle" in self.classes:
            x -= width / 2
        self.left, self.right = x, x + width
        self.top, self.bottom = self.y - ABOVE, self.y + BELOW

    def middle(self):
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


class Box:
    def __init__(self, element):
        self.classes = element.get("class").split()
        self.left, self.top = float(element.get("x")), float(element.get("y"))
        self.right = self.left + float(element.get("width"))
        self.bottom = self.top + float(element.get("height"))
        self.size = int(element.get("data-size", "0"))

    def has(self, x, y):
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def colour(self):
        return next((c for c in self.classes if re.fullmatch("c[0-7]", c)), None)


class Picture:
    def __init__(self, path):
        self.source = path.read_text()
        self.root = ET.fromstring(self.source)
        self.texts = [Text(t) for t in self.root.iter(SVG + "text")]
        self.boxes = [Box(r) for r in self.root.iter(SVG + "rect") if r.get("class") != "bg"]
        self.width, self.height = (float(self.root.get(side)) for side in ("width", "height"))

    def groups(self, name):
        return [g for g in self.root.iter(SVG + "g") if name in g.get("class").split()]

    def words(self):
        """All that can be read or is in a tooltip, a line each."""
        return "\n".join([t.all for t in self.texts] +
                         [t.text for t in self.root.iter(SVG + "title")])


# ---- What holds of every picture ----

def check_form(picture):
    root = picture.root
    if root.get("viewBox") != f"0 0 {picture.width:.0f} {picture.height:.0f}":
        raise Fail(f"viewBox: {root.get('viewBox')}")
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    if len(ids) != len(set(ids)) or root.get("aria-labelledby").split() != ids:
        raise Fail(f"ids: {ids}, labelled by {root.get('aria-labelledby')}")
    for name in ("title", "desc"):
        element = root.find(SVG + name)
        if element is None or not element.text:
            raise Fail(f"it has no {name}")
    rest = picture.source.replace('xmlns="http://www.w3.org/2000/svg"', "")
    for word in ("http", "href", "url(", "@import", "<script", "onload", "user-select"):
        if word in rest:
            raise Fail(f"{word} is in the picture")
    for element in root.iter(SVG + "g"):
        if not any(e.tag in (SVG + "text", SVG + "path") for e in element.iter()):
            raise Fail(f"an empty group: {element.attrib}")


def check_texts(picture):
    for n, text in enumerate(picture.texts):
        if not text.shown.strip():
            raise Fail(f"an empty text at {text.left}, {text.y}")
        if text.left < 0 or text.top < 0 or text.right > picture.width or \
                text.bottom > picture.height:
            raise Fail(f"{text.shown!r} is beyond the picture")
        for other in picture.texts[:n]:
            if text.left < other.right and other.left < text.right and \
                    text.top < other.bottom and other.top < text.bottom:
                raise Fail(f"{text.shown!r} is on {other.shown!r}")


def check_boxes(picture):
    for box in picture.boxes:
        if box.left < 0 or box.top < 0 or box.right > picture.width or \
                box.bottom > picture.height:
            raise Fail(f"a box is beyond the picture: {vars(box)}")
        inside = [t for t in picture.texts if box.has(*t.middle())]
        if not inside:
            raise Fail(f"an empty box: {vars(box)}")
        for text in inside:
            if text.left < box.left or text.right > box.right or text.top < box.top or \
                    text.bottom > box.bottom:
                raise Fail(f"{text.shown!r} is not in its box {vars(box)}")


def check_scale(picture):
    """Of two pieces the larger one is never drawn lower; all have room for their text."""
    columns = [picture.groups("memory"), picture.groups("vm")]
    for groups in columns:
        sized = sorted((int(r.get("data-size")), float(r.get("height"))) for g in groups
                       for r in g.iter(SVG + "rect") if r.get("data-size"))
        if not sized:
            raise Fail("no memory")
        for (size, height), (larger, higher) in zip(sized, sized[1:]):
            if height < LEAST or higher < height and larger > size:
                raise Fail(f"{size} has {height} px, {larger} has {higher}")


def check_tie(picture, tie):
    """It goes from what it is about, in the VM's box, to a box of the VM's colour about the same."""
    colour = tie.get("class").split()[1]
    numbers = [float(n) for n in re.findall(r"[\d.]+", tie.get("d"))]
    title = tie.find(SVG + "title").text
    vcpu = re.fullmatch(r"(\S+): (vCPU \d+) runs on CPU \d+", title)
    device = re.fullmatch(r"(\S+) has (\S+) at (0x[0-9a-f]+)", title)
    vm, port, what = (vcpu[1], vcpu[2], f"{vcpu[1]} {vcpu[2]}") if vcpu else (
        device[1], device[3], device[2])
    frame = [b for b in picture.boxes if "frame" in b.classes and b.colour() == colour and
             b.right == numbers[0] and b.has(*numbers[:2])]
    if not any(b.has(*t.middle()) for b in frame for t in picture.texts if t.all == vm):
        raise Fail(f"{title}: not from the VM's box")
    if not any(t.all == port and abs(t.middle()[1] - numbers[1]) < 4 and
               0 < numbers[0] - t.right < 20 for t in picture.texts):
        raise Fail(f"{title}: not from {port}")
    boxes = [b for b in picture.boxes if b.colour() == colour and b.left == numbers[-2] and
             b.has(*numbers[-2:])]
    if not any(b.has(*t.middle()) for b in boxes for t in picture.texts if t.all == what):
        raise Fail(f"{title}: not to {what}")


def check_ties(picture, vcpus, devices, ranges):
    """Each vCPU and device has a line, each range of memory a band."""
    ties = [p for p in picture.root.iter(SVG + "path") if p.get("class").startswith("tie ")]
    if len(ties) != vcpus + devices:
        raise Fail(f"{len(ties)} ties, for {vcpus} vCPUs and {devices} devices")
    for tie in ties:
        check_tie(picture, tie)
    bands = [p for p in picture.root.iter(SVG + "path") if p.get("class").startswith("band ")]
    if len(bands) != ranges:
        raise Fail(f"{len(bands)} bands, for {ranges} ranges of memory")
    for band in bands:
        check_band(picture, band)


def check_band(picture, band):
    """It begins at a piece of its VM's colour, as high as that is, and ends at its VM's box."""
    colour = band.get("class").split()[1]
    n = [float(number) for number in re.findall(r"[\d.]+", band.get("d"))]
    if not any(b.size and b.colour() == colour and b.right == n[0] and b.top == n[1] and
               b.bottom == n[-1] for b in picture.boxes):
        raise Fail(f"a band from nowhere: {ET.tostring(band)}")
    tops = {b.top for b in picture.boxes if b.left == n[6] and b.colour() == colour and b.size}
    bottoms = {b.bottom for b in picture.boxes
               if b.left == n[6] and b.colour() == colour and b.size}
    if n[7] not in tops or n[9] not in bottoms:
        raise Fail(f"a band to nowhere: {ET.tostring(band)}")


def rows(out, section):
    """Lines of a section of the table."""
    return re.search(rf"^{section}.*\n((?:  .*\n)+)", out, re.M)[1].splitlines()


def check_labels(picture, out):
    """All that the table has is in the picture: returns how many vCPUs, devices and ranges."""
    shown = [t.all for t in picture.texts]
    names = {g.get("data-vm") for g in picture.groups("vm")}
    for group in picture.groups("vm"):
        if not any(Text(t).all == group.get("data-vm") for t in group.iter(SVG + "text")):
            raise Fail(f"{group.get('data-vm')} is not in its box")
    vcpus = devices = ranges = 0
    for row in rows(out, "memory"):
        if row.startswith("  ("):
            continue
        first, last, size, owner, what = re.match(
            r" +(\w+) +(\w+) +(\d+ \w+)  (\S+) +(.*)", row).groups()
        if f"{first}-{last}" not in shown or size not in shown:
            raise Fail(f"{row} is not in the picture")
        ranges += owner in names
        if not any(t.startswith(owner if owner in names else
                                what if owner == "-" else f"{owner}: {what}") for t in shown):
            raise Fail(f"{owner} {what} is not in the picture")
    for row in rows(out, "CPUs"):
        cpu, owners = re.match(r" +(\d+) +\w+ +(.*)", row).groups()
        if owners == "-":
            continue
        for owner in owners.replace(" (shared)", "").split(", "):
            if owner not in shown:
                raise Fail(f"{owner} is not in the picture")
            vcpus += 1
        if f"CPU {cpu}" not in shown:
            raise Fail(f"CPU {cpu} is not in the picture")
    words = picture.words()
    for row in rows(out, "devices"):
        first, owner, path = re.match(r" +(\w+) +\w+ +\d+ \w+  (\S+) +(.*?)(?:, at \w+)?$",
                                      row).groups()
        expect(words, rf"{re.escape(path)}\b")
        if owner != "-":
            expect("\n".join(shown), f"^{first}, ")
            expect(words, f"^{re.escape(owner)}: {re.escape(path)}, ")
        devices += owner in names
    return vcpus, devices, ranges


def check(path, out):
    picture = Picture(path)
    check_form(picture)
    check_texts(picture)
    check_boxes(picture)
    check_scale(picture)
    check_ties(picture, *check_labels(picture, out))
    return picture


# ---- Of all descriptions ----

PASSED = 'passthrough = "/pl031@9010000"; console = "none";'


def draw(files, dts, host, *options):
    svg = files.path("x.svg")
    out, _ = tool("map", dts, "--host", host, *options, "--svg", svg)
    return check(svg, out)


def runs(dts, host, *options):
    done = subprocess.run([TOOL[0], "check", str(dts), "--host", str(host), *options, *TOOL[1:]],
                          capture_output=True, check=False)
    return done.returncode == 0


def draw_all(pattern):
    """Each on the first machine that can run it, with Bulkhead elsewhere if it is in the way."""
    with Files() as files:
        hosts = [dump(files.path(f"virt-gicv{gic}-{cpus}.dtb"), VIRT.format(gic, cpus))
                 for gic, cpus in ((3, 4), (3, 16), (2, 4), (2, 8), (3, 256))]
        # its tree has PSCI only if there is a kernel
        hosts.append(dump(files.path("versal.dtb"),
                          f"xlnx-versal-virt -kernel {BUILD / 'bulkhead.img'}"))
        hosts += sorted((CONFIG / "hosts").glob("*.dts"))
        descriptions = sorted(ROOT.glob(pattern))
        if not descriptions:
            raise Fail(f"there is no {pattern}")
        for dts in descriptions:
            found = next(((host, *options) for options in ((), ("--offset", "0x20000000"))
                          for host in hosts if runs(dts, host, *options)), None)
            if found is None:
                raise Fail(f"no machine runs {dts}")
            try:
                draw(files, dts, *found)
            except Fail as fail:
                raise Fail(f"{dts} on {found}: {fail}") from None


def contents():
    """What is said of a machine with all kinds of things."""
    with Files() as files:
        dts = files.write("x.dts", description(PASSED))
        picture = draw(files, dts, DEVICES)
        expect(picture.words(), "^/pl031@9010000$", "^0x9010000, 4 KiB, SPI 2$", "^VMID 1$",
               "^kernel 1 MiB$", "^device tree 64 KiB$", "^shared$", "^Devices of first$",
               "^Devices of Bulkhead$", "^Bulkhead: image and pool$", "^larger than to scale$",
               "^emulated: gic@8000000 flash@0 virtio@a000000$",
               "^emulated: gic@8000000 flash@0 pl011@9000000 virtio@a000000$")
        expect(picture.root.find(SVG + "desc").text,
               "^first has 64 MiB of memory at 0x40000000, physical 0x[0-9a-f]+; CPUs 0, 1; "
               r"devices /pl031@9010000\. second has 32 MiB of memory at ")
        first = files.path("x.svg").read_bytes()
        draw(files, dts, DEVICES)
        if files.path("x.svg").read_bytes() != first:
            raise Fail("drawn again it differs")
        _, err = tool("map", dts, "--host", DEVICES, "--svg", "/nowhere/x.svg", code=2)
        expect(err, "/nowhere/x.svg: No such file")


def firmware():
    """It is memory of the machine's, before the VM's own."""
    with Files() as files:
        dts = files.write("x.dts", description().replace("kernel = <&kernel>",
                                                         "firmware = <&kernel>", 1))
        expect(draw(files, dts, DEVICES).words(), "^first: firmware$", "^firmware 4 KiB$",
               "^0x0-0xfff$", "^device tree 64 KiB$")


def gaps_and_idle():
    """Addresses between banks are a gap, and idle CPUs one box; neither is there without need."""
    with Files() as files:
        dts = files.write("x.dts", description())
        regions = draw(files, dts, CONFIG / "hosts/gicv3-regions.dts")
        expect(regions.words(), "^no memory$", "^idle: CPU 2$", "^cut short$")
        both = draw(files, dts, DEVICES)
        for word in ("no memory", "idle"):
            if word in both.words():
                raise Fail(f"{word!r}, where there is none")


def much():
    """Long names, small and large pieces, many of everything: all is there, and legible."""
    with Files() as files:
        many, name = "", "a-virtual-machine-of-31-letters"
        for n in range(10):
            many += (f'{name[:-2]}{n:02} {{ compatible = "bulkhead,vm"; cpus = <0 {n % 3}>; '
                     "kernel = <&kernel>;\nmemory@40000000 { "
                     f"reg = <0 0x40000000 0 {0x400000 << n % 5:#x}  0x80 0 0 0x1000>; }}; }};\n"
                     ).replace("<0 0>", "<0>")
        text = description()
        dts = files.write("x.dts", text[:text.index("first {")] + many + "};\n")
        devices = "".join(f'a-device-of-a-long-name@{n:x} {{ compatible = "x"; '
                          f"reg = <0 {n:#x} 0 1>; interrupts = <0 {n % 900} 4>; }};\n"
                          f'b@{n + 8:x} {{ compatible = "y"; reg = <0 {n + 8:#x} 0 1>; }};\n'
                          for n in range(0x1000000, 0x1003000, 0x40))
        memory = ("memory@90000000 { device_type = \"memory\"; reg = <0 0x90000000 0 0x1000>, "
                  "<2 0 1 0>, <4 0 0 0x100000>; };\npsci {")
        host = DEVICES.read_text().replace("psci {", devices + memory, 1)
        cpus = "".join(f'cpu@{n:x} {{ device_type = "cpu"; compatible = "arm,cortex-a57"; '
                       f'reg = <{n}>; enable-method = "psci"; }};\n' for n in range(2, 100))
        host = files.write("host.dts", host.replace("cpu@1 {", cpus + "cpu@1 {", 1))
        picture = draw(files, dts, host)
        expect(picture.words(), "^idle: CPU 3-99$", "^no memory$",
               *[f"^{name[:-2]}{n:02}$" for n in range(10)])
        # alternately idle: more numbers than a line has room for
        half = ", ".join(f"<{n}>" for n in range(0, 100, 2))
        dts = files.write("x.dts", description().replace("<0 1>", half, 1))
        picture = draw(files, dts, host)
        expect(picture.words(), "^idle: CPU 3 5 7 ", " 97 99$")


# ---- Colours ----

# What readers see of linear red, green and blue: all of it, or without the receptors for long,
# middle or short waves (Machado, Oliveira and Fernandes 2009, severity 1)
EYES = [
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((.152286, 1.052583, -.204868), (.114503, .786281, .099216), (-.003882, -.048116, 1.051998)),
    ((.367322, .860646, -.227968), (.280085, .672501, .047413), (-.011820, .042940, .968881)),
    ((1.255528, -.076749, -.178779), (-.078411, .930809, .147602), (.004733, .691367, .303900)),
]
DIFFERENT = 10  # CIE 1976: one that is 2.3 can just be seen


def linear(colour):
    parts = [int(colour[n:n + 2], 16) / 255 for n in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def lab(colour, eye):
    """CIELAB, D65."""
    xyz = times(((.4124, .3576, .1805), (.2126, .7152, .0722), (.0193, .1192, .9505)),
                times(eye, linear(colour)))
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
               for t in (max(v, 0) / white for v, white in zip(xyz, (.95047, 1, 1.08883))))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def luminance(colour):
    return sum(a * b for a, b in zip((.2126, .7152, .0722), linear(colour)))


def contrast(one, other):
    """WCAG 2.1, 1.4.3: text needs 4.5, what else has to be seen 3."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colours():
    """Text has enough contrast on everything that it stands on, lines on the background; colours
    of two VMs differ for every reader; in light and in dark."""
    with Files() as files:
        style = draw(files, files.write("x.dts", description()), DEVICES).root.find(SVG + "style")
    light, dark = style.text.split("@media (prefers-color-scheme: dark)")
    for rules in (light, dark):
        fills = dict(re.findall(r"^ *([^{\n]+?) \{ fill: (#\w{6})", rules, re.M))
        strokes = dict(re.findall(r"^ *(\.\w+) \{ fill: #\w{6}; stroke: (#\w{6})", rules, re.M))
        background = fills[".bg, path.gash"]
        boxes = [f".c{n}" for n in range(8)] + [".free", ".bulkhead", ".reserved"]
        for box in boxes:
            if contrast(fills["text"], fills[box]) < 4.5:
                raise Fail(f"text on {box}: {contrast(fills['text'], fills[box])}")
            if contrast(strokes[box], background) < 3:
                raise Fail(f"the line of {box}: {contrast(strokes[box], background)}")
        for eye in EYES:
            for one, other in itertools.combinations(boxes, 2):
                if math.dist(lab(fills[one], eye), lab(fills[other], eye)) < DIFFERENT:
                    raise Fail(f"{one} and {other} look the same to readers {EYES.index(eye)}")
        for text in ("text", ".dim"):
            if contrast(fills[text], background) < 4.5:
                raise Fail(f"{text} on the background")


# ---- The manual's ----

def in_the_manual():
    """docs/tool-map.svg is what the command in docs/tool.md draws."""
    with Files() as files:
        host, svg = dump(files.path("virt.dtb")), files.path("x.svg")
        dts = ROOT / "docs/tool-map.dts"
        tool("map", dts, "--host", host, "--svg", svg)
        if svg.read_bytes() != (ROOT / "docs/tool-map.svg").read_bytes():
            raise Fail("docs/tool-map.svg is another: build/bulkhead map docs/tool-map.dts --host "
                       "virt.dtb --svg docs/tool-map.svg makes it anew")
        draw(files, dts, host)
        page = (ROOT / "docs/tool.md").read_text()
        expect(page, r"!\[.+\]\(tool-map\.svg\)", r"\(tool-map\.dts\)")


if __name__ == "__main__":
    run([Case("configs", lambda: draw_all("configs/*.dts")),
         Case("guests", lambda: draw_all("tests/guests/*/*.dts"), cpu=600),
         Case("boot", lambda: draw_all("tests/boot/*.dts")),
         Case("good", lambda: draw_all("tests/config/good-*.dts"), cpu=600),
         Case("contents", contents), Case("firmware", firmware), Case("gaps-and-idle", gaps_and_idle), Case("much", much),
         Case("colours", colours), Case("in-the-manual", in_the_manual)])
