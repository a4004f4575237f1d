"""The audit of an archive: every hole is named with its reason, and the next crawl closes those that are ours."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

import pytest
from driving import COMMAND, Ran, query, run
from hypothesis import given, settings
from hypothesis import strategies as st
from test_archive import BASE, LIST, SITE, Bench, article, listing, url_of
from test_kill import kill_a_crawl
from test_year import EVERY
from timer import Timer

from csu_news.archive import Archive
from csu_news.archive.curation import withhold
from csu_news.audit import ColumnAudit
from csu_news.errors import UsageError
from csu_news.items import Gate, Link, Outcome
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.sites import Column

Serve = Callable[..., ReplicaServer]
Crawl = Callable[..., Ran]
ONE = replace(SITE, columns=(Column(5, "news.htm"),))
SECOND = BASE + "news/1.htm"
PART = BASE + "info/5/12_1.htm"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive.db", ONE)
    yield made
    made.archive.close()


def chained(bench: Bench, news_ids: list[int], newest: int | None = None, column: int = 5) -> None:
    """Visit articles, newest first, each naming its neighbours; the newest has that one before it."""
    for place, news_id in enumerate(news_ids):
        newer = news_ids[place - 1] if place else newest
        older = news_ids[place + 1] if place + 1 < len(news_ids) else None
        prev, following = (number and Link(url_of(number, column)) for number in (newer, older))
        url = url_of(news_id, column)
        bench.visit(url, article(url, prev=prev, next=following, published=f"2020-01-{news_id:02}"))


def column(bench: Bench, number: int | None = 5) -> ColumnAudit:
    return next(found for found in bench.archive.audit().columns if found.column_id == number)


def gaps(bench: Bench) -> list[tuple[str, str]]:
    """Return address and reason of every gap, which the view must give as well."""
    found = [(hole.url, hole.why) for place in bench.archive.audit().columns for hole in place.gaps]
    assert sorted(bench.query("select url, why from chain_gaps")) == sorted(found)
    return found


def site_holes(bench: Bench) -> list[tuple[str, str]]:
    return [(hole.url, hole.why) for place in bench.archive.audit().columns for hole in place.site_holes]


# -- what is a hole ----------------------------------------------------------------------------


def test_whole_column_is_complete(bench: Bench) -> None:
    bench.visit(LIST, listing(*map(url_of, (13, 12, 11))))
    chained(bench, [13, 12, 11])
    found = bench.archive.audit()
    assert (found.verdict, gaps(bench), site_holes(bench)) == ("complete", [], [])
    document = found.as_dict()
    place = document["columns"][0]
    assert (place["articles"], place["listed_total"], place["direction"]) == (3, 3, "prev")
    assert place["segments"] == [{"newest": url_of(13), "oldest": url_of(11), "articles": 3}]
    assert json.loads(json.dumps(document)) == document | {"columns": json.loads(json.dumps(document["columns"]))}


def test_empty_archive_and_column_never_crawled_are_not_complete(tmp_path: Path) -> None:
    with Archive(tmp_path / "empty.db", write=True) as archive:
        assert archive.audit().verdict == "incomplete"
    bench = Bench(tmp_path / "archive.db")
    bench.read(11)
    assert {found.column_id: found.reasons for found in bench.archive.audit().columns} == {5: [], 6: ["never crawled"]}
    assert bench.archive.audit().verdict == "incomplete"
    bench.archive.close()


Visit = Callable[[Bench], None]


def _visit(result: Any = None, **facts: Any) -> Visit:
    return lambda bench: bench.visit(url_of(12), result, **facts)


@pytest.mark.parametrize(
    ("visit", "why", "is_ours"),
    [
        (None, "never fetched", True),
        (_visit(outcome=Outcome.ERROR, status=500), "failing", True),
        (_visit(Gate("challenge")), "failing", True),
        (_visit(outcome=Outcome.REFUSED, status=403), "refused", True),
        (_visit(outcome=Outcome.FORBIDDEN, status=None), "refused", True),
        (_visit(outcome=Outcome.REDIRECT, status=302, redirect_url=url_of(12)), "refused", True),
        (_visit(outcome=Outcome.GONE, status=404), "gone", False),
        (_visit(outcome=Outcome.REDIRECT, status=302, redirect_url="http://else.example/"), "leads elsewhere", False),
    ],
    ids=["new", "error", "gate", "refused", "robots", "loop", "gone", "elsewhere"],
)
def test_hole_by_its_reason(bench: Bench, visit: Visit | None, why: str, is_ours: bool) -> None:
    bench.visit(LIST, listing(*map(url_of, (13, 12, 11))))
    chained(bench, [13])
    if visit:
        visit(bench)
    bench.visit(url_of(13), article(url_of(13), next=Link(url_of(12))))
    bench.visit(url_of(11), article(url_of(11), prev=Link(url_of(12))))
    assert gaps(bench) == ([(url_of(12), why)] if is_ours else [])
    assert site_holes(bench) == ([] if is_ours else [(url_of(12), why)])
    found = column(bench)
    assert found.verdict == ("incomplete" if is_ours else "complete")
    (hole,) = found.gaps or found.site_holes
    assert (hole.source in (url_of(13), url_of(11)), hole.rel in ("prev", "next"), hole.kind) == (True, True, "article")
    assert (hole.detail is None) == (why == "never fetched")


def test_hole_that_only_a_list_names(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12), url_of(11)))
    bench.visit(url_of(11), article(url_of(11)))
    (hole,) = column(bench).gaps
    assert (hole.url, hole.source, hole.rel) == (url_of(12), LIST, "list")


def test_redirect_within_the_column_is_followed(bench: Bench) -> None:
    bench.visit(LIST, listing(*map(url_of, (13, 12, 11))))
    chained(bench, [13, 12, 11])
    bench.visit(url_of(12), outcome=Outcome.REDIRECT, status=302, redirect_url=url_of(20))
    assert gaps(bench) == [(url_of(20), "never fetched")]
    bench.visit(url_of(20), article(url_of(20), news_id=12, prev=Link(url_of(13)), next=Link(url_of(11))))
    found = column(bench)
    assert (found.reasons, len(found.chain.segments), found.chain.one_way) == ([], 1, [])


def test_part_that_is_missing_is_a_hole(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12)))
    bench.visit(url_of(12), article(url_of(12), parts=[PART]))
    assert gaps(bench) == [(PART, "never fetched")]
    bench.visit(PART, article(PART))
    assert gaps(bench) == []


def test_list_page_that_was_never_read_is_a_hole(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12), next_url=SECOND, pager=[SECOND], total=2))
    bench.visit(url_of(12), article(url_of(12)))
    assert gaps(bench) == [(SECOND, "never fetched")]
    bench.visit(SECOND, outcome=Outcome.ERROR, status=503)
    assert gaps(bench) == [(SECOND, "failing")]


def test_first_list_that_is_gone_is_the_sites_own_hole(bench: Bench) -> None:
    bench.read(11)
    bench.visit(LIST, outcome=Outcome.GONE, status=404)
    assert (gaps(bench), site_holes(bench)) == ([], [(LIST, "gone")])


def test_withheld_article_counts_and_is_not_named(bench: Bench) -> None:
    from csu_news.archive.curation import withhold

    bench.visit(LIST, listing(*map(url_of, (14, 13, 12, 11))))
    chained(bench, [13, 12, 11], newest=14)
    withhold(bench.archive.connection, "uni-13", "Asked for.", bench.now)
    found = bench.archive.audit()
    (place,) = found.columns
    assert (place.articles, found.fingerprint.articles) == (3, 2)
    assert [(hole.url, hole.source) for hole in place.gaps] == [(url_of(14), None)]
    assert [(piece.newest, piece.oldest) for piece in place.chain.segments] == [(None, url_of(11))]
    assert url_of(13) not in json.dumps(found.as_dict())


def test_copies_of_an_article_are_in_the_chains_of_both_columns(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "archive.db")
    bench.begin(url_of(12, 6))
    bench.visit(LIST, listing(*map(url_of, (13, 12, 11))))
    chained(bench, [13, 12, 11])
    bench.visit(url_of(12, 6), article(url_of(12, 6), next=Link(url_of(9, 6))))
    bench.visit(url_of(9, 6), article(url_of(9, 6), prev=Link(url_of(12, 6))))
    found = bench.archive.audit()
    assert (found.verdict, [(place.column_id, place.articles) for place in found.columns]) == (
        "complete",
        [(5, 3), (6, 2)],
    )
    parts = [place.fingerprint.articles for place in found.columns if place.fingerprint]
    assert (parts, found.fingerprint.articles) == ([3, 1], 4), "each article once"
    bench.archive.close()


def test_list_that_counts_more_than_is_known(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12), url_of(11), total=3))
    chained(bench, [12, 11])
    assert column(bench).reasons == ["list counts 1 more"]
    assert bench.archive.audit().verdict == "incomplete"


def test_row_of_an_article_that_never_was_is_counted(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12), url_of(11), total=2))
    bench.visit(url_of(11), article(url_of(11)))
    bench.now += timedelta(seconds=1)
    bench.visit(url_of(12), outcome=Outcome.GONE, status=404)
    assert (column(bench).reasons, site_holes(bench)) == ([], [(url_of(12), "gone")])


def test_row_of_an_article_that_left_is_counted_no_more(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12), url_of(11), total=2))
    chained(bench, [12, 11])
    bench.now += timedelta(days=2)
    bench.begin()
    bench.visit(url_of(12), outcome=Outcome.GONE, status=404)
    assert column(bench).reasons == ["list counts 1 more"], "one was put in where the list was not read again"
    bench.begin()
    assert LIST in bench.due()
    bench.visit(LIST, listing(url_of(11), url_of(10), total=2))
    assert gaps(bench) == [(url_of(10), "never fetched")]
    bench.visit(url_of(10), article(url_of(10), prev=Link(url_of(11))))
    assert column(bench).reasons == []


def test_rows_that_lead_elsewhere_are_counted(bench: Bench) -> None:
    elsewhere = "https://mp.example/s/1"
    rows = (url_of(12), elsewhere, url_of(11))
    bench.visit(LIST, listing(*rows, next_url=SECOND, pager=[SECOND], total=4))
    bench.visit(SECOND, listing(url_of(10), url=SECOND, page=2, pages=2, total=4))
    chained(bench, [12, 11, 10])
    assert column(bench).reasons == []
    bench.now += timedelta(days=30)
    bench.begin()
    # a new article pushes the row to the second page, which is not read again
    bench.visit(LIST, listing(url_of(13), url_of(12), next_url=SECOND, pager=[SECOND], total=5))
    bench.visit(url_of(13), article(url_of(13), next=Link(url_of(12))))
    found = column(bench)
    assert found.listed is not None
    assert (found.reasons, found.listed.shortfall, found.listed.is_whole) == ([], 1, False)
    bench.begin()
    assert SECOND in bench.due(), "the next run looks for it"
    bench.visit(SECOND, listing(elsewhere, url_of(11), url_of(10), url=SECOND, page=2, pages=2, total=5))
    found = column(bench)
    assert found.listed is not None
    assert (found.reasons, found.listed.shortfall) == ([], 0)


def test_neighbours_of_a_column_that_is_archived_later(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11), url_of(30, 6)))
    bench.visit(url_of(11), article(url_of(11)))
    bench.visit(url_of(30, 6), article(url_of(30, 6), next=Link(url_of(29, 6))))
    found = column(bench, 6)
    assert (found.is_column, found.verdict, found.chain.elsewhere) == (False, "complete", [url_of(30, 6)])
    bench.archive.connection.execute("insert into columns (site, column_id) values ('uni', 6)")
    (hole,) = column(bench, 6).gaps
    assert (hole.url, hole.source, hole.why) == (url_of(29, 6), url_of(30, 6), "never fetched")
    bench.begin()
    assert url_of(29, 6) in bench.due()
    bench.visit(url_of(29, 6), article(url_of(29, 6), prev=Link(url_of(30, 6))))
    assert (column(bench, 6).verdict, gaps(bench)) == ("complete", [])


def test_only_sites_that_are_asked_for(bench: Bench) -> None:
    bench.read(11)
    assert bench.archive.audit("uni") == bench.archive.audit()
    with pytest.raises(UsageError, match="it holds uni"):
        bench.archive.audit("csu-en")


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_every_removed_article_is_reported_and_nothing_else(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    numbers = list(range(count, 0, -1))
    listed = data.draw(st.sets(st.sampled_from(numbers)))
    removed = data.draw(st.sets(st.sampled_from(numbers)))
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "archive.db", ONE)
        bench.archive.connection.execute("pragma synchronous = off")
        bench.begin(url_of(count))
        bench.visit(LIST, listing(*map(url_of, sorted(listed))))
        chained(bench, numbers)
        assert (gaps(bench), column(bench).chain.one_way, column(bench).chain.orphans) == ([], [], [])
        for number in removed:
            remove(bench, f"uni-{number}")
        assert sorted(gaps(bench)) == sorted((url_of(number), "not stored") for number in removed)
        assert column(bench).articles == count - len(removed)
        bench.begin()
        assert {url_of(number) for number in removed} <= set(bench.due())
        bench.archive.close()


def remove(bench: Bench, key: str) -> None:
    """Take an article out of the archive as damage would, its page staying known."""
    connection = bench.archive.connection
    connection.execute("pragma foreign_keys = off")
    (article_id,) = connection.execute("select id from articles where key = ?", (key,)).fetchone()
    connection.execute("update pages set article_id = null where article_id = ?", (article_id,))
    connection.execute(
        "delete from links where from_id in (select id from pages where article_id is null and kind = 'article')"
    )
    for table in ("revisions", "media", "parts"):
        connection.execute(f"delete from {table} where article_id = ?", (article_id,))
    connection.execute("delete from articles where id = ?", (article_id,))
    connection.execute("delete from articles_fts where rowid = ?", (article_id,))


# -- over time, and after the next crawl -------------------------------------------------------


class Editors(Timer):
    """A timer on a site whose editors take articles away and put them back."""

    outcomes = Timer.outcomes | {Outcome.GONE}

    def after(self, **delta: float) -> ColumnAudit:
        """Crawl and audit every six hours for that time; return the last audit of the first column."""
        ends = self.now + timedelta(**delta)
        while self.now < ends:
            self.now += EVERY
            self.crawl()
            found = self.column()
        return found

    def column(self) -> ColumnAudit:
        audit = self.archive.audit()
        assert audit.verdict == "complete", [column.reasons for column in audit.columns]
        place = audit.columns[0]
        assert place.chain.one_way == place.chain.forks == place.chain.cycles == place.chain.orphans == []
        return place

    def ids(self, *places: int) -> list[int]:
        """Return the ids of the first column's articles at these places, the newest being 0."""
        newest = list(self.site.order.newest_first(0))
        return [self.site.calendar.id_of(newest[place]) for place in places]

    def url(self, news_id: int) -> str:
        return urljoin(self.site.base_url, f"/info/1083/{news_id}.htm")


