"""Scrapy's scheduler over the archive: the only maker of requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Self

from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.spiders import Spider

from csu_news.archive.queue import DuePage
from csu_news.judge import MEDIA
from csu_news.spiders.news import NewsSpider

NEVER = datetime.max.replace(tzinfo=UTC)


class ArchiveScheduler(BaseScheduler):
    """Hands out the pages that are due; nothing is queued in memory.

    Stops handing out when the run's budget is spent or a component has failed.
    """

    def __init__(self, crawler: Crawler) -> None:
        assert isinstance(crawler.spider, NewsSpider)
        self._spider = crawler.spider
        self._run = crawler.spider.run
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._most_bytes = crawler.settings.getint("CSU_NEWS_MAX_BODY_BYTES")
        self._most_media_bytes = crawler.settings.getint("CSU_NEWS_MAX_MEDIA_BYTES")
        self._max_wait = timedelta(seconds=crawler.settings.getfloat("CSU_NEWS_MAX_WAIT_S"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        pass

    def close(self, reason: str) -> None:
        self._spider.finish(reason)

    def has_pending_requests(self) -> bool:
        """Tell whether the run should go on: something is due now, or soon enough to wait for."""
        if self._spider.is_stopped():
            return False
        wait_until = self._spider.not_before if self._spider.is_held() else None
        if wait_until is None and not self._run.is_due():
            wait_until = self._run.due_at() or NEVER
        return wait_until is None or wait_until - self._run.now() <= self._max_wait

    def enqueue_request(self, request: Request) -> bool:
        """Refuse: pages become due in the archive, never as requests."""
        return False

    def next_request(self) -> Request | None:
        if self._spider.is_stopped() or self._spider.is_held():
            return None
        page = self._run.take()
        return self._request(page) if page else None

    def _request(self, page: DuePage) -> Request:
        self._spider.count_request(page.kind)
        return Request(
            page.url,
            callback=self._spider.parse,
            errback=self._spider.failed,
            dont_filter=True,
            headers=_validators(page),
            meta={
                "page_id": page.page_id,
                "kind": page.kind,
                "payload_sha256": page.payload_sha256,
                "most_bytes": self._most_media_bytes if page.kind in MEDIA else self._most_bytes,
                "dont_redirect": True,
                "dont_retry": True,
                "handle_httpstatus_all": True,
                "download_timeout": self._timeout,
            },
        )


def _validators(page: DuePage) -> dict[str, str]:
    """Return the headers that let the server answer 304."""
    headers = {}
    if page.etag:
        headers["If-None-Match"] = page.etag
    if page.last_modified:
        headers["If-Modified-Since"] = page.last_modified
    return headers
