"""The archive without a crawl: visits made by hand, a clock that stands, SQLite on the disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from driving import file_size_limited

from csu_news.archive import Archive, Run, RunOptions
from csu_news.archive.database import timestamp
from csu_news.archive.findings import open_finding
from csu_news.errors import ArchiveError, ArchiveLocked, NewerArchive, NotAnArchive, OlderArchive
from csu_news.items import Article, Attachment, Gate, Image, Link, Listing, Outcome, Record, Visit
from csu_news.migrations import migrations
from csu_news.recheck import failure_due, gone_due
from csu_news.sites import Column, Site
from csu_news.urls import canonical_url, ids

SITE = Site(
    name="uni",
    base_url="http://uni.example/",
    language="en",
    owner=7,
    columns=(Column(5, "news.htm"), Column(6)),
    hosts=("uni.example",),
)
BASE = "http://uni.example/"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIST = BASE + "news.htm"


def url_of(news_id: int, column: int = 5) -> str:
    return f"{BASE}info/{column}/{news_id}.htm"


def article(url: str, **fields: Any) -> Article:
    """Return an article as its page would be read; fields by name."""
    found = ids(url)
    made = Article(
        url=url,
        news_id=found.news_id,
        owner=7,
        column_id=found.column_id,
        title=f"Title {found.news_id}",
        published="2020-01-08",
        sources=["News Center"],
        source_raw="News Center",
        body="A text.\n\nWith two paragraphs.",
        body_html="<p>A text.</p>",
        language="en",
    )
    return replace(made, **fields)


def listing(*urls: str, column: int | None = 5, **fields: Any) -> Listing:
    rows = [Link(url, "A title", "2020-01-08") for url in urls]
    return replace(Listing(url=LIST, column_id=column, rows=rows, total=len(rows), page=1, pages=1), **fields)


class Bench:
    """An archive with a run in hand and a clock that only moves when told."""

    def __init__(self, path: Path, site: Site = SITE) -> None:
        self.path, self.site, self.now = path, site, NOON
        self.archive = Archive(path, write=True, clock=lambda: self.now)
        self.run = self.begin()

    def begin(self, *seeds: str, full: bool = False, parser_version: int = 1) -> Run:
        options = RunOptions(version="0", parser_version=parser_version, full=full)
        self.run = self.archive.begin_run(self.site, options, seeds)
        return self.run

    def query(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.archive.connection.execute(sql, arguments)]

    def value(self, sql: str, *arguments: object) -> Any:
        ((found,),) = self.query(sql, *arguments)
        return found

    def page(self, url: str) -> sqlite3.Row:
        row: sqlite3.Row = self.archive.connection.execute(
            "select * from pages where canonical = ?", (canonical_url(url),)
        ).fetchone()
        return row

    def visit(
        self,
        url: str,
        result: Article | Listing | Gate | None = None,
        outcome: Outcome | None = None,
        redirect_url: str | None = None,
        **record: Any,
    ) -> None:
        """Store a visit of a page that is known; without a result or outcome it failed."""
        made = {Article: Outcome.ARTICLE, Listing: Outcome.LISTING, Gate: Outcome.GATE}
        outcome = outcome or made.get(type(result), Outcome.FAILED)
        page = self.page(url)
        if page["kind"] == "part" and outcome is Outcome.ARTICLE:
            outcome = Outcome.PART
        digest = sha256(repr(result).encode()).hexdigest()
        facts = {"status": 200, "payload_sha1": f"sha1:{digest[:8]}", "payload_sha256": digest} | record
        self.run.save(
            Visit(page["id"], url, facts["status"], Record(url, self.now, **facts), outcome, result, redirect_url)
        )

    def read(self, *news_ids: int) -> None:
        """Visit the first list, which names these articles, and each of them."""
        self.visit(LIST, listing(*map(url_of, news_ids)))
        for news_id in news_ids:
            self.visit(url_of(news_id), article(url_of(news_id)))

    def due(self) -> list[str]:
        """Return what the run would fetch now, in order."""
        found = []
        while page := self.run.take():
            found.append(page.url)
        self.run.taken.clear()
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive.db")
    yield made
    made.archive.close()


def keys(bench: Bench) -> list[str]:
    return [key for (key,) in bench.query("select key from articles order by key")]


def open_kinds(bench: Bench) -> list[tuple[str, str]]:
    return bench.query("select kind, url from open_findings order by id")


# -- identity ----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(5, 6), (6, 5)])
def test_pages_of_one_owner_and_id_are_one_article_whichever_came_first(bench: Bench, order: tuple[int, ...]) -> None:
    bench.begin(url_of(12, 5), url_of(12, 6))
    for column in order:
        bench.visit(url_of(12, column), article(url_of(12, column)))
    assert bench.query("select key, url, column_id, revision_count from articles") == [("uni-12", url_of(12, 5), 5, 1)]
    assert bench.value("select count(distinct article_id) from pages where kind = 'article'") == 1
    assert open_kinds(bench) == []


@pytest.mark.parametrize("order", [(12, 90), (90, 12)])
def test_page_whose_path_names_the_id_is_the_article(bench: Bench, order: tuple[int, ...]) -> None:
    columns = {12: 5, 90: 6}
    bench.begin(*(url_of(number, column) for number, column in columns.items()))
    for number in order:
        url = url_of(number, columns[number])
        bench.visit(url, article(url, news_id=12, title=f"Told by {number}"))
    assert bench.query("select key, url, title from articles") == [("uni-12", url_of(12), "Told by 12")]


def test_owner_other_than_the_site_is_part_of_the_key(bench: Bench) -> None:
    bench.begin(url_of(12), url_of(13), url_of(14))
    bench.visit(url_of(12), article(url_of(12), owner=8))
    bench.visit(url_of(13), article(url_of(13), owner=7))
    bench.visit(url_of(14), article(url_of(14), owner=None))
    assert keys(bench) == ["uni-13", "uni-14", "uni-8-12"]


def test_site_without_a_profile_takes_the_first_owner_seen(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "archive.db", replace(SITE, owner=None))
    bench.begin(url_of(12), url_of(13))
    bench.visit(url_of(12), article(url_of(12), owner=8))
    bench.visit(url_of(13), article(url_of(13), owner=7))
    assert keys(bench) == ["uni-12", "uni-7-13"]
    assert bench.value("select owner from sites") == 8
    bench.archive.close()


def test_dynamic_and_static_address_are_one_page(bench: Bench) -> None:
    dynamic = BASE + "content.jsp?urltype=news.NewsContentUrl&wbtreeid=5&wbnewsid=12"
    bench.visit(LIST, listing(dynamic, url_of(12), "https://UNI.example/info/5/12.htm#top"))
    assert bench.value("select count(*) from pages where kind = 'article'") == 1


def test_page_that_shows_another_article_is_a_finding_until_it_shows_its_own(bench: Bench) -> None:
    bench.read(11, 12)
    bench.visit(url_of(12), article(url_of(12), news_id=11))
    assert open_kinds(bench) == [("shows another article", url_of(12))]
    assert keys(bench) == ["uni-11", "uni-12"]
    bench.visit(url_of(12), article(url_of(12)))
    assert open_kinds(bench) == []


# -- revisions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"body": " A  text.\nWith two\u3000paragraphs. "},
        {"prev": Link(url_of(99), "A newer one")},
        {"next": Link(url_of(9), "An older one")},
        {"published_raw": "08.01.2020", "body_html": "<p>A <b>text</b>.</p>"},
        {"images": [], "translations": [Link("http://zh.example/", "中文版", kind="site")]},
    ],
)
def test_what_is_not_content_makes_no_revision(bench: Bench, change: dict[str, Any]) -> None:
    bench.read(12)
    before = bench.query("select content_sha256, last_changed_at, first_seen_at from articles")
    bench.now += timedelta(days=1)
    bench.visit(url_of(12), article(url_of(12), **change))
    assert bench.query("select content_sha256, last_changed_at, first_seen_at from articles") == before
    assert bench.query("select last_seen_at, revision_count from articles") == [(timestamp(bench.now), 1)]
    assert bench.value("select count(*) from revisions") == 1
    assert bench.run.summary()["changed"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another title"},
        {"body": "Another text."},
        {"published": "2020-01-09"},
        {"sources": ["News Center", "Graduate School"]},
        {"images": [Image("http://uni.example/__local/A.jpg")]},
        {"attachments": [Attachment("http://uni.example/a.pdf", "a.pdf")]},
    ],
)
def test_content_that_changed_makes_a_revision(bench: Bench, change: dict[str, Any]) -> None:
    bench.read(12)
    bench.now += timedelta(days=1)
    bench.visit(url_of(12), article(url_of(12), **change))
    rows = bench.query("select number, seen_at, content_sha256 from revisions order by number")
    assert [row[:2] for row in rows] == [(1, timestamp(NOON)), (2, timestamp(bench.now))]
    current = bench.query("select revision_count, last_changed_at, content_sha256 from articles")
    assert current == [(2, timestamp(bench.now), rows[1][2])]
    assert (bench.run.summary()["new"], bench.run.summary()["changed"]) == (1, 1)


def test_a_later_parser_is_no_revision(bench: Bench) -> None:
    bench.read(12)
    bench.begin(parser_version=2)
    bench.visit(url_of(12), article(url_of(12), body_html="<p>better</p>"))
    assert bench.query("select parser_version, revision_count from articles") == [(2, 1)]


def test_going_back_is_a_revision_too(bench: Bench) -> None:
    bench.read(12)
    for title in ("Another", "Title 12"):
        bench.visit(url_of(12), article(url_of(12), title=title))
    assert [title for (title,) in bench.query("select title from revisions order by number")] == [
        *("Title 12", "Another", "Title 12")
    ]


def test_full_text_follows_the_article(bench: Bench) -> None:
    bench.read(12)
    bench.visit(url_of(12), article(url_of(12), title="Zebra", body="Okapi", source_raw="Giraffe", sources=["Giraffe"]))
    for word in ("zebra", "okapi", "giraffe"):
        assert bench.query("select rowid from articles_fts where articles_fts match ?", word) == [(1,)]
    assert bench.query("select rowid from articles_fts where articles_fts match 'paragraphs'") == []


# -- parts -------------------------------------------------------------------------------------

PART = BASE + "info/5/12_1.htm"


def first_page(**fields: Any) -> Article:
    return article(url_of(12), body="One.", parts=[PART], sources=[], source_raw=None, **fields)


def test_parts_make_one_revision_when_all_are_there(bench: Bench) -> None:
    file = Attachment("http://uni.example/a.pdf", "a.pdf")
    bench.visit(LIST, listing(url_of(12)))
    bench.visit(url_of(12), first_page(attachments=[file]))
    assert bench.query("select body, revision_count from articles") == [("One.", 0)]
    assert bench.value("select count(*) from revisions") == 0
    assert bench.due()[0] == PART
    bench.visit(PART, article(PART, body="Two.", attachments=[file]))
    facts = bench.query("select body, revision_count, sources, source_raw from articles")
    assert facts == [("One.\n\nTwo.", 1, '["News Center"]', "News Center")]
    assert bench.query("select url, name from media") == [(file.url, file.name)]
    assert [bench.run.summary()[name] for name in ("new", "changed", "unchanged")] == [1, 0, 0]
    assert bench.query("select rowid from articles_fts where articles_fts match 'two'") == [(1,)]


def test_reading_the_first_part_again_changes_nothing(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12)))
    bench.visit(url_of(12), first_page())
    bench.visit(PART, article(PART, body="Two."))
    before = bench.query("select body, sources, source_raw, content_sha256, revision_count from articles")
    bench.visit(url_of(12), first_page())
    assert bench.query("select body, sources, source_raw, content_sha256, revision_count from articles") == before


def test_part_that_changed_is_a_revision_of_the_article(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12)))
    bench.visit(url_of(12), first_page())
    bench.visit(PART, article(PART, body="Two."))
    bench.visit(PART, article(PART, body="Zwei."))
    assert bench.query("select body, revision_count from articles") == [("One.\n\nZwei.", 2)]
    assert bench.run.summary()["changed"] == 1


def test_part_that_is_no_longer_named_is_forgotten(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(12)))
    bench.visit(url_of(12), first_page())
    bench.visit(PART, article(PART, body="Two."))
    bench.visit(url_of(12), article(url_of(12), body="All on one page."))
    assert bench.query("select body, revision_count from articles") == [("All on one page.", 2)]
    assert bench.value("select count(*) from parts") == 0


# -- the queue ---------------------------------------------------------------------------------


def test_queue_hands_out_lists_then_new_articles_then_the_rest(bench: Bench) -> None:
    second = BASE + "news/1.htm"
    assert bench.due() == [LIST]
    bench.read(11)
    bench.visit(LIST, listing(url_of(12), url_of(14), url_of(13), next_url=second, pager=[second]))
    assert bench.due() == [url_of(14), url_of(13), url_of(12), second]
    bench.now += timedelta(days=120)
    assert bench.due() == [url_of(14), url_of(13), url_of(12), second, url_of(11)]
    bench.begin()
    assert bench.due()[0] == LIST


def test_page_in_hand_is_not_handed_out_again_and_stays_due_until_stored(bench: Bench) -> None:
    first = bench.run.take()
    assert first is not None
    assert bench.run.take() is None
    assert not bench.run.is_due()
    assert bench.begin().take() == first, "another run gets it: nothing was stored"


def test_every_run_looks_at_first_lists_and_the_newest_article_of_each_column(bench: Bench) -> None:
    bench.read(11, 12)
    bench.begin(url_of(30, 6), url_of(31, 6))
    for number in (30, 31):
        bench.visit(url_of(number, 6), article(url_of(number, 6)))
    bench.begin()
    assert sorted(bench.due()) == sorted([LIST, url_of(12), url_of(31, 6)])
    bench.begin(full=True)
    assert len(bench.due()) == 5


def test_list_of_unknown_articles_makes_the_next_page_due_again(bench: Bench) -> None:
    second = BASE + "news/1.htm"
    pager = {"next_url": second, "pager": [second], "total": 2, "pages": 2}
    bench.visit(LIST, listing(url_of(11), **pager))
    bench.visit(second, listing(url_of(10), url=second, page=2, pages=2, total=2))
    for number in (11, 10):
        bench.visit(url_of(number), article(url_of(number)))
    bench.begin()
    bench.visit(LIST, listing(url_of(11), **pager))
    assert second not in bench.due(), "nothing new"
    bench.begin()
    bench.visit(LIST, listing(url_of(12), url_of(13), **pager | {"total": 4}))
    assert second in bench.due()


def test_total_that_does_not_add_up_makes_all_lists_due(bench: Bench) -> None:
    second = BASE + "news/1.htm"
    bench.visit(LIST, listing(url_of(11), next_url=second, pager=[second], total=2))
    bench.visit(second, listing(url_of(10), url=second, page=2, pages=2, total=2))
    bench.begin()
    bench.visit(LIST, listing(url_of(11), next_url=second, pager=[second], total=1))
    assert second in bench.due()


def test_list_above_columns_brings_in_those_that_any_of_its_pages_names(bench: Bench) -> None:
    first, second = BASE + "all.htm", BASE + "all/1.htm"
    bench.begin(first)
    bench.visit(first, listing(url_of(30, 21), column=20, url=first, next_url=second, pager=[second], total=2))
    bench.visit(second, listing(url_of(29, 22), column=20, url=second, page=2, pages=2, total=2))
    columns = {column for (column,) in bench.query("select column_id from columns")}
    assert columns == {5, 6, 20, 21, 22}


def test_list_of_a_column_brings_in_no_other(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11), url_of(30, 21), next_url=BASE + "news/1.htm", pager=[BASE + "news/1.htm"]))
    bench.visit(BASE + "news/1.htm", listing(url_of(29, 22), url=BASE + "news/1.htm", page=2, pages=2))
    assert {column for (column,) in bench.query("select column_id from columns")} == {5, 6}


def test_hole_is_healed_at_the_start_of_a_run(bench: Bench) -> None:
    bench.read(11, 12)
    bench.archive.connection.execute(
        "update pages set article_id = null, etag = 'e', last_modified = 'l' where url = ?", (url_of(11),)
    )
    bench.begin()
    page = bench.page(url_of(11))
    assert (page["due_at"], page["priority"]) == (timestamp(bench.now), 1)
    assert (page["etag"], page["last_modified"], page["payload_sha256"]) == (None, None, None)
    assert url_of(11) in bench.due()


def test_due_times_that_a_wrong_clock_put_far_ahead_are_due(bench: Bench) -> None:
    bench.read(11, 12, 13)
    far = timestamp(bench.now + timedelta(days=500))
    near = timestamp(bench.now + timedelta(days=300))
    for number, due_at in ((11, far), (12, near)):
        bench.archive.connection.execute("update pages set due_at = ? where url = ?", (due_at, url_of(number)))
    bench.begin()
    assert url_of(11) in bench.due()
    assert bench.page(url_of(12))["due_at"] == near


def test_digests_and_validators_are_those_of_the_last_accepted_body(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11)))
    bench.visit(url_of(11), article(url_of(11)), etag='"1"', last_modified="Sun, 01 Mar 2026 00:00:00 GMT")
    names = ("etag", "last_modified", "payload_sha1", "payload_sha256", "changed_at")
    before = [bench.page(url_of(11))[name] for name in names]
    assert None not in before
    bench.now += timedelta(days=1)
    bench.visit(url_of(11), outcome=Outcome.UNCHANGED, status=304, payload_sha1="sha1:empty", payload_sha256="empty")
    bench.visit(url_of(11), Gate("challenge"), etag='"2"')
    bench.visit(url_of(11), outcome=Outcome.ERROR, status=503, etag='"3"')
    assert [bench.page(url_of(11))[name] for name in names] == before


# -- redirects, and what is gone ---------------------------------------------------------------


def test_change_of_scheme_is_the_same_page(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11)))
    there = url_of(11).replace("http:", "https:")
    bench.visit(url_of(11), outcome=Outcome.REDIRECT, status=301, redirect_url=there)
    assert bench.due() == [there]
    assert bench.value("select count(*) from pages where kind = 'article'") == 1
    bench.visit(there, article(there))
    assert (keys(bench), open_kinds(bench)) == (["uni-11"], [])


def test_redirects_in_a_circle_end_as_a_finding(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11), url_of(12)))
    bench.visit(url_of(11), outcome=Outcome.REDIRECT, status=302, redirect_url=url_of(11))
    assert open_kinds(bench) == [("redirect loop", url_of(11))]
    for _ in range(10):
        if url_of(12) not in [page.replace("https:", "http:") for page in bench.due()]:
            break
        url = bench.page(url_of(12))["url"]
        other = url.replace("http:", "https:") if url.startswith("http:") else url.replace("https:", "http:")
        bench.visit(url, outcome=Outcome.REDIRECT, status=302, redirect_url=other)
    assert [kind for kind, _ in open_kinds(bench)] == ["redirect loop", "redirect loop"]
    assert bench.due() == []


@pytest.mark.parametrize("target", ["http://elsewhere.example/info/5/11.htm", BASE + "index.htm", None])
def test_redirect_out_of_scope_is_a_finding(bench: Bench, target: str | None) -> None:
    bench.visit(LIST, listing(url_of(11)))
    bench.visit(url_of(11), outcome=Outcome.REDIRECT, status=302, redirect_url=target)
    assert open_kinds(bench) == [("redirect", url_of(11))]
    assert bench.page(url_of(11))["state"] == "refused"
    assert bench.value("select count(*) from pages") == 2
    assert bench.due() == []


def test_redirect_to_another_article_is_no_hole(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11)))
    bench.visit(url_of(11), outcome=Outcome.REDIRECT, status=302, redirect_url=url_of(21))
    assert bench.due() == [url_of(21)]
    bench.visit(url_of(21), article(url_of(21)))
    bench.begin()
    assert (keys(bench), open_kinds(bench)) == (["uni-21"], [])
    assert url_of(11) not in bench.due()


def test_gone_page_keeps_its_article_and_is_looked_at_again(bench: Bench) -> None:
    bench.read(11)
    for looks, days in enumerate((1, 7, 30, 365, 365), 1):
        bench.visit(url_of(11), outcome=Outcome.GONE, status=404)
        assert bench.page(url_of(11))["due_at"] == timestamp(gone_due(bench.now, looks))
        assert gone_due(bench.now, looks) - bench.now == timedelta(days=days)
        bench.now += timedelta(days=days)
    assert bench.query("select status, gone_at, title, revision_count from articles") == [
        ("gone", timestamp(NOON), "Title 11", 1)
    ]
    assert (bench.run.summary()["gone"], open_kinds(bench)) == (1, [])


@pytest.mark.parametrize("outcome", [Outcome.ARTICLE, Outcome.UNCHANGED])
def test_article_that_came_back_is_live(bench: Bench, outcome: Outcome) -> None:
    bench.read(11)
    bench.visit(url_of(11), outcome=Outcome.GONE, status=410)
    bench.visit(url_of(11), article(url_of(11)) if outcome is Outcome.ARTICLE else None, outcome)
    assert bench.query("select status, gone_at, revision_count from articles") == [("live", None, 1)]
    assert bench.page(url_of(11))["state"] == "ok"


# -- failures and findings ---------------------------------------------------------------------


def test_failing_page_is_put_off_and_then_a_finding_until_it_is_back(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11)))
    for failures in range(1, 6):
        bench.visit(url_of(11), outcome=Outcome.ERROR, status=500)
        assert bench.page(url_of(11))["due_at"] == timestamp(failure_due(bench.now, failures))
        assert len(open_kinds(bench)) == (failures > 2)
        bench.now = failure_due(bench.now, failures)
    assert open_kinds(bench) == [("error", url_of(11))]
    assert bench.value("select count(*) from findings") == 1
    bench.visit(url_of(11), article(url_of(11)))
    assert open_kinds(bench) == []
    assert bench.value("select resolved_at from findings") == timestamp(bench.now)


def test_resolved_finding_opens_anew(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11)))
    for _ in range(2):
        bench.visit(url_of(11), Gate("challenge"))
        bench.visit(url_of(11), article(url_of(11)))
    assert bench.query("select kind, resolved_at is null from findings") == [("challenge", 0)] * 2


def test_gate_takes_nothing_away(bench: Bench) -> None:
    bench.read(11)
    before = bench.query("select * from articles")
    bench.visit(url_of(11), Gate("login"))
    assert bench.query("select * from articles") == before
    assert open_kinds(bench) == [("login", url_of(11))]


def test_finding_that_still_holds_is_seen_again_not_opened_again(bench: Bench) -> None:
    for now in ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"):
        open_finding(bench.archive.connection, bench.run.id, now, "robots", "It fails.", url=BASE)
    assert bench.query("select first_seen_at, last_seen_at from findings") == [
        ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    ]


def test_visit_is_stored_whole_or_not_at_all(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(11)))
    before = list(bench.archive.connection.iterdump())
    broken = article(url_of(11), next=Link(url_of(10)), body=None)
    with pytest.raises((TypeError, AttributeError, sqlite3.Error)):
        bench.visit(url_of(11), broken)
    assert list(bench.archive.connection.iterdump()) == before
    assert bench.due() == [url_of(11)]


# -- the file ----------------------------------------------------------------------------------


def test_unfinished_run_is_killed_when_the_archive_is_opened_again(bench: Bench) -> None:
    bench.run.finish()
    bench.begin()
    bench.archive.close()
    with Archive(bench.path, write=True) as archive:
        outcomes = archive.connection.execute("select outcome from runs order by id").fetchall()
    assert [row["outcome"] for row in outcomes] == ["complete", "killed"]


@pytest.mark.parametrize("left", [None, b"", b"\x1f\x8b\x08\x00torn"])
def test_evidence_without_a_whole_record_leaves_no_file(bench: Bench, left: bytes | None) -> None:
    bench.archive.connection.execute(
        "insert into warc_files (name, run_id, opened_at) values ('uni-1.warc.gz', ?, ?)",
        (bench.run.id, timestamp(NOON)),
    )
    bench.archive.close()
    if left is not None:
        bench.archive.warc_folder.mkdir()
        (bench.archive.warc_folder / "uni-1.warc.gz.open").write_bytes(left)
    with Archive(bench.path, write=True) as archive:
        assert [(file.name, file.cut_bytes) for file in archive.repaired] == [("uni-1.warc.gz", len(left or b""))]
        assert archive.connection.execute("select * from warc_files").fetchall() == []
    assert list(bench.archive.warc_folder.glob("*")) == []


def test_lock_is_held_until_the_archive_is_closed(bench: Bench) -> None:
    with pytest.raises(ArchiveLocked, match=r"process \d+, started 20"):
        Archive(bench.path, write=True)
    with Archive(bench.path) as reader:
        assert reader.status()["articles"] == 0
    bench.archive.close()
    Archive(bench.path, write=True).close()


def test_lock_that_a_full_disk_has_no_room_for_is_one_sentence(tmp_path: Path) -> None:
    with file_size_limited(0), pytest.raises(ArchiveError, match=r"archive\.db\.lock: File too large\."):
        Archive(tmp_path / "archive.db", write=True)
    Archive(tmp_path / "archive.db", write=True).close()


def test_another_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table pages (id)")
    before = path.read_bytes()
    for write in (False, True):
        with pytest.raises(NotAnArchive, match="another program's"):
            Archive(path, write=write)
    assert path.read_bytes() == before


def test_empty_file_becomes_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    path.touch()
    with Archive(path, write=True) as archive:
        assert archive.status()["articles"] == 0


def test_pending_migrations_are_applied_to_the_file_and_a_copy_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.read(11)
    bench.archive.close()
    known = list(migrations._migrations)
    monkeypatch.setattr(migrations, "_migrations", known)

    @migrations()
    def m900_more(db: Any) -> None:
        db.execute("create table more (id integer primary key)")

    with pytest.raises(OlderArchive, match="csu-news upgrade --db"):
        Archive(bench.path)
    with Archive(bench.path, write=True) as archive:
        assert archive.connection.execute("select count(*) from more").fetchone()[0] == 0
        assert archive.article("uni-11")
    Archive(bench.path).close()
    copy = bench.path.with_name("archive.db.before-m900_more")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("select key from articles").fetchall() == [("uni-11",)]
        assert connection.execute("select 1 from sqlite_master where name = 'more'").fetchall() == []
    known.pop()
    for write in (False, True):
        with pytest.raises(NewerArchive, match="m900_more"):
            Archive(bench.path, write=write)


def test_other_views_are_made_anew(bench: Bench) -> None:
    bench.read(11)
    bench.archive.connection.execute("drop view article_list")
    bench.archive.connection.execute("update about set value = 'other' where key = 'views_sha256'")
    bench.archive.close()
    with pytest.raises(OlderArchive):
        Archive(bench.path)
    Archive(bench.path, write=True).close()
    with Archive(bench.path) as archive:
        assert archive.connection.execute("select key from article_list").fetchone()[0] == "uni-11"
    assert list(bench.path.parent.glob("*.before-*")) == []


def test_migration_that_fails_leaves_the_archive_as_it_was(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.read(11)
    bench.archive.close()
    monkeypatch.setattr(migrations, "_migrations", list(migrations._migrations))

    @migrations()
    def m900_broken(db: Any) -> None:
        db.execute("create table more (id integer primary key)")
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        Archive(bench.path, write=True)
    monkeypatch.undo()
    with Archive(bench.path, write=True) as archive:
        assert archive.article("uni-11")
        assert archive.connection.execute("select 1 from sqlite_master where name = 'more'").fetchall() == []


def test_article_is_found_by_key_and_by_any_address_of_it(bench: Bench) -> None:
    bench.read(11)
    found = bench.archive.article("uni-11")
    assert found is not None
    assert (found["sources"], json.dumps(found["revisions"][0]["number"])) == (["News Center"], "1")
    for address in (url_of(11), BASE + "content.jsp?wbtreeid=5&wbnewsid=11", "https://UNI.example/info/5/11.htm"):
        assert bench.archive.article(address) == found
    assert bench.archive.article("uni-12") is None
