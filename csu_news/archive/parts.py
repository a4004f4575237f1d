"""Articles of several pages: what each part says, and all of them as one content."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from csu_news.archive.context import Moment
from csu_news.archive.queue import discover
from csu_news.items import Article
from csu_news.urls import part_number


class Content(NamedTuple):
    """What an article says, all its parts put together; None where parts are still missing."""

    body: str
    body_html: str
    media: list[dict[str, Any]]
    sources: str
    source_raw: str | None

    @property
    def addresses(self) -> list[str]:
        return [item["url"] for item in self.media if item["kind"] != "video"]


def content_of(article: Article) -> Content:
    """Return what one page of an article says."""
    images = [
        {"kind": "image", "url": i.url, "original_url": i.original_url, "alt": i.alt, "caption": i.caption}
        for i in article.images
    ]
    attachments = [{"kind": "attachment", "url": a.url, "name": a.name} for a in article.attachments]
    media = images + attachments + [{"kind": "video", "url": url} for url in article.videos]
    sources = json.dumps(article.sources, ensure_ascii=False)
    return Content(article.body, article.body_html, media, sources, article.source_raw)


def discover_parts(
    connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row, article_id: int, urls: list[str]
) -> None:
    """Make every further page of the article known and, if it is new, due; forget those no longer named."""
    numbered = [(part_number(page["url"]), page["id"])]
    for url in urls:
        part_id = discover(
            connection,
            page["site"],
            url,
            moment.now,
            kind="part",
            column=page["column_id"],
            from_id=page["id"],
        )
        connection.execute("update pages set kind = 'part', article_id = ? where id = ?", (article_id, part_id))
        numbered.append((part_number(url), part_id))
    page_ids = [page_id for _, page_id in sorted(numbered)]
    stored = connection.execute("select page_id from parts where article_id = ? order by number", (article_id,))
    if [row["page_id"] for row in stored] == page_ids:
        return
    known = {
        row["page_id"]: tuple(row)[1:]
        for row in connection.execute(
            "select page_id, body, body_html, media, sources, source_raw, fetch_id from parts where article_id = ?",
            (article_id,),
        )
    }
    connection.execute("delete from parts where article_id = ?", (article_id,))
    connection.executemany(
        "insert into parts (article_id, number, page_id, body, body_html, media, sources, source_raw, fetch_id)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (article_id, n, part_id, *known.get(part_id, ("", "", "[]", "[]", None, None)))
            for n, part_id in enumerate(page_ids, 1)
        ],
    )


def write_part(connection: sqlite3.Connection, moment: Moment, page_id: int, content: Content) -> None:
    connection.execute(
        "update parts set body = ?, body_html = ?, media = ?, sources = ?, source_raw = ?, fetch_id = ?"
        " where page_id = ?",
        (
            content.body,
            content.body_html,
            json.dumps(content.media, ensure_ascii=False),
            content.sources,
            content.source_raw,
            moment.fetch_id,
            page_id,
        ),
    )


def joined(connection: sqlite3.Connection, article_id: int) -> Content | None:
    """Return the parts as one content, None while one of them has not been fetched.

    Each part prints the article's attachments; its source stands on the first part or below the last.
    """
    rows = connection.execute("select * from parts where article_id = ? order by number", (article_id,)).fetchall()
    if not rows or any(row["fetch_id"] is None for row in rows):
        return None
    return join(
        [
            Content(row["body"], row["body_html"], json.loads(row["media"]), row["sources"], row["source_raw"])
            for row in rows
        ]
    )


def join(parts: Sequence[Content]) -> Content:
    """Return the parts of an article, in order and at least one, as one content."""
    media: list[dict[str, Any]] = []
    for item in (item for part in parts for item in part.media):
        if item["kind"] != "attachment" or item not in media:
            media.append(item)
    naming = next((part for part in parts if part.sources != "[]"), parts[0])
    return Content(
        "\n\n".join(part.body for part in parts if part.body),
        "\n".join(part.body_html for part in parts),
        media,
        naming.sources,
        naming.source_raw,
    )
