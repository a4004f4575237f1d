"""Searching and choosing: what a person typed as a safe query, and the articles that a selection names.

Modules: `query` makes FTS5 queries, `selection` holds what is asked for, `selecting` reads it from the archive.
Nothing here changes the database, and withheld articles are in no answer.
"""

from csu_news.search.query import fts_query
from csu_news.search.selecting import count, facets, selected
from csu_news.search.selection import Filters, Selection

__all__ = ["Filters", "Selection", "count", "facets", "fts_query", "selected"]
