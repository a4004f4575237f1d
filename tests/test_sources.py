"""Sources: spellings to names by table and exact rules, through crawl, repair, decisions and a better table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from driving import Ran, query
from test_archive import SITE, Bench, article, url_of

import csu_news.sources
from csu_news.archive import Archive
from csu_news.archive.sources import refresh_sources
from csu_news.cli import main
from csu_news.migrations import migrations
from csu_news.pages.source import sources as split
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.replica.words import OFFICES, UNIVERSITY
from csu_news.sites import Site
from csu_news.sources import find, fold, institution_of, spellings

CSU = "Central South University"
CSU_SITE = Site("csu-en", base_url="http://en.csu.edu.cn/", owner=7, columns=SITE.columns, hosts=("en.csu.edu.cn",))
LINKED = (
    "select a.key, s.name from article_sources x join articles a on a.id = x.article_id"
    " join source_aliases sa on sa.id = x.alias_id join sources s on s.id = sa.source_id order by a.key, x.position"
)


def meant(printed: str, institution: str = CSU) -> str | None:
    found = find(printed, institution)
    return found and found.name


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Graduate School", "Graduate School"),
        ("the graduate  school.", "Graduate School"),
        ("研究生院", "Graduate School"),
        ("中南大学研究生院", "Graduate School"),
        ("Graduate School of Central South University", "Graduate School"),
        ("CSU Graduate School", "Graduate School"),
        ("新闻中心", "News Center"),
        ("News Centre", "News Center"),
        ("ＮＥＷＳ　Center", "News Center"),
        ("Law School", "School of Law"),
        ("法学院", "School of Law"),
        ("School of Metallurgy & Environment", "School of Metallurgy and Environment"),
        ("School of Metallurgy&Environment", "School of Metallurgy and Environment"),
        ("冶金与环境学院。", "School of Metallurgy and Environment"),
        ("School of Geosciences and Info-physics", "School of Geosciences and Info-Physics"),
        ("Xiangya Hospital", "Xiangya Hospital"),
        ("中南大学湘雅医院", "Xiangya Hospital"),
        ("Second Xiangya Hospital of Central South University", "The Second Xiangya Hospital"),
        ("湘雅二医院", "The Second Xiangya Hospital"),
        ("湘雅三医院", "The Third Xiangya Hospital"),
        ("湘雅医学院", "Xiangya School of Medicine"),
        ("校团委", "Youth League Committee"),
        ("宣传部", "党委宣传部"),
        ("中南大学新闻网", "新闻网"),
        ("中南大学", CSU),
        ("CSU", CSU),
        ("People’s Daily", "People's Daily"),
        ("人民日报", "People's Daily"),
        ("新华网", "Xinhuanet"),
        ("湖南日报", "Hunan Daily"),
    ],
)
def test_spelling_means(printed: str, name: str) -> None:
    assert meant(printed) == name


@pytest.mark.parametrize(
    "printed",
    [
        *("School of Marxism and Law", "News Center of Xiangya Hospital", "Graduate School Office", "湘雅医院新闻中心"),
        *(
            "People's Daily Overseas Edition",
            "人民日报海外版",
            "研究生院培养办",
            "School",
            "大学",
            "Xiangya",
            "湘雅",
            "x",
        ),
    ],
)
def test_what_only_resembles_a_name_is_not_it(printed: str) -> None:
    assert meant(printed) is None


@pytest.mark.parametrize(
    "apart",
    [
        ("School of Law", "School of Marxism", "法学院", "马克思主义学院"),
        ("Xiangya Hospital", "Second Xiangya Hospital", "Third Xiangya Hospital", "Xiangya School of Medicine"),
        ("Xiangya Stomatological Hospital", "Xiangya School of Stomatology"),
        ("News Center", "新闻网", "党委宣传部"),
        ("School of Computer Science and Engineering", "School of Information Science and Engineering"),
        ("People's Daily", "People's Daily Online"),
        ("新华社", "新华网"),
        ("Graduate School", "Undergraduate School"),
    ],
)
def test_names_that_resemble_each_other_stay_apart(apart: tuple[str, ...]) -> None:
    english = [name for name in apart if name.isascii()] or list(apart)
    assert len({meant(name) for name in english}) == len(english)


def test_an_office_is_its_own_institution_s() -> None:
    assert meant("Graduate School", "other.example") is None
    assert meant("CSU Graduate School", "other.example") is None
    assert meant("中南大学研究生院", "other.example") == "Graduate School"
    assert meant("人民日报", "other.example") == "People's Daily"


@pytest.mark.parametrize(
    ("site", "hosts", "institution"),
    [
        ("csu-en", ("en.csu.edu.cn",), CSU),
        ("civil.csu.edu.cn", ("civil.csu.edu.cn:8080",), CSU),
        ("csu.edu.cn", ("csu.edu.cn",), CSU),
        ("en.xcsu.edu.cn", ("en.xcsu.edu.cn",), "en.xcsu.edu.cn"),
        ("csu.edu.cn.example", ("csu.edu.cn.example",), "csu.edu.cn.example"),
        ("127.0.0.1-8000", ("127.0.0.1:8000",), "127.0.0.1-8000"),
    ],
)
def test_institution_of_a_site(site: str, hosts: tuple[str, ...], institution: str) -> None:
    assert institution_of(site, hosts) == institution


def test_no_spelling_of_the_table_means_two_sources() -> None:
    found: dict[tuple[str | None, str], Any] = {}
    for scope, name, source in spellings():
        assert found.setdefault((scope, fold(name)), source) == source, name
    everywhere = {name for scope, name in found if scope is None}
    assert [
        name for scope, name in found if scope and name in everywhere and found[scope, name] != found[None, name]
    ] == []


def test_the_demo_s_offices_are_in_the_table() -> None:
    for english, chinese in OFFICES:
        assert meant(english, UNIVERSITY[0]) == meant(chinese, UNIVERSITY[0]) == english
    assert meant(UNIVERSITY[1], "x") == UNIVERSITY[0]


# -- in the archive ----------------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive.db", CSU_SITE)
    yield made
    made.archive.close()


def address(news_id: int) -> str:
    return url_of(news_id).replace("uni.example", "en.csu.edu.cn")


def print_source(bench: Bench, news_id: int, raw: str | None) -> None:
    """Visit an article that prints this source."""
    url = address(news_id)
    if bench.page(url) is None:
        bench.begin(url)
    bench.visit(url, article(url, source_raw=raw, sources=split(raw)))


def named(bench: Bench) -> dict[str, int]:
    return {source["name"]: source["articles"] for source in bench.archive.sources()}


def is_in_line(connection: sqlite3.Connection) -> bool:
    """Tell whether every printed name leads to a source, in order, and source_id is the first."""
    for row in connection.execute("select * from articles").fetchall():
        linked = connection.execute(
            "select sa.alias, sa.source_id from article_sources x join source_aliases sa on sa.id = x.alias_id"
            " where x.article_id = ? order by x.position",
            (row["id"],),
        ).fetchall()
        first = linked[0]["source_id"] if linked else None
        if [found["alias"] for found in linked] != json.loads(row["sources"]) or row["source_id"] != first:
            return False
    return connection.execute("select count(*) from sources").fetchone()[0] == len(
        connection.execute("select distinct source_id from source_aliases").fetchall()
    )


def test_spellings_languages_and_two_in_one_line(bench: Bench) -> None:
    lines = (
        "Graduate School",
        "研究生院",
        "the Graduate School.",
        "News Center, Graduate School",
        "新闻中心、研究生院",
    )
    for number, line in enumerate((*lines, "新闻中心 校团委", None, "A Club", "a club;")):
        print_source(bench, 20 + number, line)
    assert named(bench) == {"Graduate School": 5, "News Center": 3, "A Club": 2, "Youth League Committee": 1}
    per_year = dict(bench.query("select source, articles from articles_per_source_year where year = '2020'"))
    assert per_year == named(bench)
    (graduate,) = (source for source in bench.archive.sources() if source["name"] == "Graduate School")
    assert (graduate["name_zh"], graduate["institution"]) == ("研究生院", CSU)
    assert {row["spelling"]: row["articles"] for row in graduate["spellings"]} == {
        "研究生院": 2,
        "Graduate School": 2,
        "the Graduate School.": 1,
    }
    assert is_in_line(bench.archive.connection)


def test_two_spellings_in_one_line_are_one_article(bench: Bench) -> None:
    print_source(bench, 20, "News Center; 新闻中心")
    assert named(bench) == {"News Center": 1}
    assert bench.query("select source, articles from articles_per_source_year") == [("News Center", 1)]


@pytest.mark.parametrize("typed", ["Graduate School", "研究生院", "graduate school.", "中南大学研究生院"])
def test_source_ids_of_a_typed_name(bench: Bench, typed: str) -> None:
    print_source(bench, 20, "研究生院")
    print_source(bench, 21, "News Center")
    (wanted,) = bench.query("select source_id from articles where news_id = 20")
    assert bench.archive.source_ids(typed) == list(wanted)
    assert bench.archive.source_ids("Graduate") == []


def test_an_article_that_changes_its_source_is_linked_anew(bench: Bench) -> None:
    print_source(bench, 20, "News Center; Graduate School")
    print_source(bench, 20, "Graduate School")
    assert bench.query(LINKED) == [("csu-en-20", "Graduate School")]
    assert bench.value("select revision_count from articles") == 2
    assert is_in_line(bench.archive.connection)
    print_source(bench, 20, None)
    assert (bench.query(LINKED), bench.value("select source_id from articles")) == ([], None)


def test_a_rolled_back_visit_leaves_no_source(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    print_source(bench, 20, "News Center")
    bench.begin(address(21))

    def fail(*_: object) -> None:
        raise RuntimeError("after the sources")

    monkeypatch.setattr("csu_news.archive.articles._add_revision", fail)
    with pytest.raises(RuntimeError):
        bench.visit(address(21), article(address(21), source_raw="A Club", sources=["A Club"]))
    assert named(bench) == {"News Center": 1}
    assert bench.value("select count(*) from source_aliases") == 1
    monkeypatch.undo()
    print_source(bench, 22, "A Club")
    assert named(bench) == {"A Club": 1, "News Center": 1}


def test_a_visit_that_changes_nothing_asks_for_no_source(bench: Bench) -> None:
    print_source(bench, 20, "News Center; Graduate School")
    print_source(bench, 21, "News Center; Graduate School")
    statements: list[str] = []
    bench.archive.connection.set_trace_callback(statements.append)
    print_source(bench, 21, "News Center; Graduate School")
    assert [sql for sql in statements if "source_aliases" in sql or "article_sources" in sql] == []
    bench.begin(address(22))
    statements.clear()
    bench.visit(address(22), article(address(22), sources=["News Center", "Graduate School"]))
    about = [sql.split()[0] for sql in statements if "source_aliases" in sql or "article_sources" in sql]
    assert about == ["select", "select", "insert", "insert"]


def test_withheld_articles_are_in_no_list_of_sources(bench: Bench, ask: Callable[..., Ran]) -> None:
    print_source(bench, 20, "A Secret Office")
    print_source(bench, 21, "News Center")
    bench.archive.close()
    assert ask("withhold", "csu-en-20", "--reason", "x").code == 0
    done = ask("sources", "--json")
    assert [source["name"] for source in done.document] == ["News Center"]
    for view in ("articles_per_source_year", "source_spellings"):
        assert "Secret" not in str(query(bench.path, f"select * from {view}"))


# -- a better table, an older archive ----------------------------------------------------------


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Return a function that changes the table's text, as a later version would."""
    text = csu_news.sources._text()

    def clear() -> None:
        for function in (csu_news.sources._document, csu_news.sources._table, csu_news.sources.table_version):
            function.cache_clear()

    def replace(old: str, new: str) -> None:
        assert old in text
        monkeypatch.setattr(csu_news.sources, "_text", lambda: text.replace(old, new))
        clear()

    yield replace
    monkeypatch.undo()
    clear()


