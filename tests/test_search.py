"""Searching and choosing: queries that are always understood, selections that hold what they say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_archive import LIST, Bench, article, listing, url_of

from csu_news.archive import Archive
from csu_news.archive.curation import withhold
from csu_news.chinese import segment
from csu_news.errors import UsageError
from csu_news.search import Selection, count, facets, fts_query, selected
from csu_news.search.query import MOST_CHARACTERS

Z = "\u200b"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("graduate", '"graduate"'),
        ("graduate students", '("graduate" AND "students")'),
        ('"graduate students"', '"graduate students"'),
        ("“graduate students”", '"graduate students"'),
        ("「中南」《大学》", f'("中{Z}南" AND "大{Z}学")'),
        ("GIFT研究中心", f'"GIFT{Z}研{Z}究{Z}中{Z}心"'),
        ("a OR b AND c", '("a" OR ("b" AND "c"))'),
        ("a b OR c", '(("a" AND "b") OR "c")'),
        ("(a OR b) c", '(("a" OR "b") AND "c")'),
        ("（中 OR b）", '("中" OR "b")'),
        ("a NOT b NOT c", '("a" NOT ("b" OR "c"))'),
        ("wor*", '"wor*" *'),
        ("NEAR(a “b c”, 5)", 'NEAR("a" "b c", 5)'),
        ("NEAR(a b)", 'NEAR("a" "b", 10)'),
        ("NEAR(a，3)", '"a"'),
        ("NEAR(a b, 999999999)", 'NEAR("a" "b", 1000)'),
        ("and or not near(a)", '("and" AND "or" AND "not" AND "near" AND "a")'),
        ("AND", '"AND"'),
        ("NOT x", '("NOT" AND "x")'),
        ("x NOT", '("x" AND "NOT")'),
        ("a AND AND b", '("a" AND "AND" AND "b")'),
        ("title:x ^y -z col:", '("title:x" AND "^y" AND "-z" AND "col:")'),
        ('say "hello', '("say" AND "hello")'),
        ("(a", '"a"'),
        (")a(", '"a"'),
        ("a NOT ！", '"a"'),
        ("！ NOT a", ""),
        ("() 。，… * ^ \U0001f600", ""),
        ("", ""),
        ("a\0b", '("a" AND "b")'),
        ("a\ud800b", '"a?b"'),
        ("(" * 40 + "a OR b" + ")" * 40, '("a" OR "b")'),
    ],
)
def test_what_is_typed_becomes_a_query(text: str, query: str) -> None:
    assert fts_query(text) == query


def test_a_long_query_is_refused_in_one_sentence() -> None:
    with pytest.raises(UsageError, match=r"^The query has 100,000 characters: 1,000 are the most\.$"):
        fts_query("a" * 100_000)


@pytest.fixture(scope="module")
def texts() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create virtual table t using fts5(a, b, tokenize='porter unicode61 remove_diacritics 2')")
        connection.execute("insert into t values (?, ?)", (segment("中南大学与CSU"), "graduate students"))
        yield connection


PIECES = st.sampled_from(
    ["AND", "OR", "NOT", "NEAR(", "NEAR", "title:", *'()"“”（）*^-+,{} a中5。\0\\\ud800😀《》\u200b;']
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_is_understood(texts: sqlite3.Connection, text: str) -> None:
    if query := fts_query(text):
        texts.execute("select count(*) from t where t match ?", (query,)).fetchone()


@pytest.mark.parametrize(
    "unit", ["a ", "中", "a OR ", "a NOT ", "(a OR (b AND ", "((", "a)(", "NEAR(a b) ", '"', "a* ", "((a) NOT "]
)
def test_the_longest_query_is_understood(texts: sqlite3.Connection, unit: str) -> None:
    text = (unit * MOST_CHARACTERS)[:MOST_CHARACTERS]
    half = unit.count("(") and (unit + "x" + ")" * unit.count("(")) * 90
    for query in (fts_query(text), fts_query((unit * 90)[:400] + "x" + ")" * 180), fts_query((half or "")[:1000])):
        if query:
            texts.execute("select count(*) from t where t match ?", (query,)).fetchone()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Return an archive of five articles, the last of them withheld."""
    made = Bench(tmp_path / "archive.db")
    chinese = {"language": "zh", "body": "湘雅医院的研究生。", "title": "中南大学"}
    stories: list[dict[str, Any]] = [
        {"title": "Graduate School", "published": "2019-12-31"},
        {"published": "2020-01-01", "sources": ["Graduate School", "News Center"]},
        {"published": "2020-06-15", **chinese},
        {"published": None, **chinese, "column_id": 6},
        {"title": "Secret graduate", "published": "2020-02-02"},
    ]
    for news_id, fields in enumerate(stories, 1):
        url = url_of(news_id, fields.pop("column_id", 5))
        made.visit(LIST, listing(url))
        made.visit(url, article(url, **fields))
    withhold(made.archive.connection, "uni-5", "private", made.now)
    yield made
    made.archive.close()


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, [3, 2, 1, 4]),
        ({"query": "  "}, [3, 2, 1, 4]),
        ({"query": "graduate"}, [1]),
        ({"query": "研究生"}, [3, 4]),
        ({"query": "！"}, []),
        ({"query": "research", "language": "zh"}, []),
        ({"query": "研究生", "since": "2020"}, [3]),
        ({"language": "en"}, [2, 1]),
        ({"since": "2020"}, [3, 2]),
        ({"until": "2019"}, [1]),
        ({"since": "2020-01", "until": "2020-01"}, [2]),
        ({"since": "2019-12-31", "until": "2020-01-01"}, [2, 1]),
        ({"source": "graduate school"}, [2]),
        ({"site": "uni"}, [3, 2, 1, 4]),
        ({"site": "other"}, []),
        ({"column": 6}, [4]),
        ({"status": "live"}, [3, 2, 1, 4]),
        ({"status": "gone"}, []),
    ],
)
def test_a_selection_holds_what_it_says(bench: Bench, filters: dict[str, Any], numbers: list[int]) -> None:
    with Archive(bench.path) as archive:
        assert [row["key"] for row in archive.articles(**filters)] == [f"uni-{number}" for number in numbers]
        selection = Selection(**filters)
        assert count(archive.connection, selection) == len(numbers)
        part = [row["news_id"] for row in selected(archive.connection, selection, limit=2, offset=1)]
        assert part == numbers[1:3]
        counted = facets(archive.connection, selection)
        assert sum(counted["language"].values()) == sum(counted["year"].values()) == len(numbers)


