"""Guards: an answer that would take something away is held back until it has lasted.

Held back are an article that lost its body, and the CMS's own 404 sent as 200. Each becomes a finding; the
same answer on three days is believed. A sign-in that a redirect leads to is a gate as well.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace

from csu_news.archive.context import Context
from csu_news.items import Article, Gate, Outcome, Visit

LOST_BODY = "lost body"
MISSING = "missing"
LOGIN = "login"
DAYS_UNTIL_BELIEVED = 3

# /system/resource/code/auth/cas/clogin.jsp, https://ca.example.edu.cn/authserver/login?service=…
_LOGIN_URL = re.compile(r"/(?:auth|cas|authserver|sso)/|[/._]c?login(?:\.|\?|/|$)", re.I)


def guarded(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, visit: Visit) -> Visit:
    """Return the visit as it is to be stored: held back as a gate, or believed after three days."""
    if visit.outcome is Outcome.REDIRECT and visit.redirect_url and _LOGIN_URL.search(visit.redirect_url):
        return replace(visit, outcome=Outcome.GATE, result=Gate(LOGIN))
    if isinstance(visit.result, Article) and _lost_body(connection, page, visit.result):
        if _days(connection, context, page, LOST_BODY) < DAYS_UNTIL_BELIEVED:
            return replace(visit, outcome=Outcome.GATE, result=Gate(LOST_BODY))
    if isinstance(visit.result, Gate) and visit.result.reason == MISSING:
        if page["state"] == "gone" or _days(connection, context, page, MISSING) >= DAYS_UNTIL_BELIEVED:
            return replace(visit, outcome=Outcome.GONE, result=None)
    return visit


def _lost_body(connection: sqlite3.Connection, page: sqlite3.Row, article: Article) -> bool:
    """Tell whether the page has no text where its article, or part of one, had some."""
    if article.body or page["article_id"] is None:
        return False
    table, column = ("parts", "page_id") if page["kind"] == "part" else ("articles", "id")
    key = page["id"] if page["kind"] == "part" else page["article_id"]
    row = connection.execute(f"select body from {table} where {column} = ?", (key,)).fetchone()
    return bool(row and row["body"])


def _days(connection: sqlite3.Connection, context: Context, page: sqlite3.Row, reason: str) -> int:
    """Count the days, today included, on which the page gave this answer and no other."""
    rows = connection.execute(
        "select substr(fetched_at, 1, 10) as day, error from fetches where page_id = ? and outcome <> 'failed'"
        " order by id desc limit 50",
        (page["id"],),
    )
    days = {context.stamp[:10]}
    for row in rows:
        if row["error"] != reason:
            break
        days.add(row["day"])
    return len(days)
