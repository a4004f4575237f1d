"""What servers, firewalls and networks do: nothing good is lost, each fault is told once, the rest is complete."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

import pytest
from driving import Ran, archived, differences, environment, modelled, profiled, query, run
from handmade import Answer, article, listing, served

from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.replica.faults import FAULTS
from csu_news.replica.routes import reply_to
from csu_news.warc import read_response

Serve = Callable[..., ReplicaServer]
Crawl = Callable[..., Ran]
NAME = "demo-en"
QUICK = ("-s", "CSU_NEWS_RETRY_WAITS_S=0,0")
LIMIT = 2_000_000
LIMITED = (*QUICK, "-s", "DOWNLOAD_TIMEOUT=2", "-s", f"CSU_NEWS_MAX_BODY_BYTES={LIMIT}")
SPACE = 5  # articles between two that fail, so that no circuit breaker counts them in a row


class Case(NamedTuple):
    """A fault of the replica on one article, and what is promised.

    outcome    of each request: three where trying again may help
    finding    the kind of the one finding about the page; None: an observation, or nothing wrong
    truncated  what the record says
    is_kept    whether there is a record of each request
    """

    fault: str
    outcome: str
    finding: str | None
    state: str
    tries: int = 1
    truncated: str | None = None
    is_kept: bool = True
    options: tuple[tuple[str, Any], ...] = ()
    status: int | None = 200


CASES = (
    Case("status", "error", "error", "failing", 3, status=500),
    Case("status", "gone", None, "gone", options=(("status", 404),), status=404),
    Case("status", "gone", None, "gone", options=(("status", 410),), status=410),
    Case("status", "refused", "refused", "refused", options=(("status", 401),), status=401),
    Case("redirect", "redirect", "redirect", "refused", status=302),
    Case("redirect-loop", "redirect", "redirect loop", "refused", status=302),
    Case("redirect-off-site", "redirect", "redirect", "refused", status=302),
    Case("redirect-private", "redirect", "redirect", "refused", status=302),
    Case("login", "gate", "login", "failing", status=302),
    Case("challenge", "gate", "challenge", "failing", status=412),
    Case("challenge-200", "gate", "challenge", "failing"),
    Case("challenge-202", "gate", "challenge", "failing", status=202),
    Case("cookie-script", "gate", "challenge", "failing"),
    Case("webber-rasp", "refused", "refused", "refused", status=403),
    Case("soft-404", "gate", "missing", "failing"),
    Case("no-column", "gate", "missing", "failing"),
    Case("bad-address", "gate", "missing", "failing"),
    Case("no-permission", "gate", "denied", "failing"),
    Case("captcha", "gate", "captcha", "failing"),
    Case("html-for-picture", "other", "other", "failing"),
    Case("gbk-as-utf8", "article", None, "ok"),
    Case("empty", "failed", "failed", "failing", 3),
    Case("rubbish", "other", "other", "failing"),
    Case("new-layout", "other", "other", "failing"),
    Case("no-fields", "gate", "unknown layout", "failing"),
    Case("reset", "failed", "failed", "failing", 3, is_kept=False, status=None),
    Case("no-answer", "failed", "failed", "failing", 3, is_kept=False, status=None),
    Case("hang", "failed", "failed", "failing", 3, is_kept=False, status=None),
    Case("drip", "truncated", "truncated", "failing", 3, "time"),
    Case("short", "truncated", "truncated", "failing", 3, "disconnect"),
    Case("chunked-cut", "truncated", "truncated", "failing", 3, "disconnect"),
    Case("gzip-cut", "truncated", "truncated", "failing", 3, "disconnect"),
    Case("close-cut", "truncated", "truncated", "failing", 3, "disconnect"),
    Case("gzip-bomb", "too large", "too large", "failing", options=(("size", 40_000_000),)),
    Case("endless", "too large", "too large", "failing", 1, "length"),
    Case("huge-header", "failed", "failed", "failing", 3, is_kept=False, status=None),
    Case("odd-headers", "article", None, "ok"),
)
LATER = ("503", "429", "503-date", "429-date")
LACKING = ("no-date", "teaser")
"""Articles like any other, but for what they lack: only many of them are a fault, in test_troubled_year.py."""


def articles_of(site: ReplicaSite) -> list[int]:
    """Return the numbers of articles far enough from each other to fail, none the first or last of its column."""
    return list(range(10, site.size - 10, SPACE))


def break_each(site: ReplicaSite, cases: tuple[Case, ...]) -> dict[str, Case]:
    """Break one article for each case; return the cases by the article's address."""
    broken = {}
    for case, number in zip(cases, articles_of(site), strict=False):
        site.break_(site.path_of(number), case.fault, **dict(case.options))
        broken[urljoin(site.base_url, site.path_of(number))] = case
    assert len(broken) == len(cases)
    return broken


