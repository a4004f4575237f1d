"""Search: the articles that answer a query best, with the passage that does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from csu_news.search.passages import CLOSE, OPEN, Passage, marked, passage
from csu_news.search.selecting import matching, selected_ids
from csu_news.search.selection import Selection

ROW = "select key, url, title, published, language, site, status, sources from articles where id = ?"
MARKS = f"'{OPEN}', '{CLOSE}'"
LONGEST = 500_000
"""Characters of a text in which matches are marked: highlight() takes the square of their number, minutes at 5 MB."""

HIGHLIGHTED = f"""
select highlight(articles_fts, 0, {MARKS}) as title,
  iif(length(body) > {LONGEST}, body, highlight(articles_fts, 1, {MARKS})) as body,
  highlight(articles_fts, 2, {MARKS}) as source
from articles_fts where articles_fts match :query and rowid = :id
"""
PLAIN = "select title, body, source_raw as source from articles where id = :id"


@dataclass(frozen=True)
class Hit:
    """An article found, `heading` its title with matches, and the passage of its text, or title, that matches."""

    key: str
    url: str
    title: str | None
    published: str | None
    language: str | None
    site: str
    status: str
    sources: tuple[str, ...]
    heading: Passage
    passage: Passage


def search(connection: sqlite3.Connection, selection: Selection, limit: int = 10, offset: int = 0) -> Iterator[Hit]:
    """Yield the best answers to the selection's query; without one the newest articles, with their beginnings."""
    query = matching(connection, selection.query)
    for article_id in selected_ids(connection, selection, limit, offset):
        row = connection.execute(ROW, (article_id,)).fetchone()
        texts = connection.execute(HIGHLIGHTED if query else PLAIN, {"query": query, "id": article_id}).fetchone()
        yield _hit(row, texts)


def _hit(row: sqlite3.Row, texts: sqlite3.Row) -> Hit:
    answering = next(
        (texts[name] for name in ("body", "title", "source") if OPEN in (texts[name] or "")), texts["body"]
    )
    return Hit(
        **{name: row[name] for name in ("key", "url", "title", "published", "language", "site", "status")},
        sources=tuple(json.loads(row["sources"])),
        heading=marked(texts["title"] or ""),
        passage=passage(answering),
    )
