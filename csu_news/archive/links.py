"""The graph the audit reads: which page links to which, and how."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from csu_news.archive.columns import add_column
from csu_news.archive.context import Context
from csu_news.archive.queue import FIRST_LIST, discover
from csu_news.archive.translations import discover_translation
from csu_news.items import Article
from csu_news.sites import Site
from csu_news.urls import canonical_url, column_id, is_article_url

LinkRow = tuple[str, str, int | None, str | None, int, str | None]
"""rel, to_url, to_id, anchor, position, date"""

UNFOLLOWED = """
select l.id, l.rel, l.to_url, l.from_id, p.url as from_url, p.canonical, coalesce(a.column_id, p.column_id) as column_id
from links l join pages p on p.id = l.from_id left join articles a on a.id = p.article_id
left join pages t on t.id = l.to_id
where t.id is null and (l.rel in ('prev', 'next') or l.rel = 'list' and l.to_id is not null) and p.site = ?
"""


class Unfollowed(NamedTuple):
    """A link to a neighbour that is no page yet, or no more."""

    link_id: int
    from_id: int
    from_url: str
    rel: str
    url: str
    column_id: int


def save_chain(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, article: Article) -> None:
    """Store an article page's links; its neighbours and the list it names become pages due now."""
    column = _own_column(connection, context, page, article)
    rows: list[LinkRow] = [
        (rel, link.url, _neighbour(connection, context, page, column, link.url), link.title, 0, None)
        for rel, link in (("prev", article.prev), ("next", article.next))
        if link
    ]
    for n, link in enumerate(article.translations):
        to_id = discover_translation(connection, link, page["id"], page["canonical"], context.stamp)
        rows.append(("translation", link.url, to_id, link.title, n, None))
    rows += [("part", url, None, None, n, None) for n, url in enumerate(article.parts)]
    replace_links(connection, page["id"], rows, context.stamp, known=page["state"] != "new")
    if column and column["list_url"] is None and article.list_url and context.site.owns(article.list_url):
        _discover_list(connection, context, page, column["column_id"], article.list_url)


def _own_column(
    connection: sqlite3.Connection, context: Context, page: sqlite3.Row, article: Article
) -> sqlite3.Row | None:
    """Return the page's column if it is archived; one that the user named by an address without it is from now on."""
    number = column_id(page["url"])
    if number is None and article.column_id is not None:
        number = article.column_id
        if page["discovered_from"] is None:
            add_column(connection, context.site.name, number)
    row: sqlite3.Row | None = connection.execute(
        "select column_id, list_url from columns where site = ? and column_id = ?", (context.site.name, number)
    ).fetchone()
    return row


def replace_links(
    connection: sqlite3.Connection, from_id: int, rows: list[LinkRow], now: str, known: bool = True
) -> None:
    """Make these the page's links, writing nothing when they are the same as before.

    A page that is gone and is named anew has come back: it is due now.
    """
    if known:
        stored = connection.execute(
            "select rel, to_url, to_id, anchor, position, date from links where from_id = ?", (from_id,)
        ).fetchall()
        if sorted(map(tuple, stored), key=_place) == sorted(rows, key=_place):
            return
        connection.execute("delete from links where from_id = ?", (from_id,))
        for to_id in {row[2] for row in rows} - {row["to_id"] for row in stored}:
            connection.execute("update pages set due_at = ? where id = ? and state = 'gone'", (now, to_id))
    connection.executemany(
        "insert into links (from_id, rel, to_url, to_id, anchor, position, date) values (?, ?, ?, ?, ?, ?, ?)",
        [(from_id, *row) for row in rows],
    )


def save_redirect_link(connection: sqlite3.Connection, from_id: int, url: str, to_id: int, now: str) -> None:
    """Note that the page led to another one, and is no hole."""
    replace_links(connection, from_id, [("redirect", url, to_id, None, 0, None)], now)


def unfollowed(connection: sqlite3.Connection, site: Site) -> Iterator[Unfollowed]:
    """Yield the links to neighbours that are no pages.

    They were out of scope when they were read, and the column is archived since then; or their row was lost.
    """
    columns = {row[0] for row in connection.execute("select column_id from columns where site = ?", (site.name,))}
    for row in connection.execute(UNFOLLOWED, (site.name,)):
        number = column_id(row["from_url"])
        column = row["column_id"] if number is None else number
        if column in columns and _is_neighbour(site, row["canonical"], column, row["to_url"]):
            yield Unfollowed(row["id"], row["from_id"], row["from_url"], row["rel"], row["to_url"], column)


def follow_neighbours(connection: sqlite3.Connection, site: Site, now: str) -> None:
    """Make what unfollowed() finds pages due now."""
    for link in list(unfollowed(connection, site)):
        to_id = _discover_neighbour(connection, site, now, link.from_id, link.column_id, link.url)
        connection.execute("update links set to_id = ? where id = ?", (to_id, link.link_id))


def _neighbour(
    connection: sqlite3.Connection, context: Context, page: sqlite3.Row, column: sqlite3.Row | None, url: str
) -> int | None:
    """Return the page that prev or next leads to; None off the site, and outside the page's own column."""
    if column is None or not _is_neighbour(context.site, page["canonical"], column["column_id"], url):
        return None
    return _discover_neighbour(connection, context.site, context.stamp, page["id"], column["column_id"], url)


def _is_neighbour(site: Site, canonical: str, column: int, url: str) -> bool:
    """Tell whether the address is another article of the page's own column."""
    in_column = site.owns(url) and column_id(url) in (column, None)
    return in_column and is_article_url(url) and canonical_url(url) != canonical


def _discover_neighbour(
    connection: sqlite3.Connection, site: Site, now: str, from_id: int, column: int, url: str
) -> int:
    return discover(connection, site.name, url, now, kind="article", column=column, from_id=from_id)


def _discover_list(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, column: int, url: str) -> None:
    discover(
        connection,
        context.site.name,
        url,
        context.stamp,
        kind="list",
        column=column,
        from_id=page["id"],
        priority=FIRST_LIST,
    )


def _place(row: LinkRow) -> tuple[str, int]:
    return row[0], row[4]
