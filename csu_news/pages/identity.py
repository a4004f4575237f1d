"""Which article a page holds: the click counter knows, then the address, then the page counter."""

from __future__ import annotations

from csu_news.pages.page import Click, Jsq, Page
from csu_news.urls import ids


def click(page: Page) -> Click | None:
    """Return the article's own click counter: the form's, else the page's only one."""
    for found in page.clicks:
        if found.in_form:
            return found
    distinct = {(found.owner, found.news_id) for found in page.clicks}
    return page.clicks[0] if len(distinct) == 1 else None


def _last_jsq(page: Page) -> Jsq | None:
    """Return the last page counter call: of two, the first is the host page's."""
    return page.jsq[-1] if page.jsq else None


def news_id(page: Page) -> int | None:
    """Return the click id, else the URL's, else the last positive `_jsq_` id."""
    if found := click(page):
        return found.news_id
    if (named := ids(page.url).news_id) is not None:
        return named
    counted = _last_jsq(page)
    return counted.news_id if counted and counted.news_id > 0 else None


def owner(page: Page) -> int | None:
    """Return the owner of the article: the click's, else that of the page counter."""
    if found := click(page):
        return found.owner
    number = news_id(page)
    calls = [call for call in page.jsq if call.news_id == number] or page.jsq[-1:]
    return calls[-1].owner if calls else None


def column_id(page: Page) -> int | None:
    """Return the column that the page stands in, which for a reference copy is not the article's first.

    The address says so if it names this article, else the page counter that counts it, else the address.
    """
    number, named = news_id(page), ids(page.url)
    if named.column_id is not None and named.news_id == number:
        return named.column_id
    calls = [call for call in page.jsq if call.news_id == number]
    if calls:
        return calls[-1].column_id
    if named.column_id is not None:
        return named.column_id
    counted = _last_jsq(page)
    return counted.column_id if counted else None
