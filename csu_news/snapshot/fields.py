"""What the columns of the exported files are: docs/fields.md, read by a program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from csu_news.exporters.chosen import INTEGERS, TIMES

ELSEWHERE = {
    "site_title": ("sites", "title"),
    "archived_at": ("fetches", "fetched_at"),
    "warc_file": ("warc_files", "name"),
    "warc_offset": ("fetches", "warc_offset"),
    "warc_record_id": ("fetches", "warc_record_id"),
}
"""Columns of an exported article that are of another table: which, and under which name."""

# | `key` | stable public name |
_ROW = re.compile(r"^\| `(\w+)` \| (.*?) \|$", re.M)
# [monitoring](monitoring.md)
_LINK = re.compile(r"\[([^]]+)\]\((?!\w+:)[^)]+\)")


def dictionary() -> str:
    """Return docs/fields.md, without links to the pages beside it."""
    return _LINK.sub(r"\1", files("csu_news").joinpath("fields.md").read_text(encoding="utf-8"))


@cache
def _meanings() -> dict[tuple[str, str], str]:
    """Return what each column means, by table and name."""
    found: dict[tuple[str, str], str] = {}
    for section in dictionary().split("\n## ")[1:]:
        table = section.partition("\n")[0].strip("`")
        found |= {(table, name): meaning for name, meaning in _ROW.findall(section)}
    return found


def table_schema(columns: Sequence[str], *, lists: bool) -> dict[str, Any]:
    """Return the Table Schema of exported articles.

    lists  several sources are a list, and not joined by `; `
    """
    fields = [_field(name, lists) for name in columns]
    return {"fields": fields, "primaryKey": ["key"], "missingValues": [""]}


def _field(name: str, lists: bool) -> dict[str, Any]:
    meaning = "its pictures, attachments and videos: objects with the fields of table `media`"
    if name != "media":
        meaning = _meanings()[ELSEWHERE.get(name, ("articles", name))]
    if name == "sources" and not lists:
        meaning = "offices named as source, as printed, separated by `; `"
    field = {"name": name, "type": _type(name, lists), "description": meaning}
    return field | ({"constraints": {"required": True, "unique": True}} if name == "key" else {})


def _type(name: str, lists: bool) -> str:
    if name in INTEGERS:
        return "integer"
    if name in TIMES:
        return "datetime"
    if name == "media" or (name == "sources" and lists):
        return "array"
    return "date" if name == "published" else "string"
