"""Searching and choosing: queries that are always understood, selections that hold what they say."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from driving import run
from hypothesis import given
from hypothesis import strategies as st
from test_archive import LIST, Bench, article, listing, url_of

from csu_news.archive import Archive
from csu_news.archive.curation import release, withhold
from csu_news.chinese import SEGMENTATION, is_folding, segment, variants
from csu_news.cli import main
from csu_news.cli.search import FOLDING
from csu_news.errors import UsageError
from csu_news.items import Outcome
from csu_news.search import Selection, count, facets, fts_query, selected
from csu_news.search.query import MOST_CHARACTERS
from csu_news.search.selecting import _chosen
from csu_news.search.spelling import ArchiveSpellings
from csu_news.verify.database import check_database
from csu_news.verify.report import Report


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("graduate", '"graduate"'),
        ("graduate students", '("graduate" AND "students")'),
        ('"graduate students"', '"graduate students"'),
        ("“graduate students”", '"graduate students"'),
        ("「中南」《大学》", '("中 南" AND "大 学")'),
        ("GIFT研究中心", '"GIFT 研 究 中 心"'),
        ("a OR b AND c", '("a" OR ("b" AND "c"))'),
        ("a b OR c", '(("a" AND "b") OR "c")'),
        ("(a OR b) c", '(("a" OR "b") AND "c")'),
        ("（中 OR b）", '("中" OR "b")'),
        ("a NOT b NOT c", '("a" NOT ("b" OR "c"))'),
        ("wor*", '"wor" *'),
        ("Universit*", '("Universit" * OR "Universities" OR "University")'),
        ("5G*", '"5G" *'),
        ("GIFT研*", '"GIFT 研" *'),
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


@contextmanager
def indexed(texts: Sequence[str]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "create virtual table articles_fts using fts5(a, tokenize='porter unicode61 remove_diacritics 2')"
        )
        connection.executemany("insert into articles_fts values (?)", [(segment(text),) for text in texts])
        yield connection


@pytest.fixture(scope="module")
def texts() -> Iterator[sqlite3.Connection]:
    with indexed(["中南大学与CSU", "graduate students"]) as connection:
        yield connection


@pytest.fixture(scope="module")
def words() -> Iterator[sqlite3.Connection]:
    with indexed(WORDS) as connection:
        yield connection


PIECES = st.sampled_from(
    ["AND", "OR", "NOT", "NEAR(", "NEAR", "title:", *'()"“”（）*^-+,{} a中5。\0\\\ud800😀《》\u200b;']
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_is_understood(texts: sqlite3.Connection, text: str) -> None:
    if query := fts_query(text, ArchiveSpellings(texts)):
        texts.execute("select count(*) from articles_fts where articles_fts match ?", (query,)).fetchone()


WORDS = """
universe university universities organ organization organizations organizer organic organize study studies studied
studying relation relational relations relative hope hopeful hopefulness happy happily happiness key keyboard keys
drop dropped dropping embedded embed national nation nationality nations economic economy economically electric
electrical electricity activity active activities activation ability able graduation graduate graduates
chemistry chemical
""".split()


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_found_by_each_of_its_beginnings(words: sqlite3.Connection, word: str) -> None:
    query = "select 1 from articles_fts where articles_fts match ? and a = ?"
    beginnings = [word[:length] for length in range(2, len(word) + 1)]
    missed = [text for text in beginnings if not words.execute(query, (fts_query(f"{text}*"), word)).fetchone()]
    assert missed == []


@pytest.mark.parametrize("inner", ["x", "发" * 700, "NEAR(发发发发发发 发发发发发发)"])
@pytest.mark.parametrize(
    "unit", ["a ", "a OR ", "a NOT ", "(a OR (b AND ", "((", "(a OR b c NOT (", "a)(", "NEAR(a b) ", '"', "a* "]
)
@pytest.mark.parametrize("repeated", [10, 70])
def test_the_longest_and_deepest_query_is_understood(
    texts: sqlite3.Connection, unit: str, repeated: int, inner: str
) -> None:
    text = unit * repeated + inner + ")" * unit.count("(") * repeated
    query = fts_query(text[:MOST_CHARACTERS], variants)
    texts.execute("select count(*) from articles_fts where articles_fts match ?", (query,)).fetchone()


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


def test_a_filter_does_not_ask_the_full_text_for_each_article(bench: Bench) -> None:
    source, values = _chosen(bench.archive.connection, Selection("title", language="en", since="2020"))
    rows = bench.archive.connection.execute(f"explain query plan select rowid {source} order by rank", values)
    plan = [row["detail"] for row in rows]
    assert [line for line in plan if re.search(r"articles_fts VIRTUAL TABLE INDEX \d+:=", line)] == []
    assert any("articles_fts VIRTUAL TABLE INDEX" in line for line in plan)


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
        ({"column": -5}, "-5 is no column's number."),
        ({"column": 10**20}, "100000000000000000000 is no column's number."),
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


def save(bench: Bench, body: str, news_id: int = 9) -> None:
    bench.visit(LIST, listing(url_of(news_id)))
    bench.visit(url_of(news_id), article(url_of(news_id), body=body, language="zh"))


@pytest.mark.skipif(not is_folding(), reason="the extra `chinese` is not installed")
@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("湘雅醫院", 2),
        ("醫", 2),
        ("NEAR(醫院 研究, 3)", 2),
        ("研究生 NOT 醫院", 0),
        ("頭髮 OR 中南大學", 3),
        ("发发发发发发发发", 1),
        ("发发发发发发发髮髮髮髮髮", 1),
        ("NEAR(发发发发发发发 发发发)", 1),
        ("里面 2008年", 1),
    ],
)
def test_an_archive_is_searched_in_its_own_spelling(bench: Bench, typed: str, count: int) -> None:
    save(bench, f"{'發髮发' * 5}的頭髮，在裡面。２００８年。")
    assert len(list(selected(bench.archive.connection, Selection(typed)))) == count


def test_without_opencc_characters_are_themselves(bench: Bench) -> None:
    """Where the extra is not installed, the search works, and says what is missing."""
    script = "import sys; sys.modules['opencc'] = None; from csu_news.cli import main; main({}, 'csu-news')"

    def without(*arguments: str) -> str:
        command = (sys.executable, "-c", script.format([*arguments, "--db", str(bench.path)]))
        return run(command=command).out

    found = json.loads(without("search", "研究生", "--json"))
    assert (found["count"], found["hint"]) == (2, FOLDING)
    assert without("search", "湘雅醫院").splitlines() == ["No article answers that.", FOLDING]


@pytest.fixture
def found(bench: Bench) -> Callable[..., Result]:
    """Return a function that calls `csu-news search` on the archive and returns what it says."""
    return lambda *arguments: CliRunner().invoke(main, ["search", *arguments, "--db", str(bench.path)])


def test_search_prints_json(found: Callable[..., Result]) -> None:
    done = found("研究生", "--since", "2020", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.output) == {
        "count": 1,
        "results": [
            {
                "key": "uni-3",
                "url": url_of(3),
                "title": "中南大学",
                "published": "2020-06-15",
                "language": "zh",
                "source": "News Center",
                "passage": "湘雅医院的研究生。",
                "matches": [[5, 8]],
            }
        ],
    }


def test_search_prints_for_people(found: Callable[..., Result]) -> None:
    done = found("研究生 OR graduate", "--limit", "2")
    assert done.exit_code == 0
    assert "showing 2 of 3" in done.output
    assert "Secret" not in done.output
    assert "\x1b" not in done.output


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["zzz"], 0, "No article answers that."),
        (["！？"], 0, "There is no letter or digit in it to look for."),
        ([" "], 2, "There is nothing to look for"),
        (["x" * 2000], 2, "The query has 2,000 characters: 1,000 are the most."),
        (["x", "--since", "2024-13"], 2, "since '2024-13' is no date"),
        (["x", "--since", "2024", "--until", "2023"], 2, "later than"),
        (["x", "--limit", "0"], 2, "--limit"),
        (["x", "--limit", str(10**20)], 2, "--limit"),
        (["x", "--column", str(10**20)], 2, "is no column's number"),
    ],
)
def test_search_says_what_is_wrong(found: Callable[..., Result], arguments: list[str], code: int, said: str) -> None:
    done = found(*arguments)
    assert done.exit_code == code
    assert said in done.output


def test_older_full_text_is_made_anew_when_the_archive_is_opened(bench: Bench) -> None:
    save(bench, "ㄅㄆㄇ，注音", 9)
    connection = bench.archive.connection
    current = bench.query("select rowid, * from articles_fts")
    connection.execute("update articles_fts set body = replace(body, char(8203), '') where rowid in (3, 9)")
    connection.execute("delete from about where key = 'fts_version'")
    bench.archive.close()
    with Archive(bench.path) as archive:
        report = Report()
        check_database(archive.connection, bench.path, report)
        assert [problem for problem in report.problems if problem.kind == "full text"] == []
    bench.archive = Archive(bench.path, write=True)
    assert bench.query("select rowid, * from articles_fts") == current
    assert bench.value("select value from about where key = 'fts_version'") == str(SEGMENTATION)
    assert [row["news_id"] for row in bench.archive.articles("ㄆㄇ")] == [9]


def test_full_text_follows_the_article(bench: Bench) -> None:
    """Gone articles are found, withheld ones are not, released ones are again, with what they say then."""

    def keys(text: str) -> list[str]:
        return [hit.key for hit in bench.archive.search(text)]

    bench.visit(url_of(1), outcome=Outcome.GONE)
    assert keys("graduate") == ["uni-1"]
    bench.visit(url_of(5), article(url_of(5), title="Secret graduate of law"))
    assert (keys("secret"), keys("law")) == ([], [])
    release(bench.archive.connection, "uni-5", "agreed", bench.now)
    assert (keys("secret"), keys("law")) == (["uni-5"], ["uni-5"])
    bench.visit(url_of(5), article(url_of(5), title="Open"))
    assert (keys("secret"), keys("open")) == ([], ["uni-5"])


def test_a_text_of_megabytes_is_answered_with_its_beginning(bench: Bench) -> None:
    """SQLite would take minutes to mark each match of it."""
    save(bench, "A longword. " * 50_000)
    (hit,) = bench.archive.search("longword")
    assert (hit.passage.text[:11], hit.passage.matches) == ("A longword.", ())


def test_the_best_answer_comes_first(bench: Bench) -> None:
    """A word in the title counts more than in the source, and there more than in the text."""
    for news_id, fields in ((11, {"body": "Physics."}), (12, {"title": "Physics"}), (13, {"source_raw": "Physics"})):
        bench.visit(LIST, listing(url_of(news_id)))
        bench.visit(url_of(news_id), article(url_of(news_id), **fields))
    assert [hit.key for hit in bench.archive.search("physics")] == ["uni-12", "uni-13", "uni-11"]


def test_pairs_are_those_of_the_view(bench: Bench) -> None:
    bench.archive.connection.execute("insert into translations (en_id, zh_id, evidence) values (2, 3, 'link')")
    assert [(pair["en_key"], pair["zh_key"], pair["evidence"]) for pair in bench.archive.pairs()] == [
        ("uni-2", "uni-3", "link")
    ]


def test_a_row_holds_what_exports_need(bench: Bench) -> None:
    (row,) = bench.archive.articles("graduate")
    assert (row["key"], row["sources"], row["source_names"]) == ("uni-1", ["News Center"], ["News Center"])
    assert set(row) >= {"body", "body_html", "site_title", "archived_at", "warc_file", "warc_offset", "warc_record_id"}


def test_what_is_read_is_of_one_moment(bench: Bench) -> None:
    """A crawl that writes meanwhile changes nothing, not even in the last article."""
    with Archive(bench.path) as archive:
        rows = archive.articles()
        titles = [next(rows)["title"]]
        bench.archive.connection.execute("update articles set title = 'Changed'")
        assert "Changed" not in titles + [row["title"] for row in rows]
        assert next(archive.articles())["title"] == "Changed"
