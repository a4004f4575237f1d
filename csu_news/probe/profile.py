"""The profile that a first look ends with, as `csu-news crawl --site-file` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Table

from csu_news.probe.findings import Probe
from csu_news.sites import Column

NAME = "stands in every key: choose it now, never change it"
LANGUAGE = "of all pages; without it, told from each page"
MEDIA_HOSTS = "pictures or files were found there"
LIST = "as the articles say, not looked at"


def profile_text(probe: Probe) -> str:
    """Return the profile as TOML; what is not certain has a comment that says so."""
    site = probe.site
    assert site is not None
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Made by csu-news probe {probe.url}"))
    for key in ("name", "title", "base_url", "language", "owner"):
        if (value := getattr(site, key)) is not None:
            document[key] = value
    document["name"].comment(NAME)
    if site.language is None and (languages := {article["language"] for article in probe.articles} - {None}):
        for language in sorted(languages):
            document.add(tomlkit.comment(f'language = "{language}"  # {LANGUAGE}'))
    for key in ("hosts", "media_hosts", "title_suffixes"):
        if value := getattr(site, key):
            document[key] = list(value)
    if site.media_hosts:
        document["media_hosts"].comment(MEDIA_HOSTS)
    if site.columns:
        tables = tomlkit.aot()
        for column, found in zip(site.columns, probe.columns, strict=True):
            tables.append(_table(column, found))
        document["columns"] = tables
    return tomlkit.dumps(document)


def _table(column: Column, found: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key in ("column_id", "list_url", "name"):
        if (value := getattr(column, key)) is not None:
            table[key] = value
    if column.list_url is not None and not found["looked_at"]:
        table["list_url"].comment(LIST)
    return table
