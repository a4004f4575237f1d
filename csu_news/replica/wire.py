"""Faults of the wire: what is written to the socket itself, or cut off."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from functools import cache

from aiohttp import web

from csu_news.replica.replies import MEMBER_HEAD, Reply, gzip


def _zipped(body: bytes, content_type: str) -> web.StreamResponse:
    return web.Response(body=body, headers={"Content-Type": content_type, "Content-Encoding": "gzip"})


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


async def reset(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    transport = _wire(request)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    return web.Response()


async def no_answer(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _send(request)


async def hang(request: web.BaseRequest, page: Reply, seconds: float = 3600) -> web.StreamResponse:
    await asyncio.sleep(seconds)
    return web.Response(body=page.body, headers={"Content-Type": page.content_type})


async def drip(request: web.BaseRequest, page: Reply, seconds: float = 0.5, piece: int = 10) -> web.StreamResponse:
    """Send a piece of the page every few moments."""
    transport = _wire(request)
    transport.write(_head(page.content_type, b"Content-Length: %d" % len(page.body)))
    for start in range(0, len(page.body), piece):
        if transport.is_closing():
            break
        transport.write(page.body[start : start + piece])
        await asyncio.sleep(seconds)
    return _send(request)


async def short(request: web.BaseRequest, page: Reply, part: float = 0.5) -> web.StreamResponse:
    """Send less than Content-Length says."""
    cut = page.body[: int(len(page.body) * part)]
    return _send(request, _head(page.content_type, b"Content-Length: %d" % len(page.body)), cut)


async def chunked_cut(request: web.BaseRequest, page: Reply, part: float = 0.5) -> web.StreamResponse:
    """Send a chunk, and no last one."""
    cut = page.body[: int(len(page.body) * part)]
    return _send(request, _head(page.content_type, b"Transfer-Encoding: chunked"), b"%x\r\n%s\r\n" % (len(cut), cut))


async def gzip_cut(request: web.BaseRequest, page: Reply, part: float = 0.5) -> web.StreamResponse:
    """Half a gzip member whose length is what Content-Length says: no length tells."""
    whole = gzip(page.body)
    cut = whole[: int(len(whole) * part)]
    return _zipped(cut, page.content_type)


async def close_cut(request: web.BaseRequest, page: Reply, part: float = 0.5) -> web.StreamResponse:
    """No length at all: the end of the connection is the end of the page, too early."""
    return _send(request, _head(page.content_type), page.body[: int(len(page.body) * part)])


async def gzip_bomb(request: web.BaseRequest, page: Reply, size: int = 400_000_000) -> web.StreamResponse:
    bomb = await asyncio.to_thread(_bomb, size)
    return _zipped(bomb, page.content_type)


@cache
def _bomb(size: int) -> bytes:
    """Return gzip of so many zeros, never holding them: one compressed piece, repeated."""
    zeros, (whole, rest) = bytes(1 << 20), divmod(size, 1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(zeros[:rest]) + packer.flush()
    checksum = 0
    for _ in range(whole):
        checksum = zlib.crc32(zeros, checksum)
    checksum = zlib.crc32(zeros[:rest], checksum)
    return MEMBER_HEAD + piece * whole + last + struct.pack("<II", checksum, size & 0xFFFFFFFF)


async def endless(request: web.BaseRequest, page: Reply, limit: int = 1 << 34) -> web.StreamResponse:
    """Send a body that goes on until the client has had enough."""
    answer = web.StreamResponse(headers={"Content-Type": page.content_type})
    await answer.prepare(request)
    await answer.write(page.body)
    for _ in range(limit >> 16):
        await answer.write(b"<p>And so on.</p>\n" * 3641)
    return answer


async def huge_header(request: web.BaseRequest, page: Reply, size: int = 1 << 20) -> web.StreamResponse:
    return _send(request, _head(page.content_type, b"X-Padding: " + b"x" * size), page.body)


async def odd_headers(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    """Send a head in unusual words and letters, long, with bytes that are no text and a control character."""
    lines = (
        b"HTTP/1.1 200 As you like it",
        b"content-type: " + page.content_type.encode(),
        b"CONNECTION: close",
        b"X-Title: \xe6\xb9\x96\xe7\x95\x94\xff\xfe",
        b"X-Bell: a\x07b",
        b"X-Long: " + b"a" * 20_000,
        b"Content-length: %d" % len(page.body),
    )
    return _send(request, b"\r\n".join(lines) + b"\r\n\r\n", page.body)


WIRE = {
    "reset": reset,
    "no-answer": no_answer,
    "hang": hang,
    "drip": drip,
    "short": short,
    "chunked-cut": chunked_cut,
    "gzip-cut": gzip_cut,
    "close-cut": close_cut,
    "gzip-bomb": gzip_bomb,
    "endless": endless,
    "huge-header": huge_header,
    "odd-headers": odd_headers,
}
