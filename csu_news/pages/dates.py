"""When an article was published: only what its meta line prints with year, month and day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib import import_module
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from csu_news.pages.frame import SOFT, unmarked
from csu_news.pages.labels import Field, Patterns, rank

FIRST_YEAR = 1990

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_TIME = (
    r"(?:(?:\s*[,，T]\s*|\s+|(?<=日))(?P<hour>[01]?\d|2[0-3])\s?[:：]\s?(?P<minute>[0-5]\d)"
    r"(?:\s?[:：]\s?(?P<second>[0-5]\d))?(?!\d)(?:\s*(?P<half>[ap])\.?m\b)?)?"
)
_FORMATS = (
    # 2019-01-16 11:14:20 · 2016/09/20 16:31 · 2021.1.13 · 2017年09月27日 21:32 · 2017年9月7日
    r"(?<![\d./-])(?P<year>\d{4})\s?(?P<sep>[-/.年])\s?(?P<m>\d{1,2})\s?(?:(?<=\d)(?P=sep)|月|(?<=\s)(?P=sep))"
    r"\s?(?P<d>\d{1,2})(?![\d/-]|\.\d)(?:\s?[日号])?" + _TIME,
    # January 8, 2020 · Feb 23,2017 · March 16 2018 · Sept. 5th, 2019
    rf"(?<![a-z]){_MONTH}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*[,，.]\s*|\s+)(?P<year>\d{{4}})(?!\d)" + _TIME,
    # 8 January 2020 · 23rd of Feb., 2017 · 08-Jan-2020
    rf"(?<![\w-])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]*{_MONTH}[\s,，-]*(?P<year>\d{{4}})(?!\d)" + _TIME,
)
_DATES = tuple(re.compile(pattern, re.I) for pattern in _FORMATS)
# Jan, sept, 5thOctober: how the name of a month begins; most dates have none
_MONTH_NAME = re.compile("[jfmasond][aepuco][nbrylgptvc]", re.I)
_YEAR = re.compile(r"\d{4}")
_DIGITS = re.compile(r"\d+")
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|星期[一二三四五六日天]|周[一二三四五六日]", re.I)
_FILLERS = frozenset(("", "by", "on", "at", "published"))
# `Deadline: `, 截止：即日起至: a label, and what may stand between it and its date
_TO_DATE = (
    r"[\s\[(（【]*(?:(?:by|before|until|till|from|on|at|即日起?至?|自|从|至|到|截至"
    rf"|{_WEEKDAY.pattern})[\s,，]*){{0,3}}$"
)
_LABEL = re.compile(rf"(?P<word>[a-z]+|[\u3400-\u9fff])\s*[)）\]】]?\s*[:：]{_TO_DATE}", re.I)
_LEADS = re.compile(_TO_DATE, re.I)
# 2022-01-01 to 2022-02-01
_RANGE = re.compile(r"\s*(?:to|until|till|and|[-–—~～至到、,，])+\s*", re.I)
_LONGEST, _SHORT = 200, 80
_PUNCTUATION = re.compile(r"[\s\W_]+")


class Printed(NamedTuple):
    """A date as printed, and what it means: `published`, `published_at` and `published_raw`."""

    date: str | None
    at: str | None
    raw: str


def find_dates(text: str, timezone: str) -> list[Printed]:
    """Return the full dates in a text, in order; nothing that needs a guess (08/09/2017)."""
    if not _YEAR.search(text):
        return []
    patterns = _DATES if _MONTH_NAME.search(text) else _DATES[:1]
    found = [(match, _printed(match, timezone)) for pattern in patterns for match in pattern.finditer(text)]
    found.sort(key=lambda pair: pair[0].start())
    return [printed for _, printed in found if printed]


def _printed(match: re.Match[str], timezone: str) -> Printed | None:
    groups = match.groupdict()
    month = _MONTHS.index(groups["month"][:3].lower()) + 1 if groups.get("month") else int(groups["m"])
    day = checked_date(int(groups["year"]), month, int(groups["d"]))
    if day is None:
        return None
    clock = _clock(groups)
    at = None if clock is None or (zone := _zone(timezone)) is None else datetime.combine(day, clock, zone)
    return Printed(day.isoformat(), at.isoformat() if at else None, match[0].strip())


def _clock(groups: dict[str, str | None]) -> time | None:
    if not groups["hour"] or not groups["minute"]:
        return None
    hour, half = int(groups["hour"]), (groups["half"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, int(groups["minute"]), int(groups["second"] or 0))


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def checked_date(year: int, month: int, day: int) -> date | None:
    """Return the date if it exists and can be a publication date."""
    if not FIRST_YEAR <= year <= datetime.now(UTC).year + 1:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def published(
    lines: Iterable[list[Field]],
    later: Iterable[list[Field]],
    patterns: Patterns,
    timezone: str,
    language: str | None,
) -> Printed:
    """Return the article's date: the best labelled one, else the only one on the meta lines before the body.

    `later` are lines behind the body, where only a labelled date counts. A labelled date that cannot be
    read without guessing keeps its text in `raw`.
    """
    lines, later = list(lines), list(later)
    labelled = sorted(
        (f for line in (*lines, *later) for f in line if f.kind == "date"), key=lambda f: rank(f, patterns)
    )
    for field in labelled:
        if dates := find_dates(_spaced(field), timezone):
            return dates[0]
    bare: dict[str | None, Printed] = {}
    label_hangs = False
    for line in lines:
        bare |= {printed.date: printed for printed in _bare_dates(line, label_hangs, patterns, timezone)}
        label_hangs = _ends_in_unknown_label(line[-1])
    if len(bare) == 1:
        return next(iter(bare.values()))
    return _by_library([field.value for field in labelled], language)


def _spaced(field: Field) -> str:
    """Return a value with a space between tags: `<b>March 16</b><b>2018</b>`."""
    return unmarked(field.marked.replace(SOFT, " "))


def _ends_in_unknown_label(field: Field) -> bool:
    text = _spaced(field)
    return _is_unknown(field) if not text else _has_label(text[-_LONGEST:])


def _is_unknown(field: Field) -> bool:
    return field.kind == "unknown" and field.label not in _FILLERS


def _has_label(text: str) -> bool:
    """Tell whether a label leads to what follows the text; read_fields() has taken out all that are known."""
    found = _LABEL.search(text) if ":" in text or "：" in text else None
    return found is not None and found["word"].lower() not in _FILLERS


def _bare_dates(line: list[Field], label_hangs: bool, patterns: Patterns, timezone: str) -> list[Printed]:
    """Return the unlabelled dates of a meta line: one with labels, or of little but a date.

    `By Li Ming 2019-05-13` and `发布时间 2019-05-13` (no colon) are such, a sentence with a date in it is not.
    `label_hangs`: the line before ends in an unknown label, whose value a date at the start of this line is.
    """
    if len(line) > 1:
        hangs = [label_hangs, *[False] * (len(line) - 1)]
        return [d for f, h in zip(line, hangs, strict=True) if f.kind != "date" for d in _free_dates(f, h, timezone)]
    text = _spaced(line[0])[:_LONGEST]
    dates = _free_dates(line[0], label_hangs, timezone)
    rest = _WEEKDAY.sub("", text)
    for printed in dates:
        rest = rest.replace(printed.raw, "")
    rest = _PUNCTUATION.sub("", rest).lower()
    author = text.lower().startswith("by ") and bool(dates) and text.endswith(dates[-1].raw) and len(rest) < 60
    if author or rest in _FILLERS or patterns.kinds.get(rest, ("",))[0] == "date":
        return dates
    own = _dates_of_own(line[0].marked, timezone) if len(text) <= _SHORT else []
    return [printed for printed in own if printed in dates]


def _free_dates(field: Field, label_hangs: bool, timezone: str) -> list[Printed]:
    """Return a field's dates without those of an unknown label: `Deadline: 2022-01-01`, and what it ranges to."""
    text = _spaced(field)[:_LONGEST]
    free, position = [], 0
    claimed = label_hangs or _is_unknown(field)
    for printed in find_dates(text, timezone):
        start = max(position, text.find(printed.raw, position))  # two notations may overlap
        between = text[position:start]
        goes_on = _RANGE.fullmatch(between) if position else _LEADS.fullmatch(between)
        claimed = bool(claimed and goes_on) or _has_label(between)
        position = start + len(printed.raw)
        if not claimed:
            free.append(printed)
    return free


