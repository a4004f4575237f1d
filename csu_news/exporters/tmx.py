"""TMX 1.4: the texts of each pair side by side, and their paragraphs where it is certain which belong together."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, BinaryIO

from lxml import etree  # type: ignore[import-untyped]

from csu_news.alignment import align
from csu_news.exporters.atom import NOT_XML
from csu_news.exporters.chosen import Chosen

NAME = "csu_news"
HEADER = {
    "creationtool": NAME,
    "creationtoolversion": version("csu-news"),
    "segtype": "block",
    "o-tmf": NAME,
    "adminlang": "en",
    "srclang": "en",
    "datatype": "plaintext",
}
NOTE = (
    "Level document: the whole text of two articles that tell the same, not always in the same sentences. Level"
    " paragraph: aligned by length; alignment-score is the probability of the whole article's alignment."
    " No sentence alignment is claimed."
)
LANGUAGES = {"en": "en", "zh": "zh-CN"}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LABEL = 12
"""How many characters a line may have beside a source, to be no more than its name: `(Source: …)`."""
OF_ARTICLE = ("key", "published", "url")


def write_tmx(chosen: Chosen, stream: BinaryIO) -> None:
    """Write a unit for each pair, of titles and texts, and behind it those of its paragraphs.

    What XML cannot hold is left out.
    """
    pairs = chosen.pairs()
    with etree.xmlfile(stream, encoding="UTF-8") as file:
        file.write_declaration()
        with file.element("tmx", version="1.4"):
            with file.element("header", **HEADER), file.element("note"):
                file.write(NOTE)
            with file.element("body"):
                for pair in pairs:
                    file.write("\n", _document(pair))
                    for unit in _paragraphs(pair):
                        file.write("\n", unit)


def _document(pair: dict[str, Any]) -> etree._Element:
    properties = {"level": "document", "evidence": pair["evidence"], "score": pair["score"]}
    unit = _unit(f"{pair['en_key']}:{pair['zh_key']}", "block", properties)
    for side in LANGUAGES:
        text = "\n\n".join(part for part in (pair[f"{side}_title"], pair[f"{side}_body"]) if part)
        _add(unit, side, {name: pair[f"{side}_{name}"] for name in OF_ARTICLE}, text)
    return unit


def _paragraphs(pair: dict[str, Any]) -> Iterator[etree._Element]:
    sides = {side: _split(pair[f"{side}_body"], pair[f"{side}_source_raw"]) for side in LANGUAGES}
    alignment = align(*(list(paragraphs.values()) for paragraphs in sides.values()))
    if alignment is None or not alignment.is_certain:
        return
    properties = {"level": "paragraph", "alignment-score": f"{alignment.score:.4f}"}
    for number, bead in enumerate(alignment.beads, 1):
        unit = _unit(f"{pair['en_key']}:{pair['zh_key']}:{number}", "paragraph", properties)
        for side, first, end in (("en", *bead[:2]), ("zh", *bead[2:])):
            numbers = list(sides[side])[first:end]
            place = {"key": pair[f"{side}_key"], "paragraphs": " ".join(map(str, numbers))}
            _add(unit, side, place, "\n\n".join(sides[side][number] for number in numbers))
        yield unit


def _split(body: str, source: str | None) -> dict[int, str]:
    """Return a text's paragraphs by number, but no source line: the other language may print it beside the text."""
    return {
        number: paragraph
        for number, paragraph in enumerate(body.split("\n\n"), 1)
        if paragraph.strip() and not (source and source in paragraph and len(paragraph) <= len(source) + LABEL)
    }


def _unit(name: str, segments: str, properties: dict[str, Any]) -> etree._Element:
    unit = etree.Element("tu", tuid=name, segtype=segments)
    _add_properties(unit, properties)
    return unit


def _add(unit: etree._Element, side: str, properties: dict[str, Any], text: str) -> None:
    variant = etree.SubElement(unit, "tuv", {XML_LANG: LANGUAGES[side]})
    _add_properties(variant, properties)
    etree.SubElement(variant, "seg").text = NOT_XML.sub("", text)


def _add_properties(element: etree._Element, properties: dict[str, Any]) -> None:
    for name, value in properties.items():
        if value is not None:
            etree.SubElement(element, "prop", type=f"x-{name}").text = NOT_XML.sub("", str(value))
