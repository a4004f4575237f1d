"""CSL JSON: what Zotero, Pandoc and citation processors read."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from csu_news.exporters.chosen import Chosen


def write_csl(chosen: Chosen, stream: BinaryIO) -> None:
    """Write one JSON array, an item on each line."""
    before = b"[\n"
    for item in chosen.citations():
        stream.write(before + _json(item).encode())
        before = b",\n"
    stream.write(b"\n]\n" if chosen.count else b"[]\n")


def csl(item: dict[str, Any]) -> str:
    """Return one item as a document of its own."""
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _json(item: dict[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False)
