"""What a person decides: findings acknowledged, articles withheld and released, answers accepted over a guard."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import datetime

from csu_news.archive.context import Context, Moment
from csu_news.archive.database import timestamp
from csu_news.archive.findings import resolve_findings
from csu_news.archive.fulltext import remove_full_text, write_full_text
from csu_news.archive.guards import MISSING
from csu_news.archive.reading import article_row
from csu_news.archive.run import transaction
from csu_news.archive.setbacks import save_gone
from csu_news.archive.sources import place_alias, place_source, settle_sources
from csu_news.archive.visits import _save_good
from csu_news.errors import UsageError
from csu_news.items import Article, Gate, Listing, Outcome, Record, Visit
from csu_news.search.named import source_ids
from csu_news.sites import Site
from csu_news.sources import find, fold
from csu_news.urls import canonical_url

HELD = """
select f.id, f.run_id, f.page_id, f.url, f.status, f.fetched_at, f.error, f.payload_sha1, f.payload_sha256,
  f.warc_offset, w.name as file, p.kind, p.site
from fetches f join pages p on p.id = f.page_id join warc_files w on w.id = f.warc_file_id
where p.kind in ('article', 'part') and f.outcome = 'gate'
  and (p.canonical = :canonical or p.article_id = (select id from articles where key = :key))
  and f.id = (select max(id) from fetches where page_id = p.id
    and outcome in ('gate', 'article', 'part', 'unchanged', 'redirect', 'gone'))
order by p.kind, f.id desc limit 1
"""
"""The newest answer that a guard held back, of the page or of one of the article's pages."""


def acknowledge(connection: sqlite3.Connection, finding_id: int, note: str, now: datetime) -> None:
    """Note that somebody has looked at a finding; it stays open until it no longer holds.

    errors  UsageError: there is no such finding
    """
    given = str(finding_id)  # SQLite compares a text as the number that it is, however large
    with transaction(connection):
        cursor = connection.execute(
            "update findings set acknowledged_at = ?, note = ? where id = ?", (timestamp(now), note, given)
        )
    if not cursor.rowcount:
        raise UsageError(f"There is no finding {finding_id}: `csu-news findings` lists them.")


def withhold(connection: sqlite3.Connection, key: str, reason: str, now: datetime) -> str:
    """Hide an article, by key or address, from views and full text; return its key. Its evidence stays.

    errors  UsageError: there is no such article, or it is withheld already
    """
    with transaction(connection):
        row = _article(connection, key)
        if row["status"] == "withheld":
            raise UsageError(f"{row['key']} is withheld already.")
        connection.execute("update articles set status = 'withheld' where id = ?", (row["id"],))
        remove_full_text(connection, row["id"])
        _decide(connection, "withhold", reason, now, article_id=row["id"])
    return str(row["key"])


def release(connection: sqlite3.Connection, key: str, reason: str, now: datetime) -> str:
    """Undo withhold(): the article is live or gone as it would be now, and found again; return its key.

    errors  UsageError: there is no such article, or it is not withheld
    """
    with transaction(connection):
        row = _article(connection, key)
        if row["status"] != "withheld":
            raise UsageError(f"{row['key']} is not withheld.")
        status = "gone" if row["gone_at"] else "live"
        connection.execute("update articles set status = ? where id = ?", (status, row["id"]))
        write_full_text(connection, row["id"], (row["title"], row["source_raw"], row["body"]))
        _decide(connection, "release", reason, now, article_id=row["id"])
    return str(row["key"])


def held_answer(connection: sqlite3.Connection, key: str) -> sqlite3.Row:
    """Return the answer that a guard held back, newer than all that were accepted, by article key or page address.

    errors  UsageError: nothing is held back, or nothing is known by that name
    """
    names = {"key": key, "canonical": canonical_url(key)}
    row: sqlite3.Row | None = connection.execute(HELD, names).fetchone()
    if row is not None:
        return row
    query = "select 1 from pages where canonical = :canonical union select 1 from articles where key = :key"
    if connection.execute(query, names).fetchone() is None:
        raise UsageError(f"There is no article {key!r}: give a key such as csu-en-2209, or the address of a page.")
    raise UsageError(f"Nothing is held back for {key}: its last answer was taken for what it is.")


