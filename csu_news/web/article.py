"""The reading page: an article as it is now or was at a date, with its pictures, its translation and its evidence."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from csu_news.archive import reading
from csu_news.errors import UsageError
from csu_news.exporters.styles import styles
from csu_news.text import shown_html
from csu_news.urls import canonical_url
from csu_news.web.exporting import KINDS
from csu_news.web.page import Answer, Asked, Missing, article_path, error_page, href, page, shown

NEIGHBOUR = """
select a.key, a.title, a.published, a.language from pages p join articles a on a.id = p.article_id
where p.canonical = ? and a.status <> 'withheld'
"""
TRANSLATION = """
select a.id, a.key, a.title, a.published, a.language, a.body_html, t.evidence
from translations t join articles a on a.id in (t.en_id, t.zh_id) and a.id <> :id
where :id in (t.en_id, t.zh_id) and a.status <> 'withheld' order by t.score desc, t.id limit 1
"""
RECORD = """
select f.url, f.fetched_at, f.status, w.name as warc_file, f.warc_offset, f.warc_record_id, f.payload_sha256
from fetches f left join warc_files w on w.id = f.warc_file_id where f.id = ?
"""
# /__local/A/1B/2C/3D4E_00001F40_2A.png
RASTER = re.compile(r"\.(?:png|jpe?g|gif|webp)$", re.I)

HELD = """
select 1 from pages p join fetches f on f.page_id = p.id where p.canonical = ? and f.outcome = 'media' limit 1
"""
CITED = """
select s.title as site_title, f.fetched_at as archived_at, w.name as warc_file, f.warc_offset, f.warc_record_id
from articles a left join sites s on s.name = a.site left join fetches f on f.id = a.fetch_id
left join warc_files w on w.id = f.warc_file_id where a.id = ?
"""


@page
def article(asked: Asked, connection: sqlite3.Connection) -> Answer:
    found = readable(connection, asked.names["key"])
    if found["key"] != asked.names["key"]:
        raise Missing("There is no such article in this archive.")
    revisions = reading.revisions(connection, found["id"])
    day = asked.names.get("date") or asked.text("at")
    if day is None:
        return shown(asked, "article.html", **_now(connection, found), revisions=revisions)
    if not _is_day(day):
        raise UsageError(f"{day!r} is no date: write 2024-05-31.")
    revision = next((revision for revision in reversed(revisions) if revision["seen_at"][:10] <= day), None)
    if revision is None:
        return error_page(asked, 404, "It was not in this archive yet at that date.", revisions[0]["seen_at"][:10])
    files: dict[str, list[str]] = {"pictures": [], "others": []}
    for url in revision["media"]:
        files["pictures" if RASTER.search(urlsplit(url).path) else "others"].append(url)
    return shown(asked, "revision.html", article=found, revision=revision, date=day, **files, media_href=media_href)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def readable(connection: sqlite3.Connection, key: str) -> dict[str, Any]:
    """Return the article of this key, as Archive.article() does.

    errors  Missing: there is none, or it is withheld
    """
    found = reading.article(connection, key)
    if found is None:
        raise Missing("There is no such article in this archive.")
    if found["status"] == "withheld":
        raise Missing("This article is withheld.")
    return found


def media_href(key: str, url: str) -> str:
    return href(f"/-/media/{key}", url=url)


@page
def citation(asked: Asked, connection: sqlite3.Connection) -> Answer:
    found = readable(connection, asked.names["key"])
    name = asked.names["format"]
    text = _citations(connection, found).get(name)
    if text is None or name not in KINDS:
        raise Missing("There is no such page here.")
    extension, content_type = KINDS[name]
    disposition = f'attachment; filename="{found["key"]}.{extension}"'
    return Answer(text, content_type=content_type, headers={"Content-Disposition": disposition})


def _citations(connection: sqlite3.Connection, found: dict[str, Any]) -> dict[str, str]:
    """Return the article's citation in each style."""
    (row,) = connection.execute(CITED, (found["id"],))
    return styles(connection, found | dict(row))


def _now(connection: sqlite3.Connection, found: dict[str, Any]) -> dict[str, Any]:
    def one(query: str, values: Any) -> dict[str, Any] | None:
        row = connection.execute(query, values).fetchone()
        return dict(row) if row else None

    def neighbour(url: str | None) -> dict[str, Any] | None:
        return one(NEIGHBOUR, (canonical_url(url),)) if url else None

    translation = one(TRANSLATION, {"id": found["id"]})
    site = one("select title, base_url from sites where name = ?", (found["site"],)) or {}
    return {
        "article": found,
        "site": site,
        "body": body(connection, found["key"], found["body_html"]),
        "translation": translation,
        "translation_body": translation and body(connection, translation["key"], translation["body_html"]),
        "previous": neighbour(found["prev_url"]),
        "next": neighbour(found["next_url"]),
        "record": one(RECORD, (found["fetch_id"],)),
        "attachments": [item for item in found["media"] if item["kind"] == "attachment"],
        "media_href": media_href,
        "citations": _citations(connection, found),
        "linked_data": linked_data(found, site.get("title")),
    }


def body(connection: sqlite3.Connection, key: str, html: str) -> Markup:
    """Return an article's HTML, made safe once more, its pictures out of the archive, or without address."""

    def picture(url: str) -> str | None:
        is_held = connection.execute(HELD, (canonical_url(url),)).fetchone() is not None
        return media_href(key, url) if is_held else None

    return Markup(shown_html(html, picture))


def linked_data(found: dict[str, Any], publisher: str | None) -> Markup:
    """Return the article as JSON-LD that can stand in a script element."""
    document = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": found["key"],
        "headline": found["title"],
        "datePublished": found["published_at"] or found["published"],
        "inLanguage": found["language"],
        "url": found["url"],
        "author": [{"@type": "Organization", "name": name} for name in found["sources"]],
        "publisher": {"@type": "Organization", "name": publisher} if publisher else None,
        "archivedAt": article_path(found["key"]),
        "wordCount": found["word_count"],
    }
    text = json.dumps({name: value for name, value in document.items() if value}, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
