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


# One source is printed in several ways, `alias`, and means something at its institution only: every university has a
# graduate school. An article points to what is printed, so that a better table changes no article.
SOURCES = (
    "alter table sites add column institution text",  # whose names of offices it uses; as in csu_news/sources.toml
    "drop table source_aliases",
    "drop table sources",
    """
create table sources (
  id integer primary key,
  name text not null,            -- as the archive names it: English, Chinese, or as first printed
  name_en text,                  -- as csu_news knows it
  name_zh text,
  institution text,              -- whose office it is; null: known everywhere, as a newspaper is
  folded text not null           -- the name by the exact rules
)""",
    "create unique index sources_folded on sources(folded, coalesce(institution, ''))",
    """
create table source_aliases (
  id integer primary key,
  alias text not null,           -- as printed
  institution text not null,     -- on whose sites
  source_id integer not null references sources(id),
  merged_into text,              -- the source that a person named for it
  unique (alias, institution)
)""",
    """
create table article_sources (
  id integer primary key,
  article_id integer not null references articles(id),
  position integer not null,     -- 0 is the first named
  alias_id integer not null references source_aliases(id),
  unique (article_id, position)
)""",
    "create index source_aliases_source on source_aliases(source_id)",
    "create index source_aliases_merged on source_aliases(institution) where merged_into is not null",
    "create index article_sources_alias on article_sources(alias_id, article_id)",
)


@migrations()
def m005_sources(db: Database) -> None:
    for statement in SOURCES:
        db.execute(statement)


@migrations()
def m006_translations(db: Database) -> None:
    db.execute("create index translations_zh on translations(zh_id)")
    db.execute("create index links_elsewhere on links(to_url) where rel = 'translation' and to_id is null")


@migrations()
def m007_ranking(db: Database) -> None:
    """Weights for `order by rank`: a word of the title counts eight times one of the text, of the source twice."""
    db.execute("insert into articles_fts (articles_fts, rank) values ('rank', 'bm25(8.0, 1.0, 2.0)')")
