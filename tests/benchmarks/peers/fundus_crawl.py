"""Archive the addresses of a file by Fundus: `fundus_crawl.py DATABASE FILE`.

Fundus finds articles by feeds and site maps, which such a site has not, and reads a site by a parser written
for it; so it gets the addresses and a parser, as its publishers have.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlite_utils
from fundus import Crawler, Sitemap
from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
from fundus.parser.utility import (
    extract_article_body_with_selector,
    generic_date_parsing,
    generic_text_extraction_with_css,
)
from fundus.publishers.base_objects import Publisher, PublisherGroup
from lxml.cssselect import CSSSelector
from lxml.etree import XPath


class Addresses(Sitemap):
    """A site map in place of which a file is read."""

    def fetch(self, *_: Any) -> Iterator[str]:
        yield from Path(sys.argv[2]).read_text().split()


class Parser(ParserProxy):
    class V1(BaseParser):
        _title = CSSSelector(".contitle")
        _date = XPath("//div[@class='time']/text()[1]")
        _paragraphs = CSSSelector(".v_news_content p")

        @attribute
        def title(self) -> str | None:
            return generic_text_extraction_with_css(self.precomputed.doc, self._title)

        @attribute
        def publishing_date(self) -> datetime.datetime | None:
            return generic_date_parsing("".join(map(str, self._date(self.precomputed.doc))) or None)

        @attribute
        def body(self) -> ArticleBody | None:
            return extract_article_body_with_selector(self.precomputed.doc, paragraph_selector=self._paragraphs)


def publishers(base: str) -> PublisherGroup:
    Publisher.__SOURCE_ORDER__[Addresses] = 3
    replica = Publisher("Replica", base, Parser, [Addresses(base + "sitemap.xml", {"en"})])
    return PublisherGroup("Replicas", (), {"Replica": replica})


if __name__ == "__main__":
    split = urlsplit(Path(sys.argv[2]).read_text().split()[0])
    crawler = Crawler(publishers(f"{split.scheme}://{split.netloc}/"), delay=0.0, threading=False)
    table = sqlite_utils.Database(sys.argv[1])["articles"]
    for article in crawler.crawl(only_complete=False, error_handling="raise"):
        date = article.publishing_date
        table.upsert(
            {
                "url": article.html.requested_url,
                "title": article.title,
                "published": date and f"{date:%Y-%m-%d}",
                "source": None,
                "body": str(article.body) if article.body else None,
            },
            pk="url",
        )