def reopened(bench: Bench) -> Archive:
    bench.archive.close()
    bench.archive = Archive(bench.path, write=True)
    return bench.archive


def test_a_better_table_is_applied_when_the_archive_is_opened(bench: Bench, table: Callable[[str, str], None]) -> None:
    for number, name in enumerate(("A Club", "News Center", "研究生院", "News Centre", "社团")):
        print_source(bench, 20 + number, name)
    before = bench.query("select key, content_sha256, revision_count, last_changed_at, sources from articles")
    revisions = bench.query("select * from revisions")
    table(
        '["News Center", "新闻中心", "News Centre"],',
        '["Press Office", "新闻中心", "News Center"],\n["A Club", "社团"],',
    )
    reopened(bench)
    assert named(bench) == {"A Club": 2, "Graduate School": 1, "Press Office": 1, "News Centre": 1}
    assert bench.query("select name, name_zh from sources where name = 'A Club'") == [("A Club", "社团")]
    assert bench.query("select key, content_sha256, revision_count, last_changed_at, sources from articles") == before
    assert bench.query("select * from revisions") == revisions
    assert is_in_line(bench.archive.connection)


def test_a_table_that_stays_costs_no_write(bench: Bench) -> None:
    print_source(bench, 20, "News Center")
    connection = reopened(bench).connection
    before = connection.total_changes
    refresh_sources(connection)
    assert connection.total_changes == before


