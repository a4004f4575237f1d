"""Translations by links: two sites crawled side by side, every pair compared with the model; nobody else's pages."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import Ran, differences, modelled, query, run
from test_archive import Bench, article, url_of
from test_crawl import pages

from csu_news.items import Link
from csu_news.replica import ReplicaServer, ReplicaSite, pair
from csu_news.sites import SITES, Column, Site

Serve = Callable[..., ReplicaServer]
Crawl = Callable[..., Ran]
PAIRS = "select en_key, zh_key, evidence, score from translation_pairs order by 1"


def linked_sites(articles: int = 40, seed: int = 6) -> tuple[ReplicaSite, ReplicaSite]:
    english, chinese = (ReplicaSite(language, articles=articles, seed=seed) for language in ("en", "zh"))
    pair(english, chinese)
    return english, chinese


def modelled_pairs(english: ReplicaSite, chinese: ReplicaSite, evidence: str = "link-both") -> list[tuple[Any, ...]]:
    """Return what view translation_pairs should hold."""
    numbers = [n for n in range(english.size) if english.counterpart(n) == n]
    ids = [(english.calendar.id_of(n), chinese.calendar.id_of(n)) for n in numbers]
    return [(f"demo-en-{en}", f"demo-zh-{zh}", evidence, None) for en, zh in sorted(ids)]


def test_two_sites_crawled_together_give_every_pair_of_the_model_and_no_other(
    serve: Serve, crawl: Crawl, db: Path
) -> None:
    english, chinese = linked_sites()
    server = serve(english, chinese)
    ran = crawl(english, chinese)
    assert (ran.code, ran.err) == (0, "")
    for site, name in ((english, "demo-en"), (chinese, "demo-zh")):
        assert differences(db, modelled(site, name), name) == []
        assert len(set(pages(server, site))) == len(pages(server, site)), "each page once"
    expected = modelled_pairs(english, chinese)
    assert query(db, PAIRS) == expected
    assert len(expected) > 10
    (untranslated,) = query(db, "select count(*) from untranslated_articles")
    assert untranslated == (80 - 2 * len(expected),)
    first = {site: next(i for i, r in enumerate(server.requests) if r.site is site) for site in (english, chinese)}
    last = {site: max(i for i, r in enumerate(server.requests) if r.site is site) for site in (english, chinese)}
    assert max(first.values()) < min(last.values()), "side by side, not one after the other"


WITHOUT_COLUMNS = """
import sys
from dataclasses import replace
from csu_news.cli import main
from csu_news.replica import ReplicaSite
from csu_news.sites import SITES
SITES["demo-en"] = ReplicaSite("en", 1).profile(sys.argv[1])
SITES["demo-zh"] = replace(ReplicaSite("zh", 1).profile(sys.argv[2]), columns=())
main(sys.argv[3:], prog_name="csu-news")
"""


@pytest.fixture
def crawl_known(db: Path) -> Callable[..., Ran]:
    """Return a function that crawls sites by name, where of the Chinese one nothing but its host is known."""

    def start(english: ReplicaSite, chinese: ReplicaSite, *names: str) -> Ran:
        command = (sys.executable, "-c", WITHOUT_COLUMNS, english.base_url, chinese.base_url)
        return run("crawl", *names, "--db", str(db), "--delay", "0", "--json", command=command)

    return start


@pytest.mark.parametrize("names", [("demo-en", "demo-zh"), ("demo-zh", "demo-en")])
def test_translations_of_a_site_that_is_crawled_beside_are_had_in_the_same_run(
    serve: Serve, crawl_known: Callable[..., Ran], db: Path, names: tuple[str, str]
) -> None:
    english, chinese = linked_sites(30)
    server = serve(english, chinese)
    ran = crawl_known(english, chinese, *names)
    assert (ran.code, ran.err) == (0, "")
    expected = modelled_pairs(english, chinese)
    assert query(db, PAIRS) == expected
    articles = [path for path in pages(server, chinese) if re.fullmatch(r"/info/\d+/\d+\.htm", path)]
    assert len(articles) == len(expected), "the translations, and nothing beside them"
    assert ran.document["seconds"] < 20


def test_translations_of_a_site_that_is_not_crawled_wait_until_it_is(
    serve: Serve, crawl_known: Callable[..., Ran], db: Path
) -> None:
    english, chinese = linked_sites(30)
    server = serve(english, chinese)
    assert crawl_known(english, chinese, "demo-en").code == 0
    expected = modelled_pairs(english, chinese)
    assert pages(server, chinese) == []
    assert query(db, PAIRS) == []
    assert query(db, "select count(*) from pages where site = 'demo-zh' and due_at is not null") == [(len(expected),)]
    assert crawl_known(english, chinese, "demo-zh").code == 0
    assert query(db, PAIRS) == expected


def test_site_that_looks_like_ours_on_another_host_is_never_followed(serve: Serve, crawl: Crawl, db: Path) -> None:
    """The English site links to a clone: same paths, same words; the true one is known, and crawled."""
    english, clone = linked_sites(30)
    true = ReplicaSite("zh", articles=30, seed=6)
    server = serve(english, clone, true)
    assert crawl(english, true).code == 0
    linked = query(db, "select count(*) from links where rel = 'translation' and to_url like '%/info/%'")
    assert linked != [(0,)]
    assert server.paths(clone) == []
    assert query(db, "select count(*) from pages where url like ?", f"{clone.base_url}%") == [(0,)]
    assert query(db, PAIRS) == []


# -- visit by visit ----------------------------------------------------------------------------

CHINESE = Site(
    name="uni-zh", base_url="http://zh.example/", language="zh", owner=8, columns=(Column(3),), hosts=("zh.example",)
)


def chinese_url(news_id: int) -> str:
    return f"http://zh.example/info/3/{news_id}.htm"


class Both(Bench):
    """An archive of two sites; `english` and `chinese` store an article that links to others."""

    def english(self, news_id: int, *linked: str, **fields: Any) -> None:
        self.run = self.runs["uni"]
        url = url_of(news_id)
        links = [Link(each, "中文版", language="zh", kind="article") for each in linked]
        self.visit(url, article(url, translations=links, **fields))

    def chinese(self, news_id: int, *linked: str, **fields: Any) -> None:
        self.run = self.runs["uni-zh"]
        url = chinese_url(news_id)
        links = [Link(each, "English", language="en", kind="article") for each in linked]
        self.visit(url, article(url, owner=8, language="zh", translations=links, **fields))

    def pairs(self) -> list[tuple[Any, ...]]:
        return self.query("select en_key, zh_key, evidence from translation_pairs order by 1, 2")


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    made = Both(tmp_path / "archive.db")
    made.runs = {"uni": made.begin(*map(url_of, (11, 12)))}
    made.site = CHINESE
    made.runs["uni-zh"] = made.begin(*map(chinese_url, (21, 22)))
    yield made
    made.archive.close()


def test_evidence_says_which_side_links(both: Both) -> None:
    both.english(11, chinese_url(21))
    assert both.pairs() == [], "one side is not there yet"
    both.chinese(21)
    assert both.pairs() == [("uni-11", "uni-zh-21", "link-en")]
    both.chinese(21, url_of(11))
    assert both.pairs() == [("uni-11", "uni-zh-21", "link-both")]
    both.english(11)
    assert both.pairs() == [("uni-11", "uni-zh-21", "link-zh")]
    both.chinese(21)
    assert both.pairs() == [], "a link that was taken away is no evidence"


def test_links_to_two_articles_are_two_pairs(both: Both) -> None:
    both.chinese(21)
    both.chinese(22)
    both.english(11, chinese_url(21), chinese_url(22))
    assert both.pairs() == [("uni-11", "uni-zh-21", "link-en"), ("uni-11", "uni-zh-22", "link-en")]


def test_withheld_article_is_in_no_pair_that_is_shown_and_comes_back(both: Both) -> None:
    from csu_news.archive.curation import release, withhold

    both.chinese(21)
    both.english(11, chinese_url(21))
    withhold(both.archive.connection, "uni-zh-21", "asked for", both.now)
    assert both.pairs() == []
    both.english(11, chinese_url(21), title="Another")
    release(both.archive.connection, "uni-zh-21", "withdrawn", both.now)
    assert both.pairs() == [("uni-11", "uni-zh-21", "link-en")]


def test_article_that_is_gone_keeps_its_partner(both: Both) -> None:
    from csu_news.items import Outcome

    both.english(11, chinese_url(21))
    both.chinese(21)
    both.visit(chinese_url(21), outcome=Outcome.GONE, status=404)
    assert both.value("select status from articles where key = 'uni-zh-21'") == "gone"
    assert both.pairs() == [("uni-11", "uni-zh-21", "link-en")]


@pytest.mark.parametrize(
    "url",
    ["http://zh.example:8080/info/3/21.htm", "http://zh.example@evil.example/info/3/21.htm", "http://zh.example/"],
)
def test_other_hosts_and_home_pages_are_not_followed(both: Both, url: str) -> None:
    before = both.value("select count(*) from pages")
    both.english(11, url)
    assert both.query("select to_url, to_id from links where rel = 'translation'") == [(url, None)]
    assert both.value("select count(*) from pages") == before


def test_profile_of_the_program_is_known_without_a_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SITES, "uni-zh", CHINESE)
    bench = Both(tmp_path / "archive.db")
    bench.runs = {"uni": bench.begin(url_of(11))}
    bench.english(11, chinese_url(21))
    assert tuple(bench.page(chinese_url(21)))[3:5] == ("uni-zh", "article")
    assert [site["name"] for site in bench.archive.sites()] == ["uni", "uni-zh"]
    bench.archive.close()


def test_links_are_resolved_when_their_site_becomes_known(tmp_path: Path) -> None:
    bench = Both(tmp_path / "archive.db")
    bench.runs = {"uni": bench.begin(url_of(11))}
    bench.english(11, chinese_url(21))
    bench.site = CHINESE
    bench.runs["uni-zh"] = bench.begin()
    assert bench.due() == [chinese_url(21)]
    bench.chinese(21)
    assert bench.pairs() == [("uni-11", "uni-zh-21", "link-en")]
    bench.archive.close()
