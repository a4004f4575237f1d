"""Differences of revisions: what is kept, removed and added, by words and characters; never slow, never inexact."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csu_news.diff import ADDED, KEPT, REMOVED, Hunk, as_html, compare, compare_lines, compare_texts, is_changed

MARKS = {KEPT: "{}", REMOVED: "[-{}-]", ADDED: "{{+{}+}}"}


def marked(hunks: list[Hunk]) -> str:
    return "".join(MARKS[kind].format(text) for hunk in hunks for kind, text in hunk)


def old_of(hunks: list[Hunk]) -> str:
    return "".join(text for hunk in hunks for kind, text in hunk if kind != ADDED)


def new_of(hunks: list[Hunk]) -> str:
    return "".join(text for hunk in hunks for kind, text in hunk if kind != REMOVED)


TEXTS = [
    ("", "", ""),
    ("same", "same", "same"),
    ("", "New.", "{+New.+}"),
    ("Old.", "", "[-Old.-]"),
    ("Ten red roses.", "Ten white roses.", "Ten [-red-]{+white+} roses."),
    ("running", "runner", "[-running-]{+runner+}"),
    ("the dean's list", "the deans' list", "the [-dean's-]{+deans'+} list"),
    ("He came on 2024-05-28.", "He came on 2024-05-29.", "He came on [-2024-05-28-]{+2024-05-29+}."),
    ("by two of them", "by ten by them", "by [-two of-]{+ten by+} them"),
    ("中南大学举行开学典礼", "中南大学举办开学典礼", "中南大学举[-行-]{+办+}开学典礼"),
    ("中南大学CSU2023年会", "中南大学CSU2024年会", "中南大学[-CSU2023-]{+CSU2024+}年会"),
    ("共20人", "共200人", "共[-20-]{+200+}人"),
    ("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One.\n\n[-Two.\n\n-]Three."),
    ("One.\n\nThree.", "One.\n\nTwo.\n\nThree.", "One.\n\n{+Two.\n\n+}Three."),
    ("One.\n\nTwo red.\n\nThree.", "One.\n\nTwo blue.\n\nThree.", "One.\n\nTwo [-red-]{+blue+}.\n\nThree."),
    ("One two. Three four.", "One two.\n\nThree four.", "One two.[- -]{+\n\n+}Three four."),
    ("a\tb\nc\td", "a\tb\nc\te", "a\tb\nc\t[-d-]{+e+}"),
    (
        "化学学院与集团举办国际研讨会",
        "中南大学举行开学典礼",
        "[-化学学院与集团举办国际研讨会-]{+中南大学举行开学典礼+}",
    ),
    ("naïve café", "naive café", "[-naïve-]{+naive+} café"),
]


@pytest.mark.parametrize(("old", "new", "expected"), TEXTS)
def test_texts(old: str, new: str, expected: str) -> None:
    assert marked(compare_texts(old, new)) == expected


def test_paragraphs_that_are_the_same_are_hunks_of_their_own() -> None:
    hunks = compare_texts("One.\n\nTwo.\n\nThree red.\n\nFour.", "One.\n\nTwo.\n\nThree blue.\n\nFour.")
    assert [is_changed([hunk]) for hunk in hunks] == [False, True, False]
    assert [[kind for kind, _ in hunk] for hunk in hunks] == [[KEPT], [KEPT, REMOVED, ADDED, KEPT], [KEPT]]


def test_addresses_are_kept_removed_or_added_whole() -> None:
    hunks = compare_lines(["/a/1.jpg", "/a/2.jpg"], ["/a/1.jpg", "/a/3.jpg"])
    assert marked(hunks) == "/a/1.jpg\n[-/a/2.jpg\n-]{+/a/3.jpg\n+}"


def test_only_fields_that_differ_are_named_in_their_order() -> None:
    old = {"title": "A", "published": "2024-05-28", "source": None, "body": "Text.", "media": ["/1.jpg"]}
    assert compare(old, old) == []
    new = {"title": "B", "published": None, "source": "Dean", "body": "Text.", "media": []}
    found = compare(old, new)
    assert [(field, marked(hunks)) for field, hunks in found] == [
        ("title", "[-A-]{+B+}"),
        ("published", "[-2024-05-28-]"),
        ("source", "{+Dean+}"),
        ("media", "[-/1.jpg\n-]"),
    ]
    assert [field for field, _ in compare(old, old | {"body": "Text!"})] == ["body"]


def test_html_holds_no_tag_but_its_own() -> None:
    html = as_html(compare_texts('<img src=x onerror="a()">', "</ins><script>alert('b')</script>&amp;"))
    assert html.replace("<del>", "").replace("</del>", "").replace("<ins>", "").replace("</ins>", "").count("<") == 0
    assert '"' not in html
    assert "&amp;amp;" in html


words = st.sampled_from(
    ["the", "dean", "中", "南", "大学", " ", "  ", "\n", "\n\n", ".", "，", "x1", "'", "-", "\u0301"]
)
texts = st.one_of(st.lists(words, max_size=40).map("".join), st.text(max_size=60))


@given(texts, texts)
def test_kept_and_added_is_the_new_text_kept_and_removed_the_old(old: str, new: str) -> None:
    hunks = compare_texts(old, new)
    assert (old_of(hunks), new_of(hunks)) == (old, new)
    assert is_changed(hunks) == (old != new)
    assert all(text for hunk in hunks for _, text in hunk)


@given(st.lists(st.sampled_from("abcd"), max_size=9), st.lists(st.sampled_from("abcd"), max_size=9))
def test_lines_are_exact_too(old: list[str], new: list[str]) -> None:
    hunks = compare_lines(old, new)
    assert (old_of(hunks).split(), new_of(hunks).split()) == (old, new)


def long_text(seed: int, vocabulary: str, size: int, paragraph: int) -> str:
    chance = random.Random(seed)
    tokens = chance.choices(vocabulary, k=size)
    return "\n\n".join("".join(tokens[start : start + paragraph]) for start in range(0, size, paragraph))


COMMON = "".join(chr(0x4E00 + n * 7) for n in range(400))
HARD = {
    "two characters, no paragraphs": (long_text(1, "中南", 350_000, 10**9), long_text(2, "中南", 350_000, 10**9)),
    "short paragraphs of two kinds": (long_text(3, "ab", 300_000, 1), long_text(4, "ab", 300_000, 1)),
    "another text of common characters": (long_text(5, COMMON, 330_000, 300), long_text(6, COMMON, 330_000, 300)),
    "one paragraph, another text": (long_text(7, COMMON, 330_000, 10**9), long_text(8, COMMON, 330_000, 10**9)),
    "turned round": ("\n".join(map(str, range(150_000))), "\n".join(map(str, reversed(range(150_000))))),
    "one word": ("a" * 1_000_000, "a" * 999_999 + "b"),
    "spaces": (" \n" * 300_000, " \n" * 300_001 + "a"),
    "nested": (" ".join(map(str, range(40_000))), " ".join(f"{n} {39_999 - n}" for n in range(40_000))),
}


@pytest.mark.parametrize("name", HARD)
def test_a_megabyte_is_compared_in_seconds(name: str) -> None:
    old, new = HARD[name]
    started = time.monotonic()
    hunks = compare_texts(old, new)
    assert time.monotonic() - started < 40, "its square would take hours"
    assert (old_of(hunks), new_of(hunks)) == (old, new)


def test_one_word_in_a_megabyte_is_found() -> None:
    old = long_text(5, COMMON, 330_000, 300)
    place = len(old) // 2
    assert marked(compare_texts(old, old[:place] + "X" + old[place + 1 :])).count("+}") == 1
    whole = old.replace("\n\n", "")
    changes = [kind for hunk in compare_texts(whole, "A" + whole[:99] + "Z" + whole[100:] + "B") for kind, _ in hunk]
    assert changes == [ADDED, KEPT, REMOVED, ADDED, KEPT, ADDED]
