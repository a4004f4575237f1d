"""What an archivist asks at three in the morning: how the last runs went, what is open, and whether one is overdue."""

from __future__ import annotations

import fcntl
import re
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from csu_news.alarms import expected_by
from csu_news.archive.database import timestamp

ENDED_WELL = frozenset({"complete", "incomplete", "limit", "interrupted", "rebuilt"})
RUNS, FINDINGS = 5, 3

# process 4711, started 2026-03-01T12:00:00Z
_HOLDER = re.compile(r"process (\d+), started (\S+)")


def status(connection: sqlite3.Connection, path: Path, now: datetime) -> dict[str, Any]:
    """Return what `csu-news status --json` prints: docs/monitoring.md describes the keys."""
    running = running_crawl(path)
    sites = [
        _site(connection, row["name"], now, running)
        for row in _rows(connection, "select name from sites order by name")
    ]
    findings = _findings(connection)
    return {
        "archive": str(path),
        "checked_at": timestamp(now),
        "running": running,
        **_counts(connection, None, now),
        "next_due_at": _value(connection, "select min(due_at) from pages where due_at > ?", timestamp(now)),
        "findings": findings,
        "runs": _runs(connection, None, RUNS, running),
        "sites": sites,
        "wrong": [*_unseen(findings), *_wrong(sites)],
        "database_bytes": path.stat().st_size,
        "warc_bytes": sum(file.stat().st_size for file in (path.parent / "warc").glob("*.warc.gz*")),
        "warc_files": _value(connection, "select count(*) from warc_files"),
        "free_bytes": shutil.disk_usage(path.parent).free,
    }


def running_crawl(path: Path) -> dict[str, Any] | None:
    """Return process and start of the crawl that holds the archive; None when none does.

    A lock's file that a crawl left when it ended is empty, so the lock is hardly ever touched to find out.
    """
    try:
        with path.with_name(path.name + ".lock").open() as file:
            holder = _HOLDER.match(file.read(200))
            if holder is None:
                return None
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return {"process": int(holder[1]), "started_at": holder[2]}
            return None
    except OSError:  # no such file, or not for us to read
        return None


def _counts(connection: sqlite3.Connection, site: str | None, now: datetime) -> dict[str, Any]:
    """Return the numbers of articles and pages, of one site or all, and the newest article."""
    names = {"site": site, "now": timestamp(now)}
    articles = connection.execute(
        "select count(*) as articles, coalesce(sum(status = 'live'), 0) as live, coalesce(sum(status = 'gone'), 0) as"
        " gone, coalesce(sum(status = 'withheld'), 0) as withheld from articles where site = coalesce(:site, site)",
        names,
    ).fetchone()
    pages = connection.execute(
        "select coalesce(sum(due_at <= :now), 0) as due, coalesce(sum(state in ('failing', 'refused')), 0) as failing"
        " from pages where site = coalesce(:site, site)",
        names,
    ).fetchone()
    newest = connection.execute(
        "select key, title, published, url from articles where status <> 'withheld' and site = coalesce(:site, site)"
        " order by published desc, news_id desc limit 1",
        names,
    ).fetchone()
    return {**dict(articles), **dict(pages), "newest": dict(newest) if newest else None}


def _site(connection: sqlite3.Connection, name: str, now: datetime, running: dict[str, Any] | None) -> dict[str, Any]:
    """Return one site's numbers, its last run, and by when the next should have begun."""
    runs = _runs(connection, name, 20, running)
    due = expected_by([datetime.fromisoformat(run["started_at"]) for run in reversed(runs)])
    return {
        "name": name,
        **_counts(connection, name, now),
        "last_run": runs[0] if runs else None,
        "next_run_expected_by": timestamp(due) if due else None,
        "overdue": due is not None and now > due and not running,
    }


def _runs(
    connection: sqlite3.Connection, site: str | None, most: int, running: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Return the newest runs; one without an outcome is `running`, or has been killed."""
    rows = _rows(
        connection,
        "select id, site, trigger, started_at, finished_at, outcome, requests, new, changed, unchanged, gone, failed"
        " from runs where site = coalesce(?, site) order by id desc limit ?",
        site,
        most,
    )
    return [row | {"outcome": row["outcome"] or ("running" if running else "killed")} for row in rows]


def _findings(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return how many findings are open, how many of them nobody has acknowledged, their kinds, and the newest.

    Those of withheld articles count and are not named.
    """
    kinds = connection.execute(
        "select kind, count(*) as number, sum(acknowledged_at is null) as unseen from findings"
        " where resolved_at is null group by kind order by number desc, kind"
    ).fetchall()
    return {
        "open": sum(row["number"] for row in kinds),
        "unacknowledged": sum(row["unseen"] for row in kinds),
        "kinds": {row["kind"]: row["number"] for row in kinds},
        "newest": _rows(
            connection,
            "select id, kind, url, field, detail, first_seen_at, acknowledged_at"
            " from open_findings order by acknowledged_at is not null, id desc limit ?",
            FINDINGS,
        ),
    }


def _wrong(sites: list[dict[str, Any]]) -> list[str]:
    found = []
    for site in sites:
        run = site["last_run"]
        if run and run["outcome"] not in (*ENDED_WELL, "running"):
            found.append(f"{site['name']}: the last run ended with: {run['outcome'].rstrip('.')}.")
        if site["overdue"]:
            found.append(f"{site['name']}: no run since {run['started_at']}, though runs have come more often.")
    return found


def _unseen(findings: dict[str, Any]) -> list[str]:
    number = findings["unacknowledged"]
    return [f"Open findings that nobody has acknowledged: {number:,}."] if number else []


def _value(connection: sqlite3.Connection, query: str, *arguments: object) -> Any:
    return connection.execute(query, arguments).fetchone()[0]


def _rows(connection: sqlite3.Connection, query: str, *arguments: object) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query, arguments)]
