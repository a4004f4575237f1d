"""Alarms: what opens them, what ends them, and what must stay silent. A whole year is in test_troubled_year.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from test_archive import LIST, Bench, article, listing, url_of
from timer import Timer

from csu_news.alarms import (
    Share,
    clock_error,
    clock_is_wrong,
    departed,
    is_short,
    is_shrunk,
    is_slow,
    is_usual,
    lost,
    streak,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, HOUR, YEAR = timedelta(days=1), timedelta(hours=1), timedelta(days=365)


def shares(runs: str) -> list[Share]:
    """Return `bad/whole` of each run."""
    pairs = [run.split("/") for run in runs.split()]
    return [Share(number, int(whole), int(bad)) for number, (bad, whole) in enumerate(pairs, 1)]


LOST = {
    # runs: how many of the newest show a loss, while the alarm is not open and while it is
    "": (0, 0),
    "300/300": (0, 0),
    "300/300 300/300": (0, 0),
    "5/5 5/5 5/5": (3, 3),
    "0/9 3/3 3/3 3/3": (0, 4),  # nine pages are too few, and with the run before it is half
    "0/300 4/5 4/5 4/5": (3, 3),
    "0/300 4/4 1/4 4/4": (0, 3),  # not in a row
    "0/300 2/4 2/4 2/4": (0, 3),  # half of it is not lost, nor is it there again
    "4/4 1/4 1/4 1/4": (0, 0),
    "300/300 0/1 0/1 0/1": (0, 4),  # three good pages are too few, too
    "300/300 0/4 0/3 0/3": (0, 0),
    "1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1": (10, 10),
    "1/1 0/0 1/1 1/1 0/0 1/1 1/1 1/1 0/0 1/1 1/1 1/1 1/1": (10, 10),
    "1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1": (0, 0),  # nine pages in all
    "0/1 1/1 0/1 1/1 1/1 0/1 1/1 1/1 1/1 1/1": (10, 10),
    "0/1 1/1 0/1 1/1 0/1 0/1 1/1 1/1 1/1 0/1": (0, 10),
}


@pytest.mark.parametrize("runs", LOST)
def test_lost(runs: str) -> None:
    found = len(lost(shares(runs))), len(lost(shares(runs), is_open=True))
    assert found == LOST[runs]


@pytest.mark.parametrize(
    ("runs", "since"),
    [("", None), ("0/5", None), ("1/1", 1), ("0/5 2/3 0/0 1/1", 2), ("1/1 0/1", None), ("1/1 1/2 1/1", 3)],
)
def test_streak(runs: str, since: int | None) -> None:
    assert streak(shares(runs)) == since


def test_usual_is_nine_in_ten_of_ten() -> None:
    assert [is_usual(*case) for case in ((9, 9), (9, 10), (8, 10), (18, 20), (17, 20))] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_short_is_under_a_quarter() -> None:
    assert [is_short(*case) for case in ((0, 0), (1, 0), (24, 100), (25, 100))] == [True, False, True, False]


@pytest.mark.parametrize(
    ("earlier", "newest", "usual"),
    [
        ([100, 100, 100], [80, 80, 80], 100),
        ([100, 100, 100], [80, 100, 80], None),
        ([100, 100, 100], [80], 100),  # an alarm that is open is judged by one run
        ([100, 100, 100], [95, 95, 95], None),
        ([100, 100], [80, 80, 80], None),
        ([100, 20, 100, 100, 101], [80, 80, 80], 100),
        ([100, 100, 100], [], None),
    ],
)
def test_departed(earlier: list[float], newest: list[float], usual: float | None) -> None:
    assert departed(earlier, newest, is_shrunk) == usual


def test_slow_is_five_times_and_two_seconds() -> None:
    assert [is_slow(*case) for case in ((50, 1900), (50, 2100), (900, 4000), (900, 4600))] == [False, True, False, True]


@pytest.mark.parametrize(
    ("off", "last_end", "wrong", "error"),
    [
        (timedelta(), NOON - HOUR, False, timedelta()),
        (DAY, NOON - HOUR, False, timedelta()),
        (YEAR, NOON - YEAR - HOUR, True, YEAR),  # the last run ended an hour ago by the site's clock
        (YEAR, NOON - HOUR, True, timedelta()),  # … by ours: it is the site's clock that is wrong
        (YEAR, None, True, YEAR),
        (-YEAR, NOON + YEAR - HOUR, True, -YEAR),
        (-YEAR, NOON - HOUR, True, timedelta()),
        (-YEAR, None, True, timedelta()),
        (None, NOON - HOUR, False, timedelta()),
        (None, NOON + HOUR, True, timedelta()),
        (timedelta(), NOON + HOUR, False, timedelta()),  # the site says that we are right
        (None, None, False, timedelta()),
    ],
)
def test_clock(off: timedelta | None, last_end: datetime | None, wrong: bool, error: timedelta) -> None:
    assert clock_is_wrong(off, NOON, last_end) is wrong
    assert clock_error(off, NOON, last_end) == error


# -- in an archive -------------------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive.db")
    yield made
    made.archive.close()


def make_run(bench: Bench, first: int, count: int, **fields: object) -> str:
    """Make a run, an hour later, that reads some new articles; return its outcome."""
    bench.now += HOUR
    bench.begin()
    urls = [url_of(number) for number in range(first, first + count)]
    bench.visit(LIST, listing(*urls))
    for url in urls:
        bench.visit(url, article(url, **fields))
    bench.run.finish()
    return str(bench.value("select outcome from runs order by id desc limit 1"))


def open_kinds(bench: Bench) -> list[tuple[object, ...]]:
    return bench.query("select kind, field, url from findings where resolved_at is null order by kind, field")


def test_field_that_new_articles_lack_opens_a_finding_in_that_run(bench: Bench) -> None:
    assert make_run(bench, 1, 30) == "complete"
    assert [make_run(bench, 40 + n, 1, published=None) for n in range(9)] == ["complete"] * 9
    assert make_run(bench, 60, 1, published=None) == "incomplete"
    assert open_kinds(bench) == [("layout changed", "published", LIST)]
    (detail,) = bench.query("select detail from findings")[0]
    assert detail == f"In the last 10 runs 10 of 10 articles lack published, such as {url_of(60)}"
    assert make_run(bench, 70, 5, published=None) == "complete", "older findings do not fail a run again"
    assert bench.query("select pages, filled, expected, missing from field_coverage where field = 'published'")[
        -1:
    ] == [(5, 0, 5, 5)]
    make_run(bench, 80, 20)
    assert open_kinds(bench) == []


def test_field_that_is_not_usual_is_not_missed(bench: Bench) -> None:
    make_run(bench, 1, 30, published=None)
    for n in range(5):
        make_run(bench, 40 + 10 * n, 5, published=None)
        make_run(bench, 45 + 10 * n, 5, sources=["Elsewhere"])
    assert open_kinds(bench) == []


def test_column_without_dates_beside_one_with(bench: Bench) -> None:
    make_run(bench, 1, 30)
    for n in range(6):
        bench.now += HOUR
        bench.begin()
        urls = [url_of(number, column=6) for number in range(100 + 9 * n, 109 + 9 * n)]
        bench.visit(LIST, listing(*urls, column=5))
        for url in urls:
            bench.visit(url, article(url, published=None))
        bench.run.finish()
    assert open_kinds(bench) == []


def test_lists_without_totals_are_not_judged(bench: Bench) -> None:
    for total in (500, 500, 500, None, None, None, None):
        bench.now += HOUR
        bench.begin()
        bench.visit(LIST, listing(url_of(1), total=total))
        bench.run.finish()
    assert open_kinds(bench) == []


def test_variety_of_a_site_stays_silent(tmp_path: Path) -> None:
    """Side bars that differ at each request make each page new bytes; every run reads all of it again."""
    timer = Timer(tmp_path / "archive.db", 60)
    timer.site.noise = True
    for _ in range(6):
        timer.crawl(full=True)
        timer.now += DAY
        timer.publish()
    connection = timer.archive.connection
    assert connection.execute("select count(*) from findings").fetchone()[0] == 0
    (read,) = connection.execute("select sum(pages) from field_coverage where field = 'title'").fetchone()
    assert read > 300
    timer.archive.close()
