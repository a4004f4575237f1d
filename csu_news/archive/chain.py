"""What the audit is made of: each column's pages and links, what its list says, and every hole."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from csu_news.archive.fingerprint import fingerprint
from csu_news.archive.links import unfollowed
from csu_news.archive.sites import stored_site
from csu_news.archive.totals import list_total
from csu_news.audit import Audit, Chain, ColumnAudit, Hole, Node, audit_chain, by_address
from csu_news.errors import UsageError
from csu_news.urls import canonical_url

COLUMNS = """
select column_id, max(is_column) as is_column, max(name) as name from (
  select column_id, 1 as is_column, name from columns where site = :site
  union all select distinct coalesce(p.column_id, a.column_id), 0, null
  from pages p left join articles a on a.id = p.article_id and p.column_id is null
  where p.site = :site and p.kind = 'article'
) group by column_id order by column_id is null, column_id
"""

# pages whose address names no column are in that of their article
PAGES = """
with here as (
  select * from pages where site = :site and kind = 'article' and column_id = :column
  union all select p.* from pages p left join articles a on a.id = p.article_id
  where p.site = :site and p.kind = 'article' and p.column_id is null and a.column_id is :column)
"""

NODES = f"""{PAGES}
select h.id, a.id, (select to_id from links where from_id = h.id and rel = 'redirect'),
  cast(strftime('%s', a.published) as integer), nullif(h.sort_id, 0), h.state = 'gone',
  cast(strftime('%s', h.fetched_at) as integer), cast(strftime('%s', h.discovered_at) as integer)
from here h left join articles a on a.id = h.article_id
"""

LINKS = f"""{PAGES}
select l.from_id, l.rel, l.to_id from here h join links l on l.from_id = h.id and l.rel in ('prev', 'next')
"""

# When a page that was gone was first there again, or was last read with other bytes than before.
MOVED_AT = """
select cast(strftime('%s', max(
  coalesce((select min(fetched_at) from fetches where page_id = p.id and outcome in ('article', 'unchanged')
    and id > (select max(id) from fetches where page_id = p.id and outcome = 'gone')), '1970-01-01'),
  iif(p.changed_at > (select min(fetched_at) from fetches where page_id = p.id and outcome = 'article'),
    p.changed_at, '1970-01-01'))) as integer)
from pages p where p.id = ?
"""

HOLES = """
select h.*,
  iif(why = 'never fetched', null, (select coalesce(status || ' ', '') || coalesce(error, outcome)
    from fetches where page_id = h.page_id order by id desc limit 1)) as answer,
  iif(why = 'gone', (select min(fetched_at) from fetches where page_id = h.page_id and outcome = 'gone'), null)
    as gone_at
