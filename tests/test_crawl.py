"""Whole crawls: a real server, a real process, the archive compared with the model field by field."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from driving import Ran, archived, differences, modelled, query, run
from handmade import GONE, Answer, article, listing, served

from csu_news.replica import ReplicaServer, ReplicaSite, pair

Serve = Callable[..., ReplicaServer]
Crawl = Callable[..., Ran]
LANGUAGES = ("en", "zh")
PAGE = re.compile(r"\.htm$|^/robots\.txt$")
DOCUMENT = [
    *("run", "outcome", "articles", "new", "changed", "unchanged", "gone", "failed", "requests", "findings"),
    "seconds",
]


def pages(server: ReplicaServer, site: ReplicaSite | None = None) -> list[str]:
    """Return the pages asked for, without pictures and files."""
    return [path for path in server.paths(site) if PAGE.search(path)]


def site_pages(site: ReplicaSite, column: int | None = None) -> list[str]:
    """Return each page of the site that a crawl must ask for: robots.txt, lists, articles, parts."""
    found = ["/robots.txt"]
    for number, section in enumerate(site.sections):
        if column in (None, section.column_id):
            count = -(-site.order.count(number) // site.rows_per_page)
            found += [f"/{section.path}.htm", *(f"/{section.path}/{n}.htm" for n in range(1, count))]
    for expected in site.articles():
        if column in (None, expected["column_id"]):
            found += [expected["path"], *expected["parts"]]
    return found


def newest_paths(site: ReplicaSite) -> list[str]:
    return [site.path_of(next(site.order.newest_first(column, 0, 1))) for column in (0, 1)]


def first_lists(site: ReplicaSite) -> list[str]:
    return [f"/{section.path}.htm" for section in site.sections]


def unprofiled_name(site: ReplicaSite) -> str:
    return site.base_url.split("/")[2].replace(":", "-")


def findings(db: Path) -> list[str]:
    return [kind for (kind,) in query(db, "select kind from findings where resolved_at is null order by kind")]


# -- a whole site ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_profile_archives_every_article_as_the_model_has_it(
    serve: Serve, crawl: Crawl, db: Path, language: str
) -> None:
    site = ReplicaSite(language, articles=150, seed=3, rows_per_page=10)
    server = serve(site)
    ran = crawl(site)
    assert (ran.code, ran.err) == (0, "")
    assert differences(db, modelled(site, f"demo-{language}")) == []
    assert sorted(pages(server)) == sorted(site_pages(site)), "each page once, and no other"
    document = ran.document
    assert list(document) == DOCUMENT
    assert document | {"requests": 0, "seconds": 0} == {
        "run": 1,
        "outcome": "complete",
        "articles": 150,
        "new": 150,
        "changed": 0,
        "unchanged": 0,
        "gone": 0,
        "failed": 0,
        "requests": 0,
        "findings": 0,
        "seconds": 0,
    }
    assert document["requests"] == len(server.requests)
    assert query(db, "select count(*) from fetches") == [(document["requests"],)]


@pytest.mark.parametrize("options", [{"noise": True}, {"stale_lists": True}, {"rows_per_page": 3}, {"soft_404": True}])
def test_site_with_a_peculiarity_is_archived_whole(
    serve: Serve, crawl: Crawl, db: Path, options: dict[str, bool | int]
) -> None:
    site = ReplicaSite("en", articles=60, seed=5, **options)
    server = serve(site)
    assert crawl(site).code == 0
    assert differences(db, modelled(site, "demo-en")) == []
    assert max(Counter(pages(server)).values()) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("start", ["newest", "oldest", "middle", "list", "old list"])
def test_address_of_any_page_archives_its_column_and_no_other(
    serve: Serve, crawl: Crawl, db: Path, language: str, start: str
) -> None:
    site = ReplicaSite(language, articles=70, seed=4, rows_per_page=10)
    server = serve(site)
    column = 1 if start == "middle" else 0
    section, numbers = site.sections[column], list(site.order.newest_first(column))
    addresses = {
        "newest": site.path_of(numbers[0]),
        "oldest": site.path_of(numbers[-1]),
        "middle": site.path_of(numbers[len(numbers) // 2]),
        "list": f"/{section.path}.htm",
        "old list": f"/{section.path}/2.htm",
    }
    ran = crawl(urljoin(server.url, addresses[start]))
    assert (ran.code, ran.err) == (0, "")
    assert differences(db, modelled(site, unprofiled_name(site), [section.column_id])) == []
    assert sorted(pages(server)) == sorted(site_pages(site, section.column_id)), "each page once, and no other"


def test_translations_are_links_and_the_other_site_is_left_alone(serve: Serve, crawl: Crawl, db: Path) -> None:
    english, chinese = (ReplicaSite(language, articles=40, seed=6) for language in LANGUAGES)
    pair(english, chinese)
    server = serve(english, chinese)
    assert crawl(english, options=("--limit", "1000")).code == 0
    assert pages(server, chinese) == []
    linked = query(
        db,
        "select a.key, l.to_url from links l join pages p on p.id = l.from_id join articles a on a.id = p.article_id"
        " where l.rel = 'translation' and l.to_url like '%/info/%'",
    )
    expected = {
        (f"demo-en-{found['news_id']}", urljoin(chinese.base_url, found["translation"]["url"]))
        for found in english.articles()
        if found["translation"] and "/info/" in found["translation"]["url"]
    }
    assert set(linked) == expected
    assert expected


def test_two_sites_are_archived_in_one_run(serve: Serve, crawl: Crawl, db: Path) -> None:
    english, chinese = ReplicaSite("en", articles=30, seed=7), ReplicaSite("zh", articles=40, seed=7)
    serve(english, chinese)
    ran = crawl(english, chinese)
    assert ran.code == 0
    assert differences(db, modelled(english, "demo-en"), "demo-en") == []
    assert differences(db, modelled(chinese, "demo-zh"), "demo-zh") == []
    document = ran.document
    assert list(document) == [*DOCUMENT, "sites"]
    assert (document["articles"], document["new"]) == (70, 70)
    assert [(each["site"], each["articles"]) for each in document["sites"]] == [("demo-en", 30), ("demo-zh", 40)]


def test_two_addresses_of_two_servers_are_two_sites(serve: Serve, crawl: Crawl, db: Path) -> None:
    one, other = ReplicaSite("en", articles=20, seed=7), ReplicaSite("en", articles=20, seed=7)
    server = serve(one, other)
    assert crawl(*(url + "News.htm" for url in server.urls)).code == 0
    for site in (one, other):
        name = unprofiled_name(site)
        assert differences(db, modelled(site, name, [1083]), name) == []


def test_two_addresses_of_one_server_are_one_site(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=30, seed=7)
    server = serve(site)
    ran = crawl(server.url + "News.htm", urljoin(server.url, newest_paths(site)[1]))
    assert (ran.code, list(ran.document)) == (0, DOCUMENT)
    assert differences(db, modelled(site, unprofiled_name(site))) == []
    assert max(Counter(pages(server)).values()) == 1


# -- again -------------------------------------------------------------------------------------


def test_second_crawl_looks_at_first_lists_and_newest_articles_only(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=90, seed=3, rows_per_page=10)
    server = serve(site)
    crawl(site)
    before = archived(db)
    server.clear()
    ran = crawl(site)
    counts = [ran.document[name] for name in ("articles", "new", "changed", "unchanged")]
    assert (ran.code, counts) == (0, [90, 0, 0, 2])
    assert sorted(pages(server)) == sorted(["/robots.txt", *first_lists(site), *newest_paths(site)])
    assert archived(db) == before


@pytest.mark.parametrize("count", [1, 7, 60])
def test_new_articles_are_found_with_few_requests(serve: Serve, crawl: Crawl, db: Path, count: int) -> None:
    site = ReplicaSite("zh", articles=80, seed=3, rows_per_page=10)
    server = serve(site)
    crawl(site)
    published = newest_paths(site)
    server.clear()
    published += site.publish(count)
    ran = crawl(site)
    assert (ran.code, ran.document["new"], ran.document["changed"]) == (0, count, 0)
    assert differences(db, modelled(site, "demo-zh")) == []
    asked = Counter(pages(server))
    assert max(asked.values()) == 1
    assert {path for path in asked if re.fullmatch(r"/info/\d+/\d+\.htm", path)} == set(published)
    lists = [path for path in asked if path != "/robots.txt" and "/info/" not in path]
    assert len(lists) <= 2 + -(-count // site.rows_per_page) + 2


def test_full_crawl_finds_edits_and_makes_one_revision_each(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=40, seed=3)
    server = serve(site)
    crawl(site)
    edited = [found["news_id"] for found in site.articles() if not found["parts"]][3:6]
    site.edit(edited[0], title="A better title")
    site.edit(edited[1], body="A shorter text.\n\nIn two paragraphs.")
    site.edit(edited[2], sources=["School of Mines"])
    server.clear()
    ran = crawl(site, options=("--full",))
    assert (ran.code, ran.document["new"], ran.document["changed"]) == (0, 0, 3)
    assert differences(db, modelled(site, "demo-en")) == []
    assert sorted(pages(server)) == sorted(site_pages(site))
    keys = [key for (key,) in query(db, "select key from articles where revision_count > 1")]
    assert sorted(keys) == sorted(f"demo-en-{news_id}" for news_id in edited)


# -- what editors take away --------------------------------------------------------------------


def test_deleted_article_leaves_a_hole_and_stops_nothing(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=60, seed=3)
    gone = next(site.order.newest_first(0, 20, 21))
    site.delete(site.calendar.id_of(gone), relink=False)
    server = serve(site)
    ran = crawl(urljoin(server.url, newest_paths(site)[0]))
    assert (ran.code, ran.document["gone"], ran.document["failed"]) == (0, 1, 0)
    assert differences(db, modelled(site, unprofiled_name(site), [1083])) == []
    ((state,),) = query(db, "select state from pages where url like ?", "%" + site.path_of(gone))
    assert state == "gone"
    hole = (urljoin(server.url, site.path_of(gone)), "gone")
    assert query(db, "select url, why from holes") == [hole]
    assert query(db, "select * from chain_gaps") == [], "it is the site's own"


def test_deleted_article_keeps_its_text_and_gets_a_date(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("zh", articles=40, seed=3)
    serve(site)
    crawl(site)
    number = next(site.order.newest_first(0, 9, 10))
    key = f"demo-zh-{site.calendar.id_of(number)}"
    before = archived(db)[key]
    site.delete(site.calendar.id_of(number), "410")
    ran = crawl(site, options=("--full",))
    assert (ran.code, ran.document["gone"]) == (0, 1)
    assert archived(db)[key] == before | {"status": "gone"}
    ((gone_at,),) = query(db, "select gone_at from articles where key = ?", key)
    assert gone_at
    assert differences(db, modelled(site, "demo-zh")) == [f"not in the model: {key}"]
    site.restore(site.calendar.id_of(number))
    assert crawl(site, options=("--full",)).code == 0
    assert differences(db, modelled(site, "demo-zh")) == []
    assert query(db, "select gone_at, revision_count from articles where key = ?", key) == [(None, 1)]


@pytest.mark.parametrize("seed", [3, 4, 9])
def test_without_lists_the_chain_is_walked_from_every_address_given(
    serve: Serve, crawl: Crawl, db: Path, seed: int
) -> None:
    site = ReplicaSite("en", articles=80, seed=seed)
    server = serve(site)
    for path in ("/News.htm", "/News/*"):
        site.break_(path, "status", status=404)
    numbers = list(site.order.newest_first(0))
    ends = [numbers[0], numbers[-1]]
    ran = crawl(*(urljoin(server.url, site.path_of(number)) for number in ends))
    expected = modelled(site, unprofiled_name(site), [1083])
    reached = reachable(site, ends)
    assert len(reached) > 20
    missing = {f"{unprofiled_name(site)}-{site.calendar.id_of(n)}" for n in set(numbers) - reached}
    assert differences(db, expected) == sorted(f"missing: {key}" for key in missing)
    assert max(Counter(pages(server)).values()) == 1
    assert (ran.code, findings(db)) == (1, ["list gone"])


def reachable(site: ReplicaSite, starts: list[int]) -> set[int]:
    """Return the articles that prev and next lead to: two of one publication time hide what lies beyond them."""
    found, todo = set(starts), list(starts)
    while todo:
        for neighbour in site.order.neighbours(todo.pop()):
            if neighbour is not None and neighbour not in found:
                found.add(neighbour)
                todo.append(neighbour)
    return found


def test_one_list_page_missing_is_bridged_by_the_chain(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=90, seed=3, rows_per_page=10)
    serve(site)
    site.break_("/News/4.htm", "status", status=404)
    ran = crawl(site)
    assert (ran.code, ran.document["articles"]) == (0, 90)
    assert differences(db, modelled(site, "demo-en")) == []


# -- chains that no CMS makes ------------------------------------------------------------------


def keys(db: Path) -> list[str]:
    """Return the keys without the site's name."""
    return sorted(key.split("-", 2)[2] for key in archived(db))