def test_facets_count_what_is_selected(bench: Bench) -> None:
    expected = {
        "year": {"2020": 2, "2019": 1, None: 1},
        "language": {"en": 2, "zh": 2},
        "source": {"News Center": 4, "Graduate School": 1},
        "status": {"live": 4},
        "column": {5: 3, 6: 1},
    }
    assert facets(bench.archive.connection, Selection()) == expected
    assert list(facets(bench.archive.connection, Selection(query="graduate"))["year"].items()) == [("2019", 1)]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"since": "2024-13"}, "since '2024-13' is no date: write 2024, 2024-05 or 2024-05-31."),
        ({"until": "2023-02-29"}, "until '2023-02-29' is no date: write 2024, 2024-05 or 2024-05-31."),
        ({"since": "２０２４"}, "since '２０２４' is no date: write 2024, 2024-05 or 2024-05-31."),
        ({"since": "2024-06", "until": "2024-05-31"}, "since 2024-06 is later than until 2024-05-31."),
        ({"since": "2025", "until": "2024"}, "since 2025 is later than until 2024."),
        ({"language": "English"}, "'English' is no language: give its code, en or zh."),
        ({"status": "withheld"}, "'withheld' is no status to select by: live and gone are."),
    ],
)
def test_a_selection_that_cannot_be_is_refused(filters: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Selection(**filters)
    assert str(caught.value) == message


@pytest.mark.parametrize(("since", "until"), [("2024", "2024-01-01"), ("2024-05-31", "2024"), ("2024-05", "2024-05")])
def test_dates_that_overlap_are_a_selection(since: str, until: str) -> None:
    Selection(since=since, until=until)
