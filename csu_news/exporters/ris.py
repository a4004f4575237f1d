"""RIS: what EndNote, Mendeley, Zotero and NoteExpress read."""

from __future__ import annotations

from typing import Any, BinaryIO

from rispy import RisWriter

from csu_news.exporters.chosen import Chosen


class _Unnumbered(RisWriter):  # type: ignore[misc]
    """rispy puts a number above each reference, which the format does not know."""

    NEWLINE = "\r\n"

    def set_header(self, count: int) -> str:
        return ""


def write_ris(chosen: Chosen, stream: BinaryIO) -> None:
    """Write a reference for each article, in UTF-8 with CRLF."""
    for item in chosen.citations():
        stream.write(ris(item).encode())


def ris(item: dict[str, Any]) -> str:
    """Return the reference of a CSL item, of type ELEC; its ID is the article's key."""
    reference = {
        "type_of_reference": "ELEC",
        "id": item["id"],
        "title": item.get("title"),
        "authors": [author["literal"] for author in item.get("author", ())],
        "secondary_title": item["container-title"],
        "publisher": item["publisher"],
        "date": _day(item.get("issued")),
        "year": str(item["issued"]["date-parts"][0][0]) if "issued" in item else None,
        "urls": [item["URL"]],
        "access_date": _day(item.get("accessed")),
        "language": item.get("language"),
        "name_of_database": item["archive"],
        "accession_number": item.get("archive_location"),
        "notes": [item["note"]] if "note" in item else None,
    }
    written: str = _Unnumbered().formats([{name: value for name, value in reference.items() if value}])
    return written + "\r\n"


def _day(date: dict[str, Any] | None) -> str | None:
    return "{:04}/{:02}/{:02}".format(*date["date-parts"][0]) if date else None
