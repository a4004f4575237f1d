"""The schema's history, append only: a released migration is never edited.

Dates are ISO text; times are UTC and end in Z. JSON is text. Booleans do not occur.
"""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

from csu_news.first_schema import INDEXES, TABLES

migrations = Migrations("csu_news")


@migrations()
def m001_first_schema(db: Database) -> None:
    for statement in TABLES + INDEXES:
        db.execute(statement)


DECISIONS = """
create table decisions (
  id integer primary key,
  article_id integer references articles(id),
  page_id integer references pages(id),  -- accept: whose answer
  fetch_id integer references fetches(id), -- accept: the answer
  decided_at text not null,
  kind text not null,            -- withhold, release, accept
  reason text not null
)"""


@migrations()
def m002_decisions(db: Database) -> None:
    db.execute(DECISIONS)
    db.execute("create index decisions_article on decisions(article_id)")


@migrations()
def m003_choosing(db: Database) -> None:
    # holds all that a selection asks about, so that no row is read past its text
    db.execute(
        "create index articles_choice on articles(published desc, key, status, language, site, column_id, sources)"
    )
    db.execute("drop index articles_published")


@migrations()
def m004_profiles(db: Database) -> None:
    """Whole profiles, for the sites that no csu_news/sites.py names."""
    db.execute("alter table sites add column profile text")
