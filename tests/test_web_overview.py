"""The pages about the archive as a whole: health, sources, timeline, feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from browsing import SECRET, Reader, hide, reading
from test_archive import LIST, Bench, article, bench, listing, url_of

from csu_news.archive import Archive
from csu_news.items import Outcome
from csu_news.web.charts import line, pieces

__all__ = ["bench"]

feedparser = pytest.importorskip("feedparser", reason="reads the feed; part of the extra test-all")

PROBE = "<script>alert(1)</script>"


def fill(bench: Bench) -> Bench:
    """Make four articles, one changed, one gone, one failing; one has two sources, one no date."""
    bench.visit(LIST, listing(*map(url_of, range(1, 6))))
    bench.visit(url_of(1), article(url_of(1), published="2021-02-03", sources=["Graduate School", "News Center"]))
    bench.visit(url_of(2), article(url_of(2), published="2021-12-31", sources=["News Center"]))
    bench.visit(url_of(3), article(url_of(3), published=None))
    bench.visit(url_of(4), article(url_of(4), published="2023-01-01", title=PROBE, sources=[PROBE]))
    bench.visit(url_of(5), outcome=Outcome.ERROR, status=500)
    bench.run.report("odd", f"It says {PROBE}.", f"{url_of(5)}?{PROBE}")
    bench.run.finish()
    bench.now += timedelta(days=10)
    bench.begin()
    bench.visit(url_of(1), article(url_of(1), published="2021-02-03", title="Second title", sources=["News Center"]))
    bench.visit(url_of(2), outcome=Outcome.GONE, status=404)
    bench.run.finish()
    return bench


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    bench = fill(Bench(tmp_path_factory.mktemp("site") / "archive.db"))
    with reading(bench.path) as made:
        made.site.verdict.last()
        made.site.verdict.settle()
        yield made
    bench.archive.close()


PAGES = (
    ("/-/health", ["To look at", '<strong lang="en">odd</strong>', "Missing in uni", url_of(5), "Fields read"]),
    ("/-/health?lang=zh", ["运行状况", "不完整", "各次采集读出的字段", "最近的采集"]),
    ("/-/sources", ["News Center", "/-/search?source=News+Center", "2021"]),
    ("/-/sources?lang=zh", ["文章署名的部门与媒体"]),
    ("/-/timeline", ["/-/search?since=2021-12&amp;until=2021-12", "1 article has no date.", ">2022<"]),
    ("/-/timeline?lang=zh", ["时间线", "有 1 篇文章没有日期。"]),
)


@pytest.mark.parametrize(("path", "texts"), PAGES, ids=[path for path, _ in PAGES])
def test_page_says(reader: Reader, path: str, texts: list[str]) -> None:
    shown = reader.text(path)
    assert [text for text in texts if text not in shown] == []
    assert PROBE not in shown


def test_health_shows_what_the_audit_found(reader: Reader) -> None:
    with Archive(Path(reader.site.archive.path)) as archive:
        audit = archive.audit()
    shown = reader.text("/-/health")
    assert f'<strong class="{audit.verdict}">{audit.verdict}</strong>' in shown
    assert audit.fingerprint.sha256 in shown
    for column in audit.columns:
        assert f'column={column.column_id}">' in shown
        assert all(hole.url in shown for hole in column.gaps)


def test_numbers_lead_to_as_many_articles(reader: Reader) -> None:
    for path in ("/-/timeline", "/-/sources"):
        found = re.findall(
            r'href="(/-/search[^"]+)"(?: aria-label="[^"]*")?>(?:([\d,]+)</a>|.*?</a>.*?number">([\d,]+)<)',
            reader.text(path),
        )
        assert found
        for href, linked, beside in found:
            number = int((linked or beside).replace(",", ""))
            assert f"{number} article" in reader.text(href.replace("&amp;", "&")), (href, number)


def test_feed_is_one_that_readers_know(reader: Reader) -> None:
    answer = reader.get("/-/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert {entry.title for entry in feed.entries} >= {"Changed: Second title", "Gone: Title 2", "Title 3"}
    assert [entry.updated for entry in feed.entries] == sorted((e.updated for e in feed.entries), reverse=True)
    one = feedparser.parse(reader.get("/-/feed.atom?site=uni").content)
    assert [entry.id for entry in one.entries] == [entry.id for entry in feed.entries]
    reader.text("/-/feed.atom?site=nowhere", 404)


def test_withheld_articles_are_nowhere(bench: Bench) -> None:
    bench.visit(LIST, listing(url_of(1), url_of(2)))
    bench.visit(url_of(1), article(url_of(1), title=SECRET, body=SECRET, sources=[SECRET], published="2019-01-01"))
    bench.visit(url_of(2), article(url_of(2)))
    bench.run.report("odd", SECRET, url_of(1))
    bench.run.finish()
    hide(bench, "uni-1")
    with reading(bench.path) as reader:
        reader.site.verdict.last()
        reader.site.verdict.settle()
        for path in ("/-/health", "/-/sources", "/-/timeline", "/-/feed.atom"):
            shown = reader.text(path)
            assert SECRET not in shown
            assert "2019" not in shown
            assert "/1.htm" not in shown


def test_pages_of_an_empty_archive(bench: Bench) -> None:
    with reading(bench.path) as reader:
        for path in ("/-/health", "/-/sources", "/-/timeline", "/-/feed.atom"):
            reader.text(path)


@pytest.mark.parametrize(
    ("values", "points"),
    [([], ""), ([1.0], "0.0,1.0 120.0,1.0"), ([1.0, 0.0], "0.0,1.0 120.0,19.0")],
)
def test_line_goes_through_its_values(values: list[float], points: str) -> None:
    assert f'points="{points}"' in line(values)


@pytest.mark.parametrize(("counts", "drawn"), [([], 0), ([5], 1), ([5, 1], 2), ([1] * 1000, 1)])
def test_chain_is_drawn_in_its_pieces(counts: list[int], drawn: int) -> None:
    assert pieces(counts).count("<path") == drawn
