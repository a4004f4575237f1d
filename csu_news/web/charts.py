"""Drawings: SVG as text, made on the server; a colour is a class of the style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

HEIGHT = 90


@dataclass(frozen=True)
class Bar:
    """A column of a chart: its name, where it leads, and a number for each of its parts, by class."""

    name: str
    href: str
    parts: Mapping[str, int]


def bars(drawn: Sequence[Bar], step: int) -> Markup:
    """Return columns side by side, `step` wide each, the parts on top of each other.

    It is for the eye: who listens or has a keyboard gets the same as links in the text beside it.
    """
    highest = max((sum(bar.parts.values()) for bar in drawn), default=1) or 1
    width = max(len(drawn) * step, 1)
    columns = "".join(_column(bar, number * step, step, highest) for number, bar in enumerate(drawn))
    box = f'viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none"'
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
