"""The walk along a column's links: its direction, its pieces, and what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from csu_news.audit.chain import Chain, K, Node, OneWay, Segment, Tables, each_link
from csu_news.audit.unreturned import couples, judge_links, may_be_equal, open_pairs


def audit_chain(
    nodes: Mapping[K, Node],
    links: Iterable[tuple[K, str, K | None]],
    moved_at: Callable[[K], int] = lambda key: 0,
) -> Chain[K]:
    """Take the links of a column apart; time and memory grow linearly with their number.

    links     (from, `prev` or `next`, to); to is None, or no node, when it lies elsewhere
    moved_at  when a page last came back, or was read again with other bytes; asked only about links
              that nothing else explains
    """
    tables: Tables[K] = {"prev": {}, "next": {}}
    elsewhere: dict[K, None] = {}
    for source, rel, target in links:
        if target is None or target not in nodes:
            elsewhere[source] = None
        elif target != source:
            tables[rel][source] = target
    chain: Chain[K] = Chain(elsewhere=list(elsewhere))
    chain.direction = _direction(nodes, tables)
    chain.pairs = [pair for pair in couples(tables) if may_be_equal(nodes, pair)]
    chain.open_pairs = open_pairs(tables, chain.pairs)
    sound = judge_links(nodes, tables, chain, moved_at)
    chain.forks = list(_forks(sound, chain.one_way))
    chain.cycles = list(_cycles(sound))
    chain.inversions = list(_inversions(nodes, sound, chain.direction))
    chain.segments, chain.orphans = _pieces(nodes, tables, chain)
    return chain


def _direction(nodes: Mapping[K, Node], tables: Tables[K]) -> str | None:
    """Let each link vote by the dates of its ends, or else by their ids, which rise with time."""
    votes = 0
    for source, rel, target in each_link(tables):
        order = _order(nodes[source], nodes[target])
        votes += order if rel == "prev" else -order
    return "prev" if votes > 0 else "next" if votes < 0 else None


def _order(one: Node, other: Node) -> int:
    """Return 1 if the other is newer, -1 if it is older, 0 if neither can be told."""
    for mine, its in ((one.published, other.published), (one.news_id, other.news_id)):
        if mine is not None and its is not None and mine != its:
            return 1 if its > mine else -1
    return 0


def _forks(sound: Tables[K], one_way: list[OneWay[K]]) -> Iterator[tuple[str, K, list[K]]]:
    """Yield the articles that several name as the same neighbour, and who does."""
    named = {(link.rel, link.target) for link in one_way}
    namers: dict[tuple[str, K], list[K]] = {}
    for source, rel, target in each_link(sound) if named else ():
        if (rel, target) in named:
            namers.setdefault((rel, target), []).append(source)
    yield from ((rel, target, sources) for (rel, target), sources in namers.items() if len(sources) > 1)


def _cycles(sound: Tables[K]) -> Iterator[list[K]]:
    """Yield each ring that one rel leads round, once, though both rels may."""
    found: set[frozenset[K]] = set()
    for table in sound.values():
        walk_of: dict[K, int] = {}
        for number, start in enumerate(table):
            here: K | None = start
            while here is not None and here not in walk_of:
                walk_of[here] = number
                here = table.get(here)
            if here is not None and walk_of[here] == number:
                ring = _ring(table, here)
                if frozenset(ring) not in found:
                    found.add(frozenset(ring))
                    yield ring


def _ring(table: dict[K, K], start: K) -> list[K]:
    ring = [start]
    while (here := table[ring[-1]]) != start:
        ring.append(here)
    return ring


def _inversions(nodes: Mapping[K, Node], sound: Tables[K], direction: str | None) -> Iterator[tuple[K, K]]:
    """Yield (article, its newer neighbour) where the newer one has the earlier date."""
    seen: set[tuple[K, K]] = set()
    for source, rel, target in each_link(sound) if direction else ():
        older, newer = (source, target) if rel == direction else (target, source)
        dates = nodes[older].published, nodes[newer].published
        if None not in dates and dates[1] < dates[0] and (older, newer) not in seen:  # type: ignore[operator]
            seen.add((older, newer))
            yield older, newer


def _pieces(nodes: Mapping[K, Node], tables: Tables[K], chain: Chain[K]) -> tuple[list[Segment[K]], list[K]]:
    """Return the pieces of the chain, newest first, and the articles that no link leads to or from."""
    parent = {key: key for key, node in nodes.items() if node.is_archived}
    linked: set[K] = set()
    has_newer: set[K] = set()
    has_older: set[K] = set()
    for source, rel, target in each_link(tables):
        linked |= {source, target}
        if target in parent and source in parent:
            parent[_root(parent, source)] = _root(parent, target)
            if chain.direction is not None:
                newer, older = (target, source) if rel == chain.direction else (source, target)
                has_newer.add(older)
                has_older.add(newer)
    members: dict[K, list[K]] = {}
    for key in parent:
        members.setdefault(_root(parent, key), []).append(key)
    pieces = sorted((keys for keys in members.values() if keys[0] in linked), key=lambda keys: _latest(nodes, keys))
    segments = [_segment(nodes, keys, has_newer, has_older) for keys in reversed(pieces)]
    linked.update(chain.elsewhere)
    orphans = [key for key in parent if key not in linked and not nodes[key].is_gone] if linked else []
    return segments, orphans


def _root(parent: dict[K, K], key: K) -> K:
    while (above := parent[key]) != key:
        parent[key] = parent[above]
        key = above
    return key


def _segment(nodes: Mapping[K, Node], keys: list[K], has_newer: set[K], has_older: set[K]) -> Segment[K]:
    """Return a piece with its two ends; where links do not show them, dates do."""
    tops, bottoms = ([key for key in keys if key not in inner] or keys for inner in (has_newer, has_older))
    return Segment(_newest(nodes, tops), _newest(nodes, bottoms, -1), len(keys))


def _newest(nodes: Mapping[K, Node], keys: list[K], sign: int = 1) -> K:
    """Return the newest, or with sign -1 the oldest: by date, or where one has none by id."""
    are_dated = all(nodes[key].published is not None for key in keys)

    def age(key: K) -> tuple[int, int]:
        node = nodes[key]
        return (sign * (node.published or 0) if are_dated else 0, sign * (node.news_id or 0))

    return max(keys, key=age)


def _latest(nodes: Mapping[K, Node], keys: list[K]) -> tuple[int, int]:
    newest = nodes[_newest(nodes, keys)]
    return newest.published or 0, newest.news_id or 0
