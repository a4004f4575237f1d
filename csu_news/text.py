"""HTML to plain text and to safe HTML; pure.

The text is taken from the serialised element, in a few passes of regular expressions: on a page of
100 kB that costs a fifth of walking the tree node by node. The serialisation is well formed, so tags
hold no stray `>` and every element is closed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

import nh3
from lxml import etree  # type: ignore[import-untyped]

from csu_news.chinese import CJK
from csu_news.urls import absolute_url

Element = Any
"""An lxml element: lxml has no types of its own."""

BLOCKS = (
    "p|div|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|caption|tr|td|th|blockquote|pre|hr|br|center|form"
    "|section|article|header|footer|main|nav|aside|figure|figcaption|fieldset|address|body|html"
)
# <script language="x">…</script>: no text; a self-closed one is an ordinary tag
UNSEEN_TAGS = ("script", "style", "noscript", "template", "title", "textarea", "select")
_UNSEEN = re.compile(rf"<({'|'.join(UNSEEN_TAGS)})\b[^>]*(?<!/)>.*?</\1>", re.S)
# <span style="…">, </b>, <o:p/>, <img src="…"/>: all that is not a block
_INLINE = re.compile(rf"<(?!/?(?:{BLOCKS})[\s/>])[^>]*>")
# <p class="x">, </div>, <br/>: slash, name, self-closing slash
_BLOCK = re.compile(rf"<(/?)({BLOCKS})(?:\s[^>]*?)?(/?)>")
# zero-width space, joiners, BOM, soft hyphen, control characters
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# a list item begins a line and ends none, else two items would be a paragraph apart
_LINE = re.compile(r"<(?:br|li|dt|dd)(?:\s[^>]*)?/?>")
_ITEM_END = re.compile(r"</(?:li|dt|dd)>")
_PARAGRAPH = re.compile(r"<[^>]*>(?: ?<[^>]*>)*")
_BLANK_LINES = re.compile(r"\n\n\n+")  # not {3,}: a pattern that begins with plain letters is sought much faster
_ITEM_TAGS = ("li", "dt", "dd")
_CELL_TAGS = frozenset(("td", "th"))

_CJK_RUN = re.compile(rf"[{CJK}]+")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+")

_SAFE: dict[str, Any] = {
    "tags": {
        *("a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div", "dl", "dt", "em"),
        *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre"),
        *("s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("u", "ul"),
    },
    "attributes": {
        "a": {"href", "title"},
        "img": {"src", "alt", "title"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        "ol": {"start"},
    },
    "url_schemes": {"http", "https"},
    "clean_content_tags": set(UNSEEN_TAGS),
}
_CLEANER = nh3.Cleaner(**_SAFE)


def markup(element: Element) -> str:
    """Return the element as well-formed text, without its tail."""
    text: str = etree.tostring(element, method="xml", encoding="unicode", with_tail=False)
    return text


def words(element: Element) -> str:
    """Return the element's text as it stands, that of tags in it included."""
    return "".join(element.itertext()) if len(element) else element.text or ""


def plain_text(element: Element) -> str:
    """Return what a reader sees: paragraphs separated by a blank line, table rows as tab-separated lines."""
    return markup_text(markup(element))


def markup_text(text: str) -> str:
    """Return the plain text of well-formed markup; see plain_text()."""
    text = " ".join(_INVISIBLE.sub("", _INLINE.sub("", visible(text))).split())
    text = _tables(text) if "<tr" in text else _PARAGRAPH.sub("\n\n", _LINE.sub("\n", _ITEM_END.sub("", text)))
    return unescape(_tidy(text))


def visible(text: str) -> str:
    """Return markup without what is never shown: scripts, styles and the like."""
    text = text.replace("&#13;", " ")
    return _UNSEEN.sub("", text)


