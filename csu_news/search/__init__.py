"""Searching and choosing: what a person typed as a safe query, and the articles that a selection names.

Modules: `query` makes FTS5 queries, with the `spelling` of the archive; `selection` holds what is asked for,
`selecting` reads it from the archive, `paired` its pairs, `hits` with the `passages` that answer.
Nothing here changes the database, and withheld articles are in no answer.
"""

from csu_news.search.hits import Hit, search
from csu_news.search.paired import selected_pairs
from csu_news.search.passages import Passage
from csu_news.search.query import fts_query, is_searchable
from csu_news.search.selecting import count, facets, selected
from csu_news.search.selection import Filters, Selection

__all__ = [
    "Filters",
    "Hit",
    "Passage",
    "Selection",
    "count",
    "facets",
    "fts_query",
    "is_searchable",
    "search",
    "selected",
    "selected_pairs",
]
