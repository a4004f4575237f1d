"""Sources: what is printed, tied to one name each by csu_news.sources; an article points to what it prints."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from csu_news.sources import Source, find, fold, institution_of, table_version

LINK_ALL = """
insert into article_sources (article_id, position, alias_id)
select a.id, j.key, sa.id
from articles a join sites s on s.name = a.site, json_each(a.sources) j
join source_aliases sa on sa.alias = j.value and sa.institution = s.institution
order by a.id, j.key
"""

FIRST = """
select sa.source_id from article_sources x join source_aliases sa on sa.id = x.alias_id
where x.article_id = articles.id order by x.position limit 1
"""

NAMED = """
select s.id, s.name, s.name_en, s.name_zh, s.institution, count(distinct a.id) as articles,
  min(a.published) as first_published, max(a.published) as last_published
from article_sources x join articles a on a.id = x.article_id join source_aliases sa on sa.id = x.alias_id
join sources s on s.id = sa.source_id
where a.status <> 'withheld' group by s.id order by articles desc, s.name, s.id
"""

SPELLINGS = """
select sa.source_id, sa.alias as spelling, count(distinct a.id) as articles, sa.merged_into
from article_sources x join articles a on a.id = x.article_id join source_aliases sa on sa.id = x.alias_id
where a.status <> 'withheld' group by sa.id order by articles desc, spelling
"""


class Alias(NamedTuple):
    """A name as it is printed on a site."""

    id: int
    source_id: int


def known_aliases(connection: sqlite3.Connection, site: str, names: Sequence[str]) -> list[Alias]:
    """Return the names that an article of the site prints, those that are new made known."""
    query = (
        "select sa.id, sa.source_id from sites s join source_aliases sa on sa.institution = s.institution"
        " where s.name = ? and sa.alias = ?"
    )
    found = []
    for name in names:
        row = connection.execute(query, (site, name)).fetchone()
        found.append(Alias(*row) if row else _add_alias(connection, _institution(connection, site), name))
    return found


def link_sources(connection: sqlite3.Connection, site: str, article_id: int, names: Sequence[str]) -> None:
    """Make these the article's sources, writing nothing if they are."""
    aliases = known_aliases(connection, site, names)
    query = "select position, alias_id from article_sources where article_id = ? order by position"
    wanted = [(position, alias.id) for position, alias in enumerate(aliases)]
    if wanted != [tuple(row) for row in connection.execute(query, (article_id,))]:
        connection.execute("delete from article_sources where article_id = ?", (article_id,))
        add_links(connection, article_id, aliases)
    first = aliases[0].source_id if aliases else None
    query = "update articles set source_id = :first where id = :id and source_id is not :first"
    connection.execute(query, {"id": article_id, "first": first})


def add_links(connection: sqlite3.Connection, article_id: int, aliases: Sequence[Alias]) -> None:
    """Name the sources of an article that has none yet."""
    connection.executemany(
        "insert into article_sources (article_id, position, alias_id) values (?, ?, ?)",
        [(article_id, position, alias.id) for position, alias in enumerate(aliases)],
    )


def list_sources(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the sources, most articles first, each with its spellings; articles that are withheld do not count."""
    spellings: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(SPELLINGS):
        values = dict(row)
        spellings.setdefault(values.pop("source_id"), []).append(values)
    return [dict(row) | {"spellings": spellings[row["id"]]} for row in connection.execute(NAMED)]


def refresh_sources(connection: sqlite3.Connection) -> None:
    """Tie all that is printed to its source anew, if the table is not the one that the archive was made with."""
    row = connection.execute("select value from about where key = 'sources_version'").fetchone()
    if row is not None and row["value"] == table_version():
        return
    connection.execute("delete from article_sources")
    _refresh_institutions(connection)
    printed = connection.execute(
        "select s.institution, j.value as alias from articles a join sites s on s.name = a.site,"
        " json_each(a.sources) j group by s.institution, j.value order by min(a.id), min(j.key)"
    ).fetchall()
    for alias in printed:
        _add_unknown(connection, alias["institution"], alias["alias"])
    for alias in connection.execute("select * from source_aliases order by id").fetchall():
        source_id = place_alias(connection, alias["institution"], alias["alias"])
        connection.execute("update source_aliases set source_id = ? where id = ?", (source_id, alias["id"]))
    connection.execute(LINK_ALL)
    connection.execute(
        "delete from source_aliases where merged_into is null and id not in (select alias_id from article_sources)"
    )
    settle_sources(connection)
    connection.execute("insert or replace into about (key, value) values ('sources_version', ?)", (table_version(),))


def settle_sources(connection: sqlite3.Connection) -> None:
    """Bring articles.source_id and the list of sources in line with the aliases."""
    connection.execute(f"update articles set source_id = ({FIRST}) where source_id is not ({FIRST})")
    connection.execute("delete from sources where id not in (select source_id from source_aliases)")


def place_alias(connection: sqlite3.Connection, institution: str, alias: str) -> int:
    """Return the id of the source that a name means there: what a person said, else the table, else itself."""
    merged = connection.execute(
        "select alias, merged_into from source_aliases where institution = ? and merged_into is not null",
        (institution,),
    ).fetchall()
    into = next((row["merged_into"] for row in merged if fold(row["alias"]) == fold(alias)), alias)
    return place_source(connection, institution, into)


def place_source(connection: sqlite3.Connection, institution: str, name: str) -> int:
    """Return the id of the source of that name at an institution, made if it is new."""
    known = find(name, institution)
    source = known or Source(name, None, None, institution)
    row = connection.execute(
        "select * from sources where folded = ? and institution is ?", (fold(source.name), source.institution)
    ).fetchone()
    if row is None:
        cursor = connection.execute(
            "insert into sources (name, name_en, name_zh, institution, folded) values (?, ?, ?, ?, ?)",
            (*source, fold(source.name)),
        )
        return int(cursor.lastrowid or 0)
    names = (known or source._replace(name=row["name"]))[:3]
    if names != (row["name"], row["name_en"], row["name_zh"]):
        connection.execute("update sources set name = ?, name_en = ?, name_zh = ? where id = ?", (*names, row["id"]))
    return int(row["id"])


def _add_alias(connection: sqlite3.Connection, institution: str, alias: str) -> Alias:
    source_id = place_alias(connection, institution, alias)
    cursor = connection.execute(
        "insert into source_aliases (alias, institution, source_id) values (?, ?, ?)", (alias, institution, source_id)
    )
    return Alias(int(cursor.lastrowid or 0), source_id)


def _add_unknown(connection: sqlite3.Connection, institution: str, alias: str) -> None:
    query = "select 1 from source_aliases where institution = ? and alias = ?"
    if connection.execute(query, (institution, alias)).fetchone() is None:
        _add_alias(connection, institution, alias)


def _institution(connection: sqlite3.Connection, site: str) -> str:
    return str(connection.execute("select institution from sites where name = ?", (site,)).fetchone()[0])


def _refresh_institutions(connection: sqlite3.Connection) -> None:
    """Name the institution of each site; what a person said about its sources goes with it."""
    for site in connection.execute("select name, hosts, institution from sites").fetchall():
        institution = institution_of(site["name"], json.loads(site["hosts"]))
        if institution == site["institution"]:
            continue
        connection.execute("update sites set institution = ? where name = ?", (institution, site["name"]))
        connection.execute(
            "update or ignore source_aliases set institution = ? where institution = ? and merged_into is not null",
            (institution, site["institution"]),
        )
