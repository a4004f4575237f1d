"""How often a crawl is started: `6h`."""

from __future__ import annotations

import re

from csu_news.errors import UsageError

UNITS = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
HOUR, DAY, WEEK = 60, 24 * 60, 7 * 24 * 60
SHORTEST, LONGEST = 15, 52 * WEEK

# 30m, 6h, 1d, 1w
INTERVAL = re.compile(r"([1-9][0-9]{0,5})([mhdw])", re.ASCII)


def interval_minutes(text: str) -> int:
    """Return the minutes of an interval.

    errors  UsageError: it is none, or shorter than a site should bear

    >>> interval_minutes("30m"), interval_minutes("6h"), interval_minutes("1w")
    (30, 360, 10080)
    """
    match = INTERVAL.fullmatch(text)
    minutes = int(match[1]) * UNITS[match[2]] if match else 0
    if not match or minutes > LONGEST:
        raise UsageError(f"{text!r} is no interval: give one such as 30m, 6h, 1d or 1w.")
    if minutes < SHORTEST:
        raise UsageError(f"{text} is too often for a site that is not ours: 15m is the shortest interval.")
    return minutes


def fits_clock(minutes: int) -> bool:
    """Tell whether a clock can show it: the same minutes of each hour, hours of each day, or once a day or week.

    >>> [fits_clock(interval_minutes(text)) for text in ("20m", "6h", "1d", "1w", "45m", "90m", "5h", "2d")]
    [True, True, True, True, False, False, False, False]
    """
    if minutes < HOUR:
        return HOUR % minutes == 0
    return minutes in (DAY, WEEK) or (minutes % HOUR == 0 and DAY % minutes == 0)
