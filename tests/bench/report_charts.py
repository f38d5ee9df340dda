# SPDX-License-Identifier: Apache-2.0
"""Charts as SVG, with only the standard library.

They have a light background, so that they can be read on a page of any colour. An axis is logarithmic if its values
span more than a decade and a half.
"""
import math
from html import escape

from report_results import FLOOR, NO_NAT, OURS, number_text, side_words, sides_of, verb_of

COLOURS = {OURS: "#0b62a8", "reference-nftables": "#c2410c", "reference-iptables": "#8a6100", FLOOR: "#57606a",
           NO_NAT: "#57606a"}
OTHERS = ("#7c3aed", "#0f766e", "#be185d")
INK, FAINT, PANEL, BORDER = "#1f2328", "#d5dae0", "#ffffff", "#c9d1d9"
LOGARITHMIC_FROM = 10 ** 1.5
WIDTH = 860


def colour_of(side, sides):
    unknown = [one for one in sides if one not in COLOURS]
    return COLOURS.get(side) or OTHERS[unknown.index(side) % len(OTHERS)]


class Drawing:
    def __init__(self, height, title, description):
        self.height = height
        self.parts = []
        self.title, self.description = title, description

    def text(self, x, y, words, anchor="start", size=13, colour=INK, weight="normal", turn=None):
        rotated = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
                          f'font-weight="{weight}" fill="{colour}"{rotated}>{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, colour=FAINT, width=1.0):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
                          f'stroke-width="{width}"/>')

    def rectangle(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}" rx="2" '
                          f'fill="{colour}"/>')

    def path(self, points, colour):
        where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{where}" fill="none" stroke="{colour}" stroke-width="2.5" '
                          'stroke-linejoin="round"/>')
        self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points]

    def svg(self):
        body = "\n".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" '
                f'height="{self.height}" role="img" '
                "font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\">\n"
                f"<title>{escape(self.title)}</title>\n<desc>{escape(self.description)}</desc>\n"
                f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{self.height - 1}" rx="8" fill="{PANEL}" '
                f'stroke="{BORDER}"/>\n{body}\n</svg>\n')


class Scale:
    """Maps values to places between `begin` and `end`."""

    def __init__(self, values, begin, end, is_logarithmic=None):
        self.begin, self.end = begin, end
        low, high = min(values), max(values)
        self.is_logarithmic = high / low > LOGARITHMIC_FROM if is_logarithmic is None else is_logarithmic
        if self.is_logarithmic:
            # If the axis was not requested, it is for bars: the least value must have a length.
            self.low = math.floor(math.log10(low) + (1e-9 if is_logarithmic else -1e-9))
            self.high = math.ceil(math.log10(high) - 1e-9)
            self.high = max(self.high, self.low + 1)
        else:
            self.step = nice_step(high)
            self.low, self.high = 0, self.step * math.ceil(high / self.step)

    def place(self, value):
        value = math.log10(value) if self.is_logarithmic else value
        return self.begin + (self.end - self.begin) * (value - self.low) / (self.high - self.low)

    def ticks(self):
        if self.is_logarithmic:
            return [10.0 ** power for power in range(self.low, self.high + 1)]
        return [self.step * i for i in range(round(self.high / self.step) + 1)]


def nice_step(high):
    """A step of 1, 2 or 5 times a power of ten, for four to eight steps."""
    rough = high / 5
    power = 10 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def tick_text(value):
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:g}"


def legend(drawing, sides, y):
    x = 24
    for side in sides:
        drawing.rectangle(x, y - 10, 12, 12, colour_of(side, sides))
        drawing.text(x + 18, y, side_words(side))
        x += 42 + 7.2 * len(side_words(side))


# ---- lines ----

def line_panel(drawing, area, panel, points, sides):
    """panel: (heading, {side: [(x, y)]}); area: (left, top, right, bottom) of the axes; points: those of all panels,
    which share their scales. Both axes are logarithmic."""
    heading, lines = panel
    left, top, right, bottom = area
    across = Scale([x for x, _ in points], left, right, True)
    up = Scale([y for _, y in points], bottom, top, True)
    drawing.text((left + right) / 2, top - 12, heading, "middle", 15, weight="600")
    for value in across.ticks():
        drawing.line(across.place(value), top, across.place(value), bottom)
        drawing.text(across.place(value), bottom + 18, tick_text(value), "middle", 12)
    for value in up.ticks():
        drawing.line(left, up.place(value), right, up.place(value))
        drawing.text(left - 8, up.place(value) + 4, tick_text(value), "end", 12)
    drawing.text((left + right) / 2, bottom + 40, "existing attachments", "middle")
    drawing.text(left - 56, (top + bottom) / 2, "milliseconds (median)", "middle", turn=-90)
    ends = []
    for side, line in lines.items():
        drawing.path([(across.place(x), up.place(y)) for x, y in line], colour_of(side, sides))
        place = (across.place(line[-1][0]), up.place(line[-1][1]), number_text(line[-1][1]), colour_of(side, sides))
        if place[0] > right - 1:
            ends.append(place)
        else:
            label_short_line(drawing, place, line[-1], lines)
    label_ends(drawing, ends)


