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


RUN_FIELDS = """
create table run_fields (
  id integer primary key,
  run_id integer not null references runs(id),
  column_id integer,
  field text not null,           -- title, published, published_at, sources, body, images, attachments, prev, next
  pages integer not null,        -- articles read in the run, those with the bytes already held not among them
  filled integer not null,       -- of these, with the field
  expected integer not null,     -- of these, had the field before, or have it now, or are new where it is usual
  missing integer not null,      -- of the expected, without it
  example text,                  -- address of one that lacks what was expected
  unique (column_id, field, run_id)
)"""

RUN_COUNTS = """
create table run_counts (
  id integer primary key,
  run_id integer not null unique references runs(id),
  pages integer not null,        -- answers and failures of articles and lists
  challenged integer not null,   -- of these, shut to us: 4xx but 404, 408, 410; a challenge or sign-in
  failed integer not null,       -- of these, 5xx, no answer, half an answer
  unknown integer not null,      -- of these, neither article nor list nor a known kind of refusal
  elapsed_ms integer,            -- median of those answered with 200 or 304
  listed integer,                -- articles that the site's lists print as their totals
  there integer not null,        -- articles in the archive that are not gone
  clock_off_s integer            -- this computer's clock less the site's; null: no answer said
)"""


@migrations()
def m008_run_counts(db: Database) -> None:
    db.execute(RUN_FIELDS)
    db.execute(RUN_COUNTS)
    db.execute("create index fetches_run on fetches(run_id)")


CANDIDATES = """
create table candidates (
  id integer primary key,
  en_id integer not null references articles(id),
  zh_id integer not null references articles(id),
  score real not null,           -- the probability that they are a pair
  reasons text not null,         -- JSON: what both have, by kind
  found_at text not null,
  unique (en_id, zh_id)
)"""


@migrations()
def m009_candidates(db: Database) -> None:
    db.execute(CANDIDATES)
    db.execute("alter table decisions add column other_id integer references articles(id)")  # pair, apart: the Chinese
    db.execute("create index decisions_pair on decisions(article_id, other_id) where other_id is not null")


@migrations()
def m010_first_page(db: Database) -> None:
    """Let the first page of the site find what changed and what left last without reading all texts."""
    db.execute("create index revisions_changed on revisions(seen_at desc, article_id) where number > 1")
    db.execute("create index articles_gone on articles(gone_at desc, key) where status = 'gone'")


@migrations()
def m011_origins(db: Database) -> None:
    """Name each run for every archive that it is merged into; an old run by what no two runs have in common."""
    db.execute("alter table runs add column origin text")
    db.execute("alter table runs add column merged_from text")
    db.execute("update runs set origin = site || ' ' || started_at || ' ' || id")
    db.execute("create unique index runs_origin on runs(origin)")


@migrations()
def m012_parts_by_page(db: Database) -> None:
    """Let a page that is read again find its part without walking all of them."""
    db.execute("create index parts_page on parts(page_id)")
