"""Which columns of a site are archived."""

from __future__ import annotations

import sqlite3


def add_column(
    connection: sqlite3.Connection, site: str, column: int, list_url: str | None = None, name: str | None = None
) -> None:
    """Bring a column into scope, or learn the first page of its list."""
    connection.execute(
        "insert into columns (site, column_id, list_url, name) values (?, ?, ?, ?)"
        " on conflict (site, column_id) do update set list_url = excluded.list_url"
        " where columns.list_url is null and excluded.list_url is not null",
        (site, column, list_url, name),
    )
