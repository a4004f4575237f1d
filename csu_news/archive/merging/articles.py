"""Articles that both archives know: the newest reading, all revisions in the order of their time."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from csu_news.archive.fulltext import write_full_text
from csu_news.archive.merging.rows import Rows
from csu_news.archive.sources import _add_unknown, link_sources, place_alias, settle_sources

DIFFERING = """
select t.old, t.new from temp.map_articles t
cross join source.articles s on s.id = t.old cross join main.articles m on m.id = t.new
where not t.fresh and (s.content_sha256, s.url, s.first_seen_at, s.last_seen_at, s.last_changed_at, s.gone_at,
    s.revision_count, s.parser_version, s.body_html, s.published_at, s.prev_url, s.next_url)
  is not (m.content_sha256, m.url, m.first_seen_at, m.last_seen_at, m.last_changed_at, m.gone_at,
    m.revision_count, m.parser_version, m.body_html, m.published_at, m.prev_url, m.next_url)
"""
STAYS = {"key", "site", "source_id", "status", "gone_at", "first_seen_at", "last_seen_at", "last_changed_at"}
"""Columns that do not come with the reading, or are settled apart from it."""

SHOWN_THERE = """
update main.media set (content_type, size_bytes, sha256, fetch_id) = (
  select content_type, size_bytes, payload_sha256, id from main.fetches where page_id = x.page_id and outcome = 'media'
  order by id desc limit 1)
from (select m.id, p.id as page_id from temp.map_articles t cross join main.media m on m.article_id = t.new
  join main.pages p on p.canonical = canonical(m.url)
  where m.fetch_id is null and m.kind in ('image', 'attachment') and p.state = 'ok') x
where media.id = x.id
"""
FETCHED_THERE = """
update main.media set (content_type, size_bytes, sha256, fetch_id) = (
  select content_type, size_bytes, payload_sha256, id from main.fetches where page_id = x.page_id and outcome = 'media'
  order by id desc limit 1)
from (select p.id as page_id, p.url from temp.map_pages t join main.pages p on p.id = t.new
  where t.taken and p.kind in ('image', 'attachment') and p.state = 'ok') x
where media.url = x.url and media.fetch_id is null
"""
LINK_FRESH = """
insert into main.article_sources (article_id, position, alias_id)
select a.id, j.key, sa.id from temp.map_articles t join main.articles a on a.id = t.new
join main.sites s on s.name = a.site, json_each(a.sources) j
join main.source_aliases sa on sa.alias = j.value and sa.institution = s.institution
where t.fresh order by a.id, j.key
"""
NAME_FRESH = """
update main.articles set source_id = (
  select sa.source_id from main.article_sources x join main.source_aliases sa on sa.id = x.alias_id
  where x.article_id = articles.id order by x.position limit 1)
where id in (select new from temp.map_articles where fresh)
"""
UNKNOWN_ALIASES = """
select s.institution, j.value as alias from temp.map_articles t join main.articles a on a.id = t.new
join main.sites s on s.name = a.site, json_each(a.sources) j
where t.fresh and not exists (
  select 1 from main.source_aliases where alias = j.value and institution = s.institution)
