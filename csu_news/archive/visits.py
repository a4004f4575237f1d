"""What one visit changes: everything that a fetched page taught, in the caller's transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from csu_news.archive.articles import confirm_article, save_article, save_part
from csu_news.archive.context import Context, Moment, count
from csu_news.archive.coverage import facts
from csu_news.archive.database import timestamp
from csu_news.archive.findings import resolve_findings
from csu_news.archive.guards import guarded
from csu_news.archive.identity import ANOTHER, OTHERWISE
from csu_news.archive.links import save_chain
from csu_news.archive.lists import save_listing
from csu_news.archive.media import discover_media, save_media_file
from csu_news.archive.queue import RECHECK
from csu_news.archive.setbacks import save_failure, save_gone, save_redirect
from csu_news.archive.translations import link_article
from csu_news.items import Article, Gate, Listing, Outcome, Record, Visit
from csu_news.recheck import next_due

GOOD = frozenset({Outcome.ARTICLE, Outcome.PART, Outcome.LISTING, Outcome.MEDIA, Outcome.UNCHANGED})


def record_fetch(
    connection: sqlite3.Connection, run_id: int, page_id: int | None, record: Record, outcome: Outcome
) -> int:
    """Add the row of one request; return its id."""
    cursor = connection.execute(
        "insert into fetches (run_id, page_id, url, fetched_at, status, outcome, content_type, size_bytes,"
        " elapsed_ms, payload_sha1, payload_sha256, warc_file_id, warc_offset, warc_length, warc_record_id, error)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            page_id,
            record.url,
            timestamp(record.fetched_at),
            record.status,
            outcome.value,
            record.content_type,
            record.size_bytes,
            record.elapsed_ms,
            record.payload_sha1,
            record.payload_sha256,
            record.warc_file_id,
            record.warc_offset,
            record.warc_length,
            record.warc_record_id,
            record.error,
        ),
    )
    return int(cursor.lastrowid or 0)


class Saved(NamedTuple):
    """What a visit came to: its outcome as stored, the gate's reason, and whether a live article vanished."""

    outcome: Outcome
    reason: str | None = None
    vanished: bool = False


def save_visit(connection: sqlite3.Connection, context: Context, visit: Visit) -> Saved:
    """Store all that a visit taught: its fetch, the page's state, the article or list, links and findings."""
    page = connection.execute("select * from pages where id = ?", (visit.page_id,)).fetchone()
    visit = guarded(connection, context, page, visit)
    reason = visit.result.reason if isinstance(visit.result, Gate) else None
    if reason:
        visit.record.error = reason
    fetch_id = record_fetch(connection, context.run_id, visit.page_id, visit.record, visit.outcome)
    moment = Moment(context.run_id, fetch_id, context.stamp, context.parser_version)
    vanished = False
    if visit.outcome is Outcome.REDIRECT:
        save_redirect(connection, context, page, visit)
    elif visit.outcome is Outcome.GONE:
        vanished = save_gone(connection, context, page)
    elif visit.outcome in GOOD:
        _save_good(connection, context, moment, page, visit)
    else:
        save_failure(connection, context, page, visit)
    return Saved(visit.outcome, reason, vanished)


def _save_good(
    connection: sqlite3.Connection, context: Context, moment: Moment, page: sqlite3.Row, visit: Visit
) -> None:
    change = "unchanged"
    if page["state"] != "new":
        resolve_findings(connection, moment.now, page["url"], keep=(ANOTHER, OTHERWISE))
    if isinstance(visit.result, Article) and page["kind"] == "part":
        change = save_part(connection, moment, page, visit.result)
    elif isinstance(visit.result, Article):
        save_chain(connection, context, page, visit.result)
        change = _save_article(connection, context, moment, page, visit.result)
        _link_articles(connection, page)
    elif isinstance(visit.result, Listing):
        save_listing(connection, context, page, visit.result)
    elif page["kind"] == "article":
        confirm_article(connection, moment, page)
    if visit.outcome is Outcome.MEDIA:
        save_media_file(connection, page, visit.record, moment.fetch_id)
    elif isinstance(visit.result, Article):
        discover_media(connection, context, page, visit)
    _accept(connection, context, page, visit)
    if page["kind"] == "article" or change == "changed":  # a part of an article is not another one
        count(connection, context.run_id, change)


def _link_articles(connection: sqlite3.Connection, page: sqlite3.Row) -> None:
    """Bring the pairs of the page's article up to date, and of the one it showed before."""
    (article_id,) = connection.execute("select article_id from pages where id = ?", (page["id"],)).fetchone()
    for each in {article_id, page["article_id"] or article_id}:
        link_article(connection, each)


def _save_article(
    connection: sqlite3.Connection, context: Context, moment: Moment, page: sqlite3.Row, article: Article
) -> str:
    """Store the article, and count the fields that it has and had."""
    if context.coverage is None:
        return save_article(connection, moment, page, article)
    before = facts(connection, page["article_id"])
    context.coverage.prepare(article.column_id if page["column_id"] is None else page["column_id"])
    change = save_article(connection, moment, page, article)
    context.coverage.note(page["id"], moment.fetch_id, before)
    return change


def _accept(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, visit: Visit) -> None:
    """Mark the page good: its validators and payload, and when it is due again."""
    record, stamp = visit.record, context.stamp
    sha1, sha256 = record.payload_sha1, record.payload_sha256
    if visit.outcome is Outcome.UNCHANGED:  # a 304 has no payload of its own
        sha1, sha256 = page["payload_sha1"], page["payload_sha256"]
    new_bytes = sha256 != page["payload_sha256"]
    connection.execute(
        "update pages set state = 'ok', failures = 0, fetched_at = ?,"
        " changed_at = case when ? then ? else changed_at end,"
        " etag = ?, last_modified = ?,"
        " payload_sha1 = coalesce(?, payload_sha1), payload_sha256 = coalesce(?, payload_sha256),"
        " priority = ?, due_at = ? where id = ?",
        (
            stamp,
            new_bytes,
            stamp,
            record.etag or (page["etag"] if record.status == 304 else None),
            record.last_modified or (page["last_modified"] if record.status == 304 else None),
            sha1,
            sha256,
            _settled_priority(connection, page),
            _due_again(connection, context, page, visit, new_bytes),
            page["id"],
        ),
    )


def _settled_priority(connection: sqlite3.Connection, page: sqlite3.Row) -> int:
    if page["kind"] != "list":
        return RECHECK
    row = connection.execute("select priority from pages where id = ?", (page["id"],)).fetchone()
    return int(row["priority"])


def _due_again(
    connection: sqlite3.Connection, context: Context, page: sqlite3.Row, visit: Visit, new_bytes: bool
) -> str | None:
    """Return the due time of a good page; lists are made due by runs and by other lists, media never again."""
    if page["kind"] not in ("article", "part"):
        return None
    if page["fetched_at"] is None and isinstance(visit.result, Article):  # the first time is not a change
        return timestamp(next_due(page["canonical"], context.now, visit.result.published, None))
    row = connection.execute(
        "select a.published, iif(a.revision_count > 1, a.last_changed_at, null) as changed_at"
        " from pages p join articles a on a.id = p.article_id where p.id = ?",
        (page["id"],),
    ).fetchone()
    published = visit.result.published if isinstance(visit.result, Article) else row and row["published"]
    changed_at = datetime.fromisoformat(row["changed_at"]) if row and row["changed_at"] else None
    return timestamp(next_due(page["canonical"], context.now, published, changed_at))
