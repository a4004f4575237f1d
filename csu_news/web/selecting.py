"""Selections in addresses: the fields of search.Selection by their names, the words as `q`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from csu_news.errors import UsageError
from csu_news.search import Selection
from csu_news.web.page import Asked, href

FILTERS = ("language", "since", "until", "source", "site", "column", "status")


def selection_of(asked: Asked) -> Selection:
    """Return what the query of an address selects.

    errors  UsageError: a filter that can name nothing
    """
    column = asked.text("column")
    if column is not None and not (column.isascii() and column.isdecimal() and len(column) < 10):
        raise UsageError(f"column {column!r} is no number.")
    values: dict[str, Any] = {name: asked.text(name) for name in FILTERS if name != "column"}
    return Selection(asked.text("q"), column=None if column is None else int(column), **values)


def selection_href(path: str, selection: Selection, **changes: Any) -> str:
    """Return the address of a selection, with other values for some of its fields."""
    values = asdict(selection) | changes
    return href(path, q=values.pop("query"), **values)