def without(expected: dict[str, dict[str, Any]], urls: set[str]) -> dict[str, dict[str, Any]]:
    return {key: article for key, article in expected.items() if article["url"] not in urls}


def evidence(db: Path, url: str) -> list[tuple[str | None, int]]:
    """Return for each record of the address why it is not whole, and its size."""
    rows = query(
        db,
        "select name, warc_offset from fetches join warc_files w on w.id = warc_file_id where url = ? order by"
        " fetches.id",
        url,
    )
    found = [read_response(db.parent / "warc" / name, offset) for name, offset in rows]
    return [(response.truncated, len(response.body)) for response in found]


def open_findings(db: Path) -> list[tuple[str, str]]:
    return query(db, "select url, kind from findings where resolved_at is null order by url, kind")


def assert_sound(db: Path) -> None:
    ran = run("verify", "--db", str(db))
    assert (ran.code, ran.err) == (0, ""), ran.out


# -- each fault on an article of its own ----------------------------------------------------------------


def test_the_table_names_every_fault() -> None:
    assert {case.fault for case in CASES} | {*LATER, *LACKING} == set(FAULTS)


def test_each_fault_is_told_once_and_all_other_articles_are_complete(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=240, seed=3)
    serve(site)
    broken = break_each(site, CASES)
    ran = crawl(site, options=("--no-media", "--concurrency", "8", *LIMITED))
    assert (ran.code, ran.err, ran.document["outcome"]) == (1, "", "incomplete")
    lost = {url for url, case in broken.items() if case.outcome != "article"}
    assert differences(db, without(modelled(site, NAME), lost)) == []
    assert open_findings(db) == sorted((url, case.finding) for url, case in broken.items() if case.finding)
    for url, case in broken.items():
        fetches = query(db, "select outcome, status, warc_file_id is not null from fetches where url = ?", url)
        assert fetches == [(case.outcome, case.status, case.is_kept)] * case.tries, case
        assert query(db, "select state from pages where url = ?", url) == [(case.state,)], case
        kept = evidence(db, url)
        assert [why for why, _ in kept] == [case.truncated] * (case.tries if case.is_kept else 0), case
        assert all(LIMIT <= size < 2 * LIMIT for why, size in kept if why == "length")
        assert all(size > 0 for why, size in kept if why), "what came is kept"
    assert ran.document["failed"] == len([case for case in broken.values() if case.finding])
    assert_sound(db)


def test_faults_that_pass_within_the_run_leave_nothing_behind(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=60, seed=3)
    serve(site)
    passing = ("status", "reset", "short", "gzip-cut", "no-answer", "empty")
    for fault, number in zip(passing, articles_of(site), strict=False):
        site.break_(site.path_of(number), fault, times=2)
    ran = crawl(site, options=("--no-media", *QUICK))
    assert (ran.code, ran.document["outcome"]) == (0, "complete")
    assert differences(db, modelled(site, NAME)) == []
    assert open_findings(db) == []
    assert_sound(db)


def test_header_bytes_are_kept_as_they_came(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=20, seed=3)
    serve(site)
    site.break_(site.path_of(5), "odd-headers")
    assert crawl(site, options=("--no-media",)).code == 0
    ((name,),) = query(db, "select name from warc_files")
    warc = subprocess.run(["gzip", "-dc", str(db.parent / "warc" / name)], capture_output=True, check=True).stdout
    assert b"HTTP/1.1 200 As you like it\r\ncontent-type: text/html" in warc
    assert b"\r\nCONNECTION: close\r\nX-Title: \xe6\xb9\x96\xe7\x95\x94\xff\xfe\r\nX-Bell: a\x07b\r\n" in warc
    assert b"X-Long: " + b"a" * 20_000 + b"\r\nContent-length: " in warc
    assert_sound(db)


