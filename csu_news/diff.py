"""What changed between two revisions of an article: words of Latin script, single characters of Chinese.

Paragraphs are compared first, then the words of those that differ. Time grows linearly with the text but for the
stretches that differ, and what is spent on these is limited: beyond the limit a stretch is removed and added whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from itertools import groupby
from typing import Any, NamedTuple

KEPT, REMOVED, ADDED = "kept", "removed", "added"
FIELDS = ("title", "published", "source", "body", "media")

_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
# 中南大学2024 is five tokens, "the dean's well-known" five with its spaces
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:['’-][^\W_{_CJK}]+)*|\s+|.", re.S)
# a line and the line breaks behind it
_PARAGRAPH = re.compile(r"[^\n]*\n+|[^\n]+")
_WORDLESS = re.compile(r"[\W_]*")

STEPS = 2_000_000
"""What one comparison may spend, in pairs of equal words looked at: about a second, ten for a text made to be slow."""
_LONGEST = 2000  # words on both sides: SequenceMatcher takes the square of it at worst
_STEPS_A_WORD = 32
_PHRASE = 6  # words: single Chinese characters are rarely the only ones
_WRITTEN_ANEW = 4  # less than a quarter the same: so few characters are the same by chance
_DEPTH = 8  # of anchors between anchors


class Segment(NamedTuple):
    """A stretch of text; `kind` is kept, removed or added."""

    kind: str
    text: str


Hunk = list[Segment]
"""Paragraphs that are the same in both, as one kept segment, or that differ."""


class FieldDiff(NamedTuple):
    """A field that differs: all of its text, both ways, cut into hunks."""

    field: str
    hunks: list[Hunk]


class _Budget:
    """What may still be spent on stretches that differ."""

    def __init__(self) -> None:
        self.steps = STEPS

    def allows(self, a: Sequence[str], b: Sequence[str]) -> bool:
        size = len(a) + len(b)
        if size > _LONGEST:
            return False
        counts = Counter(b)
        steps = size * _STEPS_A_WORD + sum(counts[word] for word in a if not word.isspace())
        if steps > self.steps:
            return False
        self.steps -= steps
        return True


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldDiff]:
    """Return the fields of two revisions that differ, in the order of FIELDS.

    old, new  title, published, source, body as text or None; media as a list of addresses
    """
    found = []
    for field in FIELDS:
        before, after = old.get(field), new.get(field)
        if field == "media":
            hunks = compare_lines(before or (), after or ())
        else:
            hunks = compare_texts(before or "", after or "")
        if is_changed(hunks):
            found.append(FieldDiff(field, hunks))
    return found


def compare_texts(old: str, new: str) -> list[Hunk]:
    """Return hunks whose kept and added text joined is `new`, whose kept and removed text is `old`.

    >>> compare_texts("Ten red roses.", "Ten white roses.")[0][1:3]
    [Segment(kind='removed', text='red'), Segment(kind='added', text='white')]
    """
    budget = _Budget()
    a, b = _PARAGRAPH.findall(old), _PARAGRAPH.findall(new)
    hunks = []
    for kept, before, after in _stretches(a, b, budget):
        if kept:
            hunks.append([Segment(KEPT, "".join(before))])
        else:
            hunks.append(_compare_words("".join(before), "".join(after), budget))
    return hunks


def compare_lines(old: Iterable[str], new: Iterable[str]) -> list[Hunk]:
    """Return the same for lines that are kept, removed or added whole, as addresses are."""
    a, b = ([f"{line}\n" for line in lines] for lines in (old, new))
    return [
        [Segment(KEPT, "".join(before))] if kept else _removed_and_added("".join(before), "".join(after))
        for kept, before, after in _stretches(a, b, _Budget())
    ]


def is_changed(hunks: Iterable[Hunk]) -> bool:
    return any(kind != KEPT for hunk in hunks for kind, _ in hunk)


def as_html(hunks: Iterable[Hunk]) -> str:
    """Return the hunks as an HTML fragment of text, `<del>` and `<ins>`; all else is escaped.

    >>> as_html(compare_texts("Ten <b>", "Ten <i>"))
    'Ten &lt;<del>b</del><ins>i</ins>&gt;'
    """
    tags = {REMOVED: "del", ADDED: "ins"}
    return "".join(
        f"<{tags[kind]}>{escape(text)}</{tags[kind]}>" if kind in tags else escape(text)
        for hunk in hunks
        for kind, text in hunk
    )


def _compare_words(old: str, new: str, budget: _Budget) -> Hunk:
    """Return the changed words between those that are the same; a text written anew is changed as a whole."""
    segments = []
    for kept, before, after in _stretches(_TOKEN.findall(old), _TOKEN.findall(new), budget):
        segments += [Segment(KEPT, "".join(before))] if kept else _removed_and_added("".join(before), "".join(after))
    same = sum(len(text) for kind, text in segments if kind == KEPT and not _WORDLESS.fullmatch(text))
    if same * _WRITTEN_ANEW < min(len(old), len(new)):
        return _removed_and_added(old, new)
    return _joined(segments)


def _removed_and_added(before: str, after: str) -> Hunk:
    return [Segment(kind, text) for kind, text in ((REMOVED, before), (ADDED, after)) if text]


def _joined(segments: Sequence[Segment]) -> Hunk:
    """Return the segments with a space or a mark between two changes made part of them: so they are read."""
    last = len(segments) - 1
    joined: Hunk = []

    def is_change(part: tuple[int, Segment]) -> bool:
        number, (kind, text) = part
        return kind != KEPT or (0 < number < last and len(text) <= 3 and _WORDLESS.fullmatch(text) is not None)

    for changed, parts in groupby(enumerate(segments), is_change):
        texts = [segment for _, segment in parts]
        if changed:
            before = "".join(text for kind, text in texts if kind != ADDED)
            after = "".join(text for kind, text in texts if kind != REMOVED)
            joined += _removed_and_added(before, after)
        else:
            joined += texts
    return joined


def _stretches(
    a: Sequence[str], b: Sequence[str], budget: _Budget
) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Yield (kept, of a, of b) from start to end; two that are kept never follow each other."""
    i = j = kept_from = 0
    for left, right, size in (*_blocks(a, b, budget), (len(a), len(b), 0)):
        if left > i or right > j:
            if i > kept_from:
                yield True, a[kept_from:i], a[kept_from:i]
            yield False, a[i:left], b[j:right]
            kept_from = left
        i, j = left + size, right + size
    if i > kept_from:
        yield True, a[kept_from:i], a[kept_from:i]


