"""What the archive answers, read only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from csu_news.archive.sites import present_address
from csu_news.urls import canonical_url


def article_row(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """Return the row of the article of that key or address."""
    row: sqlite3.Row | None = connection.execute(
        "select * from articles where key = :key or id in (select article_id from pages where canonical = :canonical)"
        " order by key = :key desc limit 1",
        {"key": key, "canonical": canonical_url(present_address(connection, key))},
    ).fetchone()
    return row


def article(connection: sqlite3.Connection, key: str) -> dict[str, Any] | None:
    """Return the article of that key or address, with its media, parts of its evidence and its revisions' dates."""
    row = article_row(connection, key)
    if row is None:
        return None
    found = dict(row)
    found["sources"] = json.loads(found["sources"])
    found["media"] = media(connection, row["id"])
    found["revisions"] = _rows(
        connection, "select number, seen_at, title from revisions where article_id = ? order by number", row["id"]
    )
    found["evidence"] = _evidence(connection, row["fetch_id"])
    return found


def media(connection: sqlite3.Connection, article_id: int) -> list[dict[str, Any]]:
    """Return an article's pictures, attachments and videos in their order."""
    return _rows(
        connection,
        "select kind, url, original_url, alt, caption, name from media where article_id = ? order by position",
        article_id,
    )


def pairs(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield the rows of view `translation_pairs`, by the Chinese article's date, newest first."""
    for row in connection.execute("select * from translation_pairs order by zh_published desc, zh_key, en_key"):
        yield dict(row)


def revisions(connection: sqlite3.Connection, article_id: int) -> list[dict[str, Any]]:
    """Return an article's revisions, oldest first, with `source` as printed and `media` as a list."""
    rows = _rows(
        connection,
        "select number, seen_at, title, published, source_raw as source, body, media, content_sha256"
        " from revisions where article_id = ? order by number",
        article_id,
    )
    return [row | {"media": json.loads(row["media"])} for row in rows]


def last_decision(connection: sqlite3.Connection, article_id: int) -> dict[str, Any]:
    """Return when and why the article was withheld or released last: decided_at, kind, reason."""
    rows = _rows(
        connection,
        "select decided_at, kind, reason from decisions where article_id = ? and kind <> 'accept'"
        " order by id desc limit 1",
        article_id,
    )
    return rows[0] if rows else {"decided_at": None, "kind": None, "reason": None}


def findings(connection: sqlite3.Connection, *, resolved: bool = False) -> list[dict[str, Any]]:
    """Return the open findings, or all, newest last."""
    return _rows(
        connection,
        "select id, kind, url, field, detail, first_seen_at, last_seen_at, resolved_at, acknowledged_at, note"
        " from findings where resolved_at is null or ? order by id",
        resolved,
    )


def remaining(connection: sqlite3.Connection) -> int:
    """Return the pages due that are no re-checks, and the articles that first list pages count beyond those known."""
    (due,) = connection.execute("select count(*) from pages where due_at is not null and priority < 4").fetchone()
    (listed,) = connection.execute(
        "select coalesce(sum(total), 0) from pages where kind = 'list' and priority = 0"
    ).fetchone()
    (known,) = connection.execute("select count(*) from pages where kind = 'article'").fetchone()
    return int(due) + max(int(listed) - int(known), 0)


def sites(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return each site with the number of its articles and the columns it is read from."""
    rows = connection.execute(
        "select name, title, base_url, language, (select count(*) from articles where site = sites.name) as articles"
        " from sites order by name"
    ).fetchall()
    return [
        dict(row)
        | {
            "columns": _rows(
                connection,
                "select column_id, name, list_url from columns where site = ? order by column_id",
                row["name"],
            )
        }
        for row in rows
    ]


def _evidence(connection: sqlite3.Connection, fetch_id: int | None) -> dict[str, Any] | None:
    row = connection.execute(
        "select f.fetched_at, f.status, w.name as warc_file, f.warc_offset, f.warc_length, f.warc_record_id,"
        " f.payload_sha256, f.payload_sha1 from fetches f left join warc_files w on w.id = f.warc_file_id"
        " where f.id = ?",
        (fetch_id,),
    ).fetchone()
    return dict(row) if row else None


def _rows(connection: sqlite3.Connection, query: str, *arguments: object) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query, arguments)]
