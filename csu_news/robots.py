"""The downloader middleware that keeps robots.txt strictly."""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin, urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from csu_news.errors import RobotsUnreachable
from csu_news.judge import REDIRECTS
from csu_news.sites import Site
from csu_news.spiders.news import HostOutOfReach, NewsSpider, one_line

LONGEST_CRAWL_DELAY_S = 120.0
MOST_HOPS = 5


class RobotsMiddleware(RobotsTxtMiddleware):
    """Keeps robots.txt strictly, where Scrapy 2.19 does not.

    One lock for each scheme and host: Scrapy lets requests that arrive while robots.txt is being fetched slip
    through. Crawl-delay is kept. Redirects are followed (RFC 9309, 2.3.1.2), within the site. A robots.txt that
    cannot be had whole, or is answered with 5xx, stops the run (2.3.1.4: then everything is forbidden); one that
    does not exist allows everything.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        assert isinstance(crawler.spider, NewsSpider)
        self._spider = crawler.spider
        self._locks: dict[str, asyncio.Lock] = {}
        self._known: dict[str, RobotParser] = {}
        self._closed: set[str] = set()

    async def robot_parser(self, request: Request) -> RobotParser | None:
        parts = urlparse_cached(request)
        url = f"{parts.scheme}://{parts.netloc}/robots.txt"
        if url in self._known:
            return self._known[url]
        async with self._locks.setdefault(url, asyncio.Lock()):
            if self._spider.failure is not None:
                raise IgnoreRequest("the run is stopping")
            if url in self._closed:
                raise HostOutOfReach(f"{parts.netloc} cannot be asked in this run")
            if url not in self._known:
                self._known[url] = await self._fetch(url)
        return self._known[url]

    async def _fetch(self, url: str) -> RobotParser:
        first = asked = self._request(url)
        for _ in range(MOST_HOPS + 1):
            response = await self._answer(url, asked)
            if response.status not in REDIRECTS:
                break
            location = (response.headers.get("Location") or b"").decode("latin-1")
            target = next_hop(url, asked.url, location, self._spider.site)
            if target is None:
                raise self._give_up(url, f"{url} leads to {location!r}, so nothing may be fetched.")
            asked = self._request(target)
        else:
            raise self._give_up(url, f"{url} redirects more than {MOST_HOPS} times, so nothing may be fetched.")
        parser: RobotParser = build_from_crawler(
            self._parserimpl, self.crawler, response.body if response.status < 300 else b""
        )
        self._keep_delay(parser, first)
        return parser

    def _request(self, url: str) -> Request:
        timeout = self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        meta = {"dont_obey_robotstxt": True, "download_timeout": timeout}
        return Request(url, callback=NO_CALLBACK, priority=1000, meta=meta)

    async def _answer(self, url: str, request: Request) -> Response:
        """Return the answer to one hop, if it says anything for sure."""
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:
            raise self._give_up(url, f"{url} cannot be had ({one_line(error)}), so nothing may be fetched.") from error
        if response.status >= 500 or response.status == 429:
            raise self._give_up(url, f"{url} was answered with {response.status}, so nothing may be fetched.")
        record = request.meta["record"]
        if response.status < 300 and (record.error or record.truncated in ("disconnect", "time")):
            raise self._give_up(url, f"{url} did not come whole, so nothing may be fetched.")
        return response

    def _give_up(self, url: str, sentence: str) -> IgnoreRequest:
        """Stop the run, or only the asking for media on another host; one finding tells either."""
        if self._spider.failure is None:
            self._spider.run.report("robots", sentence, url)
        if self._spider.site.owns(url):
            self._spider.abort(RobotsUnreachable(sentence))
            return IgnoreRequest("robots.txt cannot be had")
        self._closed.add(url)
        return HostOutOfReach(sentence)

    def _keep_delay(self, parser: RobotParser, robots: Request) -> None:
        """Wait between requests for as long as robots.txt asks, within reason."""
        delay = min(parser.crawl_delay(self._default_useragent) or 0.0, LONGEST_CRAWL_DELAY_S)
        assert self.crawler.engine is not None
        slot = self.crawler.engine.downloader.slots.get(robots.meta.get("download_slot", ""))
        if slot is not None and delay > slot.delay:
            slot.delay = delay
        throttle = self.crawler.get_extension(AutoThrottle)
        if throttle is not None and delay > 0:
            throttle.mindelay = max(throttle.mindelay, delay)


def next_hop(robots_url: str, url: str, location: str, site: Site) -> str | None:
    """Return where a redirect of robots.txt leads: within the site, or the same host with or without www.

    >>> next_hop("http://a.edu/robots.txt", "http://a.edu/robots.txt", "https://www.a.edu/r.txt", Site("a"))
    'https://www.a.edu/r.txt'
    >>> next_hop("http://a.edu/robots.txt", "http://a.edu/robots.txt", "https://b.edu/r.txt", Site("a"))
    """
    if not location:
        return None
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
    except ValueError:  # http://[/
        return None
    here, there = (netloc.lower().removeprefix("www.") for netloc in (urlsplit(robots_url).netloc, parts.netloc))
    is_near = there == here or site.owns(target)
    return target if parts.scheme in ("http", "https") and is_near else None
