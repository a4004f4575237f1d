"""One run of a crawl: what it takes from the archive and what it brings back."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from csu_news.archive import queue
from csu_news.archive.clock import Clocks, put_right, wrong_clock
from csu_news.archive.context import Context
from csu_news.archive.coverage import Coverage
from csu_news.archive.database import timestamp
from csu_news.archive.evidence import Evidence, first_record
from csu_news.archive.findings import open_finding, resolve_finding, resolve_findings
from csu_news.archive.visits import Saved, record_fetch, save_visit
from csu_news.archive.watch import save_counts, sound_alarms
from csu_news.breaker import BREAKER
from csu_news.errors import ArchiveError, CsuNewsError, DiskFull
from csu_news.items import Outcome, Record, Visit
from csu_news.recheck import IN_RUN_WAITS_S
from csu_news.sites import Site
from csu_news.warc import Revisit


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit everything in the block as one change, or nothing of it.

    errors  DiskFull: no room for it; ArchiveError: the file cannot be written for another reason
    """
    try:
        connection.execute("begin immediate")
        yield
        connection.execute("commit")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("rollback")
        if isinstance(error, sqlite3.OperationalError):
            raise _explained(connection, error) from error
        raise


def _explained(connection: sqlite3.Connection, error: sqlite3.OperationalError) -> CsuNewsError:
    path = Path(connection.execute("pragma database_list").fetchone()[2])
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL or "disk I/O" in str(error):
        free = shutil.disk_usage(path.parent).free
        return DiskFull(f"No room for the next page in {path}: about 100000 bytes needed, {free} bytes free ({error}).")
    return ArchiveError(f"Cannot write the archive {path}: {error}.")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked of a run; `arguments` is the command line as JSON."""

    version: str
    parser_version: int
    arguments: str = "{}"
    trigger: str = "cli"
    full: bool = False
    media: bool = True
    retry_waits_s: tuple[float, ...] = IN_RUN_WAITS_S


class Run:
    """A run on one site: its row in `runs`, its WARC file, and the pages being fetched right now."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        warc_folder: Path,
        clock: Callable[[], datetime],
        run_id: int,
        site: Site,
        options: RunOptions,
    ) -> None:
        self.id = run_id
        self.site = site
        self.evidence = Evidence(connection, warc_folder, site.name, run_id, {})
        self.taken: set[int] = set()
        self._coverage = Coverage(connection, site.name, run_id)
        self._clocks = Clocks()
        self._connection = connection
        self._clock = clock
        self._options = options

    def now(self) -> datetime:
        return self._clock()

    def take(self) -> queue.DuePage | None:
        """Return the page to fetch next and hold it until save(); None when nothing is due now."""
        page = queue.next_due(
            self._connection, self.site.name, timestamp(self._clock()), self.taken, self._options.media
        )
        if page:
            self.taken.add(page.page_id)
        return page

    def put_back(self, page_id: int) -> None:
        """Let go of a page that was taken and not asked for: it stays due."""
        self.taken.discard(page_id)

    def is_due(self) -> bool:
        """Tell whether there is a page to fetch right now."""
        now, media = timestamp(self._clock()), self._options.media
        return queue.next_due(self._connection, self.site.name, now, self.taken, media) is not None

    def due_at(self) -> datetime | None:
        """Return when the next page that is not due yet will be."""
        now = timestamp(self._clock())
        due_at = queue.next_due_at(self._connection, self.site.name, now, self._options.media)
        return datetime.fromisoformat(due_at) if due_at else None

    @property
    def wants_media(self) -> bool:
        return self._options.media

    def original(self, page_id: int, payload_sha256: str | None) -> Revisit | None:
        """Return what a revisit record of the page refers to: the first record of the payload it holds."""
        return first_record(self._connection, page_id, payload_sha256)

    def save(self, visit: Visit) -> Saved:
        """Store all that a visit taught, as one durable transaction; return what it came to."""
        options = self._options
        waits = options.retry_waits_s
        context = Context(
            self.id, self.site, options.parser_version, self._clock(), options.media, waits, self._coverage
        )
        self._clocks.note(visit.record)
        with transaction(self._connection):
            saved = save_visit(self._connection, context, visit)
            self._count_request()
        self.taken.discard(visit.page_id)
        return saved

    def save_fetch(self, record: Record, outcome: Outcome) -> None:
        """Store the row of a request that is no page's: robots.txt."""
        self._clocks.note(record)
        with transaction(self._connection):
            record_fetch(self._connection, self.id, None, record, outcome)
            if record.status is not None and (record.status < 300 or 400 <= record.status < 500):
                resolve_findings(self._connection, timestamp(self._clock()), record.url)
            self._count_request()

    def report(self, kind: str, detail: str, url: str) -> None:
        """Open a finding about an address."""
        open_finding(self._connection, self.id, timestamp(self._clock()), kind, detail, url=url)

    def finish(self, outcome: str | None = None, whole: bool = True) -> None:
        """Close the run; without an outcome it is `complete` or `incomplete`.

        whole  every record has its row: the evidence is sealed. If not, it is left for the next run to repair
        """
        if whole:
            self.evidence.seal()
        else:
            self.evidence.close()
        with suppress(DiskFull, ArchiveError):  # no room even for this: the next run finds it unfinished
            with transaction(self._connection):
                finished_at = self._judge()
                if outcome is None:
                    summary = self.summary()
                    if not summary["failed"]:  # the site lets us in again
                        url = self.site.base_url or self.site.name
                        resolve_finding(self._connection, finished_at, BREAKER, url)
                    outcome = "incomplete" if summary["failed"] or summary["findings"] else "complete"
                self._connection.execute(
                    "update runs set finished_at = ?, outcome = ? where id = ?", (finished_at, outcome, self.id)
                )

    def summary(self) -> dict[str, Any]:
        """Return the run's row with `articles` of its site and `findings` that it opened."""
        row = self._connection.execute(
            "select runs.*, (select count(*) from articles where site = runs.site) as articles,"
            " (select count(*) from findings where run_id = runs.id and resolved_at is null) as findings"
            " from runs where id = ?",
            (self.id,),
        ).fetchone()
        return dict(row)

    def _judge(self) -> str:
        """Compare the run with those before it, which may open findings; return the time, by the right clock."""
        off, now = self._clocks.off, self._clock()
        wrong = wrong_clock(self._connection, self.id, off)
        stamp = timestamp(now - put_right(self._connection, self.id, now, off))
        self._coverage.store()
        save_counts(self._connection, self.id, self.site.name, off)
        sound_alarms(self._connection, self.id, stamp, wrong)
        return stamp

    def _count_request(self) -> None:
        self._connection.execute("update runs set requests = requests + 1 where id = ?", (self.id,))
