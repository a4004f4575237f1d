"""The pipeline: one transaction for each visit."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from csu_news.items import Visit
from csu_news.spiders.news import NewsSpider


class ArchivePipeline:
    """Stores each visit; if that fails, the run stops and the page stays due."""

    def __init__(self, crawler: Crawler) -> None:
        assert isinstance(crawler.spider, NewsSpider)
        self._spider = crawler.spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Visit) -> Visit:
        if self._spider.failure is not None:
            raise DropItem("the run is stopping", log_level="DEBUG")
        try:
            saved = self._spider.run.save(item)
        except Exception as error:
            self._spider.abort(error)
            raise DropItem("the archive cannot be written", log_level="DEBUG") from error
        self._spider.watch(item.kind, saved)
        if self._spider.on_visit:
            self._spider.on_visit(item)
        return item
