"""Links that are not returned, and what explains them.

VSB prints two links on each article page, to its neighbours in the column. Read at different times, the two ends
of a link may disagree without anything being wrong: an article was published, taken away or put back in between.
Such a link is `stale`, and no damage is derived from it. Two articles of one publication time are a pair: each
names the other as previous and as next, so what others say of them is not returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from csu_news.audit.chain import Chain, K, Node, OneWay, Tables, each_link

DAY_S = 86_400
GONE, PAIR, STALE = "gone", "pair", "stale"


def couples(tables: Tables[K]) -> Iterator[tuple[K, K]]:
    """Yield each two articles that point at each other both ways."""
    prev, next_ = tables["prev"], tables["next"]
    seen: set[K] = set()
    for one, other in prev.items():
        if one not in seen and next_.get(one) == other and prev.get(other) == one and next_.get(other) == one:
            seen.add(other)
            yield one, other


def may_be_equal(nodes: Mapping[K, Node], pair: tuple[K, K]) -> bool:
    one, other = (nodes[key].published for key in pair)
    return one is None or other is None or one == other


def _halves(nodes: Mapping[K, Node], tables: Tables[K]) -> Iterator[K]:
    """Yield the articles of pairs whose other half is a hole."""
    for key, other in tables["prev"].items():
        if tables["next"].get(key) == other and not nodes[other].is_archived:
            yield key


def open_pairs(tables: Tables[K], pairs: list[tuple[K, K]]) -> list[tuple[K, K]]:
    """Return the pairs that others do not point at by both prev and next."""
    number_of = {key: number for number, pair in enumerate(pairs) for key in pair}
    entered: list[set[str]] = [set() for _ in pairs]
    for source, rel, target in each_link(tables):
        number = number_of.get(target)
        if number is not None and number != number_of.get(source):
            entered[number].add(rel)
    return [pair for pair, rels in zip(pairs, entered, strict=True) if len(rels) < 2]


def judge_links(nodes: Mapping[K, Node], tables: Tables[K], chain: Chain[K], moved_at: Callable[[K], int]) -> Tables[K]:
    """Sort out the links between archived articles that are not returned; return all that are not explained."""
    sound: Tables[K] = {"prev": {}, "next": {}}
    paired = {key for pair in chain.pairs for key in pair} | set(_halves(nodes, tables))
    for source, rel, target in each_link(tables):
        if source in paired or not nodes[target].is_archived:
            continue
        back = tables["next" if rel == "prev" else "prev"].get(target)
        if back == source:
            sound[rel][source] = target
        elif why := PAIR if target in paired else _why(nodes, source, target, back, moved_at):
            chain.explained.append(OneWay(source, rel, target, why))
        else:
            chain.one_way.append(OneWay(source, rel, target))
            sound[rel][source] = target
    return sound


def _why(nodes: Mapping[K, Node], source: K, target: K, back: K | None, moved_at: Callable[[K], int]) -> str | None:
    """Return what explains that target names `back`, and not source: one of them is gone, or came between readings."""
    about = [key for key in (source, target, back) if key is not None]
    if any(nodes[key].is_gone for key in about):
        return GONE
    for when in (lambda key: _came_at(nodes[key]), moved_at):
        for key in about:
            read_at = min(nodes[reader].read_at for reader in (source, target) if reader != key)
            if when(key) > read_at:
                return STALE
    return None


def _came_at(node: Node) -> int:
    """Return the latest time at which the article may have been published."""
    return max(node.appeared_at, 0 if node.published is None else node.published + DAY_S)
