"""Links of an article page outside its chain: further parts, the column's list, other languages."""

from __future__ import annotations

import re

from lxml import etree  # type: ignore[import-untyped]

from csu_news.items import Link
from csu_news.pages.frame import Frame
from csu_news.pages.page import Page
from csu_news.text import Element, clean
from csu_news.urls import absolute_url, is_article_url, same_page

# 2209.htm, 2209_1.htm: name and part of an article's page
_PART = re.compile(r"([^/?]*/)?(\d+)(?:_(\d{1,4}))?\.html?$", re.I)
_LANGUAGES = {
    **dict.fromkeys(("中文版", "中文", "中文网", "中文站", "简体中文", "中", "cn", "chinese", "中文首页"), "zh"),
    **dict.fromkeys(("english", "english version", "en", "英文版", "英文", "english site", "eng"), "en"),
}
_language_links = etree.XPath("//a[@href][string-length(normalize-space())<16]")
# 正文, Content, News Content: the last word of a breadcrumb
_crumb_ends = etree.XPath("//text()[contains(.,'正文') or contains(.,'Content') or contains(.,'CONTENT')]")
_CRUMB_END = re.compile(r"(?:^|[>»›|/→:：\s-])(?:正文|(?:News\s+)?Content)\s*$", re.I)
_HOME = re.compile(r"^(?:网站|本站|学校|中心|学院)?(?:首页|主页)$|^home(?:\s?page)?$|^index$", re.I)
_FEW = 4


def parts(page: Page, frame: Frame) -> list[str]:
    """Return the article's other pages that a pager under the body names: `<id>_1.htm`, …; distinct."""
    named = _PART.search(page.url)
    if named is None:
        return []
    urls = (absolute_url(page.base, anchor.href) for anchor in frame.anchors if named[2] in (anchor.href or ""))
    distinct = dict.fromkeys(url for url in urls if url and _is_part(url, page.url, named[2]))
    return [url for url in distinct if not same_page(url, page.url)]


def _is_part(url: str, own: str, number: str) -> bool:
    found = _PART.search(url)
    if found is None or found[2] != number or url.rpartition("/")[0] != own.rpartition("/")[0]:
        return False
    return bool(found[3]) or "_" in own.rpartition("/")[2]


def list_url(page: Page) -> str | None:
    """Return the last breadcrumb link before 正文 or Content, unless it is home or has no address."""
    for text in _crumb_ends(page.root):
        if _CRUMB_END.search(text.strip()) and len(text) < 200:
            link = _link_before(text)
            if link is not None:
                return _list_address(link, page)
    return None


def _link_before(text: Element) -> Element | None:
    """Return the last link before a text within its few next ancestors."""
    parent = text.getparent()
    node = parent if not text.is_tail else parent.getparent()
    last = None if not text.is_tail else parent
    for _ in range(_FEW):
        if node is None or node.tag in ("body", "html", "head"):
            return None
        if (link := _last_link(node, last)) is not None:
            return link
        last, node = node, node.getparent()
    return None


def _last_link(node: Element, until: Element | None) -> Element | None:
    found = None
    for link in node.iter("a"):
        if until is not None and until.tag != "a" and _starts_after(link, until, node):
            break
        if link.get("href"):
            found = link
        if link is until:
            break
    return found


def _starts_after(link: Element, until: Element, within: Element) -> bool:
    """Tell whether a link stands behind the child of `within` that is or holds `until`."""
    child = link
    while child.getparent() is not within:
        child = child.getparent()
    return bool(within.index(child) > within.index(until))


def _list_address(link: Element, page: Page) -> str | None:
    url = absolute_url(page.base, link.get("href"))
    if url is None or _HOME.match(clean("".join(link.itertext()))) or is_article_url(url):
        return None
    return None if same_page(url, page.url) else url


def translations(page: Page, language: str | None) -> list[Link]:
    """Return the links above the article that lead to it, or its site, in the other language."""
    found: dict[str, Link] = {}
    for node in _language_links(page.root):
        text = clean("".join(node.itertext()))
        target = _LANGUAGES.get(text.strip("[]【】 ").lower())
        if target is None or target == language:
            continue
        url = absolute_url(page.base, node.get("href"))
        if url and not same_page(url, page.url):
            kind = "article" if is_article_url(url) else "site"
            found.setdefault(url, Link(url, text, language=target, kind=kind))
    return list(found.values())
