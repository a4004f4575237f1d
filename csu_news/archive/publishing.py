"""A copy to be published: what withheld articles say, and what is the archivist's own, is not in it.

Of a withheld article stays that it is, under which address, and when it was asked for: without that, the chain of its
neighbours would have a hole that is none.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from csu_news import errors

OUTCOMES = ("complete", "incomplete", "limit", "interrupted", "killed")
"""What a run may have come to, beside the causes in errors.py; anything else may name a file."""

TRIGGERS = ("cli", "demo", "scrapy")

WITHHELD = """
create temp table withheld as select id from articles where status = 'withheld';
create temp table hidden_pages as select id, url from pages where article_id in withheld;
create temp table hidden_files as select id, url from pages p
where kind in ('image', 'attachment') and (discovered_from in (select id from hidden_pages)
    or url in (select url from media where article_id in withheld union
      select original_url from media where article_id in withheld union
      select value from revisions, json_each(media) where article_id in withheld))
  and not exists (select 1 from media where url = p.url and article_id not in withheld)
  and not exists (select 1 from media where original_url = p.url and article_id not in withheld);
update links set anchor = null, date = null
where from_id in (select id from hidden_pages) or to_id in (select id from hidden_pages);
delete from links where rel = 'translation' and from_id in (select id from hidden_pages);
delete from findings where url in (select url from hidden_pages union select url from hidden_files);
delete from translations where en_id in withheld or zh_id in withheld;
delete from article_sources where article_id in withheld;
delete from source_aliases where id not in (select alias_id from article_sources);
delete from media where article_id in withheld;
delete from parts where article_id in withheld;
delete from revisions where article_id in withheld;
delete from fetches where page_id in (select id from hidden_files);
update pages set discovered_from = null where discovered_from in (select id from hidden_files);
delete from links where from_id in (select id from hidden_files) or to_id in (select id from hidden_files);
delete from pages where id in (select id from hidden_files);
update articles set language = null, title = null, published = null, published_at = null, published_raw = null,
  source_id = null, sources = '[]', source_raw = null, body = '', body_html = '', word_count = 0, content_sha256 = '',
  prev_url = null, next_url = null, revision_count = 0
where id in withheld;
update articles set source_id = null where source_id not in (select source_id from source_aliases);
delete from sources where id not in (select source_id from source_aliases);
"""

PRIVATE = (
    "update runs set merged_from = null",
    "delete from decisions",
    "update findings set acknowledged_at = null, note = null",
    "update runs set arguments = '{}'",
)


def write_publishable(connection: sqlite3.Connection, work: Path, target: Path) -> None:
    """Write a copy of the archive as it is at this moment, without what is not to be published.

    work    a file that is made beside the copy, and stays, with what was taken out
    errors  sqlite3.OperationalError: it cannot be written
    """
    connection.execute("vacuum into ?", (str(work.absolute()),))
    copy = sqlite3.connect(work, isolation_level=None)
    try:
        for pragma in ("journal_mode=off", "synchronous=off", "cache_size=-32000", "temp_store=memory"):
            copy.execute(f"pragma {pragma}")
        _take_out(copy)
        copy.execute("vacuum into ?", (str(target.absolute()),))
    finally:
        copy.close()


def _take_out(copy: sqlite3.Connection) -> None:
    if copy.execute("select 1 from articles where status = 'withheld'").fetchone():
        for statement in WITHHELD.split(";"):
            copy.execute(statement)
        # an index of full text keeps the words of what was deleted
        copy.execute("insert into articles_fts (articles_fts) values ('rebuild')")
    for statement in PRIVATE:
        copy.execute(statement)
    outcomes = [*OUTCOMES, *(kind.outcome for kind in _family(errors.CsuNewsError))]
    for column, known, other in (("outcome", outcomes, "error"), ("trigger", TRIGGERS, None)):
        marks = ", ".join("?" * len(known))
        copy.execute(f"update runs set {column} = ? where {column} not in ({marks})", (other, *known))


def _family(kind: type[errors.CsuNewsError]) -> list[type[errors.CsuNewsError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _family(child))]
