"""A year on a timer, in process: what a run asks for follows from what is due, and from nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from csu_news.archive import Archive, Run, RunOptions
from csu_news.archive.queue import DuePage
from csu_news.items import Outcome, Record, Visit
from csu_news.judge import judge
from csu_news.pages import PARSER_VERSION
from csu_news.replica import ReplicaSite
from csu_news.replica.replies import finish
from csu_news.replica.routes import reply_to

IS_FULL = bool(os.environ.get("CI"))
ARTICLES, DAYS = (1500, 365) if IS_FULL else (300, 60)
EVERY = timedelta(hours=6)
A_RUN = 1 + 2 + 2
"""Requests of a run with nothing due: robots.txt, and of both columns the first list page and the newest article."""


class Timer:
    """An archive and a site of which each run asks by function call; the clock moves a second with each request."""

    outcomes = frozenset({Outcome.ARTICLE, Outcome.PART, Outcome.LISTING, Outcome.UNCHANGED})
    """What the site may answer."""

    def __init__(self, path: Path, articles: int) -> None:
        self.site = ReplicaSite("en", articles=articles, seed=3)
        self.profile = self.site.profile()
        self.now = self.site.now
        self.archive = Archive(path, write=True, clock=lambda: self.now)
        self.archive.connection.execute("pragma synchronous = off")

    def crawl(self) -> list[str]:
        """Make a run; return the paths asked for, robots.txt among them."""
        run = self.archive.begin_run(self.profile, RunOptions("0", PARSER_VERSION, media=False))
        paths = ["/robots.txt"]
        while page := run.take():
            self.now += timedelta(seconds=1)
            paths.append(urlsplit(page.url).path)
            self._visit(run, page)
        run.finish()
        return paths

    def _visit(self, run: Run, page: DuePage) -> None:
        headers = {"If-None-Match": page.etag} if page.etag else {}
        reply = finish(reply_to(self.site, urlsplit(page.url).path), headers)
        digest = sha256(reply.body).hexdigest()
        record = Record(
            page.url,
            self.now,
            reply.status,
            reply.content_type,
            etag=reply.headers.get("ETag"),
            payload_sha256=None if reply.status == 304 else digest,
            revisit=reply.status == 304,
        )
        outcome, result = judge(record, reply.body, page.kind, self.profile)
        assert outcome in self.outcomes, page.url
        run.save(Visit(page.page_id, page.url, reply.status, record, outcome, result, kind=page.kind))

    def publish(self) -> bool:
        """Let the site publish what its calendar has for the time since; tell whether there was any."""
        before = self.site.size
        while self.site.calendar.published(self.site.size) <= self.now:
            self.site.publish()
        return self.site.size > before

    def due(self) -> int:
        """Count the pages that are due whether or not a run begins."""
        now = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        (found,) = self.archive.connection.execute("select count(*) from pages where due_at <= ?", (now,)).fetchone()
        return int(found)


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
