"""A site that moved to another host: its pages and articles are those they were, at their new addresses.

What is evidence stays as it was sent: requests, WARC records, earlier revisions.
"""

from __future__ import annotations

import json
import sqlite3
from urllib.parse import urlsplit

from csu_news.revisions import content_digest
from csu_news.sites import Site
from csu_news.urls import canonical_url

ADDRESSES = (
    ("pages", "url", "site = :site"),
    ("articles", "url", "site = :site"),
    ("articles", "prev_url", "site = :site"),
    ("articles", "next_url", "site = :site"),
    ("columns", "list_url", "site = :site"),
    ("links", "to_url", "from_id in (select id from pages where site = :site)"),
    ("media", "original_url", "article_id in (select id from articles where site = :site)"),
    ("media", "url", "article_id in (select id from articles where site = :site)"),
    ("findings", "url", "resolved_at is null"),  # a host is one site's
)
# 'http://old.example0' is the first text behind all that begin with 'http://old.example/'
MOVE = (
    "update or ignore {table} set {column} = :new || substr({column}, length(:old) + 1)"
    " where {column} >= :old and {column} < :end and {which}"
)


def move_site(connection: sqlite3.Connection, site: Site) -> None:
    """Give what the archive holds at a site's former hosts the addresses that it has now.

    A page known at both addresses keeps both rows; the one at the former host is never due again.
    """
    for host in site.former_hosts if site.base_url else ():
        identity = f"{canonical_url(f'https://{host}/')}"
        known = connection.execute(
            "select 1 from pages where canonical >= ? and canonical < ? and site = ? limit 1",
            (identity, _end(identity), site.name),
        ).fetchone()
        if known:
            _move_host(connection, site, host, identity)


def _move_host(connection: sqlite3.Connection, site: Site, host: str, identity: str) -> None:
    now = urlsplit(site.base_url or "")
    home = f"{now.scheme}://{now.netloc}/"
    _move(connection, "pages", "canonical", "site = :site", site.name, identity, canonical_url(home))
    connection.execute(
        "update pages set due_at = null where site = ? and canonical >= ? and canonical < ?",
        (site.name, identity, _end(identity)),
    )
    for old in (f"http://{host}/", f"https://{host}/"):
        for table, column, which in ADDRESSES:
            _move(connection, table, column, which, site.name, old, home)
        connection.execute(
            "update parts set media = replace(media, ?, ?)"
            " where article_id in (select id from articles where site = ?) and instr(media, ?)",
            (f'"{old}', f'"{home}', site.name, f'"{old}'),
        )
    _digest_anew(connection, site.name)


def _move(connection: sqlite3.Connection, table: str, column: str, which: str, site: str, old: str, new: str) -> None:
    statement = MOVE.format(table=table, column=column, which=which)
    connection.execute(statement, {"site": site, "old": old, "end": _end(old), "new": new})


def _end(prefix: str) -> str:
    return f"{prefix[:-1]}0"


def _digest_anew(connection: sqlite3.Connection, site: str) -> None:
    """Bring the digests of articles up to date, in which the addresses of their pictures are: it is no revision."""
    rows = connection.execute(
        "select id, title, published, sources, body, revision_count from articles"
        " where site = ? and content_sha256 <> '' and id in (select article_id from media)",
        (site,),
    ).fetchall()
    for row in rows:
        query = "select url from media where article_id = ? and kind <> 'video' order by position"
        media = [item["url"] for item in connection.execute(query, (row["id"],))]
        digest = content_digest(row["title"], row["published"], json.loads(row["sources"]), row["body"], media)
        connection.execute("update articles set content_sha256 = ? where id = ?", (digest, row["id"]))
        connection.execute(
            "update revisions set content_sha256 = ?, media = ? where article_id = ? and number = ?",
            (digest, json.dumps(media, ensure_ascii=False), row["id"], row["revision_count"]),
        )
