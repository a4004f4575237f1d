"""The articles of a selection, read one by one: everything that exports, search and pages are made of."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from csu_news.search.named import source_ids
from csu_news.search.query import fts_query
from csu_news.search.selection import Selection
from csu_news.search.spelling import ArchiveSpellings

ROW = """
select a.*, s.title as site_title, f.fetched_at as archived_at, w.name as warc_file, f.warc_offset, f.warc_record_id,
  (select json_group_array(name) from (select so.name from article_sources x
    join source_aliases sa on sa.id = x.alias_id join sources so on so.id = sa.source_id
    where x.article_id = a.id order by x.position)) as source_names
from articles a left join sites s on s.name = a.site
left join fetches f on f.id = a.fetch_id left join warc_files w on w.id = f.warc_file_id
where a.id = ?
"""

FILTERS = {
    "language": "a.language = :language",
    "since": "a.published >= :since",
    "until": "a.published <= :until || '~'",  # ~ is after all digits: 2024~ after 2024-12-31
    "source": """a.id in (select x.article_id from source_aliases sa join article_sources x on x.alias_id = sa.id
      where sa.source_id in (select value from json_each(:source)))""",
    "site": "a.site = :site",
    "column": "a.column_id = :column",
    "status": "a.status = :status",
}

FACETS = ("year", "language", "status", "column")
FEW = 2000
"""So few articles are counted by their own rows."""
COUNTED = """
select substr(a.published, 1, 4) as year, a.language, a.status, a.column_id as "column", count(*) as articles
{articles} group by 1, 2, 3, 4
"""
SOURCES = """
select s.name, count(*) from (
  select distinct sa.source_id, x.article_id from article_sources x join source_aliases sa on sa.id = x.alias_id
  where {all}x.article_id in ({ids})) named join sources s on s.id = named.source_id
group by s.name order by 2 desc, 1
"""


def selected(
    connection: sqlite3.Connection, selection: Selection, limit: int | None = None, offset: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield the selection's articles, best match first; without a query newest first, those without a date last.

    Each is a dict of the columns of table `articles`, `sources` as a list of the names printed, and beside them
    `source_names`, what these mean, `site_title` and, of the evidence, `archived_at`, `warc_file`, `warc_offset` and
    `warc_record_id`. All are of one moment, whatever a crawl writes meanwhile; memory does not grow with their number.
    """
    for article_id in selected_ids(connection, selection, limit, offset):
        row = dict(connection.execute(ROW, (article_id,)).fetchone())
        yield row | {name: json.loads(row[name]) for name in ("sources", "source_names")}


def selected_ids(
    connection: sqlite3.Connection, selection: Selection, limit: int | None = None, offset: int = 0
) -> Iterator[int]:
    """Yield `articles.id` in the order of selected(); what is read meanwhile is of the same moment."""
    source, values = _chosen(connection, selection)
    order = "rank, rowid" if selection.query else "a.published desc, a.key"
    query = f"select {'rowid' if selection.query else 'a.id'} {source} order by {order} limit :limit offset :offset"
    values |= {"limit": -1 if limit is None else limit, "offset": offset}
    # an unfinished statement keeps SQLite reading at one moment, to the last article
    moment = connection.execute("select 1 from sqlite_master")
    for (article_id,) in connection.execute(query, values):
        yield article_id
    moment.close()


def count(connection: sqlite3.Connection, selection: Selection) -> int:
    """Return how many articles the selection has."""
    source, values = _chosen(connection, selection)
    return int(connection.execute(f"select count(*) {source}", values).fetchone()[0])


def facets(connection: sqlite3.Connection, selection: Selection) -> dict[str, dict[Any, int]]:
    """Return the selection's articles counted by `year`, `language`, `source`, `status` and `column`.

    Years come newest first, the others most frequent first; what an article does not say is counted under None.
    """
    source, values = _chosen(connection, selection)
    ids = f"select {'rowid' if selection.query else 'a.id'} {source}"
    # + keeps SQLite from looking up each article's row, which lies behind its text: an index of all is read instead
    read_all = "" if selection.query and count(connection, selection) < FEW else "+"
    articles = f"from articles a where {read_all}a.id in ({ids})" if selection.query else source
    counted: dict[str, Counter[Any]] = {name: Counter() for name in FACETS}
    for row in connection.execute(COUNTED.format(articles=articles), values):
        for name in FACETS:
            counted[name][row[name]] += row["articles"]
    years = sorted(counted.pop("year").items(), key=lambda item: item[0] or "", reverse=True)
    found: dict[str, dict[Any, int]] = {"year": dict(years)}
    found["source"] = dict(connection.execute(SOURCES.format(ids=ids, all=read_all), values))
    return found | {name: dict(numbers.most_common()) for name, numbers in counted.items()}


def ids_query(connection: sqlite3.Connection, selection: Selection) -> tuple[str, dict[str, Any]]:
    """Return the query for `articles.id` of the selection, in no order, and its values."""
    source, values = _chosen(connection, selection)
    return f"select {'rowid' if selection.query else 'a.id'} {source}", values


def matching(connection: sqlite3.Connection, text: str | None) -> str:
    """Return the FTS5 query for what was typed, in all spellings that occur in the archive."""
    return fts_query(text, ArchiveSpellings(connection)) if text else ""


def _chosen(connection: sqlite3.Connection, selection: Selection) -> tuple[str, dict[str, Any]]:
    """Return the FROM and WHERE of the selection, and their values."""
    values = {name: value for name in FILTERS if (value := getattr(selection, name)) is not None}
    if selection.source is not None:
        values["source"] = json.dumps(source_ids(connection, selection.source))
    conditions = ["a.status <> 'withheld'", *(FILTERS[name] for name in values)]
    articles = f"from articles a where {' and '.join(conditions)}"
    if selection.query is None:
        return articles, values
    query = matching(connection, selection.query)
    if not query:
        return "from articles_fts where false", {}
    # a filter reads an index of all articles, not the hits' rows, each of which lies behind its text;
    # + keeps SQLite from asking the full text once for each article of the filter
    filtered = f" and +rowid in (select a.id {articles})" if values else ""
    return f"from articles_fts where articles_fts match :query{filtered}", values | {"query": query}
