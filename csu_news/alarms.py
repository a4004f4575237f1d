"""What is wrong when runs are laid side by side: plain counts in, alarms out; pure.

A run on a timer brings a handful of pages, so no run is judged alone. A state must have lasted for three runs in a
row, and a share is taken over so many of the newest runs that they hold ten pages together. Once open, an alarm is
judged by the same measure against what was usual before it opened, so that the fault does not become usual itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

LAYOUT, CHALLENGED, OUTAGE, SLOW, SHRUNK = "layout changed", "challenged", "outage", "slow", "shrunk"
CLOCK = "clock wrong"
KINDS = (LAYOUT, CHALLENGED, OUTAGE, SLOW, SHRUNK, CLOCK)
"""Kinds of the findings that only a later run resolves, never the good answer of one page."""

RUNS = 3
"""In a row: on a timer of six hours one bad night opens nothing, a bad day does."""

PAGES = 10
"""Where one page in ten naturally lacks a field that is usual, seven of ten do once in 100,000 times."""

MOSTLY = 2 / 3
"""Share from which a thing is lost: where the form has changed, nearly every page lacks it."""

STILL = 1 / 3
"""Share below which it is there again: between the two, an alarm stays as it is and does not come and go."""

EARLIER_RUNS = 30
"""What is usual is the median of so many runs: a week on a timer of six hours; one odd run does not move it."""

SHRUNK_SHARE, SHRUNK_ARTICLES = 0.9, 10
"""A tenth of the articles, and ten at least: editors take away single ones."""

SLOW_TIMES, SLOW_MORE_MS = 5, 2000
"""Five times as long as usual, and two seconds more: below that, nobody would act on it."""

CLOCK_OFF = timedelta(days=1)
"""More than any zone's mistake; a Date header from a cache is rarely older."""


SHORTEST_INTERVAL = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Share:
    """Of a run: how many pages there were to judge by, and how many of them were bad."""

    run_id: int
    whole: int
    bad: int

    @property
    def is_lost(self) -> bool:
        return self.bad >= MOSTLY * self.whole


def lost(shares: Sequence[Share], *, is_open: bool = False) -> Sequence[Share]:
    """Return the newest runs by which a thing is lost; none when it is not, or cannot be told.

    shares   oldest first; runs without pages to judge by do not count
    is_open  the alarm is open
    """
    shares = [share for share in shares if share.whole]
    count = RUNS
    while count < len(shares) and sum(share.whole for share in shares[-count:]) < PAGES:
        count += 1
    newest = shares[-count:]
    whole, bad = sum(share.whole for share in newest), sum(share.bad for share in newest)
    if len(newest) < RUNS or whole < PAGES or bad < (STILL if is_open else MOSTLY) * whole:
        return ()
    return newest if is_open or all(share.is_lost for share in newest[-RUNS:]) else ()


def streak(shares: Sequence[Share]) -> int | None:
    """Return the run since which a thing has been lost without a break; None when it was there last.

    >>> streak([Share(1, 5, 0), Share(4, 1, 1), Share(7, 0, 0), Share(8, 3, 3)])
    4
    """
    began = None
    for share in reversed(shares):
        if share.whole:
            if not share.is_lost:
                break
            began = share.run_id
    return began


def is_usual(having: int, of: int) -> bool:
    """Tell whether a page of this column is expected to have a field: nine in ten have it, of ten at least."""
    return of >= 10 and having * 10 >= of * 9


def is_short(length: int, usual: int) -> bool:
    """Tell whether a text is suddenly short: none, or under a quarter of what it was, or of what is usual."""
    return length == 0 or length * 4 < usual


def departed(earlier: Sequence[float], newest: Sequence[float], is_off: Callable[[float, float], bool]) -> float | None:
    """Return what was usual, if all the newest runs depart from it; None when they do not, or it cannot be told.

    is_off  tells from the usual value and a run's whether that departs
    """
    if len(earlier) < RUNS or not newest:
        return None
    usual = median(earlier)
    return usual if all(is_off(usual, value) for value in newest) else None


def is_shrunk(usual: float, value: float) -> bool:
    """Tell whether a number of articles has fallen.

    >>> is_shrunk(40, 31), is_shrunk(40, 30), is_shrunk(3000, 2900)
    (False, True, False)
    """
    return value < usual * SHRUNK_SHARE and usual - value >= SHRUNK_ARTICLES


def is_slow(usual: float, value: float) -> bool:
    return value > usual * SLOW_TIMES and value - usual >= SLOW_MORE_MS


def clock_is_wrong(off: timedelta | None, started_at: datetime, last_end: datetime | None) -> bool:
    """Tell whether this computer's clock and the site's differ, or, where the site tells no time, time ran backwards.

    off       how far this clock is ahead of the site's
    last_end  when the site's last run ended
    """
    if off is not None:
        return abs(off) > CLOCK_OFF
    return last_end is not None and started_at < last_end


def clock_error(off: timedelta | None, now: datetime, last_end: datetime | None) -> timedelta:
    """Return how far this clock is ahead, where the times of earlier runs bear the site out; else nothing.

    Ahead: the site's time comes after the last run, too. Behind: this clock's comes before it.
    """
    if off is None or abs(off) <= CLOCK_OFF:
        return timedelta()
    if off > timedelta():
        believable = last_end is None or now - off >= last_end
    else:
        believable = last_end is not None and now < last_end
    return off if believable else timedelta()


def expected_by(starts: Sequence[datetime]) -> datetime | None:
    """Return by when the next run should have begun; None while there is no habit.

    Twice the median of the last ten intervals, and an hour at least. Runs within a quarter of an hour, the shortest
    interval of a schedule, are taken for one: somebody tried something out.

    starts  oldest first
    """
    kept: list[datetime] = []
    for start in starts:
        if not kept or start - kept[-1] >= SHORTEST_INTERVAL:
            kept.append(start)
    intervals = [(later - earlier).total_seconds() for earlier, later in pairwise(kept[-11:])]
    if len(intervals) < RUNS:
        return None
    return starts[-1] + max(timedelta(seconds=2 * median(intervals)), timedelta(hours=1))