def test_cycle_and_self_link_end(crawl: Crawl, db: Path) -> None:
    chain = {
        "/info/5/11.htm": article(11, prev="13.htm", next="12.htm"),
        "/info/5/12.htm": article(12, prev="11.htm", next="13.htm"),
        "/info/5/13.htm": article(13, prev="12.htm", next="11.htm"),
        "/info/5/14.htm": article(14, prev="14.htm", next="14.htm"),
    }
    with served(chain) as site:
        ran = crawl(site.url + "/info/5/11.htm", site.url + "/info/5/14.htm")
        assert (ran.code, ran.err) == (0, "")
        assert keys(db) == ["11", "12", "13", "14"]
        assert sorted(site.paths) == sorted(["/robots.txt", *chain])


def test_links_off_the_site_and_into_another_column_are_kept_and_not_followed(crawl: Crawl, db: Path) -> None:
    with served({"/info/5/21.htm": article(21)}) as elsewhere:
        away = f"{elsewhere.url}/info/5/21.htm"
        chain = {
            "/info/5/11.htm": article(11, prev=away, next="12.htm"),
            "/info/5/12.htm": article(12, prev="11.htm", next="../6/13.htm"),
            "/info/6/13.htm": article(13, column=6),
        }
        with served(chain) as site:
            assert crawl(site.url + "/info/5/11.htm").code == 0
            assert keys(db) == ["11", "12"]
            assert site.paths == ["/robots.txt", "/info/5/11.htm", "/info/5/12.htm"]
            assert elsewhere.paths == []
            links = query(db, "select rel, to_url, to_id from links where to_id is null order by rel")
            assert links == [("next", site.url + "/info/6/13.htm", None), ("prev", away, None)]


