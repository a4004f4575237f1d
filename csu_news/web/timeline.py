"""When it was published: every year and month of the archive, each number a link to its articles."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Any

from markupsafe import Markup

from csu_news.web.charts import Bar, bars
from csu_news.web.home import month_href
from csu_news.web.page import Answer, Asked, href, page, shown

PER_MONTH = """
select substr(published, 1, 7) as month, language, count(*) as articles from articles
where status <> 'withheld' and published is not null group by 1, 2
"""
UNDATED = "select count(*) from articles where status <> 'withheld' and published is null"


@page
def timeline(asked: Asked, connection: sqlite3.Connection) -> Answer:
    months: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(PER_MONTH):
        months[row["month"]][row["language"] or "other"] = row["articles"]
    (undated,) = connection.execute(UNDATED).fetchone()
    languages = sorted({language for counted in months.values() for language in counted})
    return shown(
        asked, "timeline.html", years=_years(months), chart=_chart(months), languages_held=languages, undated=undated
    )


def _years(months: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Return every year between first and last, newest first, with its twelve months: number, address."""
    held = sorted(int(month[:4]) for month in months)
    years = range(held[-1], held[0] - 1, -1) if held else ()
    return [
        {"year": str(year), "months": [_month(f"{year}-{number:02}", months) for number in range(1, 13)]}
        for year in years
    ]


def _month(name: str, months: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {"name": name, "articles": sum(months[name].values()) if name in months else 0, "href": month_href(name)}


def _chart(months: dict[str, dict[str, int]]) -> Markup:
    """Return the years as bars, languages on top of each other."""
    years: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for month, counted in months.items():
        for language, number in counted.items():
            years[month[:4]][language] += number
    names = [str(year) for year in range(int(min(years)), int(max(years)) + 1)] if years else []
    drawn = [Bar(name, href("/-/search", since=name, until=name), years.get(name, {})) for name in names]
    return bars(drawn, 24, f"{len(drawn) * 48}")