@pytest.mark.parametrize("fault", ["short", "chunked-cut", "close-cut"])
def test_each_byte_that_came_before_the_connection_broke_is_kept(
    serve: Serve, crawl: Crawl, db: Path, fault: str
) -> None:
    site = ReplicaSite("en", articles=20, seed=3)
    serve(site)
    sent = {}
    for number in range(5, 10):
        site.break_(site.path_of(number), fault, part=0.5)
        sent[urljoin(site.base_url, site.path_of(number))] = len(reply_to(site, site.path_of(number)).body) // 2
    crawl(site, options=("--no-media", *QUICK))
    assert {url: {size for _, size in evidence(db, url)} for url in sent} == {url: {n} for url, n in sent.items()}


# -- what the archive already holds ---------------------------------------------------------------------

WORSE = tuple(
    case
    for case in CASES
    if case.fault not in ("hang", "drip", "endless", "gzip-bomb") and case.state in ("failing", "refused")
)


def test_nothing_good_is_replaced_and_a_good_answer_ends_the_finding(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=200, seed=3)
    serve(site)
    assert crawl(site, options=("--no-media",)).code == 0
    held, revisions = archived(db), query(db, "select * from revisions")
    broken = break_each(site, WORSE)
    ran = crawl(site, options=("--no-media", "--full", *QUICK))
    assert (ran.code, ran.document["outcome"], ran.document["changed"]) == (1, "incomplete", 0)
    assert (archived(db), query(db, "select * from revisions")) == (held, revisions)
    assert open_findings(db) == sorted((url, case.finding) for url, case in broken.items())
    states = dict(query(db, "select url, state from pages"))
    assert {url: states[url] for url in broken} == {url: case.state for url, case in broken.items()}
    assert_sound(db)
    site.mend()
    make_due(db)
    ran = crawl(site, options=("--no-media", "--full", *QUICK))
    assert (ran.code, ran.document["outcome"]) == (0, "complete")
    assert (archived(db), open_findings(db)) == (held, [])
    assert query(db, "select distinct state from pages where kind = 'article'") == [("ok",)]
    assert_sound(db)


def make_due(db: Path, state: str = "refused") -> None:
    """Let a week pass for the pages in that state, which --full leaves alone."""
    connection = sqlite3.connect(db)
    connection.execute("update pages set due_at = '2020-01-01T00:00:00Z' where state = ?", (state,))
    connection.commit()
    connection.close()


# -- pictures and attachments ---------------------------------------------------------------------------


def test_page_in_place_of_a_picture_or_a_file_is_a_finding_and_not_the_file(
    serve: Serve, crawl: Crawl, db: Path
) -> None:
    site = ReplicaSite("en", articles=40, seed=3)
    serve(site)
    found = list(site.articles())
    picture = next(each["images"][0] for each in found if each["images"])
    file = next(each["attachments"][0]["path"] for each in found if each["attachments"])
    site.break_(picture, "html-for-picture")
    site.break_(file, "captcha")
    ran = crawl(site, options=QUICK)
    assert (ran.code, ran.document["outcome"]) == (1, "incomplete")
    assert differences(db, modelled(site, NAME)) == []
    urls = {urljoin(site.base_url, path) for path in (picture, file)}
    assert set(query(db, "select distinct url from media where sha256 is null")) == {(url,) for url in urls}
    assert {url for url, _ in open_findings(db)} == urls
    assert {kind for _, kind in open_findings(db)} == {"captcha", "not the file"}
    assert_sound(db)
    site.mend()
    make_due(db, "failing")
    assert crawl(site, options=QUICK).code == 0
    assert (open_findings(db), query(db, "select url from media where sha256 is null")) == ([], [])


# -- when the site wants to be left alone ---------------------------------------------------------------


