"""Which fields of a peer's articles are right, by the replica's own model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from csu_news.replica import ReplicaSite

FIELDS = ("title", "published", "source", "body")
ALIKE = 0.95
# Graduate School, University Library
_SEPARATOR = re.compile(r"\s*[,;，；、]\s*")


class Right(NamedTuple):
    """How many articles were found, and of all that there are the share of right fields."""

    found: int
    title: float
    published: float
    source: float
    body: float
    alike: float
    """Bodies of which 95 % of the words are right: share, in both directions, of words in common."""


def judge(found: Iterable[Mapping[str, Any]], articles: int) -> Right:
    """Return what is right in rows of url, title, published, source and body; an article not found has no field."""
    rows = {urlsplit(row["url"]).path: row for row in found}
    right: Counter[str] = Counter()
    for expected in ReplicaSite("en", articles).articles():
        row = rows.get(expected["path"])
        if row is not None:
            right["found"] += 1
            right["title"] += _words(row["title"]) == _words(expected["title"])
            right["published"] += (row["published"] or "")[:10] == (expected["published"] or "")
            right["source"] += _sources(row["source"]) == set(expected["sources"])
            right["body"] += _words(row["body"]) == _words(expected["body"])
            right["alike"] += likeness(_words(row["body"]), _words(expected["body"])) >= ALIKE
    return Right(right["found"], *(right[name] / articles for name in (*FIELDS, "alike")))


def likeness(some: list[str], others: list[str]) -> float:
    """Return twice the words in common by the words of both; 1 for two empty texts."""
    common = sum((Counter(some) & Counter(others)).values())
    return 2 * common / (len(some) + len(others)) if some or others else 1.0


def _words(text: str | None) -> list[str]:
    return (text or "").split()


def _sources(text: str | None) -> set[str]:
    return set(filter(None, _SEPARATOR.split(text or "")))
