"""verify: whatever is changed after it was written is found and named, and nothing else is."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import Ran, profiled, query, run

from csu_news.archive import Archive
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.verify import Report, verify
from csu_news.warc import iter_records

EVERY = 211
"""Every so many bytes of a file is changed; a number that divides no length in it."""


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of 5 articles, as a real crawl left it."""
    db = tmp_path_factory.mktemp("crawled") / "archive.db"
    assert run("demo", "--articles", "5", "--db", str(db)).code == 0
    return db


@pytest.fixture
def copy(crawled: Path, tmp_path: Path) -> Path:
    """Return a copy of the archive to damage."""
    shutil.copytree(crawled.parent, tmp_path / "copy")
    return tmp_path / "copy" / crawled.name


def checked(db: Path) -> Report:
    with Archive(db) as archive:
        return verify(archive)


def warc_file(db: Path) -> Path:
    (path,) = (db.parent / "warc").iterdir()
    return path


def change(db: Path, sql: str, *arguments: object) -> None:
    with sqlite3.connect(db) as connection:
        connection.execute(sql, arguments)
    connection.close()


def kinds(report: Report) -> set[str]:
    return {problem.kind for problem in report.problems}


# -- sound ----------------------------------------------------------------------------------


def test_an_archive_as_the_crawl_left_it_is_sound(crawled: Path) -> None:
    report = checked(crawled)
    assert (report.verdict, report.problems) == ("sound", [])
    ((fetches,),) = query(crawled, "select count(*) from fetches")
    assert (report.files, report.records, report.articles) == (1, fetches, 5)


def test_the_command_says_so_as_text_and_as_json(crawled: Path) -> None:
    text = run("verify", "--db", str(crawled))
    assert (text.code, text.err) == (0, "")
    assert text.out.startswith("Sound: 1 WARC files, ")
    document = run("verify", "--db", str(crawled), "--json").document
    assert document["verdict"] == "sound"
    assert set(document) == {"verdict", "files", "records", "articles", "problems", "seconds"}


def test_nothing_is_written(crawled: Path) -> None:
    before = {path.name: path.read_bytes() for path in crawled.parent.rglob("*") if path.is_file()}
    checked(crawled)
    after = {path.name: path.read_bytes() for path in crawled.parent.rglob("*") if path.is_file()}
    assert {name: after[name] for name in before if not name.endswith(("-shm", "-wal"))} == {
        name: data for name, data in before.items() if not name.endswith(("-shm", "-wal"))
    }


# -- the evidence ---------------------------------------------------------------------------


def test_any_changed_byte_is_found_and_its_record_named(copy: Path) -> None:
    path = warc_file(copy)
    data = path.read_bytes()
    records = list(iter_records(path))
    unnamed = []
    for place in range(0, len(data), EVERY):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x40]) + data[place + 1 :])
        report = checked(copy)
        assert "file checksum" in kinds(report), place
        offset = next(record.offset for record in records if place < record.end)
        named = {problem.offset for problem in report.problems if problem.kind != "file checksum"}
        if named != {offset}:
            unnamed.append((place, offset, named))
        assert report.records >= len([r for r in records if r.type == "response"]) - 1
    assert unnamed == []


