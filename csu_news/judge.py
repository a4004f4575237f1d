"""What came of a request that was answered: the same for a crawl and for its records read again."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from urllib.parse import urlsplit

from w3lib.encoding import http_content_type_encoding

from csu_news.coding import BodyTooLarge, BodyUndecodable, decode_body
from csu_news.items import Article, Gate, Listing, Outcome, Record
from csu_news.pages import read_page
from csu_news.sites import Site

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
GONE = frozenset({404, 410})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MEDIA = frozenset({"image", "attachment", "requisite"})

LONGEST_BODY_BYTES = 16 * 1024 * 1024
"""The most that a page may decode to: CSU_NEWS_MAX_BODY_BYTES of the settings."""

NOT_THE_FILE = "not the file"
"""Gate reason: a page of HTML in place of a picture or an attachment."""

ADDRESSES = frozenset({"url", "original_url", "list_url", "next_url"})
LISTS = frozenset({"videos", "parts", "pager"})
"""The fields of items that hold addresses."""

Result = Article | Listing | Gate | None


def decoded_body(record: Record, body: bytes, content_encoding: str | None, limit: int) -> bytes:
    """Return a body without its content coding; if it is cut, too large or damaged, the record says so."""
    try:
        decoded = decode_body(body, content_encoding, limit)
    except BodyTooLarge as error:
        record.truncated, record.error = "length", str(error)
    except BodyUndecodable as error:
        record.error = str(error)
    else:
        if not decoded.complete:
            record.truncated, record.error = "disconnect", "The compressed body was cut."
        return decoded.body
    return b""


def judge(record: Record, body: bytes, kind: str, site: Site) -> tuple[Outcome, Result]:
    """Return what came of the request, and what the page says.

    record  of an answer, after decoded_body(); kind: what the page is known as, `pages.kind`
    """
    outcome = unread(record)
    if outcome is Outcome.REFUSED:  # a challenge is sent with 403 or 412, too
        result = read(record, body, site)
        return (Outcome.GATE, result) if isinstance(result, Gate) else (outcome, None)
    if outcome is not None:
        return outcome, None
    if kind in MEDIA:
        return _judge_media(record, body, kind, site)
    if not body and record.status == 200:  # as worth another try as no answer
        record.error = "empty answer"
        return Outcome.FAILED, None
    return placed(read(record, body, site), kind)


def unread(record: Record) -> Outcome | None:
    """Return what is decided without reading the body; None when it must be read."""
    if record.truncated:
        return Outcome.TOO_LARGE if record.truncated == "length" else Outcome.TRUNCATED
    if record.revisit:
        return Outcome.UNCHANGED
    if outcome := status_outcome(record.status or 0):
        return outcome
    return Outcome.UNREADABLE if record.error else None


def read(record: Record, body: bytes, site: Site) -> Result:
    """Return what the page says; its links to the site's former hosts lead to the present one."""
    result = read_page(body, record.url, site, http_content_type_encoding(record.content_type))
    if site.former_hosts and result is not None:
        _bring_home(result, site)
    return result


def _bring_home(item: object, site: Site) -> None:
    """Change every address in an item of a page."""
    for place in fields(item):  # type: ignore[arg-type]
        value = getattr(item, place.name)
        if isinstance(value, str) and place.name in ADDRESSES:
            setattr(item, place.name, site.at_home(value))
        elif isinstance(value, list) and place.name in LISTS:
            setattr(item, place.name, [site.at_home(url) for url in value])
        elif isinstance(value, list):
            for each in filter(is_dataclass, value):
                _bring_home(each, site)
        elif is_dataclass(value):
            _bring_home(value, site)


def placed(result: Result, kind: str) -> tuple[Outcome, Result]:
    """Return what a page comes to in its place: an article where a list was is neither."""
    if isinstance(result, Gate):
        return Outcome.GATE, result
    if isinstance(result, Article) and kind != "list":
        return (Outcome.PART if kind == "part" else Outcome.ARTICLE), result
    if isinstance(result, Listing) and kind == "list":
        return Outcome.LISTING, result
    return Outcome.OTHER, None


def _judge_media(record: Record, body: bytes, kind: str, site: Site) -> tuple[Outcome, Result]:
    """Take a picture or a file for what it is, unless a page of HTML came in its place."""
    if kind == "requisite" or not _is_html(record, body):
        return Outcome.MEDIA, None
    result = read(record, body, site)
    return Outcome.GATE, result if isinstance(result, Gate) else Gate(NOT_THE_FILE)


def _is_html(record: Record, body: bytes) -> bool:
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    named = urlsplit(record.url).path.lower().endswith((".htm", ".html"))
    return not named and start.startswith((b"<!doctype html", b"<html", b"<head", b"<script", b"<body"))


def status_outcome(status: int) -> Outcome | None:
    """Return what a status alone decides; None when the body must be read."""
    if status in REDIRECTS:
        return Outcome.REDIRECT
    if status in GONE:
        return Outcome.GONE
    if status in RETRYABLE or status >= 500 or status == 304:  # a 304 that nobody asked for
        return Outcome.ERROR
    return None if 200 <= status < 300 else Outcome.REFUSED
