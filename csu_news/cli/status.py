"""`csu-news status`: what an archivist asks first, on one screen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from csu_news.archive import Archive
from csu_news.cli.output import counted, db_option, facts, json_option, one_line, out, print_json, size, table, took

SITES, WRONG = 3, 2
"""Lines of each; --json has all."""


@click.command(short_help="Show on one screen how things are; --check for a monitor.")
@click.option("--check", is_flag=True, help="Print one line; end with 1 if something is wrong.")
@db_option
@json_option
def status(check: bool, db: Path, as_json: bool) -> None:
    r"""Show how the last runs went, what the archive holds, and what is due, open or wrong.

    Wrong is: a finding that nobody has acknowledged, a last run that an error stopped, or one that is overdue.

    \b
    csu-news status
    csu-news status --check || mail -s 'the archive' me@example.org < /dev/null
    """
    with Archive(db) as archive:
        found = archive.status()
    if as_json:
        print_json(found)
    elif check:
        out.print(" ".join(found["wrong"]) or f"All is well: {_summary(found)}.", markup=False, soft_wrap=True)
    else:
        _print(found)
    click.get_current_context().exit(1 if check and found["wrong"] else 0)


def _summary(found: dict[str, Any]) -> str:
    last = found["runs"][0] if found["runs"] else None
    when = f", last run {_ago(found, last['started_at'])}" if last else ", no run yet"
    return f"{counted(found['articles'], 'article')}{when}"


def _print(found: dict[str, Any]) -> None:
    out.print(facts([(name, one_line(value)) for name, value in _facts(found)], short=True))
    several = len(found["sites"]) > 1
    if found["runs"]:
        rows = [_run(found, run) for run in found["runs"][: 2 if several else None]]
        out.print()
        out.print(table(("last runs", "took", "site", "outcome", "new", "changed", "gone", "failed"), rows, short=True))
    if several:
        _print_sites(found)
    if found["findings"]["newest"]:
        rows = [(each["id"], each["kind"], _about(each)) for each in found["findings"]["newest"]]
        rows = rows[: 2 if several else None]
        out.print()
        out.print(table(("id", "finding", "about"), rows, short=True))
    for sentence in found["wrong"][-WRONG:]:
        out.print(one_line(sentence), style="bold red", markup=False, no_wrap=True, overflow="ellipsis")


def _facts(found: dict[str, Any]) -> list[tuple[str, Any]]:
    newest = found["newest"]
    next_due = f"; the next will be in {_until(found, found['next_due_at'])}" if found["next_due_at"] else ""
    findings = found["findings"]
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in findings["kinds"].items())
    sizes = f"{size(found['database_bytes'])} database, {size(found['warc_bytes'])} evidence"
    return [
        ("archive", found["archive"]),
        ("crawl", _crawl(found)),
        ("articles", f"{found['articles']:,} ({_counts(found)})"),
        ("newest", f"{newest['published'] or 'no date'}  {newest['title'] or newest['url']}" if newest else None),
        ("pages", f"{found['due']:,} due now, {found['failing']:,} failing{next_due}"),
        ("findings", f"{findings['open']:,} open{f': {kinds}' if kinds else ''}"),
        ("size", f"{sizes}; {size(found['free_bytes'])} free"),
    ]


def _crawl(found: dict[str, Any]) -> str:
    running = found["running"]
    if running:
        return f"running for {_since(found, running['started_at'])}, process {running['process']}"
    expected = min(
        (site["next_run_expected_by"] for site in found["sites"] if site["next_run_expected_by"]), default=""
    )
    if expected > found["checked_at"]:
        return f"none is running; the next should begin within {_until(found, expected)}"
    late = f"; the next is {_since(found, expected)} late" if expected else ""
    return f"none is running{late}"


def _counts(found: dict[str, Any]) -> str:
    names = ("live", "gone", *(("withheld",) if found["withheld"] else ()))
    return ", ".join(f"{found[name]:,} {name}" for name in names)


def _run(found: dict[str, Any], run: dict[str, Any]) -> tuple[Any, ...]:
    lasted = _between(run["started_at"], run["finished_at"]) if run["finished_at"] else None
    numbers = (run["new"], run["changed"], run["gone"], run["failed"])
    return (_ago(found, run["started_at"]), lasted, run["site"], run["outcome"], *numbers)


def _print_sites(found: dict[str, Any]) -> None:
    rows = [
        (
            site["name"],
            site["articles"],
            site["newest"] and site["newest"]["published"],
            site["due"],
            site["failing"],
            _ago(found, site["last_run"]["started_at"]) if site["last_run"] else "never",
        )
        for site in found["sites"][:SITES]
    ]
    out.print()
    out.print(table(("site", "articles", "newest", "due", "failing", "last run"), rows, short=True))
    if len(found["sites"]) > SITES:
        out.print(f"… and {counted(len(found['sites']) - SITES, 'site')} more: --json has all.")


def _about(finding: dict[str, Any]) -> str:
    field = f"{finding['field']}: " if finding["field"] else ""
    return one_line(f"{field}{finding['detail']} {finding['url'] or ''}")


def _ago(found: dict[str, Any], then: str) -> str:
    return f"{_since(found, then)} ago"


def _since(found: dict[str, Any], then: str) -> str:
    return _between(then, found["checked_at"])


def _until(found: dict[str, Any], then: str) -> str:
    return _between(found["checked_at"], then)


def _between(earlier: str, later: str) -> str:
    return took((datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())