def test_a_site_that_gets_an_institution_takes_its_decisions_along(
    bench: Bench, table: Callable[[str, str], None], ask: Callable[..., Ran]
) -> None:
    for number, name in enumerate(("Our Club", "A Club", "研究生院")):
        print_source(bench, 20 + number, name)
    bench.archive.connection.execute("update sites set institution = 'csu-en'")
    bench.archive.connection.execute("update source_aliases set institution = 'csu-en'")
    bench.archive.connection.execute("update sources set institution = 'csu-en'")
    bench.archive.close()
    assert ask("sources", "--merge", "Our Club", "--into", "A Club").code == 0
    table("# The demo's.", "# Of the demo.")
    reopened(bench)
    assert named(bench) == {"A Club": 2, "Graduate School": 1}
    assert is_in_line(bench.archive.connection)


def test_an_archive_of_an_earlier_schema_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = tmp_path / "archive.db"
    known = list(migrations._migrations)
    monkeypatch.setattr(migrations, "_migrations", known[:2])
    monkeypatch.setattr("csu_news.archive.refresh_sources", lambda _: None)
    monkeypatch.setattr("csu_news.archive.database._make_views", lambda _: None)
    with Archive(db, write=True) as archive:
        run = "insert into sites (name, timezone, hosts) values ('csu-en', 'Asia/Shanghai', '[\"en.csu.edu.cn\"]')"
        archive.connection.execute(run)
        for number, names in enumerate((["新闻中心", "研究生院"], ["News Center"], [], ["A Club"])):
            archive.connection.execute(
                "insert into articles (key, url, site, sources, body, body_html, word_count, content_sha256,"
                " first_seen_at, last_seen_at, last_changed_at, parser_version)"
                " values (?, '', 'csu-en', ?, '', '', 0, '', '', '', '', 1)",
                (f"csu-en-{number}", json.dumps(names, ensure_ascii=False)),
            )
    monkeypatch.undo()
    with Archive(db, write=True) as archive:
        found = {source["name"]: source["articles"] for source in archive.sources()}
        assert found == {"News Center": 2, "A Club": 1, "Graduate School": 1}
        assert is_in_line(archive.connection)
        assert archive.connection.execute("pragma foreign_key_check").fetchall() == []


