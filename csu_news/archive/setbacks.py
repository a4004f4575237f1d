"""Visits that brought no article and no list: gone, redirected, refused, failed. None takes anything away."""

from __future__ import annotations

import sqlite3

from csu_news.archive.context import Context, count
from csu_news.archive.database import timestamp
from csu_news.archive.findings import open_finding, resolve_findings
from csu_news.archive.links import save_redirect_link
from csu_news.archive.media import KINDS as MEDIA_KINDS
from csu_news.archive.queue import FIRST_LIST, RECHECK, discover
from csu_news.items import Gate, Outcome, Visit
from csu_news.recheck import failure_due, gone_due, next_due
from csu_news.urls import canonical_url, is_article_url

LASTING = frozenset({Outcome.GATE, Outcome.OTHER, Outcome.TOO_LARGE, Outcome.UNREADABLE})
"""Outcomes that trying again within the run would not change."""

DOUBLINGS_TO_A_DAY = 6
"""How many failures after those of the run make failure_due() wait for more than a day: for pages refused."""


def save_gone(connection: sqlite3.Connection, context: Context, page: sqlite3.Row) -> bool:
    """Note that the page is no longer there, with the date; its article stays as it was last seen.

    Tells whether a live article vanished. Media are not looked at again.
    """
    looks = page["failures"] + 1 if page["state"] == "gone" else 1
    again = timestamp(gone_due(context.now, looks)) if page["kind"] not in MEDIA_KINDS else None
    _set_state(connection, page, "gone", looks, again)
    resolve_findings(connection, context.stamp, page["url"])
    cursor = connection.execute(
        "update articles set status = case status when 'live' then 'gone' else status end, gone_at = ?"
        " where id = ? and url = ? and gone_at is null",
        (context.stamp, page["article_id"], page["url"]),
    )
    if page["kind"] == "article" and page["state"] != "gone":
        count(connection, context.run_id, "gone")
    if page["kind"] == "list" and page["priority"] == FIRST_LIST:
        detail = "The first list page of the column is gone: its address may have changed."
        open_finding(connection, context.run_id, context.stamp, "list gone", detail, url=page["url"])
    return cursor.rowcount > 0


def save_redirect(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, visit: Visit) -> None:
    """Make the target a page of its own, if it stays in scope; else say where it went."""
    target = visit.redirect_url
    if target is None:
        _refuse(connection, context, page, "redirect", "It redirects without saying where to.")
    elif not context.site.owns(target) or (page["kind"] == "article" and not is_article_url(target)):
        _refuse(connection, context, page, "redirect", f"It redirects out of the archive's scope, to {target}.")
    elif canonical_url(target) == page["canonical"]:
        _change_address(connection, context, page, target)
    else:
        _follow(connection, context, page, target)


def save_failure(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, visit: Visit) -> None:
    """Put the page off: seconds within the run, then hours to a week; say so when the run gives it up."""
    if visit.outcome in (Outcome.REFUSED, Outcome.FORBIDDEN):
        detail = f"The server refused it with {visit.status}." if visit.status else "robots.txt forbids it."
        _refuse(connection, context, page, visit.outcome.value, detail)
        return
    lasting = visit.outcome in LASTING
    tries = len(context.retry_waits_s)
    failures = max(page["failures"] + 1, tries + 1 if lasting else 0)
    due = timestamp(failure_due(context.now, failures, context.retry_waits_s))
    connection.execute(
        "update pages set state = 'failing', failures = ?, due_at = ? where id = ?",
        (failures, due, page["id"]),
    )
    if failures > tries:
        kind = visit.result.reason if isinstance(visit.result, Gate) else visit.outcome.value
        open_finding(connection, context.run_id, context.stamp, kind, _detail(visit), url=page["url"])
        count(connection, context.run_id, "failed")


def _detail(visit: Visit) -> str:
    if isinstance(visit.result, Gate):
        return f"In place of the page the site shows: {visit.result.reason}."
    if visit.outcome is Outcome.OTHER:
        return "The page is neither an article nor a list of a VSB site."
    answer = f"The server answered {visit.status}" if visit.status else "No answer"
    return f"{answer}: {(visit.record.error or visit.outcome.value).rstrip('.')}."


def _refuse(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, kind: str, detail: str) -> None:
    """Mark the page refused: looked at again after a day, then doubling to a week."""
    failures = page["failures"] + 1
    waited = len(context.retry_waits_s) + DOUBLINGS_TO_A_DAY + page["failures"]
    due = timestamp(failure_due(context.now, waited, context.retry_waits_s))
    connection.execute(
        "update pages set state = 'refused', failures = ?, due_at = ? where id = ?",
        (failures, due, page["id"]),
    )
    open_finding(connection, context.run_id, context.stamp, kind, detail, url=page["url"])
    count(connection, context.run_id, "failed")


def _change_address(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, target: str) -> None:
    """Take the page's new address, as when a site moves to https; one that goes round in circles is refused."""
    if target == page["url"] or page["failures"] > len(context.retry_waits_s):
        _refuse(
            connection,
            context,
            page,
            "redirect loop",
            f"It redirects in a circle: {page['url']} and {target}.",
        )
        return
    connection.execute(
        "update pages set url = ?, failures = failures + 1, due_at = ? where id = ?",
        (target, context.stamp, page["id"]),
    )


def _follow(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, target: str) -> None:
    priority = page["priority"] if page["priority"] != RECHECK else None
    target_id = discover(
        connection,
        context.site.name,
        target,
        context.stamp,
        kind=page["kind"],
        column=page["column_id"],
        from_id=page["id"],
        priority=priority,
    )
    save_redirect_link(connection, page["id"], target, target_id)
    again = next_due(page["canonical"], context.now, None, None) if page["kind"] in ("article", "part") else None
    _set_state(connection, page, "ok", 0, timestamp(again) if again else None)
    resolve_findings(connection, context.stamp, page["url"])


def _set_state(
    connection: sqlite3.Connection, page: sqlite3.Row, state: str, failures: int, due_at: str | None
) -> None:
    priority = page["priority"] if page["kind"] == "list" else RECHECK
    connection.execute(
        "update pages set state = ?, failures = ?, due_at = ?, priority = ? where id = ?",
        (state, failures, due_at, priority, page["id"]),
    )
