"""Faults by name: what servers, firewalls and networks do to a crawler.

A fault gets the request, the page that would have been sent, and its options; it answers, or
writes to the socket itself and closes it. `site.break_(path, name, times, **options)` uses them.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import Any

from aiohttp import web

from csu_news.replica import gates
from csu_news.replica.replies import HTML, Reply, gzip

Fault = Callable[..., Awaitable[web.StreamResponse]]
FAULTS: dict[str, Fault] = {}


@dataclass(slots=True)
class Plan:
    """A fault set on a path: always, or for `times` more requests."""

    fault: str
    times: int | None = None
    options: dict[str, Any] = field(default_factory=dict)


def take(plans: list[Plan]) -> Plan | None:
    """Return the first plan that still holds and count it down."""
    for plan in plans:
        if plan.times is None:
            return plan
        if plan.times > 0:
            plan.times -= 1
            return plan
    return None


def fault(name: str) -> Callable[[Fault], Fault]:
    def register(function: Fault) -> Fault:
        FAULTS[name] = function
        return function

    return register


# -- whole answers ----------------------------------------------------------------------------


def _answer(status: int, body: bytes = b"", content_type: str = HTML, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(status=status, body=body, headers={"Content-Type": content_type, **named})


@fault("status")
async def _status(request: web.BaseRequest, page: Reply, status: int = 500) -> web.StreamResponse:
    return _answer(status, gates.ERROR % (status, b"Error"))


@fault("503")
async def _unavailable(request: web.BaseRequest, page: Reply, retry_after: int = 1) -> web.StreamResponse:
    return _answer(503, gates.ERROR % (503, b"Service Unavailable"), Retry_After=str(retry_after))


@fault("429")
async def _too_many(request: web.BaseRequest, page: Reply, retry_after: int = 1) -> web.StreamResponse:
    return _answer(429, gates.ERROR % (429, b"Too Many Requests"), Retry_After=str(retry_after))


@fault("503-date")
async def _unavailable_until(
    request: web.BaseRequest, page: Reply, retry_after: int = 2
) -> web.StreamResponse:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=retry_after), usegmt=True)
    return _answer(503, gates.ERROR % (503, b"Service Unavailable"), Retry_After=until)


@fault("429-date")
async def _too_many_until(request: web.BaseRequest, page: Reply, retry_after: int = 2) -> web.StreamResponse:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=retry_after), usegmt=True)
    return _answer(429, gates.ERROR % (429, b"Too Many Requests"), Retry_After=until)


@fault("redirect")
async def _redirect(
    request: web.BaseRequest, page: Reply, to: str = "/index.htm", status: int = 302
) -> web.StreamResponse:
    return _answer(status, Location=to)


@fault("redirect-loop")
async def _redirect_loop(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(302, Location=request.path_qs)


@fault("redirect-off-site")
async def _redirect_off_site(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(302, Location="http://elsewhere.invalid/info/1/2.htm")


@fault("redirect-private")
async def _redirect_private(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(302, Location="http://10.0.0.1/")


@fault("login")
async def _login(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(302, Location=f"/system/resource/code/auth/cas/clogin.jsp?url={request.path}")


@fault("challenge")
async def _challenge(request: web.BaseRequest, page: Reply, status: int = 412) -> web.StreamResponse:
    return _answer(status, gates.CHALLENGE)


@fault("challenge-200")
async def _challenge_200(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.CHALLENGE)


@fault("challenge-202")
async def _challenge_202(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(202, gates.CHALLENGE)


@fault("cookie-script")
async def _cookie_script(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.COOKIE_SCRIPT)


@fault("webber-rasp")
async def _webber_rasp(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(403, gates.FORBIDDEN, X_Protected_By="WebberRASP")


@fault("soft-404")
async def _soft_404(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.NO_ARTICLE)


@fault("no-column")
async def _no_column(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.NO_COLUMN)


@fault("no-permission")
async def _no_permission(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.NO_PERMISSION)


@fault("captcha")
async def _captcha(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.CAPTCHA)


@fault("html-for-picture")
async def _html_for_picture(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.FORBIDDEN, page.content_type)


@fault("gbk-as-utf8")
async def _wrong_charset(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, page.body.decode("utf-8-sig").encode("gb18030"))


@fault("empty")
async def _empty(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200)


@fault("rubbish")
async def _rubbish(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, bytes(n * n * 31 >> 3 & 255 for n in range(4096)))


@fault("new-layout")
async def _new_layout(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.NEW_LAYOUT)


@fault("no-fields")
async def _no_fields(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    """The template is there, title and body are empty."""
    return _answer(200, gates.without_fields(page.body))


# -- the wire itself --------------------------------------------------------------------------


def _wire(request: web.BaseRequest) -> asyncio.Transport:
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError("the client has gone")
    return transport


def _send(request: web.BaseRequest, *pieces: bytes) -> web.StreamResponse:
    """Write raw bytes and close; aiohttp finds the connection closed and adds nothing."""
    transport = _wire(request)
    transport.write(b"".join(pieces))
    transport.close()
    return web.Response()


def _head(content_type: str, *lines: bytes) -> bytes:
    fixed = (b"HTTP/1.1 200 OK", b"Content-Type: " + content_type.encode(), b"Connection: close")
    return b"\r\n".join((*fixed, *lines)) + b"\r\n\r\n"


@fault("reset")
async def _reset(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    transport = _wire(request)
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()
    return web.Response()


@fault("no-answer")
async def _no_answer(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _send(request)


@fault("hang")
async def _hang(request: web.BaseRequest, page: Reply, seconds: float = 3600) -> web.StreamResponse:
    await asyncio.sleep(seconds)
    return _answer(200, page.body)


@fault("drip")
async def _drip(
    request: web.BaseRequest, page: Reply, seconds: float = 0.5, piece: int = 10
) -> web.StreamResponse:
    """A piece of the page every few moments."""
    transport = _wire(request)
    transport.write(_head(page.content_type, b"Content-Length: %d" % len(page.body)))
    for start in range(0, len(page.body), piece):
        if transport.is_closing():
            break
        transport.write(page.body[start : start + piece])
        await asyncio.sleep(seconds)
    return _send(request)


@fault("short")
async def _short(request: web.BaseRequest, page: Reply, part: float = 0.5) -> web.StreamResponse:
    """Less than Content-Length says."""
    cut = page.body[: int(len(page.body) * part)]
    return _send(request, _head(page.content_type, b"Content-Length: %d" % len(page.body)), cut)


@fault("chunked-cut")
async def _chunked_cut(request: web.BaseRequest, page: Reply, part: float = 0.5) -> web.StreamResponse:
    """A chunk, and no last one."""
    cut = page.body[: int(len(page.body) * part)]
    return _send(
        request, _head(page.content_type, b"Transfer-Encoding: chunked"), b"%x\r\n%s\r\n" % (len(cut), cut)
    )


@fault("gzip-cut")
async def _gzip_cut(request: web.BaseRequest, page: Reply, part: float = 0.5) -> web.StreamResponse:
    """Half a gzip member whose length is what Content-Length says: no length tells."""
    whole = gzip(page.body)
    cut = whole[: int(len(whole) * part)]
    return _answer(200, cut, page.content_type, Content_Encoding="gzip")


@fault("close-cut")
async def _close_cut(request: web.BaseRequest, page: Reply, part: float = 0.5) -> web.StreamResponse:
    """No length at all: the end of the connection is the end of the page, too early."""
    return _send(request, _head(page.content_type), page.body[: int(len(page.body) * part)])


@fault("gzip-bomb")
async def _gzip_bomb(request: web.BaseRequest, page: Reply, size: int = 400_000_000) -> web.StreamResponse:
    return _answer(200, _bomb(size), Content_Encoding="gzip")


@cache
def _bomb(size: int) -> bytes:
    """Return gzip of so many zeros, never holding them: the checksum of zeros goes piece by piece too."""
    packer, checksum, zeros = zlib.compressobj(9, zlib.DEFLATED, 31), 0, bytes(1 << 20)
    pieces = [packer.compress(zeros[: min(len(zeros), size - at)]) for at in range(0, size, len(zeros))]
    return b"".join(pieces) + packer.flush()


@fault("endless")
async def _endless(request: web.BaseRequest, page: Reply, limit: int = 1 << 34) -> web.StreamResponse:
    """A body that goes on until the client has had enough."""
    answer = web.StreamResponse(headers={"Content-Type": page.content_type})
    await answer.prepare(request)
    await answer.write(page.body)
    for _ in range(limit >> 16):
        await answer.write(b"<p>And so on.</p>\n" * 3641)
    return answer


@fault("huge-header")
async def _huge_header(request: web.BaseRequest, page: Reply, size: int = 1 << 20) -> web.StreamResponse:
    return _send(request, _head(page.content_type, b"X-Padding: " + b"x" * size), page.body)


@fault("odd-headers")
async def _odd_headers(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    """Header bytes that are no ASCII, no Latin-1 text and a control character."""
    odd = (
        b"X-Title: \xe6\xb9\x96\xe7\x95\x94\xff\xfe",
        b"X-Bell: a\x07b",
        b"Content-Length: %d" % len(page.body),
    )
    return _send(request, _head(page.content_type, *odd), page.body)


def describe(name: str, options: dict[str, Any]) -> str:
    """Return a fault as text for logs."""
    return f"{name} {json.dumps(options)}" if options else name
