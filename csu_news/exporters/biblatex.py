"""BibLaTeX: entries of type @online, as biber and Zotero read them."""

from __future__ import annotations

from io import StringIO
from typing import Any, BinaryIO

from pybtex.database import BibliographyData, Entry
from pybtex.database.output.bibtex import Writer

from csu_news.exporters.chosen import Chosen

LANGID = {"en": "english", "zh-CN": "chinese"}
ESCAPES = str.maketrans(
    {
        **{character: f"\\{character}" for character in "&%$#_"},
        "\\": "\\textbackslash{}",
        "{": "\\textbraceleft{}",  # \{ would count as a brace, and a title may have any number of them
        "}": "\\textbraceright{}",
        "~": "\\textasciitilde{}",
        "^": "\\textasciicircum{}",
    }
)
# an address is verbatim, but for braces, which must come in pairs
URL_ESCAPES = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", '"': "%22", " ": "%20"})


class _Verbatim(Writer):  # type: ignore[misc]
    """pybtex escapes addresses and leaves $ and ^ alone: here values come escaped."""

    def _encode(self, text: str) -> str:
        return text


def write_biblatex(chosen: Chosen, stream: BinaryIO) -> None:
    """Write an entry for each article; its key is the article's."""
    for item in chosen.citations():
        stream.write((b"\n" if chosen.count > 1 else b"") + biblatex(item).encode())


def biblatex(item: dict[str, Any]) -> str:
    """Return the entry of a CSL item.

    The offices and papers that wrote the article are its author, each in braces of its own: names of no person.
    source  the manual of biblatex 3.20, section 2.2
    """
    fields = {
        "title": _escaped(item.get("title")),
        "author": " and ".join(f"{{{_escaped(author['literal'])}}}" for author in item.get("author", ())),
        "organization": _escaped(item["publisher"]),
        "date": _day(item.get("issued")),
        "url": item["URL"].translate(URL_ESCAPES),
        "urldate": _day(item.get("accessed")),
        "langid": LANGID.get(item.get("language", "")),
        "note": _escaped(item.get("note")),
        "addendum": _escaped(_archive(item)),
    }
    entry = Entry("online", fields={name: value for name, value in fields.items() if value})
    written = StringIO()
    _Verbatim().write_stream(BibliographyData(entries={item["id"]: entry}), written)
    return written.getvalue()


def _escaped(text: str | None) -> str:
    return (text or "").translate(ESCAPES)


def _archive(item: dict[str, Any]) -> str:
    return ", ".join(part for part in (item["archive"], item.get("archive_location")) if part)


def _day(date: dict[str, Any] | None) -> str | None:
    return "{:04}-{:02}-{:02}".format(*date["date-parts"][0]) if date else None
