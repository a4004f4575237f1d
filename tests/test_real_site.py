"""Crawls of one real VSB site, mirrored as a static tree, which is not part of this project.

`CSU_NEWS_REAL_PAGES` names the folder, by default `../shared/real` beside the project; `site/` is the tree.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from driving import Ran, open_database, query, run

from csu_news.archive import Archive
from csu_news.items import Article
from csu_news.pages import read_page

Crawl = Callable[..., Ran]

ROOT = Path(__file__).resolve().parents[1]
REAL = Path(os.environ.get("CSU_NEWS_REAL_PAGES", ROOT.parent / "shared" / "real"))
SITE = REAL / "site"

pytestmark = pytest.mark.skipif(not SITE.exists(), reason=f"no real site at {REAL} (CSU_NEWS_REAL_PAGES)")

OWNER = 1662274082
# id and what the page prints as its time, read by eye
COLUMN_1014 = {
    1167: "2019-01-16T11:13:41",
    1169: "2019-01-16T11:14:20",
    1170: "2019-01-16T11:14:54",
    1171: "2019-01-16T11:15:45",
    1172: "2019-01-16T11:16:16",
    1173: "2019-01-16T11:17:15",
    1174: "2019-01-16T11:18:20",
    1175: "2019-01-16T11:20:06",
    1177: "2019-05-20T11:20:46",
    1178: "2019-05-20T11:21:14",
    2663: "2020-12-21T16:12:57",
}
# list page and the articles that the mirror has of those it names, by column
LISTS = {
    "rczc.htm": {1014: 11, 1015: 4, 1016: 2},
    "bsh/tzgg.htm": {1031: 1},
    "fwzn.htm": {1021: 1, 1022: 2, 1023: 1},
    "xzzq.htm": {1041: 1},
    "rczp/lwpq.htm": {1213: 6},
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the tree and return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("start", ["rczc/zcfg.htm", "info/1014/1173.htm"])
def test_column_is_archived_from_its_list_and_from_an_article(crawl: Crawl, db: Path, url: str, start: str) -> None:
    ran = crawl(url + start, options=("--no-media",))
    assert (ran.code, ran.err) == (1, "")
    counts = [ran.document[name] for name in ("outcome", "articles", "new", "failed", "gone", "findings")]
    assert counts == ["incomplete", 11, 11, 0, 0, 1]
    assert ran.document["requests"] == 14, "robots.txt, the list and the 12 pages that it names"
    found = query(db, "select kind, url, detail from open_findings")
    assert found == [("shows another article", f"{url}info/1014/2949.htm", "shows another article: 2663")]
    facts = query(db, "select news_id, published_at, published, column_id, owner, language from articles order by 1")
    assert facts == [(news_id, f"{time}+08:00", time[:10], 1014, OWNER, "zh") for news_id, time in COLUMN_1014.items()]
    compare_with_pages(db, url)
    with Archive(db) as archive:
        (column,) = archive.audit().columns
    assert (column.reasons, len(column.chain.segments), column.chain.direction) == ([], 1, "prev")
    assert {link.target for link in column.chain.one_way} == {f"{url}info/1014/{n}.htm" for n in (2949, 1178)}


def test_audit_counts_what_the_mirror_lacks(crawl: Crawl, db: Path, url: str) -> None:
    crawl(url + "rczp/lwpq.htm", options=("--no-media",))
    with Archive(db) as archive:
        (column,) = archive.audit().columns
    assert column.listed is not None
    held, named = column.articles, len(column.site_holes)
    assert (column.listed.total, held, named) == (53, 6, 4)
    assert column.reasons == [f"list counts {53 - held - named} more"]


def compare_with_pages(db: Path, url: str) -> None:
    """Hold each article against its file, read without a crawl."""
    connection = open_database(db)
    rows = connection.execute("select * from articles").fetchall()
    for row in rows:
        assert row["url"].startswith(url)
        page = read_page((SITE / row["url"].removeprefix(url)).read_bytes(), row["url"])
        assert isinstance(page, Article)
        assert page.title
        for name in ("title", "source_raw", "published_raw", "body", "body_html"):
            assert row[name] == getattr(page, name)
        assert json.loads(row["sources"]) == page.sources
        assert row["prev_url"] == (page.prev.url if page.prev else None)
        assert row["next_url"] == (page.next.url if page.next else None)
        media = [*(image.url for image in page.images), *(file.url for file in page.attachments), *page.videos]
        stored = connection.execute("select url from media where article_id = ? order by position", (row["id"],))
        assert [found["url"] for found in stored] == media
    connection.close()


@pytest.mark.parametrize("start", LISTS)
def test_other_lists_are_archived_with_what_the_mirror_has(crawl: Crawl, db: Path, url: str, start: str) -> None:
    ran = crawl(url + start, options=("--no-media",))
    assert ran.err == ""
    assert ran.document["failed"] == 0
    assert ran.code == (1 if ran.document["findings"] else 0)
    assert dict(query(db, "select column_id, count(*) from articles group by column_id")) == LISTS[start]
    assert [kind for (kind,) in query(db, "select kind from open_findings")] == ["shows another article"] * (
        start == "rczc.htm"
    )
    assert query(db, "select count(*) from pages where state not in ('ok', 'gone')") == [(0,)]
    compare_with_pages(db, url)


@pytest.mark.parametrize("start", ["rczc/zcfg.htm", "info/1014/1173.htm"])
def test_profile_that_a_probe_makes_archives_the_column(db: Path, tmp_path: Path, url: str, start: str) -> None:
    profile = tmp_path / "site.toml"
    probed = run("probe", url + start, "-o", str(profile), "--delay", "0", "--json")
    assert (probed.code, probed.err) == (0, "")
    assert probed.document["requests"] <= 6
    assert probed.document["troubles"] == []
    (column,) = probed.document["columns"]
    assert (column["column_id"], column["list_url"]) == (1014, f"{url}rczc/zcfg.htm")
    for found in probed.document["articles"]:
        news_id = int(found["url"].rpartition("/")[2].removesuffix(".htm"))
        assert found["date"] == f"{COLUMN_1014.get(news_id) or COLUMN_1014[2663]}+08:00"
    ran = run("crawl", "--site-file", str(profile), "--db", str(db), "--delay", "0", "--no-media", "--json")
    assert (ran.code, ran.err, ran.document["articles"], ran.document["requests"]) == (1, "", 11, 14)
    assert query(db, "select distinct owner from articles") == [(OWNER,)]
    compare_with_pages(db, url)
