"""The articles to be exported, and what of each others get to see."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csu_news.citations import citation
from csu_news.search import Selection, selected, selected_pairs

COLUMNS = (
    *("key", "url", "site", "site_title", "column_id", "news_id", "owner", "language", "title"),
    *("published", "published_at", "published_raw", "sources", "source_raw", "body", "word_count"),
    *("prev_url", "next_url", "status", "gone_at", "revision_count"),
    *("first_seen_at", "last_seen_at", "last_changed_at", "content_sha256", "parser_version"),
    *("archived_at", "warc_file", "warc_offset", "warc_record_id"),
)
"""What is exported of an article, by the names of docs/fields.md; row numbers are nobody's business."""

INTEGERS = ("column_id", "news_id", "owner", "word_count", "revision_count", "parser_version", "warc_offset")
TIMES = ("gone_at", "first_seen_at", "last_seen_at", "last_changed_at", "archived_at")
"""Those that are numbers, and those that are times in UTC; `published` is a date, all else text."""

MEDIA_COLUMNS = ("kind", "url", "original_url", "alt", "caption", "name", "content_type", "size_bytes", "sha256")

TRANSLATIONS = """
select a.url from (
  select zh_id as other_id from translations where en_id = :id union
  select en_id from translations where zh_id = :id)
join articles a on a.id = other_id where a.status <> 'withheld' order by a.key
"""


@dataclass
class Chosen:
    """A selection of an archive.

    count  how many articles or pairs were read when they were read last, or exported of them
    """

    connection: sqlite3.Connection
    selection: Selection
    warc_folder: Path | None = None
    count: int = 0

    def articles(self) -> Iterator[dict[str, Any]]:
        """Yield them as search.selected() does, one by one."""
        return self._counted(selected(self.connection, self.selection))

    def pairs(self) -> Iterator[dict[str, Any]]:
        """Yield the pairs of which either article is selected, one by one: see search.selected_pairs()."""
        return self._counted(selected_pairs(self.connection, self.selection))

    def _counted(self, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        self.count = 0
        for row in rows:
            self.count += 1
            yield row

    def media(self, article: dict[str, Any]) -> list[dict[str, Any]]:
        """Return an article's pictures, attachments and videos, as rows of table `media`."""
        query = f"select {', '.join(MEDIA_COLUMNS)} from media where article_id = ? order by kind, position"
        return [dict(row) for row in self.connection.execute(query, (article["id"],))]

    def citations(self) -> Iterator[dict[str, Any]]:
        """Yield the articles as CSL items: see citations.citation()."""
        for article in self.articles():
            yield citation(article, translation_urls(self.connection, article["id"]))


def translation_urls(connection: sqlite3.Connection, article_id: int) -> list[str]:
    """Return where the same article is in the other language."""
    rows = connection.execute(TRANSLATIONS, {"id": article_id})
    return [url for (url,) in rows]
