"""datapackage.json and CITATION.cff: what programs read of a snapshot."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csu_news.exporters.chosen import COLUMNS
from csu_news.exporters.jsonl import FIELDS
from csu_news.snapshot.facts import Facts
from csu_news.snapshot.fields import table_schema

DATABASE, DICTIONARY, PACKAGE, CITATION, README, SUMS = (
    *("csu_news.db", "fields.md", "datapackage.json", "CITATION.cff", "README.md", "SHA256SUMS"),
)


BY_SITE_AND_YEAR = (
    "All articles as a Parquet data set, in folders by site and year, which are columns `site` and `year`"
)
DATASET = "articles"
"""The folder of the data set by site and year, where it is asked for."""

EMPTY = "empty"
"""The version of an archive for which no site has answered yet."""


@dataclass(frozen=True)
class Written:
    """A file of the snapshot."""

    size_bytes: int
    sha256: str


RESOURCES: dict[str, dict[str, Any]] = {
    DATABASE: {
        "name": "database",
        "description": "The whole archive, an SQLite 3 database with full text; fields.md describes its tables",
        "format": "sqlite",
        "mediatype": "application/vnd.sqlite3",
    },
    "articles.parquet": {
        "name": "articles-parquet",
        "description": "All articles, with typed columns",
        "format": "apache-parquet",  # of `parquet`, frictionless has pandas check the rows, which knows no lists
        "mediatype": "application/vnd.apache.parquet",
        "schema": table_schema(FIELDS, lists=True),
    },
    "articles.csv": {
        "name": "articles-csv",
        "description": "All articles as a table, without HTML and pictures",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": table_schema(COLUMNS, lists=False),
    },
    "articles.jsonl": {
        "name": "articles-jsonl",
        "description": "All articles, a JSON object on each line",
        "format": "jsonl",
        "mediatype": "application/jsonl",
        "encoding": "utf-8",
        "schema": table_schema(FIELDS, lists=True),
    },
    DICTIONARY: {
        "name": "fields",
        "description": "What every table and column means",
        "format": "md",
        "mediatype": "text/markdown",
        "encoding": "utf-8",
    },
}
"""By file, what a Data Package says of it; its order is that of README.md."""


def data_package(facts: Facts, written: Mapping[str, Written]) -> bytes:
    """Return datapackage.json, Frictionless Data Package."""
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": re.sub(r"[^a-z0-9]+", "-", f"news {' '.join(site['name'] for site in facts.sites)}".lower()).strip("-"),
        "title": facts.title,
        "description": f"{facts.articles} articles; {facts.audit.verdict}: see README.md.",
        "version": facts.as_of or EMPTY,
        "created": facts.created_at,
        "fingerprint": f"sha256:{facts.audit.fingerprint.sha256}",
        "sources": [
            {"title": site["title"] or site["name"]} | ({"path": site["base_url"]} if site["base_url"] else {})
            for site in facts.sites
        ],
        "resources": [
            RESOURCES[name]
            | {"path": name, "bytes": written[name].size_bytes, "hash": f"sha256:{written[name].sha256}"}
            for name in RESOURCES
        ]
        + _data_set(written),
    }
    return f"{json.dumps(package, ensure_ascii=False, indent=2)}\n".encode()


def _data_set(written: Mapping[str, Written]) -> list[dict[str, Any]]:
    """Return the resource of all files of the data set, if there are any; SHA256SUMS has their checksums."""
    paths = [name for name in written if name.startswith(f"{DATASET}/")]
    if not paths:
        return []
    return [
        RESOURCES["articles.parquet"]
        | {"name": "articles-by-site-and-year", "description": BY_SITE_AND_YEAR, "path": paths}
        | {"bytes": sum(written[path].size_bytes for path in paths)}
    ]


def citation(facts: Facts) -> bytes:
    """Return CITATION.cff, Citation File Format 1.2.0."""
    authors = "".join(f"  - name: {_scalar(name)}\n" for name in facts.publishers or ["nobody"])
    return f"""\
cff-version: 1.2.0
type: dataset
message: "If you use this data set, please cite it as below."
title: {_scalar(facts.title)}
abstract: {_scalar(f"{facts.articles} articles as the sites showed them, archived with csu_news.")}
authors:
{authors}version: {_scalar(facts.as_of or EMPTY)}
date-released: {facts.created_at[:10]}
identifiers:
  - type: other
    value: "sha256:{facts.audit.fingerprint.sha256}"
    description: "Fingerprint of the live articles"
""".encode()


def _scalar(text: str) -> str:
    """Return a text as YAML takes it, in quotes."""
    return json.dumps("".join(c if c.isprintable() else " " for c in text), ensure_ascii=False)
