"""Formats that others read: one module for each, imported when it is asked for.

`write()` is for formats that are one stream of bytes, `write_to()` for all of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from csu_news.archive.database import unchanging
from csu_news.errors import UsageError
from csu_news.exporters.chosen import Chosen
from csu_news.files import new_folder, replacing, replacing_at
from csu_news.search import Selection

__all__ = ["FORMATS", "Format", "write", "write_to"]


@dataclass(frozen=True)
class Format:
    """What can be written.

    load    imports the function that writes it
    kind    what the function takes beside a Chosen. stream: a binary stream; file: the path of an empty file;
            folder: that of an empty folder
    extra   of csu_news, without which it cannot be loaded
    unit    what it is made of, and counted by: article, or pair of an English and a Chinese one
    """

    description: str
    load: Callable[[], Callable[..., None]]
    kind: str = "stream"
    extra: str | None = None
    unit: str = "article"


FORMATS: dict[str, Format] = {
    "csv": Format(
        "one row for each article; --spreadsheet for Excel and the like",
        lambda: import_module("csu_news.exporters.csv").write_csv,
    ),
    "jsonl": Format(
        "one JSON object a line, with lists, pictures and HTML",
        lambda: import_module("csu_news.exporters.jsonl").write_jsonl,
    ),
    "parquet": Format(
        "typed columns for pandas, R, DuckDB and the like",
        lambda: import_module("csu_news.exporters.parquet").write_parquet,
        extra="parquet",
    ),
    "csl-json": Format(
        "citations for Zotero, Pandoc and citation processors",
        lambda: import_module("csu_news.exporters.csl").write_csl,
    ),
    "biblatex": Format(
        "citations for LaTeX, as @online",
        lambda: import_module("csu_news.exporters.biblatex").write_biblatex,
    ),
    "ris": Format(
        "citations for EndNote, Mendeley, NoteExpress",
        lambda: import_module("csu_news.exporters.ris").write_ris,
    ),
    "atom": Format(
        "a feed with an entry for each article, its text whole",
        lambda: import_module("csu_news.exporters.feed").write_atom,
    ),
    "html": Format(
        "one page to read, print and keep, with pictures",
        lambda: import_module("csu_news.exporters.html").write_html,
    ),
    "txt": Format(
        "a folder for corpus tools: a text file for each article, metadata.tsv",
        lambda: import_module("csu_news.exporters.txt").write_txt,
        kind="folder",
    ),
    "wacz": Format(
        "the evidence for ReplayWeb.page and pywb, with a page for each article",
        lambda: import_module("csu_news.exporters.wacz").write_wacz,
        kind="file",
        extra="wacz",
    ),
    "pairs": Format(
        "TSV of which English and Chinese articles tell the same, and why",
        lambda: import_module("csu_news.exporters.pairs").write_pairs,
        unit="pair",
    ),
    "tmx": Format(
        "the texts of these pairs side by side, for translators and linguists",
        lambda: import_module("csu_news.exporters.tmx").write_tmx,
        unit="pair",
    ),
}


def write(
    name: str,
    connection: sqlite3.Connection,
    selection: Selection,
    stream: BinaryIO,
    *,
    warc_folder: Path | None = None,
    **options: Any,
) -> int:
    """Write all articles of the selection, of one moment, to a stream; return how many.

    warc_folder  where the evidence lies, from which html takes its pictures
    options      spreadsheet (csv): with a mark for UTF-8 and no cell that is a formula
    errors       UsageError: no such format, or not one for a stream; an extra is missing
    """
    if _format(name).kind != "stream":
        raise UsageError(f"{name} is a {_format(name).kind}: say where with -o.")
    return _write(name, Chosen(connection, selection, warc_folder), stream, options)


def write_to(
    path: Path, name: str, connection: sqlite3.Connection, selection: Selection, *, warc_folder: Path, **options: Any
) -> int:
    """Write all articles of the selection to a file or folder, which is there whole or not at all; return how many.

    errors  as write(); OSError: it cannot be written, or a folder is there that is not empty
    """
    kind, chosen = _format(name).kind, Chosen(connection, selection, warc_folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        with new_folder(path) as folder:
            return _write(name, chosen, folder, options)
    if kind == "file":
        with replacing_at(path, mode=0o644) as file:
            return _write(name, chosen, file, options)
    with replacing(path, mode=0o644) as stream:
        return _write(name, chosen, stream, options)


def _write(name: str, chosen: Chosen, target: BinaryIO | Path, options: dict[str, Any]) -> int:
    writer = loaded(name)
    with unchanging(chosen.connection):
        writer(chosen, target, **options)
    return chosen.count


def loaded(name: str) -> Callable[..., None]:
    """Return the function that writes a format.

    errors  UsageError: no such format, or an extra is missing
    """
    made = _format(name)
    try:
        return made.load()
    except ModuleNotFoundError as error:
        if made.extra is None:
            raise
        raise UsageError(f"{name} needs more than is installed: pip install 'csu-news[{made.extra}]'.") from error


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise UsageError(f"{name!r} is no format: {', '.join(FORMATS)} are.")
    return FORMATS[name]
