"""What a page of a VSB site says: HTML in, item out; no network, no framework.

One module per field or kind of page, one function per field with the field's name. Every field is right
or None: where the page leaves room for a guess, nothing is said.
"""

from __future__ import annotations

from csu_news.items import Article, Gate, Listing
from csu_news.pages.article import is_article, read_article
from csu_news.pages.gates import read_gate
from csu_news.pages.listing import read_listing
from csu_news.pages.page import load
from csu_news.pages.requisites import page_requisites
from csu_news.sites import VSB, Site

__all__ = ["PARSER_VERSION", "page_requisites", "read_page"]

PARSER_VERSION = 2
"""Raised when the same page is read differently than before: `csu-news reparse` looks at it."""


def read_page(body: bytes, url: str, site: Site = VSB, encoding: str | None = None) -> Article | Listing | Gate | None:
    """Return what the page is: an article, a page of a list, a gate, or None for any other page.

    `url` is the address it was fetched from, `encoding` the charset of the response header. Never raises,
    on any bytes; time grows with the length of the page.
    """
    page = load(body, url, site, encoding)
    if page is None:
        return None
    if is_article(page):
        return read_article(page)
    return read_listing(page) or read_gate(page)
