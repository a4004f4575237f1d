"""Searching: ranked passages, filters with their counts, and the same set for other programs."""

from __future__ import annotations

import sqlite3
from typing import Any

from markupsafe import Markup, escape

from csu_news.search import Passage, Selection, facets
from csu_news.search import search as find
from csu_news.web.charts import Bar, bars
from csu_news.web.exporting import offered
from csu_news.web.page import Answer, Asked, page, shown
from csu_news.web.selecting import FILTERS, selection_href, selection_of

SIZE = 20
FACET_LENGTH = 12
COLUMNS = "select column_id, max(name) from columns where name is not null group by column_id having count(*) = 1"
"""The names of columns, by number; one that two sites use has none."""
SOURCES = "select name, name_zh from sources where name_zh is not null"


@page
def search(asked: Asked, connection: sqlite3.Connection) -> Answer:
    selection = selection_of(asked)
    counted = asked.site.memory.recall(selection, lambda: facets(connection, selection))
    total = sum(counted["status"].values())
    number = min(asked.number("page", 1), max(1, -(-total // SIZE)))
    return shown(
        asked,
        "search.html",
        selection=selection,
        filters={name: value for name in FILTERS if (value := getattr(selection, name)) is not None},
        total=total,
        hits=list(find(connection, selection, SIZE, (number - 1) * SIZE)),
        number=number,
        last=-(-total // SIZE),
        first_shown=(number - 1) * SIZE + 1,
        facets=_facets(selection, counted),
        sources=dict(connection.execute(SOURCES).fetchall()) if asked.language == "zh" else {},
        columns=dict(connection.execute(COLUMNS).fetchall()),
        chart=_years(selection, counted["year"]),
        exports={name: selection_href(f"/-/export/{name}", selection) for name in offered()},
        marked=marked,
    )


def marked(passage: Passage) -> Markup:
    """Return the passage with its matches as <mark>."""
    made, position = [], 0
    for start, end in passage.matches:
        made += [escape(passage.text[position:start]), Markup("<mark>"), escape(passage.text[start:end])]
        made.append(Markup("</mark>"))
        position = end
    return Markup("").join([*made, escape(passage.text[position:])])


def _facets(selection: Selection, counted: dict[str, dict[Any, int]]) -> dict[str, list[dict[str, Any]]]:
    """Return for each kind of filter its most frequent values: value, count, and where its link leads."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in ("language", "source", "status", "column"):
        values = [(value, number) for value, number in counted[name].items() if value is not None]
        if len(values) > 1:
            found[name] = [
                {"value": value, "count": number, "href": selection_href("/-/search", selection, **{name: value})}
                for value, number in values[:FACET_LENGTH]
            ]
    years = [(year, number) for year, number in counted["year"].items() if year]
    if len(years) > 1:
        found["year"] = [
            {"value": year, "count": number, "href": _year_href(selection, year)} for year, number in years
        ]
    return found


def _year_href(selection: Selection, year: str) -> str:
    return selection_href("/-/search", selection, since=year, until=year)


def _years(selection: Selection, years: dict[Any, int]) -> Markup | None:
    held = [int(year) for year in years if year]
    if len(held) < 2:
        return None
    drawn = range(min(held), max(held) + 1)
    columns = [Bar(str(year), _year_href(selection, str(year)), {"all": years.get(str(year), 0)}) for year in drawn]
    return bars(columns, 24, f"{len(columns) * 32}")