@pytest.fixture
def editors(tmp_path: Path) -> Iterator[Editors]:
    made = Editors(tmp_path / "archive.db", 60)
    yield made
    made.archive.close()


def test_what_editors_do_is_no_noise_at_any_time(editors: Editors) -> None:
    editors.crawl()
    first, second, last = editors.ids(1, 20, 30)
    for news_id in (first, second, last):
        editors.site.delete(news_id)
        editors.after(days=1)
    editors.site.publish(3)
    editors.after(hours=6)
    gone = editors.after(days=30)
    assert (gone.articles, gone.site_holes) == (len(editors.ids(*range(gone.articles - 3))) + 3, [])
    for news_id in (last, first, second):
        editors.site.restore(news_id)
        editors.after(days=1)
    back = editors.after(days=30)
    assert back.chain.explained == [link for link in back.chain.explained if link.why == "pair"]
    assert len(back.chain.segments) == 1


def test_articles_taken_away_before_the_first_crawl(editors: Editors) -> None:
    named, hidden = editors.ids(10, 20)
    editors.site.delete(named, relink=False)
    editors.site.delete(hidden)
    editors.crawl()
    place = editors.column()
    assert [(hole.url, hole.why) for hole in place.site_holes] == [(editors.url(named), "gone")]
    assert len(place.chain.segments) == 2
    editors.site.restore(hidden)
    place = editors.after(hours=6)
    assert editors.archive.article(editors.url(hidden)), "found by the list and the neighbours that name it"
    editors.site.restore(named)
    place = editors.after(days=8)
    assert (place.site_holes, len(place.chain.segments)) == ([], 1)


