"""What stands around an article's body: title, meta line, attachments, chain, as marked text.

The frame is the article's form (the whole page where there is none) without the body, serialised and
reduced to lines: a block is a line, a link is wrapped in marks, any other tag is a soft mark that
shows where two fields touch (`<span>来源：</span><span>点击：</span>`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]

from csu_news.text import BLOCKS, UNSEEN_TAGS, Element, clean, markup, unescape, visible

OPEN, CLOSE, SOFT = "\x02", "\x03", "\x1f"
_BODY = "\x01"
_PLACE = "csu-news-body"
# <csu-news-body/>; on a page with an XHTML doctype <csu-news-body></csu-news-body>
_BODY_PLACE = re.compile(f"<{_PLACE}(?:/>|></{_PLACE}>)")

# <a href="1739.htm" title="…">, <a id="top"/>
_LINK = re.compile(r"<a(\s[^>]*|/?)>")
_BLOCK = re.compile(rf"</?(?:{BLOCKS})(?:\s[^>]*)?>")
_TAG = re.compile(r"<[^>]*>")
# what the page itself may have of the marks, and of the other separators that split() knows
_RESERVED = (_BODY, OPEN, CLOSE, SOFT, "\v", "\x1c", "\x1d", "\x1e")
# zero-width characters and controls, save the marks and \v
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\x00\x04-\x08\x0c\x0e-\x1e\x7f]")
# Runs become one mark: patterns with several gaps would take the third power of a run's length
_SOFTS = re.compile(f"{SOFT}[ {SOFT}]+")
_NEW_LINES = re.compile(f"\n[ \n{SOFT}]+")
_ATTRIBUTE = r'\s{}="([^"]*)"'
_HREF = re.compile(_ATTRIBUTE.format("href"))
_TITLE = re.compile(_ATTRIBUTE.format("title"))


@dataclass(slots=True)
class Anchor:
    """A link of the frame, its attributes as serialised."""

    attributes: str

    @property
    def href(self) -> str | None:
        found = _HREF.search(self.attributes)
        return unescape(found[1]).replace("&quot;", '"') if found else None

    @property
    def title(self) -> str:
        found = _TITLE.search(self.attributes)
        return clean(unescape(found[1]).replace("&quot;", '"')) if found else ""


@dataclass(slots=True)
class Frame:
    """The marked text before and after the body, and the links of both in order."""

    before: str
    after: str
    anchors: list[Anchor]
    around: str
    """Markup of the page without form and body."""

    def anchor(self, text: str, position: int) -> Anchor:
        """Return the link whose opening mark stands at that position of `before` or `after`."""
        index = text.count(OPEN, 0, position)
        return self.anchors[index + (0 if text is self.before else self.before.count(OPEN))]


def unmarked(text: str) -> str:
    """Return a line of the frame as a reader sees it."""
    return " ".join(text.replace(OPEN, "").replace(CLOSE, "").replace(SOFT, "").split())


def read_frame(root: Element, scope: Element, body: Element) -> Frame:
    """Return the frame of a body within a form or page; takes body, form and scripts out of the tree."""
    _replace(body, scope.makeelement(_PLACE))
    text = visible(markup(scope))
    for mark in _RESERVED:
        text = text.replace(mark, "")
    around = text
    if scope is not root:
        _replace(scope, root.makeelement(_PLACE))
        etree.strip_elements(root, *UNSEEN_TAGS, with_tail=False)
        around = markup(root)
    text, anchors = _marked_links(text)
    # not there if the body lies in a `<select>`
    before, _, after = _lines(_BODY_PLACE.sub(_BODY, text, count=1)).partition(_BODY)
    return Frame(before.rstrip(" "), after.lstrip(" "), anchors, around)


def _marked_links(text: str) -> tuple[str, list[Anchor]]:
    """Return markup with marks in place of links, and the links in order."""
    text, *rest = _LINK.split(text)
    attributes = rest[::2]
    texts = [CLOSE + words if tag.endswith("/") else words for tag, words in zip(attributes, rest[1::2], strict=True)]
    return OPEN.join([text, *texts]).replace("</a>", CLOSE), [Anchor(tag) for tag in attributes]


def _replace(element: Element, place: Element) -> None:
    place.tail, element.tail = element.tail, None
    element.getparent().replace(element, place)


def _lines(text: str) -> str:
    """Return the text line by line; line breaks of the source are spaces, and come first."""
    lines = _TAG.sub(SOFT, _BLOCK.sub("\n", " ".join(text.split())))
    lines = _INVISIBLE.sub("", lines)
    return unescape(_NEW_LINES.sub("\n", _SOFTS.sub(SOFT, lines)))
