"""What a page says, as plain data: the records everybody passes on.

Addresses are absolute. A field is right or None; a list is empty when nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(slots=True)
class Link:
    """A link as printed; `date` is a list row's `YYYY-MM-DD`, `kind` is `site` or `article` on translations."""

    url: str
    title: str | None = None
    date: str | None = None
    language: str | None = None
    kind: str | None = None


@dataclass(slots=True)
class Image:
    """A picture of the body; `original_url` is the larger file VSB names in `orisrc`."""

    url: str
    original_url: str | None = None
    alt: str | None = None
    caption: str | None = None


@dataclass(slots=True)
class Attachment:
    url: str
    name: str | None = None


@dataclass(slots=True)
class Article:
    """One news article as one page prints it; docs/fields.md says what each field holds."""

    url: str
    news_id: int | None = None
    owner: int | None = None
    column_id: int | None = None
    title: str | None = None
    published: str | None = None
    published_at: str | None = None
    published_raw: str | None = None
    source_raw: str | None = None
    sources: list[str] = field(default_factory=list)
    body: str = ""
    body_html: str = ""
    language: str | None = None
    prev: Link | None = None
    next: Link | None = None
    translations: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    videos: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    list_url: str | None = None
    """Where the breadcrumb, or else the menu, says that the list is: to be looked at, not believed."""


@dataclass(slots=True)
class Listing:
    """One page of a column's list; `pager` holds every other page of it that the pager names."""

    url: str
    column_id: int | None = None
    rows: list[Link] = field(default_factory=list)
    total: int | None = None
    page: int | None = None
    pages: int | None = None
    next_url: str | None = None
    pager: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Gate:
    """A page that stands where an article should be: see pages/gates.py for the reasons."""

    reason: str


class Outcome(StrEnum):
    """What came of one request: the vocabulary of `fetches.outcome`."""

    ARTICLE = "article"
    LISTING = "listing"
    PART = "part"
    MEDIA = "media"
    OTHER = "other"  # an answer that is none of these
    UNCHANGED = "unchanged"  # 304, or the bytes already held
    REDIRECT = "redirect"
    GONE = "gone"  # 404, 410
    REFUSED = "refused"  # another 4xx
    FORBIDDEN = "forbidden"  # robots.txt says no: not asked for
    ERROR = "error"  # 5xx, 429, 408
    GATE = "gate"  # a challenge, login, error or unknown page in place of an article
    TRUNCATED = "truncated"
    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"  # its content coding cannot be undone
    FAILED = "failed"  # no answer
    ROBOTS = "robots"  # robots.txt itself
    RECOVERED = "recovered"  # a record that a killed run left without its row


@dataclass(slots=True)
class Record:
    """One answer as it was fetched and where its evidence lies; see table `fetches`."""

    url: str
    fetched_at: datetime
    status: int | None = None
    content_type: str | None = None
    size_bytes: int | None = None
    elapsed_ms: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    served_at: datetime | None = None
    """The site's clock: the answer's Date header."""
    payload_sha1: str | None = None
    payload_sha256: str | None = None
    warc_file_id: int | None = None
    warc_offset: int | None = None
    warc_length: int | None = None
    warc_record_id: str | None = None
    truncated: str | None = None
    revisit: bool = False
    """The answer is a 304, or has the bytes that the archive holds: its record is a revisit."""
    error: str | None = None


@dataclass(slots=True)
class Visit:
    """What one request came to: exactly one per request, by callback or errback."""

    page_id: int
    url: str
    status: int | None
    record: Record
    outcome: Outcome
    result: Article | Listing | Gate | None = None
    redirect_url: str | None = None
    kind: str = "article"
    """What the page is known as: `pages.kind`."""
    requisites: list[str] = field(default_factory=list)
    """What a browser needs to show the page: pictures, style sheets, scripts."""
