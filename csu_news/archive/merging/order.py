"""Runs, requests and decisions numbered in the order of their time, where two archives tell of one site."""

from __future__ import annotations

import sqlite3

MIXED = """
create temp table mixed_runs as
select id from main.runs where site in (
  select r.site from main.runs r join temp.map_runs t on t.new = r.id and t.fresh
  where exists (select 1 from main.runs e where e.site = r.site and e.started_at > r.started_at
    and not exists (select 1 from temp.map_runs f where f.new = e.id and f.fresh)))
"""
REFERRING = """
select m.name, f."from" from sqlite_master m join pragma_foreign_key_list(m.name) f
where m.type = 'table' and f."table" = ? and f."to" = 'id'
"""


def put_in_order(connection: sqlite3.Connection) -> None:
    """Give what came later the greater number: decisions; runs of a site in both archives, and their requests."""
    decided = "select article_id from main.decisions where id in (select new from temp.map_decisions where fresh)"
    _renumber(connection, "decisions", "decided_at", f"article_id in ({decided})")
    connection.execute("drop table if exists temp.mixed_runs")
    connection.execute(MIXED)
    if connection.execute("select 1 from temp.mixed_runs").fetchone() is None:
        return
    _renumber(connection, "runs", "started_at", "id in (select id from temp.mixed_runs)")
    _renumber(connection, "fetches", "fetched_at", "run_id in (select id from temp.mixed_runs)")


def _renumber(connection: sqlite3.Connection, table: str, by: str, where: str) -> None:
    """Give these rows each other's numbers, and tell every row that refers to them."""
    connection.execute("drop table if exists temp.renumbered")
    connection.execute("create temp table renumbered (old integer primary key, new integer not null)")
    connection.execute(
        "insert into temp.renumbered select o.id, n.id from"
        f" (select id, row_number() over (order by {by}, id) as place from main.{table} where {where}) o join"
        f" (select id, row_number() over (order by id) as place from main.{table} where {where}) n"
        " on n.place = o.place where o.id <> n.id"
    )
    columns = [(table, "id"), *map(tuple, connection.execute(REFERRING, (table,)))]
    connection.execute(
        f"update temp.map_{table} set new = r.new from temp.renumbered r where r.old = temp.map_{table}.new"
    )
    for name, column in columns:  # by way of negative numbers: at no moment are two rows the same
        connection.execute(
            f"update main.{name} set {column} = -(select new from temp.renumbered where old = {column})"
            f" where {column} in (select old from temp.renumbered)"
        )
        connection.execute(f"update main.{name} set {column} = -{column} where {column} < 0")
