"""The download handler: one request at a time for each host, none while it wants to be left alone, none for long."""

from __future__ import annotations

import asyncio
from typing import TypeVar, cast

from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.base import DelayedCall
from twisted.internet.defer import Deferred
from twisted.web.client import Response as TxResponse

from csu_news.errors import HostHeld
from csu_news.spiders.news import NewsSpider

T = TypeVar("T")


class HeldDownloadHandler(http11.HTTP11DownloadHandler):
    """Keeps CONCURRENT_REQUESTS_PER_DOMAIN strictly, and heeds Retry-After as soon as it is read.

    Scrapy 2.19 starts two requests at once that are queued in the same turn of the event loop (it counts a
    request only when its task runs), and has requests wait for their turn between the middlewares and this
    handler: here is the last place to stop one, and the first to know of an answer.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._at_once = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")

    async def download_request(self, request: Request) -> Response:
        spider = self._crawler.spider
        assert isinstance(spider, NewsSpider)
        host = request.meta["download_slot"]
        async with spider.beside.turns(host, self._at_once).turn(self._delay_s(spider, host)):
            if spider.is_held() and "page_id" in request.meta:
                raise HostHeld("the host asked to be left alone")
            with wrap_twisted_exceptions():
                response = await maybe_deferred_to_future(self._agent().download_request(request))
            spider.heed_retry_after(response)
        return response

    def _delay_s(self, spider: NewsSpider, host: str) -> float:
        """Return the delay that Scrapy has kept already, but between the requests of one site only."""
        assert self._crawler.engine is not None
        slot = self._crawler.engine.downloader.slots.get(host)
        return slot.delay if slot and len(spider.beside.schedulers) > 1 else 0.0

    def _agent(self) -> KeepingAgent:
        """Return what makes one request, as Scrapy's own download_request() does: it has no hook for another."""
        return KeepingAgent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )


class KeepingAgent(http11._ScrapyAgent):
    """Gives head and body `download_timeout` seconds each, and keeps of a late body what came.

    Scrapy 2.19 has one timeout for both and throws away what it has. Here the connection is closed as if the
    server had done it: DOWNLOAD_FAIL_ON_DATALOSS=False makes an answer of that, and `meta["cut"]` says why.
    """

    def _cb_bodyready(self, txresponse: TxResponse, request: Request) -> http11._ResultT | Deferred[http11._ResultT]:
        body = super()._cb_bodyready(txresponse, request)
        if isinstance(body, Deferred):
            seconds = request.meta["download_timeout"]
            cast("DelayedCall", self._timeout_cl).reset(2 * seconds)  # a net, should closing the connection fail
            timer = asyncio.get_running_loop().call_later(seconds, _cut, txresponse, request)
            body.addBoth(_ended, timer)
        return body


def _cut(txresponse: TxResponse, request: Request) -> None:
    request.meta["cut"] = "time"
    txresponse._transport._producer.abortConnection()


def _ended(result: T, timer: asyncio.TimerHandle) -> T:
    timer.cancel()
    return result
