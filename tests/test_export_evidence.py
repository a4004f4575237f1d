"""Exports that take from the evidence: pictures in the reading copy, WACZ."""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import sqlite3
import sys
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import lxml.html
import pytest
from click.testing import CliRunner, Result
from driving import profiled, query, run

from csu_news.cli import main
from csu_news.errors import ExportError
from csu_news.exporters.wacz_check import check_wacz
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.replica.routes import reply_to

SITE_ARTICLES = 30
SITE = ReplicaSite("en", articles=SITE_ARTICLES, seed=3)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return an archive of the site, one article withheld."""
    path = tmp_path_factory.mktemp("evidence") / "archive.db"
    with ReplicaServer([SITE]):
        crawl = ("crawl", "demo-en", "--db", str(path), "--delay", "0")
        assert run(*crawl, command=profiled(SITE)).code == 0
    assert run("withhold", withheld(path), "--reason", "private", "--db", str(path)).code == 0
    return path


def withheld(path: Path) -> str:
    return str(query(path, "select key from articles order by key limit 1")[0][0])


def export(name: str, path: Path, db: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["export", name, "-o", str(path), "--db", str(db), *options])


def test_reading_copy_holds_the_pictures_themselves(db: Path, tmp_path: Path) -> None:
    assert export("html", tmp_path / "news.html", db).exit_code == 0
    page = lxml.html.fromstring((tmp_path / "news.html").read_text(encoding="utf-8"))
    found = {b64decode(image.get("src").split("base64,")[1]) for image in page.iter("img")}
    hidden = withheld(db)
    shown = [article for article in SITE.articles() if f"demo-en-{article['news_id']}" != hidden]
    assert found == {reply_to(SITE, image).body for article in shown for image in article["images"]}
    assert page.xpath("//*[@class='picture']") == []
    assert len(page.xpath("//article")) == len(shown)


# -- wacz --------------------------------------------------------------------------------------

wacz = pytest.importorskip("wacz", reason="py-wacz is not installed")


def export_wacz(db: Path, path: Path, *options: str) -> zipfile.ZipFile:
    done = export("wacz", path, db, *options)
    assert (done.exit_code, done.stderr) == (0, "")
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    return zipfile.ZipFile(path)


def pages_of(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()[1:]]


def test_wacz_has_a_page_for_each_article_and_the_evidence_whole(db: Path, tmp_path: Path) -> None:
    with export_wacz(db, tmp_path / "news.wacz") as archive:
        rows = query(
            db,
            "select key, f.url, fetched_at, title from articles a join fetches f on f.id = a.fetch_id"
            " where a.status <> 'withheld'",
        )
        assert sorted(tuple(page[name] for name in ("id", "url", "ts", "title")) for page in pages_of(archive)) == (
            sorted(rows)
        )
        for warc in (db.parent / "warc").iterdir():
            assert archive.read(f"archive/{warc.name}") == warc.read_bytes()


def test_wacz_of_a_selection_lists_that_only(db: Path, tmp_path: Path) -> None:
    key, title = query(db, "select key, title from articles where status = 'live' order by key desc limit 1")[0]
    with export_wacz(db, tmp_path / "news.wacz", "--query", f'"{title}"') as archive:
        assert [page["id"] for page in pages_of(archive)] == [key]


def test_wacz_of_nothing_is_an_error(db: Path, tmp_path: Path) -> None:
    done = export("wacz", tmp_path / "x.wacz", db, "--site", "other")
    assert (done.exit_code, done.stderr) == (
        1,
        "Error: No article with evidence is selected, and a WACZ is nothing without.\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_open_file_is_taken_as_far_as_the_database_knows_it(db: Path, tmp_path: Path) -> None:
    shutil.copytree(db.parent, tmp_path / "open")
    path = tmp_path / "open" / db.name
    (warc,) = (path.parent / "warc").iterdir()
    whole = warc.read_bytes()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update warc_files set sealed_at = null, size_bytes = null, sha256 = null")
        (end,) = connection.execute("select max(warc_offset + warc_length) from fetches").fetchone()
    warc.rename(f"{warc}.open").write_bytes(whole[: end + 100])  # a record is being written
    with export_wacz(path, tmp_path / "out" / "news.wacz") as archive:
        assert archive.read(f"archive/{warc.name}") == whole[:end]


def test_kill_leaves_nothing_half_under_the_final_name(db: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.wacz"
    path.write_bytes(b"old")
    killed = """
