"""How an article is cited: as a CSL item, the one form that the others are made of; pure."""

from __future__ import annotations

import re
from calendar import month_name
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


def apa(item: dict[str, Any]) -> str:
    """Return the reference of a CSL item in the manner of APA, as plain text.

    source  Publication Manual of the APA, 7th edition, 10.16: webpages and websites
    """
    names = [author["literal"] for author in item.get("author", ())]
    author = ", & ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else None
    issued = "({}, {} {})".format(*_spelled(item["issued"])) if "issued" in item else "(n.d.)"
    title = item.get("title", item["id"])
    head = [author, issued, title] if author else [title, issued]
    container = item["publisher"] if item["publisher"] != author else None
    retrieved = item["URL"]
    if "accessed" in item:
        year, month, day = _spelled(item["accessed"])
        retrieved = f"Retrieved {month} {day}, {year}, from {item['URL']}"
    return " ".join([*(_ended(part) for part in (*head, container) if part), retrieved])


def gbt7714(item: dict[str, Any]) -> str:
    """Return the reference of a CSL item as Chinese journals want it, as plain text.

    source  GB/T 7714-2015, 4.6: electronic resources
    """
    authors = ", ".join(author["literal"] for author in item.get("author", ())) or item["publisher"]
    issued = f"({_numbered(item['issued'])})" if "issued" in item else ""
    accessed = f"[{_numbered(item['accessed'])}]" if "accessed" in item else ""
    dates = f" {issued}{accessed}." if issued or accessed else ""
    return f"{_ended(authors)} {item.get('title', item['id'])}[EB/OL].{dates} {item['URL']}."


def _spelled(date: dict[str, Any]) -> tuple[int, str, int]:
    """Return year, month and day of a date.

    >>> _spelled({"date-parts": [[2020, 1, 8]]})
    (2020, 'January', 8)
    """
    year, month, day = date["date-parts"][0]
    return year, month_name[month], day


def _numbered(date: dict[str, Any]) -> str:
    return "{:04}-{:02}-{:02}".format(*date["date-parts"][0])


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!", "。", "？", "！")) else f"{text}."


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
