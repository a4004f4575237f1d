"""Scrapy's scheduler over the archive: the only maker of requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Self

from scrapy import signals
from scrapy.core.engine import _Slot
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.spiders import Spider

from csu_news.archive.queue import DuePage
from csu_news.items import Article, Visit
from csu_news.judge import MEDIA
from csu_news.spiders.news import NewsSpider

NEVER = datetime.max.replace(tzinfo=UTC)


class ArchiveScheduler(BaseScheduler):
    """Hands out the pages that are due; nothing is queued in memory.

    Stops handing out when the run's budget is spent or a component has failed. A site whose pages are all had
    is not done before the sites that are crawled beside it: they may lead to articles of it, as translations.
    """

    def __init__(self, crawler: Crawler) -> None:
        assert isinstance(crawler.spider, NewsSpider)
        self._crawler = crawler
        self._spider = crawler.spider
        self._run = crawler.spider.run
        self._beside = crawler.spider.beside.schedulers
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._most_bytes = crawler.settings.getint("CSU_NEWS_MAX_BODY_BYTES")
        self._most_media_bytes = crawler.settings.getint("CSU_NEWS_MAX_MEDIA_BYTES")
        self._max_wait = timedelta(seconds=crawler.settings.getfloat("CSU_NEWS_MAX_WAIT_S"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        self._beside.append(self)
        self._crawler.signals.connect(self._wake_others, signals.item_scraped)

    def close(self, reason: str) -> None:
        self._beside.remove(self)
        try:
            self._spider.finish(reason)
        finally:
            self._wake_others()

    def has_pending_requests(self) -> bool:
        """Tell whether the run should go on: it, or one beside it, has something to do."""
        if self._spider.is_stopped():
            return False
        others = (other for other in self._beside if other is not self)
        return self._has_work() or any(other._slot.inprogress or other._has_work() for other in others)

    @property
    def _slot(self) -> _Slot:
        assert self._crawler.engine is not None
        assert self._crawler.engine._slot is not None
        return self._crawler.engine._slot

    def _has_work(self) -> bool:
        """Tell whether a page is due now, or soon enough to wait for."""
        if self._spider.is_stopped():
            return False
        wait_until = self._spider.not_before if self._spider.is_held() else None
        if wait_until is None and not self._run.is_due():
            wait_until = self._run.due_at() or NEVER
        return wait_until is None or wait_until - self._run.now() <= self._max_wait

    def _wake_others(self, item: Visit | None = None) -> None:
        """Have the sites crawled beside this one look at their queues: after the last page, or a link to them."""
        if item is None or (isinstance(item.result, Article) and item.result.translations):
            for other in self._beside:
                if other is not self:
                    other._slot.nextcall.schedule()  # Scrapy itself would look again after five seconds

    def enqueue_request(self, request: Request) -> bool:
        """Refuse: pages become due in the archive, never as requests."""
        return False

    def next_request(self) -> Request | None:
        if self._spider.is_stopped() or self._spider.is_held():
            return None
        page = self._run.take()
        while page and self._spider.leaves_out(page.kind):
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
    """Return the headers that let the server answer 304; what cannot stand in a header is left out."""
    headers = {"If-None-Match": page.etag, "If-Modified-Since": page.last_modified}
    return {name: value for name, value in headers.items() if value and value.isprintable()}
