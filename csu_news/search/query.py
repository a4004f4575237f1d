"""What a person typed, as an FTS5 query that SQLite always understands.

Only AND, OR, NOT (in capitals, between two things), NEAR(a b, 5), `wor*`, quotes and balanced parentheses mean
anything; all else is words. A run of Chinese is a phrase of characters: they must stand side by side.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from csu_news.chinese import CJK
from csu_news.errors import UsageError
from csu_news.search.endings import completed, longer

MOST_CHARACTERS = 1000
DEEPEST = 10
"""Parentheses further in mean nothing: FTS5's parser overflows at twice as many."""

WIDEST_NEAR = 1000

MOST_SPELLINGS = 64
"""So many spellings of one phrase are looked for; of a longer one, its halves are looked for, each by itself."""

MOST_NEARS = 500
"""So many combinations of one NEAR are looked for."""

Spellings = Callable[[str], Sequence[str]]
"""Gives the ways in which a word or Chinese character is written, itself first."""

_QUOTED = r'"([^"]*)"|“([^“”]*)”|＂([^＂]*)＂|「([^「」]*)」|『([^『』]*)』|《([^《》]*)》|〈([^〈〉]*)〉'
_MARKS = '"“”＂「」『』《》〈〉'
# NEAR(graduate "student union", 5)
_NEAR = r"NEAR[(（]([^()（）]*)[)）]"
# "graduate school", NEAR(a b, 5), (, ), research*, GIFT研究中心
_LEXEME = re.compile(rf"{_QUOTED}|\b{_NEAR}|([(（])|([)）])|([^\s()（）{_MARKS}]+)")
# GIFT, 研, 究; title:x
_WORD = re.compile(rf"[{CJK}]|[^\s\u200b{CJK}]+")
# a b, 5
_DISTANCE = re.compile(r"^(.*)[,，]\s*(\d{1,9})\s*$", re.S)
# a "b c" d
_NEAR_TERM = re.compile(rf"{_QUOTED}|([^\s{_MARKS}]+)")


@dataclass(frozen=True)
class Phrase:
    """Words side by side; with `prefix`, the last is the beginning of a word."""

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Near:
    phrases: tuple[Phrase, ...]
    distance: int


@dataclass(frozen=True)
class Joined:
    """Parts joined by AND or OR; with NOT, the first without any of the others."""

    operator: str
    parts: tuple[Node, ...]


Node = Phrase | Near | Joined


def fts_query(text: str, spellings: Spellings = lambda word: (word,)) -> str:
    """Return the text as an FTS5 query; empty if there is no word in it, and then nothing is found.

    >>> fts_query('graduate students NOT "湘雅 Hospital"')
    '("graduate" AND ("students" NOT "湘 雅 Hospital"))'

    errors  UsageError: it is too long
    """
    node = parse(text)
    return "" if node is None else _rendered(node, spellings)


