"""A year on a timer, in process: what a run asks for follows from what is due, and from nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from timer import Timer

from csu_news.replica import ReplicaSite

IS_FULL = bool(os.environ.get("CI"))
ARTICLES, DAYS = (1500, 365) if IS_FULL else (300, 60)
EVERY = timedelta(hours=6)
A_RUN = 1 + 2 + 2
"""Requests of a run with nothing due: robots.txt, and of both columns the first list page and the newest article."""


@pytest.fixture
def timer(tmp_path: Path) -> Iterator[Timer]:
    made = Timer(tmp_path / "archive.db", ARTICLES)
    yield made
    made.archive.close()


def minimum(site: ReplicaSite) -> list[str]:
    """Return what a run asks for where nothing is due."""
    newest = [site.path_of(next(site.order.newest_first(column, 0, 1))) for column in (0, 1)]
    return sorted(["/robots.txt", *(f"/{section.path}.htm" for section in site.sections), *newest])


@pytest.mark.slow
def test_year_on_a_timer_costs_next_to_nothing(timer: Timer) -> None:
    timer.crawl()
    ends, counts, idle = timer.now + timedelta(days=DAYS), [], 0
    while timer.now < ends:
        timer.now += EVERY
        is_new = timer.publish()
        is_idle = not is_new and timer.due() == 0
        paths = timer.crawl()
        counts.append(len(paths))
        idle += is_idle
        assert not is_idle or sorted(paths) == minimum(timer.site)
        assert len(set(paths)) == len(paths), "no page twice in a run"
    average = sum(counts) / len(counts)
    print(
        f"{timer.site.size} articles, {timer.site.size - ARTICLES} of them new; {len(counts)} runs,"
        f" {average:.2f} requests each, at most {max(counts)}; {idle} runs with nothing due"
    )
    # four runs a day, 90 days between two looks at an old article, and half as much again for the young ones,
    # which are as many in a small site as in a large one
    assert average <= timer.site.size / 180 + A_RUN + (0 if IS_FULL else 3)
    assert max(counts) <= 60, "re-checks are spread over time"
    (held,) = timer.archive.connection.execute("select count(*) from articles").fetchone()
    assert held == timer.site.size, "and nothing new is missed"
    assert timer.archive.findings(resolved=True) == [], "a quiet year sounds no alarm"
    audit = timer.archive.audit()
    assert audit.verdict == "complete"
    for column in audit.columns:
        chain = column.chain
        assert chain.one_way == chain.forks == chain.cycles == chain.orphans == column.site_holes == []
        assert (len(chain.segments), chain.direction) == (1, "prev")


def test_new_articles_cost_two_requests_each_at_most(timer: Timer) -> None:
    timer.crawl()
    timer.now += EVERY
    timer.crawl()
    timer.now += timedelta(seconds=1)
    due = timer.due()
    timer.site.publish(3)
    paths = timer.crawl()
    new = {timer.site.path_of(number) for number in range(ARTICLES, ARTICLES + 3)}
    assert new <= set(paths)
    assert len(paths) <= A_RUN + due + 2 * len(new)
