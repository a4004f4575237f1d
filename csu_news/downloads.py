"""The download handler: one request at a time for each host, none while it wants to be left alone, none for long."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import yarl
from aiohttp.abc import ResolveResult
from aiohttp.connector import Connection
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Request, Response

from csu_news.errors import HostHeld
from csu_news.lenient import fetch_leniently
from csu_news.spiders.news import NewsSpider

LONGEST_HEADER_LINE = 64 * 1024
MOST_HEADERS = 1000
PROXY_AUTHORIZATION = "Proxy-Authorization"


class HeldDownloadHandler(BaseDownloadHandler):
    """Keeps CONCURRENT_REQUESTS_PER_DOMAIN strictly, and heeds Retry-After as soon as it is read.

    Scrapy 2.19 starts two requests at once that are queued in the same turn of the event loop (it counts a
    request only when its task runs), and has requests wait for their turn between the middlewares and this
    handler: here is the last place to stop one, and the first to know of an answer.

    Scrapy's own handlers lose what evidence is made of: headers and status line as sent, a late body. This one
    leaves them in `meta`: `sent` and `received`, lists of headers; `reason`; and `cut`, why the body is not whole.
    """

    lazy = True  # aiohttp's session is made in the running event loop

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._at_once = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._most_bytes = settings.getint("CSU_NEWS_MAX_BODY_BYTES")
        self._private_allowed = _private_allowed(crawler)
        self._context = _tls(settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"))
        self._lenient_hosts: set[str] = set()
        resolver = aiohttp.ThreadedResolver() if self._private_allowed else PublicResolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._context, resolver=resolver),  # turns limit them
            cookie_jar=aiohttp.DummyCookieJar(),
            response_class=Answer,
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            timeout=aiohttp.ClientTimeout(),
            max_line_size=LONGEST_HEADER_LINE,
            max_field_size=LONGEST_HEADER_LINE,
            max_headers=MOST_HEADERS,
        )

    async def close(self) -> None:
        await self._session.close()

    async def download_request(self, request: Request) -> Response:
        spider = self.crawler.spider
        assert isinstance(spider, NewsSpider)
        host = request.meta["download_slot"]
        async with spider.beside.turns(host, self._at_once).turn(self._delay_s(spider, host)):
            if spider.is_held() and "page_id" in request.meta:
                raise HostHeld("the host asked to be left alone")
            with _told_as_scrapy(request):
                response = await self._answer(request, host)
            spider.heed_retry_after(response)
        return response

    def _delay_s(self, spider: NewsSpider, host: str) -> float:
        """Return the delay that Scrapy has kept already, but between the requests of one site only."""
        assert self.crawler.engine is not None
        slot = self.crawler.engine.downloader.slots.get(host)
        return slot.delay if slot and len(spider.beside.schedulers) > 1 else 0.0

    async def _answer(self, request: Request, host: str) -> Response:
        """Make one request; again, and leniently, if what came breaks the rules of HTTP, from then on at once."""
        if host not in self._lenient_hosts:
            try:
                return await self._fetch(request)
            except aiohttp.ClientResponseError:
                if request.meta.get("proxy"):
                    raise
        most = request.meta.get("most_bytes", self._most_bytes)
        try:
            response = await asyncio.to_thread(fetch_leniently, request, most, self._context, self._private_allowed)
        except HTTPException as error:
            raise aiohttp.ClientError(f"{type(error).__name__} {error}") from error
        self._lenient_hosts.add(host)
        return response

    async def _fetch(self, request: Request) -> Response:
        """Make one request: its head and its body have `download_timeout` seconds each."""
        meta, began = request.meta, time.monotonic()
        async with asyncio.timeout(meta["download_timeout"]):
            answer = await self._ask(request)
        meta["download_latency"] = time.monotonic() - began
        try:
            body = await _read(answer, meta, meta.get("most_bytes", self._most_bytes))
        finally:
            answer.close() if "cut" in meta else answer.release()
        return _response(request, answer, body)

    async def _ask(self, request: Request) -> Answer:
        headers = [(name.decode(), value.decode()) for name, values in request.headers.items() for value in values]
        proxy_auth = request.headers.get(PROXY_AUTHORIZATION)
        answer = await self._session.request(
            request.method,
            yarl.URL(request.url, encoded=True),
            headers=[(name, value) for name, value in headers if name != PROXY_AUTHORIZATION],
            allow_redirects=False,
            proxy=request.meta.get("proxy"),
            proxy_auth=aiohttp.BasicAuth.decode(proxy_auth.decode()) if proxy_auth else None,
        )
        assert isinstance(answer, Answer)
        return answer


def _private_allowed(crawler: Crawler) -> bool:
    """Tell whether hosts may have private addresses: if it is asked for, or the site itself is written as one."""
    assert isinstance(crawler.spider, NewsSpider)
    host = urlsplit(crawler.spider.site.base_url or "").hostname or ""
    try:
        is_private = not ipaddress.ip_address(host).is_global
    except ValueError:
        is_private = host == "localhost"
    return is_private or crawler.settings.getbool("CSU_NEWS_ALLOW_PRIVATE")


def _tls(verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verified:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class PublicResolver(aiohttp.ThreadedResolver):
    """Finds a host unless its name leads to a private or loopback address: it is not to be asked."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        for address in (one["host"] for one in found):
            if not ipaddress.ip_address(address).is_global:
                said = f"{host} leads to the private address {address}; allow it by -s CSU_NEWS_ALLOW_PRIVATE=1"
                raise PermissionError(errno.EACCES, said)
        return found


