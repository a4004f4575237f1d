"""What a run counted, kept beside the runs before it; alarms open and close as findings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from csu_news import alarms
from csu_news.alarms import CHALLENGED, CLOCK, LAYOUT, OUTAGE, SHRUNK, SLOW, Share
from csu_news.archive.coverage import BODY, FIELDS, shares
from csu_news.archive.findings import open_finding
from csu_news.breaker import SHUT

CHALLENGED_SQL = (
    "(f.status between 400 and 499 and f.status not in (404, 408, 410)"
    " or f.outcome = 'gate' and f.error in (select value from json_each(:shut)))"
)
FAILED_SQL = "(f.outcome in ('error', 'failed', 'truncated', 'unreadable') and f.status is not 429)"
UNKNOWN_SQL = (
    "(f.outcome = 'other' or f.outcome = 'gate' and f.error is not 'missing'"
    " and f.error not in (select value from json_each(:shut)))"
)
_PAGES = "from fetches f join pages p on p.id = f.page_id where p.kind in ('article', 'part', 'list')"
_SAVE = f"""
insert into run_counts (run_id, pages, challenged, failed, unknown, elapsed_ms, listed, there, clock_off_s)
select :run, count(*), coalesce(sum({CHALLENGED_SQL}), 0), coalesce(sum({FAILED_SQL}), 0),
  coalesce(sum({UNKNOWN_SQL}), 0), :elapsed_ms,
  (select iif(count(total) = count(*), sum(total), null) from pages
   where site = :site and kind = 'list' and priority = 0),
  (select count(*) from articles where site = :site and gone_at is null), :clock_off_s
{_PAGES} and f.run_id = :run
"""
_ELAPSED = f"""
with answers as (select elapsed_ms {_PAGES} and f.run_id = :run and f.status in (200, 304) and elapsed_ms is not null)
select elapsed_ms from answers order by elapsed_ms limit 1 offset (select count(*) / 2 from answers)
"""
_SHARES = {
    CHALLENGED: ("challenged", CHALLENGED_SQL, "refused or challenged"),
    OUTAGE: ("failed", FAILED_SQL, "not answered, or with an error of the server's"),
    LAYOUT: ("unknown", UNKNOWN_SQL, "answered with what is neither article nor list as they were known"),
}
_LEVELS = {
    (SHRUNK, "listed"): (alarms.is_shrunk, "The lists print {:,.0f} articles, where {:,.0f} was usual."),
    (SHRUNK, "there"): (alarms.is_shrunk, "{:,.0f} articles are not gone, where {:,.0f} was usual."),
    (SLOW, "elapsed_ms"): (alarms.is_slow, "A page takes {:,.0f} ms, where {:,.0f} ms was usual."),
}


class Alarm(NamedTuple):
    kind: str
    url: str | None
    field: str | None
    detail: str


Opened = Callable[[str, str | None, str | None], int | None]
"""From kind, address and field to the run that opened the finding; None when it is not open."""


def save_counts(connection: sqlite3.Connection, run_id: int, site: str, off: timedelta | None) -> None:
    """Store what the run's answers come to."""
    names = {"run": run_id, "site": site, "shut": json.dumps(sorted(SHUT))}
    median = connection.execute(_ELAPSED, names).fetchone()
    names |= {"elapsed_ms": median[0] if median else None}
    names |= {"clock_off_s": None if off is None else round(off.total_seconds())}
    connection.execute(_SAVE, names)


def sound_alarms(connection: sqlite3.Connection, run_id: int, now: str, clock: str | None = None) -> None:
    """Open the alarms that hold after this run, and resolve those of its site that no longer do.

    clock  what is wrong with this computer's clock, if anything
    """
    site = connection.execute(
        "select s.name, s.base_url from sites s join runs r on r.site = s.name where r.id = ?", (run_id,)
    ).fetchone()
    rows = connection.execute(
        "select f.* from findings f join runs r on r.id = f.run_id"
        " where f.resolved_at is null and r.site = ? and f.kind in (select value from json_each(?))",
        (site["name"], json.dumps(alarms.KINDS)),
    ).fetchall()
    is_open = {(row["kind"], row["url"], row["field"]): row for row in rows}

    def opened(kind: str, url: str | None, field: str | None) -> int | None:
        row = is_open.get((kind, url, field))
        return row["run_id"] if row else None

    holding = set()
    for alarm in _alarms(connection, run_id, site, opened, clock):
        open_finding(connection, run_id, now, alarm.kind, alarm.detail, url=alarm.url, field=alarm.field)
        holding.add((alarm.kind, alarm.url, alarm.field))
    for key, row in is_open.items():
        if key not in holding:
            connection.execute("update findings set resolved_at = ? where id = ?", (now, row["id"]))


