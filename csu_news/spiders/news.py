"""The spider: reads a response, yields one Visit. Where to go next is the archive's business."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, Self
from urllib.parse import urljoin

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from csu_news.archive import Archive, Run, RunOptions, Saved
from csu_news.beside import Beside
from csu_news.breaker import BREAKER, SHUT, CircuitBreaker
from csu_news.errors import CsuNewsError, HostHeld, SiteShut
from csu_news.items import Outcome, Record, Visit
from csu_news.judge import status_outcome
from csu_news.pages import PARSER_VERSION
from csu_news.reading import Page, PageReader
from csu_news.sites import Site, find_site, unprofiled

LONGEST_RETRY_AFTER_S = 24 * 3600.0


class HostOutOfReach(IgnoreRequest):
    """A host that serves only media cannot be asked in this run; its pages stay due."""


class NewsSpider(Spider):
    """Archives one site.

    site        name of a profile, or a Site
    url         start address, for a site without a profile; seeds: several
    archive     an open Archive to share; without it the spider opens the one in CSU_NEWS_DB
    limit       articles to ask for at most; max_requests: requests to make at most
    on_visit    called after each visit is stored
    beside      what to share with the spiders that crawl other sites into the archive at the same time
    reader      what reads the pages
    """

    name = "news"
    run: Run

    def __init__(
        self,
        site: str | Site = "csu-en",
        url: str | None = None,
        seeds: Sequence[str] = (),
        archive: Archive | None = None,
        limit: str | int | None = None,
        max_requests: str | int | None = None,
        full: str | bool = False,
        media: str | bool = True,
        trigger: str = "scrapy",
        arguments: dict[str, Any] | None = None,
        on_visit: Callable[[Visit], None] | None = None,
        beside: Beside | None = None,
        reader: PageReader | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.site = site if isinstance(site, Site) else unprofiled(url) if url else find_site(site)
        self.seeds = [url, *seeds] if url else list(seeds)
        self.failure: Exception | None = None
        self.not_before: datetime | None = None
        self.on_visit = on_visit
        self.beside = beside or Beside()
        self._reader = reader or PageReader()
        self._archive = archive
        self._owns_archive = archive is None
        self._articles_left = None if limit is None else int(limit)
        self._requests_left = None if max_requests is None else int(max_requests)
        self._options = RunOptions(
            version=version("csu-news"),
            parser_version=PARSER_VERSION,
            arguments=json.dumps(arguments or {}, ensure_ascii=False),
            trigger=trigger,
            full=_is_yes(full),
            media=_is_yes(media),
        )
        self._breaker = CircuitBreaker()
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        waits = tuple(float(wait) for wait in crawler.settings.getlist("CSU_NEWS_RETRY_WAITS_S"))
        spider.open_run(crawler.settings["CSU_NEWS_DB"], waits)
        return spider

    @property
    def archive(self) -> Archive:
        assert self._archive is not None
        return self._archive

    def open_run(self, path: str, retry_waits_s: tuple[float, ...]) -> None:
        """Open the archive unless one was given, and begin the run."""
        if self._archive is None:
            self._archive = Archive(path, write=True)
        options = replace(self._options, retry_waits_s=retry_waits_s)
        self.run = self._archive.begin_run(self.site, options, self.seeds)

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the first pages are due in the archive."""
        nothing: tuple[Any, ...] = ()
        for item in nothing:
            yield item

    def is_stopped(self) -> bool:
        """Tell whether no further page may be asked for."""
        return self.failure is not None or self.is_limited()

    def is_limited(self) -> bool:
        """Tell whether the user's limit of articles or requests is reached."""
        return 0 in (self._articles_left, self._requests_left)

    def leaves_out(self, kind: str) -> bool:
        """Tell whether a page of that kind is not asked for in this run: it stays due."""
        return False

    def watch(self, kind: str, saved: Saved) -> None:
        """Stop the run when the site is shut to us, or its articles vanish one after the other."""
        if kind not in ("article", "list"):
            return
        shut = saved.outcome is Outcome.REFUSED or saved.reason in SHUT
        sentence = self._breaker.count(shut=shut, vanished=saved.vanished)
        if sentence:
            self.run.report(BREAKER, sentence, self.site.base_url or self.site.name)
            self.abort(SiteShut(sentence))

    def count_request(self, kind: str, number: int = 1) -> None:
        """Take a request off the user's limits; -1 gives it back."""
        if self._requests_left is not None:
            self._requests_left -= number
        if self._articles_left is not None and kind == "article":
            self._articles_left -= number

    def abort(self, error: Exception) -> None:
        """Stop the run because nothing more can be stored safely; the first error is the one that counts."""
        if self.failure is not None:
            return
        self.failure = error
        if isinstance(error, CsuNewsError):
            self.logger.error("The run stops: %s", error)
        else:  # a bug: it keeps its traceback, on the command line too
            self.logger.critical("The run stops: %s", error, exc_info=error)
        # awaited here it would wait for the very request that failed
        assert self.crawler.engine is not None
        close = self.crawler.engine.close_spider_async(reason="failed")
        self._stopping = asyncio.ensure_future(close)

    def finish(self, reason: str) -> None:
        """Close the run with its outcome; after a failure its evidence stays open, for the next run to repair."""
        outcome = None if reason == "finished" else "interrupted" if reason == "shutdown" else reason
        if self.failure is not None:
            outcome = self.failure.outcome if isinstance(self.failure, CsuNewsError) else "error"
        elif self.is_limited() and outcome is None:
            outcome = "limit"
        try:
            self.run.finish(outcome, whole=self.failure is None)
        finally:
            if self._owns_archive:
                self.archive.close()

    async def closed(self, reason: str) -> None:
        """End what reads the pages, with the last of the spiders that use it."""
        if not self.beside.schedulers:
            await self._reader.close()

    # Lists, not generators: Scrapy 2.19 reads the source of a generator callback anew for each response.

    async def parse(self, response: Response, **kwargs: Any) -> list[Visit]:
        meta = response.meta
        page = Page(meta["record"], response.body, meta["kind"], self.site, self.run.wants_media)
        reading = await self._reader.read(page)
        location = response.headers.get("Location")
        redirect_url = None
        if reading.outcome is Outcome.REDIRECT and location:
            redirect_url = self.site.at_home(urljoin(response.url, location.decode("utf-8", "replace")))
        return [
            Visit(
                meta["page_id"],
                response.url,
                response.status,
                reading.record,
                reading.outcome,
                reading.result,
                redirect_url,
                meta["kind"],
                reading.requisites,
            )
        ]

    def failed(self, failure: Failure) -> list[Visit]:
        """Turn a request that brought no response into a visit; one that was not sent, into nothing."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        if self.failure is not None or isinstance(error, HostOutOfReach):
            return []
        if isinstance(error, HostHeld):
            self._put_back(request)
            return []
        forbidden = isinstance(error, IgnoreRequest) and "robots.txt" in str(error)
        record = request.meta.get("record") or Record(request.url, datetime.now(UTC))
        record.error = record.error or one_line(error)
        outcome = Outcome.FORBIDDEN if forbidden else Outcome.FAILED
        kind = request.meta["kind"]
        return [Visit(request.meta["page_id"], request.url, record.status, record, outcome, kind=kind)]

    def is_held(self) -> bool:
        """Tell whether the host asked, by Retry-After, to be left alone for now."""
        return self.not_before is not None and self.run.now() < self.not_before

    def heed_retry_after(self, response: Response) -> None:
        """Leave the host alone for as long as it asks; if that is longer than a run waits, the run ends."""
        header = response.headers.get("Retry-After") if status_outcome(response.status) else None
        seconds = retry_after_s(header.decode("latin-1"), self.run.now()) if header else None
        if seconds is None:
            return
        self.not_before = self.run.now() + timedelta(seconds=min(seconds, LONGEST_RETRY_AFTER_S))
        if seconds > self.crawler.settings.getfloat("CSU_NEWS_MAX_WAIT_S"):
            self.run.report("retry later", f"The server asks to be left alone for {seconds:.0f} s.", response.url)

    def _put_back(self, request: Request) -> None:
        """Take a request for not made: its page stays due."""
        self.count_request(request.meta["kind"], -1)
        self.run.put_back(request.meta["page_id"])


def _is_yes(value: str | bool) -> bool:
    return str(value).lower() in ("1", "true", "yes")


def retry_after_s(value: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, given as a number or as a date; None if neither.

    >>> retry_after_s("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> retry_after_s("soon", datetime(2026, 1, 1, tzinfo=UTC))
    """
    if value.isascii() and value.strip().isdigit():
        return float(value)
    moment = http_date(value)
    return max((moment - now).total_seconds(), 0.0) if moment else None


def http_date(value: str) -> datetime | None:
    """Return the moment that a header names; None when it is no date."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def one_line(error: BaseException | None) -> str:
    r"""Return an error as one line: ours as they are, others with their kind.

    >>> one_line(OSError("It\nwent."))
    'OSError: It went.'
    """
    if isinstance(error, CsuNewsError):
        return str(error)
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:300] if text else type(error).__name__