def test_article_that_came_back_is_looked_at_when_it_is_named_anew(editors: Editors) -> None:
    (news_id,) = editors.ids(5)
    editors.crawl()
    editors.site.delete(news_id)
    editors.after(days=100)  # looked at after 1, 7, 30 days, and next after a year
    article = editors.archive.article(editors.url(news_id))
    assert article is not None
    assert article["status"] == "gone"
    editors.site.restore(news_id)
    editors.after(hours=6)
    article = editors.archive.article(editors.url(news_id))
    assert article is not None
    assert article["status"] == "live"


@pytest.mark.parametrize("side", ["prev", "next", "list"])
def test_damage_is_healed_by_the_next_crawl_from_every_side(editors: Editors, side: str) -> None:
    editors.crawl()
    connection = editors.archive.connection
    before = editors.archive.audit()
    for news_id in editors.ids(5, 6, 30):
        url = editors.url(news_id)
        connection.execute(
            "delete from links where rel <> ? and to_id = (select id from pages where url = ?)", (side, url)
        )
        remove(editors, f"demo-en-{news_id}")  # type: ignore[arg-type]
    broken = editors.archive.audit()
    holes = [hole.url for hole in broken.columns[0].gaps]
    assert sorted(holes) == sorted(map(editors.url, editors.ids(5, 6, 30)))
    editors.now += EVERY
    editors.crawl()
    healed = editors.archive.audit()
    assert (healed.verdict, healed.fingerprint) == ("complete", before.fingerprint)


