"""A page parsed once: its tree, and what its own scripts say about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from csu_news.pages.encoding import utf8_bytes
from csu_news.pages.labels import Patterns, compiled
from csu_news.sites import Site
from csu_news.text import Element, words
from csu_news.urls import absolute_url

# _jsq_(1083,'/content.jsp',2209,1662274082); mirrors put a comment behind the template:
# _jsq_(1052,'../../news.jsp.htm'/*tpa=http://…*/,1542,1676231333)
_JSQ = re.compile(r"_jsq_\(\s*(\d{1,9})\s*,\s*'([^']*)'(?:/\*.{0,300}?\*/)?\s*,\s*(-?\d{1,9})\s*,\s*(\d{1,12})\s*\)")
# _showDynClicks("wbnews", 1662274082, 2209)
_CLICK = re.compile(r"_showDynClicks\(\s*[\"']wbnews[\"']\s*,\s*(\d{1,12})\s*,\s*(\d{1,9})\s*\)")

FORM = "_newscontent_fromname"


class Jsq(NamedTuple):
    """The page counter's call: column, template, article (-1 on lists), owner."""

    column_id: int
    template: str
    news_id: int
    owner: int


class Click(NamedTuple):
    """An article's click counter: whose, which, and whether it stands in the article's form."""

    owner: int
    news_id: int
    in_form: bool


@dataclass(slots=True)
class Page:
    """A parsed page; `base` is what its links are relative to, `form` the article's form.

    `source` is the page's UTF-8: a word that is not in it need not be sought in the tree.
    """

    source: bytes
    root: Element
    url: str
    base: str
    site: Site
    head_title: str
    page_title: str
    jsq: list[Jsq]
    clicks: list[Click]
    form: Element | None
    patterns: Patterns


def parse(source: bytes) -> Element | None:
    """Return the root element of a UTF-8 page; None when there is not one tag or word.

    Comments go at once: templates and mirrors keep whole rows and scripts in them, which no reader sees.
    """
    # huge_tree: else text of more than 10 MB (a picture as `data:`) ends the document
    # collect_ids: an index of ids that costs a tenth of the parse, and is not used here
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        return etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        return None


def load(body: bytes, url: str, site: Site, encoding: str | None) -> Page | None:
    """Parse a page and read its scripts and head once, in one walk: iter() costs a tenth of XPath's //."""
    source = utf8_bytes(body, encoding)
    root = parse(source)
    if root is None:
        return None
    page = Page(source, root, url, base_url(root, url), site, "", "", [], [], None, compiled(site.labels))
    for node in root.iter(*_HEAD):
        _HEAD[node.tag](page, node)
    return page


def _script(page: Page, node: Element) -> None:
    text = node.text or ""
    if "_jsq_" in text:
        page.jsq += [Jsq(int(m[1]), m[2], int(m[3]), int(m[4])) for m in _JSQ.finditer(text)]
    if "_showDynClicks" in text:
        in_form = page.form is not None and any(parent is page.form for parent in node.iterancestors("form"))
        page.clicks += [Click(int(m[1]), int(m[2]), in_form) for m in _CLICK.finditer(text)]


def _form(page: Page, node: Element) -> None:
    if page.form is None and node.get("name") == FORM:
        page.form = node


def _title(page: Page, node: Element) -> None:
    """Keep the first `<title>`, tags in it included as text."""
    page.head_title = page.head_title or words(node)


def _meta(page: Page, node: Element) -> None:
    """Keep `<meta name="pageTitle" content="…">` of newer templates."""
    if node.get("name") == "pageTitle":
        page.page_title = page.page_title or node.get("content") or ""


_HEAD = {"script": _script, "form": _form, "title": _title, "meta": _meta}


def base_url(root: Element, url: str) -> str:
    """Return what the page's links are relative to: its address, or its `<base>`."""
    node = next(root.iter("base"), None)
    return (absolute_url(url, node.get("href")) if node is not None else None) or url
