"""A chain's findings, each from a small table that draws the chain; nothing but the audit's pure core."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csu_news.audit import Audit, Chain, ColumnAudit, Digest, Hole, ListTotal, Node, Segment, audit_chain
from csu_news.audit.unreturned import DAY_S

READ = 100 * DAY_S
"""When articles are read unless the table says otherwise: day 100."""


def drawn(table: str, moved: dict[str, int] | None = None) -> Chain[str]:
    """Return the audit of a chain drawn as lines of `name date prev next` and marks.

    date   a day's number, `?` for none, `#7` for none and the id 7
    prev   a name, `-` for none, `*` for one that lies elsewhere
    marks  hole: not archived; gone; read=N, came=N: days
    """
    nodes, links = {}, []
    for line in table.strip().splitlines():
        name, date, prev, following, *marks = line.split()
        days = dict(mark.split("=") for mark in marks if "=" in mark)
        nodes[name] = Node(
            published=int(date) * DAY_S if date.isdigit() else None,
            news_id=int(date[1:]) if date.startswith("#") else None,
            is_archived="hole" not in marks,
            is_gone="gone" in marks,
            read_at=int(days["read"]) * DAY_S if "read" in days else READ,
            appeared_at=int(days.get("came", 0)) * DAY_S,
        )
        links += [
            (name, rel, None if to == "*" else to) for rel, to in (("prev", prev), ("next", following)) if to != "-"
        ]
    times = {name: day * DAY_S for name, day in (moved or {}).items()}
    return audit_chain(nodes, links, lambda name: times.get(name, 0))


def found(chain: Chain[Any]) -> dict[str, Any]:
    """Return what a chain has beside its segments and direction, by kind, as words."""
    kinds = {
        "one way": [f"{link.source} {link.rel} {link.target}" for link in chain.one_way],
        "explained": [f"{link.source} {link.rel} {link.target}: {link.why}" for link in chain.explained],
        "forks": [f"{rel} {target} by {' '.join(map(str, sources))}" for rel, target, sources in chain.forks],
        "cycles": [" ".join(sorted(map(str, ring))) for ring in chain.cycles],
        "pairs": [" ".join(map(str, pair)) for pair in chain.pairs],
        "open pairs": [" ".join(map(str, pair)) for pair in chain.open_pairs],
        "inversions": [" ".join(map(str, pair)) for pair in chain.inversions],
        "orphans": chain.orphans,
        "elsewhere": chain.elsewhere,
    }
    return {kind: sorted(names) for kind, names in kinds.items() if names}


def pieces(chain: Chain[str]) -> list[str]:
    return [f"{piece.newest}…{piece.oldest} {piece.articles}" for piece in chain.segments]


class Case(NamedTuple):
    id: str
    table: str
    found: dict[str, Any]
    pieces: list[str]
    moved: dict[str, int] | None = None


CASES = (
    Case(
        "healthy",
        """
        C  3  -  B
        B  2  C  A
        A  1  B  -
        """,
        {},
        ["C…A 3"],
    ),
    Case(
        "never_fetched_hole_breaks_the_chain",
        """
        E  5  -  D
        D  4  E  C
        C  ?  -  -  hole
        B  2  C  A
        A  1  B  -
        """,
        {},
        ["E…D 2", "B…A 2"],
    ),
    Case(
        "article_between_holes_is_a_piece",
        """
        E  5  -  D
        D  ?  -  -  hole
        C  3  D  B
        B  ?  -  -  hole
        A  1  -  -
        """,
        {"orphans": ["A"]},
        ["E…E 1", "C…C 1"],
    ),
    Case(
        "site_that_closed_up_over_a_deleted_article",
        """
        D  4  -  B
        C  3  D  B  gone
        B  2  D  A
        A  1  B  -
        """,
        {"explained": ["C next B: gone", "C prev D: gone"]},
        ["D…A 4"],
    ),
    Case(
        "neighbour_read_before_the_site_closed_up",
        """
        D  4  -  B
        C  ?  -  -  hole gone
        B  2  C  A
        A  1  B  -
        """,
        {"explained": ["D next B: gone"]},
        ["D…A 3"],
    ),
    Case(
        "link_that_is_not_returned",
        """
        C  3  -  B
        B  2  -  A
        A  1  B  -
        """,
        {"one way": ["C next B"]},
        ["C…A 3"],
    ),
    Case(
        "stale_as_the_newer_one_was_published_later",
        """
        C  7  -  B  read=8
        B  2  -  A  read=5
        A  1  B  -  read=5
        """,
        {"explained": ["C next B: stale"]},
        ["C…A 3"],
    ),
    Case(
        "stale_as_the_newer_one_was_published_on_the_day_of_reading",
        """
        C  5  -  B  read=8
        B  2  -  A  read=5
        A  1  B  -  read=5
        """,
        {"explained": ["C next B: stale"]},
        ["C…A 3"],
    ),
    Case(
        "stale_as_an_undated_one_appeared_later",
        """
        C  #9  -  B  read=8 came=7
        B  #7  -  A  read=5
        A  #5  B  -  read=5
        """,
        {"explained": ["C next B: stale"]},
        ["C…A 3"],
    ),
    Case(
        "stale_as_one_was_put_in_between_later",
        """
        C  3  -  A  read=5
        B  2  C  A  read=9 came=8
        A  1  B  -  read=9
        """,
        {"explained": ["B prev C: stale", "C next A: stale"]},
        ["C…A 3"],
    ),
    Case(
        "stale_as_one_came_back",
        """
        C  3  -  A
        B  2  C  A
        A  1  C  -
        """,
        {"explained": ["B next A: stale", "B prev C: stale"]},
        ["C…A 3"],
        {"B": 101},
    ),
    Case(
        "came_back_before_the_others_were_read",
        """
        C  3  -  A
        B  2  C  A
        A  1  C  -
        """,
        {"one way": ["B next A", "B prev C"], "forks": ["next A by C B", "prev C by B A"]},
        ["C…A 3"],
        {"B": 99},
    ),
    Case(
        "fork_two_name_the_same_neighbour",
        """
        D  4  -  B
        C  3  D  B
        B  2  C  A
        A  1  B  -
        """,
        {"one way": ["C prev D", "D next B"], "forks": ["next B by D C"]},
        ["D…A 4"],
    ),
    Case(
        "ring",
        """
        C  3  A  B
        B  2  C  A
        A  1  B  C
        """,
        {"cycles": ["A B C"], "inversions": ["C A"]},
        ["C…A 3"],
    ),
    Case(
        "pair_of_one_date",
        """
        D  4  -  C
        C  3  B  B
        B  3  C  C
        A  1  B  -
        """,
        {"pairs": ["C B"], "explained": ["A prev B: pair", "D next C: pair"]},
        ["D…A 4"],
    ),
    Case(
        "pair_of_unknown_dates",
        """
        D  #4  -  C
        C  #3  B  B
        B  #2  C  C
        A  #1  B  -
        """,
        {"pairs": ["C B"], "explained": ["A prev B: pair", "D next C: pair"]},
        ["D…A 4"],
    ),
    Case(
        "pair_of_two_dates_is_a_ring",
        """
        D  4  -  C
        C  3  B  B
        B  2  C  C
        A  1  B  -
        """,
        {
            "cycles": ["B C"],
            "one way": ["A prev B", "D next C"],
            "forks": ["next C by D B", "prev B by C A"],
            "inversions": ["C B"],
        },
        ["D…A 4"],
    ),
    Case(
        "pair_at_the_end_hides_what_lies_beyond",
        """
        D  4  -  C
        C  3  B  B
        B  3  C  C
        """,
        {"pairs": ["C B"], "open pairs": ["C B"], "explained": ["D next C: pair"]},
        ["D…C 3"],
    ),
    Case(
        "orphan",
        """
        C  3  -  A
        B  2  -  -
        A  1  C  -
        """,
        {"orphans": ["B"]},
        ["C…A 2"],
    ),
    Case(
        "gone_article_without_links_is_no_orphan",
        """
        C  3  -  A
        B  2  -  -  gone
        A  1  C  -
        """,
        {},
        ["C…A 2"],
    ),
    Case("column_without_a_chain", "B 2 - -\nA 1 - -", {}, []),
    Case("one_article", "A 1 - -", {}, []),
    Case("no_article", "", {}, []),
    Case(
        "neighbour_elsewhere",
        """
        C  3  -  B
        B  2  C  *
        A  1  *  -
        """,
        {"elsewhere": ["A", "B"]},
        ["C…B 2"],
    ),
    Case(
        "dates_against_the_order",
        """
        D  4  -  C
        C  1  D  B
        B  2  C  A
        A  0  B  -
        """,
        {"inversions": ["B C"]},
        ["D…A 4"],
    ),
    Case(
        "two_pieces",
        """
        D  4  -  C
        C  3  D  -
        B  2  -  A
        A  1  B  -
        """,
        {},
        ["D…C 2", "B…A 2"],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_finding(case: Case) -> None:
    chain = drawn(case.table, case.moved)
    assert found(chain) == case.found
    assert pieces(chain) == case.pieces


@pytest.mark.parametrize(
    ("table", "direction"),
    [
        ("B 2 - A\nA 1 B -", "prev"),
        ("B 2 A -\nA 1 - B", "next"),
        ("B #2 - A\nA #1 B -", "prev"),
        ("B 2 A -\nA #1 - B", None),
        ("B 2 - A\nA 2 B -", None),
        ("C 3 - B\nB 2 C D\nD 4 B E\nE 1 D -", "prev"),
        ("A 1 - -", None),
    ],
    ids=["prev_is_newer", "next_is_newer", "by_id", "not_comparable", "one_date", "majority", "no_links"],
)
def test_direction_is_derived(table: str, direction: str | None) -> None:
    assert drawn(table).direction == direction


def test_both_directions_come_to_the_same() -> None:
    for case in CASES:
        if "* " in case.table or not case.table:
            continue
        lines = [line.split() for line in case.table.strip().splitlines()]
        turned = "\n".join(" ".join([name, date, after, before, *marks]) for name, date, before, after, *marks in lines)
        one, other = found(drawn(case.table, case.moved)), found(drawn(turned, case.moved))
        swap = {"prev": "next", "next": "prev"}
        for kind in ("one way", "explained", "forks"):
            names = [" ".join(swap.get(word, word) for word in text.split()) for text in other.get(kind, [])]
            other = {**other, **({kind: sorted(names)} if names else {})}
        assert {**one, "forks": None} == {**other, "forks": None}, case.id


# -- chains of any kind ------------------------------------------------------------------------


@st.composite
def chains(draw: st.DrawFn) -> tuple[dict[int, Node], list[tuple[int, str, int | None]], str]:
    """Return a healthy chain, oldest first, in either direction, with some pairs and some dates missing."""
    count = draw(st.integers(2, 30))
    newer, older = draw(st.sampled_from((("prev", "next"), ("next", "prev"))))
    couples = {n for n in range(1, count - 2) if draw(st.integers(0, 5)) == 0}
    couples -= {n for n in couples if {n - 1, n - 2} & couples}  # no link joins two pairs side by side
    dated = [draw(st.integers(0, 4)) > 0 for _ in range(count)]
    nodes, links = {}, []
    for n in range(count):
        day = n - 1 if n - 1 in couples else n
        nodes[n] = Node(day * DAY_S if dated[n] else None, n + 1, read_at=READ)
        neighbours = {newer: n + 1, older: n - 1}
        if n in couples or n - 1 in couples:
            neighbours = dict.fromkeys(neighbours, n + 1 if n in couples else n - 1)
        links += [(n, rel, to) for rel, to in neighbours.items() if to in range(count)]
    return nodes, links, newer


@given(chains(), st.randoms(use_true_random=False))
def test_healthy_chain_has_one_piece_and_no_finding(made: Any, chance: Any) -> None:
    nodes, links, newer = made
    chance.shuffle(links)
    chain = audit_chain(nodes, links)
    assert chain.segments == [Segment(len(nodes) - 1, 0, len(nodes))]
    assert set(found(chain)) <= {"pairs", "explained"}
    assert {link.why for link in chain.explained} <= {"pair"}
    assert chain.direction in (newer, None)


@given(chains(), st.data())
def test_removed_articles_split_the_chain_and_nothing_else_is_found(made: Any, data: st.DataObject) -> None:
    nodes, links, _ = made
    removed = data.draw(st.sets(st.sampled_from(sorted(nodes))))
    left = {n: node._replace(is_archived=n not in removed) for n, node in nodes.items()}
    chain = audit_chain(left, [link for link in links if link[0] not in removed])
    assert sum(piece.articles for piece in chain.segments) <= len(nodes) - len(removed)
    assert chain.one_way == chain.forks == chain.cycles == chain.inversions == []
    held = set(nodes) - removed
    assert set(chain.orphans) <= held
    alone = {n for n in held if not any(n in (a, b) for a, _, b in links if a not in removed)}
    assert set(chain.orphans) == (alone if len(alone) < len(nodes) and alone != held else set())


@given(chains(), st.data())
def test_links_turned_at_random_never_hang_or_fail(made: Any, data: st.DataObject) -> None:
    nodes, links, _ = made
    turned = [(a, rel, data.draw(st.sampled_from([None, *nodes]))) for a, rel, _ in links]
    chain = audit_chain(nodes, turned)
    assert sum(piece.articles for piece in chain.segments) <= len(nodes)
    for ring in chain.cycles:
        assert len(set(ring)) == len(ring) > 1


# -- the verdict -------------------------------------------------------------------------------

HOLE = Hole("http://uni.example/info/5/2.htm", None, "failing")
LIST = ListTotal("http://uni.example/news.htm", 2)
PIECES = Chain[str](segments=[Segment("d", "c", 2), Segment("b", "a", 2)])
OPEN = Chain[str](segments=[Segment("c", "a", 3)], open_pairs=[("b", "a")])


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({"articles": 2, "listed": LIST}, []),
        ({"articles": 2}, []),
        ({"articles": 0, "listed": LIST}, []),
        ({"articles": 2, "listed": LIST, "site_holes": [HOLE]}, []),
        ({"articles": 2, "listed": LIST, "gaps": [HOLE]}, ["1 missing"]),
        ({"articles": 0}, ["never crawled"]),
        ({"articles": 0, "is_column": False}, []),
        ({"articles": 0, "listed": LIST, "site_holes": [HOLE]}, ["nothing archived"]),
        ({"articles": 2, "listed": ListTotal("l", 5, 3)}, ["list counts 3 more"]),
        ({"articles": 2, "listed": ListTotal("l", 5, 3, is_whole=False)}, []),
        ({"articles": 4, "chain": PIECES}, ["chain in pieces, no list"]),
        ({"articles": 4, "chain": PIECES, "listed": LIST}, []),
        ({"articles": 3, "chain": OPEN}, ["pair at the chain's end, no list"]),
        ({"articles": 3, "chain": OPEN, "listed": LIST}, []),
    ],
)
def test_reasons_of_a_column(facts: dict[str, Any], reasons: list[str]) -> None:
    column = ColumnAudit("uni", 5, **facts)
    assert column.reasons == reasons
    assert column.verdict == ("incomplete" if reasons else "complete")
    assert Audit(Digest("0", 0), [column]).verdict == column.verdict


def test_nothing_is_not_complete() -> None:
    assert Audit(Digest("0", 0)).verdict == "incomplete"
