"""reparse: the archive is what its records say, whatever became of the database."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from driving import profiled, query, run

import csu_news.reparse.again
from csu_news import settings
from csu_news.archive import Archive
from csu_news.errors import ArchiveError, EvidenceError
from csu_news.judge import LONGEST_BODY_BYTES
from csu_news.reparse.again import Summary, reparse
from csu_news.reparse.pool import ordered_map
from csu_news.reparse.rebuild import rebuild
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.verify import verify

ARTICLES = 24
NOT_IN_EVIDENCE: Mapping[str, set[str]] = {
    "about": {"value"},
    "runs": {"origin", "trigger", "arguments", "outcome", "version", "started_at", "finished_at"},
    "warc_files": {"sealed_at", "opened_at"},
    "pages": {"due_at", "last_modified"},
    "fetches": {"elapsed_ms"},
}
"""What WARC files do not say: who started a run and how it ended, how long an answer took, a 304's headers."""


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of five crawls, with edits, a new article, articles taken away and put back, and revisits."""
    db = tmp_path_factory.mktemp("crawled") / "archive.db"
    site = ReplicaSite("en", articles=ARTICLES)
    ids = [site.calendar.id_of(number) for number in range(ARTICLES)]
    with ReplicaServer(site) as server:

        def crawl() -> None:
            done = run(
                *("crawl", "demo-en", "--db", str(db), "--delay", "0", "--full", "--json"), command=profiled(site)
            )
            assert done.document["requests"] > ARTICLES, done

        crawl()
        crawl()
        site.edit(ids[5], title="Another title", body="One.\n\nTwo.")
        site.edit(ids[9], sources=["Another Office"])
        site.publish()
        site.delete(ids[7], "404")
        site.delete(ids[12], "410", relink=False)
        crawl()
        site.edit(ids[5], title="A third title")
        site.restore(ids[7])
        crawl()
        site.noise = True
        crawl()
        assert server.count > 5 * ARTICLES
    return db


@pytest.fixture
def copy(crawled: Path, tmp_path: Path) -> Path:
    """Return a copy of the archive to damage."""
    shutil.copytree(crawled.parent, tmp_path / "copy")
    return tmp_path / "copy" / crawled.name


def tables(db: Path) -> dict[str, list[dict[str, Any]]]:
    """Return every table as the archive means it: FTS5's own are left to its content."""
    connection = sqlite3.connect(db)
    connection.row_factory = sqlite3.Row
    names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
    found = {
        name: [dict(row) for row in connection.execute(f"select rowid, * from {name} order by 1")]
        for name in names
        if not name.startswith(("articles_fts_", "_sqlite"))
    }
    connection.close()
    return found


def reread(db: Path, **options: Any) -> Summary:
    with Archive(db, write=True) as archive:
        return reparse(archive, **options)


def is_sound(db: Path) -> bool:
    with Archive(db) as archive:
        return verify(archive).problems == []


def change(db: Path, *statements: str) -> None:
    with sqlite3.connect(db) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_the_crawled_archive_has_all_that_these_tests_are_about(crawled: Path) -> None:
    def one(sql: str) -> Any:
        return query(crawled, sql)[0][0]

    assert one("select max(revision_count) from articles") == 3
    assert one("select count(*) from parts where number > 1") > 0
    assert one("select count(*) from fetches where outcome = 'gone'") >= 2
    assert one("select count(*) from fetches where outcome = 'unchanged'") > ARTICLES
    assert one("select count(*) from articles where status = 'gone'") == 1
    assert one("select count(*) from media") > 0
    assert is_sound(crawled)


# -- reading again --------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_an_untouched_archive_stays_as_it_is(copy: Path, workers: int) -> None:
    before = tables(copy)
    summary = reread(copy, workers=workers)
    assert (summary.articles, summary.changed, summary.fields, summary.left) == (ARTICLES + 1, 0, {}, [])
    assert tables(copy) == before


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("update articles set title = 'x' where id = 3", {"title"}),
        ("update articles set body = 'x', word_count = 1 where id = 3", {"body", "word_count"}),
        ("update articles set sources = '[]', source_raw = null", {"sources", "source_raw"}),
        ("update articles set prev_url = null, published = '1999-01-01'", {"prev_url", "published"}),
        ("update articles set content_sha256 = 'x'", {"content_sha256"}),
        ("update articles_fts set body = 'x' where rowid = 3", {"full text"}),
        ("delete from media", {"media"}),
        ("update parts set body = 'x' where number = 2", {"part body"}),
        ("update revisions set title = 'x', media = '[]'", {"revision title", "revision media"}),
        ("update revisions set content_sha256 = body, body = content_sha256", {"revision body"}),
    ],
)
def test_what_was_changed_in_the_database_comes_back(copy: Path, sql: str, names: set[str]) -> None:
    before = tables(copy)
    change(copy, sql)
    summary = reread(copy)
    assert names <= set(summary.fields), summary
    assert summary.left == []
    for name, found in summary.fields.items():
        assert query(copy, "select count(*) from articles where key = ?", found["example"]) == [(1,)], name
    after = tables(copy)
    if "media" in sql:  # new rows, and so new row numbers
        for rows in (*before.values(), *after.values()):
            for row in rows:
                row.pop("rowid", None)
                row.pop("id", None)
    assert after["articles"] == before["articles"]
    assert after == before
    assert is_sound(copy)


