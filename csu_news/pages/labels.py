"""Labelled fields of a printed line: `发布时间：2017年09月27日 来源： 点击：`, taken apart by the labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import NamedTuple

from csu_news.pages.frame import CLOSE, OPEN, SOFT, unmarked
from csu_news.sites import Labels

_CJK = "\u3400-\u9fff"
# A label that no list knows ends a value, but only after a gap: `宣传部 值班：`, `News Center Layout:`
_UNKNOWN = rf"(?<=[\s{SOFT}|])(?P<unknown>[{_CJK}]{{2,6}}|[A-Z][a-z]+(?: by)?)[\s{SOFT}]*[:：]"
# Click counters and buttons are printed without colon too: `January 8, 2020Click`, `Views 12`, 【打印】; a name
# may begin with such a word (`Source: Print Shop`), so it must stand at the end of its line or element
_WORD = r"(?:Clicks?|Hits|Views|Visits|Print)"
_BOUND = rf"(?=[{SOFT}{OPEN}{CLOSE}]|\s*(?:{_WORD}\s*)*(?:$|[\d|｜:：,，;；()（）\[\]【】{{}}]))"
_BARE = rf"(?<![A-Za-z]){_WORD}{_BOUND}|已有[^:：]{{0,12}}?浏览|【打印】?|(?<![{_CJK}])打印{_BOUND}"
_BARE_STARTS = ("clicks", "hits", "views", "visits", "print", "已有", "【", "打印", "供稿")
# a search goes twice as fast if the pattern begins with a look at what no label can be
_WORD_START = "(?<![a-z](?=[a-z]))"
_COLONLESS = ("click", "hits", "views", "visits", "print", "浏览", "打印", "供稿")
_OTHER = ("other", 999)
# `Application Date:` is not `Date:`; but `Publication time:` is, and `By Li Ming Time:`, `School of Law Time:`
_MORE_WORDS = re.compile(
    r"\s*(?![a-z ]{0,60}\b(?:school|college|office|cent(?:er|re)|department|institute|university|faculty|library)\b)"
    r"(?!by\s|(?:news|articles?|last|publi|post|releas|issu|updat|add|creat|upload|edit|modif)[a-z]*\s)"
    r"[a-z]+(?: [a-z]+){0,2} ",
    re.I,
)
_EDGE = " \t\r\n|｜;；,，、.。/-–—·:：[]【】"


class Field(NamedTuple):
    """A labelled value; `kind` is the name of the list in Labels, "" for text before any label.

    `unknown`: the label is in no list, `label` is its last word.
    """

    kind: str
    label: str
    value: str
    marked: str


@dataclass(frozen=True, slots=True)
class Patterns:
    """Labels of a site, compiled; `telling`: a line without any of them has neither date nor source labelled."""

    kinds: dict[str, tuple[str, int]]
    label: re.Pattern[str]
    telling: tuple[str, ...]
    prev: str
    next: str


@lru_cache(maxsize=16)
def compiled(labels: Labels) -> Patterns:
    """Return the patterns for these labels."""
    lists = {field.name: getattr(labels, field.name) for field in fields(labels)}
    kinds = {
        _key(word): (name, rank)
        for name, words in reversed(lists.items())
        if name not in ("prev", "next")
        for rank, word in enumerate(words)
    }
    known = rf"(?P<known>{_alternatives(kinds)})[\s{SOFT}]*[】\]]?[\s{SOFT}]*[:：]|供稿[\s{SOFT}]*/|{_BARE}"
    pattern = rf"{_WORD_START}(?:{_ahead([*kinds, *_BARE_STARTS])}(?:{known})|{_UNKNOWN})"
    telling = _shortest(word.split()[0].lower() for word in (*labels.date, *labels.source))
    return Patterns(kinds, re.compile(pattern, re.I), telling, _chain(labels.prev), _chain(labels.next))


def _shortest(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words without those that hold another of them."""
    words = list(dict.fromkeys(words))
    return tuple(word for word in words if not any(other in word for other in words if other != word))


def _key(word: str) -> str:
    return " ".join(word.split()).lower()


def _alternatives(words: dict[str, tuple[str, int]]) -> str:
    """Return a pattern for the words, longest first, that does not start within another word."""
    longest = sorted(words, key=len, reverse=True)
    latin = [word for word in longest if word.isascii()]
    glued = [word for word in longest if not word.isascii() and len(word) > 3]
    short = [word for word in longest if not word.isascii() and len(word) <= 3]
    return rf"{_any_of(glued)}|(?:(?<![{_CJK}])|(?<=[次人日号])){_any_of(short)}|(?<![A-Za-z]){_any_of(latin)}"


def _any_of(words: list[str]) -> str:
    return rf"{_ahead(words)}(?:{'|'.join(map(_spaced, words))})"


def _ahead(words: list[str]) -> str:
    """Return a pattern that looks at the first character, which spares trying all the words."""
    first = "".join(sorted({re.escape(word[0]) for word in words}))
    return rf"(?=[{first}])" if first else "(?!)"


def _spaced(word: str) -> str:
    return re.escape(word).replace(r"\ ", rf"[\s{SOFT}]+")


def _chain(words: tuple[str, ...]) -> str:
    longest = sorted(words, key=len, reverse=True)
    latin = _any_of([word for word in longest if word.isascii()])
    chinese = _any_of([word for word in longest if not word.isascii()])
    return rf"{_ahead(longest)}(?:{chinese}|(?<![A-Za-z]){latin}(?![A-Za-z]|[\s{SOFT}]+page))"


def read_fields(line: str, patterns: Patterns) -> list[Field]:
    """Return the fields of one line of the frame, in order; values may be empty."""
    found = []
    kind, name, start = "", "", 0
    for label in patterns.label.finditer(line) if _may_hold_label(line) else ():
        found.append(_field(kind, name, line[start : label.start()]))
        name = _key(label["known"] or label["unknown"] or ("供稿" if label[0].startswith("供稿") else ""))
        kind = "unknown" if label["unknown"] else patterns.kinds.get(name, _OTHER)[0]
        if kind == "date" and name.isascii() and _has_more_words(found[-1]):
            kind = "unknown"
        start = label.end()
    found.append(_field(kind, name, line[start:]))
    return found


def _has_more_words(before: Field) -> bool:
    """Tell whether a label goes on to the left, to the start of its line or element.

    The value of another label (`Source: News Center Time:`) is no part of it.
    """
    earlier, _, words = before.marked.rpartition(SOFT)
    return bool(_MORE_WORDS.fullmatch(words)) and (not before.kind or bool(unmarked(earlier).strip(_EDGE)))


def may_tell(line: str, patterns: Patterns) -> bool:
    """Tell, at little cost, whether a date or source may be labelled in the line."""
    line = line.lower()
    return any(word in line for word in patterns.telling)


def _may_hold_label(line: str) -> bool:
    if ":" in line or "：" in line:
        return True
    line = line.lower()
    return any(word in line for word in _COLONLESS)


def _field(kind: str, label: str, marked: str) -> Field:
    return Field(kind, label, unmarked(marked).strip(_EDGE), marked)


def rank(field: Field, patterns: Patterns) -> int:
    """Return how good a label is: its place in the site's list."""
    return patterns.kinds.get(field.label, _OTHER)[1]
