"""Articles rewritten from their records read again: no revision more, nothing worse for something better."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from csu_news.archive.articles import WORD, _facts, _write_media, media_rows
from csu_news.archive.context import Context, Moment
from csu_news.archive.fulltext import renew_full_text
from csu_news.archive.links import save_chain
from csu_news.archive.media import discover_media
from csu_news.archive.origins import Left, Origins
from csu_news.archive.parts import Content, content_of, discover_parts, join, joined, write_part
from csu_news.archive.sites import stored_site
from csu_news.archive.sources import link_sources
from csu_news.archive.translations import link_article
from csu_news.items import Article, Attachment, Image, Outcome, Record, Visit
from csu_news.revisions import content_digest
from csu_news.sites import SITES, Site


@dataclass(slots=True)
class Rewriting:
    """What became of an article: the fields that changed, and what was left as it is, with the record and why."""

    key: str
    fields: set[str] = field(default_factory=set)
    left: list[tuple[sqlite3.Row | None, str]] = field(default_factory=list)


def rewrite_article(connection: sqlite3.Connection, origins: Origins, parser_version: int, now: datetime) -> Rewriting:
    """Write what the records of an article say now, in the caller's transaction."""
    stored = connection.execute("select * from articles where id = ?", (origins.article_id,)).fetchone()
    rewriting = Rewriting(stored["key"])
    last = stored["revision_count"]
    try:
        rewriting.fields |= _rewrite_current(connection, origins, stored, parser_version, now)
    except Left as left:
        rewriting.left.append((left.fetch, str(left)))
        last -= 1  # the last revision is what the article says
    revisions = connection.execute(
        "select * from revisions where article_id = ? and number <= ? order by number", (stored["id"], last)
    ).fetchall()
    for revision in revisions:
        try:
            changed = _rewrite_revision(connection, origins, revision, stored, parser_version)
            rewriting.fields |= {f"revision {name}" for name in changed}
        except Left as left:
            rewriting.left.append((left.fetch, str(left)))
    return rewriting


def _rewrite_current(
    connection: sqlite3.Connection, origins: Origins, stored: sqlite3.Row, parser_version: int, now: datetime
) -> set[str]:
    article = origins.article(stored["fetch_id"], stored)
    if (article.news_id, article.owner) != (stored["news_id"], stored["owner"]):
        raise Left(origins.fetch(stored["fetch_id"]), f"It reads as another article: {article.news_id}.")
    page_id = origins.fetch(stored["fetch_id"])["page_id"]
    page = connection.execute("select * from pages where id = ?", (page_id,)).fetchone()
    moment = Moment(0, stored["fetch_id"], stored["last_seen_at"], parser_version)
    changed: set[str] = set()
    content = _current_content(connection, origins, page, article, changed, moment)
    context = Context(0, _site(connection, page["site"]), parser_version, now)
    values = _facts(moment, page, article)
    del values["url"]
    if content is not None:
        values |= _content_values(article, content)
        link_sources(connection, stored["site"], stored["id"], json.loads(content.sources))
        changed |= _rewrite_media(connection, context, page, stored["id"], content)
    changed |= _update(connection, "articles", stored, values)
    if renew_full_text(connection, stored["id"]):
        changed.add("full text")
    return changed | _rewrite_links(connection, context, page, article)


def _site(connection: sqlite3.Connection, name: str) -> Site:
    row = connection.execute("select * from sites where name = ?", (name,)).fetchone()
    return SITES.get(name) or stored_site(row)


def _content_values(article: Article, content: Content) -> dict[str, Any]:
    return {
        "body": content.body,
        "body_html": content.body_html,
        "sources": content.sources,
        "source_raw": content.source_raw,
        "word_count": len(WORD.findall(content.body)),
        "content_sha256": _digest(article, content),
    }


def _digest(article: Article, content: Content) -> str:
    names = json.loads(content.sources)
    return content_digest(article.title, article.published, names, content.body, content.addresses)


def _current_content(
    connection: sqlite3.Connection,
    origins: Origins,
    page: sqlite3.Row,
    article: Article,
    changed: set[str],
    moment: Moment,
) -> Content | None:
    """Return the article's content with all its parts, which are rewritten; None while one was not fetched."""
    query = "select * from parts where article_id = ? order by number"
    parts = connection.execute(query, (origins.article_id,)).fetchall()
    if not article.parts:
        if parts:
            raise Left(origins.fetch(moment.fetch_id), "It reads as an article of one page, and has several.")
        return content_of(article)
    discover_parts(connection, moment, page, origins.article_id, article.parts)
    found = _read_parts(origins, connection.execute(query, (origins.article_id,)).fetchall())
    for part, content in found:
        values = content._asdict() | {"media": json.dumps(content.media, ensure_ascii=False)}
        changed |= {f"part {name}" for name in _update(connection, "parts", part, values)}
    if not parts:  # an article of one page until now
        write_part(connection, moment, page["id"], content_of(article))
    return joined(connection, origins.article_id)


