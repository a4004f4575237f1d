"""`csu-news verify` and `csu-news reparse`: the archive against its evidence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from csu_news.archive import Archive
from csu_news.cli.curate import writable
from csu_news.cli.options import dask_option
from csu_news.cli.output import db_option, err, is_terminal, json_option, out, print_json, table
from csu_news.cluster import connected, executor, what_it_waits_for
from csu_news.reparse.again import Summary
from csu_news.reparse.again import reparse as reparse_archive
from csu_news.reparse.rebuild import Rebuilt, rebuild
from csu_news.verify import Report
from csu_news.verify import verify as verify_archive

SHOWN = 50


@click.command(short_help="Check every byte of the evidence, and the database.")
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
    with Archive(db) as archive, progress_bar(DownloadColumn()) as bar:
        task = bar.add_task("evidence", total=None)
        report = verify_archive(archive, partial(show_progress, bar, task))
    if as_json:
        print_json(report.as_dict())
    else:
        print_report(report)
    click.get_current_context().exit(1 if report.problems else 0)


@click.command(short_help="Read the stored pages again with today's parser, offline.")
@db_option
@click.option("--changed-only", is_flag=True, help="Only articles that an earlier version of the parser has read.")
@click.option(
    "--from-warc",
    "files",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    metavar="FILE",
    help="Rebuild a lost archive from these WARC files.",
)
@click.argument("more", nargs=-1, type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes that read.  [default: all cores]")
@dask_option
@json_option
def reparse(
    db: Path,
    changed_only: bool,
    files: tuple[Path, ...],
    more: tuple[Path, ...],
    workers: int | None,
    dask: str | None,
    as_json: bool,
) -> None:
    r"""Read every article again from its stored pages, offline, with today's parser.

    An article or a revision is rewritten where it came from: a better parser adds no revision, and nothing
    worse replaces anything. With --from-warc an archive is made anew from WARC files alone.

    \b
    csu-news reparse --changed-only
    csu-news reparse --from-warc data/warc/*.warc.gz --db rebuilt/csu_news.db
    """
    if more and not files:
        raise click.UsageError("Files are named after --from-warc.")
    if bool(changed_only) + bool(files) > 1 or (dask and (files or workers)):
        raise click.UsageError(
            "--from-warc goes with neither --changed-only nor --dask, and --workers not with --dask."
        )
    processes = workers or os.cpu_count() or 1
    with progress_bar(MofNCompleteColumn()) as bar:
        show = partial(show_progress, bar, bar.add_task("records" if files else "articles", total=None))
        summary: Summary | Rebuilt
        if files:
            summary = rebuild(db, [*files, *more], workers=processes, progress=show)
        else:
            with writable(db) as archive, _readers(dask, processes) as (pool, count):
                summary = reparse_archive(archive, changed_only, count, pool, show)
    if as_json:
        print_json(asdict(summary))
    elif isinstance(summary, Rebuilt):
        _print_rebuilt(summary, db)
    else:
        _print_summary(summary)
    click.get_current_context().exit(1 if summary.left else 0)


@contextmanager
def _readers(address: str | None, processes: int) -> Iterator[tuple[Executor | None, int]]:
    """Give what reads on a cluster, None for processes of our own, and how many batches at once."""
    if address is None:
        yield None, processes
    else:
        with connected(address, threads=1) as client:
            if waits := what_it_waits_for(client, address):
                err.print(waits, markup=False, soft_wrap=True)
            yield executor(client)


def show_progress(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


def _print_left(left: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    if left:
        out.print(table(("left as it was", *names[1:]), [[row[name] for name in names] for row in left[:SHOWN]]))


def _print_rebuilt(rebuilt: Rebuilt, db: Path) -> None:
    _print_left(rebuilt.left, ("file", "offset", "url", "detail"))
    counts = f"{rebuilt.records:,} records of {rebuilt.files:,} WARC files stored in {rebuilt.seconds} s"
    out.print(f"{counts}: {rebuilt.articles:,} articles in {db}.", markup=False)


def _print_summary(summary: Summary) -> None:
    if summary.fields:
        rows = [(name, found["articles"], found["example"]) for name, found in sorted(summary.fields.items())]
        out.print(table(("field", "articles changed", "for example"), rows))
    _print_left(summary.left, ("key", "file", "offset", "detail"))
    counts = f"{summary.articles:,} articles read again from {summary.records:,} records"
    out.print(f"{counts} in {summary.seconds} s: {summary.changed:,} changed, {len(summary.left):,} left as they were.")


def progress_bar(*columns: Any) -> Progress:
    texts = (TextColumn("{task.description}"), BarColumn())
    return Progress(*texts, *columns, TimeRemainingColumn(), console=err, transient=True, disable=not is_terminal())


def print_report(report: Report) -> None:
    if report.problems:
        rows = [(p.kind, p.file, p.offset, p.url, p.detail) for p in report.problems[:SHOWN]]
        out.print(table(("damage", "file", "offset", "url", "what is wrong"), rows))
        if len(report.problems) > SHOWN:
            out.print(f"… and {len(report.problems) - SHOWN:,} more: --json prints all.")
    counts = f"{report.files:,} WARC files, {report.records:,} records and {report.articles:,} articles"
    verdict = f"{len(report.problems):,} problems" if report.problems else "Sound"
    out.print(f"{verdict}: {counts} looked at in {report.seconds} s.")
