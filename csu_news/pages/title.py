"""An article's title: the line above the body that the page's `<title>` repeats, else the best there is."""

from __future__ import annotations

import re

from lxml import etree  # type: ignore[import-untyped]

from csu_news.pages.frame import CLOSE, OPEN, SOFT, Frame, unmarked
from csu_news.pages.furniture import is_furniture
from csu_news.pages.page import Page
from csu_news.text import clean, plain_text

_headings = etree.XPath(".//*[self::h1 or self::h2 or self::h3 or self::h4]")
# <div class="article_ContBox_title">, <p class="tit">, <span class="winstyle1_bt">
_named = etree.XPath(".//*[contains(@class,'tit') or contains(@class,'Tit') or contains(@class,'_bt')]")
_TAG = re.compile(r"</?\w[^>]*>")
_SPACE = re.compile(r"\s+")
_GAPS = f" {OPEN}{CLOSE}{SOFT}"
# what may stand between title and site name: `<title> -Site`, `Title_Site`, `Title|Site`
_SEPARATOR = "-_—–|｜ "


def title(page: Page, frame: Frame) -> tuple[str | None, int]:
    """Return the title and the number of its line in `frame.before`; the meta lines are those behind it.

    -1 when the title is not printed there; the number before when its line holds more than the title.
    """
    head = clean(_TAG.sub("", page.head_title))
    marked = frame.before.split("\n")
    claim = clean(page.page_title)
    for wanted in (claim, head):
        if wanted and (found := _repeated(marked, wanted, whole=wanted is claim)):
            return found
    if claim:
        return claim, -1
    return _unrepeated(page, [clean(unmarked(line)) for line in marked], head)


def _repeated(marked: list[str], wanted: str, whole: bool) -> tuple[str, int] | None:
    """Return the longest line, or element of a line, that `wanted` begins with up to a separator or its end."""
    wanted = _SPACE.sub("", wanted)
    best: tuple[str, int] | None = None
    for index, line in enumerate(marked):
        for piece in dict.fromkeys((line, *line.split(SOFT))) if wanted[0] in line else ():
            if not piece.lstrip(_GAPS).startswith(wanted[0]):
                continue
            text = clean(unmarked(piece))
            if _begins(wanted, text, whole) and (best is None or len(text) > len(best[0])):
                best = (text, index if piece is line else index - 1)
    return best


def _begins(wanted: str, text: str, whole: bool) -> bool:
    text = _SPACE.sub("", text)
    rest = wanted[len(text) :]
    return bool(text) and wanted.startswith(text) and (not rest or (not whole and rest[0] in _SEPARATOR))


def _unrepeated(page: Page, lines: list[str], head: str) -> tuple[str | None, int]:
    """Return the title where `<title>` is junk or cut: the form's heading, its named line, its first line."""
    if page.form is not None:
        for nodes in (_headings(page.form), _named(page.form)):
            for node in nodes:
                text = clean(plain_text(node))
                if text in lines and _reads_as_title(text, page):
                    return text, lines.index(text)
    cut = _without_site(head, page)
    return (cut, -1) if cut else _first_line(page, lines)


def _reads_as_title(text: str, page: Page) -> bool:
    """Tell a title from what the template prints."""
    return 0 < len(text) < 400 and not is_furniture(text, page.patterns, page.site.timezone)


def _without_site(head: str, page: Page) -> str | None:
    """Return `<title>` without the site's name: only the last suffix, for titles hold hyphens themselves."""
    for suffix in page.site.title_suffixes:
        if head.endswith(suffix):
            return head.removesuffix(suffix).strip() or None
    cut = re.match(r"(.+)\s*[-_|｜][^-_|｜]*$", head)
    return (cut[1].strip() if cut else head) or None


def _first_line(page: Page, lines: list[str]) -> tuple[str | None, int]:
    if page.form is not None:
        for index, line in enumerate(lines):
            if line and _reads_as_title(line, page):
                return line, index
    return None, -1
