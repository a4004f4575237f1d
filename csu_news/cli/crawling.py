"""Running Scrapy inside a command: one process, one archive, one crawler for each site."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from csu_news.archive import Archive
from csu_news.beside import Beside
from csu_news.items import Visit
from csu_news.reading import PageReader
from csu_news.sites import Site
from csu_news.spiders.news import NewsSpider

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Target:
    """A site to crawl and the addresses to start from, beside those of its profile."""

    site: Site
    seeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """What `csu-news crawl` was asked; None leaves a setting as settings.py has it."""

    limit: int | None = None
    max_requests: int | None = None
    full: bool = False
    media: bool = True
    delay: float | None = None
    concurrency: int | None = None
    contact: str | None = None
    trigger: str = "cli"
    verbose: bool = False
    settings: Sequence[tuple[str, str]] = ()
    arguments: dict[str, Any] = field(default_factory=dict)


def run_crawl(
    archive: Archive,
    targets: Sequence[Target],
    options: CrawlOptions,
    on_visit: Callable[[Visit], None] | None = None,
    spider: type[NewsSpider] = NewsSpider,
    **more: Any,
) -> list[dict[str, Any]]:
    """Crawl the sites side by side; return each run's summary with `seconds` and `error`.

    spider  what reads the answers; `more` are arguments of its own
    """
    started = time.monotonic()
    settings = crawl_settings(options)
    process = AsyncCrawlerProcess(settings)
    _quiet_logs(options.verbose)
    crawlers = [process.create_crawler(spider) for _ in targets]
    names = ("limit", "max_requests", "full", "media", "trigger", "arguments")
    common: dict[str, Any] = {
        **{name: getattr(options, name) for name in names},
        "archive": archive,
        "on_visit": on_visit,
        "beside": Beside(),
        "reader": PageReader(apart=settings.getfloat("DOWNLOAD_DELAY") == 0),
        **more,
    }
    tasks = [
        process.crawl(crawler, site=target.site, seeds=target.seeds, **common)
        for crawler, target in zip(crawlers, targets, strict=True)
    ]
    with _own_signals():
        process.start()
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()):
            raise error
    seconds = round(time.monotonic() - started, 1)
    return [_result(crawler.spider, seconds) for crawler in crawlers]


def crawl_settings(options: CrawlOptions) -> Settings:
    """Return the project's settings with the command line's on top."""
    settings = Settings()
    settings.setmodule("csu_news.settings", priority="project")
    if options.delay is not None:
        settings.set("DOWNLOAD_DELAY", options.delay, "cmdline")
        settings.set("AUTOTHROTTLE_START_DELAY", options.delay, "cmdline")
        settings.set("AUTOTHROTTLE_ENABLED", options.delay > 0, "cmdline")
    if options.concurrency is not None:
        settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", options.concurrency, "cmdline")
        settings.set("CONCURRENT_REQUESTS", options.concurrency + 1, "cmdline")
    if options.contact:
        settings.set("CSU_NEWS_CONTACT", options.contact, "cmdline")
        settings.set("USER_AGENT", f"csu_news/{version('csu-news')} (news archive; +{options.contact})", "cmdline")
    settings.set("LOG_LEVEL", "INFO" if options.verbose else "WARNING", "cmdline")
    for name, value in options.settings:
        settings.set(name, value, "cmdline")
    return settings


def _quiet_logs(verbose: bool) -> None:
    """Leave it to the command to say what stopped a run; make no record of each page that nobody reads."""
    if not verbose:
        logging.getLogger("news").setLevel(logging.CRITICAL)
        logging.getLogger("scrapy").setLevel(logging.WARNING)


def _result(spider: Spider | None, seconds: float) -> dict[str, Any]:
    assert isinstance(spider, NewsSpider)
    summary = spider.run.summary()
    if summary["outcome"] is None:  # interrupted twice: Scrapy closed nothing
        spider.run.finish("interrupted")
        summary = spider.run.summary()
    error = str(spider.failure) if spider.failure else None
    return summary | {"run": summary["id"], "seconds": seconds, "error": error}


@contextmanager
def _own_signals() -> Iterator[None]:
    """Give SIGINT and SIGTERM back to whoever had them: Scrapy leaves its own behind."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
