"""Exports that take from the evidence: pictures in the reading copy, WACZ."""

from __future__ import annotations

import json
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from click.testing import CliRunner, Result
from driving import profiled, query, run

from csu_news.cli import main
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.replica.routes import reply_to

SITE = ReplicaSite("en", articles=30, seed=3)


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