def accept(
    connection: sqlite3.Connection,
    site: Site,
    held: sqlite3.Row,
    record: Record,
    result: Article | Listing | Gate | None,
    parser_version: int,
    now: datetime,
) -> Outcome:
    """Do with an answer that was held back what the crawl would have done, dated when it came.

    held, record, result  of held_answer(), and what its record says when it is read again
    errors  UsageError: it is neither an article nor says that there is none
    """
    outcome = _acceptable(held, result)
    with transaction(connection):
        page = connection.execute("select * from pages where id = ?", (held["page_id"],)).fetchone()
        resolve_findings(connection, timestamp(now), page["url"], keep=("shows another article",))
        # run 0: no run's counts change
        context = Context(0, site, parser_version, datetime.fromisoformat(held["fetched_at"]))
        if outcome is Outcome.GONE:
            save_gone(connection, context, page)
        else:
            moment = Moment(held["run_id"], held["id"], held["fetched_at"], parser_version)
            digests = {name: held[name] for name in ("payload_sha1", "payload_sha256")}
            visit = Visit(page["id"], held["url"], held["status"], replace(record, **digests), outcome, result)
            _save_good(connection, context, moment, page, visit)
        connection.execute("update fetches set outcome = ? where id = ?", (outcome.value, held["id"]))
        article_id = connection.execute("select article_id from pages where id = ?", (page["id"],)).fetchone()[0]
        reason = held["error"] or "gate"
        _decide(connection, "accept", reason, now, article_id=article_id, page_id=page["id"], fetch_id=held["id"])
    return outcome


def merge_source(connection: sqlite3.Connection, alias: str, into: str, now: datetime) -> str:
    """Say that a name as printed means the source of another name; return that source's name.

    It stays so whatever csu_news's own table says later.

    errors  UsageError: no article prints it, there is no such source at its institution, or it means that already
    """
    with transaction(connection):
        moved = 0
        for row in _spelled(connection, alias):
            source = _target(connection, row["institution"], into)
            moved += source["id"] != row["source_id"]
            connection.execute(
                "update source_aliases set source_id = ?, merged_into = ? where id = ? and source_id <> ?",
                (source["id"], source["name"], row["id"], source["id"]),
            )
        if not moved:
            raise UsageError(f"{alias!r} is {source['name']} already.")
        settle_sources(connection)
        _decide(connection, "merge", f"{alias} → {source['name']}", now, article_id=None)
    return str(source["name"])


def split_source(connection: sqlite3.Connection, alias: str, now: datetime) -> str:
    """Undo merge_source(): the name means again what csu_news knows of it; return its source's name.

    errors  UsageError: no article prints it, or nobody merged it
    """
    with transaction(connection):
        rows = _spelled(connection, alias)
        if all(row["merged_into"] is None for row in rows):
            raise UsageError(f"{alias!r} was not merged: `csu-news sources` lists what was.")
        connection.executemany("update source_aliases set merged_into = null where id = ?", [(r["id"],) for r in rows])
        for row in rows:
            source_id = place_alias(connection, row["institution"], row["alias"])
            connection.execute("update source_aliases set source_id = ? where id = ?", (source_id, row["id"]))
        settle_sources(connection)
        _decide(connection, "split", alias, now, article_id=None)
        (name,) = connection.execute("select name from sources where id = ?", (source_id,)).fetchone()
    return str(name)


def _spelled(connection: sqlite3.Connection, alias: str) -> list[sqlite3.Row]:
    """Return the rows of a name as printed, by the exact rules."""
    rows = connection.execute("select * from source_aliases order by id").fetchall()
    found = [row for row in rows if fold(row["alias"]) == fold(alias)]
    if not found:
        raise UsageError(f"No article names {alias!r} as its source: `csu-news sources` lists what they print.")
    return found


def _target(connection: sqlite3.Connection, institution: str, name: str) -> sqlite3.Row:
    """Return the one source of that name at the institution or known everywhere."""
    ids = source_ids(connection, name)
    if find(name, institution):
        ids.append(place_source(connection, institution, name))
    rows: list[sqlite3.Row] = connection.execute(
        "select * from sources where id in (select value from json_each(?))"
        " and (institution is null or institution = ?)",
        (json.dumps(ids), institution),
    ).fetchall()
    if len(rows) != 1:
        raise UsageError(f"There is no one source {name!r} of {institution}: `csu-news sources` lists them.")
    return rows[0]


def _acceptable(held: sqlite3.Row, result: Article | Listing | Gate | None) -> Outcome:
    if isinstance(result, Article):
        return Outcome.PART if held["kind"] == "part" else Outcome.ARTICLE
    if isinstance(result, Gate) and result.reason == MISSING:
        return Outcome.GONE
    reason = result.reason if isinstance(result, Gate) else held["error"]
    what = f"a {reason} page" if reason else "no article"
    raise UsageError(f"The last answer of {held['url']} is {what}: there is nothing to accept.")


def _article(connection: sqlite3.Connection, key: str) -> sqlite3.Row:
    row = article_row(connection, key)
    if row is None:
        raise UsageError(f"There is no article {key!r}: give a key such as csu-en-2209, or its address.")
    return row


def _decide(
    connection: sqlite3.Connection,
    kind: str,
    reason: str,
    now: datetime,
    *,
    article_id: int | None,
    page_id: int | None = None,
    fetch_id: int | None = None,
) -> None:
    connection.execute(
        "insert into decisions (article_id, page_id, fetch_id, decided_at, kind, reason) values (?, ?, ?, ?, ?, ?)",
        (article_id, page_id, fetch_id, timestamp(now), kind, reason),
    )
