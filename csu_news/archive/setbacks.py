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
from csu_news.urls import canonical_url, column_id, is_article_url, news_id

LASTING = frozenset({Outcome.GATE, Outcome.OTHER, Outcome.TOO_LARGE, Outcome.UNREADABLE})
"""Outcomes that trying again within the run would not change."""

LIST_GONE = "list gone"

DOUBLINGS_TO_A_DAY = 6
"""How many failures after those of the run make failure_due() wait for more than a day: for pages refused."""


def save_gone(connection: sqlite3.Connection, context: Context, page: sqlite3.Row) -> bool:
    """Note that the page is no longer there, with the date; its article stays as it was last seen.

    Tells whether a live article vanished. Media are not looked at again.
    """
    looks = page["failures"] + 1 if page["state"] == "gone" else 1
    again = timestamp(gone_due(context.now, looks)) if page["kind"] not in MEDIA_KINDS else None
    _set_state(connection, page, "gone", looks, again)
    resolve_findings(connection, context.stamp, page["url"], keep=(LIST_GONE,))
    vanished = _take_leave(connection, context, page)
    for source in connection.execute(
        "select p.* from links l join pages p on p.id = l.from_id where l.to_id = ? and l.rel = 'redirect'",
        (page["id"],),
    ).fetchall():
        vanished = _take_leave(connection, context, source) or vanished
    if page["kind"] == "article" and page["state"] != "gone":
        count(connection, context.run_id, "gone")
    if page["kind"] == "list" and page["priority"] == FIRST_LIST:
        detail = "The first list page of the column is gone: its address may have changed."
        open_finding(connection, context.run_id, context.stamp, LIST_GONE, detail, url=page["url"])
    return vanished


def _take_leave(connection: sqlite3.Connection, context: Context, page: sqlite3.Row) -> bool:
    """Let another page that shows the article speak for it; when there is none, the article is gone."""
    if page["article_id"] is None or _read_copies(connection, context, page):
        return False
    cursor = connection.execute(
        "update articles set status = case status when 'live' then 'gone' else status end, gone_at = ?"
        " where id = ? and url = ? and gone_at is null",
        (context.stamp, page["article_id"], page["url"]),
    )
    return cursor.rowcount > 0


def _read_copies(connection: sqlite3.Connection, context: Context, page: sqlite3.Row) -> bool:
    """Make the other pages of the article due, to be read anew; tell whether there are any."""
    cursor = connection.execute(
        "update pages set due_at = ?, etag = null, last_modified = null, payload_sha256 = null"
        " where article_id = ? and id <> ? and kind = 'article' and state = 'ok'"
        " and not exists (select 1 from links where from_id = pages.id and rel = 'redirect')",
        (context.stamp, page["article_id"], page["id"]),
    )
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
    column = column_id(target)
    target_id = discover(
        connection,
        context.site.name,
        target,
        context.stamp,
        kind=page["kind"],
        column=page["column_id"] if column is None else column,
        from_id=page["id"],
        priority=priority,
    )
    save_redirect_link(connection, page["id"], target, target_id, context.stamp)
    if _leads_back(connection, page["id"]):
        _refuse(connection, context, page, "redirect loop", f"It redirects in a circle, by way of {target}.")
        return
    again = next_due(page["canonical"], context.now, None, None) if page["kind"] in ("article", "part") else None
    _set_state(connection, page, "ok", 0, timestamp(again) if again else None)
    resolve_findings(connection, context.stamp, page["url"])
    if page["article_id"] is not None:
        _hand_over(connection, context, page, target, target_id)


def _hand_over(
    connection: sqlite3.Connection, context: Context, page: sqlite3.Row, target: str, target_id: int
) -> None:
    """Have the page that an archived article now leads to read anew, as its voice or as what it is."""
    connection.execute(
        "update pages set due_at = ?, etag = null, last_modified = null, payload_sha256 = null where id = ?",
        (context.stamp, target_id),
    )
    if news_id(target) != news_id(page["url"]):
        detail = f"The article's address now leads to another article: {target}"
        open_finding(connection, context.run_id, context.stamp, "redirect", detail, url=page["url"])


def _leads_back(connection: sqlite3.Connection, page_id: int) -> bool:
    """Tell whether redirects that start at the page come back to it."""
    seen = {page_id}
    here = page_id
    while True:
        row = connection.execute("select to_id from links where from_id = ? and rel = 'redirect'", (here,)).fetchone()
        if row is None or (row["to_id"] in seen and row["to_id"] != page_id):
            return False
        if row["to_id"] == page_id:
            return True
        here = row["to_id"]
        seen.add(here)


def _set_state(
    connection: sqlite3.Connection, page: sqlite3.Row, state: str, failures: int, due_at: str | None
) -> None:
    priority = page["priority"] if page["kind"] == "list" else RECHECK
    connection.execute(
        "update pages set state = ?, failures = ?, due_at = ?, priority = ? where id = ?",
        (state, failures, due_at, priority, page["id"]),
    )
