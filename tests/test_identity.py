"""Which page speaks for an article when pages move, vanish, copy each other or go round in circles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_archive import BASE, Bench, article, listing, url_of

from csu_news.items import Outcome
from csu_news.urls import canonical_url


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive.db")
    yield made
    made.archive.close()


def stored(bench: Bench, news_id: int) -> tuple[str, str, str]:
    return bench.query("select url, status, body from articles where news_id = ?", news_id)[0]


def read(bench: Bench, *urls: str) -> None:
    """Have the list name these pages and read each."""
    bench.visit(BASE + "news.htm", listing(*urls))
    for url in urls:
        bench.visit(url, article(url))


def test_validators_are_those_of_the_last_answer_with_a_body(bench: Bench) -> None:
    url = url_of(12)
    bench.visit(BASE + "news.htm", listing(url))
    bench.visit(url, article(url), etag='"A"')
    bench.visit(url, article(url, body="B"))
    assert bench.page(url)["etag"] is None
    bench.visit(url, article(url), etag='"C"')
    bench.visit(url, outcome=Outcome.UNCHANGED, status=304)
    assert bench.page(url)["etag"] == '"C"'


def test_moved_article_is_read_where_it_is_now(bench: Bench) -> None:
    old, new = url_of(12, 5), url_of(12, 6)
    read(bench, old)
    bench.visit(old, outcome=Outcome.REDIRECT, redirect_url=new, status=301)
    assert new in bench.due()
    bench.visit(new, article(new, body="Edited after the move."))
    assert stored(bench, 12) == (new, "live", "Edited after the move.")
    assert bench.value("select column_id from pages where canonical = ?", canonical_url(new)) == 6


def test_article_lives_on_in_a_copy_and_is_gone_with_the_last(bench: Bench) -> None:
    first, copy = url_of(12, 5), url_of(12, 6)
    read(bench, first, copy)
    assert stored(bench, 12)[:2] == (first, "live")
    bench.visit(first, outcome=Outcome.GONE, status=404)
    assert stored(bench, 12)[:2] == (first, "live")
    assert copy in bench.due()
    assert bench.page(copy)["payload_sha256"] is None
    bench.visit(copy, article(copy, body="Edited in the copy."))
    assert stored(bench, 12) == (copy, "live", "Edited in the copy.")
    bench.visit(copy, outcome=Outcome.GONE, status=404)
    assert stored(bench, 12)[1] == "gone"


def test_article_whose_address_leads_to_a_missing_page_is_gone(bench: Bench) -> None:
    url, elsewhere = url_of(12), url_of(404)
    read(bench, url)
    bench.visit(url, outcome=Outcome.REDIRECT, redirect_url=elsewhere, status=302)
    bench.visit(elsewhere, outcome=Outcome.GONE, status=404)
    assert stored(bench, 12)[1] == "gone"


def test_redirect_to_another_article_is_a_finding(bench: Bench) -> None:
    url, other = url_of(12), url_of(13)
    read(bench, url)
    bench.visit(url, outcome=Outcome.REDIRECT, redirect_url=other, status=302)
    assert bench.query("select kind, url from open_findings") == [("redirect", url)]


@pytest.mark.parametrize("length", [2, 3, 5])
def test_redirects_in_a_circle_are_one_finding(bench: Bench, length: int) -> None:
    circle = [url_of(20 + n) for n in range(length)]
    bench.visit(BASE + "news.htm", listing(*circle))
    for here, there in zip(circle, circle[1:] + circle[:1], strict=True):
        bench.visit(here, outcome=Outcome.REDIRECT, redirect_url=there, status=302)
    assert bench.query("select kind, url from open_findings") == [("redirect loop", circle[-1])]
    assert bench.run.summary()["failed"] == 1


def test_start_from_a_part_starts_from_its_first_page(bench: Bench) -> None:
    bench.begin(f"{BASE}info/5/30_1.htm")
    assert url_of(30) in bench.due()
    parts = [f"{BASE}info/5/30_1.htm", f"{BASE}info/5/30_2.htm"]
    bench.visit(url_of(30), article(url_of(30), body="One.", parts=parts))
    bench.visit(parts[1], article(parts[1], news_id=30, body="Three."))
    bench.visit(parts[0], article(parts[0], news_id=30, body="Two."))
    assert stored(bench, 30)[2] == "One.\n\nTwo.\n\nThree."


@pytest.mark.parametrize("copy_first", [True, False])
def test_reference_copy_is_no_finding_whichever_comes_first(bench: Bench, copy_first: bool) -> None:
    copy, own = url_of(1002, 5), url_of(900, 6)
    bench.visit(BASE + "news.htm", listing(copy, own))
    pages = [(copy, article(copy, news_id=900, title="Title 900")), (own, article(own))]
    for url, page in pages if copy_first else pages[::-1]:
        bench.visit(url, page)
    assert bench.query("select * from open_findings") == []
    assert stored(bench, 900)[0] == own


@pytest.mark.parametrize("wrong_first", [True, False])
def test_page_in_the_place_of_another_is_a_finding_whichever_comes_first(bench: Bench, wrong_first: bool) -> None:
    wrong, own = url_of(2949), url_of(2663)
    bench.visit(BASE + "news.htm", listing(wrong, own))
    pages = [(wrong, article(wrong, news_id=2663, title="Title 2663")), (own, article(own))]
    for url, page in pages if wrong_first else pages[::-1]:
        bench.visit(url, page)
    assert bench.query("select kind, url from open_findings") == [("shows another article", wrong)]


def test_copy_with_another_title_is_a_finding(bench: Bench) -> None:
    first, copy = url_of(12, 5), url_of(12, 6)
    bench.visit(BASE + "news.htm", listing(first, copy))
    bench.visit(first, article(first))
    bench.visit(copy, article(copy, title="Something else"))
    assert bench.query("select kind, url from open_findings") == [("reads otherwise", copy)]


def test_start_that_failed_is_tried_again_when_it_is_named_again(bench: Bench) -> None:
    url = url_of(12)
    bench.begin(url)
    bench.visit(url, outcome=Outcome.GONE, status=404)
    assert url not in bench.due()
    bench.begin(url)
    assert url in bench.due()


def test_column_of_a_start_without_one_is_learned_from_its_page(bench: Bench) -> None:
    url = f"{BASE}content.jsp?wbnewsid=12"
    bench.begin(url)
    bench.visit(url, article(url, news_id=12, column_id=9, list_url=f"{BASE}other.htm"))
    assert f"{BASE}other.htm" in bench.due()
    assert bench.value("select count(*) from columns where column_id = 9") == 1