def _blocks(a: Sequence[str], b: Sequence[str], budget: _Budget, depth: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield (start in a, start in b, length) of what is the same, in order.

    Phrases that occur once on both sides hold a stretch that is too costly in place (patience diff).
    """
    most = min(len(a), len(b))
    head = next((n for n in range(most) if a[n] != b[n]), most)
    tail = next((n for n in range(most - head) if a[-1 - n] != b[-1 - n]), most - head)
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if head:
        yield 0, 0, head
    if middle_a and middle_b:
        for i, j, size in _middle_blocks(middle_a, middle_b, budget, depth):
            yield head + i, head + j, size
    if tail:
        yield len(a) - tail, len(b) - tail, tail


def _middle_blocks(a: Sequence[str], b: Sequence[str], budget: _Budget, depth: int) -> Iterator[tuple[int, int, int]]:
    if budget.allows(a, b):
        matcher = SequenceMatcher(str.isspace, a, b, autojunk=False)
        yield from (block for block in matcher.get_matching_blocks() if block.size)
        return
    anchors = (_anchors(a, b, _PHRASE) or _anchors(a, b, 1)) if depth < _DEPTH else []
    i = j = 0
    for anchor_i, anchor_j in (*anchors, (len(a), len(b))) if anchors else ():
        for left, right, size in _blocks(a[i:anchor_i], b[j:anchor_j], budget, depth + 1):
            yield i + left, j + right, size
        if anchor_i < len(a):
            yield anchor_i, anchor_j, 1
        i, j = anchor_i + 1, anchor_j + 1


def _anchors(a: Sequence[str], b: Sequence[str], length: int) -> list[tuple[int, int]]:
    """Return places of phrases of some words that occur once on both sides: the most in the order of both."""
    in_a, in_b = ([tuple(words[n : n + length]) for n in range(len(words))] for words in (a, b))
    once = Counter(in_a)
    twice = {phrase for phrase, count in Counter(in_b).items() if count > 1}
    place = {phrase: j for j, phrase in enumerate(in_b) if phrase not in twice}
    pairs = [(i, place[phrase]) for i, phrase in enumerate(in_a) if once[phrase] == 1 and phrase in place]
    ends: list[int] = []  # the smallest place in b that ends a run of each size, and which pair that is
    tops: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        run = bisect_left(ends, j)
        before.append(tops[run - 1] if run else -1)
        ends[run : run + 1], tops[run : run + 1] = [j], [number]
    found = []
    number = tops[-1] if tops else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]