def parse(text: str) -> Node | None:
    """Return what the text asks for; None if there is no word in it.

    errors  UsageError: it is too long
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"The query has {len(text):,} characters: {MOST_CHARACTERS:,} are the most.")
    return _Parser(text).either()


def is_searchable(text: str) -> bool:
    """Tell whether SQLite finds a word in the text: a letter or digit of any script, or one for private use."""
    return any(category[0] in "LN" or category == "Co" for category in map(unicodedata.category, text))


class _Parser:
    """Reads the lexemes from left to right: OR binds least, then AND, which may be left out, then NOT."""

    def __init__(self, text: str) -> None:
        # an unpaired surrogate cannot be bound
        text = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
        self._lexemes = list(_LEXEME.finditer(text))
        self._close = _pairs(self._lexemes)
        self._position = 0
        self._end = len(self._lexemes)

    def either(self) -> Node | None:
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._all())
        return _joined("OR", parts)

    def _all(self) -> Node | None:
        parts = [self._without()]
        while self._position < self._end and not self._sees("OR"):
            self._takes("AND")
            parts.append(self._without())
        return _joined("AND", parts)

    def _without(self) -> Node | None:
        parts = [self._one()]
        while self._takes("NOT"):
            parts.append(self._one())
        return _joined("NOT", parts) if parts[0] else None

    def _one(self) -> Node | None:
        if self._position >= self._end:
            return None
        here, lexeme = self._position, self._lexemes[self._position]
        self._position += 1
        if here in self._close:
            end, self._end = self._end, self._close[here]
            inner = self.either()
            self._position, self._end = self._end + 1, end
            return inner
        return _term(lexeme)

    def _sees(self, word: str) -> bool:
        """Tell whether an operator stands here, which it is only with something to follow."""
        return self._position < self._end - 1 and self._lexemes[self._position][0] == word

    def _takes(self, word: str) -> bool:
        seen = self._sees(word)
        self._position += seen
        return seen


def _pairs(lexemes: list[re.Match[str]]) -> dict[int, int]:
    """Return where each parenthesis that opens is closed; none of those that stand alone or lie too deep."""
    pairs, opened = {}, []
    for number, lexeme in enumerate(lexemes):
        if lexeme[0] in ("(", "（"):
            opened.append(number)
        elif lexeme[0] in (")", "）") and opened:
            start = opened.pop()
            if len(opened) < DEEPEST:
                pairs[start] = number
    return pairs


def _term(lexeme: re.Match[str]) -> Node | None:
    *quoted, near, _, _, word = lexeme.groups()
    if near is not None:
        return _near(near)
    return _phrase(quoted, word)


def _phrase(quoted: list[str | None], word: str | None) -> Phrase | None:
    text = next((text for text in quoted if text is not None), word) or ""
    return Phrase(text, bool(word) and text.endswith(("*", "＊"))) if is_searchable(text) else None


def _near(text: str) -> Node | None:
    measured = _DISTANCE.match(text)
    inner, distance = (measured[1], min(int(measured[2]), WIDEST_NEAR)) if measured else (text, 10)
    found = [_phrase(list(match.groups()[:-1]), match.groups()[-1]) for match in _NEAR_TERM.finditer(inner)]
    phrases = tuple(phrase for phrase in found if phrase)
    return phrases[0] if len(phrases) == 1 else Near(phrases, distance) if phrases else None


def _joined(operator: str, parts: list[Node | None]) -> Node | None:
    """Return the parts that hold words as one; where there is one only, itself."""
    kept = tuple(part for part in parts if part is not None)
    return Joined(operator, kept) if len(kept) > 1 else kept[0] if kept else None


def _rendered(node: Node, spellings: Spellings) -> str:
    if isinstance(node, Phrase):
        return _spelled(_options(node, spellings), node.prefix)
    if isinstance(node, Near):
        return _rendered_near(node, spellings)
    first, *others = (_rendered(part, spellings) for part in node.parts)
    if node.operator == "NOT" and len(others) > 1:
        others = [f"({' OR '.join(others)})"]
    return f"({f' {node.operator} '.join((first, *others))})"


def _options(phrase: Phrase, spellings: Spellings) -> list[Sequence[str]]:
    """Return for each word of the phrase its spellings; of a prefix it is not known which word it begins."""
    words = _WORD.findall(phrase.text.replace('"', " ").rstrip("*＊"))
    return [spellings(word) for word in words[:-1]] + [(words[-1],) if phrase.prefix else spellings(words[-1])]


def _spelled(options: list[Sequence[str]], prefix: bool) -> str:
    if prod(map(len, options)) > MOST_SPELLINGS:
        half = len(options) // 2
        return f"({_spelled(options[:half], False)} AND {_spelled(options[half:], prefix)})"
    found = list(_phrases(options, prefix))
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _phrases(options: list[Sequence[str]], prefix: bool) -> Iterator[str]:
    """Yield the phrases in every spelling; with a prefix, in all forms of the words that it begins."""
    if not prefix:
        yield from (f'"{" ".join(words)}"' for words in product(*options))
        return
    *before, (begun,) = options
    for words in product(*before):
        yield from (f'"{" ".join((*words, word))}" *' for word in (begun, *longer(begun)))
        yield from (f'"{" ".join((*words, word))}"' for word in completed(begun))


def _rendered_near(node: Near, spellings: Spellings) -> str:
    """Return a NEAR of each combination of spellings; where they are too many, only that all must occur."""
    options = [_options(phrase, spellings) for phrase in node.phrases]
    if prod(prod(map(len, words)) for words in options) > MOST_SPELLINGS:
        return _rendered(Joined("AND", node.phrases), spellings)
    ways = [list(_phrases(words, phrase.prefix)) for words, phrase in zip(options, node.phrases, strict=True)]
    if prod(map(len, ways)) > MOST_NEARS:
        return _rendered(Joined("AND", node.phrases), spellings)
    found = [f"NEAR({' '.join(phrases)}, {node.distance})" for phrases in product(*ways)]
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"