@pytest.mark.parametrize("fault", LATER)
def test_retry_after_is_waited_for(serve: Serve, crawl: Crawl, db: Path, fault: str) -> None:
    site = ReplicaSite("en", articles=20, seed=3)
    server = serve(site)
    path = site.path_of(15)
    site.break_(path, fault, times=1, retry_after=2)
    ran = crawl(site, options=("--no-media", *QUICK))
    assert (ran.code, ran.document["outcome"]) == (0, "complete")
    assert differences(db, modelled(site, NAME)) == []
    asked = [request.time for request in server.requests if request.path == path]
    after = min(request.time for request in server.requests if request.time > asked[0])
    assert len(asked) == 2
    assert after - asked[0] >= 1, "nothing at all is asked of the host before (a date has whole seconds)"


@pytest.mark.parametrize("fault", LATER)
def test_retry_after_longer_than_a_run_waits_ends_it(serve: Serve, crawl: Crawl, db: Path, fault: str) -> None:
    site = ReplicaSite("en", articles=20, seed=3)
    server = serve(site)
    path = site.path_of(15)
    site.break_(path, fault, times=1, retry_after=3600)
    ran = crawl(site, options=("--no-media", *QUICK))
    assert (ran.code, ran.document["outcome"]) == (1, "incomplete")
    assert [kind for _, kind in open_findings(db)] == ["retry later"]
    assert server.paths()[-1] == path, "nothing is asked after it"
    assert_sound(db)
    assert crawl(site, options=("--no-media",)).code == 0
    assert (differences(db, modelled(site, NAME)), open_findings(db)) == ([], [])


@pytest.mark.parametrize("fault", ["challenge", "challenge-200", "webber-rasp", "login"])
def test_five_refusals_in_a_row_stop_the_run(serve: Serve, crawl: Crawl, db: Path, fault: str) -> None:
    site = ReplicaSite("en", articles=30, seed=3)
    server = serve(site)
    site.break_("/info/*", fault)
    ran = crawl(site, options=("--no-media", *QUICK))
    assert (ran.code, ran.document["outcome"]) == (1, "shut")
    assert "shut to us" in ran.err
    assert "Traceback" not in ran.err
    asked = [path for path in server.paths() if path.startswith("/info/")]
    assert 5 <= len(asked) <= 9, "some may be on their way"
    assert archived(db) == {}
    site.mend()
    make_due(db)
    assert crawl(site, options=("--no-media", "--full")).code == 0
    assert differences(db, modelled(site, NAME)) == []
    assert_sound(db)


def test_five_vanished_articles_in_a_row_stop_the_run(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=40, seed=3)
    server = serve(site)
    assert crawl(site, options=("--no-media",)).code == 0
    server.clear()
    site.break_("/info/*", "status", status=404)
    ran = crawl(site, options=("--no-media", "--full"))
    assert (ran.code, ran.document["outcome"]) == (1, "shut")
    assert "live articles in a row are missing" in ran.err
    assert len([path for path in server.paths() if path.startswith("/info/")]) <= 9
    assert len(archived(db)) == 40, "nothing is taken away"
    assert_sound(db)


# -- silence --------------------------------------------------------------------------------------------


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
STALLED = (
    (HEAD + b"Content-Length: 5000\r\n\r\n<html><body>What came", 21),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<html\r\n", 5),
    (HEAD + b"\r\n<html><body>What came", 21),
    (HEAD + b"Content-Length: 5000\r\n\r\n", 0),
)


@contextmanager
def stalling(sent: bytes) -> Iterator[str]:
    """Serve these bytes for every page and then nothing, without end; robots.txt is not there."""
    server = socket.create_server(("127.0.0.1", 0))
    held = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection = server.accept()[0]
                held.append(connection)
                missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                connection.sendall(missing if b"robots.txt" in connection.recv(2000) else sent)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for each in (server, *held):
            each.close()


@pytest.mark.parametrize(("sent", "size"), STALLED)
def test_body_that_stalls_is_kept_and_costs_one_timeout(crawl: Crawl, db: Path, sent: bytes, size: int) -> None:
    options = ("-s", "CSU_NEWS_RETRY_WAITS_S=", "-s", "DOWNLOAD_TIMEOUT=4")
    with stalling(sent) as url:
        ran = crawl(url + "/info/5/11.htm", options=options)
    assert (ran.code, ran.document["outcome"]) == (1, "incomplete")
    assert 4 <= ran.document["seconds"] < 8, "one timeout, and less than two"
    assert evidence(db, url + "/info/5/11.htm") == [("time", size)]
    assert open_findings(db) == [(url + "/info/5/11.htm", "truncated")]
    assert_sound(db)


