"""A column's chain: its pages, and what their previous and next links come to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
Tables = dict[str, dict[K, K]]
"""By rel, who names whom."""


class Node(NamedTuple):
    """A page of the column that is named as an article; times are seconds since 1970, UTC.

    published   midnight of the printed date
    read_at     last accepted answer: when its links were as they are stored
    appeared_at start of the run in which the page was first named
    """

    published: int | None = None
    news_id: int | None = None
    is_archived: bool = True
    is_gone: bool = False
    read_at: int = 0
    appeared_at: int = 0


@dataclass(frozen=True, slots=True)
class Segment(Generic[K]):
    """A piece of the chain: articles that hang together by links, or one all whose links lead to holes.

    An end may have no name: it is withheld.
    """

    newest: K | None
    oldest: K | None
    articles: int


@dataclass(frozen=True, slots=True)
class OneWay(Generic[K]):
    """A link that is not returned; `why` is None, or what explains it: `gone`, `pair`, `stale`."""

    source: K
    rel: str
    target: K
    why: str | None = None


@dataclass(slots=True)
class Chain(Generic[K]):
    """What a column's links come to.

    direction   which of prev and next leads to the newer article; None: dates and ids do not tell
    one_way     links that are not returned, and nothing explains
    explained   likewise, explained by time of reading or by a pair
    forks       (rel, target, those that name it so)
    cycles      articles that one rel leads round, pairs apart
    pairs       two articles that point at each other both ways, as VSB has it for equal publication times
    open_pairs  those that hide what lies beyond: no other article points at them from one side, or from both
    inversions  (article, its newer neighbour, whose date is the earlier one)
    orphans     articles without any link, in a column whose others have some
    elsewhere   articles with a neighbour in another column or off the site
    """

    direction: str | None = None
    segments: list[Segment[K]] = field(default_factory=list)
    one_way: list[OneWay[K]] = field(default_factory=list)
    explained: list[OneWay[K]] = field(default_factory=list)
    forks: list[tuple[str, K, list[K]]] = field(default_factory=list)
    cycles: list[list[K]] = field(default_factory=list)
    pairs: list[tuple[K, K]] = field(default_factory=list)
    open_pairs: list[tuple[K, K]] = field(default_factory=list)
    inversions: list[tuple[K, K]] = field(default_factory=list)
    orphans: list[K] = field(default_factory=list)
    elsewhere: list[K] = field(default_factory=list)


def each_link(tables: Tables[K]) -> Iterator[tuple[K, str, K]]:
    """Yield who names whom, and how."""
    for rel, table in tables.items():
        for source, target in table.items():
            yield source, rel, target


def by_address(chain: Chain[int], url_of: Callable[[int], str | None]) -> Chain[str]:
    """Return the chain with addresses in place of numbers, without what has none."""

    def named(keys: tuple[int, ...] | list[int]) -> list[str] | None:
        urls = [url_of(key) for key in keys]
        return None if None in urls else [url for url in urls if url]

    def each(lists: list[list[int]] | list[tuple[int, int]]) -> list[list[str]]:
        return [urls for keys in lists if (urls := named(keys))]

    def pairs(couples: list[tuple[int, int]]) -> list[tuple[str, str]]:
        return [(one, other) for one, other in each(couples)]

    def links(found: list[OneWay[int]]) -> list[OneWay[str]]:
        return [
            OneWay(ends[0], link.rel, ends[1], link.why)
            for link in found
            if (ends := named([link.source, link.target]))
        ]

    def end(key: int | None) -> str | None:
        return None if key is None else url_of(key)

    segments = [Segment(end(piece.newest), end(piece.oldest), piece.articles) for piece in chain.segments]
    return Chain(
        chain.direction,
        segments,
        links(chain.one_way),
        links(chain.explained),
        [(rel, url, urls) for rel, to, sources in chain.forks if (url := url_of(to)) and (urls := named(sources))],
        each(chain.cycles),
        pairs(chain.pairs),
        pairs(chain.open_pairs),
        pairs(chain.inversions),
        [url for key in chain.orphans if (url := url_of(key))],
        [url for key in chain.elsewhere if (url := url_of(key))],
    )
