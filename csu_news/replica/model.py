"""ReplicaSite: a VSB site of any size as arithmetic, with a small overlay of what editors did."""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from csu_news.errors import UsageError
from csu_news.replica.faults import FAULTS, Plan
from csu_news.replica.story import Edit, Story, is_translated, plain_title, tell
from csu_news.replica.texts import Paragraph
from csu_news.replica.timeline import Calendar, at_rank, column_of, count_in_column, rank_of
from csu_news.replica.words import LANGUAGES, UNIVERSITY
from csu_news.sites import Column, Site

CHINA = timedelta(hours=8)
REMOVALS = ("404", "410", "soft", "redirect")


@dataclass(frozen=True, slots=True)
class Section:
    """A column of the replica: its wbtreeid, its list page without `.htm`, its name."""

    column_id: int
    path: str
    name: str


SECTIONS = (
    (Section(1083, "News", "News"), Section(1085, "Academics", "Academics")),
    (Section(1061, "zhxw", "综合新闻"), Section(1062, "xsdt", "学术动态")),
)
OWNERS = (1571320098, 1571320107)
FIRST_IDS = (1781, 3502)


@dataclass(frozen=True, slots=True)
class Removal:
    how: str
    target: str


class ReplicaSite:
    """One site in one language; methods that change it may be called from any thread.

    `number` counts articles from 0, the oldest; `news_id` is what a URL shows.
    `noise`: click numbers and side bars differ at every request. `stale_lists`: old list pages
    print the total of the day they were made.
    """

    def __init__(
        self,
        language: str = "en",
        articles: int = 100,
        seed: int = 1,
        *,
        rows_per_page: int = 20,
        noise: bool = False,
        stale_lists: bool = False,
        soft_404: bool = False,
    ) -> None:
        if language not in LANGUAGES:
            raise UsageError(f"A replica speaks en or zh, not {language!r}.")
        self.language, self.tongue, self.seed = language, LANGUAGES.index(language), seed
        self.rows_per_page, self.noise = rows_per_page, noise
        self.stale_lists, self.soft_404 = stale_lists, soft_404
        self.owner, self.sections = OWNERS[self.tongue], SECTIONS[self.tongue]
        self.calendar = Calendar(seed, articles, FIRST_IDS[self.tongue])
        self.size = articles
        self.lock = RLock()
        self.base_url = f"http://{language}.replica.invalid/"
        self.partner: ReplicaSite | None = None
        self.now = self._published(articles - 1) - CHINA + timedelta(hours=1)
        self.plans: dict[str, list[Plan]] = {}
        self.delays: dict[str, float] = {}
        self.ticks = itertools.count(1)
        self._edits: dict[int, Edit] = {}
        self._removals: dict[int, Removal] = {}
        self._unlinked: tuple[list[int], list[int]] = ([], [])  # sorted ranks that lists and chain leave out
        self._touched: dict[int, datetime] = {}
        self._column_touched: list[datetime | None] = [None, None]

    # -- reading -----------------------------------------------------------------------------

    def path_of(self, number: int) -> str:
        return f"/info/{self.section_of(number).column_id}/{self.calendar.id_of(number)}.htm"

    def section_of(self, number: int) -> Section:
        return self.sections[column_of(number)]

    def find(self, news_id: int) -> int | None:
        """Return the number of the article with that id, None if there never was one."""
        number = self.calendar.number_of(news_id)
        return number if number is not None and number < self.size else None

    def removal(self, number: int) -> Removal | None:
        return self._removals.get(number)

    def story(self, number: int) -> Story:
        return tell(self.seed, self.tongue, number, self.calendar.published(number), self._edits.get(number))

    def title(self, number: int) -> str:
        edit = self._edits.get(number)
        if edit is not None and edit.title is not None:
            return edit.title
        return plain_title(self.seed, self.tongue, number)

    def neighbours(self, number: int) -> tuple[int | None, int | None]:
        """Return the articles that prev (newer) and next (older) point at, as the CMS does.

        Two articles of one publication time point at each other both ways.
        """
        other = self._other_of_pair(number)
        if other is not None:
            return other, other
        column, rank = column_of(number), rank_of(number)
        count, hidden = count_in_column(column, self.size), self._unlinked[column]
        newer = _skip(rank + 1, 1, hidden)
        older = _skip(rank - 1, -1, hidden)
        return (
            at_rank(column, newer) if newer < count else None,
            at_rank(column, older) if older >= 0 else None,
        )

    def counterpart(self, number: int) -> int | None:
        """Return the partner site's article that says the same, by its number there."""
        partner = self.partner
        if partner is None or not is_translated(self.seed, number) or partner.seed != self.seed:
            return None
        return number if number < partner.size and partner.removal(number) is None else None

    def modified(self, number: int) -> datetime:
        """Return when the page changed last: it shows its neighbours' titles too."""
        newer, older = self.neighbours(number)
        times = [self._published(number) - CHINA]
        times += [self._published(newer) - CHINA] if newer is not None else []
        times += [self._touched[n] for n in (number, newer, older) if n in self._touched]  # type: ignore[index]
        return max(times).replace(tzinfo=UTC)

    def column_modified(self, column: int) -> datetime:
        """Return when the column's lists changed last."""
        newest = next(self.in_column(column), None)
        times = [self._column_touched[column]] if self._column_touched[column] else []
        times += [self._published(newest) - CHINA] if newest is not None else []
        return max((t for t in times if t), default=self.now).replace(tzinfo=UTC)

    def column_count(self, column: int) -> int:
        """Return how many articles the column's lists show."""
        return count_in_column(column, self.size) - len(self._unlinked[column])

    def in_column(self, column: int, start: int = 0, stop: int | None = None) -> Iterator[int]:
        """Yield the numbers of a column's listed articles, newest first, from place start up to stop."""
        count = self.column_count(column)
        for place in range(start, count if stop is None else min(stop, count)):
            yield at_rank(column, _rank_at(count - 1 - place, self._unlinked[column]))

    def articles(self) -> Iterator[dict[str, Any]]:
        """Yield what is expected of every listed article, newest first."""
        for number in range(self.size - 1, -1, -1):
            if number not in self._removals:
                yield self.expected(number)

    def expected(self, number: int) -> dict[str, Any]:
        """Return what an archive should hold of the article; see replica/expect.py for the keys."""
        from csu_news.replica.expect import expect

        with self.lock:
            return expect(self, number)

    def profile(self, base_url: str | None = None) -> Site:
        """Return a profile that crawls this site at base_url."""
        base = base_url or self.base_url
        host = base.split("/")[2]
        media = (self.partner.base_url.split("/")[2],) if self.partner else ()
        return Site(
            name=f"demo-{self.language}",
            title=UNIVERSITY[self.tongue],
            base_url=base,
            language=self.language,
            owner=self.owner,
            columns=tuple(Column(s.column_id, f"{s.path}.htm", s.name) for s in self.sections),
            hosts=(host,),
            media_hosts=media,
            title_suffixes=(f"-{UNIVERSITY[self.tongue]}",),
        )

    # -- editing: each call takes a minute of the site's own time ----------------------------

    def advance(self, **delta: float) -> datetime:
        """Move the site's clock (hours=1, days=2 …) and return it, in UTC."""
        with self.lock:
            self.now += timedelta(**delta)
            return self.now

    def publish(self, count: int = 1) -> list[str]:
        """Add articles, and return their paths, oldest first."""
        with self.lock:
            first, self.size = self.size, self.size + count
            self.now = max(self.now, self._published(self.size - 1) - CHINA)
            self.advance(minutes=1)
            return [self.path_of(number) for number in range(first, self.size)]

    def edit(
        self,
        news_id: int,
        *,
        title: str | None = None,
        body: str | list[str] | None = None,
        sources: list[str] | None = None,
    ) -> None:
        """Change an article; a body is plain text, paragraphs separated by a blank line."""
        paragraphs = body.split("\n\n") if isinstance(body, str) else body
        change = Edit(
            title,
            None if paragraphs is None else tuple(Paragraph(text) for text in paragraphs),
            None if sources is None else tuple(sources),
        )
        with self.lock:
            number = self._number(news_id)
            self._edits[number] = _merge(self._edits.get(number), change)
            self._touch(number)

    def delete(
        self, news_id: int, how: str = "404", *, relink: bool = True, target: str = "/index.htm"
    ) -> None:
        """Take an article away: its address answers 404, 410, a soft 404 or a redirect to target.

        relink: lists and neighbours leave it out, as the CMS does; False leaves them as they were.
        """
        if how not in REMOVALS:
            raise UsageError(f"An article goes by one of {', '.join(REMOVALS)}, not {how!r}.")
        with self.lock:
            number = self._number(news_id)
            self._touch(number)
            self._removals[number] = Removal(how, target)
            hidden, rank = self._unlinked[column_of(number)], rank_of(number)
            if relink and rank not in hidden:
                self._touch_neighbours(number)
                insort(hidden, rank)

    def restore(self, news_id: int) -> None:
        """Undo delete()."""
        with self.lock:
            number = self._number(news_id)
            self._removals.pop(number, None)
            hidden, rank = self._unlinked[column_of(number)], rank_of(number)
            if rank in hidden:
                hidden.remove(rank)
                self._touch_neighbours(number)
            self._touch(number)

    def break_(self, path: str, fault: str, times: int | None = None, **options: Any) -> None:
        """Answer path (`*`: every path, `/info/*`: all below) with a fault of faults.FAULTS, always or so often."""
        if fault not in FAULTS:
            raise UsageError(f"There is no fault {fault!r}; known: {', '.join(sorted(FAULTS))}.")
        with self.lock:
            self.plans.setdefault(path, []).append(Plan(fault, times, options))

    def mend(self, path: str | None = None) -> None:
        """Take away the faults of a path, or all."""
        with self.lock:
            self.plans = {} if path is None else {k: v for k, v in self.plans.items() if k != path}

    def slow_down(self, seconds: float, path: str = "*") -> None:
        """Answer a path, or all (`*`), after so many seconds; 0 ends it."""
        with self.lock:
            self.delays[path] = seconds

    # -- inside ------------------------------------------------------------------------------

    def _number(self, news_id: int) -> int:
        number = self.find(news_id)
        if number is None:
            raise UsageError(f"The replica has no article {news_id}.")
        return number

    def _published(self, number: int) -> datetime:
        return self.calendar.published(number)

    def _other_of_pair(self, number: int) -> int | None:
        if not self.calendar.is_pair(number):
            return None
        other = number + 1 if number % 10 == 2 else number - 1
        lost = rank_of(other) in self._unlinked[column_of(other)]
        return None if lost or other >= self.size else other

    def _touch(self, number: int) -> None:
        self.advance(minutes=1)
        self._touched[number] = self._column_touched[column_of(number)] = self.now

    def _touch_neighbours(self, number: int) -> None:
        for neighbour in self.neighbours(number):
            if neighbour is not None:
                self._touched[neighbour] = self.now


def pair(english: ReplicaSite, chinese: ReplicaSite) -> None:
    """Make the two sites each other's translation; they need the same seed."""
    english.partner, chinese.partner = chinese, english


def _merge(old: Edit | None, new: Edit) -> Edit:
    if old is None:
        return new
    known = {
        name: getattr(new, name)
        for name in ("title", "paragraphs", "sources")
        if getattr(new, name) is not None
    }
    return replace(old, **known)


def _skip(rank: int, step: int, hidden: list[int]) -> int:
    """Return the first rank from there on, in that direction, that is not hidden."""
    if hidden:
        while hidden[(place := bisect_left(hidden, rank)) : place + 1] == [rank]:
            rank += step
    return rank


def _rank_at(place: int, hidden: list[int]) -> int:
    """Return the rank of the listed article at that place, both from the oldest."""
    for rank in hidden:
        if rank > place:
            break
        place += 1
    return place
