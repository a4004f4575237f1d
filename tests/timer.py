"""An archive on a timer, in process: a site asked by function call, and clocks that move only when told."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from csu_news.archive import Archive, Run, RunOptions, Saved
from csu_news.archive.queue import DuePage
from csu_news.breaker import BREAKER, SHUT, CircuitBreaker
from csu_news.items import Outcome, Record, Visit
from csu_news.judge import judge
from csu_news.pages import PARSER_VERSION
from csu_news.replica import ReplicaSite
from csu_news.replica.faults import FAULTS
from csu_news.replica.replies import Reply, finish
from csu_news.replica.routes import reply_to
from csu_news.replica.server import take_plan


class Timer:
    """An archive and a site of which each run asks by function call; the clock moves a second with each request.

    `now` is the time of the world and of the site, `wrong` how far the archive's clock is ahead of it; `outcomes`
    is what the site may answer.
    """

    outcomes = frozenset({Outcome.ARTICLE, Outcome.PART, Outcome.LISTING, Outcome.UNCHANGED})

    def __init__(self, path: Path, articles: int) -> None:
        self.site = ReplicaSite("en", articles=articles, seed=3)
        self.profile = self.site.profile()
        self.now = self.site.now
        self.wrong = timedelta()
        self.archive = Archive(path, write=True, clock=lambda: self.now + self.wrong)
        self.archive.connection.execute("pragma synchronous = off")

    def crawl(self, full: bool = False) -> list[str]:
        """Make a run; return the paths asked for, robots.txt among them. What fails is given up at once."""
        options = RunOptions("0", PARSER_VERSION, media=False, full=full, retry_waits_s=())
        run = self.archive.begin_run(self.profile, options)
        breaker, paths, shut = CircuitBreaker(), ["/robots.txt"], None
        while not shut and (page := run.take()):
            self.now += timedelta(seconds=1)
            paths.append(urlsplit(page.url).path)
            saved = self._visit(run, page)
            is_shut = saved.outcome is Outcome.REFUSED or saved.reason in SHUT
            shut = breaker.count(shut=is_shut, vanished=saved.vanished)
            if shut:
                run.report(BREAKER, shut, self.profile.base_url or "")
        run.finish("shut" if shut else None)
        return paths

    def _visit(self, run: Run, page: DuePage) -> Saved:
        reply = self._reply(urlsplit(page.url).path, page.etag)
        digest = sha256(reply.body).hexdigest()
        record = Record(
            page.url,
            self.now + self.wrong,
            reply.status,
            reply.content_type,
            elapsed_ms=round(1000 * self.site.delays.get("*", 0.1)),
            etag=reply.headers.get("ETag"),
            payload_sha256=None if reply.status == 304 else digest,
            served_at=self.now,
            revisit=reply.status == 304 or digest == page.payload_sha256,
        )
        outcome, result = judge(record, reply.body, page.kind, self.profile)
        assert outcome in self.outcomes, page.url
        return run.save(Visit(page.page_id, page.url, reply.status, record, outcome, result, kind=page.kind))

    def _reply(self, path: str, etag: str | None) -> Reply:
        reply = reply_to(self.site, path)
        plan = take_plan(self.site, path)
        if plan is None:
            return finish(reply, {"If-None-Match": etag} if etag else {})
        try:
            FAULTS[plan.fault](None, reply, **plan.options).send(None)  # type: ignore[arg-type, attr-defined]
        except StopIteration as answered:  # a fault that awaits nothing
            response = answered.value
        return Reply(response.body, response.content_type, response.status)

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
