"""Articles: one row each, its revisions, parts, media and full text."""

from __future__ import annotations

import json
import re
import sqlite3
from functools import cache
from typing import Any

from csu_news.archive.context import Moment
from csu_news.archive.fulltext import insert_full_text, write_full_text
from csu_news.archive.identity import article_key, check_pages, compare_copy, speaks
from csu_news.archive.parts import Content, content_of, discover_parts, joined, write_part
from csu_news.archive.sources import add_links, known_aliases, link_sources
from csu_news.items import Article
from csu_news.revisions import content_digest

# 中南大学 counts four, "Central South University" three
WORD = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+(?:['’-][^\W_\u3400-\u9fff\uf900-\ufaff]+)*"
)

BRING_BACK = """
with known as (select * from revisions where article_id = :id)
insert into articles (id, key, url, site, news_id, owner, body, body_html, word_count, content_sha256, revision_count,
  first_seen_at, last_seen_at, last_changed_at, status, parser_version)
select :id, :key, :url, :site, :news_id, :owner, '', '', 0,
  coalesce((select content_sha256 from known order by number desc limit 1), ''),
  (select coalesce(max(number), 0) from known), (select coalesce(min(seen_at), :now) from known), :now,
  (select coalesce(max(seen_at), :now) from known),
  iif((select kind from decisions where article_id = :id and kind in ('withhold', 'release')
    order by id desc limit 1) = 'withhold', 'withheld', 'live'), :parser
where not exists (select 1 from articles where id = :id)
"""

# Above every number that a page knows: an article whose row was lost comes back under its own.
FREE_ID = """
select 1 + max(
  (select coalesce(max(id), 0) from articles),
  (select coalesce(max(article_id), 0) from pages where article_id is not null))
"""

MEDIA_FIELDS = ("kind", "url", "original_url", "alt", "caption", "name")


def save_article(connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row, article: Article) -> str:
    """Store what an accepted article page says; return `new`, `changed` or `unchanged`."""
    key = article_key(connection, page["site"], article)
    stored = _stored(connection, key) or _bring_back(connection, moment, page, key, article)
    if stored is None:
        article_id = _add_article(connection, moment, page, key, article)
    else:
        article_id = stored["id"]
    connection.execute("update pages set article_id = ? where id = ?", (article_id, page["id"]))
    if stored is None:
        return "new"
    check_pages(connection, moment, article, article_id)
    if not speaks(connection, page, article, stored):
        connection.execute("update articles set last_seen_at = ? where id = ?", (moment.now, article_id))
        compare_copy(connection, moment, page, article, stored)
        return "unchanged"
    _update_facts(connection, moment, page, article, article_id)
    content = _content(connection, moment, page, article_id, article)
    changed = content is not None and save_content(connection, moment, article_id, stored, content)
    return "changed" if changed and stored["revision_count"] else "unchanged"


def _stored(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute("select * from articles where key = ?", (key,)).fetchone()
    return row


def _bring_back(
    connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row, key: str, article: Article
) -> sqlite3.Row | None:
    """Give an article whose row was lost one under its old number, without content, so that its revisions go on.

    None if the page knows of no such article.
    """
    if page["article_id"] is None:
        return None
    names = {"id": page["article_id"], "key": key, "url": page["url"], "site": page["site"]}
    names |= {"news_id": article.news_id, "owner": article.owner}
    connection.execute(BRING_BACK, names | {"now": moment.now, "parser": moment.parser_version})
    return _stored(connection, key)


def confirm_article(connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row) -> None:
    """Note that the page's article is there, as it was."""
    connection.execute("update articles set last_seen_at = ? where id = ?", (moment.now, page["article_id"]))
    connection.execute(
        "update articles set status = case status when 'gone' then 'live' else status end, gone_at = null"
        " where id = ? and url = ? and gone_at is not null",
        (page["article_id"], page["url"]),
    )


def save_part(connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row, article: Article) -> str:
    """Store a further page of an article, and the article anew when all its parts are there."""
    write_part(connection, moment, page["id"], content_of(article))
    content = joined(connection, page["article_id"])
    before = connection.execute("select * from articles where id = ?", (page["article_id"],)).fetchone()
    if content is None or not save_content(connection, moment, before["id"], before, content):
        return "unchanged"
    return "changed" if before["revision_count"] else "unchanged"


def save_content(
    connection: sqlite3.Connection,
    moment: Moment,
    article_id: int,
    before: sqlite3.Row | None,
    content: Content,
) -> bool:
    """Store the content and, if it differs from what `before` holds, a revision; tell whether it did."""
    row = connection.execute(
        "select id, site, title, published, sources, content_sha256, revision_count, last_changed_at, status"
        " from articles where id = ?",
        (article_id,),
    ).fetchone()
    sources = json.loads(content.sources)
    digest = content_digest(row["title"], row["published"], sources, content.body, content.addresses)
    changed = digest != row["content_sha256"]
    searched = (row["title"], content.source_raw, content.body)
    same = before is not None and searched == (before["title"], before["source_raw"], before["body"])
    if not same and row["status"] != "withheld":
        write_full_text(connection, article_id, searched)
    number = row["revision_count"] + changed
    if content.sources != row["sources"]:
        link_sources(connection, row["site"], article_id, sources)
    connection.execute(
        "update articles set body = ?, body_html = ?, sources = ?, source_raw = ?, word_count = ?, content_sha256 = ?,"
        " revision_count = ?, last_changed_at = ? where id = ?",
        (
            *(content.body, content.body_html, content.sources, content.source_raw),
            len(WORD.findall(content.body)),
            digest,
            number,
            moment.now if changed else row["last_changed_at"],
            article_id,
        ),
    )
    _write_media(connection, article_id, media_rows(content))
    if changed:
        _add_revision(connection, moment, row, number, content, digest)
    return bool(changed)


def _add_article(connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row, key: str, article: Article) -> int:
    """Store an article seen for the first time, with its first revision if all its parts are there."""
    content = content_of(article)
    digest = content_digest(article.title, article.published, article.sources, content.body, content.addresses)
    whole = not article.parts
    aliases = known_aliases(connection, page["site"], article.sources)
    values = _facts(moment, page, article) | {
        "id": connection.execute(FREE_ID).fetchone()[0],
        "key": key,
        "site": page["site"],
        "news_id": article.news_id,
        "owner": article.owner,
        "body": content.body,
        "body_html": content.body_html,
        "source_id": aliases[0].source_id if aliases else None,
        "sources": content.sources,
        "source_raw": content.source_raw,
        "word_count": len(WORD.findall(content.body)),
        "content_sha256": digest if whole else "",
        "revision_count": int(whole),
        "first_seen_at": moment.now,
        "last_changed_at": moment.now,
    }
    article_id = int(connection.execute(_insert_into("articles", tuple(values)), values).lastrowid or 0)
    insert_full_text(connection, article_id, (article.title, content.source_raw, content.body))
    _insert_media(connection, article_id, media_rows(content))
    add_links(connection, article_id, aliases)
    if whole:
        _add_revision(connection, moment, values, 1, content, digest)
    else:
        _content(connection, moment, page, article_id, article)
    return article_id


@cache
def _insert_into(table: str, columns: tuple[str, ...]) -> str:
    return f"insert into {table} ({', '.join(columns)}) values ({', '.join(f':{name}' for name in columns)})"


def _update_facts(
    connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row, article: Article, article_id: int
) -> None:
    values = _facts(moment, page, article)
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    connection.execute(f"update articles set {assignments}, gone_at = null where id = :id", values | {"id": article_id})
    connection.execute("update articles set status = 'live' where id = ? and status = 'gone'", (article_id,))


def _facts(moment: Moment, page: sqlite3.Row, article: Article) -> dict[str, Any]:
    return {
        "url": page["url"],
        "column_id": article.column_id if page["column_id"] is None else page["column_id"],
        "language": article.language,
        "title": article.title,
        "published": article.published,
        "published_at": article.published_at,
        "published_raw": article.published_raw,
        "prev_url": article.prev.url if article.prev else None,
        "next_url": article.next.url if article.next else None,
        "last_seen_at": moment.now,
        "parser_version": moment.parser_version,
        "fetch_id": moment.fetch_id,
    }


def _content(
    connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row, article_id: int, article: Article
) -> Content | None:
    own = content_of(article)
    if not article.parts:
        connection.execute("delete from parts where article_id = ?", (article_id,))
        return own
    discover_parts(connection, moment, page, article_id, article.parts)
    write_part(connection, moment, page["id"], own)
    return joined(connection, article_id)


def media_rows(content: Content) -> list[tuple[Any, ...]]:
    return [tuple(item.get(field) for field in MEDIA_FIELDS) for item in content.media]


def _write_media(connection: sqlite3.Connection, article_id: int, rows: list[tuple[Any, ...]]) -> None:
    """Make these the article's media, writing nothing when they are the same as before."""
    stored = connection.execute(
        f"select {', '.join(MEDIA_FIELDS)} from media where article_id = ? order by position", (article_id,)
    ).fetchall()
    if rows != [tuple(row) for row in stored]:
        connection.execute("delete from media where article_id = ?", (article_id,))
        _insert_media(connection, article_id, rows)


def _insert_media(connection: sqlite3.Connection, article_id: int, rows: list[tuple[Any, ...]]) -> None:
    connection.executemany(
        f"insert into media (article_id, position, {', '.join(MEDIA_FIELDS)}) values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(article_id, position, *row) for position, row in enumerate(rows)],
    )


def _add_revision(
    connection: sqlite3.Connection,
    moment: Moment,
    row: sqlite3.Row | dict[str, Any],
    number: int,
    content: Content,
    digest: str,
) -> None:
    connection.execute(
        "insert into revisions (article_id, number, seen_at, title, published, source_raw, body, media,"
        " content_sha256, parser_version, fetch_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row["id"],
            number,
            moment.now,
            row["title"],
            row["published"],
            content.source_raw,
            content.body,
            json.dumps(content.addresses, ensure_ascii=False),
            digest,
            moment.parser_version,
            moment.fetch_id,
        ),
    )
