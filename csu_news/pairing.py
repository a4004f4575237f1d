"""Which articles of two languages tell the same: scored by what translations share, assigned one to one; pure.

A token is something that an article and its translation have in common whatever the words: a picture, a number, a
date, a Chinese name as it sounds. A shared token speaks for a pair by how seldom chance would share it, among the
articles of those days as well as among all. The score is the probability that two articles belong together when
neither may have a partner at all, and each at most one.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from csu_news.errors import UsageError

WINDOW_DAYS = 21
"""A translation comes out within three weeks; what is announced each year is another article."""

THRESHOLD = 0.95
"""Taken for a pair; measured on invented sites by tests/test_pairing.py."""
DOUBTFUL = 0.2
"""From here on a person is asked."""


class Kind(NamedTuple):
    """How a kind of token weighs: how often a translation keeps one, what one is worth at most, and all together.

    `missing` is what each token counts against the pair that the other side lacks.
    """

    kept: float
    most: float
    most_together: float
    missing: float = 0.0


KINDS = {
    "picture": Kind(0.5, 7.0, 7.0),
    "file": Kind(0.5, 6.0, 6.0),
    "name": Kind(0.8, 3.5, 9.0, 0.8),
    "number": Kind(0.6, 2.5, 5.0, 0.5),
    "date": Kind(0.7, 2.5, 3.0, 0.7),
    "latin": Kind(0.7, 3.0, 6.0, 0.4),
    "source": Kind(0.5, 1.5, 1.5),
    "beside": Kind(0.3, 2.0, 2.0),
}
# How often a translation comes out so many days before or after: flat, for a second report comes out in those days, too
_LAG = [0.14, 0.12, 0.1, 0.09, 0.08, 0.07, 0.06, 0.06, *([0.02] * (WINDOW_DAYS - 7))]
_MOST_MISSING = 4.0


@dataclass(frozen=True, slots=True)
class Side:
    """An article as pairing sees it: tokens are `kind:value`, `length` counts words or Chinese characters."""

    id: int
    day: int | None
    length: int
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A candidate: the score is a probability, the reasons the tokens shared and the days between."""

    en: int
    zh: int
    score: float
    reasons: dict[str, list[str] | int]


@dataclass(slots=True)
class _Candidate:
    gains: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    missing: float = 0.0
    shared: list[str] = field(default_factory=list)
    weight: float = 0.0


def find_pairs(
    english: Sequence[Side],
    chinese: Sequence[Side],
    forbidden: Collection[tuple[int, int]] = (),
) -> list[Pair]:
    """Return the best one-to-one assignment of the articles, doubtful pairs included, best first.

    forbidden  pairs of ids of which a person said that they are none
    """
    candidates = _candidates(english, chinese, set(forbidden))
    rows: dict[int, float] = defaultdict(lambda: 1.0)
    columns: dict[int, float] = defaultdict(lambda: 1.0)
    for (en, zh), candidate in candidates.items():
        rows[en] += math.exp(candidate.weight)
        columns[zh] += math.exp(candidate.weight)
    pairs = []
    for en, zh in _assigned({key: candidate.weight for key, candidate in candidates.items()}):
        candidate = candidates[en, zh]
        score = math.exp(candidate.weight) / max(rows[en], columns[zh])
        if score >= DOUBTFUL:
            lag = _lag(english[en], chinese[zh])
            pairs.append(Pair(english[en].id, chinese[zh].id, round(score, 4), _reasons(candidate.shared, lag)))
    return sorted(pairs, key=lambda pair: (-pair.score, pair.en))


def _lag(en: Side, zh: Side) -> int | None:
    return None if en.day is None or zh.day is None else en.day - zh.day


def _reasons(shared: Iterable[str], lag: int | None) -> dict[str, list[str] | int]:
    reasons: dict[str, list[str] | int] = {} if lag is None else {"days": lag}
    for token in sorted(shared):
        kind, _, value = token.partition(":")
        values = reasons.setdefault(kind, [])
        assert isinstance(values, list)
        values.append(value)
    return reasons


