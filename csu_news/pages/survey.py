"""What a page says of its site: for a first look at a site that nobody has described."""

from __future__ import annotations

import re
from typing import NamedTuple

from csu_news.pages.page import Page, load
from csu_news.sites import VSB
from csu_news.text import clean
from csu_news.urls import absolute_url, is_article_url

# <link href="/_sitegray/_sitegray_d.css">, /system/resource/js/counter.js: in every page that the CMS makes
_CMS = (b"_sitegray", b"/system/resource/")


class Survey(NamedTuple):
    """Whether the CMS made the page; the names of site and column as it says them twice; its links to articles."""

    is_vsb: bool = False
    site: str | None = None
    column: str | None = None
    articles: tuple[str, ...] = ()


def survey(body: bytes, url: str) -> Survey:
    """Return what the page says of its site; never raises."""
    page = load(body, url, VSB, None)
    if page is None:
        return Survey()
    is_vsb = bool(page.jsq or page.clicks or page.form is not None or any(sign in page.source for sign in _CMS))
    urls = (absolute_url(page.base, node.get("href")) for node in page.root.iter("a"))
    articles = tuple(dict.fromkeys(found for found in urls if found and is_article_url(found)))
    return Survey(is_vsb, *names(clean(page.head_title), _keywords(page)), articles)


def _keywords(page: Page) -> str:
    for node in page.root.iter("meta"):
        if (node.get("name") or "").lower() == "keywords":
            return clean(node.get("content") or "")
    return ""


def names(title: str, keywords: str) -> tuple[str | None, str | None]:
    """Return the names of site and column, where `<title>` and keywords agree on them.

    >>> names("News-A University", "A University,News")  # a list
    ('A University', 'News')
    >>> names("A Title-A University", "A University,News,A Title")  # an article
    ('A University', 'News')
    >>> names("A University", "A University")  # the home page
    ('A University', None)
    >>> names("Welcome", "research,teaching")
    (None, None)
    """
    site = keywords.partition(",")[0]
    if not site or title == site:
        return site or None, None
    headline = re.sub(rf"\s*[-_|]\s*{re.escape(site)}$", "", title)
    if headline == title:
        return None, None
    rest = keywords.removeprefix(f"{site},")
    if rest == headline:
        return site, headline
    column = rest.removesuffix(f",{headline}")
    return site, column if column != rest else None
