"""Paragraphs aligned: what is claimed is right, on texts whose paragraphs are known to correspond, or not to."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csu_news.alignment import MOST, Alignment, align
from csu_news.replica import ReplicaSite, pair
from csu_news.replica.texts import Paragraph


def english(letters: int, *more: str) -> str:
    return " ".join(("abcd " * (letters // 4), *more))


def chinese(characters: int, *more: str) -> str:
    return "，".join(("字" * characters, *more))


ONE_TO_ONE = [(1, 1)] * 3


@pytest.mark.parametrize(
    ("here", "there", "beads", "is_certain"),
    [
        ([(300,), (90,), (600,)], [(96,), (29,), (190,)], ONE_TO_ONE, True),
        ([(300,), (90,), (600,)], [(80,), (36,), (230,)], ONE_TO_ONE, True),
        ([(300,), (90,), (600,)], [(96,), (80,), (190,)], None, False),  # one of other length
        ([(300,), (90,), (600,)], [(29,), (96,), (190,)], None, False),  # another order
        ([(300,), (250,), (600,)], [(176,), (190,)], [(2, 1), (1, 1)], True),
        ([(550,), (600,)], [(96,), (80,), (190,)], [(1, 2), (1, 1)], True),
        ([(300,), (300,), (300,)], [(96,), (96,)], None, False),  # any may be left out
        ([(300,), (60,), (600,)], [(96,), (190,)], None, False),  # left out: not claimed, though likely
        ([(300,), (300, "3,200")], [(96,), (96, "3200")], ONE_TO_ONE[:2], True),
        ([(300,), (300, "3,200")], [(96, "3200"), (96,)], None, False),
        ([(300,), (300, "on May 7")], [(96, "5月7日"), (96,)], None, False),
        ([(300, "IEEE"), (300,)], [(96,), (96, "IEEE")], None, False),
        ([(900,)], [(190,), (100,)], None, False),  # all of it is one: the document says the same
        ([(300,)] * (MOST + 1), [(96,)] * (MOST + 1), None, False),
        ([], [(96,), (96,)], None, False),
    ],
)
def test_alignments(
    here: list[tuple[int, *tuple[str, ...]]],
    there: list[tuple[int, *tuple[str, ...]]],
    beads: list[tuple[int, int]] | None,
    is_certain: bool,
) -> None:
    found = align([english(*each) for each in here], [chinese(*each) for each in there])
    assert (found is not None and found.is_certain) == is_certain
    if found and beads:
        assert [(bead.en_end - bead.en, bead.zh_end - bead.zh) for bead in found.beads] == beads


TEXTS = st.lists(st.text(max_size=40) | st.integers(0, 900).map(english) | st.integers(0, 300).map(chinese), max_size=9)


@given(TEXTS, TEXTS)
def test_beads_follow_each_other_and_cover_both_sides(here: list[str], there: list[str]) -> None:
    found = align(here, there)
    assert found == align(here, there)
    if found is None:
        assert min(len(here), len(there)) < 2
        return
    place = (0, 0)
    for bead in found.beads:
        assert (bead.en, bead.zh) == place
        assert 1 <= (bead.en_end - bead.en) + (bead.zh_end - bead.zh) <= 3
        place = (bead.en_end, bead.zh_end)
    assert place == (len(here), len(there))
    assert 0 <= found.score <= 1


# -- precision ---------------------------------------------------------------------------------

Numbered = tuple[tuple[int, ...], str]
"""A paragraph, and the numbers of those it was made of: two texts' paragraphs are one if their numbers are."""


@cache
def documents() -> list[tuple[list[Numbered], list[Numbered]]]:
    found = []
    for seed in range(1, 4):
        sites = [ReplicaSite(language, 150, seed) for language in ("en", "zh")]
        pair(*sites)
        for number in range(150):
            if sites[0].counterpart(number) == number:
                here, there = (list(numbered(site, number)) for site in sites)
                assert len(here) == len(there)
                found.append((here, there))
    return [(here, there) for here, there in found if len(here) > 3]


def numbered(site: ReplicaSite, number: int) -> Iterator[Numbered]:
    paragraphs = (paragraph for part in site.story(number).parts for paragraph in part)
    for place, paragraph in enumerate(paragraphs):
        yield (place,), text_of(paragraph)


def text_of(paragraph: Paragraph) -> str:
    return paragraph.text or "\n".join("\t".join(row) for row in paragraph.rows)


def left_out(text: list[Numbered], chance: random.Random) -> list[Numbered]:
    place = chance.randrange(len(text))
    return text[:place] + text[place + 1 :]


def merged(text: list[Numbered], chance: random.Random) -> list[Numbered]:
    place = chance.randrange(len(text) - 1)
    (first, one), (second, other) = text[place : place + 2]
    joint = " " if one.isascii() or other.isascii() else ""
    return [*text[:place], (first + second, one + joint + other), *text[place + 2 :]]


def shortened(text: list[Numbered], chance: random.Random) -> list[Numbered]:
    """Return a freer translation: of each paragraph up to three tenths are missing."""
    return [(names, words[: max(1, int(len(words) * chance.uniform(0.7, 1)))]) for names, words in text]


def same(text: list[Numbered], chance: random.Random) -> list[Numbered]:
    return text


Change = Callable[[list[Numbered], random.Random], list[Numbered]]


def right_and_wrong(here: list[Numbered], there: list[Numbered], found: Alignment) -> tuple[int, int]:
    right = sum(
        sorted(n for names, _ in here[bead.en : bead.en_end] for n in names)
        == sorted(n for names, _ in there[bead.zh : bead.zh_end] for n in names)
        for bead in found.beads
    )
    return right, len(found.beads) - right


def measured(changes: list[tuple[Change, Change]], is_free: bool) -> tuple[float, float]:
    """Return the share of texts whose alignment is claimed, and of paragraphs claimed those that are right."""
    chance = random.Random(7)
    claimed = right = wrong = 0
    for here, there in documents():
        one, other = chance.choice(changes)
        if is_free:
            there = shortened(there, chance)
        here, there = one(here, chance), other(there, chance)
        found = align([words for _, words in here], [words for _, words in there])
        if found and found.is_certain:
            counts = right_and_wrong(here, there, found)
            claimed, right, wrong = claimed + 1, right + counts[0], wrong + counts[1]
    print(f"{claimed} of {len(documents())} texts, {right} paragraphs right, {wrong} wrong")
    return claimed / len(documents()), right / max(1, right + wrong)


MERGED = [(merged, same), (same, merged)]
LEFT_OUT = [(left_out, same), (same, left_out)]


@pytest.mark.parametrize("is_free", [False, True])
@pytest.mark.parametrize(
    ("changes", "least_claimed"),
    [([(same, same)], 0.95), (MERGED, 0.3), (LEFT_OUT, 0.0)],
    ids=["all there", "two merged in one language", "one left out in one language"],
)
def test_what_is_claimed_is_right(changes: list[tuple[Change, Change]], least_claimed: float, is_free: bool) -> None:
    claimed, precision = measured(changes, is_free)
    assert claimed >= least_claimed
    assert precision >= 0.99 or not claimed


def test_some_texts_that_lost_another_paragraph_on_each_side_spoil_little() -> None:
    """Lengths do not show it where paragraphs are alike: one text in twenty, and one merged on each side in twenty."""
    mixed = [(same, same)] * 14 + MERGED * 1 + LEFT_OUT * 1 + [(left_out, left_out), (merged, merged)]
    claimed, precision = measured(mixed, True)
    assert claimed >= 0.7
    assert precision >= 0.97
