"""Pictures, attachments and page requisites: each fetched once, each article told what its files are."""

from __future__ import annotations

import sqlite3

from csu_news.archive.context import Context
from csu_news.archive.queue import discover, find
from csu_news.items import Article, Record, Visit
from csu_news.sites import Site
from csu_news.urls import canonical_url, is_article_url

KINDS = frozenset({"image", "attachment", "requisite"})


def discover_media(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, visit: Visit) -> None:
    """Make the files of an article's page due, and tell the article what is known of those fetched already."""
    if not context.media:
        return
    assert isinstance(visit.result, Article)
    wanted = [(image.url, "image") for image in visit.result.images]
    wanted += [(attachment.url, "attachment") for attachment in visit.result.attachments]
    wanted += [(url, "requisite") for url in visit.requisites]
    for url, kind in wanted:
        _want(connection, context.site, context.stamp, url, kind, page["id"])


def discover_left_out(connection: sqlite3.Connection, site: Site, now: str) -> None:
    """Make due the pictures and attachments that earlier runs left out."""
    rows = connection.execute(
        "select distinct m.url, m.kind from media m join articles a on a.id = m.article_id"
        " where a.site = ? and m.fetch_id is null and m.kind in ('image', 'attachment')",
        (site.name,),
    ).fetchall()
    for row in rows:
        _want(connection, site, now, row["url"], row["kind"], None)


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


def _want(connection: sqlite3.Connection, site: Site, now: str, url: str, kind: str, from_id: int | None) -> None:
    """Make a file due if it lies on a host that may serve it and nobody knew it; an article's page is no file."""
    known = find(connection, canonical_url(url))
    if known is None:
        if site.may_serve_media(url) and not is_article_url(url):
            discover(connection, site.name, url, now, kind=kind, from_id=from_id)
    elif known["state"] == "ok" and kind != "requisite":
        _tell_article(connection, url, known["id"])
