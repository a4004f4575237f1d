"""`csu-news export`: the articles of a selection, all of them, in a format that others read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Unpack

import click

from csu_news.archive import Archive
from csu_news.cli.output import counted, db_option, json_option, out, print_json
from csu_news.cli.selecting import selection_options
from csu_news.errors import ExportError, UsageError
from csu_news.exporters import FORMATS, loaded, write, write_to
from csu_news.search import Filters, Selection

_LIST = "\n".join(f"{name:9}{made.description}" for name, made in FORMATS.items())

OWN_FILES = ("", "-wal", "-shm", ".lock")
"""How the names of an archive's files end, beside its evidence."""


@click.command(
    short_help="Write articles as CSV, JSON Lines, Parquet, Atom or citations.", epilog=f"\b\nFormats:\n{_LIST}"
)
@click.argument("format", type=click.Choice(list(FORMATS)), metavar="FORMAT")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    callback=lambda context, parameter, path: None if path == Path("-") else path,
    metavar="PATH",
    help="Where to; else, or with -, standard output.",
)
@click.option("--query", metavar="TEXT", help="Only what `csu-news search TEXT` would find.")
@selection_options
@click.option("--spreadsheet", is_flag=True, help="csv: marked as UTF-8, and without formulas.")
@db_option
@json_option
def export(
    format: str,
    output: Path | None,
    query: str | None,
    spreadsheet: bool,
    db: Path,
    as_json: bool,
    **filters: Unpack[Filters],
) -> None:
    r"""Write all articles of a selection in FORMAT, and say how many.

    A crawl may be running: all articles are of one moment. A file is there whole or not at all.

    \b
    csu-news export csv -o news.csv
    csu-news export jsonl --query 湘雅医院 --since 2020 > xiangya.jsonl
    """
    selection = Selection(query, **filters)
    options, unit = _checked(format, output, db, spreadsheet, as_json), FORMATS[format].unit
    with Archive(db) as archive:
        warc_folder = archive.warc_folder
        if output is None:
            stream = sys.stdout.buffer
            number = write(format, archive.connection, selection, stream, warc_folder=warc_folder, **options)
            stream.flush()
            click.echo(f"{counted(number, unit)}.", err=True)
            return
        try:
            number = write_to(output, format, archive.connection, selection, warc_folder=warc_folder, **options)
        except OSError as error:
            raise ExportError(f"{output} cannot be written: {error.strerror or error}.") from error
    if as_json:
        print_json({"format": format, "path": str(output), f"{unit}s": number})
        return
    out.print(f"{counted(number, unit)} in {output}.", markup=False)


def _checked(format: str, output: Path | None, db: Path, spreadsheet: bool, as_json: bool) -> dict[str, bool]:
    """Return the format's own options, when all that is asked for can be."""
    if spreadsheet and format != "csv":
        raise UsageError("--spreadsheet is for csv.")
    if as_json and output is None:
        raise UsageError("--json is about a file: say which with -o.")
    if output is not None:
        _check_place(output, db, FORMATS[format].kind)
    elif FORMATS[format].kind != "stream":
        raise UsageError(f"{format} is a {FORMATS[format].kind}: say where with -o.")
    loaded(format)
    return {"spreadsheet": True} if spreadsheet else {}


def _check_place(output: Path, db: Path, kind: str) -> None:
    """Refuse to replace what is no earlier export."""
    place, own = output.resolve(), db.resolve()
    if place.is_relative_to(own.parent / "warc") or place in (own.with_name(own.name + end) for end in OWN_FILES):
        raise UsageError(f"{output} is part of the archive itself.")
    if kind == "folder":
        if output.exists() and not (output.is_dir() and not any(output.iterdir())):
            raise UsageError(f"{output} is there already: this format is a folder, new or empty.")
    elif output.is_dir():
        raise UsageError(f"{output} is a folder: this format is one file.")
    elif output.exists() and not output.is_file():
        raise UsageError(f"{output} is no file that can be replaced.")
    elif output.exists() and db.exists() and output.samefile(db):
        raise UsageError(f"{output} is part of the archive itself.")
