"""The progress bar of a crawl: shown on a terminal only."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from csu_news.archive import Archive
from csu_news.cli.output import err, is_terminal
from csu_news.items import Visit

REFRESH_S = 0.5


class CrawlProgress:
    """Counts pages done against those known to be due and the articles that lists say there are."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._done = 0
        self._shown_at = 0.0
        self._started = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=err,
            transient=True,
            disable=not is_terminal(),
        )
        self._task = self._bar.add_task("pages", total=None, rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def on_visit(self, visit: Visit) -> None:
        self._done += 1
        now = time.monotonic()
        if self._bar.disable or now - self._shown_at < REFRESH_S:
            return
        self._shown_at = now
        rate = self._done / max(now - self._started, 0.001)
        total = self._done + self._archive.remaining()
        self._bar.update(self._task, completed=self._done, total=total, rate=f"{rate:.1f}/s")