def test_the_damaged_record_comes_with_its_address(copy: Path) -> None:
    ((url, offset, length),) = query(
        copy, "select url, warc_offset, warc_length from fetches where outcome = 'article' limit 1"
    )
    path = warc_file(copy)
    data = bytearray(path.read_bytes())
    data[offset + length // 2] ^= 1
    path.write_bytes(data)
    done = run("verify", "--db", str(copy), "--json")
    assert done.code == 1
    damaged = [problem for problem in done.document["problems"] if problem["kind"] == "record damaged"]
    assert [(p["file"], p["offset"], p["url"]) for p in damaged] == [(path.name, offset, url)]
    text = run("verify", "--db", str(copy))
    assert (text.code, str(offset) in text.out.replace(",", "")) == (1, True)


def test_a_truncated_file_names_what_is_lost(copy: Path) -> None:
    path = warc_file(copy)
    data = path.read_bytes()
    rows = query(copy, "select warc_offset, url from fetches order by warc_offset")
    path.write_bytes(data[: rows[-3][0]])
    report = checked(copy)
    lost = [(problem.offset, problem.url) for problem in report.problems if problem.kind == "row without record"]
    assert lost == rows[-3:]
    assert "file size" in kinds(report)
    path.write_bytes(data[: rows[-1][0] + 9])
    report = checked(copy)
    assert [p.offset for p in report.problems if p.kind == "record damaged"] == [rows[-1][0]]


def test_a_missing_file_and_a_foreign_one_are_named(copy: Path) -> None:
    path = warc_file(copy)
    path.rename(path.with_name("other.warc.gz"))
    report = checked(copy)
    assert {(problem.kind, problem.file) for problem in report.problems} == {
        ("file missing", path.name),
        ("file not registered", "other.warc.gz"),
    }


def test_a_whole_record_that_nobody_wrote_is_named(copy: Path) -> None:
    """The file is sealed anew, as somebody would who hides something."""
    path = warc_file(copy)
    first = next(record for record in iter_records(path) if record.type == "response")
    data = path.read_bytes()
    path.write_bytes(data + data[first.offset : first.end])
    reseal(copy)
    report = checked(copy)
    assert [(problem.kind, problem.offset) for problem in report.problems] == [("record without row", len(data))]


def test_a_changed_record_is_named_though_the_file_is_sealed_anew(copy: Path) -> None:
    path = warc_file(copy)
    record = next(r for r in iter_records(path) if r.type == "response" and (r.url or "").endswith("robots.txt"))
    data = path.read_bytes()
    text = gzip.decompress(data[record.offset : record.end]).replace(b"Server: *", b"Server: x")
    path.write_bytes(data[: record.offset] + gzip.compress(text) + data[record.end :])
    reseal(copy)
    report = checked(copy)
    assert ("record damaged", record.offset) in {(problem.kind, problem.offset) for problem in report.problems}


def reseal(db: Path) -> None:
    import hashlib

    data = warc_file(db).read_bytes()
    change(db, "update warc_files set size_bytes = ?, sha256 = ?", len(data), hashlib.sha256(data).hexdigest())


# -- rows -----------------------------------------------------------------------------------


def test_a_record_whose_row_is_gone_is_named(copy: Path) -> None:
    ((row_id, offset, url),) = query(copy, "select id, warc_offset, url from fetches where page_id is null")
    change(copy, "delete from fetches where id = ?", row_id)
    (problem,) = checked(copy).problems
    assert (problem.kind, problem.offset, problem.url) == ("record without row", offset, url)


@pytest.mark.parametrize(
    ("sql", "kind", "said"),
    [
        ("update fetches set warc_offset = warc_offset + 1 where id = 3", "row without record", "row 3"),
        ("update fetches set url = url || 'x' where id = 3", "row differs", "another url"),
        ("update fetches set warc_record_id = 'x' where id = 3", "row differs", "another record id"),
        ("update fetches set payload_sha1 = 'sha1:A' where id = 3", "row differs", "another payload_sha1"),
        ("update fetches set payload_sha256 = 'a' where id = 3", "row differs", "another payload_sha256"),
        ("update fetches set warc_length = 7 where id = 3", "row differs", "another warc_length"),
        ("update fetches set page_id = 9999 where id = 3", "foreign key", "table fetches"),
        ("update articles set title = title || '!' where id = 3", "article", "content_sha256 was made of"),
        ("update articles set body = 'x' where id = 3", "article", "content_sha256 was made of"),
        ("update articles set sources = '{' where id = 3", "article", "content_sha256 was made of"),
        ("update articles set revision_count = 2 where id = 3", "article", "1 revisions, not 2"),
        ("update articles set content_sha256 = 'x' where id = 3", "article", "last revision"),
        ("delete from media where id = 1", "article", "content_sha256 was made of"),
        ("update revisions set content_sha256 = 'x' where id = 3", "revision", "revision 1"),
        ("update revisions set body = 'x' where id = 3", "revision", "revision 1"),
        ("update articles_fts set body = 'x' where rowid = 3", "full text", "another body"),
        ("delete from articles_fts where rowid = 3", "full text", "not in the full text"),
        ("insert into articles_fts (rowid, title) values (9999, 'x')", "full text", "no article"),
        ("update articles set status = 'withheld' where id = 3", "full text", "is withheld, and"),
        ("delete from articles_fts_data where id > 10", "database", "index"),
        ("delete from articles_fts_docsize where id = 3", "database", "index"),
    ],
)
def test_a_changed_row_is_named(copy: Path, sql: str, kind: str, said: str) -> None:
    change(copy, sql)
    report = checked(copy)
    assert any(said in problem.detail for problem in report.problems if problem.kind == kind), report.problems
    assert report.verdict == "damaged"


def test_a_damaged_database_page_is_named_and_the_rest_checked(copy: Path) -> None:
    ((page_size,),) = query(copy, "pragma page_size")
    ((root,),) = query(copy, "select rootpage from sqlite_master where name = 'articles'")
    with copy.open("r+b") as file:
        file.seek((root - 1) * page_size)
        file.write(b"\xff" * page_size)
    report = checked(copy)
    assert "database" in kinds(report)
    assert report.records > 0
    done = run("verify", "--db", str(copy))
    assert (done.code, "Traceback" in done.err) == (1, False)


def test_every_damaged_page_of_the_database_ends_in_a_sentence(copy: Path) -> None:
    ((page_size,),) = query(copy, "pragma page_size")
    data = copy.read_bytes()
    for page in range(1, len(data) // page_size):
        start = page * page_size
        copy.write_bytes(data[:start] + bytes(page_size) + data[start + page_size :])
        done = _verified_or_refused(copy)
        assert done, page


def _verified_or_refused(db: Path) -> bool:
    from csu_news.errors import CsuNewsError

    try:
        return checked(db).verdict == "damaged"
    except CsuNewsError:
        return True


# -- while a crawl runs ---------------------------------------------------------------------


@pytest.fixture
def slow_server() -> Iterator[ReplicaServer]:
    with ReplicaServer(ReplicaSite("en", articles=60), latency_s=0.02) as server:
        yield server


def test_a_running_crawl_is_no_damage(slow_server: ReplicaServer, db: Path) -> None:
    (site,) = slow_server.sites
    done: list[Ran] = []
    arguments = ("crawl", "demo-en", "--db", str(db), "--delay", "0", "--json")
    crawl = threading.Thread(target=lambda: done.append(run(*arguments, command=profiled(site))))
    crawl.start()
    seen: list[int] = []
    while crawl.is_alive():
        if db.exists() and list((db.parent / "warc").glob("*.open")):
            report = checked(db)
            assert report.problems == []
            seen.append(report.records)
        time.sleep(0.05)
    crawl.join()
    assert done[0].code == 0
    assert len(set(seen)) > 2
    assert checked(db).problems == []


def test_damage_in_an_unsealed_file_is_found(slow_server: ReplicaServer, db: Path, crawl: Callable[..., Ran]) -> None:
    assert crawl(*slow_server.sites).code == 0
    path = warc_file(db)
    change(db, "update warc_files set sealed_at = null, sha256 = null, size_bytes = null")
    unsealed = path.rename(path.with_name(path.name + ".open"))
    assert checked(db).problems == []
    ((offset,),) = query(db, "select warc_offset from fetches where id = 5")
    data = bytearray(unsealed.read_bytes())
    data[offset + 200] ^= 1
    unsealed.write_bytes(data + b"\x1f\x8b\x08 torn")
    assert [(p.kind, p.offset) for p in checked(db).problems] == [("record damaged", offset)]
    json.dumps(checked(db).as_dict())
