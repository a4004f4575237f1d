"""The column's list as the site's menu names it, for pages whose breadcrumb has no link."""

from __future__ import annotations

import re

from csu_news.pages.page import Page
from csu_news.text import clean, unescape
from csu_news.urls import absolute_url, is_article_url, same_page

# <meta name="keywords" content="University,News,Title of the article"/>: site, column, title
_KEYWORDS = re.compile(r"<meta\s+name=\"(?i:keywords)\"\s+content=\"([^\"]*)\"")
_LINK = re.compile(r"<a\s([^>]*)>([^<]{1,60})</a>")
_HREF = re.compile(r'\bhref="([^"]*)"')


def menu_list_url(page: Page, around: str) -> str | None:
    """Return the one address that a link with the column's name leads to; None when there is none or several.

    The column's name is the second keyword of three or more. `around` is the page's markup without the body.
    """
    found = _KEYWORDS.search(around)
    keywords = [clean(unescape(word)) for word in found[1].split(",")] if found else []
    if len(keywords) < 3 or not keywords[1]:
        return None
    urls = {_address(page, link[1]) for link in _LINK.finditer(around) if clean(unescape(link[2])) == keywords[1]}
    urls.discard(None)
    return urls.pop() if len(urls) == 1 else None


def _address(page: Page, attributes: str) -> str | None:
    href = _HREF.search(attributes)
    url = absolute_url(page.base, unescape(href[1])) if href else None
    return None if url is None or is_article_url(url) or same_page(url, page.url) else url
