"""The parallel corpus: what others read of pairs is what the archive holds, and nothing is claimed that is not so."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from driving import Ran, query
from lxml import etree
from test_translations import CHINESE, Both, Crawl, Serve, chinese_url, linked_sites, modelled_pairs, url_of

from csu_news.archive.curation import withhold
from csu_news.cli import main
from csu_news.exporters import write
from csu_news.exporters.pairs import COLUMNS
from csu_news.search import Selection

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# What of TMX 1.4 we use, in the order it asks for.
RULES = """
<!ELEMENT tmx (header, body)>          <!ATTLIST tmx version CDATA #FIXED "1.4">
<!ELEMENT header (note | prop)*>
<!ATTLIST header creationtool CDATA #REQUIRED creationtoolversion CDATA #REQUIRED o-tmf CDATA #REQUIRED
  segtype (block | paragraph | sentence | phrase) #REQUIRED adminlang CDATA #REQUIRED srclang CDATA #REQUIRED
  datatype CDATA #REQUIRED>
<!ELEMENT body (tu*)>
<!ELEMENT tu ((note | prop)*, tuv+)>
<!ATTLIST tu tuid NMTOKEN #IMPLIED segtype (block | paragraph | sentence | phrase) #IMPLIED>
<!ELEMENT tuv ((note | prop)*, seg)>   <!ATTLIST tuv xml:lang CDATA #REQUIRED>
<!ELEMENT note (#PCDATA)>              <!ELEMENT seg (#PCDATA)>
<!ELEMENT prop (#PCDATA)>              <!ATTLIST prop type CDATA #REQUIRED>
"""

PARAGRAPHS = (
    ["On May 7 the rector opened the new library of the university in rain.", "Short one.", "IEEE gave " + "x " * 90],
    ["5月7日，校长冒雨为学校新图书馆揭幕，师生同庆。", "短句一。", "IEEE授予" + "奖" * 25],
)
AWKWARD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"title": 'A "quoted"\ttitle', "body": "a\tb\nc"}, {"title": '"全引"', "body": "甲\r\n乙"}),
    (
        {"title": "Control \x00\x07\x1b\x85\u2028\ufffe", "body": "a\x00b\x0cc"},
        {"title": "\ufeff控制", "body": "甲\x1f乙"},
    ),
    ({"title": "]]> <seg> & &amp;", "body": "</tmx>"}, {"title": "🎓\U00020000", "body": "<![CDATA[ 文"}),
    ({"title": None, "body": ""}, {"title": None, "body": "", "published": None}),
    ({"body": "\n\n".join(PARAGRAPHS[0])}, {"body": "\n\n".join(PARAGRAPHS[1])}),
    ({"body": "\n\n".join(PARAGRAPHS[0])}, {"body": "\n\n".join(PARAGRAPHS[1][:2])}),
]


@pytest.fixture
def both(tmp_path: Path) -> Any:
    """Return an archive of awkward pairs, those of the last three English articles withheld on one or both sides."""
    made = Both(tmp_path / "archive.db")
    numbers = range(1, len(AWKWARD) + 4)
    made.runs = {"uni": made.begin(*map(url_of, numbers))}
    made.site = CHINESE
    made.runs["uni-zh"] = made.begin(*map(chinese_url, numbers))
    secret = ({"title": "Secret"}, {"title": "秘密"})
    for number, (here, there) in enumerate([*AWKWARD, *[secret] * 3], 1):
        made.english(number, chinese_url(number), **here)
        made.chinese(number, **there)
    first = len(AWKWARD) + 1
    for key in (f"uni-{first}", f"uni-zh-{first + 1}", f"uni-{first + 2}", f"uni-zh-{first + 2}"):
        withhold(made.archive.connection, key, "private", made.now)
    yield made
    made.archive.close()


def exported(both: Both, name: str, selection: Selection | None = None) -> tuple[int, bytes]:
    stream = BytesIO()
    number = write(name, both.archive.connection, selection or Selection(), stream)
    return number, stream.getvalue()


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode(), newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))


def units(content: bytes) -> list[Any]:
    rules = etree.DTD(StringIO(RULES))
    root = etree.fromstring(content)
    assert rules.validate(root), rules.error_log
    return list(root.iter("tu"))


def props(element: Any) -> dict[str, str]:
    return {prop.get("type").removeprefix("x-"): prop.text for prop in element.findall("prop")}


def segments(unit: Any) -> list[str]:
    return [unit.findtext(f"tuv[{number}]/seg") or "" for number in (1, 2)]


def readable(text: str | None) -> str:
    return NO_XML.sub("", text or "")


# -- what is in it -----------------------------------------------------------------------------


def test_table_has_every_pair(both: Both) -> None:
    number, content = exported(both, "pairs")
    assert number == len(AWKWARD)
    assert content.splitlines()[0].decode().split("\t") == list(COLUMNS)
    rows = {row["en_key"]: row for row in table(content)}
    expected = {row[0]: row for row in both.query(f"select {', '.join(COLUMNS)} from translation_pairs")}
    assert rows.keys() == expected.keys()
    for key, row in rows.items():
        for name, value in zip(COLUMNS, expected[key], strict=True):
            assert row[name] == re.sub("[\x00-\x1f\x7f-\x9f]", "", " ".join((value or "").split()))


def test_tmx_has_every_pair_whole(both: Both) -> None:
    number, content = exported(both, "tmx")
    documents = [unit for unit in units(content) if props(unit)["level"] == "document"]
    assert number == len(documents) == len(AWKWARD)
    for unit in documents:
        assert [tuv.get(XML_LANG) for tuv in unit.iter("tuv")] == ["en", "zh-CN"]
        assert props(unit) == {"level": "document", "evidence": "link-en"}
        for tuv, text in zip(unit.iter("tuv"), segments(unit), strict=True):
            facts = props(tuv)
            query = "select title, body, published, url from articles where key = ?"
            ((title, body, published, url),) = both.query(query, facts["key"])
            assert text == readable("\n\n".join(part for part in (title, body) if part))
            assert (facts["url"], facts.get("published")) == (url, published)


def test_paragraphs_are_aligned_where_all_are_there_and_the_file_says_how_sure(both: Both) -> None:
    _, content = exported(both, "tmx")
    aligned = [unit for unit in units(content) if props(unit)["level"] == "paragraph"]
    assert {props(unit.find("tuv"))["key"] for unit in aligned} == {"uni-5"}, "not those where one is left out"
    assert [segments(unit) for unit in aligned] == [list(each) for each in zip(*PARAGRAPHS, strict=True)]
    assert [unit.get("segtype") for unit in aligned] == ["paragraph"] * 3
    assert [props(tuv)["paragraphs"] for tuv in aligned[1].iter("tuv")] == ["2", "2"]
    assert 0.9 <= float(props(aligned[0])["alignment-score"]) <= 1
    assert "No sentence alignment is claimed." in content.decode()


def test_translate_toolkit_reads_it(both: Both) -> None:
    tmx = pytest.importorskip("translate.storage.tmx", reason="translate-toolkit is not installed")
    _, content = exported(both, "tmx")
    read = tmx.tmxfile(BytesIO(content), sourcelanguage="en", targetlanguage="zh-CN")
    assert (read.getsourcelanguage(), len(read.units)) == ("en", len(AWKWARD) + 3)
    expected = [segments(unit) for unit in units(content)]
    assert [[str(unit.source or ""), str(unit.target or "")] for unit in read.units] == expected
    assert read.translate("Short one.") == "短句一。"


@pytest.mark.parametrize("name", ["pairs", "tmx"])
def test_withheld_on_either_side_is_in_none(both: Both, name: str) -> None:
    content = exported(both, name)[1].decode()
    assert "Secret" not in content
    assert "秘密" not in content


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"query": "library"}, [5, 6]),
        ({"query": "校长"}, [5, 6]),
        ({"query": "rector 校长"}, []),
        ({"site": "uni-zh"}, [1, 2, 3, 4, 5, 6]),
        ({"site": "none"}, []),
        ({"site": "uni-zh", "since": "2020"}, [1, 2, 3, 5, 6]),
        ({"query": "Secret"}, []),
    ],
)
def test_pairs_of_which_either_is_selected(both: Both, filters: dict[str, Any], numbers: list[int]) -> None:
    number, content = exported(both, "pairs", Selection(**filters))
    assert sorted(int(row["en_key"].removeprefix("uni-")) for row in table(content)) == numbers
    assert number == len(numbers)
    assert exported(both, "tmx", Selection(**filters))[0] == number


# -- the command -------------------------------------------------------------------------------


@pytest.fixture
def export(both: Both) -> Callable[..., Ran]:
    def invoke(*words: str) -> Ran:
        done = CliRunner().invoke(main, ["export", *words, "--db", str(both.path)])
        return Ran(done.exit_code, done.stdout, done.stderr)

    return invoke


@pytest.mark.parametrize("name", ["pairs", "tmx"])
def test_pairs_are_counted(export: Callable[..., Ran], tmp_path: Path, name: str) -> None:
    path = tmp_path / "out"
    assert export(name, "--query", "library", "-o", str(path)).out.split() == ["2", "pairs", "in", f"{path}."]
    assert export(name, "-o", str(path), "--json").document == {"format": name, "path": str(path), "pairs": 6}
    assert export(name).err == "6 pairs.\n"


@pytest.mark.parametrize("name", ["pairs", "tmx"])
def test_language_of_a_pair_cannot_be_asked_for(export: Callable[..., Ran], name: str) -> None:
    done = export(name, "--language", "zh")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.endswith("A pair has an article in each language: leave --language out.\n")


# -- two sites ---------------------------------------------------------------------------------


def test_sites_crawled_together_give_the_model_s_pairs_and_paragraphs(serve: Serve, crawl: Crawl, db: Path) -> None:
    english, chinese = linked_sites(24)
    serve(english, chinese)
    assert crawl(english, chinese, options=("--no-media",)).code == 0
    expected = modelled_pairs(english, chinese)
    done = CliRunner().invoke(main, ["export", "pairs", "--db", str(db)])
    rows = sorted((row["en_key"], row["zh_key"], row["evidence"], row["score"]) for row in table(done.stdout_bytes))
    assert rows == [(*row[:3], "") for row in expected]
    read = units(CliRunner().invoke(main, ["export", "tmx", "--db", str(db)]).stdout_bytes)
    aligned = [unit for unit in read if props(unit)["level"] == "paragraph"]
    assert len(read) - len(aligned) == len(expected)
    assert len({props(unit.find("tuv"))["key"] for unit in aligned}) > 0.8 * len(expected)
    bodies = {key: body.split("\n\n") for key, body in query(db, "select key, body from articles")}
    for unit in aligned:
        here, there = (props(tuv) for tuv in unit.iter("tuv"))
        assert here["paragraphs"] == there["paragraphs"], "on these sites paragraphs correspond one by one"
        place = int(here["paragraphs"]) - 1
        assert segments(unit) == [bodies[here["key"]][place], bodies[there["key"]][place]]
