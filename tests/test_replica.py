"""The replica: a VSB site that is computed, its pages as a crawler reads them, and its faults over real HTTP."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest

from csu_news.errors import UsageError
from csu_news.items import Article, Gate, Listing
from csu_news.pages import read_page
from csu_news.replica import FAULTS, ReplicaServer, ReplicaSite, pair
from csu_news.replica.routes import reply_to

LANGUAGES = ("en", "zh")


class Answer:
    """What came over the wire; `cut` when the body ended early."""

    def __init__(self, url: str, method: str = "GET", timeout: float = 5, **headers: str) -> None:
        split = urlsplit(url)
        connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=timeout)
        try:
            path = split.path + (f"?{split.query}" if split.query else "")
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            self.status, self.headers, self.cut = response.status, response.headers, False
            try:
                self.body = response.read()
            except http.client.IncompleteRead as error:
                self.body, self.cut = error.partial, True
        finally:
            connection.close()


@pytest.fixture
def site() -> ReplicaSite:
    return ReplicaSite("en", articles=60, seed=3)


@pytest.fixture
def server(site: ReplicaSite) -> Iterator[ReplicaServer]:
    with ReplicaServer(site) as server:
        yield server


def page(site: ReplicaSite, path: str) -> Any:
    """Return what the parser reads from a page of the site."""
    return read_page(reply_to(site, path).body, urljoin(site.base_url, path), site.profile())


# -- the model --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_equal_arguments_make_equal_sites(language: str) -> None:
    one, two = ReplicaSite(language, 50, seed=9), ReplicaSite(language, 50, seed=9)
    assert list(one.articles()) == list(two.articles())
    assert reply_to(one, one.path_of(7)).body == reply_to(two, two.path_of(7)).body
    other = ReplicaSite(language, 50, seed=10)
    assert [a["title"] for a in one.articles()] != [a["title"] for a in other.articles()]


def test_ids_rise_with_gaps_and_name_their_article() -> None:
    site = ReplicaSite("en", 2000, seed=4)
    ids = [site.calendar.id_of(number) for number in range(2000)]
    assert all(1 <= b - a <= 5 for a, b in pairwise(ids))
    assert [site.find(news_id) for news_id in ids] == list(range(2000))
    assert all(site.find(news_id) is None for news_id in set(range(ids[0] - 5, ids[-1] + 5)) - set(ids))


@pytest.mark.parametrize("size", [1, 10, 3000, 200_000])
def test_dates_rise_and_stay_within_twelve_years(size: int) -> None:
    site = ReplicaSite("zh", size, seed=2)
    numbers = range(max(0, size - 3000), size)
    times = [site.calendar.published(number) for number in numbers]
    twins = [site.calendar.twin(number) == number + 1 for number in numbers][:-1]
    assert all((b == a) if twin else (b > a) for (a, b), twin in zip(pairwise(times), twins, strict=True))
    assert 2012 <= site.calendar.published(0).year <= times[-1].year == 2024


def test_some_days_have_several_articles() -> None:
    days = [a["published"] for a in ReplicaSite("en", 300).articles()]
    assert len(set(days)) < 250


@pytest.mark.parametrize("language", LANGUAGES)
def test_chain_links_each_column_newest_to_oldest_but_for_twins(language: str) -> None:
    site = ReplicaSite(language, 300, seed=5)
    twins = 0
    for column in (0, 1):
        chain = list(site.order.newest_first(column))
        for newer, number, older in zip([None, *chain], chain, [*chain[1:], None], strict=False):
            twin = site.calendar.twin(number)
            twins += twin is not None
            assert site.order.neighbours(number) == ((twin, twin) if twin is not None else (newer, older))
    assert twins >= 8
    assert twins % 2 == 0


def test_walk_along_next_never_leaves_a_pair_of_twins() -> None:
    site = ReplicaSite("en", 300, seed=5)
    number, seen = site.size - 1, []
    while number is not None and number not in seen:
        seen.append(number)
        number = site.order.neighbours(number)[1]
    assert site.calendar.twin(seen[-1]) == seen[-2]
    assert len(seen) < 210


def test_two_hundred_thousand_articles_cost_no_memory() -> None:
    tracemalloc.start()
    try:
        site = ReplicaSite("zh", 200_000, seed=1)
        for number in range(0, 200_000, 4000):
            assert reply_to(site, site.path_of(number)).status == 200
        reply_to(site, "/zhxw.htm")
        reply_to(site, "/zhxw/3500.htm")
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


# -- pages, as the parser reads them ----------------------------------------------------------


def facts(article: Article) -> dict[str, Any]:
    return {
        "news_id": article.news_id,
        "owner": article.owner,
        "column_id": article.column_id,
        "language": article.language,
        "title": article.title,
        "published": article.published,
        "published_at": article.published_at,
        "sources": article.sources,
        "body": article.body,
        "images": [image.url for image in article.images],
        "originals": [image.original_url for image in article.images],
        "attachments": [(file.url, file.name) for file in article.attachments],
        "prev": article.prev and (article.prev.url, article.prev.title),
        "next": article.next and (article.next.url, article.next.title),
        "parts": article.parts,
        "list_url": article.list_url,
        "translations": [(link.url, link.kind) for link in article.translations],
    }


def wanted(site: ReplicaSite, number: int) -> dict[str, Any]:
    e = site.expected(number)

    def absolute(path: str | None) -> str | None:
        return path and urljoin(site.base_url, path)

    same = ("news_id", "owner", "column_id", "language", "title", "published", "published_at")
    return {
        **{name: e[name] for name in same},
        "sources": [] if e["parts"] and site.language == "en" else e["sources"],
        "body": e["bodies"][0],
        "images": [absolute(path) for path in e["images"]],
        "originals": [absolute(path) for path in e["originals"]],
        "attachments": [(absolute(file["path"]), file["name"]) for file in e["attachments"]],
        **{name: e[name] and (absolute(e[name]["path"]), e[name]["title"]) for name in ("prev", "next")},
        "parts": [absolute(path) for path in e["parts"]],
        "list_url": absolute(e["list_path"]),
        "translations": [(e["translation"]["url"], e["translation"]["kind"])],
    }


@pytest.fixture(scope="module")
def sites() -> dict[str, ReplicaSite]:
    en, zh = ReplicaSite("en", 400, seed=7), ReplicaSite("zh", 400, seed=7)
    pair(en, zh)
    return {"en": en, "zh": zh}


@pytest.mark.parametrize("language", LANGUAGES)
def test_parser_reads_every_article_as_the_model_states_it(sites: dict[str, ReplicaSite], language: str) -> None:
    site = sites[language]
    for number in range(site.size):
        assert facts(page(site, site.path_of(number))) == wanted(site, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_articles_come_in_all_kinds(sites: dict[str, ReplicaSite], language: str) -> None:
    articles = list(sites[language].articles())
    assert any(a["parts"] for a in articles)
    assert any(not a["body"] and not a["images"] for a in articles), "a PDF alone"
    assert any(not a["body"] and a["images"] for a in articles), "pictures alone"
    assert {len(a["attachments"]) for a in articles} == {0, 1, 2}
    assert {len(a["sources"]) for a in articles} == {0, 1, 2}
    assert 150 < sum(a["translation"]["kind"] == "article" for a in articles) < 250
    sizes = [len(reply_to(sites[language], a["path"]).body) for a in articles]
    assert 7500 < min(sizes)
    assert max(sizes) < 20_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_parts_continue_the_body(sites: dict[str, ReplicaSite], language: str) -> None:
    site = sites[language]
    split = [a for a in site.articles() if a["parts"]]
    for article in split:
        texts = [page(site, path).body for path in (article["path"], *article["parts"])]
        assert texts == article["bodies"]
    assert reply_to(site, split[0]["path"].replace(".htm", "_2.htm")).status == 404


def test_translations_point_at_each_other(sites: dict[str, ReplicaSite]) -> None:
    en, zh = sites["en"], sites["zh"]
    for article in en.articles():
        if article["translation"]["kind"] == "article":
            other = zh.expected(article["number"])
            assert article["translation"]["url"] == urljoin(zh.base_url, other["path"])
            assert other["translation"]["url"] == urljoin(en.base_url, article["path"])
            assert other["published"] == article["published"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [1, 30, 300])
@pytest.mark.parametrize("stale", [False, True])
def test_lists_cover_every_article_and_hide_what_they_repeat(language: str, size: int, stale: bool) -> None:
    site = ReplicaSite(language, size, seed=6, rows_per_page=12, stale_lists=stale)
    for column, section in enumerate(site.sections):
        path, seen, totals = f"/{section.path}.htm", [], []
        while path:
            listing = page(site, path)
            if not isinstance(listing, Listing):
                assert site.order.count(column) == 0
                break
            seen += [urlsplit(row.url).path for row in listing.rows]
            totals.append(listing.total)
            path = urlsplit(listing.next_url).path if listing.next_url else ""
        expected = [site.path_of(number) for number in site.order.newest_first(column)]
        assert list(dict.fromkeys(seen)) == expected
        hidden = len(seen) - len(expected)
        markup = reply_to(site, f"/{section.path}/{-(-len(expected) // 12) - 1}.htm").body.decode()
        assert markup.count('style="display:none"') == hidden
        assert (len(set(totals)) > 1) == (stale and len(expected) > 36)


def test_list_numbers_fall_to_one_and_old_files_stay() -> None:
    site = ReplicaSite("en", 200, seed=6, stale_lists=True)
    assert page(site, "/News/1.htm").rows[-1].url.endswith(site.path_of(0))
    before = reply_to(site, "/News/2.htm").body
    site.publish(3)
    assert reply_to(site, "/News/2.htm").body == before
    assert reply_to(site, "/News/99.htm").status == 404


def test_dynamic_address_shows_the_same_article() -> None:
    site = ReplicaSite("zh", 30)
    news_id = site.calendar.id_of(12)
    column_id = site.section_of(12).column_id
    path = f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid={column_id}&wbnewsid={news_id}"
    article = page(site, path)
    assert (article.news_id, article.title) == (news_id, site.title(12))
    assert "content.jsp" in article.prev.url
    assert isinstance(page(site, "/content.jsp?wbnewsid=1"), Gate)


def test_menu_pages_are_neither_articles_nor_lists() -> None:
    site = ReplicaSite("en", 30)
    assert page(site, "/About.htm") is None
    assert page(site, "/index.htm") is None


# -- editing ----------------------------------------------------------------------------------


def test_publish_adds_newer_articles(site: ReplicaSite) -> None:
    newest = next(site.order.newest_first(0))
    paths = site.publish(10)
    assert len(paths) == 10
    assert site.size == 70
    assert page(site, "/News.htm").total == 49
    assert site.order.neighbours(newest)[0] is not None
    assert site.now > site.calendar.published(69)


def test_edit_changes_the_page_and_its_neighbours(site: ReplicaSite) -> None:
    number = 25
    before = site.modified(number)
    site.edit(site.calendar.id_of(number), title="A <new> title", body="One.\n\nTwo & three.")
    article = page(site, site.path_of(number))
    assert article.title == "A <new> title"
    assert article.body.startswith("One.\n\nTwo & three.")
    assert facts(article)["body"] == site.expected(number)["bodies"][0]
    newer = site.order.neighbours(number)[0]
    assert newer is not None
    assert page(site, site.path_of(newer)).next.title == "A <new> title"
    assert site.modified(number) > before
    site.edit(site.calendar.id_of(number), sources=["Museum"])
    assert page(site, site.path_of(number)).sources == ["Museum"]
    assert page(site, site.path_of(number)).title == "A <new> title"


@pytest.mark.parametrize(("how", "status"), [("404", 404), ("410", 410), ("soft", 200), ("redirect", 302)])
def test_delete_takes_an_article_out_of_chain_and_lists(site: ReplicaSite, how: str, status: int) -> None:
    number = 45
    assert site.calendar.twin(number) is None
    newer, older = site.order.neighbours(number)
    assert newer is not None
    site.delete(site.calendar.id_of(number), how)
    reply = reply_to(site, site.path_of(number))
    assert reply.status == status
    assert isinstance(page(site, site.path_of(number)), Gate) == (how != "redirect")
    assert site.order.neighbours(newer)[1] == older
    assert number not in site.order.newest_first(0)
    assert len(list(site.articles())) == 59
    site.restore(site.calendar.id_of(number))
    assert site.order.neighbours(newer)[1] == number
    assert len(list(site.articles())) == 60


def test_delete_without_relink_leaves_a_hole(site: ReplicaSite) -> None:
    newer = site.order.neighbours(45)[0]
    assert newer is not None
    site.delete(site.calendar.id_of(45), relink=False)
    assert site.order.neighbours(newer)[1] == 45
    assert 45 in site.order.newest_first(0)


def test_deleted_twin_frees_the_other() -> None:
    site = ReplicaSite("en", 300, seed=5)
    number = next(n for n in range(50, 300) if site.calendar.twin(n) == n + 1)
    newer = site.order.neighbours(number + 1)
    assert newer == (number, number)
    site.delete(site.calendar.id_of(number + 1))
    assert site.order.neighbours(number)[0] not in (number + 1, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda site: site.edit(1, title="x"),
        lambda site: site.delete(site.calendar.id_of(3), "mistake"),
        lambda site: site.break_("/", "mistake"),
        lambda site: ReplicaSite("fr"),
        lambda site: ReplicaSite("en", 0),
    ],
)
def test_what_cannot_be_is_refused(site: ReplicaSite, change: Any) -> None:
    with pytest.raises(UsageError):
        change(site)


def test_noise_changes_pages_but_no_facts() -> None:
    site = ReplicaSite("en", 60, noise=True)
    path = site.path_of(10)
    assert reply_to(site, path).body != reply_to(site, path).body
    assert page(site, path) == page(site, path)


# -- HTTP -------------------------------------------------------------------------------------


def test_validators_give_304_until_the_page_changes(server: ReplicaServer, site: ReplicaSite) -> None:
    url = urljoin(server.url, site.path_of(20))
    first = Answer(url)
    tag, since = first.headers["ETag"], first.headers["Last-Modified"]
    assert Answer(url, If_None_Match=tag).status == 304
    assert Answer(url, If_None_Match=f'W/{tag}, "x"').status == 304
    assert Answer(url, If_Modified_Since=since).status == 304
    assert Answer(url, If_Modified_Since=since).body == b""
    assert Answer(url, If_None_Match='"x"', If_Modified_Since=since).status == 200
    assert Answer(url, If_Modified_Since="yesterday").status == 200
    site.edit(site.calendar.id_of(20), title="Changed")
    assert Answer(url, If_None_Match=tag).status == 200
    assert Answer(url, If_Modified_Since=since).status == 200
    assert [r.conditional for r in server.requests] == [False] + [True] * 8


def test_gzip_is_sent_when_accepted_and_always_the_same(server: ReplicaServer, site: ReplicaSite) -> None:
    url = urljoin(server.url, site.path_of(20))
    plain, one, two = Answer(url), Answer(url, Accept_Encoding="gzip"), Answer(url, Accept_Encoding="br, gzip")
    assert plain.headers["Content-Encoding"] is None
    assert one.headers["Content-Encoding"] == "gzip"
    assert one.body == two.body
    assert gzip.decompress(one.body) == plain.body
    assert len(one.body) < len(plain.body) / 2
    assert one.headers["ETag"] == "W/" + plain.headers["ETag"]
    assert Answer(url, Accept_Encoding="gzip", If_None_Match=one.headers["ETag"]).status == 304


def test_head_sends_headers_only(server: ReplicaServer, site: ReplicaSite) -> None:
    url = urljoin(server.url, site.path_of(20))
    head, whole = Answer(url, "HEAD"), Answer(url)
    assert head.body == b""
    assert head.headers["Content-Length"] == str(len(whole.body))
    assert Answer(url, "POST").status == 405


@pytest.mark.parametrize("path", ["/info/1083/1.htm", "/nothing.htm", "/info/1085/{0}.htm", "/__local/A/BC/x.png"])
def test_unknown_addresses_are_404_or_softly_200(server: ReplicaServer, site: ReplicaSite, path: str) -> None:
    url = urljoin(server.url, path.format(site.calendar.id_of(2)))  # 2 is in the other column
    assert Answer(url).status == 404
    site.soft_404 = True
    assert Answer(url).status == 200
    assert "文章不存在或已删除".encode() in Answer(url).body


def test_robots_style_and_scripts_are_there(server: ReplicaServer) -> None:
    assert b"Disallow: /system/resource/code/" in Answer(server.url + "robots.txt").body
    assert Answer(server.url + "style/css.css").headers["Content-Type"] == "text/css"
    assert b"_showDynClicks" in Answer(server.url + "system/resource/js/dynclicks.js").body
    clicks = "system/resource/code/news/click/dynclicks.jsp?clickid=5&owner=6&clicktype=wbnews"
    assert Answer(server.url + clicks).body.isdigit()


def test_every_picture_and_file_of_the_pages_is_served() -> None:
    en, zh = ReplicaSite("en", 60, seed=3), ReplicaSite("zh", 60, seed=3)
    pair(en, zh)
    with ReplicaServer([en, zh]) as server:
        kinds = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "pdf": b"%PDF", "docx": b"PK"}
        seen, hosts = set(), set()
        for article in (*en.articles(), *zh.articles()):
            base = en.base_url if article["language"] == "en" else zh.base_url
            for path in filter(None, article["images"] + article["originals"]):
                answer = Answer(urljoin(base, path))
                assert answer.body.startswith(kinds[path[-3:]])
                hosts.add((article["language"], urlsplit(urljoin(base, path)).netloc))
                seen.add(path[-3:])
            for file in article["attachments"]:
                answer = Answer(urljoin(base, file["path"]))
                extension = file["name"].rsplit(".")[-1]
                assert answer.body.startswith(kinds[extension])
                assert quote(file["name"]) in answer.headers["Content-Disposition"]
                seen.add(extension)
        assert seen == set(kinds)
        assert len(hosts) == 3, "some English pictures are on the Chinese host"
        assert {r.status for r in server.requests} == {200}


def test_word_file_is_a_whole_archive() -> None:
    site = ReplicaSite("en", 200)
    file = next(f for a in site.articles() for f in a["attachments"] if f["name"].endswith(".docx"))
    with zipfile.ZipFile(io.BytesIO(reply_to(site, file["path"]).body)) as archive:
        assert archive.testzip() is None
        assert b"Document" in archive.read("word/document.xml")


def test_server_counts_and_forgets(server: ReplicaServer, site: ReplicaSite) -> None:
    site.slow_down(0.2, "/News.htm")
    threads = [threading.Thread(target=Answer, args=(server.url + "News.htm",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.count == 3
    assert server.paths() == ["/News.htm"] * 3
    assert server.most_at_once == {id(site): 3}
    server.clear()
    assert (server.count, server.requests) == (0, [])


def test_port_in_use_is_an_error(server: ReplicaServer) -> None:
    port = urlsplit(server.url).port
    assert port is not None
    with pytest.raises(OSError, match=str(port)):
        ReplicaServer(ReplicaSite(), port=port).start()


# -- faults -----------------------------------------------------------------------------------

SIMPLE = {
    "status": 500,
    "503": 503,
    "429": 429,
    "503-date": 503,
    "429-date": 429,
    "redirect": 302,
    "redirect-loop": 302,
    "redirect-off-site": 302,
    "redirect-private": 302,
    "login": 302,
    "challenge": 412,
    "challenge-200": 200,
    "challenge-202": 202,
    "cookie-script": 200,
    "webber-rasp": 403,
    "soft-404": 200,
    "no-column": 200,
    "bad-address": 200,
    "no-permission": 200,
    "captcha": 200,
    "html-for-picture": 200,
    "gbk-as-utf8": 200,
    "empty": 200,
    "rubbish": 200,
    "new-layout": 200,
    "no-fields": 200,
    "no-date": 200,
    "teaser": 200,
}
WIRE = {
    *("reset", "no-answer", "hang", "drip", "short", "chunked-cut", "gzip-cut", "close-cut", "gzip-bomb"),
    *("endless", "huge-header", "odd-headers"),
}


def test_every_fault_has_a_test() -> None:
    assert set(FAULTS) == SIMPLE.keys() | WIRE


@pytest.mark.parametrize(("fault", "status"), SIMPLE.items())
def test_fault_answers_once_then_the_page_is_back(
    server: ReplicaServer, site: ReplicaSite, fault: str, status: int
) -> None:
    path = site.path_of(30)
    url = urljoin(server.url, path)
    good = Answer(url).body
    site.break_(path, fault, times=1)
    broken = Answer(url)
    assert broken.status == status
    assert broken.body != good
    assert Answer(url).body == good


@pytest.mark.parametrize(
    "fault",
    ["challenge-200", "challenge-202", "cookie-script", "soft-404", "no-column", "bad-address", "no-permission"],
)
def test_gates_are_known_as_gates(server: ReplicaServer, site: ReplicaSite, fault: str) -> None:
    site.break_("*", fault)
    url = urljoin(server.url, site.path_of(30))
    assert isinstance(read_page(Answer(url).body, url, site.profile()), Gate)


@pytest.mark.parametrize("fault", ["new-layout", "rubbish", "empty", "no-fields"])
def test_spoiled_pages_are_no_articles_with_a_title(server: ReplicaServer, site: ReplicaSite, fault: str) -> None:
    site.break_("*", fault)
    url = urljoin(server.url, site.path_of(30))
    item = read_page(Answer(url).body, url, site.profile())
    assert not isinstance(item, Article) or not item.title


def test_fault_can_empty_title_and_body_in_their_template(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("*", "no-fields")
    broken = Answer(urljoin(server.url, site.path_of(30))).body
    assert site.title(30).encode() not in broken.partition(b'<DIV class="side">')[0].partition(b"<BODY>")[2]
    assert b'<div class="v_news_content"></div></div>' in broken
    assert b"_showDynClicks" in broken


@pytest.mark.parametrize(
    ("fault", "target"),
    [
        ("redirect-loop", "/News.htm"),
        ("redirect-off-site", "http://elsewhere.invalid/info/1/2.htm"),
        ("redirect-private", "http://10.0.0.1/"),
        ("login", "/auth/cas/clogin.jsp?url=/News.htm"),
    ],
)
def test_redirects_lead_where_they_should_not(
    server: ReplicaServer, site: ReplicaSite, fault: str, target: str
) -> None:
    site.break_("/News.htm", fault)
    assert Answer(server.url + "News.htm").headers["Location"] == target


def test_retry_after_comes_as_seconds_or_date(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("/News.htm", "503", times=1, retry_after=7)
    site.break_("/News.htm", "429-date", times=1, retry_after=60)
    assert Answer(server.url + "News.htm").headers["Retry-After"] == "7"
    until = parsedate_to_datetime(Answer(server.url + "News.htm").headers["Retry-After"])
    assert 50 < (until - datetime.now(UTC)).total_seconds() <= 61
    assert Answer(server.url + "News.htm").status == 200


def test_fault_of_a_folder_holds_below_it(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("/info/*", "webber-rasp")
    answer = Answer(urljoin(server.url, site.path_of(3)))
    assert (answer.status, answer.headers["X-Protected-By"]) == (403, "WebberRASP")
    assert Answer(server.url + "News.htm").status == 200
    site.mend("/info/*")
    assert Answer(urljoin(server.url, site.path_of(3))).status == 200


def test_robots_can_fail(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("/robots.txt", "status", status=503)
    assert Answer(server.url + "robots.txt").status == 503


@pytest.mark.parametrize("fault", ["reset", "no-answer"])
def test_connection_breaks_without_an_answer(server: ReplicaServer, site: ReplicaSite, fault: str) -> None:
    site.break_("/News.htm", fault)
    with pytest.raises(ConnectionResetError):
        Answer(server.url + "News.htm")
    assert server.requests[-1].status == 0


def test_hang_says_nothing(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("/News.htm", "hang")
    with pytest.raises(TimeoutError):
        Answer(server.url + "News.htm", timeout=0.3)


def test_drip_sends_a_little_at_a_time(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("/News.htm", "drip", seconds=0.05, piece=100)
    split = urlsplit(server.url)
    with socket.create_connection((split.hostname, split.port), timeout=2) as wire:
        wire.sendall(b"GET /News.htm HTTP/1.1\r\nHost: x\r\n\r\n")
        start, data = time.monotonic(), b""
        while time.monotonic() - start < 0.4:
            data += wire.recv(4096)
    assert 200 < len(data) < 2500


@pytest.mark.parametrize("fault", ["short", "chunked-cut"])
def test_cut_bodies_show_by_their_length(server: ReplicaServer, site: ReplicaSite, fault: str) -> None:
    whole = Answer(server.url + "News.htm").body
    site.break_("/News.htm", fault, part=0.25)
    answer = Answer(server.url + "News.htm")
    assert answer.cut
    assert fault == "chunked-cut" or answer.body == whole[: len(whole) // 4]


def test_cut_gzip_shows_only_at_its_end(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("/News.htm", "gzip-cut")
    answer = Answer(server.url + "News.htm")
    assert not answer.cut
    assert answer.headers["Content-Length"] == str(len(answer.body))
    reader = zlib.decompressobj(31)
    assert reader.decompress(answer.body)
    assert not reader.eof


def test_cut_without_length_does_not_show(server: ReplicaServer, site: ReplicaSite) -> None:
    whole = Answer(server.url + "News.htm").body
    site.break_("/News.htm", "close-cut")
    answer = Answer(server.url + "News.htm")
    assert (answer.status, answer.cut, answer.body) == (200, False, whole[: len(whole) // 2])


def test_gzip_bomb_is_small_on_the_wire(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("/News.htm", "gzip-bomb")
    answer = Answer(server.url + "News.htm", timeout=30)
    assert len(answer.body) < 600_000
    reader, size, data = zlib.decompressobj(31), 0, answer.body
    while data:
        size += len(reader.decompress(data, 1 << 20))
        data = reader.unconsumed_tail
    assert (size, reader.eof) == (400_000_000, True)


def test_endless_body_goes_on(server: ReplicaServer, site: ReplicaSite) -> None:
    site.break_("/News.htm", "endless")
    split = urlsplit(server.url)
    with socket.create_connection((split.hostname, split.port), timeout=2) as wire:
        wire.sendall(b"GET /News.htm HTTP/1.1\r\nHost: x\r\n\r\n")
        size = 0
        while size < 3_000_000:
            size += len(wire.recv(1 << 16))


@pytest.mark.parametrize(("fault", "sign"), [("huge-header", b"x" * 60_000), ("odd-headers", b"\xff\xfe\r\n")])
def test_headers_can_be_hostile(server: ReplicaServer, site: ReplicaSite, fault: str, sign: bytes) -> None:
    site.break_("/News.htm", fault)
    split = urlsplit(server.url)
    with socket.create_connection((split.hostname, split.port), timeout=2) as wire:
        wire.sendall(b"GET /News.htm HTTP/1.1\r\nHost: x\r\n\r\n")
        data = b""
        while piece := wire.recv(1 << 16):
            data += piece
    assert sign in data.split(b"\r\n\r\n")[0]


# -- the process ------------------------------------------------------------------------------


@pytest.mark.slow
def test_process_prints_its_addresses_and_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "csu_news.replica", "--articles", "30", "--language", "both"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())
        assert Answer(urls["en"] + "News.htm").status == 200
        assert Answer(urls["zh"] + "zhxw.htm").status == 200
        process.send_signal(signal.SIGTERM)
        assert json.loads(process.stdout.readline()) == {"requests": 2}
        assert process.wait(timeout=10) == 0


def test_profile_names_columns_and_hosts(server: ReplicaServer, site: ReplicaSite) -> None:
    profile = site.profile(server.url)
    assert (profile.name, profile.owner) == ("demo-en", site.owner)
    assert [column.list_url for column in profile.columns] == ["News.htm", "Academics.htm"]
    assert profile.owns(urljoin(server.url, site.path_of(0)))
