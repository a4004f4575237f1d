"""This computer's clock against the site's: what a run with a wrong clock stamped is put right at its end."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from csu_news import alarms
from csu_news.archive.database import timestamp
from csu_news.items import Record
from csu_news.recheck import SHORTEST

STAMPED = {
    "pages": ("discovered_at", "fetched_at", "changed_at", "due_at"),
    "articles": ("first_seen_at", "last_seen_at", "last_changed_at", "gone_at"),
    "revisions": ("seen_at",),
    "findings": ("first_seen_at", "last_seen_at", "resolved_at"),
}
"""Times that a run writes, but those of its requests: they are in the evidence, which is never altered."""

LONGER = 0.12
"""A due time is a tenth of the age ahead, and up to a fifth of that more (recheck): so the error is in it again."""


class Clocks:
    """How far this computer's clock is ahead of the site's, from the Date headers of a run's answers.

    The least difference counts: a cache may repeat an old header, none makes up a right one.
    """

    def __init__(self) -> None:
        self.off: timedelta | None = None

    def note(self, record: Record) -> None:
        if record.served_at is None:
            return
        off = record.fetched_at - record.served_at
        if self.off is None or abs(off) < abs(self.off):
            self.off = off


def last_end(connection: sqlite3.Connection, run_id: int) -> datetime | None:
    """Return when the last run of the site before this one ended."""
    (found,) = connection.execute(
        "select max(finished_at) from runs where id < :run and site = (select site from runs where id = :run)",
        {"run": run_id},
    ).fetchone()
    return datetime.fromisoformat(found) if found else None


def wrong_clock(connection: sqlite3.Connection, run_id: int, off: timedelta | None) -> str | None:
    """Return in one sentence what is wrong with the clock, if anything."""
    (started_at,) = connection.execute("select started_at from runs where id = ?", (run_id,)).fetchone()
    ended = last_end(connection, run_id)
    if not alarms.clock_is_wrong(off, datetime.fromisoformat(started_at), ended):
        return None
    if off is None:
        return f"The run began at {started_at}, before the end of an earlier one: this computer's clock was set back."
    where = "ahead of" if off > timedelta() else "behind"
    return (
        f"This computer's clock is {abs(off).days:,} days {where} the site's; times in the evidence are this clock's."
    )


def put_right(connection: sqlite3.Connection, run_id: int, now: datetime, off: timedelta | None) -> timedelta:
    """Put right the times that the run stamped, if its clock was wrong for sure; return how far it was ahead."""
    error = alarms.clock_error(off, now, last_end(connection, run_id))
    if not error:
        return error
    (started_at,) = connection.execute("select started_at from runs where id = ?", (run_id,)).fetchone()
    names = {"run": run_id, "started": started_at, "now": timestamp(now), "shift": _shift(error)}
    if error > timedelta():
        names |= {"due_shift": _shift(error * (1 + LONGER)), "soon": timestamp(now - error + SHORTEST)}
        connection.execute(_DUE_EARLIER, names)
        for table, columns in STAMPED.items():
            for column in columns:
                connection.execute(
                    f"update {table} set {column} = {_shifted(column)} where {column} between :started and :now", names
                )
    else:  # due too early is looked at too early: that rights itself
        connection.execute(_FINDINGS_LATER, names)
    connection.execute(f"update runs set started_at = {_shifted('started_at')} where id = :run", names)
    return error


def _shift(error: timedelta) -> str:
    return f"{-round(error.total_seconds()):+d} seconds"


def _shifted(column: str, by: str = ":shift") -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {column}, {by})"


_DUE_EARLIER = f"""
update pages set due_at = max(:soon, {_shifted("due_at", ":due_shift")})
where due_at > :now and id in (select page_id from fetches where run_id = :run)
"""
_FINDINGS_LATER = f"""
update findings set
  first_seen_at = iif(run_id = :run, {_shifted("first_seen_at")}, first_seen_at),
  last_seen_at = iif(run_id = :run or last_seen_at < first_seen_at, {_shifted("last_seen_at")}, last_seen_at),
  resolved_at = iif(run_id = :run or resolved_at < first_seen_at, {_shifted("resolved_at")}, resolved_at)
where last_seen_at between :started and :now or resolved_at between :started and :now
"""
