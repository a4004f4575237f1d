"""Which paragraphs of an English and a Chinese text tell the same, by their lengths and their order; pure.

After Gale and Church (1993): an alignment is a row of beads, each of so many paragraphs here and so many there. A bead
weighs by how well its lengths fit a translation, against the chance of such a length in any text, and by numbers, dates
and Latin words. The score is the probability of the whole alignment among all that there could be: it is low when
another one would do nearly as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise, product
from typing import NamedTuple

from csu_news.likeness import marks

CHARACTERS = math.log(0.32)
"""Chinese characters for one of English, blanks apart: the mean on invented sites."""
SPREAD = 0.2
"""How the logarithm of that varies: 0.12 was measured, and real translations are freer."""
SHORT = 3.0
"""So much over the length is added to its variance: a heading of two characters says little."""
USUAL = (4.2, 0.9)
"""The logarithm of the length of any Chinese paragraph, and how it varies."""
MARK = 2.0
"""What a shared number, date or Latin word counts, and what one that the other text has elsewhere."""
SHARES = {(1, 1): 0.9, (1, 2): 0.02, (2, 1): 0.02, (1, 0): 0.03, (0, 1): 0.03}
"""How often so many English paragraphs are so many Chinese ones."""
BEADS = {counts: math.log(share) for counts, share in SHARES.items()}
THRESHOLD = 0.9
"""From here on an alignment is taken; measured by tests/test_alignment.py."""
MOST = 100
"""Texts of more paragraphs are not aligned: the work grows with the product."""


class Bead(NamedTuple):
    """Paragraphs that tell the same: from `en` up to `en_end`, from `zh` up to `zh_end`; one side may have none."""

    en: int
    en_end: int
    zh: int
    zh_end: int


class Alignment(NamedTuple):
    """Beads in the order of the text, which cover both sides, and the probability that all of them are right.

    is_certain  it may be claimed: it is probable, no paragraph is left over on either side, and each number, date or
                Latin word that both texts have is shared by a bead
    """

    beads: list[Bead]
    score: float
    is_certain: bool


class _Side(NamedTuple):
    """One, two or no paragraphs of a language: length, marks, and how likely such lengths are in any text."""

    length: int = 0
    marks: frozenset[str] = frozenset()
    chance: float = 0.0


_Sides = list[tuple[_Side, ...]]
"""By the number of the paragraph at which they end: none, one, and two, where there are two."""


class _Cell(NamedTuple):
    """The best way to a place and the sum over all ways, as logarithms; the best way's last bead."""

    best: float
    total: float
    bead: Bead | None


def align(english: Sequence[str], chinese: Sequence[str]) -> Alignment | None:
    """Return the likeliest alignment of two texts' paragraphs; None if one has less than two, or too many.

    >>> align(["A long way to go, said the rector.", "Yes."], ["“路还很长，”校长说。", "是。"]).beads
    [Bead(en=0, en_end=1, zh=0, zh_end=1), Bead(en=1, en_end=2, zh=1, zh_end=2)]
    """
    if not (2 <= len(english) <= MOST and 2 <= len(chinese) <= MOST):
        return None
    found = [[marks(text) for text in texts] for texts in (english, chinese)]
    ours, theirs = (set[str]().union(*each) for each in found)
    here, there = (_sides(texts, each, ours & theirs) for texts, each in zip((english, chinese), found, strict=True))
    table: dict[tuple[int, int], _Cell] = {}
    for place in product(range(len(here)), range(len(there))):
        table[place] = _cell(table, here, there, *place)
    end = table[len(english), len(chinese)]
    beads, score = _path(table, len(english), len(chinese)), min(1.0, math.exp(end.best - end.total))
    return Alignment(beads, score, score >= THRESHOLD and _is_sound(beads, here, there, ours & theirs))


def _sides(texts: Sequence[str], found: list[set[str]], common: set[str]) -> _Sides:
    ones = [_one(text, each & common) for text, each in zip(texts, found, strict=True)]
    twos = [_two(*each) for each in pairwise(ones)]
    return [(_Side(),), (_Side(), *ones[:1]), *((_Side(), one, two) for one, two in zip(ones[1:], twos, strict=True))]


def _one(text: str, found: set[str]) -> _Side:
    length = max(1, sum(map(len, text.split())))
    return _Side(length, frozenset(found), _normal(math.log(length), *USUAL))


def _two(one: _Side, other: _Side) -> _Side:
    length = one.length + other.length
    # one paragraph may be cut in two at any place: a density over the logarithms of both lengths
    cut = math.log(one.length * other.length / length**2)
    return _Side(length, one.marks | other.marks, one.chance + other.chance - cut)


def _is_sound(beads: list[Bead], here: _Sides, there: _Sides, common: set[str]) -> bool:
    shared = set[str]()
    for bead in beads:
        shared |= here[bead.en_end][bead.en_end - bead.en].marks & there[bead.zh_end][bead.zh_end - bead.zh].marks
    return shared == common and all(bead.en < bead.en_end and bead.zh < bead.zh_end for bead in beads)


def _cell(table: dict[tuple[int, int], _Cell], here: _Sides, there: _Sides, en_end: int, zh_end: int) -> _Cell:
    ways = []
    for (en_count, zh_count), share in BEADS.items():
        if en_count <= en_end and zh_count <= zh_end:
            before = table[en_end - en_count, zh_end - zh_count]
            weight = share + _fit(here[en_end][en_count], there[zh_end][zh_count])
            bead = Bead(en_end - en_count, en_end, zh_end - zh_count, zh_end)
            ways.append((before.best + weight, before.total + weight, bead))
    if not ways:
        return _Cell(0.0, 0.0, None)
    best, _, last = max(ways)
    most = max(total for _, total, _ in ways)
    return _Cell(best, most + math.log(sum(math.exp(total - most) for _, total, _ in ways)), last)


def _fit(here: _Side, there: _Side) -> float:
    """Return how much likelier the Chinese side is as a translation of the English one than in any text."""
    fit = MARK * (len(here.marks & there.marks) - len(here.marks ^ there.marks))
    if not here.length or not there.length:
        return fit
    spread = math.sqrt(SPREAD**2 + SHORT / here.length)
    return fit + _normal(math.log(there.length), math.log(here.length) + CHARACTERS, spread) - there.chance


def _normal(value: float, mean: float, spread: float) -> float:
    return -(((value - mean) / spread) ** 2) / 2 - math.log(spread * math.sqrt(2 * math.pi))


def _path(table: dict[tuple[int, int], _Cell], en: int, zh: int) -> list[Bead]:
    beads = []
    while bead := table[en, zh].bead:
        beads.append(bead)
        en, zh = bead.en, bead.zh
    return beads[::-1]