def unescape(text: str) -> str:
    """Undo the three escapes of the serialisation."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if "&" in text else text


def clean(text: str | None) -> str:
    """Return a one-line string: invisible characters out, white space (also U+3000) collapsed."""
    if not text:
        return ""
    return " ".join((text if text.isprintable() else _INVISIBLE.sub("", text)).split())


_OPENING = {"br": "", "tr": "", **dict.fromkeys(_ITEM_TAGS, "\n")}
_CLOSING = {"br": "\n", "tr": "", **dict.fromkeys(_ITEM_TAGS, "")}


def _tidy(text: str) -> str:
    """Collapse runs of line breaks: one stays one, more become a blank line."""
    lines = "\n".join([line.strip(" ") for line in text.split("\n")])
    return _BLANK_LINES.sub("\n\n", lines).strip("\n")


def _tables(text: str) -> str:
    """Replace block tags by line breaks, rows of several cells by one tab-separated line.

    A `<td>` outside a row (`<div><td>` occurs) is a plain block; so is the only cell of a row, which
    is how old pages lay out their text.
    """
    writer = _TableWriter()
    first, *rest = _BLOCK.split(text)
    writer.out.append(first)
    for ends, name, is_empty, words in zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True):
        if not ends:
            writer.open(name)
        if ends or is_empty:
            writer.close(name)
        writer.out.append(words)
    return writer.finish()


class _TableWriter:
    """Holds the rows being read; `out` is where text goes now.

    A table pushes None on the rows, so that a cell without a row belongs to none. Tags come well nested,
    but for the rare end tag of an element whose start was taken for an unseen one's text.
    """

    def __init__(self) -> None:
        self.out: list[str] = []
        self._rows: list[list[str] | None] = []
        self._cells: list[tuple[list[str] | None, list[str]]] = []

    def open(self, name: str) -> None:
        if name in _CELL_TAGS:
            self._cells.append((self._rows[-1] if self._rows else None, self.out))
            self.out = []
            return
        if name == "table":
            self._rows.append(None)
        elif name == "tr":
            self._rows.append([] if self._rows else None)
        self.out.append(_OPENING.get(name, "\n\n"))

    def close(self, name: str) -> None:
        if name in _CELL_TAGS:
            self._close_cell()
        elif name == "tr":
            self._close_row((self._rows.pop() if self._rows else None) or [])
        else:
            if name == "table" and self._rows:
                self._rows.pop()
            self.out.append(_CLOSING.get(name, "\n\n"))

    def finish(self) -> str:
        """Return the text, with that of cells left open."""
        while self._cells:
            self._close_cell()
        return "".join(self.out)

    def _close_cell(self) -> None:
        if not self._cells:
            return
        cell, (row, self.out) = self.out, self._cells.pop()
        if row is None:
            self.out += ["\n\n", *cell, "\n\n"]
        else:
            row.append(_tidy("".join(cell)))

    def _close_row(self, row: list[str]) -> None:
        if len(row) == 1:
            self.out.append(f"\n\n{row[0]}\n\n")
        elif any(row):
            self.out.append("\n" + "\t".join(" ".join(cell.split()) for cell in row))


def safe_html(element: Element, base_url: str) -> str:
    """Return the element's content as HTML that is safe to show, with absolute http(s) addresses.

    Changes the element: its addresses become absolute.
    """
    for node in element.iter("a", "img"):
        name = "href" if node.tag == "a" else "src"
        if (value := node.get(name)) is not None:
            node.set(name, absolute_url(base_url, value) or "")
            if not node.get(name):
                del node.attrib[name]
    etree.strip_attributes(element, *_UNWANTED)  # halves the work of the next two
    raw = etree.tostring(element, method="html", encoding="unicode", with_tail=False)
    raw = raw.replace("&nbsp;", "\xa0")
    if raw.count("&") > _MANY_ENTITIES:
        return "".join(f"<p>{escape(part)}</p>" for part in plain_text(element).split("\n") if part)
    return _INVISIBLE.sub("", _CLEANER.clean(raw)).strip()


# <img src="/a.png" alt="A > B">, as the cleaner writes it
_IMAGE = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')


def shown_html(html: str, picture: Callable[[str], str | None]) -> str:
    """Return stored HTML for a page of today: made safe once more, with a picture's address as `picture` gives it.

    A picture of which nothing is said is said to mean nothing, lest its address be read aloud.

    >>> shown_html('<p>A<img src="http://uni.example/a.png" onload="x()">', lambda url: "/a.png")
    '<p>A<img src="/a.png" alt=""></p>'
    """

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name not in ("href", "src"):
            return value
        is_absolute = value.lower().startswith(("http://", "https://"))
        return (picture(value) if tag == "img" else value) if is_absolute else None

    cleaned = nh3.Cleaner(**_SAFE, attribute_filter=attribute).clean(html)
    return _IMAGE.sub(lambda image: image[0] if ' alt="' in image[1] else f'<img{image[1]} alt="">', cleaned)


# nh3 takes the square of their number: 8 s for a million `&`; no page of news has that many
_MANY_ENTITIES = 50_000
_UNWANTED = ("style", "class", "id", "lang", "align", "valign", "width", "height", "orisrc", "vsbhref", "face")


_ENOUGH = 20_000


def told_language(text: str) -> str | None:
    """Return `zh` or `en`: what most of the text is in, a Chinese character counted as a word; else None."""
    text = text[:_ENOUGH]
    chinese = 0 if text.isascii() else sum(map(len, _CJK_RUN.findall(text)))
    if not chinese:
        return "en" if _LATIN_WORD.search(text) else None
    if 2 * chinese >= len(text):
        return "zh"  # there is no room for more words
    return "zh" if chinese >= len(_LATIN_WORD.findall(text)) else "en"
