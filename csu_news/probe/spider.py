"""The crawl of a first look: the page given, one list page, three articles."""

from __future__ import annotations

from collections import Counter
from typing import Any

from scrapy import signals
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from csu_news.items import Outcome, Visit
from csu_news.pages.survey import survey
from csu_news.probe.seen import Seen
from csu_news.spiders.news import NewsSpider
from csu_news.urls import column_id

MOST_REQUESTS = 6
"""With robots.txt, whatever redirects there are."""

ARTICLES = 3
"""Beside the page given."""


class ProbeSpider(NewsSpider):
    """Looks at a site as NewsSpider does, and no further; a home page leads it to its articles."""

    def __init__(self, *args: Any, seen: list[Seen], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = seen
        self.sent = 0
        self._given = True
        self._left = {"list": 1, "article": ARTICLES}

    def open_run(self, path: str, retry_waits_s: tuple[float, ...]) -> None:
        super().open_run(path, retry_waits_s)
        self.crawler.signals.connect(self.on_request, signals.request_reached_downloader)

    def on_request(self, request: Request) -> None:
        self.sent += 1

    def leaves_out(self, kind: str) -> bool:
        """Tell whether a page of that kind is one too many."""
        if self.sent >= MOST_REQUESTS:
            return True
        if self._given:
            self._given = False
            return False
        self._left[kind] = self._left.get(kind, 0) - 1
        return self._left[kind] < 0

    async def parse(self, response: Response, **kwargs: Any) -> list[Visit]:
        (visit,) = await super().parse(response, **kwargs)
        seen = Seen(visit, survey(response.body, response.url))
        self.seen.append(seen)
        if len(self.seen) == 1 and visit.outcome is Outcome.LISTING:
            self._left["list"] = 0
        elif visit.outcome is Outcome.OTHER and visit.kind == "list":
            self._follow_home(seen)
        self._given = visit.outcome is Outcome.REDIRECT and all(one.visit.outcome is visit.outcome for one in self.seen)
        return [visit]

    def failed(self, failure: Failure) -> list[Visit]:
        visits = super().failed(failure)
        self.seen += [Seen(visit) for visit in visits]
        return visits

    def _follow_home(self, home: Seen) -> None:
        """Make due what a home page shows of one column: the one that it shows most of."""
        links = [url for url in home.survey.articles if self.site.owns(url)]
        if links:
            ((column, _),) = Counter(map(column_id, links)).most_common(1)
            for url in [url for url in links if column_id(url) == column][:ARTICLES]:
                self.archive.seed(self.site, url)
