"""Rows of the other archive under new numbers: what is known here is matched, the rest is copied in steps.

A table that other tables refer to has a map, `temp.map_<table>`: `old` is the row there, `new` the row here, `fresh` 1
if it is not here yet; `taken` 1 if its row there is to be the one here, 2 if only what the queue says.
References follow the maps, as the schema's foreign keys say; what refers to a table without a map becomes null.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

STEP = 20_000
"""Rows of one statement: between two, progress is shown."""


class Rows:
    """Matches and copies rows, and says how far it is."""

    def __init__(self, connection: sqlite3.Connection, progress: Callable[[int, int], None]) -> None:
        self._connection = connection
        self._progress = progress
        self._done = self._total = 0

    def expect(self, steps: int) -> None:
        self._total += steps
        self._progress(self._done, self._total)

    def advance(self, steps: int) -> None:
        self._done += steps
        self._progress(self._done, self._total)

    def match(self, table: str, on: str, only: str | None = None) -> None:
        """Make a table's map.

        on    what makes row `s` there and row `m` here the same
        only  a reference: of what is not here, only rows whose referred row is not here either
        """
        execute = self._connection.execute
        execute(f"drop table if exists temp.map_{table}")
        execute(
            f"create temp table map_{table} (old integer primary key, new integer not null, fresh integer not null,"
            " taken integer not null)"
        )
        execute(
            f"insert into temp.map_{table} select s.id, m.id, 0, 0 from source.{table} s join main.{table} m on {on}"
        )
        fresh = f"and s.{only} in (select old from temp.map_{self.references(table)[only]} where fresh)" if only else ""
        execute(
            f"insert into temp.map_{table} select s.id, row_number() over (order by s.id)"
            f" + (select coalesce(max(id), 0) from main.{table}), 1, 1 from source.{table} s"
            f" where s.id not in (select old from temp.map_{table}) {fresh}"
        )
        execute(f"create index temp.map_{table}_new on map_{table}(new)")

    def references(self, table: str) -> dict[str, str]:
        """Return the columns that hold row numbers, with the table each refers to."""
        rows = self._connection.execute(f"select * from pragma_foreign_key_list('{table}') where \"to\" = 'id'")
        return {row["from"]: row["table"] for row in rows}

    def copy(self, table: str) -> None:
        """Copy the rows that are not here yet."""
        names, values = self._columns(table)
        query = (
            f"insert into main.{table} (id, {names}) select t.new, {values} from temp.map_{table} t"
            f" join source.{table} s on s.id = t.old where t.fresh and t.old > ? and t.old <= ? order by t.old"
        )
        self._in_steps(table, query)

    def copy_owned(self, table: str, owner: str, taken: str = "fresh") -> None:
        """Copy the rows that belong to a row of another table, where its map says so."""
        names, values = self._columns(table)
        (column,) = [name for name, to in self.references(table).items() if to == owner and name != "to_id"]
        query = (
            f"insert into main.{table} ({names}) select {values} from temp.map_{owner} t"
            f" join source.{table} s on s.{column} = t.old where {taken} and t.old > ? and t.old <= ?"
            " order by t.old, s.id"
        )
        self._in_steps(owner, query)

    def value(self, table: str, column: str) -> str:
        """Return the SQL of a column's value here, of row `s` there."""
        to = self.references(table).get(column)
        if to is None:
            return f"s.{column}"
        return f"(select new from temp.map_{to} where old = s.{column})" if self._has_map(to) else "null"

    def columns(self, table: str) -> list[str]:
        rows = self._connection.execute(f"select name from pragma_table_info('{table}') where name <> 'id'")
        return [row["name"] for row in rows]

    def _columns(self, table: str) -> tuple[str, str]:
        names = self.columns(table)
        return ", ".join(f'"{name}"' for name in names), ", ".join(self.value(table, name) for name in names)

    def _has_map(self, table: str) -> bool:
        query = "select 1 from sqlite_temp_master where name = ?"
        return self._connection.execute(query, (f"map_{table}",)).fetchone() is not None

    def _in_steps(self, table: str, query: str) -> None:
        (last,) = self._connection.execute(f"select coalesce(max(old), 0) from temp.map_{table}").fetchone()
        self.expect(last)
        for start in range(0, last, STEP):
            self._connection.execute(query, (start, start + STEP))
            self.advance(min(STEP, last - start))
