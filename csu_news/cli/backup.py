"""`csu-news backup`: a copy of the archive, and whether it is still what was copied."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
from rich.progress import DownloadColumn

from csu_news.archive import Archive
from csu_news.backup import Summary, check_backup
from csu_news.backup import backup as backup_archive
from csu_news.cli.check import SHOWN, print_report, progress_bar, show_progress
from csu_news.cli.output import counted, db_option, json_option, out, print_json, size, table


@click.command(short_help="Copy the archive, or only what is new; --check reads the copy.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@db_option
@click.option("--check", is_flag=True, help="Copy nothing: read the backup in DIR, and say what is damaged.")
@json_option
def backup(folder: Path, db: Path, check: bool, as_json: bool) -> None:
    r"""Copy the archive into DIR, or bring the backup there up to date.

    A crawl may be running. Only what is new is copied, and nothing is removed. DIR is a BagIt bag; to restore
    it, copy DIR/data. Leaves with 1 when the archive or, with --check, the backup is damaged, and says what.

    \b
    csu-news backup /mnt/disk/news
    csu-news backup /mnt/disk/news --check
    """
    with progress_bar(DownloadColumn()) as bar:
        show = partial(show_progress, bar, bar.add_task("backup", total=None))
        if check:
            report = check_backup(folder, show)
            document, problems = report.as_dict(), report.problems
        else:
            with Archive(db) as archive:
                summary = backup_archive(archive, folder, show)
            document, problems = summary.as_dict(), summary.problems
    if as_json:
        print_json(document)
    elif check:
        print_report(report)
    else:
        _print_summary(summary)
    click.get_current_context().exit(1 if problems else 0)


def _print_summary(summary: Summary) -> None:
    if summary.problems:
        rows = [(problem.kind, problem.file, problem.detail) for problem in summary.problems[:SHOWN]]
        out.print(table(("damage in the archive", "file", "what is wrong"), rows))
    if summary.kept:
        names = [(Path(name).name,) for name in summary.kept[:SHOWN]]
        out.print(table(("not in the archive, kept in the backup",), names))
    copied = f"{counted(len(summary.copied), 'file')} copied, {size(summary.copied_bytes)}, in {summary.seconds} s"
    held = f"{counted(summary.files, 'file')}, {size(summary.size_bytes)}"
    out.print(f"{copied}; now {held} in {summary.folder}.", markup=False)
