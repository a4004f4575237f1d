"""Another archive taken into this one: keys are global, all else is numbered anew; merging again changes nothing.

`source` opens the other archive without changing it, `files` brings its evidence, `rows` copies what is new, `pages`,
`articles`, `curated` settle what both know, and `order` puts the runs of one site in the order of their time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from csu_news.archive import Archive
from csu_news.archive.database import timestamp
from csu_news.archive.merging.articles import copy_full_text, link_new_sources, settle_articles
from csu_news.archive.merging.curated import merge_decisions, merge_findings, merge_pairs, withhold_and_release
from csu_news.archive.merging.files import stage_files
from csu_news.archive.merging.order import put_in_order
from csu_news.archive.merging.pages import choose_pages, merge_sites, settle_pages
from csu_news.archive.merging.rows import Rows
from csu_news.archive.merging.source import attached, damage_said
from csu_news.archive.run import transaction
from csu_news.archive.staging import place_files
from csu_news.archive.translations import resolve_translations
from csu_news.chinese import segment
from csu_news.urls import canonical_url

Progress = Callable[[int, int], None]

HOW = {
    "about": "stays: it is about the file",
    "sites": "by name; of a site in both, the profile of the later run",
    "columns": "by site and number",
    "runs": "by origin",
    "warc_files": "by name, with the same sha256",
    "pages": "by canonical address; of a page in both, as it was looked at last",
    "fetches": "by place of the record",
    "articles": "by key; of an article in both, the newest reading",
    "parts": "with the article",
    "revisions": "of both, in the order of their time",
    "media": "with the article",
    "links": "with the page",
    "sources": "made anew from what articles print",
    "source_aliases": "made anew from what articles print; what a person merged stays",
    "article_sources": "made anew from what articles print",
    "translations": "made anew from links and the last word of a person; likeness by both articles",
    "candidates": "by both articles",
    "findings": "by kind, address, field and time",
    "decisions": "by kind, articles, page, time and reason",
    "run_fields": "with the run",
    "run_counts": "with the run",
    "articles_fts": "made anew from the articles",
}
"""How each table of the schema is merged: a table that is not named here is not merged, and a test fails."""


@dataclass(slots=True)
class Merged:
    """What an archive brought: rows and files that were not there before."""

    archive: str
    articles: int = 0
    runs: int = 0
    fetches: int = 0
    pages: int = 0
    files: int = 0
    files_bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def merge(archive: Archive, other: Path, progress: Progress = lambda done, total: None) -> Merged:
    """Take everything that another archive holds into this one, which is open for writing; all of it or nothing.

    progress  called with steps done and in all: rows, and bytes of evidence in thousands
    errors    UsageError: it is this archive itself; ArchiveError: it is none, is being crawled, or contradicts
              this one; EvidenceError: a WARC file is damaged, or another of its name is here
    """
    connection, merged = archive.connection, Merged(str(other))
    _know_functions(connection)
    with damage_said(other), attached(archive, other) as staging, transaction(connection):
        connection.execute("pragma defer_foreign_keys = on")
        rows = Rows(connection, progress)
        merge_sites(connection, other)
        files = stage_files(connection, other.parent / "warc", archive.warc_folder, staging, rows)
        _merge_rows(connection, rows, other)
        resolve_translations(connection, timestamp(archive.now()))
        for name in ("articles", "runs", "fetches", "pages"):
            setattr(merged, name, _fresh(connection, name))
        merged.files, merged.files_bytes = len(files), sum(path.stat().st_size for path in files)
        place_files(files, archive.warc_folder)
    return merged


def _merge_rows(connection: sqlite3.Connection, rows: Rows, other: Path) -> None:
    rows.match("runs", "m.origin = s.origin")
    rows.match("warc_files", "m.name = s.name")
    rows.match("pages", "m.canonical = s.canonical")
    rows.match("articles", "m.key = s.key")
    known_files = "m.warc_file_id = (select new from temp.map_warc_files where old = s.warc_file_id)"
    rows.match("fetches", f"{known_files} and m.warc_offset = s.warc_offset", only="run_id")
    choose_pages(connection)
    for table in ("runs", "warc_files", "pages", "fetches", "articles"):
        rows.copy(table)
    for table, owner in (("run_fields", "runs"), ("run_counts", "runs"), ("links", "pages")):
        rows.copy_owned(table, owner)
    for table in ("parts", "revisions", "media"):
        rows.copy_owned(table, "articles")
    name = "/".join(other.absolute().parts[-2:])
    connection.execute(
        "update runs set merged_from = coalesce(merged_from, ? || ' ' || t.old) from temp.map_runs t"
        " where t.new = runs.id and t.fresh",
        (name,),
    )
    settle_pages(connection, rows)
    settle_articles(connection, rows)
    link_new_sources(connection)
    merge_decisions(connection, rows)
    copy_full_text(connection)
    withhold_and_release(connection)
    merge_findings(connection)
    put_in_order(connection)
    merge_pairs(connection)


def _know_functions(connection: sqlite3.Connection) -> None:
    for name, function in (("segment", segment), ("canonical", canonical_url)):
        if not connection.execute("select 1 from pragma_function_list where name = ?", (name,)).fetchone():
            connection.create_function(name, 1, function, deterministic=True)


def _fresh(connection: sqlite3.Connection, table: str) -> int:
    (count,) = connection.execute(f"select count(*) from temp.map_{table} where fresh").fetchone()
    return int(count)