# -- robots.txt -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "options"), [("status", {"status": 503}), ("status", {"status": 429}), ("reset", {}), ("no-answer", {})]
)
def test_robots_txt_that_cannot_be_had_forbids_everything(
    serve: Serve, crawl: Crawl, db: Path, fault: str, options: dict[str, int]
) -> None:
    site = ReplicaSite("en", articles=20, seed=3)
    server = serve(site)
    site.break_("/robots.txt", fault, **options)
    ran = crawl(site, options=("--concurrency", "4"))
    assert (ran.code, ran.document["outcome"]) == (1, "robots")
    assert set(server.paths()) == {"/robots.txt"}
    assert "robots.txt" in ran.err
    assert "Traceback" not in ran.err
    assert [kind for _, kind in open_findings(db)] == ["robots"]
    site.mend()
    assert crawl(site, options=("--no-media",)).code == 0
    assert (differences(db, modelled(site, NAME)), open_findings(db)) == ([], [])
    assert_sound(db)


@pytest.mark.parametrize("hops", [1, 5])
def test_robots_txt_that_redirects_is_followed_and_kept(crawl: Crawl, db: Path, hops: int) -> None:
    pages: dict[str, str | Answer] = {
        f"/rules-{n}.txt": Answer(302, location=f"rules-{n + 1}.txt") for n in range(hops)
    }
    pages["/robots.txt"] = Answer(301, location="{base}/rules-1.txt")
    pages[f"/rules-{hops}.txt"] = "User-agent: *\nDisallow: /info/5/12.htm\n"
    pages["/news.htm"] = listing(5, ["info/5/11.htm", "info/5/12.htm"])
    pages |= {f"/info/5/{n}.htm": article(n) for n in (11, 12)}
    with served(pages) as site:
        crawl(site.url + "/news.htm")
        asked = ["/robots.txt", *(f"/rules-{n}.txt" for n in range(1, hops + 1))]
        assert site.paths == [*asked, "/news.htm", "/info/5/11.htm"]
        kept = query(db, "select url from fetches where outcome = 'robots' and warc_file_id is not null order by id")
        assert kept == [(site.url + path,) for path in asked]
    assert_sound(db)


def test_robots_txt_that_redirects_too_often_or_elsewhere_forbids_everything(crawl: Crawl, db: Path) -> None:
    with served({"/robots.txt": "User-agent: *\nDisallow:\n"}) as other, served({"/news.htm": listing(5, [])}) as site:
        for location in ("/robots.txt", other.url + "/robots.txt", "ftp://127.0.0.1/robots.txt", "http://[/", None):
            site.pages["/robots.txt"] = Answer(302, location=location)
            ran = crawl(site.url + "/news.htm")
            assert (ran.code, ran.document["outcome"]) == (1, "robots"), location
            assert f"Error: {site.url}/robots.txt" in ran.err
            assert open_findings(db) == [(site.url + "/robots.txt", "robots")]
        assert (other.paths, set(site.paths)) == ([], {"/robots.txt"})
        assert site.paths.count("/robots.txt") == 6 + 4, "five hops are followed"


@pytest.mark.parametrize("fault", ["short", "gzip-cut", "drip"])
def test_robots_txt_that_is_not_whole_forbids_everything(serve: Serve, crawl: Crawl, db: Path, fault: str) -> None:
    site = ReplicaSite("en", articles=20, seed=3)
    server = serve(site)
    site.break_("/robots.txt", fault)
    ran = crawl(site, options=LIMITED)
    server.stop()  # it notes an answer at its end
    assert (ran.code, ran.document["outcome"]) == (1, "robots")
    assert set(server.paths()) == {"/robots.txt"}


def test_server_that_is_not_there_is_one_sentence(crawl: Crawl, db: Path) -> None:
    with served({}) as site:
        url = site.url
    ran = crawl(url + "/info/5/11.htm")
    assert (ran.code, ran.document["outcome"]) == (1, "robots")
    assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize("concurrency", ["1", "8"])
