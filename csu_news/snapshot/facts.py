"""What a snapshot says of itself, read from its own database."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from csu_news.archive import Archive
from csu_news.audit import Audit


@dataclass(frozen=True)
class Facts:
    """Counts and names; withheld articles are a number only.

    as_of      when the site answered last
    languages  of the articles that are not withheld; likewise `first` and `last`, dates of publication
    findings   open ones, by kind
    """

    created_at: str
    as_of: str | None
    audit: Audit
    sites: list[dict[str, Any]]
    languages: dict[str, int]
    live: int
    gone: int
    withheld: int
    undated: int
    first: str | None
    last: str | None
    revisions: int
    pairs: int
    findings: dict[str, int]
    warc_files: int

    @property
    def articles(self) -> int:
        return self.live + self.gone

    @property
    def publishers(self) -> list[str]:
        """Return the institutions, each once."""
        return list(dict.fromkeys(" ".join((site["title"] or site["name"]).split()) for site in self.sites))

    @property
    def title(self) -> str:
        years = sorted({day[:4] for day in (self.first, self.last) if day})
        return f"News of {' and '.join(self.publishers) or 'nobody'}" + (f", {'–'.join(years)}" if years else "")


def read_facts(archive: Archive, created_at: str) -> Facts:
    """Return the facts of a snapshot's database."""
    connection = archive.connection
    statuses = dict(map(tuple, connection.execute("select status, count(*) from articles group by 1 order by 1")))
    return Facts(
        created_at=created_at,
        as_of=_value(connection, "select max(fetched_at) from fetches where status is not null"),
        audit=archive.audit(),
        sites=[
            dict(row) for row in connection.execute("select name, title, base_url, language from sites order by id")
        ],
        languages=_counts(connection, "select language, count(*) from article_list group by 1 order by 1"),
        live=statuses.get("live", 0),
        gone=statuses.get("gone", 0),
        withheld=statuses.get("withheld", 0),
        undated=_value(connection, "select count(*) from article_list where published is null"),
        first=_value(connection, "select min(published) from article_list"),
        last=_value(connection, "select max(published) from article_list"),
        revisions=_value(connection, "select count(*) from revisions"),
        pairs=_value(connection, "select count(*) from translation_pairs"),
        findings=_counts(connection, "select kind, count(*) from open_findings group by 1 order by 1"),
        warc_files=_value(connection, "select count(*) from warc_files"),
    )


def _counts(connection: sqlite3.Connection, query: str) -> dict[str, int]:
    return {name or "unknown": number for name, number in connection.execute(query)}


def _value(connection: sqlite3.Connection, query: str) -> Any:
    return connection.execute(query).fetchone()[0]
