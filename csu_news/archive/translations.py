"""Which articles tell the same in two languages: by their links to each other, by likeness, by a person's word."""

from __future__ import annotations

import sqlite3

from csu_news.archive.queue import discover
from csu_news.archive.sites import owner_of
from csu_news.items import Link
from csu_news.urls import canonical_url, column_id, is_article_url

LINKED = """
with linked(from_id, to_id) as (
  select p.article_id, q.article_id from pages p join links l on l.from_id = p.id and l.rel = 'translation'
  join pages q on q.id = l.to_id where p.article_id = :id and q.article_id is not null
  union
  select p.article_id, q.article_id from pages q join links l on l.to_id = q.id and l.rel = 'translation'
  join pages p on p.id = l.from_id where q.article_id = :id and p.article_id is not null)
select iif(f.language = 'en', f.id, t.id) as en_id, iif(f.language = 'en', t.id, f.id) as zh_id,
  iif(count(*) = 2, 'link-both', 'link-' || min(f.language)) as evidence
from linked join articles f on f.id = from_id join articles t on t.id = to_id
where f.language in ('en', 'zh') and t.language in ('en', 'zh') and f.language <> t.language
group by 1, 2
"""
PERSON = "person"
APART = """
select article_id, other_id from decisions d where kind = 'apart'
  and id = (select max(id) from decisions where article_id = d.article_id and other_id = d.other_id)
"""
"""The pairs of which a person said, and did not take back, that they are none."""


def discover_translation(
    connection: sqlite3.Connection, link: Link, from_id: int, canonical: str, now: str
) -> int | None:
    """Return the page of the article that a page (its id and identity) names as its translation.

    It is due on the site it belongs to, and is fetched when that one is crawled. None for a home page, and
    for a host of no known site.
    """
    if not is_article_url(link.url) or canonical_url(link.url) == canonical:
        return None
    site = owner_of(connection, link.url)
    if site is None:
        return None
    url, column = site.at_home(link.url), column_id(link.url)
    return discover(connection, site.name, url, now, kind="article", column=column, from_id=from_id)


def resolve_translations(connection: sqlite3.Connection, now: str) -> None:
    """Find the pages of translation links that lay out of scope, now that a site more may be known."""
    rows = connection.execute(
        "select l.to_url, min(l.from_id) as from_id, p.canonical from links l join pages p on p.id = l.from_id"
        " where l.rel = 'translation' and l.to_id is null group by l.to_url"
    ).fetchall()
    for row in rows:
        page_id = discover_translation(connection, Link(row["to_url"]), row["from_id"], row["canonical"], now)
        if page_id is not None:
            connection.execute(
                "update links set to_id = ? where rel = 'translation' and to_id is null and to_url = ?",
                (page_id, row["to_url"]),
            )
            known = connection.execute("select article_id from pages where id = ?", (page_id,)).fetchone()
            link_article(connection, known["article_id"])


def link_article(connection: sqlite3.Connection, article_id: int | None) -> None:
    """Make the pairs that links give an article those that its pages and the other side's print today.

    What a person decided stays as it is.
    """
    names = {"id": article_id}
    wanted = {(row["en_id"], row["zh_id"]): row["evidence"] for row in connection.execute(LINKED, names)}
    query = "select en_id, zh_id, evidence from translations where (en_id = :id or zh_id = :id) and evidence <> 'match'"
    stored = {(row["en_id"], row["zh_id"]): row["evidence"] for row in connection.execute(query, names)}
    wanted = {pair: evidence for pair, evidence in wanted.items() if stored.get(pair) != PERSON}
    linked = {pair: evidence for pair, evidence in stored.items() if evidence != PERSON}
    if wanted == linked:
        return
    apart = {(row["article_id"], row["other_id"]) for row in connection.execute(APART)} if wanted else set()
    for pair in linked.keys() - wanted.keys():
        connection.execute("delete from translations where (en_id, zh_id) = (?, ?)", pair)
    for pair, evidence in wanted.items():
        if pair not in apart:
            add_pair(connection, *pair, evidence)


def add_pair(connection: sqlite3.Connection, en_id: int, zh_id: int, evidence: str, score: float | None = None) -> None:
    """Make two articles a pair; what likeness alone says of either gives way to a link or a person."""
    if evidence != "match":
        connection.execute(
            "delete from translations where evidence = 'match' and (en_id = ? or zh_id = ?)", (en_id, zh_id)
        )
    connection.execute(
        "insert into translations (en_id, zh_id, evidence, score) values (?, ?, ?, ?)"
        " on conflict (en_id, zh_id) do update set evidence = excluded.evidence, score = excluded.score",
        (en_id, zh_id, evidence, score),
    )
