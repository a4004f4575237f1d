"""When article number i came out, where it stands in its column, and which id it has; both ways.

All of it is arithmetic: no table, so a site of 200,000 articles costs no more than one of ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from csu_news.replica.chance import mix

CHINA = timezone(timedelta(hours=8))
END = datetime(2024, 5, 31, 9, 0, tzinfo=CHINA)  # when the newest of the first articles came out
_PATTERN = "abaababaaa"  # columns of ten consecutive articles
_RANK = tuple(_PATTERN[:k].count(c) for k, c in enumerate(_PATTERN))
_PLACES = {c: tuple(k for k, x in enumerate(_PATTERN) if x == c) for c in "ab"}
_TWINS = (2, 3)  # places in ten of the two articles that may share one publication time


@dataclass(frozen=True, slots=True)
class Calendar:
    """The order of a site of `size` articles at first; more may follow."""

    seed: int
    size: int
    first_id: int
    pace_minutes: int | None = None
    """The mean distance of two articles, if it is not to be worked out."""

    def id_of(self, number: int) -> int:
        """Return the news id: rising with time, with gaps of one to five."""
        return self.first_id + 3 * number + mix(self.seed ^ 0x1D, number) % 3

    def number_of(self, news_id: int) -> int | None:
        """Return the article's number, None for an id that lies in a gap."""
        number = (news_id - self.first_id) // 3
        return number if number >= 0 and self.id_of(number) == news_id else None

    def twin(self, number: int) -> int | None:
        """Return the neighbour in the column that has the same publication time, if there is one."""
        ten, place = divmod(number, 10)
        if place not in _TWINS or mix(self.seed ^ 0x2A, ten) % 4:
            return None
        return number + 1 if place == _TWINS[0] else number - 1

    def published(self, number: int) -> datetime:
        """Return the minute of publication, in China."""
        number = min(number, twin) if (twin := self.twin(number)) is not None else number
        step = self._step_minutes()
        four, place = divmod(number, 4)
        minutes = four * 4 * step
        if mix(self.seed ^ 0x3B, four) % 3 == 0:  # a busy day
            minutes += place * min(step, 100)
        else:
            minutes += place * step
        start = END - timedelta(minutes=step * self.size)
        return _in_office_hours(start + timedelta(minutes=minutes))

    def _step_minutes(self) -> int:
        """Return the mean distance of two articles: three days, or less so that all fit twelve years."""
        if self.pace_minutes is not None:
            return self.pace_minutes
        return max(30, min(3 * 24 * 60, 12 * 365 * 24 * 60 // max(self.size, 1)))


def column_of(number: int) -> int:
    """Return 0 or 1: which of the two columns holds the article."""
    return int(_PATTERN[number % 10] == "b")


def rank_of(number: int) -> int:
    """Return how many older articles its column has."""
    ten, place = divmod(number, 10)
    return ten * len(_PLACES[_PATTERN[place]]) + _RANK[place]


def at_rank(column: int, rank: int) -> int:
    """Return the number of the article with that many older ones in the column."""
    places = _PLACES["ab"[column]]
    ten, place = divmod(rank, len(places))
    return ten * 10 + places[place]


def count_in_column(column: int, size: int) -> int:
    """Return how many of the first `size` articles are in the column."""
    tens, rest = divmod(size, 10)
    letter = "ab"[column]
    return tens * len(_PLACES[letter]) + _PATTERN[:rest].count(letter)


def _in_office_hours(moment: datetime) -> datetime:
    """Return the moment squeezed between 8:00 and 20:00 of its day, order kept."""
    minutes = moment.hour * 60 + moment.minute
    return moment.replace(hour=8, minute=0) + timedelta(minutes=minutes // 2)
