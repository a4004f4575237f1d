"""The citations of one article, to copy."""

from __future__ import annotations

import sqlite3
from typing import Any

from csu_news.citations import apa, citation, gbt7714
from csu_news.exporters.biblatex import biblatex
from csu_news.exporters.chosen import translation_urls
from csu_news.exporters.csl import csl
from csu_news.exporters.ris import ris


def styles(connection: sqlite3.Connection, article: dict[str, Any]) -> dict[str, str]:
    """Return the citation of an article of search.selected(), by style: to be read, and in each format of citations."""
    item = citation(article, translation_urls(connection, article["id"]))
    read = {"apa": apa(item), "gbt7714": gbt7714(item)}
    return read | {"biblatex": biblatex(item), "ris": ris(item), "csl-json": csl(item)}
