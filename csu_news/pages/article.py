"""An article page: one function per field, put together."""

from __future__ import annotations

from csu_news.items import Article, Gate
from csu_news.pages import chain, identity, links, media
from csu_news.pages.body import read_body
from csu_news.pages.dates import published
from csu_news.pages.frame import Frame, read_frame, unmarked
from csu_news.pages.gates import UNKNOWN_LAYOUT, read_gate
from csu_news.pages.labels import Field, may_tell, read_fields
from csu_news.pages.menu import menu_list_url
from csu_news.pages.page import Page
from csu_news.pages.source import source_raw, sources
from csu_news.pages.title import title
from csu_news.text import Element, markup_text, safe_html, told_language

_META_LINES = 12
_LONGEST_LINE = 2000


def is_article(page: Page) -> bool:
    """Tell whether the page says that it holds an article: by its form, its click or its page counter.

    A page counter of -1 is that of a list, whose rows may have click counters of their own.
    """
    if page.form is not None:
        return True
    if page.jsq:
        return page.jsq[-1].news_id > 0
    return identity.click(page) is not None


def read_article(page: Page) -> Article | Gate:
    """Return the article, or the gate `unknown layout` where title or body are not found.

    The CMS counts visits to its own 404 as well: a page with neither form nor body may be any gate.
    """
    found = read_body(page)
    if found is None:
        return (read_gate(page) if page.form is None else None) or Gate(UNKNOWN_LAYOUT)
    body = found.element
    frame = read_frame(page.root, _scope(page, body), body)
    headline, line = title(page, frame)
    if headline is None:
        return Gate(UNKNOWN_LAYOUT)
    text = markup_text(found.markup)
    article = Article(url=page.url, title=headline, body=text)
    article.news_id, article.owner = identity.news_id(page), identity.owner(page)
    article.column_id = identity.column_id(page)
    article.language = language(page, frame, headline, text)
    _fill_meta(article, page, frame, line)
    _fill_links(article, page, frame, found.markup)
    _fill_media(article, page, body)
    article.body_html = safe_html(body, page.base)
    return article


def _scope(page: Page, body: Element) -> Element:
    """Return the form that holds the body, else the whole page."""
    return next((node for node in body.iterancestors() if node is page.form), page.root)


def language(page: Page, frame: Frame, headline: str, text: str) -> str | None:
    """Return the site's language, else that of title and body, or of the frame where there is no text."""
    if page.site.language:
        return page.site.language
    return told_language(headline + text if text else headline + frame.before + frame.after)


def _fill_meta(article: Article, page: Page, frame: Frame, title_line: int) -> None:
    before = _meta_lines(frame.before, title_line, page)
    after = _later_lines(frame.after, page)
    timezone = page.site.timezone
    printed = published(before, after, page.patterns, timezone, page.site.language)
    article.published, article.published_at = printed.date, printed.at
    article.published_raw = printed.raw or None
    article.source_raw = source_raw([*before, *after], article.body, page.patterns, timezone)
    article.sources = sources(article.source_raw)


def _meta_lines(before: str, title_line: int, page: Page) -> list[list[Field]]:
    """Return the fields of the lines between title and body, then of the form's lines above the title."""
    lines = before.split("\n")
    if title_line >= 0:
        above = lines[:title_line] if page.form is not None else []
        return [*_lines(lines[title_line + 1 :], page), *_lines(above, page)]
    return _lines([line for line in lines if unmarked(line)][-_META_LINES:], page)


def _later_lines(after: str, page: Page) -> list[list[Field]]:
    """Return the fields of the lines behind the body that have labels."""
    if not may_tell(after, page.patterns):
        return []
    lines = [line for line in after.split("\n") if may_tell(line, page.patterns)]
    return [line for line in _lines(lines, page) if len(line) > 1]


def _lines(lines: list[str], page: Page) -> list[list[Field]]:
    return [read_fields(line, page.patterns) for line in lines if 1 < len(line) < _LONGEST_LINE]


def _fill_links(article: Article, page: Page, frame: Frame, markup: str) -> None:
    article.prev, article.next = chain.neighbours(frame, page.patterns, page.base)
    article.parts = links.parts(page, frame)
    article.translations = links.translations(page, frame.around, markup, article.language)
    article.list_url = links.list_url(page, frame.around) or menu_list_url(page, frame.around)


def _fill_media(article: Article, page: Page, body: Element) -> None:
    scopes = [body] if page.form is None else [body, page.form]
    article.images = media.images(body, page.base)
    article.attachments = media.attachments(page, scopes)
    article.videos = media.videos(body, page.base)
