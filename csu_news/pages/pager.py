"""The pager of a list: how many rows and pages it prints, and where it leads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]

from csu_news.pages.page import Page
from csu_news.text import Element, clean, plain_text, words
from csu_news.urls import absolute_url, same_page

# <div class="pb_sys_common pb_sys_normal">, <td id="fanye159415">共113条&nbsp;&nbsp;1/6</td>
_known = etree.XPath(
    "descendant::*[@class][contains(concat(' ',@class),' pb_sys_common')]"
    " | descendant::*[@id][starts-with(@id,'fanye')]"
)
_KNOWN_WORDS = (b"pb_sys_common", b"fanye")
_NEXT = re.compile(r"^(?:下一?页|后一?页|next(?:\s*page)?|>|›)$", re.I)
_LAST = re.compile(r"^(?:尾页|末页|最后一?页|last(?:\s*page)?)$", re.I)
_TURN = re.compile(r"^(?:[上下前后]一?页|[首尾末]页|(?:next|prev(?:ious)?|first|last)(?:\s*page)?)$", re.I)
# 共113条, 共 26 条记录, Total 26, Totals: 26
_TOTAL = re.compile(r"[共总]\s*(?:计|有)?\s*(\d{1,7})\s*[条篇]|\btotals?\s*:?\s*(\d{1,7})\b(?!\s*pages?)", re.I)
# 1/6, 第1/6页
_OF = re.compile(r"(?<![\d/])(\d{1,6})\s*/\s*(\d{1,6})(?![\d/])")
_CURRENT = frozenset(("p_no_d", "this-page", "current"))


@dataclass(slots=True)
class Pager:
    """A pager: its element, and the fields of Listing that it prints."""

    element: Element
    total: int | None
    page: int | None
    pages: int | None
    next_url: str | None
    urls: list[str]


def read_pager(page: Page) -> Pager | None:
    """Return the page's first pager, None where there is none."""
    element = _element(page)
    if element is None:
        return None
    text = clean(plain_text(element))
    links = _links(element, page)
    number, count = _position(element, text, links)
    total = _TOTAL.search(text)
    following = next((url for word, url in links if _NEXT.match(word)), None)
    urls = [url for url in dict.fromkeys(url for _, url in links) if not same_page(url, page.url)]
    return Pager(element, int(total[1] or total[2]) if total else None, number, count, following, urls)


def _element(page: Page) -> Element | None:
    """Return the pager's element: a known one with its links, else the parent of links that turn pages.

    Links are taken for a pager by their words only on pages of the CMS (`_jsq_`).
    """
    for node in _known(page.root) if any(word in page.source for word in _KNOWN_WORDS) else ():
        if (node.get("id") or "").startswith("fanye"):
            return next(node.iterancestors("tr"), node.getparent())
        return node
    if not page.jsq:
        return None
    turning = [node for node in page.root.iter("a") if _turns(words(node))]
    turning = [node for node in turning if absolute_url(page.base, node.get("href"))]
    if not turning:
        return None
    parent = turning[0].getparent()
    wrapped = parent.tag in ("li", "span", "td") and len(turning) > 1 and turning[1].getparent() is not parent
    return parent.getparent() if wrapped else parent


def _turns(text: str) -> bool:
    return len(text) < 40 and bool(_TURN.match(clean(text)))


def _links(element: Element, page: Page) -> list[tuple[str, str]]:
    """Return words and addresses of a pager's links."""
    found = []
    for node in element.iter("a"):
        if url := absolute_url(page.base, node.get("href")):
            found.append((clean(words(node)), url))
    return found


def _position(element: Element, text: str, links: list[tuple[str, str]]) -> tuple[int | None, int | None]:
    """Return number of this page and of pages: `1/6`, or the marked number and that of the last page."""
    if printed := _OF.search(text):
        return int(printed[1]), int(printed[2])
    current = next((number for node in element.iter() if (number := _marked(node)) is not None), None)
    numbers = {int(word): url for word, url in links if word.isascii() and word.isdigit() and len(word) < 7}
    last = next((url for word, url in links if _LAST.match(word)), None)
    if last is not None:
        return current, next((number for number, url in numbers.items() if url == last), None)
    on_last = current is not None and "p_last_d" in _classes(element) and current > max(numbers, default=0)
    return current, current if on_last else None


def _marked(node: Element) -> int | None:
    if _CURRENT.isdisjoint((node.get("class") or "").split()):
        return None
    text = clean(words(node))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _classes(element: Element) -> set[str]:
    return {name for node in element.iter() for name in (node.get("class") or "").split()}
