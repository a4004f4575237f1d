"""Full text: one row for each article that is not withheld, written in the article's transaction."""

from __future__ import annotations

import sqlite3

from csu_news.chinese import SEGMENTATION, segment

Texts = tuple[str | None, str | None, str | None]
"""Title, source and body."""

BATCH = 500
"""Articles of one transaction while all are written anew."""

_ROWS = """
select a.id, a.title, a.source_raw, a.body, f.title as t, f.source as s, f.body as b
from articles a join articles_fts f on f.rowid = a.id
"""


def write_full_text(connection: sqlite3.Connection, article_id: int, texts: Texts) -> None:
    remove_full_text(connection, article_id)
    insert_full_text(connection, article_id, texts)


def remove_full_text(connection: sqlite3.Connection, article_id: int) -> None:
    connection.execute("delete from articles_fts where rowid = ?", (article_id,))


def insert_full_text(connection: sqlite3.Connection, article_id: int, texts: Texts) -> None:
    """Make title, source and body searchable."""
    connection.execute(
        "insert into articles_fts (rowid, title, source, body) values (?, ?, ?, ?)",
        (article_id, *(segment(text or "") for text in texts)),
    )


def renew_full_text(connection: sqlite3.Connection, article_id: int) -> bool:
    """Write the article's full text again if it is not what its text makes; tell whether it was."""
    row = connection.execute(f"{_ROWS} where a.id = ?", (article_id,)).fetchone()
    return row is not None and _renew(connection, row)  # none: withheld


def is_current(connection: sqlite3.Connection) -> bool:
    """Tell whether the full text was made as this version makes it."""
    row = connection.execute("select value from about where key = 'fts_version'").fetchone()
    return row is not None and row["value"] == str(SEGMENTATION)


def renew_batch(connection: sqlite3.Connection, after: int) -> int | None:
    """Renew the full text of the articles that follow; return the last of them, None if there are no more."""
    rows = connection.execute(f"{_ROWS} where a.id > ? order by a.id limit ?", (after, BATCH)).fetchall()
    for row in rows:
        _renew(connection, row)
    return int(rows[-1]["id"]) if rows else None


def set_current(connection: sqlite3.Connection) -> None:
    connection.execute("replace into about (key, value) values ('fts_version', ?)", (str(SEGMENTATION),))


def _renew(connection: sqlite3.Connection, row: sqlite3.Row) -> bool:
    texts = (row["title"], row["source_raw"], row["body"])
    if (row["t"], row["s"], row["b"]) == tuple(segment(text or "") for text in texts):
        return False
    write_full_text(connection, row["id"], texts)
    return True
