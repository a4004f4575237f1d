"""Passages: the part of a text in which the words that were looked for stand, whole and marked."""

from __future__ import annotations

import re
from typing import NamedTuple

from csu_news.chinese import CJK

OPEN, CLOSE = "\x02", "\x03"
"""What FTS5's highlight() is told to put around a match: no text of the archive holds them."""

LENGTH = 200
"""Columns of a terminal that a passage fills; a Chinese character fills two."""

_CONSIDERED = 200
"""Matches of one text that are looked at: with more of them, any passage is as good."""

_WIDE = re.compile(f"[{CJK}\u3000-\u303f\uff01-\uff60]")
# …。, … end." , …!; the space after an English full stop
_SENTENCE_END = re.compile(r"[。！？；][”’」』）]?|[.!?][\"”’)]? ")


class Passage(NamedTuple):
    """A line of text, and where in it the matches stand, as starts and ends."""

    text: str
    matches: tuple[tuple[int, int], ...] = ()


def marked(highlighted: str) -> Passage:
    """Return a text that highlight() marked, on one line, as a whole."""
    line = " ".join(highlighted.replace("\u200b", "").split())
    pieces, matches, position = [], [], 0
    for number, piece in enumerate(re.split(f"[{OPEN}{CLOSE}]", line)):
        if number % 2:
            matches.append((position, position + len(piece)))
        pieces.append(piece)
        position += len(piece)
    return Passage("".join(pieces), tuple(matches))


def passage(highlighted: str, length: int = LENGTH) -> Passage:
    """Return the part that shows the most of what was looked for, from the beginning of a sentence if one is near.

    No match in it is cut; where something is left out stands `…`.
    """
    text, matches = marked(highlighted)
    first, last = _best(text, matches[:_CONSIDERED], length)
    inner = (matches[first][0], matches[last][1]) if matches else (0, 0)
    start = _start(text, inner, length) if matches else 0
    end = _end(text, start, inner[1], length)
    for opened, closed in matches:
        start = closed if opened < start < closed else start
        end = closed if opened < end < closed else end
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    kept = tuple((opened + shift, closed + shift) for opened, closed in matches if start <= opened and closed <= end)
    return Passage(f"{before}{text[start:end]}{after}", kept)


def columns(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))


def _best(text: str, matches: tuple[tuple[int, int], ...], length: int) -> tuple[int, int]:
    """Return the first and last of the matches that stand together and show the most different words."""
    best, most = (0, 0), (0, 0)
    for first, (start, _) in enumerate(matches):
        last = first
        while last + 1 < len(matches) and columns(text[start : matches[last + 1][1]]) <= length * 2 // 3:
            last += 1
        words = {text[opened:closed].casefold() for opened, closed in matches[first : last + 1]}
        if (len(words), last - first) > most:
            best, most = (first, last), (len(words), last - first)
    return best


def _start(text: str, inner: tuple[int, int], length: int) -> int:
    """Return where a passage begins: at its sentence, else at a word, not further off than there is room."""
    room = max(0, length - columns(text[inner[0] : inner[1]])) * 2 // 3
    earliest = inner[0]
    while earliest and room > 0:
        earliest -= 1
        room -= columns(text[earliest])
    if not earliest:
        return 0
    ends = [match.end() for match in _SENTENCE_END.finditer(text, earliest, inner[0])]
    if ends:
        return ends[-1] if columns(text[ends[-1] : inner[0]]) > length // 4 else ends[0]
    space = text.find(" ", earliest, inner[0])
    return space + 1 if 0 <= space < (earliest + inner[0]) // 2 else earliest


def _end(text: str, start: int, least: int, length: int) -> int:
    """Return where a passage ends: at a word, and not before what it must hold."""
    end, room = start, length
    while end < len(text) and (room > 0 or end < least):
        room -= columns(text[end])
        end += 1
    if end == len(text) or _WIDE.match(text[end]):
        return end
    space = text.rfind(" ", max(start, least, end - 30), end + 1)
    return space if space > least else end