from holes h where h.site = ? order by h.page_id
"""


def audit(connection: sqlite3.Connection, names: Sequence[str]) -> Audit:
    """Return the audit of these sites, or of all; the caller sees to it that nothing changes meanwhile.

    errors  UsageError: there is no such site in the archive
    """
    known = [row["name"] for row in connection.execute("select name from sites order by name")]
    for name in names:
        if name not in known:
            raise UsageError(f"There is no site {name!r} in the archive: it holds {', '.join(known) or 'none'}.")
    sites = [name for name in known if name in names] if names else known
    marks = fingerprint(connection, sites)
    found = Audit(marks.whole, years=marks.years, parsers=marks.parsers)
    for site in sites:
        columns = {
            row["column_id"]: _column(connection, site, row)
            for row in connection.execute(COLUMNS, {"site": site}).fetchall()
        }
        for column, hole, is_sites_own in _holes(connection, site):
            there = columns.setdefault(column, ColumnAudit(site, column, is_column=False))
            (there.site_holes if is_sites_own else there.gaps).append(hole)
        for (owner, column), mark in marks.columns.items():
            if owner == site:
                columns.setdefault(column, ColumnAudit(site, column, is_column=False)).fingerprint = mark
        found.columns += columns.values()
    return found


def _column(connection: sqlite3.Connection, site: str, row: sqlite3.Row) -> ColumnAudit:
    place = {"site": site, "column": row["column_id"]}
    nodes, aliases, articles = _nodes(connection, place)
    links = ((source, rel, _end(aliases, to)) for source, rel, to in map(tuple, connection.execute(LINKS, place)))
    chain: Chain[int] = audit_chain(nodes, (link for link in links if link[0] in nodes), partial(_moved_at, connection))
    unlisted = [page for page in chain.orphans if not _is_listed(connection, page)]
    return ColumnAudit(
        site,
        row["column_id"],
        row["name"],
        articles=len(articles),
        is_column=bool(row["is_column"]),
        listed=list_total(connection, site, row["column_id"]),
        chain=by_address(chain, partial(_address, connection)),
        unlisted=[url for page in unlisted if (url := _address(connection, page))],
    )


def _nodes(connection: sqlite3.Connection, place: dict[str, Any]) -> tuple[dict[int, Node], dict[int, int], set[int]]:
    """Return the column's pages, where those lead that redirect, and its articles."""
    starts = [
        row[0]
        for row in connection.execute(
            "select cast(strftime('%s', started_at) as integer) from runs where site = ? order by 1", (place["site"],)
        )
    ]
    nodes, aliases, articles = {}, {}, set()
    for page, article, alias, published, number, is_gone, read_at, found_at in map(
        tuple, connection.execute(NODES, place)
    ):
        if article is not None:
            articles.add(article)
        if alias is not None:
            aliases[page] = alias
            continue
        run = bisect_right(starts, found_at) - 1
        appeared_at = starts[run] if run >= 0 else found_at
        nodes[page] = Node(published, number, article is not None, bool(is_gone), read_at or 0, appeared_at)
    return nodes, aliases, articles


def _end(aliases: dict[int, int], page: int | None) -> int | None:
    """Return where redirects lead from a page; None if they go round in circles."""
    seen = set()
    while page in aliases:
        if page in seen:
            return None
        seen.add(page)
        page = aliases[page]
    return page


def _moved_at(connection: sqlite3.Connection, page: int) -> int:
    return int(connection.execute(MOVED_AT, (page,)).fetchone()[0])


def _address(connection: sqlite3.Connection, page: int) -> str | None:
    """Return the page's address, None if its article is withheld."""
    row = connection.execute(
        "select p.url, a.status from pages p left join articles a on a.id = p.article_id where p.id = ?", (page,)
    ).fetchone()
    return None if row["status"] == "withheld" else str(row["url"])


def _is_listed(connection: sqlite3.Connection, page: int) -> bool:
    return bool(connection.execute("select 1 from links where to_id = ? and rel = 'list' limit 1", (page,)).fetchone())


def _holes(connection: sqlite3.Connection, site: str) -> Iterator[tuple[int | None, Hole, bool]]:
    """Yield column, hole, and whether it is the site's own."""
    told = {
        row["url"]: (row["detail"], row["first_seen_at"])
        for row in connection.execute("select url, detail, first_seen_at from open_findings order by id")
    }
    for row in connection.execute(HOLES, (site,)):
        detail, since = told.get(row["url"], (row["answer"], row["gone_at"]))
        hole = Hole(
            url=row["url"],
            source=row["linked_from"],
            why=row["why"],
            rel=row["rel"],
            kind=row["kind"],
            detail=detail,
            since=since,
            due_at=row["due_at"],
        )
        yield row["column_id"], hole, bool(row["is_sites_own"])
    stored = connection.execute("select * from sites where name = ?", (site,)).fetchone()
    links = {canonical_url(link.url): link for link in unfollowed(connection, stored_site(stored))}
    for link in links.values():
        yield link.column_id, Hole(link.url, link.from_url, "never fetched", link.rel), False
