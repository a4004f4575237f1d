"""JSON Lines: an object on each line, UTF-8."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, cast

from scrapy.exporters import JsonLinesItemExporter

from csu_news.exporters.chosen import COLUMNS, Chosen

FIELDS = (*COLUMNS, "body_html", "media")


def write_jsonl(chosen: Chosen, stream: BinaryIO) -> None:
    """Write an object for each article, with `sources` as list, `body_html`, and `media` as list of objects."""
    exporter = JsonLinesItemExporter(cast(BytesIO, stream), encoding="utf-8", fields_to_export=FIELDS)
    exporter.start_exporting()
    for article in chosen.articles():
        exporter.export_item(article | {"media": chosen.media(article)})
    exporter.finish_exporting()
