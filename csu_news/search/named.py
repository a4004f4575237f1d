"""Which sources a person means by a name."""

from __future__ import annotations

import json
import sqlite3

from csu_news.sources import fold, meanings


def source_ids(connection: sqlite3.Connection, name: str) -> list[int]:
    """Return the sources that a person means by a name, in either language and any spelling known; none if unknown.

    Each institution has its own: `Graduate School` may be several.
    """
    folded = sorted({fold(name), *(fold(source.name) for source in meanings(name))})
    query = "select id from sources where folded in (select value from json_each(?))"
    rows = connection.execute(query, (json.dumps(folded),))
    found = {row["id"] for row in rows}
    merged = connection.execute("select alias, source_id from source_aliases where merged_into is not null")
    return sorted(found | {row["source_id"] for row in merged if fold(row["alias"]) == fold(name)})