group by s.institution, j.value order by min(a.id), min(j.key)
"""
SAID_OTHERWISE = """
select s.alias, s.institution, s.merged_into from source.source_aliases s
left join main.source_aliases m on m.alias = s.alias and m.institution = s.institution
where s.merged_into is not m.merged_into
"""
LAST_WORD = """
select coalesce(max(decided_at), '') from {}.decisions
where kind in ('merge', 'split') and (reason = :alias or substr(reason, 1, length(:alias) + 3) = :alias || ' → ')
"""

Row = dict[str, Any]


def settle_articles(connection: sqlite3.Connection, rows: Rows) -> None:
    """Settle the articles that are in both archives and not the same."""
    for old, new in connection.execute(DIFFERING):
        _settle(connection, rows, old, new)
    for statement in (SHOWN_THERE, FETCHED_THERE):
        connection.execute(statement)


def _settle(connection: sqlite3.Connection, rows: Rows, old: int, new: int) -> None:
    values = ", ".join(f"{rows.value('articles', name)} as {name}" for name in rows.columns("articles"))
    theirs = _row(connection, f"select {values} from source.articles s where s.id = ?", old)
    ours = _row(connection, "select * from main.articles where id = ?", new)
    their_revisions = _revisions(connection, rows, "source", old)
    our_revisions = _revisions(connection, rows, "main", new)
    later, earlier = (theirs, ours) if _rank(theirs) > _rank(ours) else (ours, theirs)
    its, others = (their_revisions, our_revisions) if later is theirs else (our_revisions, their_revisions)
    readings, revisions = [earlier, later], [*its, *others]
    gone_at = max(theirs, ours, key=_looked_at)["gone_at"]
    if _is_worse(later, its, earlier):
        readings, revisions = [earlier], others
    elif _is_worse(earlier, others, later):
        readings, revisions = [later], its
    made, reading = in_order(revisions, readings), readings[-1]
    if reading is theirs:
        _take_reading(connection, rows, old, new, theirs, ours)
    if made != our_revisions:
        connection.execute("delete from main.revisions where article_id = ?", (new,))
        for number, revision in enumerate(made, 1):
            _insert(connection, "revisions", revision | {"article_id": new, "number": number})
    status = ours["status"] if ours["status"] == "withheld" else "gone" if gone_at else "live"
    connection.execute(
        "update main.articles set status = ?, gone_at = ?, first_seen_at = ?, last_seen_at = ?, last_changed_at = ?,"
        " revision_count = ? where id = ?",
        (
            *(status, gone_at, min(theirs["first_seen_at"], ours["first_seen_at"])),
            reading["last_seen_at"],
            made[-1]["seen_at"] if made else reading["last_changed_at"],
            *(len(made), new),
        ),
    )


def in_order(revisions: list[Row], readings: list[Row]) -> list[Row]:
    """Return the revisions by time, none twice in a row, the last of them what the last of the readings says.

    A revision that was read again from its record is the one of the newer parser. What an archive read last it may have
    seen once more after another's: each reading counts at both its times.
    """
    newest: dict[tuple[Any, Any], Row] = {}
    for revision in revisions:
        place = (revision["fetch_id"], revision["seen_at"])
        if place not in newest or revision["parser_version"] > newest[place]["parser_version"]:
            newest[place] = revision
    seen = list(newest.values())
    for reading in readings:
        same = [row for row in revisions if row["content_sha256"] == reading["content_sha256"]]
        seen += [row | {"seen_at": reading["last_seen_at"]} for row in same[-1:]]
    last = readings[-1]["content_sha256"]
    made: list[Row] = []
    for row in sorted(seen, key=lambda row: (row["seen_at"], row["content_sha256"] == last, row["fetch_id"] or 0)):
        if not made or made[-1]["content_sha256"] != row["content_sha256"]:
            made.append(row)
    return made


def _rank(row: Row) -> tuple[Any, ...]:
    """Return what is greater for the newer reading of an article."""
    return row["last_seen_at"], row["last_changed_at"], row["parser_version"], row["content_sha256"]


def _looked_at(row: Row) -> tuple[str, bool]:
    """Return what is greater for the later look: one that finds nothing any more is no reading."""
    return max(row["last_seen_at"], row["gone_at"] or ""), row["gone_at"] is not None


def _is_worse(row: Row, revisions: list[Row], than: Row) -> bool:
    """Tell whether a reading lacks what the other has, and its archive never knew that there was more."""
    if not row["revision_count"] or not than["revision_count"]:  # waits for its further pages
        return not row["revision_count"]
    return any(than[name] and not any(each[name] for each in (row, *revisions)) for name in ("title", "body"))


def _take_reading(connection: sqlite3.Connection, rows: Rows, old: int, new: int, theirs: Row, ours: Row) -> None:
    names = [name for name in theirs if name not in STAYS]
    assignments = ", ".join(f"{name} = ?" for name in names)
    connection.execute(f"update main.articles set {assignments} where id = ?", [*(theirs[n] for n in names), new])
    for table in ("media", "parts"):
        connection.execute(f"delete from main.{table} where article_id = ?", (new,))
        values = ", ".join(f"{rows.value(table, name)} as {name}" for name in rows.columns(table))
        query = f"select {values} from source.{table} s where s.article_id = ? order by s.id"
        for row in connection.execute(query, (old,)).fetchall():
            _insert(connection, table, dict(row))
    if theirs["sources"] != ours["sources"]:
        link_sources(connection, theirs["site"], new, json.loads(theirs["sources"]))
    searched = ("title", "source_raw", "body")
    if ours["status"] != "withheld" and any(theirs[name] != ours[name] for name in searched):
        write_full_text(connection, new, (theirs["title"], theirs["source_raw"], theirs["body"]))


def _revisions(connection: sqlite3.Connection, rows: Rows, schema: str, article_id: int) -> list[Row]:
    names = [name for name in rows.columns("revisions") if name not in ("article_id", "number")]
    values = [f"{rows.value('revisions', name)} as {name}" if schema == "source" else name for name in names]
    query = f"select {', '.join(values)} from {schema}.revisions s where s.article_id = ? order by s.number"
    return [dict(row) for row in connection.execute(query, (article_id,))]


def _row(connection: sqlite3.Connection, query: str, row_id: int) -> Row:
    return dict(connection.execute(query, (row_id,)).fetchone())


def _insert(connection: sqlite3.Connection, table: str, row: Row) -> None:
    connection.execute(
        f"insert into main.{table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", [*row.values()]
    )


def copy_full_text(connection: sqlite3.Connection) -> None:
    """Make the articles that are new here searchable, but for those withheld."""
    connection.execute(
        "insert into main.articles_fts (rowid, title, source, body)"
        " select a.id, segment(coalesce(a.title, '')), segment(coalesce(a.source_raw, '')), segment(a.body)"
        " from temp.map_articles t join main.articles a on a.id = t.new"
        " where t.fresh and a.status <> 'withheld' order by a.id"
    )


def link_new_sources(connection: sqlite3.Connection) -> None:
    """Tie the articles that are new here to their sources; of what persons said about a name, the last word counts."""
    changed = [row for row in connection.execute(SAID_OTHERWISE).fetchall() if _is_later(connection, row["alias"])]
    for row in changed:
        _say(connection, row)
    for row in connection.execute(UNKNOWN_ALIASES).fetchall():
        _add_unknown(connection, row["institution"], row["alias"])
    connection.execute(LINK_FRESH)
    connection.execute(NAME_FRESH)
    if changed:
        settle_sources(connection)


def _is_later(connection: sqlite3.Connection, alias: str) -> bool:
    theirs, ours = (
        connection.execute(LAST_WORD.format(schema), {"alias": alias}).fetchone()[0] for schema in ("source", "main")
    )
    return bool(theirs > ours)


def _say(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    names, where = (row["alias"], row["institution"]), "where alias = ? and institution = ?"
    _add_unknown(connection, row["institution"], row["alias"])
    connection.execute(f"update main.source_aliases set merged_into = ? {where}", (row["merged_into"], *names))
    source_id = place_alias(connection, row["institution"], row["alias"])
    connection.execute(f"update main.source_aliases set source_id = ? {where}", (source_id, *names))
