"""The chain: which articles a page calls its neighbours, by its own labels, never by position."""

from __future__ import annotations

import re
from functools import lru_cache

from csu_news.items import Link
from csu_news.pages.frame import CLOSE, OPEN, SOFT, Anchor, Frame, unmarked
from csu_news.pages.labels import Patterns
from csu_news.urls import absolute_url, part_number

_GAP = rf"[\s{SOFT}]*"
# what stands in place of a link at an end of the chain
_NONE = re.compile(r"^(?:没有了?|无|暂无|已经?没有了?|none|no more|null)[!！。.]?$", re.I)


@lru_cache(maxsize=32)
def _pattern(label: str) -> re.Pattern[str]:
    """Return the pattern of a labelled link.

    Label first: 上一条：<a …>title</a>, <span>The next article:</span><a …>. A line break may stand
    between (`<dt>` and `<dd>`). Label inside: <a …>上一篇：title</a>, <a …><b>Previous</b><p>title</p></a>;
    there an English one must end at a colon or tag: a title may begin with it (`Next Generation Networks`).
    """
    before = rf"{label}{_GAP}[】\]]?{_GAP}[:：]?{_GAP}[【\[<《«‹]?{_GAP}{OPEN}(?P<text>[^{OPEN}{CLOSE}]*){CLOSE}"
    lead = rf"[\s{SOFT}<《\[【«‹←→:：]*"
    end = rf"(?:{_GAP}[】\]]?{_GAP}[:：]|(?=[\n{SOFT}{CLOSE}》>»›→])|(?<=[\u3400-\u9fff])(?=\s))"
    inside = rf"{OPEN}{lead}{label}{end}(?P<own>[^{OPEN}{CLOSE}]*){CLOSE}"
    return re.compile(rf"{inside}|{before}", re.I)


@lru_cache(maxsize=32)
def _leading(label: str) -> re.Pattern[str]:
    """Return the pattern of a label at the start of a link's words."""
    return re.compile(rf"{label}\s*(?:[:：]\s*|$)", re.I)


def neighbours(frame: Frame, patterns: Patterns, base: str) -> tuple[Link | None, Link | None]:
    """Return the articles that the page calls previous and next; None at an end or without an address.

    Each is the first link that its label claims; of two labels at one link, see _claims().
    """
    labels = (patterns.prev, patterns.next)
    links: dict[str, Link | None] = {}
    for text in (frame.after, frame.before):
        if OPEN not in text:
            continue
        claims = [_claims(text, label) for label in labels]
        for label, own, others in zip(labels, claims, reversed(claims), strict=True):
            if label not in links and (position := _first(own, others)) is not None:
                links[label] = _link(frame.anchor(text, position), unmarked(own[position][1]), label, base)
        if len(links) == len(labels):
            break
    return links.get(patterns.prev), links.get(patterns.next)


def _first(claims: dict[int, tuple[int, str]], others: dict[int, tuple[int, str]]) -> int | None:
    """Return where the first link is whose claim is stronger than that of the other label."""
    stronger = (at for at, (strength, _) in claims.items() if strength > others.get(at, (0, ""))[0])
    return next(stronger, None)


def _claims(text: str, label: str) -> dict[int, tuple[int, str]]:
    """Return where the links are that have the label, how strong its claim is, and the words of the link.

    Strongest in front of the link on its line (`Next: <a …>Previous: the story</a>`), then inside it, then
    in front on an earlier line, where the label may stand empty (`下一条：<br><a …>上一条：title</a>`).
    """
    claims = {}
    for found in _pattern(label).finditer(text):
        position = text.index(OPEN, found.start())
        inside = found["own"] is not None
        strength = 2 if inside else 1 if "\n" in text[found.start() : position] else 3
        claims[position] = (strength, found["own"] if inside else found["text"])
    return claims


def _link(anchor: Anchor, text: str, label: str, base: str) -> Link | None:
    """Return the link with its full title, from `title=` if that is more than the label again."""
    url = absolute_url(base, anchor.href)
    text = text.strip(" :：<>«»‹›")
    if url is None or _NONE.match(text) or (not text and part_number(url)):
        return None
    labelled = _leading(label)
    found = None if labelled.match(text) else labelled.match(anchor.title)  # Next: <a title="Next: a novel">Next: a…
    title = anchor.title[found.end() :] if found else anchor.title
    return Link(url, title or text or None)
