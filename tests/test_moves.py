"""A site that moves to another host: the same articles, nothing fetched twice, old addresses still found."""

from __future__ import annotations

import sys
from pathlib import Path

from driving import archived, differences, modelled, query, run
from test_crawl import first_lists, newest_paths, pages

from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.sites import Site

MOVED = """
import sys
from dataclasses import replace
from csu_news.cli import main
from csu_news.replica import ReplicaSite
from csu_news.sites import SITES
profile = ReplicaSite("en", 1).profile(sys.argv[1])
SITES["demo-en"] = replace(profile, former_hosts=tuple(filter(None, [sys.argv[2]])))
main(sys.argv[3:], prog_name="csu-news")
"""


def host(url: str) -> str:
    return url.split("/")[2]


def test_site_that_moved_keeps_every_article_and_is_not_fetched_again(tmp_path: Path) -> None:
    db, site = tmp_path / "archive.db", ReplicaSite("en", articles=40, seed=3, rows_per_page=10)

    def crawl(former: str) -> tuple[int, str, dict[str, int]]:
        command = (sys.executable, "-c", MOVED, site.base_url, former)
        ran = run("crawl", "demo-en", "--db", str(db), "--delay", "0", "--json", command=command)
        return ran.code, ran.err, ran.document

    with ReplicaServer(site) as server:
        old = server.url
        assert crawl("")[:2] == (0, "")
    before = archived(db)
    keys = "select key, revision_count, first_seen_at from articles order by key"
    first = query(db, keys)
    with ReplicaServer(site) as server:  # the old port is closed
        assert host(server.url) != host(old)
        code, err, document = crawl(host(old))
        assert (code, err) == (0, "")
        assert (document["new"], document["changed"], document["articles"]) == (0, 0, 40)
        assert sorted(pages(server)) == sorted(["/robots.txt", *first_lists(site), *newest_paths(site)])
        assert not [path for path in server.paths() if "__local" in path], "no picture twice"
    assert query(db, keys) == first
    assert archived(db).keys() == before.keys()
    assert differences(db, modelled(site, "demo-en")) == []
    for table, column in (("pages", "url"), ("pages", "canonical"), ("articles", "url"), ("media", "url")):
        assert query(db, f"select count(*) from {table} where instr({column}, ?)", host(old)) == [(0,)]
    path = site.path_of(5)
    for address in (old + path[1:], old.replace("http://", "https://") + path[1:], site.base_url + path[1:]):
        assert run("show", address, "--db", str(db), "--json").document["key"] == f"demo-en-{site.calendar.id_of(5)}"
    verified = run("verify", "--db", str(db))
    assert (verified.code, verified.err) == (0, ""), verified.out
    reread = run("reparse", "--db", str(db), "--json")
    assert reread.code == 0, reread.out
    assert query(db, keys) == first


def test_links_to_former_hosts_lead_to_the_present_one() -> None:
    site = Site("uni", base_url="https://new.example/", hosts=("new.example",), former_hosts=("old.example", "a:81"))
    assert site.at_home("http://OLD.example/info/1/2.htm?a=b#c") == "https://new.example/info/1/2.htm?a=b#c"
    assert site.at_home("http://a:81/") == "https://new.example/"
    for other in ("http://old.example.evil/", "http://a/", "http://[", "javascript:;"):
        assert site.at_home(other) == other