def test_links_lost_from_the_database_come_back(copy: Path) -> None:
    rows = "select from_id, rel, to_url, to_id, anchor from links where rel in ('prev', 'next') order by 1, 2"
    before = query(copy, rows)
    change(copy, "delete from links where rel = 'prev'", "update links set anchor = 'x' where rel = 'next'")
    assert "links" in reread(copy).fields
    assert query(copy, rows) == before


def test_a_better_parser_adds_no_revision_and_is_stamped(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(copy)
    monkeypatch.setattr(csu_news.reparse.again, "PARSER_VERSION", 99)
    change(copy, "update articles set title = title || '?'", "update revisions set title = title || '?'")
    assert reread(copy, changed_only=True).articles == ARTICLES + 1
    after = tables(copy)
    for table in ("articles", "revisions"):
        assert {row.pop("parser_version") for row in after[table]} == {99}
        assert [row.pop("parser_version") for row in before[table]]
    assert after == before
    assert reread(copy, changed_only=True).articles == 0


def test_a_process_that_reads_records_loads_no_database() -> None:
    code = "import sys, csu_news.reparse.reading; print('sqlite_utils' in sys.modules, 'scrapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False False\n"


def test_nothing_worse_replaces_better(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from csu_news import reading
    from csu_news.items import Article, Gate, Outcome

    before = tables(copy)
    ((gated,), (untitled,), (empty,)) = query(copy, "select url from articles where id not in (select article_id"
                                              " from parts) order by id limit 3")  # fmt: skip
    judge = reading.judge

    def worse(record: Any, *arguments: Any) -> Any:
        outcome, result = judge(record, *arguments)
        if record.url == gated:
            return Outcome.GATE, Gate("challenge")
        if isinstance(result, Article) and record.url == untitled:
            result.title = None
        if isinstance(result, Article) and record.url == empty:
            result.body = ""
        return outcome, result

    monkeypatch.setattr(reading, "judge", worse)
    summary = reread(copy)
    assert tables(copy) == before
    assert {left["url"] for left in summary.left} == {gated, untitled, empty}
    details = " ".join(left["detail"] for left in summary.left)
    assert all(word in details for word in ("challenge", "without its title", "without its text"))


def test_a_damaged_record_is_named_and_the_rest_read(copy: Path) -> None:
    ((key, name, offset),) = query(
        copy,
        "select key, w.name, warc_offset from articles a join fetches f on f.id = a.fetch_id"
        " join warc_files w on w.id = f.warc_file_id where revision_count = 1 order by a.id limit 1",
    )
    flip(copy.parent / "warc" / name, offset + 300)
    before = tables(copy)["articles"]
    change(copy, "update articles set title = 'x'")
    done = run("reparse", "--db", str(copy), "--json")
    assert done.code == 1
    assert {(left["key"], left["file"], left["offset"]) for left in done.document["left"]} == {(key, name, offset)}
    after = tables(copy)["articles"]
    assert [row for row in after if row["key"] != key] == [row for row in before if row["key"] != key]


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_the_command_sums_up(copy: Path) -> None:
    change(copy, "update articles set title = 'x' where id < 3")
    done = run("reparse", "--db", str(copy))
    assert done.code == 0
    assert f"{ARTICLES + 1} articles read again" in done.out
    assert "title" in done.out
    document = run("reparse", "--db", str(copy), "--json", "--changed-only", "--workers", "1").document
    assert document == {"articles": 0, "records": 0, "changed": 0, "fields": {}, "left": [], "seconds": 0.0}


# -- rebuilding -----------------------------------------------------------------------------


def files(db: Path) -> list[Path]:
    return sorted((db.parent / "warc").iterdir())


def are_alike(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    """Compare rows; times may be a minute apart, as a page is stored a moment after its record was dated."""
    return len(one) == len(other) and all(
        row.keys() == twin.keys() and all(_is_near(name, row[name], twin[name]) for name in row)
        for row, twin in zip(one, other, strict=True)
    )


def _is_near(name: str, value: Any, other: Any) -> bool:
    if value == other or not name.endswith("_at") or None in (value, other):
        return bool(value == other)
    return abs((datetime.fromisoformat(value) - datetime.fromisoformat(other)).total_seconds()) <= 60


def evident(db: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what the evidence says of an archive: of what runs counted at their end it says nothing."""
    found = {table: rows for table, rows in tables(db).items() if table not in ("run_fields", "run_counts")}
    for table, names in NOT_IN_EVIDENCE.items():
        for row in found[table]:
            for name in names:
                del row[name]
    return found


@pytest.mark.parametrize("workers", [1, 2])
def test_a_lost_database_is_rebuilt_from_its_warc_files(crawled: Path, tmp_path: Path, workers: int) -> None:
    new = tmp_path / "new" / "archive.db"
    rebuilt = rebuild(new, files(crawled), workers=workers)
    assert (rebuilt.files, rebuilt.articles, rebuilt.left) == (5, ARTICLES + 1, [])
    expected, found = evident(crawled), evident(new)
    for table in expected:
        assert are_alike(found[table], expected[table]), table
    assert is_sound(new)
    assert reread(new).changed == 0


def test_rebuilding_again_changes_nothing(crawled: Path, tmp_path: Path) -> None:
    new = tmp_path / "archive.db"
    first = run("reparse", "--from-warc", *map(str, files(crawled)), "--db", str(new))
    assert (first.code, first.err) == (0, "")
    before = tables(new)
    again = run("reparse", "--db", str(new), "--json", "--from-warc", *map(str, files(new)))
    assert (again.code, again.document["records"], again.document["articles"]) == (0, 0, ARTICLES + 1)
    assert tables(new) == before
    assert rebuild(crawled, files(crawled)).records == 0


def test_an_interrupted_rebuilding_is_completed(crawled: Path, tmp_path: Path) -> None:
    new = tmp_path / "archive.db"
    rebuild(new, files(crawled)[:3])
    rebuild(new, files(crawled))
    for table in ("revisions", "articles", "parts", "media"):
        assert are_alike(evident(new)[table], evident(crawled)[table]), table


def test_older_pages_do_not_pass_for_later_changes(crawled: Path, tmp_path: Path) -> None:
    new = tmp_path / "archive.db"
    rebuild(new, files(crawled)[3:])
    with pytest.raises(ArchiveError, match="holds later pages"):
        rebuild(new, files(crawled))


def test_a_damaged_record_is_left_and_the_rest_rebuilt(copy: Path, tmp_path: Path) -> None:
    ((name, offset, url),) = query(
        copy,
        "select w.name, warc_offset, f.url from fetches f join warc_files w on w.id = warc_file_id"
        " where outcome = 'article' and warc_file_id = 1 order by f.id desc limit 1",
    )
    flip(copy.parent / "warc" / name, offset + 300)
    rebuilt = rebuild(tmp_path / "new.db", files(copy))
    assert [(left["file"], left["offset"]) for left in rebuilt.left] == [(name, offset)]
    assert rebuilt.articles == ARTICLES + 1, url


def test_a_file_of_a_killed_run_is_sealed_first(copy: Path, tmp_path: Path) -> None:
    *_, last = files(copy)
    with last.open("ab") as file:
        file.write(b"\x1f\x8b\x08 torn")
    last.rename(last.with_name(last.name + ".open"))
    new = tmp_path / "new" / "archive.db"
    rebuild(new, files(copy))
    assert [path.name for path in files(new)][-1] == last.name
    assert is_sound(new)


def test_files_of_others_are_refused_in_a_sentence(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.warc.gz"
    other.write_bytes(b"nothing")
    done = run("reparse", "--from-warc", str(other), "--db", str(tmp_path / "new.db"))
    assert done.code == 1
    assert done.err.startswith("Error: ")
    assert "Traceback" not in done.err
    with pytest.raises(EvidenceError):
        rebuild(tmp_path / "new.db", [other])


# -- parts ----------------------------------------------------------------------------------


def test_results_come_in_order_from_any_number_of_processes() -> None:
    for workers in (1, 2, 3):
        assert list(ordered_map(json.dumps, range(50), workers)) == [str(number) for number in range(50)]


def test_pages_may_be_as_long_as_in_a_crawl() -> None:
    limit = getattr(settings, "CSU_NEWS_MAX_BODY_BYTES", settings.DOWNLOAD_MAXSIZE)
    assert limit == LONGEST_BODY_BYTES