def _dates_of_own(marked: str, timezone: str) -> list[Printed]:
    """Return the dates that fill an element: `<span class="timestyle1">2020年5月6日</span> <span>张三</span>`."""
    pieces = [unmarked(piece).strip(" []()（）【】") for piece in marked.split(SOFT)]
    return [printed for piece in pieces for printed in find_dates(piece, timezone) if printed.raw == piece]


def _by_library(values: list[str], language: str | None) -> Printed:
    """Return a labelled date in another notation (二〇二〇年一月八日 stays unread), checked by its digits."""
    for value in values:
        if not value or not re.search(r"[^\W\d_]", value) or not re.search(r"\b\d{4}\b|\d{4}年", value):
            continue
        if (day := _parsed(value, language)) is not None:
            return Printed(day.isoformat(), None, value)
    return Printed(None, None, next((value for value in values if _DIGITS.search(value)), ""))


def _parsed(value: str, language: str | None) -> date | None:
    dateparser = import_module("dateparser")  # costs a second to import, and is hardly ever needed
    settings = {"STRICT_PARSING": True, "REQUIRE_PARTS": ["day", "month", "year"]}
    found: datetime | None = dateparser.parse(
        value[:60], languages=[language] if language else ["zh", "en"], settings=settings
    )
    if found is None:
        return None
    digits = [int(number) for number in _DIGITS.findall(value[:60])]
    # one number beside the year: a second one might be the month, and which is which would be a guess
    if found.year not in digits or [number for number in digits if number < 32] != [found.day]:
        return None
    return checked_date(found.year, found.month, found.day)
