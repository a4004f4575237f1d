"""HTML to text: what a reader sees, and what may be shown."""

import sqlite3

import pytest
from lxml import etree

from csu_news.chinese import segment
from csu_news.text import clean, markup_text, plain_text, safe_html, told_language

BASE = "https://en.csu.edu.cn/info/1083/2209.htm"


def element(html: str) -> etree._Element:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True)
    return etree.fromstring(f"<html><body>{html}</body></html>".encode(), parser)[0]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<p>library ofGIFT</p>", "library ofGIFT"),
        ("<p>of<b>GIFT</b><span>Research</span> Center</p>", "ofGIFTResearch Center"),
        ("<p>of<span>&nbsp;</span>GIFT</p>", "of GIFT"),
        ("<p>中<b>文</b>字</p>", "中文字"),
        ("<p>a<br>b</p>", "a\nb"),
        ("<p>a<br><br/><br>b</p>", "a\n\nb"),
        ("<p> a \n\t b\u3000c &nbsp; d</p>", "a b c d"),
        ("<p>a\u200bb\ufeffc</p>", "abc"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<script>if (a<b) x()</script><style>p{}</style>a<noscript>n</noscript>", "a"),
        ("a<!-- <p>hidden</p> -->b", "ab"),
        ("<p>1 &lt; 2 &amp;amp; &quot;x&quot;</p>", '1 < 2 &amp; "x"'),
        ("<p>&lt;script&gt;</p>", "<script>"),
        ("<p title='a>b'>c</p>", "c"),
        ('<p text-indent:0em;">c<span " style="x">d</span></p>', "cd"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th><td></td></tr></table>", "a\tb\nc\t"),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c<br>d</td></tr></table>", "a b\tc d"),
        ("<p>x</p><table><tr><td>a</td><td>b</td></tr></table><p>y</p>", "x\n\na\tb\n\ny"),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb"),
        ("<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td></tr></table>", "a\n\nb\tc"),
        ("<div><td><p>a</p><p>b</p></td></div>", "a\n\nb"),
        ("<tr><td>a</td><td>b</td></tr>", "a\n\nb"),
        ("<table><tr><td> </td><td></td></tr></table>a", "a"),
        ("<p>a</p><p>&nbsp;</p><p> </p><p>b</p>", "a\n\nb"),
        ("", ""),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(element(html)) == text


def test_deeply_nested_rows_do_not_end_the_reading() -> None:
    assert "x" in plain_text(element("<table><tr><td>" * 60 + "x"))


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ('<p onclick="x()" style="a" class="b">t</p>', "<p>t</p>"),
        (
            '<a href="2208.htm">t</a>',
            '<a href="https://en.csu.edu.cn/info/1083/2208.htm" rel="noopener noreferrer">t</a>',
        ),
        ('<a href="javascript:alert(1)">t</a>', '<a rel="noopener noreferrer">t</a>'),
        ('<img src="/__local/A/1.jpg" onerror="x()">', '<img src="https://en.csu.edu.cn/__local/A/1.jpg">'),
        ('<img src="data:image/svg+xml;base64,AA" alt="a">', '<img alt="a">'),
        ("<script>x()</script><p>t</p><style>p{}</style>", "<p>t</p>"),
        ('<iframe src="//x"></iframe><form><input></form><p>t</p>', "<p>t</p>"),
        ("<p>a\u200bb</p>", "<p>ab</p>"),
        ("<svg><script>x()</script></svg>t", "t"),
    ],
)
def test_safe_html(html: str, safe: str) -> None:
    assert safe_html(element(html), BASE) == safe


def test_a_flood_of_entities_becomes_escaped_text() -> None:
    assert safe_html(element("<p>" + "&" * 50_001 + "</p>"), BASE) == "<p>" + "&amp;" * 50_001 + "</p>"


@pytest.mark.parametrize("text", ["</table></td></tr>a", "<tr><td>a"])
def test_stray_tags_lose_no_text(text: str) -> None:
    assert markup_text("<tr/>" + text) == "a"


def test_clean_gives_one_line() -> None:
    assert clean(" \u200ba\u3000\n b\xa0") == "a b"
    assert clean(None) == ""


@pytest.fixture
def search() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5(body, tokenize='porter unicode61 remove_diacritics 2')")
    texts = ("中南大学与CSU签署2020年协议", "湘雅医院 hospitals", "大中学南", "Café 𠀀字")
    connection.executemany("insert into t values (?)", [(segment(text),) for text in texts])
    return connection


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("中南", [1]),
        ("大学", [1]),
        ("南大学与", [1]),
        ("CSU", [1]),
        ("2020", [1]),
        ("hospital", [2]),
        ("医院", [2]),
        ("学南", [3]),
        ("cafe", [4]),
        ("𠀀", [4]),
        ("院雅", []),
    ],
)
def test_segmented_text_is_found_by_unicode61(search: sqlite3.Connection, query: str, rows: list[int]) -> None:
    phrase = f'"{segment(query)}"'
    found = search.execute("select rowid from t where t match ? order by rowid", (phrase,)).fetchall()
    search.close()
    assert [row for (row,) in found] == rows


@pytest.mark.parametrize("text", ["", "English only", "中", "a中b", "中 文\n字"])
def test_segment_only_adds_marks(text: str) -> None:
    assert segment(text).replace("\u200b", "") == text
    assert segment(segment(text)) == segment(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Central South University 中南大学 signs an agreement", "en"),
        ("中南大学与CSU签署协议", "zh"),
        ("2020-01-08 !?", None),
        ("", None),
    ],
)
def test_told_language(text: str, language: str | None) -> None:
    assert told_language(text) == language
