"""Titles, paragraphs and sources of article number i, computed when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from csu_news.replica.chance import mix
from csu_news.replica.sentences import SENTENCES, SUBHEADINGS, TABLE_HEAD
from csu_news.replica.words import (
    GIVEN,
    OFFICES,
    PARTNERS,
    PLACES,
    PROJECTS,
    SCHOOLS,
    SURNAMES,
    TOPICS,
    UNIVERSITY,
)

_MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a body: `kind` is text, heading, table or link; a table's rows are in `rows`."""

    text: str
    kind: str = "text"
    rows: tuple[tuple[str, ...], ...] = ()


def english_date(day: datetime) -> str:
    """Return the date as the English site prints it: `January 8, 2020`."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def make_title(bits: int, tongue: int) -> str:
    """Return the title; `tongue` is 0 for English and 1 for Chinese."""
    return TOPICS[bits % len(TOPICS)][tongue][0] % _facts(bits, tongue)


def make_body(bits: int, tongue: int, day: datetime, paragraphs: int) -> list[Paragraph]:
    """Return an article's paragraphs: two of its own, then any that fit."""
    facts = _facts(bits, tongue)
    # only the month: the date of the article is printed elsewhere, and a body's dates are a trap of their own
    facts["day"] = f"{_MONTHS[day.month - 1]} {day.day}" if tongue == 0 else f"{day.month}月{day.day}日"
    topic = TOPICS[bits % len(TOPICS)][tongue]
    body = [Paragraph(topic[1] % facts), Paragraph(topic[2] % facts)]
    joint, sentences = ("", " ")[tongue == 0], _sentences(bits, tongue)
    for number in range(paragraphs):
        draw = mix(bits, number)
        if draw % 9 == 0:
            body.append(Paragraph(SUBHEADINGS[draw // 9 % len(SUBHEADINGS)][tongue], "heading"))
        chosen = [next(sentences) for _ in range(3 + draw // 64 % 2)]
        body.append(Paragraph(joint.join(chosen) % facts))
    if bits >> 40 & 15 == 0:
        body.append(_table(bits, tongue))
    return body


def make_offices(bits: int, tongue: int) -> list[str]:
    """Return the names of the one or two offices an article comes from."""
    first = bits >> 33
    names = [OFFICES[first % len(OFFICES)][tongue]]
    if first // 7 % 6 == 0:
        names.append(OFFICES[(first + 3) % len(OFFICES)][tongue])
    return names


def _sentences(bits: int, tongue: int) -> Iterator[str]:
    """Yield every sentence once, in an order of the article's own, then again."""
    place, step = bits >> 20, (5, 7, 11, 13)[bits >> 45 & 3]  # coprime to the 24 sentences
    while True:
        yield SENTENCES[place % len(SENTENCES)][tongue]
        place += step


def _table(bits: int, tongue: int) -> Paragraph:
    names = [SCHOOLS[(bits + n) % len(SCHOOLS)][tongue] for n in range(3)]
    places = [PLACES[(bits + n) % len(PLACES)][tongue] for n in range(3)]
    rows = [
        (name, place, str(20 + (bits >> n & 31))) for n, (name, place) in enumerate(zip(names, places, strict=True))
    ]
    return Paragraph("", "table", (TABLE_HEAD[tongue], *rows))


def _facts(bits: int, tongue: int) -> dict[str, str | int]:
    person = bits >> 8
    second = person // 144
    return {
        "school": SCHOOLS[bits // 12 % 23][tongue],
        "partner": PARTNERS[bits // 276 % 19][tongue],
        "project": PROJECTS[bits // 5244 % 18][tongue],
        "place": PLACES[bits // 94392 % 8][tongue],
        "office": OFFICES[(bits >> 33) % len(OFFICES)][tongue],
        "person": _person(person, tongue),
        "person2": _person(second, tongue),
        "n": 3 + (bits >> 50) % 28,
        "university": UNIVERSITY[tongue],
        "day": "",
    }


def _person(number: int, tongue: int) -> str:
    joint = " " if tongue == 0 else ""
    return SURNAMES[number % 12][tongue] + joint + GIVEN[number // 12 % 12][tongue]
