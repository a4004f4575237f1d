"""Findings: whatever an archivist must look at; each opens once and resolves by itself."""

from __future__ import annotations

import sqlite3

from csu_news.alarms import KINDS


def open_finding(
    connection: sqlite3.Connection,
    run_id: int | None,
    now: str,
    kind: str,
    detail: str,
    *,
    url: str | None = None,
    field: str | None = None,
) -> None:
    """Open the finding of this kind, address and field, or note that it still holds."""
    connection.execute(
        "insert into findings (run_id, kind, url, field, detail, first_seen_at, last_seen_at)"
        " values (?, ?, ?, ?, ?, ?, ?)"
        " on conflict (kind, coalesce(url, ''), coalesce(field, '')) where resolved_at is null"
        " do update set last_seen_at = excluded.last_seen_at, detail = excluded.detail",
        (run_id, kind, url, field, detail, now, now),
    )


def resolve_findings(connection: sqlite3.Connection, now: str, url: str, *, keep: tuple[str, ...] = ()) -> None:
    """Resolve what is open about an address, but for the kinds to keep and what only runs can tell."""
    keep += KINDS
    marks = ",".join("?" * len(keep))
    connection.execute(
        f"update findings set resolved_at = ? where resolved_at is null and url = ? and kind not in ({marks})",
        (now, url, *keep),
    )


def resolve_finding(connection: sqlite3.Connection, now: str, kind: str, url: str) -> None:
    """Resolve the finding of that kind about an address, if it is open."""
    connection.execute(
        "update findings set resolved_at = ? where resolved_at is null and kind = ? and url = ?", (now, kind, url)
    )
