"""CSV, RFC 4180 in UTF-8: for spreadsheets, pandas, R and everything else."""

from __future__ import annotations

import codecs
from io import BytesIO
from typing import Any, BinaryIO, cast

from scrapy.exporters import CsvItemExporter

from csu_news.exporters.chosen import COLUMNS, Chosen

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes a cell that begins so for a formula, or for one after white space."""


def write_csv(chosen: Chosen, stream: BinaryIO, spreadsheet: bool = False) -> None:
    """Write a line of names and a row for each article; several sources are separated by `; `.

    spreadsheet  begin with a mark by which Excel knows UTF-8, and put ' before each text that it would take for a
                 formula
    """
    if spreadsheet:
        stream.write(codecs.BOM_UTF8)
    exporter = CsvItemExporter(
        cast(BytesIO, stream), include_headers_line=False, join_multivalued="; ", fields_to_export=COLUMNS
    )
    exporter.start_exporting()
    exporter.export_item({name: name for name in COLUMNS})  # Scrapy's own line of names needs an article
    for article in chosen.articles():
        row = article | {"sources": "; ".join(article["sources"])}
        exporter.export_item({name: _defused(value) for name, value in row.items()} if spreadsheet else row)
    exporter.finish_exporting()


def _defused(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
