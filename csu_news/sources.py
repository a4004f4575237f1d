"""Who publishes, under one name each: a table made by hand, and exact rules; nothing is told from similarity.

`sources.toml` says which spellings, English and Chinese, mean the same. Names of an institution's offices hold on its
own sites only: every university has a graduate school.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

_RULES = 1
"""Changes with fold() and find(): archives then look at their sources again."""

_END = " .,;:!?、。·|/-–—"


class Source(NamedTuple):
    """A source as the table has it; `institution` None: a name that means the same on every site."""

    name: str
    name_en: str | None
    name_zh: str | None
    institution: str | None


def fold(name: str) -> str:
    """Return what spellings of one name have in common by exact rules.

    >>> fold("The  Office of Research ＆ Development."), fold("News Center"), fold("新闻中心。")
    ('office of research and development', 'news center', '新闻中心')
    """
    plain = unicodedata.normalize("NFKC", name).replace("’", "'").replace("&", " and ")
    folded = " ".join(plain.split()).rstrip(_END).casefold().removeprefix("the ")
    return folded or name


def find(name: str, institution: str) -> Source | None:
    """Return the source of that spelling on the institution's sites; None if the table does not know it."""
    table, folded = _table(), fold(name)
    return table.get((institution, folded)) or table.get((None, folded))


def meanings(name: str) -> set[Source]:
    """Return the sources that a spelling means, whatever the site."""
    folded = fold(name)
    return {source for (_, spelling), source in _table().items() if spelling == folded}


def institution_of(site: str, hosts: Iterable[str]) -> str:
    """Return whose offices a site's sources are: the institution that it belongs to, else the site's own name."""
    names = [host.partition(":")[0].lower() for host in hosts]
    for institution in _document()["institutions"]:
        domains = institution.get("domains", ())
        if site in institution.get("sites", ()) or any(f".{name}".endswith(f".{d}") for name in names for d in domains):
            return str(institution["names"][0])
    return site


@cache
def table_version() -> str:
    """Return what tells one state of table and rules from another."""
    return f"{_RULES}-{sha256(_text().encode()).hexdigest()[:16]}"


def _text() -> str:
    return files("csu_news").joinpath("sources.toml").read_text(encoding="utf-8")


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(_text())


@cache
def _table() -> dict[tuple[str | None, str], Source]:
    """Return each source by institution and folded spelling."""
    return {(scope, fold(name)): source for scope, name, source in spellings()}


def spellings() -> Iterator[tuple[str | None, str, Source]]:
    """Yield every spelling of the table, with the institution on whose sites it holds, and what it means."""
    document = _document()
    for row in document["everywhere"]:
        yield from ((None, name, _source(row, None)) for name in row if name)
    for institution in document["institutions"]:
        english, chinese, short = institution["names"]
        itself = Source(english, english, chinese, english)
        yield from ((None, english, itself), (None, chinese, itself), (english, short, itself))
        for row in institution["sources"]:
            source = _source(row, english)
            for name in filter(None, row):
                yield english, name, source
                yield from ((None, whole, source) for whole in _full_names(name, english, chinese))
                yield from ((english, whole, source) for whole in _full_names(name, short, chinese))


def _source(row: list[str], institution: str | None) -> Source:
    english, chinese = row[:2]
    return Source(english or chinese, english or None, chinese or None, institution)


def _full_names(name: str, institution: str, chinese: str) -> Iterator[str]:
    """Yield the name with its institution's: `Library of Central South University`, 中南大学图书馆."""
    if not name.isascii():
        yield chinese + name
        return
    name = name.removeprefix("The ")
    yield from (f"{name}, {institution}", f"{name} of {institution}", f"{institution} {name}")