def _alarms(
    connection: sqlite3.Connection, run_id: int, site: sqlite3.Row, opened: Opened, clock: str | None
) -> Iterator[Alarm]:
    if clock:
        yield Alarm(CLOCK, site["base_url"], None, clock)
    yield from _field_alarms(connection, run_id, site, opened)
    for kind, (name, condition, what) in _SHARES.items():
        rows = connection.execute(_newest(name, "pages > 0"), (site["name"], run_id, 30)).fetchall()
        runs = [Share(row["run_id"], row["pages"], row["value"]) for row in reversed(rows)]
        if newest := alarms.lost(runs, is_open=bool(opened(kind, site["base_url"], "status"))):
            example = _example(connection, site["name"], newest[0].run_id, condition)
            yield Alarm(kind, site["base_url"], "status", f"{_share(newest)} pages were {what}, such as {example}")
    for (kind, name), (is_off, sentence) in _LEVELS.items():
        opened_by = opened(kind, site["base_url"], name)
        before, newest_values = _values(connection, site["name"], name, opened_by, run_id)
        usual = alarms.departed(before, newest_values, is_off)
        if usual is not None:
            yield Alarm(kind, site["base_url"], name, sentence.format(newest_values[-1], usual))


def _values(
    connection: sqlite3.Connection, site: str, name: str, opened_by: int | None, run_id: int
) -> tuple[list[float], list[float]]:
    """Return what earlier runs measured and what the newest did; of an open alarm, what was before it and is now."""
    query, most = _newest(name, f"{name} is not null"), alarms.EARLIER_RUNS + alarms.RUNS
    rows = connection.execute(query, (site, opened_by or run_id, most)).fetchall()
    values = [row["value"] for row in reversed(rows)]
    newest = values[-alarms.RUNS :]
    if opened_by is not None:
        newest = [row["value"] for row in connection.execute(query, (site, run_id, 1))]
    return values[: -alarms.RUNS], newest


def _newest(name: str, condition: str) -> str:
    return (
        f"select c.run_id, c.pages, c.{name} as value from run_counts c join runs r on r.id = c.run_id"
        f" where r.site = ? and c.run_id <= ? and c.{condition} order by c.run_id desc limit ?"
    )


def _field_alarms(connection: sqlite3.Connection, run_id: int, site: sqlite3.Row, opened: Opened) -> Iterator[Alarm]:
    columns = connection.execute("select column_id, list_url from columns where site = ?", (site["name"],)).fetchall()
    for column_id, list_url in columns:
        for field in (*FIELDS, BODY):
            kind, url = SHRUNK if field == BODY else LAYOUT, list_url or site["base_url"]
            runs = shares(connection, site["name"], column_id, field, run_id + 1)
            if newest := alarms.lost(runs, is_open=bool(opened(kind, url, field))):
                example = _lacking(connection, column_id, field, newest)
                lack = "have a much shorter text than before" if field == BODY else f"lack {field}"
                yield Alarm(kind, url, field, f"{_share(newest)} articles {lack}, such as {example}")


def _lacking(connection: sqlite3.Connection, column: int, field: str, runs: Sequence[Share]) -> str:
    (example,) = connection.execute(
        "select example from run_fields where column_id = ? and field = ? and missing > 0"
        " and run_id between ? and ? order by run_id desc limit 1",
        (column, field, runs[0].run_id, runs[-1].run_id),
    ).fetchone()
    return str(example)


def _share(newest: Sequence[Share]) -> str:
    bad, whole = sum(share.bad for share in newest), sum(share.whole for share in newest)
    return f"In the last {len(newest)} runs {bad:,} of {whole:,}"


def _example(connection: sqlite3.Connection, site: str, since: int, condition: str) -> str | None:
    row = connection.execute(
        f"select f.url {_PAGES} and p.site = :site and f.run_id >= :since and {condition} order by f.id desc limit 1",
        {"site": site, "since": since, "shut": json.dumps(sorted(SHUT))},
    ).fetchone()
    return row["url"] if row else None
