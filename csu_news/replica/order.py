"""In which order a site's articles stand: the chain of each column and the rows of its lists."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from csu_news.replica.timeline import Calendar, at_rank, column_of, count_in_column, rank_of


@dataclass(slots=True)
class Order:
    """The order of `size` articles; `unlinked` holds, per column, the sorted ranks that are left out."""

    calendar: Calendar
    size: int
    unlinked: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))

    def neighbours(self, number: int) -> tuple[int | None, int | None]:
        """Return the articles that prev (newer) and next (older) point at, as the CMS does.

        Two articles of one publication time point at each other both ways.
        """
        other = self._other_of_pair(number)
        if other is not None:
            return other, other
        column, rank = column_of(number), rank_of(number)
        hidden = self.unlinked[column]
        newer, older = _skip(rank + 1, 1, hidden), _skip(rank - 1, -1, hidden)
        return (
            at_rank(column, newer) if newer < count_in_column(column, self.size) else None,
            at_rank(column, older) if older >= 0 else None,
        )

    def count(self, column: int) -> int:
        """Return how many articles the column's lists show."""
        return count_in_column(column, self.size) - len(self.unlinked[column])

    def newest_first(self, column: int, start: int = 0, stop: int | None = None) -> Iterator[int]:
        """Yield the numbers of a column's listed articles from place start up to stop."""
        count = self.count(column)
        for place in range(start, count if stop is None else min(stop, count)):
            yield at_rank(column, _rank_at(count - 1 - place, self.unlinked[column]))

    def unlink(self, number: int) -> bool:
        """Leave the article out; tell whether it was in."""
        hidden, rank = self.unlinked[column_of(number)], rank_of(number)
        if rank in hidden:
            return False
        insort(hidden, rank)
        return True

    def link(self, number: int) -> bool:
        """Put the article back; tell whether it was out."""
        hidden, rank = self.unlinked[column_of(number)], rank_of(number)
        if rank not in hidden:
            return False
        hidden.remove(rank)
        return True

    def _other_of_pair(self, number: int) -> int | None:
        other = self.calendar.twin(number)
        if other is None or other >= self.size:
            return None
        return None if rank_of(other) in self.unlinked[column_of(other)] else other


def _skip(rank: int, step: int, hidden: list[int]) -> int:
    """Return the first rank from there on, in that direction, that is not hidden."""
    while hidden and hidden[(place := bisect_left(hidden, rank)) : place + 1] == [rank]:
        rank += step
    return rank


def _rank_at(place: int, hidden: list[int]) -> int:
    """Return the rank of the listed article at that place, both counted from the oldest."""
    for rank in hidden:
        if rank > place:
            break
        place += 1
    return place
