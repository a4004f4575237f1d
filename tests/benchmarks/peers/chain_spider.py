"""Archive a site as a first spider would: `chain_spider.py DATABASE LIST-PAGE…`.

It follows "next" from article to article, and takes the next row of the list where the chain breaks off;
so it has one request at a time. Dates go through dateparser, each item is an upsert by sqlite-utils.
"""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any

import dateparser
import sqlite_utils
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import TextResponse

# Sources: Graduate School, University Library
SOURCE = re.compile(r"Sources?: (.+)")


class Chain(Spider):
    name = "chain"

    def __init__(self) -> None:
        super().__init__()
        self.lists, self.rows, self.seen = deque(sys.argv[2:]), deque[str](), set[str]()
        self.table = sqlite_utils.Database(sys.argv[1])["articles"]

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.lists.popleft(), self.parse_list)

    def parse_list(self, response: TextResponse) -> Iterator[Request]:
        self.rows.extend(response.urljoin(url) for url in response.css("ul.list li a::attr(href)").getall())
        following = response.xpath('//a[@class="Next"][. = "下页"]/@href').get()
        if following:
            self.lists.appendleft(response.urljoin(following))
        yield from self.go_on()

    def parse(self, response: TextResponse, **_: Any) -> Iterator[Request]:
        paragraphs = [" ".join(p.css("::text").getall()).strip() for p in response.css(".v_news_content p")]
        body = "\n\n".join(filter(None, paragraphs))
        source = SOURCE.search(body)
        printed = dateparser.parse(response.css(".time::text").get(""))
        item = {
            "url": response.url,
            "title": response.css(".contitle::text").get("").strip(),
            "published": printed.strftime("%Y-%m-%d") if printed else None,
            "source": source[1] if source else None,
            "body": body,
        }
        self.table.upsert(item, pk="url")
        older = response.xpath('//p[starts-with(., "The next article")]/a/@href').get()
        yield from self.go_on(response.urljoin(older) if older else None)

    def go_on(self, url: str | None = None) -> Iterator[Request]:
        while url is None or url in self.seen:
            if not self.rows:
                if self.lists:
                    yield Request(self.lists.popleft(), self.parse_list)
                return
            url = self.rows.popleft()
        self.seen.add(url)
        yield Request(url)


if __name__ == "__main__":
    process = AsyncCrawlerProcess({"LOG_LEVEL": "ERROR"})
    process.crawl(Chain)
    process.start()
