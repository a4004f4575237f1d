"""The Atom feed: what happened last, in words that other programs read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from driving import Ran
from test_archive import LIST, Bench, article, listing, url_of
from test_archive import bench as bench

from csu_news.exporters.atom import Entry, atom, event_entry
from csu_news.items import Outcome
from csu_news.replica import ReplicaServer, ReplicaSite

feedparser = pytest.importorskip("feedparser", reason="feedparser is not installed")


def feed_of(bench: Bench) -> bytes:
    return atom("urn:x:uni", "Uni", "http://uni.example/", map(event_entry, bench.archive.events("uni")))


def told(bench: Bench) -> list[tuple[str, str]]:
    return [(event["kind"], event["key"]) for event in bench.archive.events("uni")]


def later(bench: Bench, **much: int) -> None:
    """End the run and begin another after that time."""
    bench.run.finish()
    bench.now += timedelta(**much)
    bench.begin()


# -- which events ------------------------------------------------------------------------------


def test_events_are_newest_first(bench: Bench) -> None:
    bench.read(1, 2, 3)
    later(bench, days=1)
    bench.visit(url_of(1), article(url_of(1), title="Another title", body="Another text."))
    later(bench, days=1)
    bench.visit(url_of(2), outcome=Outcome.GONE, status=404)
    events = [(e["kind"], e["key"], e["number"], e["title"], e["at"][:10]) for e in bench.archive.events("uni")]
    assert events == [
        ("gone", "uni-2", None, "Title 2", "2026-03-03"),
        ("changed", "uni-1", 2, "Another title", "2026-03-02"),
        ("new", "uni-3", 1, "Title 3", "2026-03-01"),
        ("new", "uni-2", 1, "Title 2", "2026-03-01"),
        ("new", "uni-1", 1, "Title 1", "2026-03-01"),
    ]


def test_first_crawl_tells_the_newest_articles_though_it_took_the_oldest_last(bench: Bench) -> None:
    ids = range(60, 0, -1)
    bench.visit(LIST, listing(*map(url_of, ids)))
    for news_id in ids:
        bench.now += timedelta(seconds=1)
        published = f"20{news_id:02}-01-08"
        bench.visit(url_of(news_id), article(url_of(news_id), published=published))
    assert {key for _, key in told(bench)} == {f"uni-{news_id}" for news_id in range(11, 61)}


def test_withheld_article_is_in_no_feed(bench: Bench) -> None:
    bench.read(1, 2)
    bench.visit(url_of(1), article(url_of(1), title="A secret"))
    later(bench, days=1)
    bench.archive.connection.execute("update articles set status = 'withheld' where key = 'uni-1'")
    assert told(bench) == [("new", "uni-2")]
    bench.visit(url_of(1), outcome=Outcome.GONE, status=404)
    assert told(bench) == [("new", "uni-2")]
    assert b"secret" not in feed_of(bench)


def test_feed_of_the_same_archive_has_the_same_bytes(bench: Bench) -> None:
    assert feed_of(bench) == feed_of(bench)
    bench.read(1, 2)
    before = feed_of(bench)
    later(bench, days=1)
    bench.visit(url_of(1), outcome=Outcome.UNCHANGED, status=304)
    assert feed_of(bench) == before


def test_feed_is_told_in_time(bench: Bench) -> None:
    """Fifty thousand revisions, most of them of a first crawl."""
    bench.read(1)
    connection = bench.archive.connection
    names = {
        table: ", ".join(
            row["name"] for row in connection.execute(f"pragma table_info({table})") if row["name"] != "id"
        )
        for table in ("articles", "revisions")
    }
    numbers = "with recursive n(i) as (select 100 union all select i + 1 from n where i < 50000)"
    with connection:
        connection.execute(
            f"{numbers} insert into articles (id, {names['articles']})"
            f" select i, {names['articles'].replace('key,', 'key || i,', 1)} from n, articles where articles.id = 1"
        )
        connection.execute(
            f"{numbers} insert into revisions ({names['revisions']})"
            f" select {names['revisions'].replace('article_id,', 'i,', 1)} from n, revisions"
        )
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 1000)
    assert len(bench.archive.events("uni")) == 50
    connection.set_progress_handler(None, 0)
    assert steps < 100 * 50


# -- the format --------------------------------------------------------------------------------

ODD = "\x00\x08Tab\tand ]]> <b>&amp;</b> \ud800 中南大学 🎓 \uffff\x7f"


@pytest.mark.parametrize("text", [ODD, "", "x" * 400, "\x0b", "<![CDATA[ ]]>"], ids=ascii)
def test_any_text_is_valid_xml(text: str) -> None:
    event = {"kind": "gone", "at": "2026-03-01T12:00:00Z", "number": None, "key": "uni-1", "url": f"http://h/?{text}"}
    event |= {"title": text, "published": None, "body": text}
    content = atom("urn:x:uni", f"Uni {text}", f"http://h/{text}", [event_entry(event)])
    read = feedparser.parse(content)
    assert not read.bozo, read.bozo_exception
    (entry,) = read.entries
    assert entry.id == "urn:csu-news:uni-1:gone:2026-03-01T12:00:00Z"
    assert entry.updated == "2026-03-01T12:00:00+00:00"
    assert entry.title.startswith("Gone:")
    assert "published" not in entry
    assert len(entry.get("summary", "")) <= 301


def test_feed_without_entries_is_valid() -> None:
    read = feedparser.parse(atom("urn:x:uni", "Uni", "http://uni.example/", []))
    assert not read.bozo
    assert read.feed.id == "urn:x:uni"


def test_entry_says_what_it_was_given() -> None:
    given = Entry(
        "urn:x:1", "中南大学 🎓", "http://h/?a=1&b=2", "2026-03-01T12:00:00Z", "2026-02-28T00:00:00Z", "a < b"
    )
    (entry,) = feedparser.parse(atom("urn:x", "X", "http://h/", [given])).entries
    assert (entry.id, entry.title, entry.link, entry.summary) == (given.id, given.title, given.url, "a < b")
    assert (entry.updated, entry.published) == ("2026-03-01T12:00:00+00:00", "2026-02-28T00:00:00+00:00")


# -- crawl --feed ------------------------------------------------------------------------------


def test_crawl_writes_the_feed(crawl: Callable[..., Ran], serve: Callable[..., ReplicaServer], tmp_path: Path) -> None:
    site = ReplicaSite("en", articles=4)
    serve(site)
    folder = tmp_path / "to" / "feeds"
    options = ("--feed", str(folder), "--full")
    assert crawl(site, options=options).code == 0
    path = folder / "demo-en.atom"
    first = path.stat()
    assert (first.st_mode & 0o777, len(feedparser.parse(path.read_bytes()).entries)) == (0o644, 4)

    assert crawl(site, options=options).code == 0
    assert path.stat().st_ino == first.st_ino  # nothing changed, nothing written

    one, other, *_ = (found["news_id"] for found in site.articles())
    site.publish()
    site.edit(one, title="Another title")
    site.delete(other)
    crawl(site, options=options)
    titles = [entry.title for entry in feedparser.parse(path.read_bytes()).entries]
    assert len(titles) == 7
    assert sorted(title.split(":")[0] for title in titles[:3] if ": " in title) == ["Changed", "Gone"]
    assert [found.name for found in folder.iterdir()] == ["demo-en.atom"]


def test_folder_that_cannot_be_written_is_told_before_the_crawl(
    crawl: Callable[..., Ran], tmp_path: Path, db: Path
) -> None:
    (tmp_path / "file").touch()
    done = crawl("http://127.0.0.1:9/list.htm", options=("--feed", str(tmp_path / "file")))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "nothing can be written to the folder" in done.err
    assert not db.exists()