def label_short_line(drawing, place, end, lines):
    """Writes the number above the end of a line that ends before the others, or below it if another line is above."""
    x, y, words, colour = place
    is_covered = any(other > end[1] for line in lines.values() for at, other in line if at == end[0])
    drawing.text(x, y + 20 if is_covered else y - 9, words, "middle", 12, colour, "600")


def label_ends(drawing, ends):
    """Writes the last numbers at the right, without overlaps."""
    lowest = -math.inf
    for x, y, words, colour in sorted(ends, key=lambda end: end[1]):
        lowest = max(y + 4, lowest + 14)
        drawing.text(x + 8, lowest, words, size=12, colour=colour, weight="600")


def line_chart(title, panels):
    """Panels of lines beside each other; None if there are no values."""
    panels = [(heading, {side: line for side, line in lines.items() if line}) for heading, lines in panels]
    panels = [panel for panel in panels if panel[1]]
    if not panels:
        return None
    sides = list(dict.fromkeys(side for _, lines in panels for side in lines))
    drawing = Drawing(420, title, "; ".join(
        f"{heading}, {side_words(side)}: " + ", ".join(f"{number_text(y)} ms with {x:,}" for x, y in line)
        for heading, lines in panels for side, line in lines.items()))
    drawing.text(24, 32, title, size=17, weight="600")
    legend(drawing, sides, 60)
    width = WIDTH / len(panels)
    points = [point for _, lines in panels for line in lines.values() for point in line]
    for i, panel in enumerate(panels):
        line_panel(drawing, (i * width + 74, 106, (i + 1) * width - 54, 350), panel, points, sides)
    return drawing.svg()


# ---- bars ----

def bar_chart(title, axis, groups):
    """groups: [(heading, [(side, value or None)])]; None is shown as "not measured". Returns None if there are no
    values."""
    values = [value for _, bars in groups for _, value in bars if value]
    if not values:
        return None
    row, gap, top, left, right = 24, 34, 96, 190, WIDTH - 90
    height = top + sum(gap + row * len(bars) for _, bars in groups) + 44
    drawing = Drawing(height, title, "; ".join(
        f"{heading}, {side_words(side)}: {number_text(value) if value else 'not measured'}"
        for heading, bars in groups for side, value in bars) + f" ({axis})")
    scale = Scale(values, left, right)
    drawing.text(24, 32, title, size=17, weight="600")
    sides = list(dict.fromkeys(side for _, bars in groups for side, _ in bars))
    drawing.text(24, 56, axis + (", on a logarithmic scale" if scale.is_logarithmic else ""))
    for value in scale.ticks():
        drawing.line(scale.place(value), top - 14, scale.place(value), height - 40)
        drawing.text(scale.place(value), height - 20, tick_text(value), "middle", 12)
    y = top
    for heading, bars in groups:
        drawing.text(24, y + 8, heading, size=14, weight="600")
        y += 20
        for side, value in bars:
            drawing.text(left - 10, y + 14, side_words(side), "end")
            if value:
                drawing.rectangle(left, y + 2, scale.place(value) - left, row - 8, colour_of(side, sides))
            drawing.text((scale.place(value) if value else left) + 6, y + 15, number_text(value)
                         if value else "not measured", size=12)
            y += row
        y += gap - 20
    return drawing.svg()


# ---- the charts of a report ----

def size_chart(results):
    scenes = sorted(results.named("size"), key=lambda scene: scene["attachments"])
    panels = []
    for verb in ("ADD", "DEL"):
        lines = {side: [(scene["attachments"], verb_of(scene, side, verb).get("p50_ms")) for scene in scenes]
                 for side in sides_of(scenes)}
        panels.append((verb, {side: [point for point in line if point[1]] for side, line in lines.items()}))
    return line_chart("The time of a call grows with the existing attachments", panels)


def bars_of(scene, verb, field):
    return [(side, verb_of(scene, side, verb).get(field)) for side in sides_of([scene])]


def chain_chart(results):
    groups = [(verb, bars_of(scene, verb, "p50_ms")) for scene in results.named("chain") for verb in ("ADD", "DEL")]
    return bar_chart("One container: bridge + host-local + masquerade + one published port", "milliseconds (median)",
                     groups)


def at_once_chart(results):
    scenes = sorted(results.named("at-once"), key=lambda scene: scene["at_once"])
    groups = [(f"{verb}, {scene['at_once']} at once", bars_of(scene, verb, "per_s"))
              for scene in scenes for verb in ("ADD", "DEL")]
    return bar_chart("Many containers at the same time", "operations per second", groups)


def connections_chart(results):
    groups = []
    for scene in sorted(results.named("connections"), key=lambda scene: scene["ports"]):
        bars = [(side["side"], side.get("per_s")) for side in scene["sides"]]
        groups.append((f"{scene['ports']:,} published ports", bars))
    return bar_chart("New connections through published ports", "TCP connections per second", groups)


def charts(results):
    """{file name: SVG} of all charts with results."""
    drawn = {"size.svg": size_chart(results), "chain.svg": chain_chart(results), "at-once.svg": at_once_chart(results),
             "connections.svg": connections_chart(results)}
    return {name: svg for name, svg in drawn.items() if svg}
