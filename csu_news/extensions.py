"""Extensions: what must stop a run that Scrapy would let go on."""

from __future__ import annotations

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from csu_news.spiders.news import NewsSpider


class FailureGuard:
    """Stops the run at the first error in a callback or in the pipeline, which Scrapy only logs."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.on_error, signals.spider_error)
        crawler.signals.connect(self.on_error, signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def on_error(self, failure: Failure) -> None:
        spider = self._crawler.spider
        if isinstance(spider, NewsSpider) and isinstance(failure.value, Exception):
            spider.abort(failure.value)