def test_reference_copies_are_one_article(crawl: Crawl, db: Path) -> None:
    lists = ["info/5/11.htm", "info/5/12.htm"]
    chain = {
        "/news.htm": listing(5, lists),
        "/info/5/11.htm": article(11, next="12.htm"),
        "/info/5/12.htm": article(12, prev="11.htm", title="Told twice"),
        "/notices.htm": listing(6, ["info/6/12.htm", "info/6/13.htm"]),
        "/info/6/12.htm": article(12, column=6, title="Told twice", next="13.htm"),
        "/info/6/13.htm": article(13, column=6, prev="12.htm"),
    }
    with served(chain) as site:
        ran = crawl(site.url + "/news.htm", site.url + "/notices.htm")
        assert (ran.code, ran.document["articles"], ran.document["findings"]) == (0, 3, 0)
        assert keys(db) == ["11", "12", "13"]
        told = query(db, "select p.url from pages p join articles a on a.id = article_id where title = 'Told twice'")
        assert sorted(told) == [(site.url + "/info/5/12.htm",), (site.url + "/info/6/12.htm",)]


def test_article_of_another_owner_has_its_own_key(crawl: Crawl, db: Path) -> None:
    chain = {
        "/info/5/11.htm": article(11, next="12.htm"),
        "/info/5/12.htm": article(12, prev="11.htm", owner=88),
    }
    with served(chain) as site:
        assert crawl(site.url + "/info/5/11.htm").code == 0
        assert keys(db) == ["11", "88-12"]


