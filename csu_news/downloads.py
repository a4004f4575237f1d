"""The download handler: one request at a time for each host, and none while it wants to be left alone."""

from __future__ import annotations

import asyncio

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from csu_news.errors import HostHeld
from csu_news.spiders.news import NewsSpider


class HeldDownloadHandler(HTTP11DownloadHandler):
    """Keeps CONCURRENT_REQUESTS_PER_DOMAIN strictly, and heeds Retry-After as soon as it is read.

    Scrapy 2.19 starts two requests at once that are queued in the same turn of the event loop (it counts a
    request only when its task runs), and has requests wait for their turn between the middlewares and this
    handler: here is the last place to stop one, and the first to know of an answer.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._at_once = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._turns: dict[str, asyncio.Semaphore] = {}

    async def download_request(self, request: Request) -> Response:
        spider = self._crawler.spider
        assert isinstance(spider, NewsSpider)
        host = request.meta["download_slot"]
        async with self._turns.setdefault(host, asyncio.Semaphore(self._at_once)):
            if spider.is_held() and "page_id" in request.meta:
                raise HostHeld("the host asked to be left alone")
            response = await super().download_request(request)
            spider.heed_retry_after(response)
        return response
