"""A page parsed once: its tree, and what its own scripts say about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from csu_news.pages.encoding import utf8_bytes
from csu_news.pages.labels import Patterns, compiled
from csu_news.sites import Site
from csu_news.text import Element
from csu_news.urls import absolute_url

# _jsq_(1083,'/content.jsp',2209,1662274082); mirrors put a comment behind the template:
# _jsq_(1052,'../../news.jsp.htm'/*tpa=http://…*/,1542,1676231333)
_JSQ = re.compile(r"_jsq_\(\s*(\d{1,9})\s*,\s*'([^']*)'(?:/\*.{0,300}?\*/)?\s*,\s*(-?\d{1,9})\s*,\s*(\d{1,12})\s*\)")
# _showDynClicks("wbnews", 1662274082, 2209)
_CLICK = re.compile(r"_showDynClicks\(\s*[\"']wbnews[\"']\s*,\s*(\d{1,12})\s*,\s*(\d{1,9})\s*\)")

FORM = "_newscontent_fromname"

_scripts = etree.XPath("//script")
_base = etree.XPath("string(//base/@href)")
_form = etree.XPath(f"//form[@name='{FORM}']")
_title = etree.XPath("//title")


class Jsq(NamedTuple):
    """The page counter's call: column, template, article (-1 on lists), owner."""

    column_id: int
    template: str
    news_id: int
    owner: int


class Click(NamedTuple):
    """An article's click counter: whose, which, and where it stands."""

    owner: int
    news_id: int
    element: Element


@dataclass(slots=True)
class Page:
    """A parsed page; `base` is what its links are relative to, `form` the article's form."""

    root: Element
    url: str
    base: str
    site: Site
    jsq: list[Jsq]
    clicks: list[Click]
    form: Element | None
    patterns: Patterns


def parse(body: bytes, encoding: str | None = None) -> Element | None:
    """Return the root element; None when there is not one tag or word.

    Comments go at once: templates and mirrors keep whole rows and scripts in them, which no reader sees.
    """
    # huge_tree: else text of more than 10 MB (a picture as `data:`) ends the document
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(utf8_bytes(body, encoding), parser)
    except etree.XMLSyntaxError:
        return None


def load(body: bytes, url: str, site: Site, encoding: str | None) -> Page | None:
    """Parse a page and read its scripts once."""
    root = parse(body, encoding)
    if root is None:
        return None
    scripts = [(node, node.text) for node in _scripts(root) if node.text]
    jsq = [_jsq(found) for _, text in scripts if "_jsq_" in text for found in _JSQ.finditer(text)]
    clicks = [
        Click(int(found[1]), int(found[2]), node)
        for node, text in scripts
        if "_showDynClicks" in text
        for found in _CLICK.finditer(text)
    ]
    forms = _form(root)
    return Page(root, url, base_url(root, url), site, jsq, clicks, forms[0] if forms else None, compiled(site.labels))


def _jsq(found: re.Match[str]) -> Jsq:
    return Jsq(int(found[1]), found[2], int(found[3]), int(found[4]))


def base_url(root: Element, url: str) -> str:
    """Return what the page's links are relative to: its address, or its `<base>`."""
    href = _base(root)
    return (absolute_url(url, href) if href else None) or url


def head_title(page: Page) -> str:
    """Return the text of the first `<title>`, tags in it included as text."""
    titles = _title(page.root)
    return "".join(titles[0].itertext()) if titles else ""
