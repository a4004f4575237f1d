"""The frontier's table: which pages are known, and which is due next."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from csu_news.archive.database import timestamp
from csu_news.sites import Site
from csu_news.urls import canonical_url, news_id

FIRST_LIST, NEW_ARTICLE, OTHER_LIST, MEDIA, RECHECK = range(5)
CLOCK_JUMP = timedelta(days=400)

# Of everything but re-checks only what waits for a retry has a due time ahead, so walking the queue's
# index stays short; re-checks are mostly not due and are taken by their due time.
NEXT_DUE = """
select * from (
  select id, url, kind, etag, last_modified, payload_sha256 from pages indexed by pages_queue
  where site = :site and priority < 4 and due_at is not null and due_at <= :now
  and (:media or priority <> 3) order by priority, sort_id desc limit :limit)
union all select * from (
  select id, url, kind, etag, last_modified, payload_sha256 from pages indexed by pages_recheck
  where site = :site and priority = 4 and due_at <= :now order by due_at limit :limit)
"""

NEXT_DUE_AT = """
select min(due_at) from (
  select due_at from pages indexed by pages_queue
  where site = :site and priority < 4 and due_at is not null and due_at > :now and (:media or priority <> 3)
  union all select * from (select due_at from pages indexed by pages_recheck
  where site = :site and priority = 4 and due_at > :now order by due_at limit 1))
"""

HEAL_PARTS = """
update pages set due_at = :now, priority = 1, etag = null, last_modified = null, payload_sha256 = null
where site = :site and kind = 'part' and (state = 'ok' or state = 'new' and due_at is null)
  and id in (select page_id from parts where fetch_id is null)
"""

HEAL_HOLES = """
update pages set due_at = :now, priority = 1, etag = null, last_modified = null, payload_sha256 = null
where site = :site and kind = 'article' and not exists (select 1 from articles where id = pages.article_id)
  and (state = 'ok' or state = 'new' and due_at is null)
  and not exists (select 1 from links where from_id = pages.id and rel = 'redirect')
"""


@dataclass(frozen=True, slots=True)
class DuePage:
    page_id: int
    url: str
    kind: str
    etag: str | None
    last_modified: str | None
    payload_sha256: str | None


def find(connection: sqlite3.Connection, canonical: str) -> sqlite3.Row | None:
    """Return id and state of the page with that identity."""
    row: sqlite3.Row | None = connection.execute(
        "select id, state from pages where canonical = ?", (canonical,)
    ).fetchone()
    return row


def discover(
    connection: sqlite3.Connection,
    site: str,
    url: str,
    now: str,
    *,
    kind: str,
    column: int | None = None,
    from_id: int | None = None,
    priority: int | None = None,
) -> int:
    """Return the id of the page with that address, which is new and due now if nobody knew it."""
    canonical = canonical_url(url)
    if known := find(connection, canonical):
        return int(known["id"])
    if priority is None:
        priority = {"article": NEW_ARTICLE, "part": NEW_ARTICLE, "list": OTHER_LIST}.get(kind, MEDIA)
    cursor = connection.execute(
        "insert into pages (url, canonical, site, kind, column_id, priority, sort_id, discovered_at,"
        " discovered_from, due_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (url, canonical, site, kind, column, priority, news_id(url) or 0, now, from_id, now),
    )
    return int(cursor.lastrowid or 0)


def next_due(
    connection: sqlite3.Connection, site: str, now: str, taken: set[int], media: bool = True
) -> DuePage | None:
    """Return the page to fetch next that nobody is fetching, or None when nothing is due now."""
    rows = connection.execute(NEXT_DUE, {"site": site, "now": now, "limit": len(taken) + 1, "media": media})
    for row in rows:
        if row["id"] not in taken:
            return DuePage(*row)
    return None


def next_due_at(connection: sqlite3.Connection, site: str, now: str, media: bool = True) -> str | None:
    """Return the earliest due time that lies ahead; None when there is none."""
    (due_at,) = connection.execute(NEXT_DUE_AT, {"site": site, "now": now, "media": media}).fetchone()
    return str(due_at) if due_at else None


def prepare_run(connection: sqlite3.Connection, site: Site, now: datetime, full: bool) -> None:
    """Make due what each run looks at: first lists, newest articles, holes, what a clock jump put far ahead."""
    names = {"site": site.name, "now": timestamp(now), "far": timestamp(now + CLOCK_JUMP)}
    connection.execute(HEAL_HOLES, names)
    connection.execute(HEAL_PARTS, names)
    connection.execute("update pages set due_at = :now where site = :site and due_at > :far", names)
    connection.execute(
        "update pages set due_at = :now where site = :site and kind = 'list' and priority = 0"
        " and (due_at is null or state = 'ok')",
        names,
    )
    connection.execute(
        "update pages set due_at = :now where due_at > :now and id in (select ("
        "  select p.id from pages p where p.site = :site and p.kind = 'article' and p.column_id = c.column_id"
        "  and p.state = 'ok' order by p.sort_id desc limit 1) from columns c where c.site = :site)",
        names,
    )
    if full:
        connection.execute(
            "update pages set due_at = :now where site = :site and kind in ('list', 'article', 'part')"
            " and state in ('ok', 'gone', 'failing')",
            names,
        )
