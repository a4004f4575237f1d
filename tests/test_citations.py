"""Citations: each field is what the article says, or is not there."""

from __future__ import annotations

from typing import Any

import pytest

from csu_news.citations import apa, citation, gbt7714

ARTICLE: dict[str, Any] = {
    "key": "uni-7",
    "url": "http://uni.example/info/5/7.htm",
    "site": "uni",
    "site_title": "A University",
    "language": "zh",
    "title": "A  title\n\x07here",
    "published": "2020-01-08",
    "sources": ["News Center", "研究生院"],
    "archived_at": "2026-03-01T12:00:00Z",
    "warc_file": "uni.warc.gz",
    "warc_offset": 12,
    "warc_record_id": "<urn:uuid:1>",
    "gone_at": None,
}
ITEM = {
    "id": "uni-7",
    "type": "webpage",
    "title": "A title here",
    "author": [{"literal": "News Center"}, {"literal": "研究生院"}],
    "container-title": "A University",
    "publisher": "A University",
    "issued": {"date-parts": [[2020, 1, 8]]},
    "accessed": {"date-parts": [[2026, 3, 1]]},
    "URL": "http://uni.example/info/5/7.htm",
    "language": "zh-CN",
    "archive": "csu_news archive of A University",
    "archive_location": "urn:uuid:1, uni.warc.gz, offset 12",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"title": None}, {"title": None}),
        ({"published": None, "sources": []}, {"issued": None, "author": None}),
        ({"language": None}, {"language": None}),
        ({"language": "en"}, {"language": "en"}),
        (
            {"site_title": None},
            {"container-title": "uni", "publisher": "uni", "archive": "csu_news archive of uni"},
        ),
        ({"archived_at": None, "warc_record_id": None}, {"accessed": None, "archive_location": None}),
        ({"gone_at": "2026-05-01T00:00:00Z"}, {"note": "No longer on the site since 2026-05-01."}),
    ],
)
def test_item_says_what_the_article_says(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    whole = ITEM | expected
    assert citation(ARTICLE | changes) == {name: value for name, value in whole.items() if value is not None}


def test_translations_are_noted() -> None:
    found = citation(ARTICLE | {"gone_at": "2026-05-01T00:00:00Z"}, ["http://a/1", "http://b/2"])
    assert found["note"] == ("No longer on the site since 2026-05-01. Translation: http://a/1 Translation: http://b/2")


REFERENCES: tuple[tuple[dict[str, Any], str, str], ...] = (
    (
        {},
        "News Center, & 研究生院. (2020, January 8). A title here. A University."
        " Retrieved March 1, 2026, from http://uni.example/info/5/7.htm",
        "News Center, 研究生院. A title here[EB/OL]. (2020-01-08)[2026-03-01]. http://uni.example/info/5/7.htm.",
    ),
    (
        {"sources": [], "published": None, "archived_at": None, "title": "Why?"},
        "Why? (n.d.). A University. http://uni.example/info/5/7.htm",
        "A University. Why?[EB/OL]. http://uni.example/info/5/7.htm.",
    ),
    (
        {"sources": ["A University"], "title": None},
        "A University. (2020, January 8). uni-7. Retrieved March 1, 2026, from http://uni.example/info/5/7.htm",
        "A University. uni-7[EB/OL]. (2020-01-08)[2026-03-01]. http://uni.example/info/5/7.htm.",
    ),
)


@pytest.mark.parametrize(("changes", "american", "chinese"), REFERENCES)
def test_reference_to_be_read(changes: dict[str, Any], american: str, chinese: str) -> None:
    item = citation(ARTICLE | changes)
    assert apa(item) == american
    assert gbt7714(item) == chinese
