"""Field coverage: which fields the articles read in a run had, and which were to be expected.

Expected is a field that the page had when it was read before, or has now, or that is usual in its column: so pages
are compared with themselves and with their neighbours, never an old column with a new one.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from csu_news.alarms import LAYOUT, SHRUNK, Share, is_short, is_usual, streak

FIELDS = ("title", "published", "published_at", "sources", "images", "attachments", "prev", "next")
BODY = "body"
"""Measured by its length: a body that is suddenly short is missing."""

NEIGHBOURS = 20

_FACTS = """
select a.column_id, a.url, a.fetch_id, length({body}) as body,
  a.title is not null as title, a.published is not null as published, a.published_at is not null as published_at,
  a.sources <> '[]' as sources, a.prev_url is not null as prev, a.next_url is not null as next,
  exists (select 1 from media where article_id = a.id and kind = 'image') as images,
  exists (select 1 from media where article_id = a.id and kind = 'attachment') as attachments
from articles a
"""

# The newest of a column that earlier runs read first, their texts as they were first read.
_NEIGHBOURS = f"""{_FACTS.format(body="r.body")}
join revisions r on r.article_id = a.id and r.number = 1 join fetches f on f.id = r.fetch_id
where a.id in (
  select article_id from pages where site = :site and kind = 'article' and column_id is :column
  and article_id is not null order by sort_id desc limit :most)
and f.run_id < :before order by a.news_id desc limit {NEIGHBOURS}
"""

_HISTORY = """
select f.run_id, f.expected, f.missing from run_fields f join runs r on r.id = f.run_id
where f.column_id is ? and f.field = ? and f.run_id < ? and r.site = ? and f.expected > 0
order by f.run_id desc limit 30
"""


@dataclass(slots=True)
class Count:
    pages: int = 0
    filled: int = 0
    expected: int = 0
    missing: int = 0
    example: str | None = None


def shares(connection: sqlite3.Connection, site: str, column: int | None, field: str, before: int) -> list[Share]:
    """Return what the newest runs before that one expected and missed of a field, oldest first."""
    rows = connection.execute(_HISTORY, (column, field, before, site)).fetchall()
    return [Share(*row) for row in reversed(rows)]


def facts(connection: sqlite3.Connection, article_id: int | None) -> sqlite3.Row | None:
    """Return which fields an article has, as it is stored."""
    row: sqlite3.Row | None = connection.execute(
        f"{_FACTS.format(body='a.body')} where a.id = ?", (article_id,)
    ).fetchone()
    return row


class Coverage:
    """The counts of one run, by column and field."""

    def __init__(self, connection: sqlite3.Connection, site: str, run_id: int) -> None:
        self._connection = connection
        self._site = site
        self._run_id = run_id
        self._counts: dict[tuple[int | None, str], Count] = defaultdict(Count)
        self._usual: dict[int | None, dict[str, int]] = {}

    def prepare(self, column: int | None) -> None:
        """Learn what is usual in a column, before this run changes any of its articles."""
        if column not in self._usual:
            self._usual[column] = self._usual_fields(column)

    def note(self, page_id: int, fetch_id: int, before: sqlite3.Row | None) -> None:
        """Count the article that was just stored for a page, if it was this answer that told what it says.

        before  its facts() as they were; None for a new one
        """
        (article_id,) = self._connection.execute("select article_id from pages where id = ?", (page_id,)).fetchone()
        after = facts(self._connection, article_id)
        if after is None or after["fetch_id"] != fetch_id:
            return
        usual = self._usual.get(after["column_id"], {})
        for field in FIELDS:
            had = bool(before[field]) if before else field in usual
            self._count(after, field, had, bool(after[field]))
        length = usual.get(BODY, 0)
        had = not is_short(before["body"], length) if before else BODY in usual
        self._count(after, BODY, had, not is_short(after["body"], max(length, before["body"] if before and had else 0)))

    def store(self) -> None:
        """Write the counts, in the caller's transaction."""
        self._connection.executemany(
            "insert into run_fields (run_id, column_id, field, pages, filled, expected, missing, example)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (self._run_id, column, field, count.pages, count.filled, count.expected, count.missing, count.example)
                for (column, field), count in self._counts.items()
            ],
        )

    def _count(self, article: sqlite3.Row, field: str, had: bool, has: bool) -> None:
        count = self._counts[article["column_id"], field]
        count.pages += 1
        count.filled += has
        count.expected += had or has
        if had and not has:
            count.missing += 1
            count.example = article["url"]

    def _usual_fields(self, column: int | None) -> dict[str, int]:
        """Return the fields usual in the column; of the body, how long it is.

        Articles first read while a field was being lost do not count for it: else its loss became usual.
        """
        found: dict[str, int] = {}
        known: dict[int, list[sqlite3.Row]] = {}
        for field in (*FIELDS, BODY):
            before = self._lost_since(column, field) or self._run_id
            if before not in known:
                names = {"site": self._site, "column": column, "before": before, "most": NEIGHBOURS * 50}
                known[before] = self._connection.execute(_NEIGHBOURS, names).fetchall()
            rows = known[before]
            if field == BODY:
                length = int(median(row["body"] for row in rows)) if rows else 0
                if is_usual(sum(not is_short(row["body"], length) for row in rows), len(rows)):
                    found[field] = length
            elif is_usual(sum(row[field] for row in rows), len(rows)):
                found[field] = 1
        return found

    def _lost_since(self, column: int | None, field: str) -> int | None:
        """Return the run since which the field has been lost, or its alarm open."""
        (opened_by,) = self._connection.execute(
            "select min(f.run_id) from findings f join runs r on r.id = f.run_id"
            " where f.resolved_at is null and f.kind = ? and f.field = ? and r.site = ?",
            (SHRUNK if field == BODY else LAYOUT, field, self._site),
        ).fetchone()
        began = streak(shares(self._connection, self._site, column, field, self._run_id))
        return min((run_id for run_id in (opened_by, began) if run_id), default=None)
