"""A page of a column's list: its rows in page order, and what its pager prints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]

from csu_news.items import Link, Listing
from csu_news.pages.page import Page
from csu_news.pages.pager import Pager, read_pager
from csu_news.pages.rows import row_link, target
from csu_news.text import Element
from csu_news.urls import column_id, is_article_url

_lines = etree.XPath("descendant::*[@id][starts-with(@id,'line')]")
_EMPTY = "尚无资料".encode()
_batches = etree.XPath("//script[contains(.,'_showDynClickBatch')]")
# line_u9_0, line52315_3: the component that prints the list, and the row
_HAS_LINES = re.compile(rb"line_?u?\d+_\d")
_LINE = re.compile(r"^line_?(u?\d+)_\d+$")
# /list.jsp, /copy_1_list.jsp, /xylist.jsp, ../../list.jsp.htm
_LIST_TEMPLATE = re.compile(r"list[^/]*$", re.I)
# /index.jsp, /English/index.jsp
_HOME_TEMPLATE = re.compile(r"(?:^|/)(?:index|default|main|home)\w*\.jsp", re.I)
_HOME_PAGE = re.compile(r"^/(?:(?:index|default|main)\.\w+)?$", re.I)
_ITEMS = frozenset(("li", "tr", "dl", "dd"))
_LISTS = ("ul", "ol", "table", "dl")
_CLIMB = 8


def read_listing(page: Page) -> Listing | None:
    """Return the list; None where the page is a home page, a text or anything else with links on it.

    A list has a pager of the CMS, or rows of one component that belong to the page's column, or is made
    by a list template. Rows include hidden ones and links to other sites.
    """
    if _is_home(page):
        return None
    pager = read_pager(page)
    rows = _distinct(link for element in _rows(page, pager) if (link := row_link(element, page)))
    if not rows and not _is_empty_list(page, pager):
        return None
    listing = Listing(page.url, _column(page), rows)
    if pager is not None:
        listing.total, listing.page, listing.pages = pager.total, pager.page, pager.pages
        listing.next_url, listing.pager = pager.next_url, pager.urls
    elif not rows:
        listing.total = 0
    return listing


def _is_home(page: Page) -> bool:
    if page.jsq:
        return bool(_HOME_TEMPLATE.search(page.jsq[-1].template))
    return bool(_HOME_PAGE.match(urlsplit(page.url).path))


def _column(page: Page) -> int | None:
    return page.jsq[-1].column_id if page.jsq else column_id(page.url)


def _is_list_template(page: Page) -> bool:
    return bool(page.jsq) and bool(_LIST_TEMPLATE.search(page.jsq[-1].template))


def _is_empty_list(page: Page, pager: Pager | None) -> bool:
    """Tell whether a page without rows is a list: its pager prints a total, or a list template 尚无资料."""
    if pager is not None and pager.total is not None:
        return True
    return _EMPTY in page.source and (pager is not None or not page.jsq or _is_list_template(page))


def _distinct(links: Iterable[Link]) -> list[Link]:
    found: dict[str, Link] = {}
    for link in links:
        known = found.setdefault(link.url, link)
        known.title, known.date = known.title or link.title, known.date or link.date
    return list(found.values())


def _rows(page: Page, pager: Pager | None) -> list[Element]:
    """Return the elements that are the list's rows."""
    if pager is not None and pager.total == 0:
        return []
    groups = _groups(page)
    if pager is not None and (rows := _rows_by_pager(page, pager, groups)):
        return rows
    own = [rows for rows in groups.values() if _belongs(rows, page)]
    if len(own) == 1:
        return own[0]
    if len(groups) == 1 and (pager is not None or _is_list_template(page)):
        return next(iter(groups.values()))
    return _rows_by_template(page) if not groups and _is_list_template(page) else []


def _groups(page: Page) -> dict[str, list[Element]]:
    """Return the rows with an id, by the component that printed them."""
    groups: dict[str, list[Element]] = {}
    for node in _lines(page.root) if _HAS_LINES.search(page.source) else ():
        if found := _LINE.match(node.get("id")):
            groups.setdefault(found[1], []).append(node)
    return groups


def _belongs(rows: list[Element], page: Page) -> bool:
    """Tell whether a row leads to an article of the page's own column."""
    column = _column(page)
    urls = (target(node, page) for row in rows for node in row.iter("a"))
    return column is None or any(url and column_id(url) == column for url in urls)


def _rows_by_pager(page: Page, pager: Pager, groups: dict[str, list[Element]]) -> list[Element]:
    """Return the rows next to the pager: those of the nearest ancestor that has links besides the pager's."""
    mine = set(pager.element.iter())
    for ancestor in _ancestors(pager.element):
        others = [node for node in ancestor.iter("a") if node not in mine and target(node, page)]
        if others:
            inside = set(ancestor.iter())
            known = [rows for rows in groups.values() if rows[0] in inside]
            return known[0] if len(known) == 1 else _items(others, ancestor, page)
    return []


def _ancestors(element: Element) -> list[Element]:
    found: list[Element] = []
    for node in element.iterancestors():
        if node.tag in ("body", "html") or len(found) == _CLIMB:
            break
        found.append(node)
    return found


def _items(links: list[Element], container: Element, page: Page) -> list[Element]:
    """Return the items that hold the links; of a mixed lot, those with articles or links to other hosts."""
    items: dict[Element, None] = {}
    for link in links:
        node = next((n for n in link.iterancestors() if n.tag in _ITEMS or n is container), link)
        items.setdefault(link if node is container else node, None)
    return [item for item in items if _is_row(item, page)]


def _is_row(item: Element, page: Page) -> bool:
    own = urlsplit(page.url).netloc
    nodes = [item] if item.tag == "a" else item.iter("a")
    urls = [url for node in nodes if (url := target(node, page))]
    return any(is_article_url(url) or urlsplit(url).netloc != own for url in urls)


def _rows_by_template(page: Page) -> list[Element]:
    """Return a list template's rows that have neither ids nor pager.

    They stand before the one script that fetches click counts for a list, or are the one list on the
    page that links to articles of the page's column.
    """
    batches = _batches(page.root) if b"_showDynClickBatch" in page.source else []
    block = batches[0].getprevious() if len(batches) == 1 else None
    if block is None:
        nodes = (node for node in page.root.iter("a") if is_article_url(target(node, page) or ""))
        own = [node for node in nodes if column_id(target(node, page) or "") == _column(page)]
        blocks = {next(node.iterancestors(*_LISTS), None): None for node in own}
        block = next(iter(blocks)) if len(blocks) == 1 else None
    links = [] if block is None else [node for node in block.iter("a") if target(node, page)]
    return _items(links, block, page) if links else []
