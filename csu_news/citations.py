"""How an article is cited: as a CSL item, the one form that the others are made of; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

LANGUAGES = {"zh": "zh-CN"}

# what is left of control characters when those that are white space have become spaces
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def citation(article: dict[str, Any], translations: Sequence[str] = ()) -> dict[str, Any]:
    """Return the CSL item of an article as search.selected() yields it; its id is the article's key.

    It says what was seen, where and when, and which record of which WARC file proves it. What the article does
    not say is not in it.

    translations  addresses of the same article in other languages
    source        CSL 1.0.2, csl-data.json
    """
    site = _line(article["site_title"] or article["site"])
    item = {
        "id": article["key"],
        "type": "webpage",
        "title": _line(article["title"]),
        "author": [{"literal": _line(source)} for source in article["sources"]],
        "container-title": site,
        "publisher": site,
        "issued": _date(article["published"]),
        "accessed": _date(article["archived_at"]),
        "URL": article["url"],
        "language": LANGUAGES.get(article["language"], article["language"]),
        "archive": f"csu_news archive of {site}",
        "archive_location": _location(article),
        "note": _note(article, translations),
    }
    return {name: value for name, value in item.items() if value}


def _line(text: str | None) -> str:
    return _CONTROL.sub("", " ".join((text or "").split()))


def _date(text: str | None) -> dict[str, Any] | None:
    """Return the day of a date or time.

    >>> _date("2020-01-08T12:00:00Z")
    {'date-parts': [[2020, 1, 8]]}
    """
    return {"date-parts": [[int(part) for part in text[:10].split("-")]]} if text else None


def _location(article: dict[str, Any]) -> str | None:
    """Return record, file and offset; None if the record is not known."""
    if article["warc_record_id"] is None:
        return None
    return f"{article['warc_record_id'].strip('<>')}, {article['warc_file']}, offset {article['warc_offset']}"


def _note(article: dict[str, Any], translations: Sequence[str]) -> str:
    gone = [f"No longer on the site since {article['gone_at'][:10]}."] if article["gone_at"] else []
    return " ".join([*gone, *(f"Translation: {url}" for url in translations)])