def test_page_that_shows_another_article_is_a_finding(crawl: Crawl, db: Path) -> None:
    chain = {
        "/info/5/11.htm": article(11, next="12.htm"),
        "/info/5/12.htm": article(11, title="Article number 11"),
    }
    with served(chain) as site:
        ran = crawl(site.url + "/info/5/11.htm")
        assert (ran.code, ran.document["findings"]) == (1, 1)
        assert keys(db) == ["11"]
        assert query(db, "select kind, url from open_findings") == [
            ("shows another article", site.url + "/info/5/12.htm")
        ]


def test_redirects_are_pages_of_their_own_or_findings(crawl: Crawl, db: Path) -> None:
    chain = {
        "/news.htm": listing(5, [f"info/5/{n}.htm" for n in (11, 12, 13, 14, 15)]),
        "/info/5/11.htm": article(11),
        "/info/5/12.htm": Answer(302, location="/info/5/22.htm"),
        "/info/5/22.htm": article(22),
        "/info/5/13.htm": Answer(301, location="http://elsewhere.invalid/info/5/13.htm"),
        "/info/5/14.htm": Answer(302, location="/info/5/14.htm"),
        "/info/5/15.htm": Answer(302),
    }
    with served(chain) as site:
        ran = crawl(site.url + "/news.htm")
        assert (ran.code, ran.document["articles"], ran.document["failed"]) == (1, 2, 3)
        assert keys(db) == ["11", "22"]
        found = query(db, "select url, kind from open_findings order by url")
        assert found == [
            (site.url + "/info/5/13.htm", "redirect"),
            (site.url + "/info/5/14.htm", "redirect loop"),
            (site.url + "/info/5/15.htm", "redirect"),
        ]
        assert max(Counter(site.paths).values()) == 1


