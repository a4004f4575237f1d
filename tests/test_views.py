"""The views that researchers read: what each holds, with articles that changed, left, came back and are withheld."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_archive import Bench, article, listing, url_of
from test_translations import CHINESE, Both, chinese_url

from csu_news.archive.curation import release, withhold
from csu_news.archive.findings import open_finding
from csu_news.items import Outcome

HIDDEN = "uni-16"
LIST = "http://uni.example/news.htm"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Return two sites: English 11 to 16, of which 13 changed, 14 is gone, 16 is withheld; Chinese 21 to 23.

    11 and 21 are a pair, gone 14 and 23 too; 22's partner is withheld.
    """
    made = Both(tmp_path_factory.mktemp("views") / "archive.db")
    made.runs = {"uni": made.begin(*map(url_of, range(11, 17)))}
    made.site = CHINESE
    made.runs["uni-zh"] = made.begin(*map(chinese_url, (21, 22, 23)))
    made.english(11, chinese_url(21))
    made.english(12, published=None, sources=["News Center", "Library"], source_raw="News Center, Library")
    made.english(13, published="2021-02-03", sources=[], source_raw=None)
    made.english(13, published="2021-02-03", sources=[], source_raw=None, title="Mended")
    made.english(14, chinese_url(23))
    made.english(15, published="2021-02-28", sources=["The Library"], source_raw="The Library")
    made.english(16, chinese_url(22), title="Hidden")
    for news_id in (21, 22, 23):
        made.chinese(news_id)
    made.visit(url_of(14), outcome=Outcome.GONE, status=404)
    made.run.finish()
    now = "2026-03-01T12:00:00Z"
    open_finding(made.archive.connection, 1, now, "gate", "Held back.", url=url_of(16))
    open_finding(made.archive.connection, 1, now, "gate", "Held back.", url=url_of(15))
    open_finding(made.archive.connection, 1, now, "robots", "No address.")
    withhold(made.archive.connection, HIDDEN, "asked for", made.now)
    yield made
    made.archive.close()


VIEWS: dict[str, list[tuple[Any, ...]]] = {
    "key, status from article_list order by key": [
        ("uni-11", "live"),
        ("uni-12", "live"),
        ("uni-13", "live"),
        ("uni-14", "gone"),
        ("uni-15", "live"),
        ("uni-zh-21", "live"),
        ("uni-zh-22", "live"),
        ("uni-zh-23", "live"),
    ],
    "* from articles_per_month order by 1, 2, 3": [
        ("uni", "en", "2020-01", 2),
        ("uni", "en", "2021-02", 2),
        ("uni-zh", "zh", "2020-01", 3),
    ],
    "source, year, articles from articles_per_source_year order by source, year, articles": [
        ("Library", None, 1),
        ("Library", "2021", 1),
        ("News Center", None, 1),
        ("News Center", "2020", 2),
        ("News Center", "2020", 3),
    ],
    "en_key, zh_key, evidence from translation_pairs order by 1": [
        ("uni-11", "uni-zh-21", "link-en"),
        ("uni-14", "uni-zh-23", "link-en"),
    ],
    "key from untranslated_articles order by key": [("uni-12",), ("uni-13",), ("uni-15",), ("uni-zh-22",)],
    "key, title, revision_count from changed_articles": [("uni-13", "Mended", 2)],
    "key, title, gone_at from gone_articles": [("uni-14", "Title 14", "2026-03-01T12:00:00Z")],
    "kind, url from open_findings order by id": [("gate", url_of(15)), ("robots", None)],
    "key, title, source, published, site_title, language, archived_at from citations where key in ('uni-12', 'uni-14')"
    " order by key": [
        ("uni-12", "Title 12", "News Center, Library", None, None, "en", "2026-03-01T12:00:00Z"),
        ("uni-14", "Title 14", "News Center", "2020-01-08", None, "en", "2026-03-01T12:00:00Z"),
    ],
    "count(*) from citations": [(8,)],
}


@pytest.mark.parametrize("sql", VIEWS, ids=lambda sql: sql.split(" from ")[1].split()[0])
def test_view_holds(both: Both, sql: str) -> None:
    assert both.query(f"select {sql}") == VIEWS[sql]


def test_no_view_names_a_withheld_article(both: Both) -> None:
    for (name,) in both.query("select name from sqlite_master where type = 'view'"):
        told = str(both.query(f'select * from "{name}"'))
        assert "Hidden" not in told, name
        assert HIDDEN not in told, name
        assert url_of(16) not in told, name


def test_gaps_are_what_the_site_names_and_we_lack(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "archive.db")
    bench.visit(LIST, listing(*map(url_of, (1, 2, 3, 4))))
    bench.visit(url_of(1), article(url_of(1)))
    bench.visit(url_of(2), outcome=Outcome.FAILED)
    bench.visit(url_of(3), outcome=Outcome.GONE, status=404)
    gaps = "select url, kind, why, linked_from, rel from chain_gaps order by url"
    try:
        assert bench.query(gaps) == [
            (url_of(2), "article", "failing", LIST, "list"),
            (url_of(4), "article", "never fetched", LIST, "list"),
        ]
        assert bench.query("select url, is_sites_own from holes where is_sites_own") == [(url_of(3), 1)]
        withhold(bench.archive.connection, "uni-1", "asked for", bench.now)
        assert len(bench.query(gaps)) == 2, "a withheld article is no gap"
        release(bench.archive.connection, "uni-1", "withdrawn", bench.now)
        assert bench.query("select key from article_list") == [("uni-1",)]
    finally:
        bench.archive.close()