import os, signal, zipfile
import csu_news.cli
copied = zipfile.ZipFile.writestr
def kill(archive, info, *rest, **more):
    if "datapackage.json" in str(info):
        os.kill(os.getpid(), signal.SIGKILL)
    copied(archive, info, *rest, **more)
zipfile.ZipFile.writestr = kill
csu_news.cli.main()
"""
    done = run("export", "wacz", "-o", str(path), "--db", str(db), command=(sys.executable, "-c", killed))
    assert done.code == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    assert export("wacz", path, db).exit_code == 0
    check_wacz(path, pages=SITE_ARTICLES - 1)


def repackaged(members: dict[str, bytes]) -> dict[str, bytes]:
    """Return the members with a package that fits them."""
    package = json.loads(members["datapackage.json"])
    for resource in package["resources"]:
        content = members[resource["path"]]
        resource |= {"bytes": len(content), "hash": f"sha256:{sha256(content).hexdigest()}"}
    made = json.dumps(package).encode()
    digest = {"path": "datapackage.json", "hash": f"sha256:{sha256(made).hexdigest()}"}
    return members | {"datapackage.json": made, "datapackage-digest.json": json.dumps(digest).encode()}


def without_evidence(members: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in members.items() if not name.startswith("archive/")}


def unsorted(members: dict[str, bytes]) -> dict[str, bytes]:
    lines = gzip.decompress(members["indexes/index.cdx.gz"]).splitlines(keepends=True)
    return repackaged(members | {"indexes/index.cdx.gz": gzip.compress(b"".join(reversed(lines)))})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda members: members | {"pages/pages.jsonl": b"{}"}, "digest of pages/pages.jsonl is not its own"),
        (lambda members: repackaged(members | {"pages/pages.jsonl": b"{}"}), "list of pages has no header"),
        (lambda members: members | {"datapackage.json": b"{}"}, "digest of datapackage.json is not its own"),
        (lambda members: members | {"more": b""}, "datapackage.json does not name what is there"),
        (lambda members: repackaged(members | {"indexes/index.cdx.gz": gzip.compress(b"")}), "index is empty"),
        (unsorted, "index is not sorted"),
        (without_evidence, "there is no WARC file in it"),
    ],
)
def test_wacz_that_is_wrong_is_told(
    db: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]], sentence: str
) -> None:
    with export_wacz(db, tmp_path / "good" / "news.wacz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "bad.wacz", "w") as archive:
        for name, content in change(members).items():
            archive.writestr(name, content)
    with pytest.raises(ExportError, match=sentence):
        check_wacz(tmp_path / "bad.wacz", pages=SITE_ARTICLES - 1)


def test_compressed_member_and_torn_file_are_told(db: Path, tmp_path: Path) -> None:
    with export_wacz(db, tmp_path / "good" / "news.wacz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    bad = tmp_path / "bad.wacz"
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ExportError, match=r"index\.cdx\.gz is compressed in the zip"):
        check_wacz(bad, pages=SITE_ARTICLES - 1)
    bad.write_bytes(bad.read_bytes()[:-1000])
    with pytest.raises(ExportError, match="cannot be read"):
        check_wacz(bad, pages=SITE_ARTICLES - 1)


def test_article_without_evidence_has_no_page(db: Path, tmp_path: Path) -> None:
    shutil.copytree(db.parent, tmp_path / "copy")
    path = tmp_path / "copy" / db.name
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update articles set fetch_id = null where id = (select min(id) from articles)")
    done = export("wacz", tmp_path / "news.wacz", path, "--json")
    assert json.loads(done.stdout)["articles"] == SITE_ARTICLES - 2
    next((path.parent / "warc").iterdir()).unlink()
    done = export("wacz", tmp_path / "news.wacz", path)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "is missing: see `csu-news verify`" in done.stderr
