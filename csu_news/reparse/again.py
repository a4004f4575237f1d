"""Every article of an archive read again from its records."""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from csu_news.archive import Archive
from csu_news.archive.origins import Origins
from csu_news.archive.rereading import Rewriting, rewrite_article
from csu_news.archive.run import transaction
from csu_news.items import Article, Gate
from csu_news.pages import PARSER_VERSION
from csu_news.reparse.pool import ordered_map
from csu_news.reparse.reading import Reading, Task, read_tasks
from csu_news.sites import Site

ARTICLES = "select id, site from articles order by id"
OUTDATED = """
select id, site from articles where parser_version <> :version
  or exists (select 1 from revisions where article_id = articles.id and parser_version <> :version) order by id
"""
BATCH = 64
"""Articles read by one process at a time, and stored in one transaction."""


@dataclass(slots=True)
class Summary:
    """What reading again came to.

    fields  by name of a field: how many articles it changed in, and the key of one of them
    left    what stays as it was: key, url, file, offset and detail of each
    """

    articles: int = 0
    records: int = 0
    changed: int = 0
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    left: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, rewriting: Rewriting) -> None:
        self.articles += 1
        self.changed += bool(rewriting.fields)
        for name in rewriting.fields:
            entry = self.fields.setdefault(name, {"articles": 0, "example": rewriting.key})
            entry["articles"] += 1
        for fetch, reason in rewriting.left:
            place = {name: fetch[name] if fetch else None for name in ("url", "file")}
            offset = fetch["warc_offset"] if fetch else None
            self.left.append({"key": rewriting.key, **place, "offset": offset, "detail": reason})


class Plan(NamedTuple):
    """A batch of articles and, for each record to read, its fetch and which of the articles it belongs to."""

    articles: list[Origins]
    records: list[tuple[Origins, sqlite3.Row]]


def reparse(
    archive: Archive,
    changed_only: bool = False,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Summary:
    """Write what today's parser makes of the records that the articles came from; no request is made.

    executor      what reads in place of processes of our own, as many batches at once as there are workers
    changed_only  only articles that another version of the parser has read
    progress      called with articles done and in all
    """
    started = time.monotonic()
    rows = archive.connection.execute(
        OUTDATED if changed_only else ARTICLES, {"version": PARSER_VERSION} if changed_only else {}
    ).fetchall()
    summary, plans = Summary(), deque[Plan]()
    workers = min(workers, len(rows) // BATCH + 1)
    for readings in ordered_map(read_tasks, _batches(archive, rows, plans), workers, executor):
        _store(archive, plans.popleft(), readings, summary)
        progress(summary.articles, len(rows))
    summary.seconds = round(time.monotonic() - started, 1)
    return summary


def _batches(archive: Archive, rows: list[sqlite3.Row], plans: deque[Plan]) -> Iterator[list[Task]]:
    """Yield what to read for each batch of articles, and keep the plan of what to do with it."""
    sites: dict[str, Site] = {}
    folder = archive.warc_folder.absolute()  # whoever reads may be elsewhere
    for start in range(0, len(rows), BATCH):
        plan, tasks = Plan([], []), []
        for row in rows[start : start + BATCH]:
            name = row["site"]
            site = sites[name] = sites.get(name) or archive.site(name) or Site(name)
            origins = Origins(archive.connection, row["id"])
            plan.articles.append(origins)
            for fetch in origins.needed():
                plan.records.append((origins, fetch))
                tasks.append(Task(folder / fetch["file"], fetch["warc_offset"], fetch["kind"], site))
        plans.append(plan)
        yield tasks


def _store(archive: Archive, plan: Plan, readings: list[Reading], summary: Summary) -> None:
    found: dict[int, dict[int, Article | str]] = {id(origins): {} for origins in plan.articles}
    for (origins, fetch), reading in zip(plan.records, readings, strict=True):
        found[id(origins)][fetch["id"]] = _article(reading)
    summary.records += len(readings)
    now = datetime.now(UTC)
    with transaction(archive.connection):
        for origins in plan.articles:
            origins.learn(found[id(origins)])
            summary.add(rewrite_article(archive.connection, origins, PARSER_VERSION, now))


def _article(reading: Reading) -> Article | str:
    """Return the article that a record holds, or why it is none."""
    if reading.error is not None:
        return reading.error
    if isinstance(reading.result, Article):
        return reading.result
    if isinstance(reading.result, Gate):
        return f"It reads as something else: {reading.result.reason}."
    return f"It reads as no article: {reading.outcome}."
