"""The download handler: nothing leaves while the host wants to be left alone."""

from __future__ import annotations

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Request, Response

from csu_news.errors import HostHeld
from csu_news.spiders.news import NewsSpider


class HeldDownloadHandler(HTTP11DownloadHandler):
    """Heeds Retry-After as soon as it is read.

    Scrapy 2.19 has requests wait for their turn between the middlewares and this handler; here is the last
    place to stop one, and the first to know of an answer.
    """

    async def download_request(self, request: Request) -> Response:
        spider = self._crawler.spider
        assert isinstance(spider, NewsSpider)
        if spider.is_held() and "page_id" in request.meta:
            raise HostHeld("the host asked to be left alone")
        response = await super().download_request(request)
        spider.heed_retry_after(response)
        return response
