"""Parquet: typed columns, compressed; written in row groups, so that memory does not grow.

One file, or a data set of a file for each site and year, its folders named as Hive, DuckDB and Spark read them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from csu_news.exporters.chosen import COLUMNS, INTEGERS, MEDIA_COLUMNS, TIMES, Chosen
from csu_news.search import Selection

GROUP_ROWS, GROUP_CHARACTERS = 10_000, 8_000_000

_SECONDS = pa.timestamp("s", tz="UTC")
_MEDIA = pa.struct([(name, pa.int64() if name == "size_bytes" else pa.string()) for name in MEDIA_COLUMNS])
_TYPES = {
    **dict.fromkeys(INTEGERS, pa.int64()),
    **dict.fromkeys(TIMES, _SECONDS),
    "published": pa.date32(),
    "sources": pa.list_(pa.string()),
    "media": pa.list_(_MEDIA),
}
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in (*COLUMNS, "body_html", "media")])
"""`published_at` stays text: it has the site's own offset from UTC."""


NO_YEAR = "__HIVE_DEFAULT_PARTITION__"
"""What a folder is named for articles without a date, so that readers see null."""


def write_parquet(chosen: Chosen, stream: BinaryIO) -> None:
    """Write a row for each article, with the fields of JSON Lines: dates, UTC times, numbers and lists as such."""
    _write(chosen, chosen.articles(), SCHEMA, stream)


def write_dataset(connection: sqlite3.Connection, folder: Path) -> None:
    """Write `site=<name>/year=<year>/articles.parquet` for each; both are columns by the folders' names alone."""
    schema = SCHEMA.remove(SCHEMA.get_field_index("site"))
    for (site,) in connection.execute("select name from sites order by name").fetchall():
        chosen = Chosen(connection, Selection(site=site))
        for year, articles in groupby(chosen.articles(), _year):
            file = folder / f"site={site}" / f"year={year}" / "articles.parquet"
            file.parent.mkdir(parents=True)
            with file.open("wb") as stream:
                _write(chosen, articles, schema, stream)


def _year(article: dict[str, Any]) -> str:
    return article["published"][:4] if article["published"] else NO_YEAR


def _write(chosen: Chosen, articles: Iterable[dict[str, Any]], schema: pa.Schema, stream: BinaryIO) -> None:
    rows = (_row(article | {"media": chosen.media(article)}) for article in articles)
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for group in _groups(rows):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield lists of so many rows, or of so much text."""
    group: list[dict[str, Any]] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += len(row["body"]) + len(row["body_html"])
        if len(group) == GROUP_ROWS or characters > GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _row(article: dict[str, Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {name: article[name] and datetime.fromisoformat(article[name]) for name in TIMES}
    typed["published"] = article["published"] and date.fromisoformat(article["published"])
    return article | typed
