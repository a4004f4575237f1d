"""The archive's health: its runs, what is to be looked at, which fields were read, and each column's chain."""

from __future__ import annotations

import sqlite3
from typing import Any

from markupsafe import Markup

from csu_news.audit import ColumnAudit
from csu_news.web.charts import line, pieces
from csu_news.web.page import Answer, Asked, page, shown

RUNS = """
select started_at, finished_at, site, outcome, requests, new, changed, gone, failed from runs order by id desc limit 20
"""
OPEN = """
select kind, url, field, detail, first_seen_at, acknowledged_at, note from open_findings order by id desc limit 100
"""
CLOSED = """
select kind, url, field, detail, first_seen_at, resolved_at from findings
where resolved_at is not null and coalesce(url, '') not in (
  select p.url from articles a join pages p on p.article_id = a.id where a.status = 'withheld')
order by resolved_at desc, id desc limit 20
"""
COVERAGE = """
select site, field, run_id, sum(pages) as pages, sum(filled) as filled, max(started_at) as at from field_coverage
where run_id in (select run_id from run_fields group by run_id order by run_id desc limit 60)
group by site, field, run_id order by site, field, run_id
"""
MOST_HOLES = 20


@page
def health(asked: Asked, connection: sqlite3.Connection) -> Answer:
    def rows(query: str) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(query)]

    verdict = asked.site.verdict.last()
    return shown(
        asked,
        "health.html",
        runs=rows(RUNS),
        findings=rows(OPEN),
        closed=rows(CLOSED),
        coverage=_coverage(rows(COVERAGE)),
        verdict=verdict,
        columns=[_column(column) for column in verdict.audit.columns] if verdict else [],
        most=MOST_HOLES,
    )


def _column(column: ColumnAudit) -> dict[str, Any]:
    """Return what is shown of a column: its chain drawn in pieces, newest first, and its holes."""
    counts = [segment.articles for segment in column.chain.segments]
    return {
        "site": column.site,
        "column_id": column.column_id,
        "name": column.name,
        "verdict": column.verdict,
        "articles": column.articles,
        "listed": column.listed.total if column.listed else None,
        "pieces": len(counts),
        "chain": pieces(counts),
        "gaps": column.gaps,
        "site_holes": column.site_holes,
    }


def _coverage(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return for each site and field the share of the pages read that had it: run by run as a line, last, in all."""
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["pages"]:
            grouped.setdefault((row["site"], row["field"]), []).append(row)
    return [
        {
            "site": site,
            "field": name,
            "runs": len(runs),
            "pages": sum(row["pages"] for row in runs),
            "share": sum(row["filled"] for row in runs) / sum(row["pages"] for row in runs),
            "last": runs[-1]["filled"] / runs[-1]["pages"],
            "line": _line(runs),
        }
        for (site, name), runs in grouped.items()
    ]


def _line(runs: list[dict[str, Any]]) -> Markup:
    return line([row["filled"] / row["pages"] for row in runs])
