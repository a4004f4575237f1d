"""Visits of an earlier time stored again, as they were: an archive rebuilt from its WARC files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from csu_news.archive import Archive, RunOptions
from csu_news.archive.context import Context
from csu_news.archive.database import timestamp
from csu_news.archive.queue import discover
from csu_news.archive.run import transaction
from csu_news.archive.visits import record_fetch, save_visit
from csu_news.errors import ArchiveError
from csu_news.items import Outcome, Record, Visit
from csu_news.sites import Site
from csu_news.urls import canonical_url

OUTCOME = "rebuilt"


class Clock:
    """A clock that is set by hand: an archive opened with it lives at that time."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class WarcFile:
    """A sealed WARC file as it describes itself; `path` is below the archive's warc/."""

    path: Path
    site: Site
    run_number: int | None
    version: str
    opened_at: datetime
    size_bytes: int
    sha256: str


class Replay:
    """Stores visits of other times; `clock` must be the archive's own."""

    def __init__(self, archive: Archive, clock: Clock, parser_version: int) -> None:
        self.archive = archive
        self._connection = archive.connection
        self._clock = clock
        self._parser_version = parser_version
        self._runs: dict[int, Site] = {}

    def known(self, name: str) -> set[int]:
        """Return the offsets of the file's records that have their row."""
        rows = self._connection.execute(
            "select warc_offset from fetches where warc_file_id = (select id from warc_files where name = ?)", (name,)
        )
        return {row["warc_offset"] for row in rows}

    def register(self, file: WarcFile) -> tuple[int, int]:
        """Make a file and its run known, unless they are; return the ids of both."""
        row = self._connection.execute(
            "select id, run_id, sha256 from warc_files where name = ?", (file.path.name,)
        ).fetchone()
        if row is not None:
            if row["sha256"] != file.sha256:
                raise ArchiveError(f"{file.path} is not the file of that name that {self.archive.path} was made from.")
            self._runs.setdefault(row["run_id"], file.site)
            return int(row["id"]), int(row["run_id"])
        run_id = self._run(file)
        cursor = self._connection.execute(
            "insert into warc_files (name, run_id, opened_at, sealed_at, size_bytes, sha256) values (?, ?, ?, ?, ?, ?)",
            (
                file.path.name,
                run_id,
                timestamp(file.opened_at),
                timestamp(datetime.now(UTC)),
                file.size_bytes,
                file.sha256,
            ),
        )
        return int(cursor.lastrowid or 0), run_id

    def check_order(self, site: str, date: datetime) -> None:
        """Refuse what is older than what the archive holds of the site: it would pass for a later change."""
        (latest,) = self._connection.execute(
            "select max(f.fetched_at) from fetches f join runs r on r.id = f.run_id where r.site = ?", (site,)
        ).fetchone()
        if latest is not None and timestamp(date) < latest:
            raise ArchiveError(
                f"{self.archive.path} holds later pages of {site} than those to be read:"
                " rebuild all WARC files together into a new file with --db."
            )

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Store all visits of the block, or none."""
        with transaction(self._connection):
            yield

    def page(self, run_id: int, record: Record, kind: str) -> sqlite3.Row | None:
        """Return the record's page, one that nothing led to being made, of this kind; None for robots.txt."""
        canonical = canonical_url(record.url)
        query = "select id, kind, payload_sha1, payload_sha256 from pages where canonical = ?"
        row: sqlite3.Row | None = self._connection.execute(query, (canonical,)).fetchone()
        if row is None and not canonical.endswith("/robots.txt"):
            self._make_page(self._runs[run_id], record, kind)
            row = self._connection.execute(query, (canonical,)).fetchone()
        return row

    def save(self, run_id: int, visit: Visit) -> None:
        """Store a visit at the time of its record."""
        context = Context(run_id, self._runs[run_id], self._parser_version, visit.record.fetched_at)
        save_visit(self._connection, context, visit)
        self._count_request(run_id)

    def save_robots(self, run_id: int, record: Record) -> None:
        record_fetch(self._connection, run_id, None, record, Outcome.ROBOTS)
        self._count_request(run_id)

    def finish(self) -> None:
        """Close the runs that were rebuilt, at the time of their last record."""
        self._connection.execute(
            "update runs set outcome = ?, finished_at = coalesce((select max(fetched_at) from fetches"
            " where run_id = runs.id), started_at) where outcome is null",
            (OUTCOME,),
        )

    def _run(self, file: WarcFile) -> int:
        """Return the run that wrote the file, made anew under its own number if that is free."""
        number = file.run_number
        stored = self._connection.execute("select * from runs where id = ?", (number,)).fetchone()
        opened_at = timestamp(file.opened_at)
        if stored is not None and stored["site"] == file.site.name and stored["started_at"] <= opened_at:
            if stored["finished_at"] is None or opened_at <= stored["finished_at"]:
                self._runs.setdefault(stored["id"], file.site)
                return int(stored["id"])
        self._clock.now = file.opened_at
        run = self.archive.begin_run(file.site, RunOptions(file.version, self._parser_version, trigger="from-warc"))
        run_id = run.id
        if stored is None and number is not None:
            self._connection.execute("update runs set id = ? where id = ?", (number, run_id))
            run_id = number
        self._runs[run_id] = file.site
        return run_id

    def _make_page(self, site: Site, record: Record, kind: str) -> None:
        now = timestamp(record.fetched_at)
        if kind in ("list", "article"):  # as a page that the user named
            self.archive._seed(site, record.url, None, now)
        else:
            discover(self._connection, site.name, record.url, now, kind=kind)

    def _count_request(self, run_id: int) -> None:
        self._connection.execute("update runs set requests = requests + 1 where id = ?", (run_id,))