@pytest.mark.parametrize(
    "tables",
    [("articles",), ("articles", "revisions"), ("articles", "pages"), ("articles", "media", "articles_fts")],
    ids=" ".join,
)
def test_rows_that_somebody_deleted_are_holes_and_come_back(editors: Editors, tables: tuple[str, ...]) -> None:
    editors.crawl()
    before, path = editors.archive.audit(), editors.archive.path
    revisions = query(path, "select * from revisions order by id")
    lost = editors.ids(0, 5, 6, 30)
    wheres = {
        "articles": "news_id = :id",
        "pages": "sort_id = :id and kind = 'article'",
        "articles_fts": "rowid = :row",
    }
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:  # as sqlite3 does: no foreign keys
        for news_id in lost:
            (row,) = connection.execute("select id from articles where news_id = ?", (news_id,)).fetchone()
            for table in tables:
                where = wheres.get(table, "article_id = :row")
                connection.execute(f"delete from {table} where {where}", {"id": news_id, "row": row})
    broken = editors.archive.audit()
    assert sorted(hole.url for hole in broken.columns[0].gaps) == sorted(map(editors.url, lost))
    assert (broken.verdict, broken.columns[0].articles) == ("incomplete", before.columns[0].articles - 4)
    editors.now += EVERY
    editors.publish()
    editors.crawl()
    healed = editors.archive.audit()
    assert healed.verdict == "complete"
    kept = query(path, "select * from revisions where id <= ? order by id", len(revisions))
    assert kept == revisions or "revisions" in tables
    assert query(path, "pragma foreign_key_check(articles)") == []
    assert query(path, "select key from articles where id not in (select rowid from articles_fts)") == []
    digests = "select count(*) from articles a left join revisions r on r.article_id = a.id and number = revision_count"
    assert query(path, f"{digests} where r.content_sha256 is not a.content_sha256") == [(0,)]


