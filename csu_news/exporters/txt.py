"""One plain text file for each article, and a table about them: for AntConc, CQPweb and other tools of corpora."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from csu_news.errors import ExportError
from csu_news.exporters.chosen import Chosen
from csu_news.exporters.tsv import write_tsv

COLUMNS = ("text_id", "file", "key", "language", "year", "published", "title", "source", "word_count", "url")

# csu-en-2209
_SAFE_KEY = re.compile(r"\w[\w.-]*")


def write_txt(chosen: Chosen, folder: Path) -> None:
    """Write `<language>/<year>/<key>.txt`, title and text, and `metadata.tsv`, a line for each file below the names.

    A language that is not known is `und`, an article without a date is of `undated`. `text_id` is the key as CQPweb
    takes it: letters, digits and underscores.
    """
    with (folder / "metadata.tsv").open("w", encoding="utf-8", newline="") as file:
        write_tsv(file, COLUMNS, (_written(folder, article) for article in chosen.articles()))


def _written(folder: Path, article: dict[str, Any]) -> dict[str, Any]:
    """Write an article's file, and return its row."""
    row = _described(article)
    path = folder / row["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = (article["title"], article["body"])
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8", newline="")
    return row


def _described(article: dict[str, Any]) -> dict[str, Any]:
    key, language = article["key"], article["language"] or "und"
    if not _SAFE_KEY.fullmatch(key):
        raise ExportError(f"The article's key {key!r} cannot name a file.")
    year = (article["published"] or "undated")[:7].partition("-")[0]
    return {
        "text_id": re.sub(r"\W", "_", key),
        "file": f"{language}/{year}/{key}.txt",
        "key": key,
        "language": language,
        "year": year,
        "published": article["published"],
        "title": article["title"],
        "source": "; ".join(article["sources"]),
        "word_count": article["word_count"],
        "url": article["url"],
    }
