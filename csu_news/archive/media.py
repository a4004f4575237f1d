"""Pictures, attachments and page requisites: each fetched once, each article told what its files are."""

from __future__ import annotations

import sqlite3

from csu_news.archive.context import Context
from csu_news.archive.queue import discover, find
from csu_news.items import Article, Record, Visit
from csu_news.urls import canonical_url, is_article_url

KINDS = frozenset({"image", "attachment", "requisite"})


def discover_media(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, visit: Visit) -> None:
    """Make the files of an article's page due, and tell the article what is known of those fetched already."""
    assert isinstance(visit.result, Article)
    wanted = [(image.url, "image") for image in visit.result.images]
    wanted += [(attachment.url, "attachment") for attachment in visit.result.attachments]
    for url, kind in wanted:
        known = find(connection, canonical_url(url))
        if known is not None and known["state"] == "ok":
            _tell_article(connection, url, known["id"])
        elif known is None:
            _discover(connection, context, page, url, kind)
    for url in visit.requisites:
        _discover(connection, context, page, url, "requisite")


def save_media_file(connection: sqlite3.Connection, page: sqlite3.Row, record: Record, fetch_id: int) -> None:
    """Tell every article that shows this file what it is and where its evidence lies."""
    connection.execute(
        "update media set content_type = ?, size_bytes = ?, sha256 = ?, fetch_id = ? where url = ?",
        (record.content_type, record.size_bytes, record.payload_sha256, fetch_id, page["url"]),
    )


def _tell_article(connection: sqlite3.Connection, url: str, page_id: int) -> None:
    connection.execute(
        "update media set (content_type, size_bytes, sha256, fetch_id) = (select content_type, size_bytes,"
        " payload_sha256, id from fetches where page_id = ? and outcome = 'media' order by id desc limit 1)"
        " where url = ? and fetch_id is null",
        (page_id, url),
    )


def _discover(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, url: str, kind: str) -> None:
    """Make a file due if it lies on a host that may serve it; an article's page is no file."""
    if context.site.may_serve_media(url) and not is_article_url(url):
        discover(connection, context.site.name, url, context.stamp, kind=kind, from_id=page["id"], due=context.media)
