"""The pairs of an English and a Chinese article of which a selection has either."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from csu_news.errors import UsageError
from csu_news.search.selecting import ids_query
from csu_news.search.selection import Selection

PAIRS = """
with keys as (select key from articles where id in ({ids}))
select * from translation_pairs where en_key in keys or zh_key in keys order by en_published desc, en_key, zh_key
"""
TEXT = "select body, source_raw from articles where key = ?"


def selected_pairs(connection: sqlite3.Connection, selection: Selection) -> Iterator[dict[str, Any]]:
    """Return the pairs, newest English article first.

    Each is a dict of view `translation_pairs`, with `body` and `source_raw` of both sides.

    Those are pairs that links, a person or a sure likeness make; the doubtful are none yet. Read inside one
    transaction, all are of one moment; memory does not grow with their number.

    errors  UsageError: the selection names a language, and a pair has both
    """
    if selection.language is not None:
        raise UsageError("A pair has an article in each language: leave --language out.")
    ids, values = ids_query(connection, selection)
    rows = connection.execute(PAIRS.format(ids=ids), values)
    return (dict(row) | _text(connection, row, "en") | _text(connection, row, "zh") for row in rows)


def _text(connection: sqlite3.Connection, pair: sqlite3.Row, side: str) -> dict[str, Any]:
    row = dict(connection.execute(TEXT, (pair[f"{side}_key"],)).fetchone())
    return {f"{side}_{name}": value for name, value in row.items()}
