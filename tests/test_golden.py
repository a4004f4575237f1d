"""Saved pages of our own writing, in the CMS's markup, with what a reader must find on them.

`golden/<case>.html` beside `golden/<case>.json`: {"url", "kind", and every field of the item}. The JSON is
written by hand and read before it is committed; `body_html` is compared by its own tests.
"""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from csu_news.pages import read_page
from csu_news.sites import SITES, VSB

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.stem for path in GOLDEN.glob("*.html"))


def test_there_are_cases() -> None:
    assert len(CASES) >= 12


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    expectation = GOLDEN / f"{case}.json"
    assert expectation.exists(), f"{case}.html has no expectation"
    wanted = json.loads(expectation.read_text(encoding="utf-8"))
    site = SITES.get(wanted.get("site", ""), VSB)
    item = read_page((GOLDEN / f"{case}.html").read_bytes(), wanted["url"], site)
    assert type(item).__name__ == wanted.pop("kind")
    found = asdict(item) if item else {}
    found.pop("body_html", None)
    wanted.pop("site", None)
    if "url" not in found:
        wanted.pop("url")
    assert found == wanted


def test_no_expectation_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == CASES
