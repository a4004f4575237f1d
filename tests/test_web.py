"""The pages: what they say, in both languages; and what they never say or run."""

from __future__ import annotations

import csv
import json
import re
import signal
import sqlite3
import subprocess
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import PNG, SECRET, Reader, hide, reading, store_file
from driving import COMMAND, environment
from test_archive import BASE, LIST, Bench, article, bench, listing, url_of

from csu_news.archive import Archive
from csu_news.items import Attachment, Image, Link, Outcome
from csu_news.web.exporting import offered
from csu_news.web.guard import HEADERS, INLINE
from csu_news.web.labels import chinese
from csu_news.web.memory import Memory
from csu_news.web.plugin import VIEWS

__all__ = ["bench"]

PICTURE, DRAWING, FILE = (f"{BASE}__local/{name}" for name in ("a.png", "b.svg", "c.doc"))
PROBE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
STOCK = ("/archive", "/archive/article_list", "/archive/articles/1", "/archive?sql=select+1")


def fill(bench: Bench) -> Bench:
    """Make three articles in a chain: the first changed and has files, the second is gone."""
    first = article(
        url_of(1),
        body="The library opens.\n\nSecond part.",
        body_html=f'<p>The library opens.</p><p><img src="{PICTURE}" alt="A library"></p>',
        images=[Image(PICTURE, None, "A library"), Image(DRAWING)],
        attachments=[Attachment(FILE, "表 <b>.doc")],
        next=Link(url_of(2), "Title 2"),
    )
    bench.visit(LIST, listing(*map(url_of, (1, 2, 3))))
    bench.visit(url_of(1), first)
    bench.visit(url_of(2), article(url_of(2), published="2021-02-03", prev=Link(url_of(1), "Title 1")))
    bench.visit(url_of(3), article(url_of(3), language="zh", title="湘雅医院义诊", published=None, body="湘雅医院。"))
    for url, body in ((PICTURE, PNG), (DRAWING, b"<svg onload='alert(1)'/>"), (FILE, b"<script>alert(1)</script>")):
        store_file(bench, url, body)
    bench.run.finish()
    bench.now += timedelta(days=10)
    bench.begin()
    bench.visit(
        url_of(1),
        replace(first, title="New title", body="The museum opens.", body_html="<p>The museum opens.</p>", images=[]),
    )
    bench.visit(url_of(2), outcome=Outcome.GONE, status=404)
    bench.run.finish()
    return bench


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """Return an archive that the test may change."""
    return fill(bench)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Return the site of one that nobody changes."""
    bench = fill(Bench(tmp_path_factory.mktemp("site") / "archive.db"))
    with reading(bench.path) as made:
        yield made
    bench.archive.close()


# -- what the pages say ------------------------------------------------------------------------

PAGES = (
    ("/", 200, ["3 articles", "New title", "湘雅医院义诊", "Gone from the site, kept here"]),
    ("/-/search", 200, ["3 articles", "Title 2"]),
    ("/-/search?q=museum", 200, ["1 article<", "The <mark>museum</mark> opens."]),
    ("/-/search?q=湘雅", 200, ["<mark>湘雅</mark>医院义诊"]),
    ("/-/search?status=gone&since=2021&language=en", 200, ["1 article<", "Title 2"]),
    ("/-/search?q=%22", 200, ["0 articles"]),
    ("/-/search?page=99", 200, ["3 articles"]),
    ("/-/search?since=May", 400, ["is no date"]),
    ("/-/search?column=x", 400, ["is no number"]),
    ("/-/search?q=" + "a" * 1001, 400, ["1,000 are the most"]),
    ("/-/article/uni-1", 200, ["New title", "The museum opens.", "application/ld+json", "citation_title"]),
    ("/-/article/uni-2", 200, ["Gone from the site since 2026-03-11"]),
    ("/-/article/uni-1/2026-03-01", 200, ["Title 1", "The library opens.", "revision 1 of 2"]),
    ("/-/article/uni-1?at=2026-03-10", 200, ["The library opens."]),
    ("/-/article/uni-1/2026-03-11", 200, ["The museum opens.", "revision 2 of 2"]),
    ("/-/article/uni-1/2026-02-28", 404, ["was not in this archive yet"]),
    ("/-/article/uni-1/2026-13-01", 400, ["is no date"]),
    ("/-/article/uni-1?at=yesterday", 400, ["is no date"]),
    ("/-/article/uni-1/changes", 200, ["<del>library</del><ins>museum</ins>", "<del>Title 1</del>"]),
    ("/-/article/uni-1/changes?old=2&new=1", 200, ["<del>museum</del><ins>library</ins>"]),
    ("/-/article/uni-1/changes?old=2&new=2", 200, ["Nothing differs."]),
    ("/-/article/uni-1/changes?old=3", 404, ["no such revision"]),
    ("/-/article/uni-9", 404, ["no such article"]),
    ("/-/nothing", 404, ["no such page"]),
    ("/archive/article_list.json?_search=湘雅+医院", 200, ["uni-3"]),
    ("/robots.txt", 200, ["Disallow: /-/search"]),
    *((path, 200, []) for path in STOCK),
)


@pytest.mark.parametrize(("path", "status", "texts"), PAGES, ids=[path[:40] for path, *_ in PAGES])
def test_page_says(reader: Reader, path: str, status: int, texts: list[str]) -> None:
    shown = reader.text(path, status)
    assert [text for text in texts if text not in shown] == []


def test_page_is_made_anew_when_the_archive_changes(filled: Bench) -> None:
    with reading(filled.path) as reader:
        assert "New title" in reader.text("/")
        assert "New title" in reader.text("/")
        filled.begin()
        filled.visit(url_of(1), article(url_of(1), title="Newer still"))
        assert "Newer still" in reader.text("/")


def test_what_is_large_is_not_kept_in_memory() -> None:
    made: list[str] = []
    with closing(sqlite3.connect(":memory:")) as connection:
        memory = Memory(connection)
        for key in ("small", "small", "large", "large"):
            memory.recall(key, partial(made.append, key), lambda _, key=key: key == "small")
    assert made == ["small", "large", "large"]


def test_home_says_whether_the_archive_is_complete(filled: Bench) -> None:
    with reading(filled.path) as reader:
        reader.text("/")
        reader.site.verdict.settle()
        with Archive(filled.path) as archive:
            verdict = archive.audit().verdict
        assert f'<strong class="{verdict}">{verdict}</strong>' in reader.text("/")


def test_neighbours_and_translation_are_shown(filled: Bench) -> None:
    filled.archive.connection.execute("insert into translations (en_id, zh_id, evidence) values (2, 3, 'link-both')")
    with reading(filled.path) as reader:
        shown = reader.text("/-/article/uni-2")
    assert re.search(r'rel="prev" href="/-/article/uni-1">.*New title', shown)
    assert re.search(r'lang="zh".*\s.*<a href="/-/article/uni-3">湘雅医院义诊</a>', shown)


def test_linked_data_is_the_article(reader: Reader) -> None:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', reader.text("/-/article/uni-2"))
    document = json.loads(text)
    assert (document["@type"], document["headline"], document["datePublished"], document["url"]) == (
        *("NewsArticle", "Title 2", "2021-02-03"),
        url_of(2),
    )


def test_citation_is_shown_and_saved(reader: Reader) -> None:
    shown = reader.text("/-/article/uni-2")
    for name, extension in (("biblatex", "bib"), ("ris", "ris"), ("csl-json", "json")):
        answer = reader.get(f"/-/article/uni-2/citation/{name}")
        assert answer.headers["content-disposition"] == f'attachment; filename="uni-2.{extension}"'
        assert escape(answer.text, quote=False).splitlines()[2] in unescape(shown).replace("&", "&amp;")
        assert url_of(2) in answer.text
    assert reader.get("/-/article/uni-2/citation/apa").status_code == 404


@pytest.mark.parametrize("selection", ["", "q=museum", "q=湘雅", "status=gone&since=2021", "q=nothing"])
def test_export_holds_what_the_search_counts(reader: Reader, selection: str) -> None:
    shown = reader.text(f"/-/search?{selection}")
    (number,) = re.findall(r'role="status">(\d+) article', shown)
    links = [unescape(link) for link in re.findall(r'href="(/-/export/[^"]*)"', shown)]
    assert len(links) == (len(offered()) if int(number) else 0)
    for link in links:
        answer = reader.get(link)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment; ")
        if "/csv" in link:
            assert len(list(csv.DictReader(answer.text.splitlines()))) == int(number)
        if "/jsonl" in link:
            keys = {json.loads(line)["key"] for line in answer.text.splitlines()}
            assert keys == set(re.findall(r'href="/-/article/([^"/]+)"', shown))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/-/export/txt", 404),
        ("/-/export/wacz", 404),
        ("/-/export/csv?since=May", 400),
        ("/-/export/csv?q=" + "a" * 1001, 400),
    ],
)
def test_export_that_cannot_be_made_is_refused_before_it_begins(reader: Reader, path: str, status: int) -> None:
    reader.text(path, status)


# -- languages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "language"),
    [
        ("/", {}, "en"),
        ("/", {"accept_language": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh-Hans"),
        ("/", {"accept_language": "fr, en;q=0.5, zh;q=0.9"}, "zh-Hans"),
        ("/", {"accept_language": ";;q=x, *"}, "en"),
        ("/?lang=zh", {"accept_language": "en"}, "zh-Hans"),
        ("/", {"accept_language": "en", "cookie": "lang=zh"}, "zh-Hans"),
        ("/?lang=xx", {}, "en"),
    ],
)
def test_language_is_asked_for_kept_or_the_browsers(
    reader: Reader, path: str, headers: dict[str, str], language: str
) -> None:
    answer = reader.get(path, **headers)
    assert f'<html lang="{language}">' in answer.text
    assert ("lang=zh" in answer.headers.get("set-cookie", "")) is (path == "/?lang=zh")


@pytest.mark.parametrize("path", [path for path, *_ in PAGES if not path.startswith(("/archive", "/robots"))])
def test_every_page_is_there_in_chinese(reader: Reader, path: str) -> None:
    assert '<html lang="zh-Hans">' in reader.get(path, accept_language="zh").text


def test_every_label_has_its_chinese() -> None:
    folder = Path(__file__).parents[1] / "csu_news" / "web"
    pages, modules = (
        [path.read_text(encoding="utf-8") for path in folder.rglob(f"*.{kind}")] for kind in ("html", "py")
    )
    labels = {label for text in pages for _, label in re.findall(r"""\b_\((["'])(.*?)\1""", text)}
    labels |= {label for text in pages for two in re.findall(r'counted\([^"]*"(.*?)", "(.*?)"', text) for label in two}
    labels |= {label for text in modules for label in re.findall(r'(?:Missing|error_page|_said)\([^"\n]*"(.*?)"', text)}
    assert len(labels) > 80
    assert labels - {""} - chinese().keys() == set()


# -- what is never run -------------------------------------------------------------------------


def test_headers_are_on_every_answer(reader: Reader) -> None:
    for path in (*(path for path, *_ in PAGES), "/static/site.css", f"/-/media/uni-1?url={quote(PICTURE)}", "/a%2e/b"):
        headers = reader.get(path).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
        policy = headers["content-security-policy"]
        scripts = re.findall(r"script-src ([^;]*)", policy)
        assert "default-src 'none'" in policy, path
        assert "unsafe-inline" not in "".join(scripts), path
    assert reader.get("/", method="POST").status_code == 405


def test_inline_scripts_of_datasette_are_those_allowed(reader: Reader) -> None:
    """An upgrade that changes them shows here, not as pages that do not work."""
    for path in STOCK:
        answer = reader.get(path)
        for script in INLINE.findall(answer.text):
            assert b64encode(sha256(script.encode()).digest()).decode() in answer.headers["content-security-policy"]


def test_probes_stay_inert(bench: Bench) -> None:
    url = f"{BASE}__local/a.png?{quote(PROBE)}"
    probed = article(
        url_of(1),
        title=PROBE,
        body=PROBE,
        body_html=f'<p onclick="alert(3)">{PROBE}</p><a href="javascript:alert(4)">x</a><iframe src="/"></iframe>',
        sources=[PROBE],
        source_raw=PROBE,
        images=[Image(url, None, PROBE)],
        attachments=[Attachment("javascript:alert(5)", PROBE)],
    )
    bench.read(1)
    bench.visit(url_of(1), probed)
    query = quote(PROBE)
    paths = ["/", f"/-/search?q={query}", f"/-/search?source={query}", "/-/search", "/-/article/uni-1"]
    paths += ["/-/article/uni-1/changes", "/-/article/uni-1?at=2026-03-01", f"/-/article/{query}", f"/?lang={query}"]
    with reading(bench.path) as reader:
        for path in paths:
            shown = reader.get(path).text
            tags = Tags(shown)
            assert not [name for name, value in tags.attributes if name.startswith("on")], path
            assert not [value for name, value in tags.attributes if (value or "").startswith("javascript:")], path
            assert not {"iframe", "object", "embed", "style"} & set(tags.names), path
            scripts = re.findall(r"<script[^>]*>", shown)
            own = r'<script type="application/ld\+json">|<script src="/static/copy\.js\?\w+" defer>'
            assert all(re.fullmatch(own, script) for script in scripts), path


class Tags(HTMLParser):
    """Collects the elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize(
    ("url", "content_type", "disposition"),
    [
        (PICTURE, "image/png", None),
        (DRAWING, "application/octet-stream", "attachment; filename*=UTF-8''b.svg"),
        (FILE, "application/octet-stream", f"attachment; filename*=UTF-8''{quote('表_b_.doc')}"),
    ],
)
def test_files_come_out_of_the_evidence_and_only_pictures_are_shown(
    reader: Reader, url: str, content_type: str, disposition: str | None
) -> None:
    answer = reader.get(f"/-/media/uni-1?url={quote(url)}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.headers.get("content-disposition") == disposition
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert reader.get(f"/-/media/uni-2?url={quote(url)}").status_code == 404


def test_text_shows_pictures_of_the_archive(filled: Bench) -> None:
    filled.begin()
    filled.visit(url_of(3), article(url_of(3), body_html=f'<p><img src="{PICTURE}"></p>', images=[Image(PICTURE)]))
    with reading(filled.path) as reader:
        shown = reader.text("/-/article/uni-3")
        (source,) = re.findall(r'<img src="([^"]*)"', shown)
        assert reader.get(source).content == PNG
        assert not re.search(r'src="http', shown)


def test_picture_that_the_archive_lacks_is_not_asked_for(filled: Bench) -> None:
    html = f'<p><img src="{BASE}lost.png"><img src="{BASE}lost.png" alt="The hall"></p>'
    filled.begin()
    filled.visit(url_of(3), article(url_of(3), body_html=html, images=[Image(f"{BASE}lost.png")]))
    with reading(filled.path) as reader:
        assert '<p><img alt=""><img alt="The hall"></p>' in reader.text("/-/article/uni-3")


# -- what is not to be seen --------------------------------------------------------------------

SHUT = (
    *("/archive/articles", "/archive/articles/1", "/archive/articles.json", "/archive/articles.csv?_stream=1"),
    *("/archive/revisions.json", "/archive/links.json", "/archive/media.json", "/archive/pages.json"),
    *("/archive/articles_fts.json", "/archive/articles_fts_content.json", "/archive/decisions.json"),
    *("/archive/findings.json", "/archive/open_findings.json", "/archive/sqlite_master.json"),
    "/archive?sql=select+title+from+articles",
    "/archive.json?sql=select+title+from+articles",
    "/archive/article_list?_where=1=1",
    "/-/article/uni-1",
    "/-/article/uni-1/changes",
    "/-/article/uni-1/2026-03-01",
    f"/-/media/uni-1?url={quote(PICTURE)}",
    "/archive.db",
)


def test_withheld_article_is_nowhere(bench: Bench) -> None:
    words = {"title": f"{SECRET} title", "body": f"{SECRET} body", "source_raw": SECRET, "sources": [SECRET]}
    bench.visit(LIST, listing(url_of(1), url_of(2)))
    bench.visit(url_of(1), article(url_of(1), **words, images=[Image(PICTURE)], next=Link(url_of(2), "Title 2")))
    bench.visit(url_of(2), article(url_of(2), prev=Link(url_of(1), f"{SECRET} title")))
    store_file(bench, PICTURE, PNG)
    bench.begin()
    bench.visit(url_of(1), article(url_of(1), **words | {"body": f"{SECRET} again"}))
    with reading(bench.path) as reader:
        assert SECRET in reader.text("/archive/articles.json")
        assert SECRET in reader.text("/")
        hide(bench, "uni-1")
        for path in SHUT:
            answer = reader.get(path)
            assert answer.status_code in (403, 404), path
            assert SECRET not in answer.text, path
        opened = [
            "/",
            "/-/search",
            "/-/search?q=confid*",
            "/-/article/uni-2",
            "/archive",
        ]
        opened += ["/-/health", "/-/sources", "/-/timeline", "/-/feed.atom", "/-/article/uni-2/citation/ris"]
        opened += [f"/-/export/{name}" for name in offered()]
        opened += [f"/archive/{view}.{kind}" for view in VIEWS for kind in ("json", "csv")]
        opened += ["/archive/article_list.json?_search=confid*&_fts_table=articles_fts_content&_fts_pk=id"]
        opened += ["/archive/article_list.json?_through={}&_facet=title".format(quote('{"table":"articles"}'))]
        for path in opened:
            assert SECRET not in reader.get(path).text, path


def test_path_of_the_file_is_nowhere(reader: Reader) -> None:
    paths = ["/-/databases", "/-/databases.json", "/-/plugins.json", "/-/metadata.json", "/-/threads", "/_internal"]
    paths += ["/-/settings.json", "/-/versions.json", "/-/permissions", "/.json", "/archive.json", "/archive.db"]
    paths += ["/archive?sql=select+*+from+pragma_database_list", "/archive.json?sql=select+*+from+pragma_database_list"]
    paths += ["/archive.json?sql=select+nothing", "/archive.json?sql=attach+'/x'+as+x", "/-/nothing"]
    for path in paths:
        assert str(reader.site.warc_folder.parent) not in reader.get(path).text, path
        assert reader.get(path).status_code in (400, 403, 404) or path.startswith("/archive"), path


def test_what_nobody_expected_is_not_told(filled: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    with reading(filled.path) as reader:
        reader.site.archive.connect = None  # a bug, wherever
        shown = reader.text("/", 500)
    assert "went wrong" in shown
    assert "NoneType" not in shown
    assert "NoneType" in capfd.readouterr().err


def test_nothing_can_be_written(reader: Reader) -> None:
    answer = reader.get("/archive.json?sql=with+a+as+(select+1)+delete+from+articles")
    assert answer.status_code == 400


def test_sql_can_be_switched_off(filled: Bench) -> None:
    with reading(filled.path, sql=False) as reader:
        assert reader.get("/archive.json?sql=select+1").status_code == 403
        assert reader.get("/archive/articles.json").status_code == 200


# -- a process ---------------------------------------------------------------------------------


@pytest.mark.parametrize("at_rest", [False, True])
def test_archive_is_served_at_rest_and_while_it_is_written(filled: Bench, tmp_path: Path, at_rest: bool) -> None:
    db = filled.path
    if at_rest:
        filled.archive.connection.execute("vacuum into ?", (str(tmp_path / "snapshot.db"),))
        db = tmp_path / "snapshot.db"
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--host", "0.0.0.0", "--json", "--db", str(db)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert process.stdout
        printed = "".join(process.stdout.readline() for _ in range(3))
        url = json.loads(printed)["url"].replace("0.0.0.0", "127.0.0.1")
        for path in ("", "-/search?q=museum", "-/article/uni-1", "archive/article_list.json"):
            with urllib.request.urlopen(url + path, timeout=20) as answer:
                assert "New title" in answer.read().decode()
    finally:
        process.terminate()
        _, printed = process.communicate(timeout=20)
    assert "docs/web.md" in printed
    assert "Traceback" not in printed


def test_serve_ends_quietly_when_it_is_interrupted(filled: Bench) -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--db", str(filled.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert process.stdout
    url = re.findall(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())[0]
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=20)
    assert (process.returncode, printed) == (130, "")


def test_serve_refuses_what_it_cannot_serve(tmp_path: Path, db: Path) -> None:
    for arguments, sentence in ((["--db", str(db)], "There is no archive"), (["--port", "70000"], "70000")):
        done = subprocess.run(
            [*COMMAND, "serve", *arguments], capture_output=True, text=True, env=environment(), timeout=60
        )
        assert done.returncode in (1, 2)
        assert sentence in done.stderr
