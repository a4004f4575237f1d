"""The records that an article and its revisions came from, and what they say when they are read again."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from csu_news.items import Article
from csu_news.urls import canonical_url

CANDIDATES = """
select f.id, f.page_id, f.warc_offset, w.name as file, p.kind, p.url, p.canonical, p.site
from fetches f join pages p on p.id = f.page_id join warc_files w on w.id = f.warc_file_id
where p.article_id = ? and f.outcome in ('article', 'part') order by f.id
"""


class Left(Exception):
    """A version of the article stays as it is, because of what a record now says, or cannot say."""

    def __init__(self, fetch: sqlite3.Row | None, reason: str) -> None:
        super().__init__(reason)
        self.fetch = fetch


class Origins:
    """An article's records: which there are, and what those that were read say now."""

    def __init__(self, connection: sqlite3.Connection, article_id: int) -> None:
        self.article_id = article_id
        self._fetches: dict[int, sqlite3.Row] = {
            row["id"]: row for row in connection.execute(CANDIDATES, (article_id,))
        }
        self._readings: Mapping[int, Article | str] = {}
        current = connection.execute(
            "select fetch_id from articles where id = :id union select fetch_id from parts where article_id = :id",
            {"id": article_id},
        )
        self._current = {row["fetch_id"] for row in current}
        revisions = connection.execute("select fetch_id from revisions where article_id = ?", (article_id,))
        self._revisions = {row["fetch_id"] for row in revisions}

    def needed(self) -> list[sqlite3.Row]:
        """Return the fetches that today's article and its revisions were read from."""
        pages = {row["page_id"] for row in self._fetches.values()}
        ids = self._current | {self.latest(page, until) for page in pages for until in self._revisions if until}
        return [row for number, row in self._fetches.items() if number in ids]

    def learn(self, readings: Mapping[int, Article | str]) -> None:
        """Take what the needed fetches say: an article, or why none is read."""
        self._readings = readings

    def latest(self, page_id: int, until: int) -> int | None:
        """Return the last fetch of a page up to another fetch."""
        rows = self._fetches.values()
        return max((row["id"] for row in rows if row["page_id"] == page_id and row["id"] <= until), default=None)

    def fetch(self, fetch_id: int | None) -> sqlite3.Row:
        row = self._fetches.get(fetch_id or 0)
        if row is None:
            raise Left(None, "There is no record of it.")
        return row

    def article(self, fetch_id: int | None, known: sqlite3.Row | Mapping[str, Any]) -> Article:
        """Return what the record says now, unless that is less than `known` (a row with title and body)."""
        fetch = self.fetch(fetch_id)
        found = self._readings.get(fetch["id"], "It was not read.")
        if isinstance(found, str):
            raise Left(fetch, found)
        if known["title"] and not found.title:
            raise Left(fetch, "It reads as an article without its title.")
        if known["body"] and not found.body:
            raise Left(fetch, "It reads as an article without its text.")
        return found

    def part_page(self, url: str) -> int | None:
        """Return the page of a part's address, if that was ever fetched."""
        canonical = canonical_url(url)
        return next((row["page_id"] for row in self._fetches.values() if row["canonical"] == canonical), None)
