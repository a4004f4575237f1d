"""`csu-news sources`: who publishes, and which spellings mean the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from csu_news.archive import Archive
from csu_news.archive.curation import merge_source, split_source
from csu_news.cli.curate import writable
from csu_news.cli.output import db_option, json_option, out, print_json, table


@click.command(short_help="List who publishes, with all spellings; tie two together.")
@click.option("--merge", metavar="ALIAS", help="Say that this spelling means another source; needs --into.")
@click.option("--into", metavar="NAME", help="Which source it means.")
@click.option("--split", metavar="ALIAS", help="Undo that.")
@db_option
@json_option
def sources(merge: str | None, into: str | None, split: str | None, db: Path, as_json: bool) -> None:
    r"""List who publishes: each source with its articles and its spellings in both languages.

    What csu-news does not know to be the same stays apart; say so yourself, and it is remembered.

    \b
    csu-news sources
    csu-news sources --merge "Grad School" --into "Graduate School"
    csu-news sources --split "Grad School"
    """
    if (merge is None) != (into is None) or (merge and split):
        raise click.UsageError("Give --merge with --into, or --split.")
    alias = merge or split
    if alias is not None:
        with writable(db) as archive:
            name = _decided(archive, alias, into)
        if as_json:
            print_json({"alias": alias, "source": name, "decision": "merge" if into else "split"})
        else:
            out.print(f"{alias} means {name}.", markup=False)
        return
    with Archive(db) as archive:
        found = archive.sources()
    if as_json:
        print_json(found)
    elif found:
        out.print(table(("source", "articles", "years", "printed as"), map(_row, found)))
    else:
        out.print("No article names its source.")


def _decided(archive: Archive, alias: str, into: str | None) -> str:
    if into is None:
        return split_source(archive.connection, alias, datetime.now(UTC))
    return merge_source(archive.connection, alias, into, datetime.now(UTC))


def _row(source: dict[str, Any]) -> tuple[str, int, str, str]:
    names = [source["name"], *({source["name_zh"]} - {source["name"], None})]
    years = sorted({source[name][:4] for name in ("first_published", "last_published") if source[name]})
    printed = [
        f"{row['spelling']} ({row['articles']}{', merged' if row['merged_into'] else ''})"
        for row in source["spellings"]
    ]
    return "\n".join(names), source["articles"], "–".join(years), "\n".join(printed)
