# SPDX-License-Identifier: BSD-2-Clause
"""Charts as SVG, written by hand: legible on white and on black, nothing loaded from elsewhere."""

from xml.sax.saxutils import escape

# Seen well on both; for systems or curves, in their order.
COLOURS = ["#3b82c4", "#d97706", "#b45ba4", "#2f9e68", "#c2433f", "#7a7a7a", "#8a6d3b", "#5b6fd6"]
STYLE = """<style>
text { font: 12px sans-serif; fill: #222 }
.small { font-size: 10px }
.title { font-size: 15px; font-weight: bold }
.line { stroke: #888; stroke-width: 1; stroke-opacity: 0.4 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } }
</style>"""


def text(x, y, content, anchor="start", kind=""):
    """One line of text."""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
            + (f' class="{kind}"' if kind else "") + f">{escape(str(content))}</text>")


def line(x1, y1, x2, y2):
    """A line of the grid."""
    return f'<line class="line" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def bar(x, y, width, height, colour):
    """A bar that begins at (x, y)."""
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{colour}"/>')


def document(width, height, parts):
    """The whole file."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">', STYLE, *parts, "</svg>", ""])


def legend(names, x, y, first=0):
    """Colours, from the first-th on, and what they stand for, in one row."""
    parts = []
    for n, name in enumerate(names, first):
        parts += [bar(x, y - 10, 10, 10, COLOURS[n]), text(x + 15, y, name)]
        x += 35 + 7 * len(name)
    return parts


def bars(title, names, groups):
    """Horizontal bars, as long as the square root, so that small ones can be seen.

    groups: (label, values in the order of names, None where there is none).
    """
    left, width, right, high = 270, 620, 80, 11
    most = max((value for _, values in groups for value in values if value), default=1)
    parts = [text(10, 24, title, kind="title"), *legend(names, 10, 48)]
    y = 70
    for label, values in groups:
        parts.append(text(left - 8, y + high * len(values) / 2 + 4, label, "end"))
        for n, value in enumerate(values):
            length = width * ((value or 0) / most) ** 0.5
            parts.append(bar(left, y, length, high - 2, COLOURS[n]))
            parts.append(text(left + length + 4, y + high - 3,
                              "not available" if value is None else value, kind="small"))
            y += high
        y += 9
    parts.append(text(left, y + 8, "instructions per operation; lengths are square roots",
                      kind="small"))
    return document(left + width + right, y + 20, parts)


def panel(title, xs, curves, x0, y0, width, height):
    """One plot of curves {name: values} over the labels xs, from 0 on upwards."""
    most = max((value for values in curves.values() for value in values if value), default=1)
    top = 100 * (most // 100 + 1)
    parts = [text(x0, y0 - 8, title)]
    for step in range(5):
        y = y0 + height - height * step / 4
        parts += [line(x0, y, x0 + width, y),
                  text(x0 - 5, y + 4, round(top * step / 4), "end", "small")]
    places = [x0 + width * (n + 0.5) / len(xs) for n in range(len(xs))]
    parts += [text(x, y0 + height + 14, label, "middle", "small")
              for x, label in zip(places, xs)]
    for n, values in enumerate(curves.values()):
        points = [(x, y0 + height - height * value / top)
                  for x, value in zip(places, values) if value is not None]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline fill="none" stroke="{COLOURS[n]}" stroke-width="2" '
                     f'points="{path}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[n]}"/>'
                  for x, y in points]
    return parts


def plots(title, panels):
    """Panels (title, xs, {name: values}) side by side; all have the same curves."""
    width, height, left = 250, 240, 60
    parts = [text(10, 24, title, kind="title")]
    names = list(panels[0][2]) if panels else []
    half = (len(names) + 1) // 2
    parts += legend(names[:half], 10, 48)
    parts += legend(names[half:], 10, 68, half)
    for n, (label, xs, curves) in enumerate(panels):
        parts += panel(label, xs, curves, left + n * (width + left), 105, width, height)
    return document(left + len(panels) * (width + left), 105 + height + 30, parts)
