"""The database: SQLite's own checks, the full text against its articles, each digest against its content."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from csu_news.archive.database import reading_uri
from csu_news.archive.fulltext import is_current
from csu_news.chinese import segment
from csu_news.pages import PARSER_VERSION
from csu_news.pages.source import sources
from csu_news.revisions import content_digest
from csu_news.verify.report import Report

_MOST = 100
"""So many messages of one SQLite check say enough."""

_SHADOWS = ("data", "idx", "content", "docsize", "config")

ARTICLES = """
select a.*, exists (select 1 from parts where article_id = a.id and fetch_id is null) as is_partial,
  (select json_group_array(url) from (select url from media where article_id = a.id and kind <> 'video'
    order by position)) as media,
  (select content_sha256 from revisions where article_id = a.id and number = a.revision_count) as last_sha256,
  (select count(*) from revisions where article_id = a.id) as revisions
from articles a order by a.id
"""

REVISIONS = """
select r.*, a.key, a.url from revisions r join articles a on a.id = r.article_id order by r.article_id, r.number
"""

FULL_TEXT = """
select a.key, a.url, a.title, a.body, a.source_raw, a.revision_count, a.status, f.rowid as found,
  f.title as fts_title, f.body as fts_body, f.source as fts_source
from articles a left join articles_fts f on f.rowid = a.id order by a.id
"""

STRAY_FULL_TEXT = "select rowid from articles_fts where rowid not in (select id from articles)"


def check_database(connection: sqlite3.Connection, path: Path, report: Report) -> None:
    """Check the file, then what it says; a part that cannot be read is named, the rest is checked."""
    with report.reading("The database"):
        _check_integrity(connection, report)
    with report.reading("The foreign keys"):
        _check_foreign_keys(connection, report)
    with report.reading("Table articles"):
        _check_articles(connection, report)
    with report.reading("Table revisions"):
        _check_revisions(connection, report)
    with report.reading("The full text"):
        _check_full_text(connection, report)
    with report.reading("The full text's index"):
        _check_index(path)


def _check_integrity(connection: sqlite3.Connection, report: Report) -> None:
    for (message,) in connection.execute(f"pragma integrity_check({_MOST})"):
        if message != "ok":
            report.add("database", f"SQLite's integrity check says: {' '.join(message.split())}.")


def _check_foreign_keys(connection: sqlite3.Connection, report: Report) -> None:
    for number, row in enumerate(connection.execute("pragma foreign_key_check")):
        if number == _MOST:
            break
        report.add("foreign key", f"Row {row[1]} of table {row[0]} refers to a row of {row[2]} that is not there.")


def _check_articles(connection: sqlite3.Connection, report: Report) -> None:
    for row in connection.execute(ARTICLES):
        report.articles += 1
        for detail in _article_problems(row):
            report.add("article", f"{row['key']}: {detail}", url=row["url"])


def _article_problems(row: sqlite3.Row) -> list[str]:
    """Return what is wrong with an article; one that waits for its further pages is not yet put together."""
    problems = []
    if row["revisions"] != row["revision_count"]:
        problems.append(f"it has {row['revisions']} revisions, not {row['revision_count']}.")
    if row["revision_count"] == 0:
        return problems
    if row["content_sha256"] != row["last_sha256"]:
        problems.append("its content_sha256 is not that of its last revision.")
    if not row["is_partial"] and row["content_sha256"] != _article_digest(row):
        problems.append("its title, date, sources, body or media are not what its content_sha256 was made of.")
    return problems


def _article_digest(row: sqlite3.Row) -> str | None:
    return _digest(row, _json_list(row["sources"]))


def _check_revisions(connection: sqlite3.Connection, report: Report) -> None:
    """Recompute the digests; the list of sources is not stored and is made as today's parser does."""
    for row in connection.execute(REVISIONS):
        if row["parser_version"] != PARSER_VERSION:
            continue
        if row["content_sha256"] != _digest(row, sources(row["source_raw"])):
            detail = f"{row['key']}: revision {row['number']} is not what its content_sha256 was made of."
            report.add("revision", detail, url=row["url"])


def _digest(row: sqlite3.Row, names: Sequence[str] | None) -> str | None:
    """Return the digest of a row's content; None when the row cannot be one that the archive wrote."""
    media = _json_list(row["media"])
    texts = [row["body"], *(row[field] for field in ("title", "published") if row[field] is not None)]
    if names is None or media is None or not all(isinstance(text, str) for text in texts):
        return None
    return content_digest(row["title"], row["published"], names, row["body"], media)


def _json_list(text: object) -> list[str] | None:
    try:
        values = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return values if isinstance(values, list) and all(isinstance(value, str) for value in values) else None


def _check_full_text(connection: sqlite3.Connection, report: Report) -> None:
    made = segment if is_current(connection) else _unsegmented
    for row in connection.execute(FULL_TEXT):
        if detail := _full_text_problem(row, made):
            report.add("full text", f"{row['key']}: {detail}", url=row["url"])
    for (rowid,) in connection.execute(STRAY_FULL_TEXT):
        report.add("full text", f"Row {rowid} of the full text belongs to no article.")


def _full_text_problem(row: sqlite3.Row, made: Callable[[str], str]) -> str | None:
    if row["status"] == "withheld":
        return "it is withheld, and in the full text." if row["found"] else None
    if row["found"] is None:
        return "it is not in the full text." if row["revision_count"] else None
    pairs = (("title", row["title"]), ("body", row["body"]), ("source", row["source_raw"]))
    differing = [name for name, text in pairs if made(str(row[f"fts_{name}"])) != made(str(text or ""))]
    return f"the full text holds another {' and '.join(differing)}." if differing else None


def _unsegmented(text: str) -> str:
    """Return the text without the marks that another version may have put elsewhere."""
    return text.replace("\u200b", "")


def _check_index(path: Path) -> None:
    """Let FTS5 check its index against its content, on a copy in a temporary file: the check needs to write.

    errors  sqlite3.DatabaseError: it does not hold
    """
    copy = sqlite3.connect("", uri=True, isolation_level=None)
    try:
        copy.execute("attach ? as archive", (reading_uri(path),))
        (schema,) = copy.execute("select sql from archive.sqlite_master where name = 'articles_fts'").fetchone()
        copy.execute(schema)
        copy.execute("begin")
        for name in _SHADOWS:
            copy.execute(f"delete from main.articles_fts_{name}")
            copy.execute(f"insert into main.articles_fts_{name} select * from archive.articles_fts_{name}")
        copy.execute("insert into main.articles_fts(articles_fts) values ('integrity-check')")
        copy.execute("commit")
    finally:
        copy.close()
