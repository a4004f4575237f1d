"""A reading copy: one HTML file that needs nothing else, to keep, print and read offline."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from typing import Any, BinaryIO

from csu_news.exporters.atom import NOT_XML
from csu_news.exporters.chosen import Chosen
from csu_news.exporters.pictures import data_urls

STYLE = (Path(__file__).parent / "reading.css").read_text(encoding="utf-8")
POLICY = (
    f"default-src 'none'; img-src data:; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'"
)
HEAD = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>News · 新闻</title>
<style>{STYLE}</style>
</head>
<body>
<nav aria-label="Contents 目录">
<h1>Contents · <span lang="zh">目录</span></h1>
<ol>
"""
LANGUAGES = {"zh": "zh-CN"}

# <img src="http://x.example/a.png" alt="a > b">
PICTURE = re.compile(r'<img\b(?:[^>"]|"[^"]*")*>')
# src="http://x.example/a.png?b=1&amp;c=2"; alt=""
_ADDRESS = re.compile(r'\bsrc="([^"]*)"')
_ALT = re.compile(r'\balt="([^"]*)"')


def write_html(chosen: Chosen, stream: BinaryIO) -> None:
    """Write a list of contents, then each article: title, date, source, text, its pictures out of the evidence.

    The address of an article within the file is `#<key>`. Nothing in it is a script or is fetched from elsewhere;
    in place of a picture that is not in the archive stand its words.
    """
    _write(stream, HEAD)
    for article in chosen.articles():
        _write(stream, _line_of_contents(article))
    _write(stream, "</ol>\n</nav>\n<main>\n")
    for article in chosen.articles():
        pictures = data_urls(chosen.connection, chosen.warc_folder, article["id"]) if chosen.warc_folder else {}
        _write(stream, _article(article, pictures))
    _write(stream, "</main>\n</body>\n</html>\n")


def _write(stream: BinaryIO, text: str) -> None:
    stream.write(NOT_XML.sub("", text).encode())


def _line_of_contents(article: dict[str, Any]) -> str:
    day = f" <time>{escape(article['published'])}</time>" if article["published"] else ""
    return f'<li{_language(article)}><a href="#{escape(article["key"])}">{_title(article)}</a>{day}</li>\n'


def _article(article: dict[str, Any], pictures: dict[str, str]) -> str:
    key, url = escape(article["key"]), escape(article["url"])
    facts = (article["published"], "; ".join(article["sources"]))
    body = PICTURE.sub(lambda found: picture(found[0], pictures), article["body_html"])
    return (
        f'<article id="{key}"{_language(article)}>\n<h2><a href="#{key}">{_title(article)}</a></h2>\n'
        f'<p class="facts">{" · ".join(escape(fact) for fact in facts if fact)}</p>\n'
        f'{body}\n<p class="facts"><a href="{url}">{url}</a> · {key}</p>\n</article>\n'
    )


def _title(article: dict[str, Any]) -> str:
    return escape(article["title"] or article["key"])


def _language(article: dict[str, Any]) -> str:
    language = LANGUAGES.get(article["language"], article["language"])
    return f' lang="{escape(language)}"' if language else ""


def picture(tag: str, pictures: dict[str, str]) -> str:
    """Return the tag with the picture itself as its address, or what is said in its place."""
    address, alt = _ADDRESS.search(tag), _ALT.search(tag)
    data = pictures.get(unescape(address[1])) if address else None
    words = escape(unescape(alt[1])) if alt else ""
    if data:
        return f'<img src="{data}" alt="{words}">'
    return f'<span class="picture">[{words or "picture · 图片"}]</span>'
