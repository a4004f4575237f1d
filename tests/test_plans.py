"""What a visit costs must not grow with the archive: every statement finds its rows by an index."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from csu_news.archive import Archive, Run, RunOptions
from csu_news.items import Record, Visit
from csu_news.judge import judge
from csu_news.pages import PARSER_VERSION
from csu_news.replica import ReplicaSite
from csu_news.replica.routes import reply_to

ARTICLES = 120
GROWING = {"articles", "pages", "fetches", "links", "media", "revisions", "parts", "translations", "article_sources"}


def crawl(run: Run, site: ReplicaSite) -> int:
    """Visit all that is due, without HTTP."""
    visits = 0
    while page := run.take():
        reply = reply_to(site, page.url.removeprefix(site.base_url.rstrip("/")))
        digest = hashlib.sha256(reply.body).hexdigest()
        record = Record(page.url, run.now(), reply.status, payload_sha1=digest[:8], payload_sha256=digest)
        outcome, result = judge(record, reply.body, page.kind, run.site)
        run.save(Visit(page.page_id, page.url, reply.status, record, outcome, result, None, page.kind))
        run.original(page.page_id, digest)
        visits += 1
    return visits


def walks(archive: Archive, statement: str) -> list[str]:
    """Return the steps of a statement's plan that look at every row of a table that grows."""
    named = {alias: name for name, alias in pairwise(statement.split()) if name in GROWING}
    found = []
    for _, _, _, step in archive.connection.execute(f"explain query plan {statement}"):
        words = step.split()
        table = named.get(words[1], words[1]) if len(words) > 1 else ""
        whole = words[0] == "SCAN" or ("USING" not in words and f"max(id), 0) from {table}" not in statement)
        if table in GROWING and whole:
            found.append(step)
    return found


def test_no_statement_of_a_visit_walks_a_table_that_grows(tmp_path: Path) -> None:
    site = ReplicaSite("en", articles=ARTICLES, seed=3)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    statements: set[str] = set()
    with Archive(tmp_path / "a.db", write=True, clock=lambda: now) as archive:
        options = RunOptions(version="0", parser_version=PARSER_VERSION)
        run = archive.begin_run(site.profile(), options)
        archive.connection.set_trace_callback(statements.add)
        assert crawl(run, site) > ARTICLES
        now += timedelta(days=500)
        assert crawl(run, site) > ARTICLES
        archive.connection.set_trace_callback(None)
        asked = {one for one in statements if one.lstrip().split()[0].lower() in ("select", "update", "delete", "with")}
        slow = {one: steps for one in asked if (steps := walks(archive, one))}
    assert len(asked) > 30
    assert not slow
