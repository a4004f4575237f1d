"""read_page() on real pages, which are not part of this project: a floor for each field that only rises.

The folder is that of CSU_NEWS_REAL_PAGES, by default `../shared/real` beside the project: `pages/manifest.jsonl`
names files, addresses and the facts to expect, `site/` is one mirrored site.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from csu_news.items import Article, Gate, Link, Listing
from csu_news.pages import read_page

ROOT = Path(__file__).resolve().parents[1]
REAL = Path(os.environ.get("CSU_NEWS_REAL_PAGES", ROOT.parent / "shared" / "real"))
MANIFEST = REAL / "pages" / "manifest.jsonl"

pytestmark = pytest.mark.skipif(not MANIFEST.exists(), reason=f"no real pages at {REAL} (CSU_NEWS_REAL_PAGES)")

FLOORS = {
    **dict.fromkeys(("title", "date", "source", "prev", "next", "attachments", "images", "identity"), 1.0),
    **dict.fromkeys(("first40", "last40"), 1.0),
    "language": 0.97,
}

# Where the manifest and the page differ, read by eye:
MANIFEST_IS_WRONG = {
    # all rows but the first stand in an HTML comment, which no reader sees
    ("074.html", "rows"),
    ("075.html", "rows"),
    # the pager prints 共8510条 and numbers up to 710, but not as `1/710`
    ("082.html", "total"),
    ("082.html", "pages"),
    # the pager prints numbers, of which the current one is marked
    *((name, field) for name in ("079.html", "080.html", "081.html") for field in ("page", "pages")),
    ("082.html", "page"),
}

Facts = dict[str, Any]


def records(*kinds: str | None) -> list[Facts]:
    lines = MANIFEST.read_text(encoding="utf-8").splitlines() if MANIFEST.exists() else []
    return [fact for fact in map(json.loads, lines) if fact["kind"] in kinds]


def read(record: Facts) -> tuple[Any, str]:
    """Return the item and the address it was read under; mirrored pages keep their path."""
    path = re.search(r" (\S+) at ", record["from"])
    assert path
    url = record["original_url"] or f"http://www.example.edu.cn/{path[1]}"
    return read_page((MANIFEST.parent / record["file"]).read_bytes(), url), url


def squeezed(text: str | None) -> str:
    return re.sub(r"\s|\u200b", "", text or "")


def link(found: Link | None) -> tuple[str, str] | None:
    return (found.url, squeezed(found.title)) if found else None


def neighbour(facts: Facts, side: str, url: str) -> tuple[str, str] | None:
    href = facts[f"{side}_url"]
    if not href or href.startswith("javascript:"):
        return None
    return urljoin(url, href), squeezed(facts[f"{side}_title"])


def judged(record: Facts) -> Iterator[tuple[str, Any, Any]]:
    """Yield field, what was read, what is expected."""
    item, url = read(record)
    facts = record["expected"]
    assert isinstance(item, Article), record["file"]
    yield "title", squeezed(item.title), squeezed(facts["title"])
    yield "date", item.published, facts["date"]
    yield "source", item.source_raw, facts["source"]
    yield "prev", link(item.prev), neighbour(facts, "prev", url)
    yield "next", link(item.next), neighbour(facts, "next", url)
    yield "attachments", [file.name for file in item.attachments], facts["attachments"]
    yield "images", len(item.images), facts["image_count"]
    first, last = squeezed(facts["text_first40"]), squeezed(facts["text_last40"])
    body = squeezed(item.body)
    yield "first40", body[: len(first)], first
    yield "last40", body[len(body) - len(last) :], last
    yield "language", item.language, facts["language"]
    if record["click"]:
        yield "identity", (item.owner, item.news_id), (record["click"]["owner"], record["click"]["id"])


def test_articles_reach_the_floor_in_every_field() -> None:
    right: dict[str, int] = {}
    total: dict[str, int] = {}
    wrong = []
    for record in records("article"):
        for field, found, wanted in judged(record):
            total[field] = total.get(field, 0) + 1
            right[field] = right.get(field, 0) + (found == wanted)
            if found != wanted:
                wrong.append(f"{record['file']} {field}: {found!r}, not {wanted!r}")
    shares = {field: right[field] / total[field] for field in total}
    below = {field: share for field, share in shares.items() if share < FLOORS[field]}
    assert not below, "\n".join(wrong)


@pytest.mark.parametrize("record", records("list"), ids=lambda record: record["file"])
def test_lists(record: Facts) -> None:
    item, _ = read(record)
    assert isinstance(item, Listing)
    facts = record["expected"]
    found = {"rows": len(item.rows), "total": item.total, "page": item.page, "pages": item.pages}
    wanted = {"rows": facts["article_links"], **{name: facts[name] for name in ("total", "page", "pages")}}
    differing = {(record["file"], name) for name in found if found[name] != wanted[name]}
    assert differing == {pair for pair in MANIFEST_IS_WRONG if pair[0] == record["file"]}


@pytest.mark.parametrize("record", records("other"), ids=lambda record: record["file"])
def test_other_pages_are_no_articles(record: Facts) -> None:
    item, _ = read(record)
    refused = {"093.html": "missing", "094.html": "missing", "096.html": "missing", "097.html": "denied"}
    if record["file"] in refused:
        assert item == Gate(refused[record["file"]])
    else:
        assert not isinstance(item, Article)


def pages_of_the_site() -> list[Path]:
    return sorted(path for path in (REAL / "site").rglob("*.htm") if path.stat().st_size)


@pytest.mark.parametrize("path", pages_of_the_site(), ids=lambda path: str(path.relative_to(REAL / "site")))
def test_every_page_of_the_site_is_what_it_is(path: Path) -> None:
    name = path.relative_to(REAL / "site").as_posix()
    source = path.read_text(encoding="utf-8")
    item = read_page(path.read_bytes(), f"http://www.example.edu.cn/{name}")
    if name.startswith("info/"):
        assert isinstance(item, Article)
        assert item.title
        assert item.published
        assert item.list_url
    elif re.search(r"共\d+条", source):
        assert isinstance(item, Listing)
        seen = re.sub(r"<!--.*?-->", "", source, flags=re.S)
        assert len(item.rows) == len(set(re.findall(r'id="(line_u\d+_\d+)"', seen)))
        if item.pages == 1 and not re.search(r"<!--\s*<(?:li|DIV) id=", source):
            assert item.total == len(item.rows)
    else:
        assert item is None or name in ("rczp/xyzp.htm", "rczp/kyjgzp.htm")