def test_what_robots_txt_forbids_is_never_asked_for(crawl: Crawl, db: Path, concurrency: str) -> None:
    numbers = range(11, 31)
    chain: dict[str, str | Answer] = {f"/info/{5 + n % 2}/{n}.htm": article(n, 5 + n % 2) for n in numbers}
    chain["/robots.txt"] = "User-agent: *\nDisallow: /info/6/\n"
    chain["/news.htm"] = listing(5, [f"info/{5 + n % 2}/{n}.htm" for n in numbers])
    with served(chain) as site:
        ran = crawl(site.url + "/news.htm", options=("--concurrency", concurrency))
        assert ran.code == 1
        assert [path for path in site.paths if path.startswith("/info/6/")] == []
        assert site.paths.count("/robots.txt") == 1
        assert len(archived(db)) == 10


def test_crawl_delay_keeps_requests_apart_whatever_the_concurrency(serve: Serve, crawl: Crawl, db: Path) -> None:
    chain: dict[str, str | Answer] = {f"/info/5/{n}.htm": article(n) for n in (11, 12)}
    chain["/robots.txt"] = "User-agent: *\nCrawl-delay: 1\n"
    chain["/news.htm"] = listing(5, ["info/5/11.htm", "info/5/12.htm"])
    with served(chain) as site:
        ran = crawl(site.url + "/news.htm", options=("--concurrency", "4"))
        assert ran.code == 0
        assert ran.document["seconds"] >= 2, "three pages are at least two delays apart"


# -- addresses ------------------------------------------------------------------------------------------


def test_site_on_a_private_address_needs_leave(db: Path) -> None:
    with served({"/info/5/11.htm": article(11)}) as site:
        port = site.url.rsplit(":", 1)[1]
        url = f"http://{PRIVATE_NAME}:{port}/info/5/11.htm"
        arguments = ("crawl", url, "--db", str(db), "--delay", "0", "--json")
        ran = run(*arguments, command=resolving())
        assert (ran.code, ran.document["outcome"]) == (1, "robots")
        assert "CSU_NEWS_ALLOW_PRIVATE" in ran.err
        assert site.paths == []
        assert query(db, "select count(*) from fetches where warc_file_id is not null") == [(0,)]
        ran = run(*arguments, "-s", "CSU_NEWS_ALLOW_PRIVATE=1", command=resolving())
        assert (ran.code, ran.document["articles"]) == (0, 1)


PRIVATE_NAME = "news.intranet.test"


def resolving() -> tuple[str, ...]:
    """Return the command line in a world where that name is this machine."""
    program = f"""
import socket
known = socket.getaddrinfo
socket.getaddrinfo = lambda name, *more, **names: known(
    "127.0.0.1" if name == {PRIVATE_NAME!r} else name, *more, **names)
from csu_news.cli import main
main(prog_name="csu-news")
"""
    return (sys.executable, "-c", program)


# -- bombs ----------------------------------------------------------------------------------------------


# Between the tests and the crawl, because Linux counts a parent's memory at the fork into the child's peak.
MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def test_gzip_bomb_costs_less_than_150_mb(serve: Serve, db: Path) -> None:
    site = ReplicaSite("en", articles=20, seed=3)
    serve(site)
    path = site.path_of(10)
    site.break_(path, "gzip-bomb", size=400_000_000)
    command = [*profiled(site), "crawl", NAME, "--db", str(db), "--delay", "0", "--no-media", *QUICK]
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], capture_output=True, text=True, env=environment(), check=True
    )
    code, peak_kilobytes = map(int, measured.stdout.split())
    assert code == 1
    assert peak_kilobytes < 150_000, "all of Python and Scrapy included"
    url = urljoin(site.base_url, path)
    assert query(db, "select outcome from fetches where url = ?", url) == [("too large",)]
    assert open_findings(db) == [(url, "too large")]
    assert differences(db, without(modelled(site, NAME), {url})) == []
    assert_sound(db)


def test_error_lines_escape_what_a_server_sends(crawl: Crawl, db: Path) -> None:
    with served({"/news.htm": Answer(302, location="/info/5/%1b[31m\x1b[31m.htm")}) as site:
        ran = crawl(site.url + "/news.htm")
        assert ran.code == 1
        assert re.search(r"[\x00-\x08\x0b-\x1f\x7f]", ran.out + ran.err) is None
