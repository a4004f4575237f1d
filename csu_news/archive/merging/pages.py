"""Sites and pages that both archives know: of a page, what the later look says, with its links and its due time."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from csu_news.archive.merging.rows import Rows
from csu_news.errors import ArchiveError

HOSTS = """
select name, value as host, 1 as is_now from {0}.sites, json_each(hosts)
union select name, value, 0 from {0}.sites, json_each(coalesce(json_extract(profile, '$.former_hosts'), '[]'))
"""
TWO_NAMES = f"""
select t.name as theirs, o.name as ours, t.host
from ({HOSTS.format("source")}) t join ({HOSTS.format("main")}) o on o.host = t.host
where o.name <> t.name and (t.is_now or o.is_now) limit 1
"""
OTHER_HOSTS = """
select t.name, t.hosts as theirs, o.hosts as ours from source.sites t join main.sites o on o.name = t.name
where t.hosts <> '[]' and o.hosts <> '[]'
  and not exists (select 1 from json_each(t.hosts) a join json_each(o.hosts) b on a.value = b.value) limit 1
"""
LATER = """
create temp table later_sites as
select s.name from source.sites s where coalesce((select max(started_at) from source.runs where site = s.name), '')
  > coalesce((select max(started_at) from main.runs where site = s.name), '')
"""
LOOK = "coalesce((select max(fetched_at) from {}.fetches where page_id = {}), '')"
QUEUED = ("url", "kind", "column_id", "article_id", "priority", "sort_id", "due_at", "state", "failures", "total")
ACCEPTED = ("etag", "last_modified", "payload_sha1", "payload_sha256", "fetched_at", "changed_at")


def merge_sites(connection: sqlite3.Connection, other: Path) -> None:
    """Make their sites and columns known; of a site in both, what the later run knew of it stays.

    errors  ArchiveError: the two archives call one host by two names, or two hosts by one
    """
    if conflict := connection.execute(TWO_NAMES).fetchone():
        theirs, ours, host = conflict
        raise ArchiveError(
            f"{other} has {host} as site {theirs}, and here that is site {ours}: a host is one site's, so one archive"
            " stays out."
        )
    if conflict := connection.execute(OTHER_HOSTS).fetchone():
        raise ArchiveError(
            f"{other} has site {conflict['name']} on {_listed(conflict['theirs'])}, and here it is on"
            f" {_listed(conflict['ours'])}: if it moved, crawl the older archive once with former_hosts in its profile."
        )
    connection.execute("drop table if exists temp.later_sites")
    connection.execute(LATER)
    names = [row[0] for row in connection.execute("select name from pragma_table_info('sites') where name <> 'id'")]
    kept = {"title", "language", "owner", "institution"}
    updates = [f"{name} = coalesce(excluded.{name}, sites.{name})" if name in kept else f"{name} = excluded.{name}"
               for name in names if name != "name"]  # fmt: skip
    connection.execute(
        f"insert into main.sites ({', '.join(names)}) select {', '.join(names)} from source.sites where true"
        f" order by id on conflict (name) do update set {', '.join(updates)}"
        " where excluded.name in (select name from temp.later_sites)"
    )
    connection.execute(
        "insert into main.columns (site, column_id, list_url, name)"
        " select site, column_id, list_url, name from source.columns where true order by id"
        " on conflict (site, column_id) do update set list_url = coalesce(columns.list_url, excluded.list_url),"
        " name = coalesce(columns.name, excluded.name)"
        " where columns.list_url is null and excluded.list_url is not null"
        " or columns.name is null and excluded.name is not null"
    )


def _listed(hosts: str) -> str:
    return ", ".join(json.loads(hosts))


def choose_pages(connection: sqlite3.Connection) -> None:
    """Mark the pages that were looked at later there, and those that only a later run there put elsewhere in the queue.

    Before any row is copied: then the requests of each archive are still apart.
    """
    theirs, ours = LOOK.format("source", "old"), LOOK.format("main", "new")
    connection.execute(f"update temp.map_pages set taken = {theirs} > {ours} where not fresh")
    connection.execute(
        f"update temp.map_pages set taken = 2 where not taken and {theirs} = {ours}"
        " and old in (select id from source.pages where site in (select name from temp.later_sites))"
    )


def settle_pages(connection: sqlite3.Connection, rows: Rows) -> None:
    """Give the marked pages what the other archive says of them."""
    names = QUEUED + ACCEPTED
    values = ", ".join(f"{rows.value('pages', name)} as {name}" for name in names)
    chosen = ", ".join(f"coalesce(x.{name}, pages.{name})" if name == "article_id" else f"x.{name}" for name in names)
    connection.execute(
        f"update main.pages set ({', '.join(names)}) = ({chosen})"
        f" from (select t.new, {values} from temp.map_pages t join source.pages s on s.id = t.old"
        " where t.taken and not t.fresh) x"
        f" where x.new = pages.id and ({', '.join(f'pages.{name}' for name in names)}) is not ({chosen})"
    )
    connection.execute(  # a page that was only looked at in vain later is still the article's
        "update main.pages set article_id = x.article_id from"
        f" (select t.new, {rows.value('pages', 'article_id')} as article_id from temp.map_pages t"
        " join source.pages s on s.id = t.old where not t.fresh and s.article_id is not null) x"
        " where x.new = pages.id and pages.article_id is null"
    )
    _settle_links(connection, rows)
    connection.execute(  # what a person accepted there
        "update main.fetches set outcome = x.outcome from (select t.new, s.outcome from temp.map_fetches t"
        " join source.fetches s on s.id = t.old where not t.fresh and s.outcome <> 'gate') x"
        " where x.new = fetches.id and fetches.outcome = 'gate'"
    )


def _settle_links(connection: sqlite3.Connection, rows: Rows) -> None:
    connection.execute(
        "delete from main.links where from_id in (select new from temp.map_pages where taken = 1 and not fresh)"
    )
    rows.copy_owned("links", "pages", "t.taken = 1 and not t.fresh")
    connection.execute(
        f"update main.links set to_id = x.to_id from (select t.new, s.rel, s.position, {rows.value('links', 'to_id')}"
        " as to_id from temp.map_pages t join source.links s on s.from_id = t.old"
        " where t.taken = 2 and s.to_id is not null) x"
        " where links.from_id = x.new and links.rel = x.rel and links.position = x.position and links.to_id is null"
    )
