"""ReplicaSite: a VSB site of any size as arithmetic, with a small overlay of what editors did."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from csu_news.errors import UsageError
from csu_news.replica.chance import mix
from csu_news.replica.expect import expect
from csu_news.replica.faults import FAULTS, Plan
from csu_news.replica.order import Order
from csu_news.replica.story import PLAIN, Edit, Habits, Story, is_translated, plain_title, retells, tell
from csu_news.replica.texts import Paragraph
from csu_news.replica.timeline import Calendar, column_of
from csu_news.replica.words import LANGUAGES, UNIVERSITY
from csu_news.sites import Column, Site

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

    `number` counts articles from 0, the oldest; `news_id` is what a URL shows. Equal arguments
    make equal sites. `noise`: click numbers and side bars differ at every request. `stale_lists`:
    old list pages print the total of the day they were made. `soft_404`: unknown addresses get 200.
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
        pace_minutes: int | None = None,
    ) -> None:
        if language not in LANGUAGES:
            raise UsageError(f"A replica speaks en or zh, not {language!r}.")
        if articles < 1:
            raise UsageError("A replica has at least one article.")
        self.language, self.tongue, self.seed = language, LANGUAGES.index(language), seed
        self.rows_per_page, self.noise = rows_per_page, noise
        self.stale_lists, self.soft_404 = stale_lists, soft_404
        self.owner, self.sections = OWNERS[self.tongue], SECTIONS[self.tongue]
        self.first_size = articles
        self.calendar = Calendar(seed, articles, FIRST_IDS[self.tongue], pace_minutes)
        self.order = Order(self.calendar, articles)
        self.base_url = f"http://{language}.replica.invalid/"
        self.partner: ReplicaSite | None = None
        self.habits = PLAIN
        self.now = self.calendar.published(articles - 1).astimezone(UTC) + timedelta(hours=1)
        self.plans: dict[str, list[Plan]] = {}
        self.delays: dict[str, float] = {}
        self.ticks = itertools.count(1)
        self.lock = RLock()
        self._edits: dict[int, Edit] = {}
        self._removals: dict[int, Removal] = {}
        self._touched: dict[int, datetime] = {}
        self._column_touched: dict[int, datetime] = {}

    # -- reading -----------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many articles there ever were."""
        return self.order.size

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
        happened, habits = self.calendar.published(number), self.habits
        if habits.retold and self.tongue and retells(self.seed, number):
            happened = self.calendar.published(number - 1)
        edit = self._edits.get(number)
        story = tell(
            *(self.seed, self.tongue, number, happened, edit), retold=habits.retold, own_pictures=habits.own_pictures
        )
        return replace(story, published=self.published(number))

    def published(self, number: int) -> datetime:
        """Return the time that the page prints."""
        lag = self.habits.lag_days if self.tongue else 0
        return self.calendar.published(number) + timedelta(days=mix(self.seed ^ 0x7A, number) % (2 * lag + 1) - lag)

    def title(self, number: int) -> str:
        edit = self._edits.get(number)
        if edit is not None and edit.title is not None:
            return edit.title
        return plain_title(self.seed, self.tongue, number, self.habits.retold)

    def counterpart(self, number: int) -> int | None:
        """Return the partner site's article that says the same, by its number there."""
        partner = self.partner
        if partner is None or not is_translated(self.seed, number) or partner.seed != self.seed:
            return None
        return number if number < partner.size and partner.removal(number) is None else None

    def linked_counterpart(self, number: int) -> int | None:
        """Return the counterpart that the page links to."""
        return self.counterpart(number) if self.habits.linked else None

    def picture_host(self, number: int) -> str:
        """Return what stands before the article's picture addresses: some are on the other language's host."""
        partner = self.partner
        shared = partner is not None and partner.seed == self.seed and mix(self.seed ^ 0x8E, number) % 8 == 0
        return partner.base_url.rstrip("/") if partner and shared and self.tongue == 0 else ""

    def modified(self, number: int) -> datetime:
        """Return when the page changed last, in UTC: it shows its neighbours' titles too."""
        newer, older = self.order.neighbours(number)
        times = [self.calendar.published(n) for n in (number, newer) if n is not None]
        times += [self._touched[n] for n in (number, newer, older) if n is not None and n in self._touched]
        return max(times).astimezone(UTC)

    def column_modified(self, column: int) -> datetime:
        """Return when the column's lists changed last, in UTC."""
        times = [self.calendar.published(n) for n in self.order.newest_first(column, 0, 1)]
        times += [self._column_touched[column]] if column in self._column_touched else []
        return max(times, default=self.now).astimezone(UTC)

    def expected(self, number: int) -> dict[str, Any]:
        """Return what an archive should hold of the article; expect.py names the keys."""
        with self.lock:
            return expect(self, number)

    def articles(self) -> Iterator[dict[str, Any]]:
        """Yield what is expected of every article that can be read, newest first."""
        for number in range(self.size - 1, -1, -1):
            if number not in self._removals:
                yield self.expected(number)

    def profile(self, base_url: str | None = None) -> Site:
        """Return a profile that crawls this site at base_url; by default where it is served."""
        base = base_url or self.base_url
        return Site(
            name=f"demo-{self.language}",
            title=UNIVERSITY[self.tongue],
            base_url=base,
            language=self.language,
            owner=self.owner,
            columns=tuple(Column(s.column_id, f"{s.path}.htm", s.name) for s in self.sections),
            hosts=(base.split("/")[2],),
            media_hosts=(self.partner.base_url.split("/")[2],) if self.partner else (),
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
            first = self.size
            self.order.size += count
            self.now = max(self.now, self.calendar.published(self.size - 1).astimezone(UTC))
            self.advance(minutes=1)
            return [self.path_of(number) for number in range(first, self.size)]

    def edit(
        self,
        news_id: int,
        *,
        title: str | None = None,
        body: str | None = None,
        sources: list[str] | None = None,
    ) -> None:
        """Change an article; a body is plain text, paragraphs separated by a blank line."""
        paragraphs = None if body is None else tuple(Paragraph(text) for text in body.split("\n\n"))
        changes = {"title": title, "paragraphs": paragraphs, "sources": sources and tuple(sources)}
        with self.lock:
            number = self._number(news_id)
            known = {name: value for name, value in changes.items() if value is not None}
            self._edits[number] = replace(self._edits.get(number, Edit()), **known)  # type: ignore[arg-type]
            self._touch(number)

    def delete(self, news_id: int, how: str = "404", *, relink: bool = True, target: str = "/index.htm") -> None:
        """Take an article away: its address answers 404, 410, a soft 404 or a redirect to target.

        relink: lists and neighbours leave it out, as the CMS does; False leaves them as they were.
        """
        if how not in REMOVALS:
            raise UsageError(f"An article goes by one of {', '.join(REMOVALS)}, not {how!r}.")
        with self.lock:
            number = self._number(news_id)
            self._touch(number)
            self._removals[number] = Removal(how, target)
            if relink:
                self._touch_neighbours(number)
                self.order.unlink(number)

    def restore(self, news_id: int) -> None:
        """Undo delete()."""
        with self.lock:
            number = self._number(news_id)
            self._removals.pop(number, None)
            self._touch(number)
            if self.order.link(number):
                self._touch_neighbours(number)

    def break_(self, path: str, fault: str, times: int | None = None, **options: Any) -> None:
        """Answer a path with a fault of FAULTS, always or `times`; `*` is all, `/info/*` all below."""
        if fault not in FAULTS:
            raise UsageError(f"There is no fault {fault!r}; known: {', '.join(sorted(FAULTS))}.")
        with self.lock:
            self.plans = {**self.plans, path: [*self.plans.get(path, []), Plan(fault, times, options)]}

    def mend(self, path: str | None = None) -> None:
        """Take away the faults of a path, or all."""
        with self.lock:
            self.plans = {} if path is None else {k: v for k, v in self.plans.items() if k != path}

    def slow_down(self, seconds: float, path: str = "*") -> None:
        """Answer a path, or all (`*`), after so many seconds; 0 ends it."""
        with self.lock:
            self.delays = {**self.delays, path: seconds}

    def _number(self, news_id: int) -> int:
        number = self.find(news_id)
        if number is None:
            raise UsageError(f"The replica has no article {news_id}.")
        return number

    def _touch(self, number: int) -> None:
        self.advance(minutes=1)
        self._touched[number] = self._column_touched[column_of(number)] = self.now

    def _touch_neighbours(self, number: int) -> None:
        for neighbour in self.order.neighbours(number):
            if neighbour is not None:
                self._touched[neighbour] = self.now


def pair(english: ReplicaSite, chinese: ReplicaSite, habits: Habits = PLAIN) -> None:
    """Make the two sites each other's translation; they need the same seed."""
    english.partner, chinese.partner = chinese, english
    english.habits = chinese.habits = habits