class _Postings:
    """Where each token occurs among articles in the order of their days; those without a date come last."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self.order = sorted(range(len(sides)), key=lambda n: sides[n].day or 10**7)
        self.days = [sides[n].day or 10**7 for n in self.order]
        self.places: dict[str, list[int]] = defaultdict(list)
        for place, number in enumerate(self.order):
            for token in sides[number].tokens:
                self.places[token].append(place)

    def window(self, day: int | None) -> tuple[int, int]:
        if day is None:
            return 0, len(self.order)
        return bisect_left(self.days, day - WINDOW_DAYS), bisect_right(self.days, day + WINDOW_DAYS)


def _candidates(
    english: Sequence[Side], chinese: Sequence[Side], forbidden: set[tuple[int, int]]
) -> dict[tuple[int, int], _Candidate]:
    """Return by numbers of the two sides what speaks for each pair that shares a token within the window."""
    postings = _Postings(chinese)
    lacking = [_missable(side, postings) for side in chinese]
    found: dict[tuple[int, int], _Candidate] = {}
    for en, side in enumerate(english):
        row = _row(side, postings, len(chinese))
        total = _missable(side, postings)
        prior = _prior(side, chinese, postings)
        for zh, candidate in row.items():
            if (side.id, chinese[zh].id) not in forbidden:
                candidate.weight = prior(zh) + _evidence(candidate, total, lacking[zh]) - _unlike(side, chinese[zh])
                if candidate.weight > -4:
                    found[en, zh] = candidate
    return found


def _row(side: Side, postings: _Postings, size: int) -> dict[int, _Candidate]:
    row: dict[int, _Candidate] = defaultdict(_Candidate)
    low, high = postings.window(side.day)
    for token in side.tokens:
        places = postings.places.get(token)
        if not places:
            continue
        first, last = bisect_left(places, low), bisect_left(places, high)
        kind = token.partition(":")[0]
        rule = KINDS[kind]
        chance = max((last - first + 0.5) / (high - low + 1), (len(places) + 0.5) / (size + 1))
        gain = min(rule.most, math.log(rule.kept / chance))
        for place in places[first:last]:
            candidate = row[postings.order[place]]
            candidate.missing += rule.missing
            if gain > 0:
                candidate.gains[kind] += gain
                candidate.shared.append(token)
    return row


def _missable(side: Side, postings: _Postings) -> float:
    """Return what it counts against a pair if nothing of this side is on the other; common words are not missed."""
    return sum(
        KINDS[kind].missing
        for token in side.tokens
        if (kind := token.partition(":")[0]) and KINDS[kind].missing and token in postings.places
    )


def _prior(side: Side, chinese: Sequence[Side], postings: _Postings) -> Callable[[int], float]:
    """Return the function that weighs a Chinese article by its date alone: the odds of being this one's partner."""
    low, high = postings.window(side.day)
    shares = [_LAG[abs(day - side.day)] for day in postings.days[low:high]] if side.day is not None else []
    total = sum(shares) or float(high - low)

    def prior(zh: int) -> float:
        lag = _lag(side, chinese[zh])
        return math.log((1.0 if lag is None else _LAG[abs(lag)]) / total)

    return prior


def _evidence(candidate: _Candidate, english: float, chinese: float) -> float:
    gain = sum(min(KINDS[kind].most_together, gains) for kind, gains in candidate.gains.items())
    missing = min(_MOST_MISSING, english - candidate.missing) + min(_MOST_MISSING, chinese - candidate.missing) / 2
    return gain - missing


def _unlike(side: Side, other: Side) -> float:
    """Return what it counts against a pair that one text is much longer: a word is about 1.6 characters."""
    if min(side.length, other.length) < 30:
        return 0.0
    return min(2.0, (math.log(other.length / side.length / 1.6) / 0.6) ** 2 / 2)


def _assigned(weights: dict[tuple[int, int], float]) -> Iterable[tuple[int, int]]:
    """Return the pairs of the assignment with the greatest sum of weights; an article may be left alone."""
    try:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import min_weight_full_bipartite_matching
    except ImportError as error:
        raise UsageError("Finding pairs needs two libraries more: pip install 'csu-news[pairs]'") from error

    if not weights:
        return []
    rows = {en: n for n, en in enumerate(sorted({en for en, _ in weights}))}
    columns = {zh: n for n, zh in enumerate(sorted({zh for _, zh in weights}))}
    alone = len(columns)
    entries = [(rows[en], columns[zh], weight + 10) for (en, zh), weight in weights.items()]
    entries += [(n, alone + n, 10 - 4.0) for n in rows.values()]
    row_of, column_of, values = zip(*entries, strict=True)
    graph = coo_array((values, (row_of, column_of)), shape=(len(rows), alone + len(rows))).tocsr()
    chosen = zip(*min_weight_full_bipartite_matching(graph, maximize=True), strict=True)
    english, chinese = list(rows), list(columns)
    return [(english[row], chinese[column]) for row, column in chosen if column < alone]