def test_withheld_article_whose_row_was_lost_stays_withheld(bench: Bench) -> None:
    bench.visit(LIST, listing(*map(url_of, (12, 11))))
    chained(bench, [12, 11])
    withhold(bench.archive.connection, "uni-11", "a person asked", bench.now)
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as connection:
        connection.execute("delete from articles where key = 'uni-11'")
    bench.begin()
    bench.visit(LIST, listing(*map(url_of, (13, 12, 11))))
    chained(bench, [13, 12, 11])
    rows = [(1, "uni-12", "live"), (2, "uni-11", "withheld"), (3, "uni-13", "live")]  # its number is no other's
    assert bench.query("select id, key, status from articles order by id") == rows
    assert bench.value("select count(*) from articles_fts") == 2


def test_lost_article_that_is_gone_from_the_site_is_a_hole_of_ours(bench: Bench) -> None:
    bench.visit(LIST, listing(*map(url_of, (12, 11))))
    chained(bench, [12, 11])
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as connection:
        connection.execute("delete from articles where key = 'uni-11'")
    bench.begin()
    bench.visit(url_of(11), None, Outcome.GONE, status=404)
    assert (gaps(bench), site_holes(bench)) == ([(url_of(11), "not stored")], [])


QUICK = ("-s", "CSU_NEWS_RETRY_WAITS_S=0,0")


