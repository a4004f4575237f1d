"""`csu-news verify` and `csu-news reparse`: the archive against its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from csu_news.archive import Archive
from csu_news.cli.output import db_option, err, is_terminal, json_option, out, print_json, table
from csu_news.verify import Report
from csu_news.verify import verify as verify_archive

SHOWN = 50


@click.command()
@db_option
@json_option
def verify(db: Path, as_json: bool) -> None:
    r"""Check that nothing in the archive has changed since it was written.

    Every WARC file against its checksum, every record against its row, the database against itself. Nothing
    is written; a crawl may be running. Leaves with 1 when anything is damaged, and says what.

    \b
    csu-news verify
    csu-news verify --json
    """
    with Archive(db) as archive, _bar(DownloadColumn()) as bar:
        task = bar.add_task("evidence", total=None)
        report = verify_archive(archive, lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        print_json(report.as_dict())
    else:
        _print_report(report)
    click.get_current_context().exit(1 if report.problems else 0)


def _bar(*columns: Any) -> Progress:
    texts = (TextColumn("{task.description}"), BarColumn())
    return Progress(*texts, *columns, TimeRemainingColumn(), console=err, transient=True, disable=not is_terminal())


def _print_report(report: Report) -> None:
    if report.problems:
        rows = [(p.kind, p.file, p.offset, p.url, p.detail) for p in report.problems[:SHOWN]]
        out.print(table(("damage", "file", "offset", "url", "what is wrong"), rows))
        if len(report.problems) > SHOWN:
            out.print(f"… and {len(report.problems) - SHOWN:,} more: --json prints all.")
    counts = f"{report.files:,} WARC files, {report.records:,} records and {report.articles:,} articles"
    verdict = f"{len(report.problems):,} problems" if report.problems else "Sound"
    out.print(f"{verdict}: {counts} looked at in {report.seconds} s.")
