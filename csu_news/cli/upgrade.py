"""`csu-news upgrade`: an archive of an earlier version, brought up to date."""

from __future__ import annotations

from pathlib import Path

import click

from csu_news.archive import Archive
from csu_news.cli.output import db_option, json_option, out, print_json
from csu_news.errors import OlderArchive


@click.command(short_help="Bring an archive of an earlier version up to date.")
@db_option
@json_option
def upgrade(db: Path, as_json: bool) -> None:
    r"""Bring an archive that an earlier version made up to date; a crawl does the same.

    The file as it was is kept beside it, under a name that ends in the first change made.

    \b
    csu-news upgrade --db csu/news.db
    """
    upgraded = _upgrade(db)
    if as_json:
        print_json({"archive": str(db), "upgraded": upgraded})
    else:
        out.print(f"{db} {'was brought' if upgraded else 'is'} up to date.", markup=False, soft_wrap=True)


def _upgrade(db: Path) -> bool:
    try:
        Archive(db).close()
    except OlderArchive:
        Archive(db, write=True).close()
        return True
    return False
