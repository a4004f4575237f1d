"""List pages: their rows become articles due, their pager says how far to read.

`pages.column_id` of a list is the column it is read for; None until a list that the user named has been seen.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from csu_news.archive.columns import add_column
from csu_news.archive.context import Context
from csu_news.archive.links import LinkRow, replace_links
from csu_news.archive.queue import FIRST_LIST, OTHER_LIST, discover, find
from csu_news.items import Link, Listing
from csu_news.urls import canonical_url, column_id, is_article_url


@dataclass(slots=True)
class Rows:
    """What became of a list page's rows: the links, how many were unknown, how many had been fetched."""

    links: list[LinkRow]
    new: int = 0
    fetched: int = 0


def save_listing(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, listing: Listing) -> None:
    """Store a list page's rows and make due what they and the pager lead to."""
    named = [column_id(link.url) for link in listing.rows if _is_ours(context, link)]
    column = page["column_id"]
    if column is None:
        column = listing.column_id if listing.column_id is not None else next(iter(named), None)
    if column is None or not (listing.column_id in (column, None) or column in named):
        _set_aside(connection, page)
        return
    if column not in named:
        _bring_in(connection, context, column, named)
    _register(connection, context, page, listing, column)
    whole = listing.column_id in (column, None)
    rows = _save_rows(connection, context, page, listing, None if whole else column)
    _discover_pager(connection, context, page, listing, column)
    if page["fetched_at"] is not None:
        _look_further(connection, context, page, listing, column, rows)


def _is_ours(context: Context, link: Link) -> bool:
    return context.site.owns(link.url) and is_article_url(link.url)


def _bring_in(connection: sqlite3.Connection, context: Context, column: int, named: list[int | None]) -> None:
    """Bring in the columns that a list above several columns names: one whose own column has no articles."""
    own = connection.execute(
        "select 1 from pages where site = ? and kind = 'article' and column_id = ? limit 1", (context.site.name, column)
    ).fetchone()
    for other in dict.fromkeys(named) if own is None else ():
        if other is not None:
            add_column(connection, context.site.name, other)


def _set_aside(connection: sqlite3.Connection, page: sqlite3.Row) -> None:
    """Keep a list that names none of our articles out of later runs."""
    connection.execute("update pages set priority = ? where id = ?", (OTHER_LIST, page["id"]))


def _register(
    connection: sqlite3.Connection, context: Context, page: sqlite3.Row, listing: Listing, column: int
) -> None:
    """Remember whose list this is, and its first page, which every run looks at."""
    first = listing.page in (None, 1)
    add_column(connection, context.site.name, column, page["url"] if first else None)
    connection.execute(
        "update pages set column_id = ?, priority = ?, total = ? where id = ?",
        (column, FIRST_LIST if first else OTHER_LIST, listing.total, page["id"]),
    )


def _save_rows(
    connection: sqlite3.Connection, context: Context, page: sqlite3.Row, listing: Listing, only: int | None
) -> Rows:
    rows = Rows([])
    for position, link in enumerate(listing.rows):
        to_id = None
        if _is_ours(context, link) and only in (None, column_id(link.url)):
            known = find(connection, canonical_url(link.url))
            rows.new += known is None
            rows.fetched += known is not None and known["state"] in ("ok", "gone", "refused")
            to_id = known["id"] if known else _discover(connection, context, page, link.url, "article")
        rows.links.append(("list", link.url, to_id, link.title, position, link.date))
    replace_links(connection, page["id"], rows.links, context.stamp)
    return rows


def _discover(
    connection: sqlite3.Connection,
    context: Context,
    page: sqlite3.Row,
    url: str,
    kind: str,
    column: int | None = None,
) -> int:
    return discover(
        connection,
        context.site.name,
        url,
        context.stamp,
        kind=kind,
        column=column_id(url) if column is None else column,
        from_id=page["id"],
    )


def _discover_pager(
    connection: sqlite3.Connection, context: Context, page: sqlite3.Row, listing: Listing, column: int
) -> None:
    for url in listing.pager:
        if context.site.owns(url) and not is_article_url(url):
            _discover(connection, context, page, url, "list", column)


def _look_further(
    connection: sqlite3.Connection,
    context: Context,
    page: sqlite3.Row,
    listing: Listing,
    column: int,
    rows: Rows,
) -> None:
    """Make due again the next page when nothing here was known, or all when the printed total does not add up.

    It does not when an article was taken away or put in between. Only the first page's total counts: the
    static pages behind it go stale.
    """
    values = {"now": context.stamp, "site": context.site.name, "column": column, "id": page["id"]}
    if not rows.fetched and listing.next_url:
        connection.execute(
            "update pages set due_at = :now where canonical = :next and state = 'ok'",
            values | {"next": canonical_url(listing.next_url)},
        )
    elif page["priority"] == FIRST_LIST and None not in (page["total"], listing.total):
        if listing.total - page["total"] != rows.new:
            connection.execute(
                "update pages set due_at = :now where site = :site and kind = 'list' and column_id = :column"
                " and id <> :id and state = 'ok'",
                values,
            )
