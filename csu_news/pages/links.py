"""Links of an article page outside its chain: further parts, the column's list, other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from csu_news.items import Link
from csu_news.pages.frame import Frame
from csu_news.pages.page import Page
from csu_news.text import clean, unescape
from csu_news.urls import absolute_url, is_article_url, same_page

# 2209.htm, 2209_1.htm: name and part of an article's page
_PART = re.compile(r"(?<!\d)(\d+)(?:_(\d{1,4}))?\.html?$", re.I)
_LANGUAGES = {
    **dict.fromkeys(("中文版", "中文", "中文网", "中文站", "简体中文", "中", "cn", "chinese", "中文首页"), "zh"),
    **dict.fromkeys(("chinese version", "中文报道", "中文链接", "中文原文", "read in chinese"), "zh"),
    **dict.fromkeys(("english", "english version", "en", "英文版", "英文", "english site", "eng"), "en"),
    **dict.fromkeys(("英文报道", "英文链接", "read in english"), "en"),
}
_WORDS = "|".join(sorted(map(re.escape, _LANGUAGES), key=len, reverse=True))
# a tag may stand behind the word
_LAST_WORDS = {*_LANGUAGES, ""}
_AROUND_WORD = "[]【】" + "".join(filter(str.isspace, map(chr, range(0x3001))))
# <a href="http://www.csu.edu.cn/"><span>中文版</span></a>, <a href="…">[English]</a>
_LANGUAGE_LINK = re.compile(
    rf'<a\s(?:[^>]*?\s)??href="([^"]*)"[^>]*>(?:\s{{0,50}}(?:<(?!/?a\b)[^>]*>|\[|【)){{0,6}}\s{{0,50}}((?i:{_WORDS}))'
    r"\s{0,50}(?:(?:<(?!/?a\b)[^>]*>|\]|】)\s{0,50}){0,6}</a>"
)
# 正文</td>, > Content</span>: what closes a breadcrumb
_CRUMB_ENDS = ("正文", "Content", "CONTENT")
# <a href="../News.htm">News</a> > News: the last link before it, separators between and nothing else;
# a menu right above a mere `News Content` has none
_LAST_CRUMB = re.compile(
    r"<a\s([^>]*)>((?:(?!</a>).)*)</a>(?:\s|<[^>]*>)*(?:&gt;|[-→»›|/:：·])(?:\s|<[^>]*>|&gt;|[-→»›|/:：·])*(?i:News\s+)?$",
    re.S,
)
_REACH = 1000
_HREF = re.compile(r'\bhref="([^"]*)"')
_TAG = re.compile(r"<[^>]*>")
_HOME = re.compile(r"^(?:网站|本站|学校|中心|学院)?(?:首页|主页)$|^home(?:\s?page)?$|^index$", re.I)


def parts(page: Page, frame: Frame) -> list[str]:
    """Return the article's other pages that a pager under the body names: `<id>_1.htm`, …; distinct."""
    named = _PART.search(page.url)
    if named is None:
        return []
    number = named[1]
    hrefs = (anchor.href for anchor in frame.anchors if number in anchor.attributes)
    urls = (absolute_url(page.base, href) for href in hrefs if number in (href or ""))
    distinct = dict.fromkeys(url for url in urls if url and _is_part(url, page.url, number))
    return [url for url in distinct if not same_page(url, page.url)]


def _is_part(url: str, own: str, number: str) -> bool:
    found = _PART.search(url)
    if found is None or found[1] != number or url.rpartition("/")[0] != own.rpartition("/")[0]:
        return False
    return bool(found[2]) or "_" in own.rpartition("/")[2]


def list_url(page: Page, around: str) -> str | None:
    """Return the last breadcrumb link before 正文 or Content, unless it is home or has no address.

    `around` is the page's markup without the body.
    """
    for end in _crumb_ends(around):
        before = around[max(0, end - _REACH) : end]
        start = before.rfind("<a ", 0, max(0, before.rfind("</a>")))
        found = _LAST_CRUMB.match(before, start) if start >= 0 else None
        if found is None:
            continue
        href = _HREF.search(found[1])
        url = absolute_url(page.base, unescape(href[1])) if href else None
        if url is None or _HOME.match(clean(_TAG.sub("", found[2]))) or is_article_url(url):
            return None
        return None if same_page(url, page.url) else url
    return None


def _crumb_ends(around: str) -> Iterator[int]:
    """Yield where a closing word of a breadcrumb stands as the last one before a tag."""
    for word in _CRUMB_ENDS:
        position = around.find(word)
        while position >= 0:
            after = position + len(word)
            if around[after : after + 20].lstrip().startswith("<"):
                yield position
            position = around.find(word, after)


def translations(page: Page, around: str, text: str, language: str | None) -> list[Link]:
    """Return the links of the page that lead to the article, or its site, in the other language.

    They are named in the head (hreflang), around the article, or in its text, where only those to articles
    count. `around` and `text` are markup.
    """
    links: dict[str, Link] = {}
    for href, word, target, in_text in _named_languages(page, around, text):
        url = absolute_url(page.base, unescape(href))
        if url and target and target != language and not same_page(url, page.url):
            kind = "article" if is_article_url(url) else "site"
            if kind == "article" or not in_text:
                links.setdefault(url, Link(url, word, language=target, kind=kind))
    return list(links.values())


def _named_languages(page: Page, around: str, text: str) -> Iterator[tuple[str, str | None, str | None, bool]]:
    """Yield href, printed word, language, and whether it stands in the text, of the links that name a language."""
    if b"hreflang" in page.source:
        for element in page.root.iter("link", "a"):
            code = element.get("hreflang", "")[:2].lower()
            if code in ("en", "zh") and (element.tag == "a" or "alternate" in element.get("rel", "").lower()):
                yield element.get("href", ""), element.get("title"), code, False
    for markup in (around, text):
        for found in _language_links(markup):
            yield found[1], found[2], _LANGUAGES.get(found[2].lower()), markup is text


def _language_links(around: str) -> Iterator[re.Match[str]]:
    """Yield the links that name a language; only the last `<a ` before a `</a>` can begin one."""
    for piece in around.split("</a>")[:-1]:
        if piece[piece.rfind(">") + 1 :].strip(_AROUND_WORD).lower() in _LAST_WORDS:
            start = max(0, piece.rfind("<a "))
            if found := _LANGUAGE_LINK.fullmatch(f"{piece[start:]}</a>"):
                yield found