def _read_parts(origins: Origins, parts: Iterable[sqlite3.Row]) -> list[tuple[sqlite3.Row, Content]]:
    """Return what the parts that were fetched say now; nothing is written before all are read."""
    fetched = [part for part in parts if part["fetch_id"] is not None]
    return [
        (part, content_of(origins.article(part["fetch_id"], {"title": None, "body": part["body"]}))) for part in fetched
    ]


def _rewrite_media(
    connection: sqlite3.Connection, context: Context, page: sqlite3.Row, article_id: int, content: Content
) -> set[str]:
    """Store the article's media anew if they are others; those that nobody knew become due."""
    before = connection.total_changes
    _write_media(connection, article_id, media_rows(content))
    if connection.total_changes == before:
        return set()
    shown = Article(page["url"])
    shown.images = [Image(item["url"]) for item in content.media if item["kind"] == "image"]
    shown.attachments = [Attachment(item["url"]) for item in content.media if item["kind"] == "attachment"]
    record = Record(page["url"], context.now)
    discover_media(connection, context, page, Visit(page["id"], page["url"], None, record, Outcome.ARTICLE, shown))
    return {"media"}


def _rewrite_links(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, article: Article) -> set[str]:
    """Store the page's neighbours and translations anew if they are others; those that nobody knew become due."""
    query = (
        "select rel, to_url, anchor from links where from_id = ? and rel in ('next', 'prev', 'translation')"
        " order by rel, position"
    )
    stored = [tuple(row) for row in connection.execute(query, (page["id"],))]
    pairs = [("next", article.next), ("prev", article.prev)]
    pairs += [("translation", link) for link in article.translations]
    if stored == [(rel, link.url, link.title) for rel, link in pairs if link]:
        return set()
    save_chain(connection, context, page, article)
    link_article(connection, page["article_id"])
    return {"links"}


def _rewrite_revision(
    connection: sqlite3.Connection,
    origins: Origins,
    revision: sqlite3.Row,
    article_row: sqlite3.Row,
    parser_version: int,
) -> set[str]:
    """Rewrite a revision from the records it came from.

    The last one says what the article says. A better parser may see a change that the old one did not,
    between the revision's fetch and the article's: then it is read from the article's.
    """
    values = _revision_values(origins, revision, article_row)
    if revision["number"] == article_row["revision_count"]:
        current = connection.execute("select * from articles where id = ?", (article_row["id"],)).fetchone()
        if current["content_sha256"] != values["content_sha256"]:
            values = {name: current[name] for name in ("title", "published", "source_raw", "body", "content_sha256")}
            values |= {"media": _stored_addresses(connection, current["id"]), "fetch_id": current["fetch_id"]}
    return _update(connection, "revisions", revision, values | {"parser_version": parser_version})


def _revision_values(origins: Origins, revision: sqlite3.Row, article_row: sqlite3.Row) -> dict[str, Any]:
    origin = origins.fetch(revision["fetch_id"])
    main_id: int | None = origin["id"]
    if origin["kind"] != "article":  # the part that completed it; the first page was fetched before
        main_id = origins.latest(origins.fetch(article_row["fetch_id"])["page_id"], origin["id"])
    article = origins.article(main_id, revision)
    content = join([content_of(article), *_parts_until(origins, article.parts, origin["id"])])
    return {
        "title": article.title,
        "published": article.published,
        "source_raw": content.source_raw,
        "body": content.body,
        "media": json.dumps(content.addresses, ensure_ascii=False),
        "content_sha256": _digest(article, content),
    }


def _parts_until(origins: Origins, urls: Iterable[str], until: int) -> list[Content]:
    contents = []
    for url in urls:
        page_id = origins.part_page(url)
        fetch_id = origins.latest(page_id, until) if page_id else None
        contents.append(content_of(origins.article(fetch_id, {"title": None, "body": None})))
    return contents


def _stored_addresses(connection: sqlite3.Connection, article_id: int) -> str:
    query = "select url from media where article_id = ? and kind <> 'video' order by position"
    return json.dumps([row["url"] for row in connection.execute(query, (article_id,))], ensure_ascii=False)


def _update(connection: sqlite3.Connection, table: str, stored: sqlite3.Row, values: Mapping[str, Any]) -> set[str]:
    """Write what differs from the stored row; return the names of these fields but for the parser's version."""
    changed = {name: value for name, value in values.items() if stored[name] != value}
    if changed:
        assignments = ", ".join(f"{name} = :{name}" for name in changed)
        connection.execute(f"update {table} set {assignments} where id = :id", changed | {"id": stored["id"]})
    return set(changed) - {"parser_version"}
