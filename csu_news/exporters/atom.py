"""An Atom feed, RFC 4287: the same entries give the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

SUMMARY_CHARACTERS = 300
NEVER = "1970-01-01T00:00:00Z"
PREFIXES = {"new": "", "changed": "Changed: ", "gone": "Gone: "}

# what XML cannot hold: \x00, \x0b, \ud800, \uffff
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; times are ISO 8601 with their offset, `id` is an IRI that never changes."""

    id: str
    title: str
    url: str
    updated_at: str
    published_at: str | None = None
    summary: str | None = None
    html: str | None = None
    sources: tuple[str, ...] = ()


def atom(id: str, title: str, url: str, entries: Iterable[Entry]) -> bytes:
    """Return the feed, its entries in the order given.

    id   an IRI that never changes
    url  the page that the feed is about
    """
    feed, listed = FeedGenerator(), list(entries)
    feed.id(_xml(id))
    feed.title(_xml(title))
    feed.author(name=_xml(title))
    feed.link(href=_xml(url), rel="alternate")
    feed.generator("csu_news")
    feed.updated(max((entry.updated_at for entry in listed), default=NEVER))
    for entry in listed:
        feed.add_entry(feed_entry(entry), order="append")
    return bytes(feed.atom_str(pretty=True))


def event_entry(event: dict[str, Any]) -> Entry:
    """Return the entry of an event of archive.events; its id is made of article, revision or time of leaving.

    >>> event_entry({"kind": "changed", "at": "2026-03-01T12:00:00Z", "number": 2, "key": "csu-en-7", "url":
    ...              "https://x.example/7", "title": "A", "published": "2026-02-28", "body": "b"}).id
    'urn:csu-news:csu-en-7:2'
    """
    which = event["number"] or f"gone:{event['at']}"
    summary = " ".join(event["body"].split())
    cut = summary if len(summary) <= SUMMARY_CHARACTERS else summary[:SUMMARY_CHARACTERS] + "…"
    return Entry(
        id=f"urn:csu-news:{event['key']}:{which}",
        title=PREFIXES[event["kind"]] + (event["title"] or event["key"]),
        url=event["url"],
        updated_at=event["at"],
        published_at=event["published"] and f"{event['published']}T00:00:00Z",
        summary=cut or None,
    )


def feed_entry(entry: Entry) -> FeedEntry:
    """Return the entry as feedgen has it."""
    made = FeedEntry()
    made.id(_xml(entry.id))
    made.title(_xml(entry.title))
    made.link(href=_xml(entry.url), rel="alternate")
    made.updated(entry.updated_at)
    for source in entry.sources:
        made.author(name=_xml(source))
    if entry.published_at:
        made.published(entry.published_at)
    if entry.summary:
        made.summary(_xml(entry.summary))
    if entry.html:
        made.content(_xml(entry.html), type="html")
    return made


def _xml(text: str) -> str:
    return NOT_XML.sub("", text)
