"""`csu-news merge`: several archives made one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
from rich.progress import BarColumn

from csu_news.archive import Archive
from csu_news.archive.merging import Merged
from csu_news.archive.merging import merge as merge_archive
from csu_news.archive.merging.source import check_source
from csu_news.cli.check import progress_bar, show_progress
from csu_news.cli.output import counted, json_option, out, print_json, size, table

file = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Bring archives together in one; they stay as they are.")
@click.argument("target", metavar="OUT", type=file)
@click.argument("archives", metavar="DB...", nargs=-1, required=True, type=file)
@json_option
def merge(target: Path, archives: tuple[Path, ...], as_json: bool) -> None:
    r"""Take all that archives hold into OUT, which is made if it is not there; the archives stay as they are.

    Keys, texts, revisions and evidence stay what they are. Of an article in two archives the newest reading
    counts. Merging again adds only what is new. Each archive is taken whole or not at all.

    \b
    csu-news merge all/news.db sites/csu-en/news.db sites/csu-zh/news.db
    """
    for path in archives:
        check_source(path, target)
    merged = []
    with Archive(target, write=True) as archive, progress_bar(BarColumn()) as bar:
        for path in archives:
            task = bar.add_task(path.parent.name or path.name, total=None)
            merged.append(merge_archive(archive, path, partial(show_progress, bar, task)))
        (articles,) = archive.connection.execute("select count(*) from articles").fetchone()
    if as_json:
        print_json({"archive": str(target), "articles": articles, "merged": [each.as_dict() for each in merged]})
    else:
        _print(merged, target, articles)


def _print(merged: list[Merged], target: Path, articles: int) -> None:
    rows = [(e.archive, e.articles, e.runs, e.fetches, e.files, size(e.files_bytes)) for e in merged]
    out.print(table(("new from", "articles", "runs", "requests", "files", "evidence"), rows))
    out.print(f"\n{counted(articles, 'article')} in {target}.", markup=False, soft_wrap=True)
