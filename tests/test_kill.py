"""kill -9 at random moments: what a run had reported as stored stays, and nothing is fetched twice."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from driving import TIMEOUT_S, differences, environment, modelled, open_database, profiled, query, run

from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.warc import StoredResponse, iter_records, read_response

KILLS = 30 if os.environ.get("CI") else 5
NAME = "demo-en"

# every table but runs, fetches and warc_files, without row numbers and times; a page that is gone may be asked for
# once more, when one names it that is read again
CONTENTS = {
    "sites": "select name, title, base_url, language, timezone, owner, hosts from sites",
    "columns": "select site, column_id, list_url, name from columns",
    "pages": "select p.url, canonical, p.site, kind, p.column_id, key, priority, sort_id, due_at is null, state,"
    " iif(state = 'gone', null, failures), total, etag, last_modified, payload_sha1, payload_sha256"
    " from pages p left join articles a on a.id = article_id",
    "articles": "select key, url, site, column_id, news_id, owner, language, title, published, published_at,"
    " published_raw, sources, source_raw, body, body_html, word_count, content_sha256, prev_url, next_url,"
    " revision_count, status, gone_at, parser_version from articles",
    "parts": "select key, number, p.url, t.body, t.body_html, media, t.sources, t.source_raw from parts t"
    " join articles a on a.id = t.article_id join pages p on p.id = page_id",
    "revisions": "select key, number, r.title, r.published, r.source_raw, r.body, media, r.content_sha256,"
    " r.parser_version from revisions r join articles a on a.id = r.article_id",
    "links": "select f.canonical, rel, to_url, t.canonical, anchor, position, date"
    " from links join pages f on f.id = from_id left join pages t on t.id = to_id",
    "media": "select key, kind, m.url, original_url, position, alt, caption, name, content_type, size_bytes, sha256"
    " from media m join articles a on a.id = article_id",
    "findings": "select kind, url, field, detail, resolved_at is null from findings",
    "articles_fts": "select key, f.title, f.body, source from articles_fts f join articles a on a.id = f.rowid",
}


def contents(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {table: sorted(query(db, sql), key=repr) for table, sql in CONTENTS.items()}


def kill_a_crawl(command: list[str], server: ReplicaServer, requests: int, pause_s: float) -> bool:
    """Start the crawl and kill it after so many requests and that pause; tell whether it was running."""
    end = time.monotonic() + TIMEOUT_S
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()) as process:
        while process.poll() is None and server.count < requests and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(pause_s)
        running = process.poll() is None
        process.kill()
    return running


def settled(db: Path) -> tuple[set[str], set[str]]:
    """Return the addresses whose visit is stored, and those of them that every run looks at again."""
    done = {url for (url,) in query(db, "select url from pages where fetched_at is not null")}
    again = query(db, "select url from pages where kind = 'list' and priority = 0")
    again += query(
        db,
        "select url from pages p where kind = 'article' and state = 'ok' and sort_id = (select max(sort_id)"
        " from pages where kind = 'article' and state = 'ok' and column_id = p.column_id)",
    )
    return done, {url for (url,) in again}


def break_some(site: ReplicaSite) -> set[str]:
    """Break articles here and there, for good; return their paths."""
    faults = ("challenge", "status", "short", "redirect-off-site", "gzip-cut", "new-layout")
    paths = {site.path_of(number): faults[number % len(faults)] for number in range(5, site.size - 5, 7)}
    for path, fault in paths.items():
        site.break_(path, fault, **({"status": 404} if fault == "status" else {}))
    return set(paths)


@pytest.mark.slow
@pytest.mark.parametrize("has_faults", [False, True])
def test_killed_crawls_add_up_to_an_undisturbed_one(tmp_path: Path, has_faults: bool) -> None:
    chance = random.Random(1 + has_faults)
    site = ReplicaSite("en", articles=20 * KILLS + 40, seed=3, rows_per_page=10)
    undisturbed, db = tmp_path / "undisturbed" / "archive.db", tmp_path / "killed" / "archive.db"
    with ReplicaServer(site) as server:
        base = server.url.rstrip("/")
        broken = break_some(site) if has_faults else set()
        arguments = ["crawl", NAME, "--delay", "0", "--json", "-s", "CSU_NEWS_RETRY_WAITS_S=0,0", "--db"]
        ran = run(*arguments, str(undisturbed), command=profiled(site))
        assert (ran.code, ran.document["outcome"]) == ((1, "incomplete") if has_faults else (0, "complete"))
        kills = 0
        for _ in range(KILLS):
            done, again = settled(db) if db.exists() and has_tables(db) else (set(), set())
            server.clear()
            pause_s = chance.choice([0, chance.random() / 50, chance.random() / 2])
            kills += kill_a_crawl([*profiled(site), *arguments, str(db)], server, chance.randrange(40), pause_s)
            refetched = {base + path for path in server.paths()} & done
            assert refetched <= again, "a page whose visit was stored is not asked for again"
            if db.exists():
                connection = sqlite3.connect(db)
                assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
                connection.close()
        done, again = settled(db)
        server.clear()
        ran = run(*arguments, str(db), command=profiled(site))
        assert (ran.code, ran.document["outcome"]) in ((0, "complete"), (int(has_faults), "incomplete"))
        assert {base + path for path in server.paths()} & done <= again
        assert kills, "no crawl was running when it was to be killed"
        model = modelled(site, NAME)
        whole = {key: article for key, article in model.items() if article["url"].removeprefix(base) not in broken}
        assert differences(db, whole) == []
    expected = contents(undisturbed)
    for table, rows in contents(db).items():
        assert rows == expected[table], table
    outcomes = [outcome for (outcome,) in query(db, "select outcome from runs order by id")]
    assert set(outcomes) <= {"killed", "complete", *(["incomplete"] if has_faults else [])}
    assert run("verify", "--db", str(db)).code == 0
    check_evidence(db)


def has_tables(db: Path) -> bool:
    """Tell whether the run came as far as making the schema before it was killed."""
    connection = open_database(db)
    try:
        return bool(connection.execute("select 1 from sqlite_master where name = 'pages'").fetchone())
    finally:
        connection.close()


def check_evidence(db: Path) -> None:
    """Hold the WARC files against three readers, and each row of `fetches` against its record."""
    folder = db.parent / "warc"
    files = query(db, "select id, name, size_bytes, sha256 from warc_files")
    assert sorted(path.name for path in folder.iterdir()) == sorted(name for _, name, _, _ in files)
    for file_id, name, size_bytes, digest in files:
        path = folder / name
        assert (path.stat().st_size, sha256(path.read_bytes()).hexdigest()) == (size_bytes, digest)
        assert run(str(path), command=("gzip", "-t")).code == 0
        warcio = (sys.executable, "-c", "from warcio.cli import main; main()", "check")
        assert run(str(path), command=warcio).code == 0
        rows = query(
            db,
            "select warc_offset, warc_length, url, status, payload_sha256, warc_record_id from fetches"
            " where warc_file_id = ? order by warc_offset",
            file_id,
        )
        records = [record for record in iter_records(path) if isinstance(record, StoredResponse)]
        assert [record.offset for record in records] == [row[0] for row in rows], "each record has its row"
        for offset, length, url, status, payload, record_id in rows:
            record = read_response(path, offset)
            assert (record.length, record.url, record.record_id) == (length, url, record_id)
            if record.type == "response":
                assert (record.status, record.payload_sha256) == (status, payload)
