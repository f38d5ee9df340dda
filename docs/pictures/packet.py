#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the way of a packet: python3 docs/pictures/packet.py writes packet.svg beside packet.txt, its source.

A line "row TEXT" begins a row, a line "box TITLE | LINE | LINE" adds a box to it, and an arrow leads from each box to
the next. The picture has its own background in both color schemes, so it is readable on any page.
"""
import html
import sys
from pathlib import Path

CHARACTER, LINE, PADDING, ARROW, MARGIN, CAPTION = 6.7, 16, 9, 22, 14, 24
STYLE = """
  text { font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
  .caption { font: bold 13px system-ui, "DejaVu Sans", sans-serif }
  .title { font-weight: bold }
  .page { fill: #ffffff }
  .box { fill: #f3f5f8; stroke: #59636e }
  .arrow { stroke: #0969da; stroke-width: 1.5; fill: none }
  .head { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .page { fill: #0d1117 } .box { fill: #161b22; stroke: #8b949e }
    .arrow { stroke: #58a6ff } .head { fill: #58a6ff }
  }
"""


def read(text):
    """[(caption, [[title, line, ...], ...]), ...]"""
    rows = []
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "row":
            rows.append((rest, []))
        elif word == "box":
            rows[-1][1].append([part.strip() for part in rest.split("|")])
    return rows


def width_of(box):
    return max(len(line) for line in box) * CHARACTER + 2 * PADDING


def text_at(x, y, text, kind=""):
    attribute = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{attribute}>{html.escape(text)}</text>'


def draw_row(caption, boxes, top):
    height = max(len(box) for box in boxes) * LINE + PADDING
    shapes, left = [text_at(MARGIN, top + 14, caption, "caption")], MARGIN
    top += CAPTION
    for number, box in enumerate(boxes):
        if number:
            middle = top + height / 2
            shapes.append(f'<path class="arrow" d="M{left - ARROW + 2:.0f} {middle:.0f}H{left - 6:.0f}"/>')
            shapes.append(f'<path class="head" d="M{left - 1:.0f} {middle:.0f}l-7 -4v8z"/>')
        shapes.append(f'<rect class="box" x="{left:.0f}" y="{top}" width="{width_of(box):.0f}" height="{height}" '
                      'rx="4"/>')
        shapes += [text_at(left + PADDING, top + (line + 1) * LINE - 2, text, "" if line else "title")
                   for line, text in enumerate(box)]
        left += width_of(box) + ARROW
    return shapes, left - ARROW + MARGIN, top + height


def draw(rows):
    shapes, width, bottom = [], 0, 8
    for caption, boxes in rows:
        drawn, right, bottom = draw_row(caption, boxes, bottom)
        shapes += drawn
        width, bottom = max(width, right), bottom + 16
    title = html.escape("; ".join(f"{caption}: " + ", ".join(box[0] for box in boxes) for caption, boxes in rows))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {bottom}" width="{width:.0f}" '
            f'height="{bottom}" role="img">\n<title>{title}</title>\n<style>{STYLE}</style>\n'
            '<rect class="page" width="100%" height="100%"/>\n'
            + "\n".join(shapes) + "\n</svg>\n")


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    picture = draw(read((here / "packet.txt").read_text(encoding="utf-8")))
    (here / "packet.svg").write_text(picture, encoding="utf-8")
    sys.exit(0)
