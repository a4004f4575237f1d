"""What a column's list says of itself: how many articles it counts, against those that are known."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Any

from csu_news.archive.database import timestamp
from csu_news.audit import ListTotal

READ_AGAIN = timedelta(days=1)
"""How often a list that counts more than is known is read again, if its first page does not change."""

FIRST_LIST = """
select url, total, fetched_at, changed_at from pages
where site = :site and kind = 'list' and column_id is :column and priority = 0 and fetched_at is not null
order by total is null, fetched_at desc limit 1
"""

# One that was gone when it was first asked for may be counted by the list still.
OWN_PAGES = """
from pages where site = :site and kind = 'article' and column_id is :column
and (state <> 'gone' or article_id is null)
"""

# A row whose article left after the list was read is a row no more.
ROWS = """
from pages p join links l on l.from_id = p.id and l.rel = 'list' left join pages t on t.id = l.to_id
where p.site = :site and p.kind = 'list' and p.column_id is :column and not (coalesce(t.state, '') = 'gone'
  and t.article_id is not null
  and p.fetched_at < (select min(fetched_at) from fetches where page_id = t.id and outcome = 'gone'))
"""

KNOWN = f"""
select (select count(distinct coalesce(l.to_id, l.to_url)) {ROWS}) +
  (select count(*) {OWN_PAGES} and id not in (select l.to_id {ROWS} and l.to_id is not null))
"""

# Rows move to the next page as news is added; those that lead out of the column are known from that page only.
MOVED = """
select exists (select 1 from pages where site = :site and kind = 'list' and column_id is :column
  and state <> 'gone' and fetched_at < :changed_at)
"""


def list_total(connection: sqlite3.Connection, site: str, column: int | None) -> ListTotal | None:
    """Return what the column's list says, None if no first page of one was ever read."""
    names = {"site": site, "column": column}
    first = connection.execute(FIRST_LIST, names).fetchone()
    if first is None:
        return None
    total = first["total"] or 0
    known = _value(connection, f"select count(*) {OWN_PAGES}", names) if total else 0
    if known < total:
        known = _value(connection, KNOWN, names)
    has_moved = _value(connection, MOVED, names | {"changed_at": first["changed_at"]})
    return ListTotal(first["url"], first["total"], max(total - known, 0), first["fetched_at"], not has_moved)


def read_lists_again(connection: sqlite3.Connection, site: str, now: datetime) -> None:
    """Make the lists due that count more than is known, unless they were read just now."""
    for row in connection.execute("select column_id from columns where site = ?", (site,)).fetchall():
        found = list_total(connection, site, row["column_id"])
        if found and found.shortfall:
            before = timestamp(now - READ_AGAIN if found.is_whole else now)
            connection.execute(
                "update pages set due_at = ? where site = ? and kind = 'list' and column_id = ? and state = 'ok'"
                " and fetched_at < ?",
                (timestamp(now), site, row["column_id"], before),
            )


def _value(connection: sqlite3.Connection, query: str, names: dict[str, Any]) -> Any:
    return connection.execute(query, names).fetchone()[0]
