"""Parquet: typed columns, compressed; written in row groups, so that memory does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from csu_news.exporters.chosen import COLUMNS, INTEGERS, MEDIA_COLUMNS, TIMES, Chosen

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


def write_parquet(chosen: Chosen, stream: BinaryIO) -> None:
    """Write a row for each article, with the fields of JSON Lines: dates, UTC times, numbers and lists as such."""
    rows = (_row(article | {"media": chosen.media(article)}) for article in chosen.articles())
    with parquet.ParquetWriter(stream, SCHEMA, compression="zstd") as writer:
        for group in _groups(rows):
            writer.write_table(pa.Table.from_pylist(group, schema=SCHEMA))


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
