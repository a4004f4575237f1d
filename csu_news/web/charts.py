"""Drawings: SVG as text, made on the server; a colour is a class of the style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

HEIGHT = 90
LINE_WIDTH, LINE_HEIGHT = 120, 20
PIECES_WIDTH, PIECES_GAP = 600, 4


@dataclass(frozen=True)
class Bar:
    """A column of a chart: its name, where it leads, and a number for each of its parts, by class."""

    name: str
    href: str
    parts: Mapping[str, int]


def bars(drawn: Sequence[Bar], step: int, width: str = "100%") -> Markup:
    """Return columns side by side, the parts on top of each other; `step` is a column's share of the width.

    It is for the eye: who listens or has a keyboard gets the same as links in the text beside it.
    """
    highest = max((sum(bar.parts.values()) for bar in drawn), default=1) or 1
    steps = max(len(drawn) * step, 1)
    columns = "".join(_column(bar, number * step, step, highest) for number, bar in enumerate(drawn))
    box = f'viewBox="0 0 {steps} {HEIGHT}" preserveAspectRatio="none" width="{width}"'
    return Markup(f'<svg class="bars" {box} aria-hidden="true">{columns}</svg>')


def _column(bar: Bar, left: int, step: int, highest: int) -> str:
    if not sum(bar.parts.values()):
        return ""
    drawn, top = [], float(HEIGHT)
    for name, number in bar.parts.items():
        height = number / highest * (HEIGHT - 2)
        top -= height
        drawn.append(f'<path class="{name}" d="M{left} {top:.1f}h{step - 1}v{height:.1f}h{1 - step}z"/>')
    said = escape(f"{bar.name}: " + ", ".join(f"{number:,} {name}" for name, number in bar.parts.items()))
    return f'<a href="{escape(bar.href)}" tabindex="-1"><title>{said}</title>{"".join(drawn)}</a>'


def line(values: Sequence[float]) -> Markup:
    """Return a small line of shares between 0 and 1, in their order; a single one is drawn level.

    It is for the eye: its last value stands beside it.
    """
    drawn = list(values) * 2 if len(values) == 1 else values
    step = LINE_WIDTH / max(len(drawn) - 1, 1)
    points = (
        f"{number * step:.1f},{LINE_HEIGHT - 1 - value * (LINE_HEIGHT - 2):.1f}" for number, value in enumerate(drawn)
    )
    box = f'viewBox="0 0 {LINE_WIDTH} {LINE_HEIGHT}" preserveAspectRatio="none"'
    return Markup(f'<svg class="line" {box} aria-hidden="true"><polyline points="{" ".join(points)}"/></svg>')


def pieces(counts: Sequence[int]) -> Markup:
    """Return a bar cut into pieces as long as their counts; where it is cut, the chain is broken.

    It is for the eye: the number of pieces stands beside it.
    """
    whole, left, drawn = sum(counts) or 1, 0.0, []
    room = PIECES_WIDTH - PIECES_GAP * max(len(counts) - 1, 0)
    for count in counts if room > 0 else (whole,):
        width = max(count / whole * max(room, PIECES_GAP), 1)
        drawn.append(f'<path d="M{left:.1f} 0h{width:.1f}v10h-{width:.1f}z"><title>{count:,}</title></path>')
        left += width + PIECES_GAP
    box = f'viewBox="0 0 {max(left - PIECES_GAP, 1):.1f} 10" preserveAspectRatio="none"'
    return Markup(f'<svg class="pieces" {box} aria-hidden="true">{"".join(drawn)}</svg>')
