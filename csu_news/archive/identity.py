"""Identity: which pages are one article, and which of them speaks for it."""

from __future__ import annotations

import sqlite3

from csu_news.archive.context import Moment
from csu_news.archive.findings import open_finding, resolve_finding
from csu_news.items import Article
from csu_news.revisions import collapse
from csu_news.urls import canonical_url, column_id, news_id

ANOTHER = "shows another article"
OTHERWISE = "reads otherwise"


def article_key(connection: sqlite3.Connection, site: str, article: Article) -> str:
    """Return the article's stable public name; the site's first owner seen becomes its own."""
    number = article.news_id if article.news_id is not None else canonical_url(article.url)
    if article.owner is None:
        return f"{site}-{number}"
    (own,) = connection.execute("select owner from sites where name = ?", (site,)).fetchone()
    if own is None:
        connection.execute("update sites set owner = ? where name = ?", (article.owner, site))
        own = article.owner
    return f"{site}-{number}" if own == article.owner else f"{site}-{article.owner}-{number}"


def speaks(connection: sqlite3.Connection, page: sqlite3.Row, article: Article, stored: sqlite3.Row) -> bool:
    """Tell whether this page speaks for the article: its path names the id, and of several the first in order.

    A page that is gone, or leads elsewhere, speaks no longer.
    """

    def rank(url: str) -> tuple[bool, str]:
        return news_id(url) != article.news_id, canonical_url(url)

    return rank(page["url"]) <= rank(stored["url"]) or not _is_there(connection, stored["url"])


def _is_there(connection: sqlite3.Connection, url: str) -> bool:
    row = connection.execute(
        "select 1 from pages where canonical = ? and state <> 'gone'"
        " and not exists (select 1 from links where from_id = pages.id and rel = 'redirect')",
        (canonical_url(url),),
    ).fetchone()
    return row is not None


def check_pages(connection: sqlite3.Connection, moment: Moment, article: Article, article_id: int) -> None:
    """Open a finding for each page of the article that names another id in the article's own column.

    A page in another column is a reference copy, which VSB makes; in the same column it is a mistake of the site.
    Which column is the article's own says the page that names its id.
    """
    pages = connection.execute(
        "select url from pages where article_id = ? and kind = 'article'", (article_id,)
    ).fetchall()
    urls = [row["url"] for row in pages]
    columns = {column_id(url) for url in urls if news_id(url) == article.news_id}
    for url in urls:
        if news_id(url) != article.news_id and column_id(url) in columns:
            open_finding(connection, moment.run_id, moment.now, ANOTHER, f"{ANOTHER}: {article.news_id}", url=url)
        else:
            resolve_finding(connection, moment.now, ANOTHER, url)


def compare_copy(
    connection: sqlite3.Connection, moment: Moment, page: sqlite3.Row, article: Article, stored: sqlite3.Row
) -> None:
    """Open a finding when a copy has another title than the article whose number it bears.

    A page in the place of another article is a finding of its own kind already: check_pages().
    """
    in_its_place = news_id(page["url"]) != article.news_id and column_id(page["url"]) == column_id(stored["url"])
    if in_its_place or collapse(article.title or "") == collapse(stored["title"] or ""):
        resolve_finding(connection, moment.now, OTHERWISE, page["url"])
        return
    detail = f"It has the number of {stored['key']} and another title: {article.title}"
    open_finding(connection, moment.run_id, moment.now, OTHERWISE, detail, url=page["url"])
