"""When a page is looked at again: pure functions of times."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

SHORTEST = timedelta(hours=6)
LONGEST = timedelta(days=90)
GONE_DAYS = (1, 7, 30, 365)
FIRST_RETRY = timedelta(hours=1)
LONGEST_RETRY = timedelta(days=7)
IN_RUN_WAITS_S = (5.0, 30.0)


def next_due(url: str, now: datetime, published: str | None, changed_at: datetime | None) -> datetime:
    """Return when a good article is due again: a tenth of its age, 6 h to 90 days, ±20 % by its address.

    The age counts from the later of its printed date and its last change.
    """
    known = [moment for moment in (_midnight(published), changed_at) if moment and moment <= now]
    age = now - max(known) if known else timedelta()
    interval = min(max(age / 10, SHORTEST), LONGEST)
    return now + interval * _spread(url)


def gone_due(now: datetime, looks: int) -> datetime:
    """Return when a page that answered 404 or 410 is looked at again; `looks` counts those answers."""
    return now + timedelta(days=GONE_DAYS[min(max(looks, 1), len(GONE_DAYS)) - 1])


def failure_due(now: datetime, failures: int, in_run_waits_s: tuple[float, ...] = IN_RUN_WAITS_S) -> datetime:
    """Return when a failing page is tried again: after 5 s and 30 s within the run, then 1 h doubling to 7 days."""
    if failures <= len(in_run_waits_s):
        return now + timedelta(seconds=in_run_waits_s[max(failures, 1) - 1])
    doublings = min(failures - len(in_run_waits_s) - 1, 16)
    return now + min(FIRST_RETRY * int(2**doublings), LONGEST_RETRY)


def _midnight(day: str | None) -> datetime | None:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None


def _spread(url: str) -> float:
    """Return a factor from 0.8 to 1.2 that is always the same for an address."""
    return 0.8 + 0.4 * hashlib.sha256(url.encode()).digest()[0] / 255
