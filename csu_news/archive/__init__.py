"""The archive: one SQLite file, with its WARC files in `warc/` beside it.

Only this package changes the database. Modules: `database` opens the file, `queue` is the frontier's table,
`visits` stores what a page taught with `articles`, `lists`, `links`, `setbacks` and `findings`,
`sources` ties names to who is meant, `evidence` keeps the WARC files, `run` ties one crawl together,
`coverage`, `watch` and `clock` compare it with others, `curation` stores what a person decided; `chain`, `totals`
and `fingerprint` are what the audit is made of; `merging` takes in other archives, by way of the folder of `staging`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack
from urllib.parse import urljoin

from csu_news.archive import queue, reading
from csu_news.archive.chain import audit
from csu_news.archive.columns import add_column
from csu_news.archive.database import CrawlLock, open_for_writing, open_read_only, timestamp, unchanging
from csu_news.archive.events import findings_of, newest_events
from csu_news.archive.evidence import Repaired, repair_evidence
from csu_news.archive.fulltext import is_current, renew_batch, set_current
from csu_news.archive.links import follow_neighbours
from csu_news.archive.media import discover_left_out
from csu_news.archive.moves import move_site
from csu_news.archive.run import Run, RunOptions, transaction
from csu_news.archive.sites import know_site, stored_site
from csu_news.archive.sources import list_sources, refresh_sources
from csu_news.archive.staging import clear_staging
from csu_news.archive.status import status
from csu_news.archive.totals import read_lists_again
from csu_news.archive.translations import resolve_translations
from csu_news.archive.visits import Saved
from csu_news.audit import Audit
from csu_news.errors import ArchiveError
from csu_news.search import Filters, Hit, Selection, search, selected
from csu_news.search.named import source_ids
from csu_news.sites import Site
from csu_news.urls import column_id, first_part_url, is_article_url

__all__ = ["Archive", "Repaired", "Run", "RunOptions", "Saved"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Archive:
    """An archive, opened for reading unless `write` is asked for.

    Opening for writing takes the crawl's lock and puts right what a killed run left: see `repaired`.
    errors  ArchiveError: no such file, not an archive, made by a later version; ArchiveLocked: a crawl holds it
    """

    def __init__(self, path: Path | str, *, write: bool = False, clock: Callable[[], datetime] = _utc_now) -> None:
        self.path = Path(path)
        self.warc_folder = self.path.parent / "warc"
        self.repaired: list[Repaired] = []
        self._clock = clock
        self._lock: CrawlLock | None = None
        if not write:
            self.connection = open_read_only(self.path)
            return
        _make_folder(self.path.parent)
        self._lock = CrawlLock(self.path)
        try:
            self.connection = open_for_writing(self.path)
            self._clean_up()
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        self.connection.close()
        if self._lock:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def now(self) -> datetime:
        return self._clock()

    def begin_run(self, site: Site, options: RunOptions, seeds: Iterable[str] = ()) -> Run:
        """Start a run on a site: its profile becomes known, its first pages due, its holes healed.

        seeds  addresses to start from, lists or articles, beside the profile's own lists
        """
        now = timestamp(self._clock())
        with transaction(self.connection):
            know_site(self.connection, site)
            move_site(self.connection, site)
            resolve_translations(self.connection, now)
            for column in site.columns:
                list_url = urljoin(site.base_url or "", column.list_url) if column.list_url else None
                add_column(self.connection, site.name, column.column_id, list_url, column.name)
                if list_url:
                    self._seed(site, list_url, column.column_id, now)
            for url in seeds:
                self._seed(site, url, None, now)
            follow_neighbours(self.connection, site, now)
            read_lists_again(self.connection, site.name, self._clock())
            queue.prepare_run(self.connection, site, self._clock(), options.full)
            if options.media:
                discover_left_out(self.connection, site, now)
            cursor = self.connection.execute(
                "insert into runs (started_at, trigger, site, version, arguments, origin)"
                " values (?, ?, ?, ?, ?, lower(hex(randomblob(16))))",
                (now, options.trigger, site.name, options.version, options.arguments),
            )
        return Run(self.connection, self.warc_folder, self._clock, int(cursor.lastrowid or 0), site, options)

    def seed(self, site: Site, url: str) -> None:
        """Make an article or a list due that a run should look at, beside what it finds."""
        with transaction(self.connection):
            self._seed(site, url, None, timestamp(self._clock()))

    def site(self, name: str) -> Site | None:
        """Return the site of that name as the archive remembers it."""
        row = self.connection.execute("select * from sites where name = ?", (name,)).fetchone()
        return stored_site(row) if row else None

    def article(self, key: str) -> dict[str, Any] | None:
        """Return an article by key or address, as a dict of table `articles` with `media`; None if unknown.

        It is returned when it is withheld, too: look at `status` before you show it.
        """
        return reading.article(self.connection, key)

    def articles(self, query: str | None = None, **filters: Unpack[Filters]) -> Iterator[dict[str, Any]]:
        """Yield the articles of a selection, see search.Selection and search.selected(); all, if nothing is said.

        errors  UsageError: a filter that can name nothing
        """
        return selected(self.connection, Selection(query, **filters))

    def search(self, query: str, limit: int = 10, offset: int = 0, **filters: Unpack[Filters]) -> Iterator[Hit]:
        """Yield the articles that answer the query best, each with the passage that does: see search.fts_query().

        filters  of search.Selection
        errors   UsageError: a filter that can name nothing, or a query that is too long
        """
        return search(self.connection, Selection(query, **filters), limit, offset)

    def pairs(self) -> Iterator[dict[str, Any]]:
        """Yield the English and Chinese articles that belong together, as dicts of view `translation_pairs`."""
        return reading.pairs(self.connection)

    def revisions(self, key: str) -> list[dict[str, Any]]:
        """Return the revisions of an article by key or address, oldest first; none if it is unknown."""
        row = reading.article_row(self.connection, key)
        return reading.revisions(self.connection, row["id"]) if row else []

    def events(self, site: str) -> list[dict[str, Any]]:
        """Return what happened last to a site's articles: see newest_events()."""
        return newest_events(self.connection, site)

    def findings_of(self, run_ids: Sequence[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the findings that these runs opened, and those closed since they began: see events.findings_of()."""
        return findings_of(self.connection, run_ids)

    def findings(self, *, resolved: bool = False) -> list[dict[str, Any]]:
        """Return the open findings as dicts of table `findings`, or with `resolved` all there ever were."""
        return reading.findings(self.connection, resolved=resolved)

    def status(self) -> dict[str, Any]:
        """Return what an archivist asks first: last runs, counts, what is due, failing, open and wrong."""
        return status(self.connection, self.path, self._clock())

    def audit(self, *sites: str) -> Audit:
        """Return what these sites, or all, lack and whether it is ours; with the fingerprint, as data.

        errors  UsageError: there is no such site in the archive
        """
        with unchanging(self.connection):
            return audit(self.connection, sites)

    def remaining(self) -> int:
        """Return how many pages are known, or articles counted by lists, and not yet fetched."""
        return reading.remaining(self.connection)

    def sites(self) -> list[dict[str, Any]]:
        """Return the sites in the archive with the number of their articles and columns."""
        return reading.sites(self.connection)

    def sources(self) -> list[dict[str, Any]]:
        """Return who publishes, most articles first: names, institution, articles and spellings of each source."""
        return list_sources(self.connection)

    def source_ids(self, name: str) -> list[int]:
        """Return the rows of table `sources` that a name means, in any spelling and either language."""
        return source_ids(self.connection, name)

    def _clean_up(self) -> None:
        clear_staging(self.connection, self.path, self.warc_folder)
        self.repaired = repair_evidence(self.connection, self.warc_folder)
        self.connection.execute("update runs set outcome = 'killed' where outcome is null")
        with transaction(self.connection):
            refresh_sources(self.connection)
        if not is_current(self.connection):
            self._renew_full_text()

    def _renew_full_text(self) -> None:
        """Write the full text as this version makes it, in batches; a killed run's work is not done again."""
        last: int | None = 0
        while last is not None:
            with transaction(self.connection):
                last = renew_batch(self.connection, last)
        set_current(self.connection)

    def _seed(self, site: Site, url: str, column: int | None, now: str) -> None:
        """Make a page that the user or the profile names known, and due if it has not been had yet."""
        kind, priority, url = "list", queue.FIRST_LIST, first_part_url(url)
        if is_article_url(url):
            kind, priority, column = "article", queue.NEW_ARTICLE, column_id(url)
            if column is not None:
                add_column(self.connection, site.name, column)
        page_id = queue.discover(self.connection, site.name, url, now, kind=kind, column=column, priority=priority)
        self.connection.execute("update pages set due_at = ? where id = ? and state <> 'ok'", (now, page_id))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(
            f"Cannot make the folder {folder}: {error.strerror}; choose another place for the archive."
        ) from error