class Answer(aiohttp.ClientResponse):
    """An answer that remembers who gave it: aiohttp forgets it with the end of the body."""

    peer: str | None = None

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        peer = connection.transport.get_extra_info("peername") if connection.transport else None
        self.peer = peer[0] if peer else None
        return await super().start(connection)


async def _read(answer: Answer, meta: dict[str, Any], most_bytes: int) -> bytes:
    """Return the body as far as it comes; if that is not all of it, `meta["cut"]` says why."""
    body = bytearray()
    try:
        async with asyncio.timeout(meta["download_timeout"]):
            async for piece in answer.content.iter_any():
                body += piece
                if len(body) > most_bytes:
                    meta["cut"] = "length"
                    break
    except (TimeoutError, aiohttp.ClientError) as error:
        meta["cut"] = "time" if isinstance(error, TimeoutError) else "disconnect"
        body += answer.content._read_nowait(-1)  # what came with the error, which the public methods raise
    return bytes(body)


def _response(request: Request, answer: Answer, body: bytes) -> Response:
    headers = answer.raw_headers
    request.meta["sent"] = [(k, v) for k, v in answer.request_info.headers.items() if k != PROXY_AUTHORIZATION]
    request.meta["received"], request.meta["reason"] = headers, answer.reason
    version = answer.version or aiohttp.HttpVersion11
    return Response(
        request.url,
        answer.status,
        headers,
        body,
        ["partial"] if _ends_with_connection(answer) else [],
        ip_address=ipaddress.ip_address(answer.peer) if answer.peer else None,
        protocol=f"HTTP/{version.major}.{version.minor}",
    )


def _ends_with_connection(answer: Answer) -> bool:
    """Tell whether nothing but the end of the connection tells the end of the body."""
    return (
        "Content-Length" not in answer.headers and "chunked" not in answer.headers.get("Transfer-Encoding", "").lower()
    )


@contextmanager
def _told_as_scrapy(request: Request) -> Iterator[None]:
    """Raise what Scrapy knows for what aiohttp and asyncio raise."""
    try:
        yield
    except TimeoutError as error:
        raise DownloadTimeoutError(f"no answer within {request.meta['download_timeout']:g} s") from error
    except aiohttp.ClientConnectorDNSError as error:
        raise CannotResolveHostError(str(error)) from error
    except aiohttp.ClientConnectorError as error:
        raise DownloadConnectionRefusedError(str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise DownloadFailedError(str(error)) from error
