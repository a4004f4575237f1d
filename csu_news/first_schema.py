"""The tables of the first migration; what came later stands in migrations.py."""

TABLES = (
    """
create table about (
  key text primary key,          -- format, created_at, created_by
  value text not null
)""",
    """
create table sites (
  id integer primary key,
  name text not null unique,     -- csu-en; an unprofiled site is named by host and port
  title text,
  base_url text,
  language text,                 -- en, zh, or null: told from each page
  timezone text not null,        -- of the times printed, e.g. Asia/Shanghai
  owner integer,                 -- VSB's number for the site; the first one seen when no profile says it
  hosts text not null            -- JSON list of host[:port] in scope
)""",
    """
create table columns (
  id integer primary key,
  site text not null references sites(name),
  column_id integer not null,    -- VSB wbtreeid
  list_url text,                 -- first page of the column's list
  name text,
  unique (site, column_id)
)""",
    """
create table runs (
  id integer primary key,
  started_at text not null,
  finished_at text,
  outcome text,                  -- complete, incomplete, limit, interrupted, killed, or the cause that stopped it
  trigger text,                  -- what started it: cli, timer, demo
  site text not null,
  version text not null,         -- of csu_news
  arguments text not null,       -- JSON of the command line
  requests integer not null default 0,
  new integer not null default 0,
  changed integer not null default 0,
  unchanged integer not null default 0,
  gone integer not null default 0,
  failed integer not null default 0   -- pages given up in this run
)""",
    """
create table warc_files (
  id integer primary key,
  name text not null unique,     -- below warc/; the file's name ends in .open until it is sealed
  run_id integer not null references runs(id),
  opened_at text not null,
  sealed_at text,
  size_bytes integer,
  sha256 text
)""",
    """
create table pages (
  id integer primary key,
  url text not null,             -- what is fetched, as found
  canonical text not null unique,-- the identity: scheme, case, jsp form, fragment and tracking removed
  site text not null references sites(name),
  kind text not null,            -- list, article, part, image, attachment, requisite
  column_id integer,
  article_id integer references articles(id),
  priority integer not null,     -- 0 first list page, 1 new article, 2 other list page, 3 media, 4 re-check
  sort_id integer not null default 0,  -- news id: newest first
  discovered_at text not null,
  discovered_from integer references pages(id),
  due_at text,                   -- when it is fetched next; null: never again
  state text not null default 'new',   -- new, ok, gone, failing, refused
  failures integer not null default 0, -- in a row
  total integer,                 -- rows that a list page claims for its column
  etag text,
  last_modified text,
  payload_sha1 text,             -- of the last accepted body as sent, base32 as WARC has it
  payload_sha256 text,
  fetched_at text,               -- last answer that was accepted
  changed_at text                -- last time the payload differed
)""",
    """
create table fetches (
  id integer primary key,
  run_id integer not null references runs(id),
  page_id integer references pages(id),  -- null: robots.txt
  url text not null,
  fetched_at text not null,
  status integer,                -- null: no answer
  outcome text not null,         -- article, listing, part, media, unchanged, redirect, gone, refused, error, …
  content_type text,
  size_bytes integer,            -- of the body as sent
  elapsed_ms integer,
  payload_sha1 text,
  payload_sha256 text,
  warc_file_id integer references warc_files(id),
  warc_offset integer,           -- of the response record's gzip member
  warc_length integer,
  warc_record_id text,
  error text
)""",
    """
create table sources (
  id integer primary key,
  name text not null unique      -- a department or paper, as the archive names it
)""",
    """
create table source_aliases (
  id integer primary key,
  alias text not null unique,    -- as printed
  source_id integer not null references sources(id)
)""",
    """
create table articles (
  id integer primary key,
  key text not null unique,      -- stable public name, e.g. csu-en-2209
  url text not null,             -- the page whose path names the id
  site text not null references sites(name),
  column_id integer,
  news_id integer,
  owner integer,
  language text,
  title text,
  published text,                -- YYYY-MM-DD
  published_at text,             -- with time and offset, when a time is printed
  published_raw text,            -- as printed
  source_id integer references sources(id),
  sources text not null default '[]',  -- JSON list
  source_raw text,               -- as printed, without its label
  body text not null,            -- plain text, blank line between paragraphs
  body_html text not null,       -- safe subset
  word_count integer not null,   -- words, and Chinese characters
  content_sha256 text not null,  -- of title, date, sources, body and media: docs/design.md
  prev_url text,
  next_url text,
  revision_count integer not null default 1,
  first_seen_at text not null,
  last_seen_at text not null,
  last_changed_at text not null,
  status text not null default 'live', -- live, gone, withheld
  gone_at text,
  parser_version integer not null,
  fetch_id integer references fetches(id)
)""",
    """
create table parts (
  id integer primary key,
  article_id integer not null references articles(id),
  number integer not null,       -- 2 for the second page of the article
  page_id integer not null references pages(id),
  body text not null,
  body_html text not null,
  media text not null default '[]',    -- JSON list of objects: kind, url and the other columns of media
  sources text not null default '[]',  -- JSON list: the source often stands below the last part
  source_raw text,
  fetch_id integer references fetches(id),
  unique (article_id, number)
)""",
    """
create table revisions (
  id integer primary key,
  article_id integer not null references articles(id),
  number integer not null,       -- 1 is the first seen
  seen_at text not null,
  title text,
  published text,
  source_raw text,
  body text not null,
  media text not null,           -- JSON list of picture and attachment addresses
  content_sha256 text not null,
  parser_version integer not null,
  fetch_id integer references fetches(id),
  unique (article_id, number)
)""",
    """
create table links (
  id integer primary key,
  from_id integer not null references pages(id),
  rel text not null,             -- prev, next, list, part, translation
  to_url text not null,
  to_id integer references pages(id),  -- null: out of scope
  anchor text,
  position integer not null,
  date text,                     -- of a list row
  unique (from_id, rel, position)
)""",
    """
create table translations (
  id integer primary key,
  en_id integer not null references articles(id),
  zh_id integer not null references articles(id),
  evidence text not null,
  score real,
  unique (en_id, zh_id)
)""",
    """
create table media (
  id integer primary key,
  article_id integer not null references articles(id),
  kind text not null,            -- image, attachment, video
  url text not null,
  original_url text,             -- the larger picture VSB names in orisrc
  position integer not null,
  alt text,
  caption text,
  name text,                     -- of an attachment, as printed
  content_type text,
  size_bytes integer,
  sha256 text,
  fetch_id integer references fetches(id),
  unique (article_id, kind, position)
)""",
    """
create table findings (
  id integer primary key,
  run_id integer references runs(id),  -- the run that opened it
  kind text not null,
  url text,
  field text,
  detail text not null,
  first_seen_at text not null,
  last_seen_at text not null,
  resolved_at text,
  acknowledged_at text,
  note text
)""",
    """
create virtual table articles_fts using fts5(
  title, body, source, tokenize="porter unicode61 remove_diacritics 2"
)""",
)

INDEXES = (
    # merging its segments at every fourth article, the default, costs a fifth of a page's transaction
    "insert into articles_fts (articles_fts, rank) values ('automerge', 16)",
    "create index pages_queue on pages(site, priority, sort_id desc) where due_at is not null",
    "create index pages_recheck on pages(site, due_at) where priority = 4",
    "create index pages_article on pages(article_id) where article_id is not null",
    "create index pages_column on pages(site, kind, column_id, sort_id desc)",
    "create index fetches_page on fetches(page_id)",
    "create index fetches_record on fetches(warc_file_id, warc_offset)",
    "create index articles_published on articles(published)",
    "create index links_target on links(to_id, rel)",
    "create index media_url on media(url)",
    "create unique index findings_open on findings(kind, coalesce(url, ''), coalesce(field, ''))"
    " where resolved_at is null",
)
