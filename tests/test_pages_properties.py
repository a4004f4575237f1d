"""read_page() on anything at all: it answers, and what it answers keeps its promises."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from csu_news.items import Article, Gate, Link, Listing
from csu_news.pages import page_requisites, read_page

GOLDEN = [path.read_bytes() for path in sorted((Path(__file__).parent / "golden").glob("*.html"))]
URL = "https://en.csu.edu.cn/info/1083/2209.htm"
MARKS = re.compile("[\u200b\x00-\x08\x0b\x0c\x0e-\x1f]")
UNSAFE = re.compile(r"<script|<style|<iframe|<[^>]*\son\w+\s*=|(?:href|src)\s*=\s*\"?\s*(?:javascript|data):", re.I)

Mutation = Callable[[bytes], bytes]


@st.composite
def mutations(draw: st.DrawFn) -> Mutation:
    kind = draw(st.sampled_from(("cut", "drop", "double", "swap", "insert")))
    shares = sorted(draw(st.tuples(*[st.floats(0, 1, exclude_max=True)] * 3)))
    inserted = draw(st.sampled_from((b"<", b">", b'"', b"</div>", b"<div>", b"<a href=", b"\0", b"\xff", b"</form>")))

    def mutate(body: bytes) -> bytes:
        one, two, three = (int(len(body) * share) for share in shares)
        return {
            "cut": body[:one],
            "drop": body[:one] + body[two:],
            "double": body[:two] + body[one:],
            "swap": body[:one] + body[two:three] + body[one:two] + body[three:],
            "insert": body[:one] + inserted + body[one:],
        }[kind]

    return mutate


def check_url(url: str | None) -> None:
    if url is not None:
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https")
        assert parts.netloc
        assert not re.search(r"\s", url)


def check_link(link: Link | None) -> None:
    if link is not None:
        check_url(link.url)
        assert link.title is None or link.title == link.title.strip()
        assert link.date is None or re.fullmatch(r"\d{4}-\d\d-\d\d", link.date)


def check_article(item: Article) -> None:
    assert item.title
    assert not MARKS.search(item.title + item.body)
    assert item.published is None or re.fullmatch(r"\d{4}-\d\d-\d\d", item.published)
    assert item.published_at is None or item.published_at.startswith(item.published or "?")
    assert not UNSAFE.search(item.body_html)
    assert bool(item.sources) == bool(item.source_raw)
    for link in (item.prev, item.next, *item.translations):
        check_link(link)
    media = [image.url for image in item.images] + [file.url for file in item.attachments]
    for url in (*media, *item.videos, *item.parts, item.list_url):
        check_url(url)


def check(body: bytes, url: str = URL) -> None:
    item = read_page(body, url)
    if isinstance(item, Article):
        check_article(item)
    elif isinstance(item, Listing):
        assert len({row.url for row in item.rows}) == len(item.rows)
        for row in item.rows:
            check_link(row)
        for address in (*item.pager, item.next_url):
            check_url(address)
    else:
        assert item is None or isinstance(item, Gate)
    for address in page_requisites(body, url):
        check_url(address)


@given(st.binary(max_size=3000))
@settings(deadline=None)
def test_any_bytes(body: bytes) -> None:
    check(body)


@given(st.sampled_from(GOLDEN), st.lists(mutations(), min_size=1, max_size=4))
@settings(deadline=None, max_examples=300)
def test_damaged_pages(body: bytes, changes: list[Mutation]) -> None:
    for change in changes:
        body = change(body)
    check(body)


@given(st.text(max_size=200), st.sampled_from(GOLDEN))
@settings(deadline=None)
def test_any_text_in_every_place(text: str, body: bytes) -> None:
    raw = text.encode("utf-8", "replace")
    for place in (b"Click:", b"</h1>", b'href="', b"<p>", "来源".encode(), "上一条：".encode()):
        check(body.replace(place, place + raw))


@given(st.text(max_size=100), st.sampled_from(GOLDEN))
@settings(deadline=None)
def test_any_address(url: str, body: bytes) -> None:
    item = read_page(body, url)
    if isinstance(item, Article):
        assert item.url == url


@given(st.sampled_from(GOLDEN), st.text(max_size=20))
@settings(deadline=None)
def test_any_charset_label(body: bytes, label: str) -> None:
    assert read_page(body, URL, encoding=label) == read_page(body, URL)
