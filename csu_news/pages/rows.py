"""One row of a list: the link it stands for, and its date if the row prints one in full."""

from __future__ import annotations

import re
from itertools import pairwise

from csu_news.items import Link
from csu_news.pages.dates import checked_date, find_dates
from csu_news.pages.page import Page
from csu_news.text import Element, clean, plain_text, words
from csu_news.urls import absolute_url, is_article_url

_EDGE = " []【】()（）|·-"
_LABEL = re.compile(r"^(?:发布)?(?:时间|日期)\s*[:：]\s*|^(?:date|time)\s*:\s*", re.I)
# 12-07 beside 2018, 12月07日 beside 2018年; 10/05 could be either, so it needs a day above 12
_MONTH_DAY = re.compile(r"^(\d{1,2})([-/.月])(\d{1,2})日?$")
_YEAR = re.compile(r"^(\d{4})年?$")
# 07 beside 2018-12, 2018.12, 2018年12月
_DAY = re.compile(r"^(\d{1,2})日?$")
_YEAR_MONTH = re.compile(r"^(\d{4})[-/.年](\d{1,2})月?$")


def row_link(element: Element, page: Page) -> Link | None:
    """Return the row's link: the article's, else the one with a title, else the longest; None without any.

    A category before the title (`[学校] title`) is a link, too, and picture and title are often two
    links to the same page.
    """
    links = [(node, url) for node in _anchors(element) if (url := target(node, page))]
    if not links:
        return None
    articles = [pair for pair in links if is_article_url(pair[1])]
    titled = [pair for pair in links if pair[0].get("title")]
    _, url = (articles or titled or [max(links, key=lambda pair: len(clean(words(pair[0]))))])[0]
    title = next((text for node, other in links if other == url and (text := _title(node))), None)
    return Link(url, title, row_date(element, page.site.timezone))


def _anchors(element: Element) -> list[Element]:
    return [element] if element.tag == "a" else list(element.iter("a"))


def target(node: Element, page: Page) -> str | None:
    """Return a row's address; where a mirroring tool put `javascript:`, the original one it noted beside."""
    return absolute_url(page.base, node.get("href")) or absolute_url(page.base, node.get("tppabs"))


def _title(node: Element) -> str | None:
    """Return the full title, which the link's text may cut short or follow with a summary."""
    if title := clean(node.get("title")):
        return title
    heading = next(node.iter("h1", "h2", "h3", "h4", "h5"), None)
    return clean(plain_text(node if heading is None else heading)) or None


def row_date(element: Element, timezone: str) -> str | None:
    """Return the row's date: text that is nothing but a date, or two neighbours that make one together."""
    leaves = [leaf for text in element.itertext() if (leaf := _unlabelled(clean(text).strip(_EDGE)))]
    dates = {date for leaf in leaves if (date := _whole(leaf, timezone))}
    if not dates:
        pairs = pairwise(leaves)
        dates = {date for one, other in pairs if (date := _together(one, other, timezone))}
    return dates.pop() if len(dates) == 1 else None


def _unlabelled(text: str) -> str:
    label = _LABEL.match(text)
    return text[label.end() :] if label else text


def _whole(text: str, timezone: str) -> str | None:
    if len(text) > 40:
        return None
    found = find_dates(text, timezone)
    return found[0].date if len(found) == 1 and found[0].raw == text else None


def _together(one: str, other: str, timezone: str) -> str | None:
    for first, second in ((one, other), (other, one)):
        if (year := _YEAR.match(second)) and (found := _MONTH_DAY.match(first)):
            month, day = int(found[1]), int(found[3])
            return _iso(int(year[1]), month, day) if found[2] in "-月" or day > 12 else None
        if (found := _YEAR_MONTH.match(second)) and (alone := _DAY.match(first)):
            return _iso(int(found[1]), int(found[2]), int(alone[1]))
    return _whole(f"{one} {other}", timezone)


def _iso(year: int, month: int, day: int) -> str | None:
    found = checked_date(year, month, day)
    return found.isoformat() if found else None
