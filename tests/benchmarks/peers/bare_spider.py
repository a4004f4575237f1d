"""Fetch the addresses of a file with Scrapy and throw all away: `bare_spider.py FILE default|tuned`."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings.default_settings import DOWNLOADER_MIDDLEWARES_BASE, EXTENSIONS_BASE, SPIDER_MIDDLEWARES_BASE

TUNED: dict[str, Any] = {
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "CONCURRENT_ITEMS": 1,
    "DOWNLOADER_MIDDLEWARES": dict.fromkeys(DOWNLOADER_MIDDLEWARES_BASE),
    "SPIDER_MIDDLEWARES": dict.fromkeys(SPIDER_MIDDLEWARES_BASE),
    "EXTENSIONS": dict.fromkeys(EXTENSIONS_BASE),
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    "DOWNLOADER_STATS": False,
    "LOG_ENABLED": False,
    "TWISTED_REACTOR_ENABLED": False,  # plain asyncio, downloads by aiohttp: the fastest of its handlers
}


class Bare(Spider):
    name = "bare"

    async def start(self) -> AsyncIterator[Request]:
        for url in Path(sys.argv[1]).read_text().split():
            yield Request(url, dont_filter=True)

    def parse(self, response: Response) -> None:
        pass


if __name__ == "__main__":
    process = AsyncCrawlerProcess(TUNED if sys.argv[2] == "tuned" else {"LOG_LEVEL": "ERROR"})
    process.crawl(Bare)
    process.start()
