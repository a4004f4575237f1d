"""The first page: what this archive is, whether it is complete, and what is new in it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from csu_news.web.charts import Bar, bars
from csu_news.web.page import Answer, Asked, href, page, shown

MONTHS = 120
"""Drawn on the first page: ten years."""

COUNTS = """
select count(*) as articles, sum(status = 'gone') as gone, min(published) as first, max(published) as last
from articles where status <> 'withheld'
"""
PER_MONTH = """
select substr(published, 1, 7) as month, language, count(*) as articles from articles
where status <> 'withheld' and published is not null group by 1, 2 order by 1
"""
NEWEST = """
select key, title, published, language, status from articles where status <> 'withheld'
order by published desc, key limit 8
"""
CHANGED = """
select a.key, r.title, r.number, r.seen_at, a.language
from revisions r join articles a on a.id = r.article_id
where r.number > 1 and a.status <> 'withheld' order by r.seen_at desc, r.article_id limit 6
"""
GONE = "select key, title, gone_at, language from articles where status = 'gone' order by gone_at desc, key limit 6"
LAST_RUN = "select * from runs where finished_at is not null order by id desc limit 1"


@page
def home(asked: Asked, connection: sqlite3.Connection) -> Answer:
    def rows(query: str) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(query)]

    months = rows(PER_MONTH)
    return shown(
        asked,
        "home.html",
        counts=rows(COUNTS)[0],
        sites=rows("select name, title, base_url from sites order by name"),
        languages_held=sorted({row["language"] for row in months if row["language"]}),
        run=next(iter(rows(LAST_RUN)), None),
        verdict=asked.site.verdict.last(),
        chart=_months(months),
        years=_years(months),
        newest=rows(NEWEST),
        changed=rows(CHANGED),
        gone=rows(GONE),
    )


@page
def robots(asked: Asked, connection: sqlite3.Connection) -> Answer:
    """Keep robots from what is endless: searches and tables."""
    text = "User-agent: *\nDisallow: /-/search\nDisallow: /-/media/\nDisallow: /-/export/\nDisallow: /archive\n"
    return Answer(text, content_type="text/plain; charset=utf-8")


@page
def icon(asked: Asked, connection: sqlite3.Connection) -> Answer:
    return Answer("", 302, headers={"Location": "/static/icon.svg"})


def month_href(month: str, language: str | None = None) -> str:
    return href("/-/search", since=month, until=month, language=language)


def _months(rows: list[dict[str, Any]]) -> Any:
    """Return the chart of the last ten years, a link for each month."""
    counted: dict[str, dict[str, int]] = {}
    for row in rows:
        counted.setdefault(row["month"], {})[row["language"] or "other"] = row["articles"]
    names = _consecutive(min(counted), max(counted))[-MONTHS:] if counted else []
    return bars([Bar(name, month_href(name), counted.get(name, {})) for name in names], 6, f"{len(names) * 24}")


def _consecutive(first: str, last: str) -> list[str]:
    """Return the months between two, both included.

    >>> _consecutive("2023-11", "2024-01")
    ['2023-11', '2023-12', '2024-01']
    """
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(start, end + 1)]


def _years(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    years = Counter[str]()
    for row in rows:
        years[row["month"][:4]] += row["articles"]
    return sorted(years.items(), reverse=True)