@pytest.mark.slow
def test_faults_are_holes_until_a_crawl_after_them(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=60, seed=3)
    server = serve(site)
    faults = ("challenge", "short", "webber-rasp", "status", "no-fields")
    broken = {site.path_of(30 + 6 * n): fault for n, fault in enumerate(faults)}
    for path, fault in broken.items():
        site.break_(path, fault)
    second = site.sections[0].path + "/1.htm"
    site.break_("/" + second, "status")
    assert crawl(site, options=QUICK).code == 1
    document = audited(db)
    found = {hole["url"]: hole["why"] for column in document["columns"] for hole in column["gaps"]}
    paths = {
        urljoin(server.url, path): "refused" if fault == "webber-rasp" else "failing" for path, fault in broken.items()
    }
    assert document["verdict"] == "incomplete"
    assert found == paths | {urljoin(server.url, second): "failing"}
    assert sorted(query(db, "select url, why from chain_gaps")) == sorted(found.items())
    told = run("audit", "--db", str(db))
    assert all(url in told.out for url in found)
    lines = [line for line in told.out.splitlines() if not line.startswith("  csu-news ")]
    assert max(map(len, lines)) <= 80
    site.mend()
    let_time_pass(db)
    crawl(site, options=QUICK)
    assert audited(db)["verdict"] == "complete"


def let_time_pass(db: Path) -> None:
    """Make due what fails and would be tried again after hours or days."""
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("update pages set due_at = '2000-01-01T00:00:00Z' where state in ('failing', 'refused')")


# -- the fingerprint ---------------------------------------------------------------------------


def audited(db: Path) -> dict[str, Any]:
    with Archive(db) as archive:
        return archive.audit().as_dict()


def fingerprints(db: Path) -> tuple[Any, ...]:
    found = audited(db)
    columns = [(column["column_id"], column["fingerprint"], column["live"]) for column in found["columns"]]
    return found["verdict"], found["fingerprint"], columns, found["years"]


@pytest.mark.slow
def test_independent_crawls_have_one_fingerprint(serve: Serve, tmp_path: Path) -> None:
    site = ReplicaSite("en", articles=60, seed=3, noise=True)
    server = serve(site)
    numbers = list(site.order.newest_first(0))
    starts = {
        "list": server.url + "News.htm",
        "oldest": urljoin(server.url, site.path_of(numbers[-1])),
        "middle": urljoin(server.url, site.path_of(numbers[20])),
    }
    found = []
    for name, url in starts.items():
        db = tmp_path / name / "archive.db"
        arguments = ("crawl", url, "--db", str(db), "--delay", "0", "--no-media", "--json")
        if name == "middle":
            for requests in (7, 20):
                server.clear()
                kill_a_crawl([*COMMAND, *arguments], server, requests, 0)
                assert audited(db)["verdict"] == "incomplete"
        assert run(*arguments).code == 0
        found.append(fingerprints(db))
    assert found[0][0] == "complete"
    assert found == [found[0]] * 3


def test_fingerprint_tells_what_differs(bench: Bench) -> None:
    bench.read(12, 11)
    bench.visit(url_of(11), article(url_of(11), published="2019-05-01"))
    before = bench.archive.audit()
    bench.visit(url_of(11), article(url_of(11), published="2019-05-01", title="Another"))
    after = bench.archive.audit()
    assert before.fingerprint.articles == after.fingerprint.articles == 2
    assert {year for year in after.years if before.years[year] != after.years[year]} == {"2019"}
    assert before.columns[0].fingerprint != after.columns[0].fingerprint
    assert after.parsers == {1: 2}


def test_command_line(bench: Bench) -> None:
    bench.visit(LIST, listing(*map(url_of, (13, 12, 11))))
    chained(bench, [13])
    bench.archive.close()
    db = ("--db", str(bench.path))
    ran = run("audit", "uni", *db)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("Incomplete. uni 5: 2 missing.")
    for words in (url_of(12), "never fetched", "csu-news crawl uni"):
        assert words in ran.out
    ran = run("audit", "csu-en", *db)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "Error: There is no site 'csu-en' in the archive: it holds uni.\n"
