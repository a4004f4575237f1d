"""What a timer runs, and when: the same for every system's way of writing it down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from csu_news.errors import UsageError
from csu_news.schedule.interval import DAY, HOUR, WEEK, fits_clock


@dataclass(frozen=True, slots=True)
class Plan:
    """A crawl into an archive every so many minutes.

    command      absolute program and arguments
    writable     folders that the crawl writes to
    environment  what is not for the eyes of others: a process's arguments are seen by every user of the machine
    """

    db: Path
    minutes: int
    command: tuple[str, ...]
    writable: tuple[Path, ...]
    environment: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for text in (*self.command, *map(str, self.writable), *(value for _, value in self.environment)):
            if not text.isprintable():  # a line break, or bytes that are no text
                raise UsageError(f"{text!r} cannot be scheduled: it has a control character.")

    @property
    def name(self) -> str:
        """The archive's name, with a few digits that tell it from one of the same name in another folder."""
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", self.db.stem).strip("-.") or "archive"
        return f"csu-news-{stem[:64]}-{self._digest:06x}"

    @property
    def times(self) -> Times | None:
        """When it starts by the clock, spread by the archive's path; None if no clock shows the interval."""
        if not fits_clock(self.minutes):
            return None
        first = self._digest % self.minutes
        day, hour, minute = first // DAY, first % DAY // HOUR, first % HOUR
        if self.minutes < HOUR:
            return Times(tuple(range(minute, HOUR, self.minutes)))
        hours = tuple(range(hour, 24, self.minutes // HOUR))
        return Times((minute,), hours, day if self.minutes == WEEK else None)

    @property
    def _digest(self) -> int:
        return int(sha256(str(self.db).encode("utf-8", "surrogateescape")).hexdigest()[:6], 16)


@dataclass(frozen=True, slots=True)
class Times:
    """Minutes of an hour, hours of a day (none: all), and the day of a week, 0 for Monday (None: all)."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...] = ()
    weekday: int | None = None
