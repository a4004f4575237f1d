"""Passages: what was looked for, whole and marked, in its sentence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csu_news.chinese import segment
from csu_news.search.passages import CLOSE, OPEN, columns, marked, passage


def highlighted(text: str) -> str:
    """Return [words] in brackets marked as FTS5 marks them."""
    return segment(text).replace("[", OPEN).replace("]", CLOSE)


def shown(text: str, length: int) -> str:
    """Return the passage with brackets around its matches."""
    found = passage(highlighted(text), length)
    line = found.text
    for start, end in reversed(found.matches):
        line = f"{line[:start]}[{line[start:end]}]{line[end:]}"
    return line


LONG = "One sentence here. Another one there. "


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("", 40, ""),
        ("No match at all.", 40, "No match at all."),
        ("A [match] here.", 40, "A [match] here."),
        ("在[湘雅医院]里。", 40, "在[湘雅医院]里。"),
        ("a\n\n  [b]\u3000\tc", 40, "a [b] c"),
        (LONG * 9 + "The [school] opened.", 40, "…The [school] opened."),
        ("The [school] opened. " + LONG * 9, 40, "The [school] opened. One sentence here.…"),
        ("前文。" * 30 + "中南大学的[湘雅]医院。" + "后文。" * 30, 40, "…前文。前文。中南大学的[湘雅]医院。后文。后…"),
        ("字" * 50 + "[湘雅]" + "字" * 50, 20, "…字字字字字[湘雅]字字字…"),
        ("字" * 20 + "[中南大学]字字字字[a] [b]", 20, "…字字字字[a] [b]"),
        ("[很长的一个短语比整个段落还长]而后文", 8, "[很长的一个短语比整个段落还长]…"),
        ("[one] " + "x " * 60 + "[one] and [two]", 40, "…x x x x x x x x x [one] and [two]"),
        ("x" * 100 + "[match]" + "y" * 100, 30, None),
    ],
)
def test_a_passage_shows_what_was_looked_for(text: str, length: int, expected: str | None) -> None:
    found = shown(text, length)
    assert expected is None or found == expected
    assert ("[" in found) == ("[" in text)


PIECES = st.lists(
    st.sampled_from(
        ["word ", "[match] ", "[湘雅]", "字", "。", ". ", "\n", "，", "x" * 30, "[" + "长" * 30 + "]", "[é]b"]
    )
)


@given(PIECES.map("".join), st.integers(1, 120))
def test_no_match_is_cut(text: str, length: int) -> None:
    whole, part = marked(highlighted(text)), passage(highlighted(text), length)
    assert "\u200b" not in part.text
    line = part.text.removeprefix("…").removesuffix("…")
    assert line in whole.text
    words = [whole.text[start:end] for start, end in whole.matches]
    assert all(part.text[start:end] in words for start, end in part.matches)
    assert bool(part.matches) == bool(words)
    longest = max(map(len, words), default=0)
    assert columns(part.text) <= length + 4 * longest + 4
    # what looks like a match at either end is one
    assert not re.search("^…?(atch|tch|ch|雅)|(湘|mat|matc)…?$", part.text)