# -- what a person says ------------------------------------------------------------------------


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Ran]:
    """Return a function that runs a command on the archive, in this process."""

    def start(*words: str) -> Ran:
        done = CliRunner().invoke(main, [words[0], "--db", str(tmp_path / "archive.db"), *words[1:]])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Ran(done.exit_code, done.stdout, done.stderr)

    return start


def test_a_merge_is_remembered_and_undone(
    bench: Bench, ask: Callable[..., Ran], table: Callable[[str, str], None]
) -> None:
    for number, name in enumerate(("Grad School", "研究生院", "A Club")):
        print_source(bench, 20 + number, name)
    bench.archive.close()
    done = ask("sources", "--merge", "grad school.", "--into", "研究生院", "--json")
    assert done.document == {"alias": "grad school.", "source": "Graduate School", "decision": "merge"}
    table(
        '["Graduate School", "研究生院"],\n  ["Under',
        '["School of Graduates", "研究生院", "Graduate School"],\n  ["Under',
    )
    reopened(bench)
    assert named(bench) == {"School of Graduates": 2, "A Club": 1}  # its name is the new table's
    bench.run = bench.begin()
    print_source(bench, 30, "GRAD SCHOOL")  # another spelling of what was merged
    assert named(bench) == {"School of Graduates": 3, "A Club": 1}
    assert bench.archive.source_ids("Grad School") == bench.archive.source_ids("研究生院")
    assert is_in_line(bench.archive.connection)
    bench.archive.close()
    assert "Grad School (1, merged)" in ask("sources").out
    assert ask("sources", "--split", "Grad School").out == "Grad School means Grad School.\n"
    assert query(bench.path, "select kind, reason from decisions order by id") == [
        ("merge", "grad school. → Graduate School"),
        ("split", "Grad School"),
    ]
    reopened(bench)
    assert named(bench) == {"Grad School": 2, "School of Graduates": 1, "A Club": 1}
    assert is_in_line(bench.archive.connection)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--merge", "A Club"), "--merge with --into"),
        (("--into", "A Club"), "--merge with --into"),
        (("--merge", "A Club", "--into", "x", "--split", "A Club"), "--merge with --into"),
        (("--merge", "Nobody", "--into", "A Club"), "No article names 'Nobody'"),
        (("--merge", "A Club", "--into", "Nobody"), "There is no one source 'Nobody'"),
        (("--merge", "A Club", "--into", "a club."), "is A Club already"),
        (("--split", "A Club"), "was not merged"),
        (("--split", "Nobody"), "No article names"),
    ],
)
def test_what_cannot_be_is_said(bench: Bench, ask: Callable[..., Ran], words: tuple[str, ...], said: str) -> None:
    print_source(bench, 20, "A Club")
    before = bench.query("select * from source_aliases")
    bench.archive.close()
    done = ask("sources", *words)
    assert (done.code, said in done.err) == (2, True), done.err
    assert query(bench.path, "select * from source_aliases") == before