def test_robots_txt_is_obeyed(crawl: Crawl, db: Path) -> None:
    chain = {
        "/robots.txt": "User-agent: *\nDisallow: /info/5/12.htm\n",
        "/info/5/11.htm": article(11, next="12.htm"),
        "/info/5/12.htm": article(12),
    }
    with served(chain) as site:
        assert crawl(site.url + "/info/5/11.htm").code == 1
        assert site.paths == ["/robots.txt", "/info/5/11.htm"]
        assert findings(db) == ["forbidden"]


def test_list_that_went_away_is_a_finding_until_it_is_back(crawl: Crawl, db: Path) -> None:
    chain = {"/news.htm": listing(5, ["info/5/11.htm"]), "/info/5/11.htm": article(11)}
    with served(chain) as site:
        assert crawl(site.url + "/news.htm").code == 0
        there, site.pages["/news.htm"] = site.pages["/news.htm"], GONE
        assert (crawl(site.url + "/news.htm").code, findings(db)) == (1, ["list gone"])
        assert crawl(site.url + "/news.htm").code == 0, "an older finding does not fail a run again"
        site.pages["/news.htm"] = there
        assert (crawl(site.url + "/news.htm", options=("--full",)).code, findings(db)) == (0, [])


# -- limits, and the other way in --------------------------------------------------------------


def test_limit_stops_and_the_next_crawl_goes_on(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=50, seed=3)
    server = serve(site)
    ran = crawl(site, options=("--limit", "7"))
    assert (ran.code, ran.document["outcome"], ran.document["articles"]) == (0, "limit", 7)
    ran = crawl(site, options=("--max-requests", "9"))
    assert (ran.code, ran.document["outcome"]) == (0, "limit")
    assert ran.document["requests"] == 10, "robots.txt is not counted"
    ran = crawl(site)
    assert (ran.code, ran.document["outcome"]) == (0, "complete")
    assert differences(db, modelled(site, "demo-en")) == []
    newest = set(newest_paths(site))
    once = [path for path in pages(server) if "/info/" in path and path not in newest]
    assert max(Counter(once).values()) == 1, "what the first runs had is not asked for again"


def test_scrapy_crawl_makes_the_same_archive(serve: Serve, crawl: Crawl, db: Path, tmp_path: Path) -> None:
    site = ReplicaSite("en", articles=30, seed=3)
    server = serve(site)
    start = server.url + "News.htm"
    assert crawl(start).code == 0
    other = tmp_path / "scrapy" / "archive.db"
    settings = (f"CSU_NEWS_DB={other}", "DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False")
    options = [word for setting in settings for word in ("-s", setting)]
    command = (sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"url={start}", *options)
    project = Path(__file__).parent.parent
    ran = run(command=command, cwd=project)
    assert (ran.code, "ERROR" in ran.err, "Traceback" in ran.err) == (0, False, False)
    assert archived(other) == archived(db)
    assert query(other, "select outcome, trigger, requests from runs") == [
        ("complete", "scrapy", *query(db, "select requests from runs")[0])
    ]


def test_media_left_out_are_fetched_by_a_later_run(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", 30)
    server = serve(site)
    assert crawl(site, options=("--no-media",)).code == 0
    assert not [path for path in server.paths() if "__local" in path or "download.jsp" in path]
    assert query(db, "select count(*) from media where fetch_id is not null") == [(0,)]
    assert crawl(site).code == 0
    assert query(db, "select count(*) from media where kind in ('image', 'attachment') and sha256 is null") == [(0,)]


WITH_MEDIA_HOST = """
import sys
from dataclasses import replace
from csu_news.cli import main
from csu_news.replica import ReplicaSite
from csu_news.sites import SITES
SITES["demo-en"] = replace(ReplicaSite("en", 1).profile(sys.argv[1]), media_hosts=(sys.argv[2],))
main(sys.argv[3:], prog_name="csu-news")
"""


def test_media_host_out_of_reach_costs_one_finding_and_no_article(serve: Serve, db: Path) -> None:
    english, chinese = ReplicaSite("en", 60), ReplicaSite("zh", 60)
    pair(english, chinese)
    with ReplicaServer(chinese):
        pass  # gone again before the crawl: its port is closed
    serve(english)
    elsewhere = chinese.base_url.split("/")[2]
    command = (sys.executable, "-c", WITH_MEDIA_HOST, english.base_url, elsewhere)
    ran = run("crawl", "demo-en", "--db", str(db), "--delay", "0", "--json", command=command)
    assert (ran.code, ran.document["articles"], ran.document["failed"]) == (1, 60, 0)
    assert query(db, "select kind, url from open_findings") == [("robots", f"http://{elsewhere}/robots.txt")]
    waiting = "select count(*) from pages where state = 'new' and due_at is not null and url like ?"
    assert query(db, waiting, f"http://{elsewhere}/%")[0][0] > 0
