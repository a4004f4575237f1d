"""What happened: to the articles of a site, seen for the first time, changed or gone; to findings in a run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

# The runs decide what is newest, and within one the date printed: a first crawl, which takes the newest article first,
# would else end with the oldest as the latest news. What changed or left is rare, and comes before what is new.
EVENTS = """
with happened as (
  select article_id, id as revision_id, number, seen_at as at,
    iif(number = 1, 'new', 'changed') as kind, (select run_id from fetches where id = fetch_id) as run_id
  from revisions
  where article_id in (select id from articles where site = :site and status <> 'withheld')
  union all
  select id, null, null, gone_at, 'gone',
    (select max(runs.id) from runs where site = articles.site and started_at <= gone_at)
  from articles where site = :site and status = 'gone'
), newest as (
  select happened.*, articles.published as article_published from happened join articles on articles.id = article_id
  order by run_id desc, kind = 'new', articles.published desc, news_id desc, at desc limit :limit
)
select newest.kind, newest.at, newest.number, articles.key, articles.url,
  iif(revision_id is null, articles.title, r.title) as title,
  iif(revision_id is null, articles.published, r.published) as published,
  iif(revision_id is null, articles.body, r.body) as body
from newest join articles on articles.id = newest.article_id left join revisions r on r.id = newest.revision_id
order by newest.at desc, article_published desc, news_id desc, newest.number desc"""


def newest_events(connection: sqlite3.Connection, site: str, limit: int = 50) -> list[dict[str, Any]]:
    """Return the latest events of a site, newest first; none of an article that is withheld.

    kind new, changed or gone; at; number of the revision, None when gone; key; url; title, published and body, as the
    revision has them
    """
    rows = connection.execute(EVENTS, {"site": site, "limit": limit})
    return [dict(row) for row in rows]


def findings_of(
    connection: sqlite3.Connection, run_ids: Sequence[int]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the findings that these runs opened and left open, and the older ones resolved since they began."""
    runs = {"runs": json.dumps(list(run_ids))}
    opened = connection.execute(
        "select * from findings where run_id in (select value from json_each(:runs)) and resolved_at is null"
        " order by id",
        runs,
    )
    closed = connection.execute(
        "select * from findings where coalesce(run_id, 0) not in (select value from json_each(:runs)) and resolved_at"
        " >= (select min(started_at) from runs where id in (select value from json_each(:runs))) order by id",
        runs,
    )
    return [dict(row) for row in opened], [dict(row) for row in closed]
