"""Who publishes: the sources, with how much and when."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Any

from csu_news.web.charts import Bar, bars
from csu_news.web.page import Answer, Asked, href, page, shown

PER_YEAR = """
select s.id, s.name, s.name_en, s.name_zh, substr(a.published, 1, 4) as year, count(distinct a.id) as articles
from sources s join source_aliases sa on sa.source_id = s.id join article_sources x on x.alias_id = sa.id
join articles a on a.id = x.article_id
where a.status <> 'withheld' group by s.id, year
"""
MOST = 300


@page
def publishers(asked: Asked, connection: sqlite3.Connection) -> Answer:
    found: dict[int, dict[str, Any]] = {}
    for row in connection.execute(PER_YEAR):
        source = found.setdefault(row["id"], dict(row) | {"articles": 0, "years": defaultdict(int)})
        source["articles"] += row["articles"]
        source["years"][row["year"]] += row["articles"]
    ordered = sorted(found.values(), key=lambda source: (-source["articles"], source["name"]))
    held = sorted({year for source in ordered for year in source["years"] if year})
    span = [str(year) for year in range(int(held[0]), int(held[-1]) + 1)] if held else []
    listed = [source | _shown(source, span) for source in ordered[:MOST]]
    return shown(asked, "sources.html", sources=listed, total=len(ordered), span=span)


def _shown(source: dict[str, Any], span: list[str]) -> dict[str, Any]:
    """Return where a source's articles are found, its name in the other language, and its years drawn."""
    other = next((name for name in (source["name_zh"], source["name_en"]) if name and name != source["name"]), None)
    dated = [year for year in source["years"] if year]
    columns = [
        Bar(year, href("/-/search", source=source["name"], since=year, until=year), {"all": source["years"][year]})
        for year in span
    ]
    return {
        "href": href("/-/search", source=source["name"]),
        "other": other,
        "first": min(dated, default=None),
        "last": max(dated, default=None),
        "chart": bars(columns, 12),
    }