def test_the_list_fits_a_terminal(bench: Bench, ask: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("sources").out == "No article names its source.\n"
    for number, name in enumerate(
        ("资源加工与生物工程学院", "School of Mineral Processing & Bioengineering", "[red]x")
    ):
        print_source(bench, 20 + number, name)
    shown = ask("sources").out
    assert "资源加工与生物工程学院" in shown
    assert "[red]x" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


# -- a whole crawl -----------------------------------------------------------------------------


def test_both_languages_of_a_site_name_the_same_sources(
    serve: Callable[..., ReplicaServer], crawl: Callable[..., Ran], db: Path
) -> None:
    sites = [ReplicaSite(language, articles=60, seed=29) for language in ("en", "zh")]
    for site in sites:
        serve(site)
    assert crawl(*sites, options=("--no-media",)).code == 0
    printed: dict[str, set[str]] = {}
    english = {name: offices[0] for offices in OFFICES for name in offices}
    for site in sites:
        for found in site.articles():
            for name in found["sources"]:
                printed.setdefault(english[name], set()).add(f"demo-{site.language}-{found['news_id']}")
    with Archive(db) as archive:
        assert {row["name"]: row["articles"] for row in archive.sources()} == {n: len(k) for n, k in printed.items()}
        assert all(len(row["spellings"]) == 2 for row in archive.sources())
        for typed in (OFFICES[1][1], OFFICES[1][0].upper()):
            rows = archive.connection.execute(
                "select distinct a.key from articles a join article_sources x on x.article_id = a.id"
                " join source_aliases sa on sa.id = x.alias_id"
                " where sa.source_id in (select value from json_each(?))",
                (json.dumps(archive.source_ids(typed)),),
            )
            assert {row["key"] for row in rows} == printed[OFFICES[1][0]]
        assert is_in_line(archive.connection)
