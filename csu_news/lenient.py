"""Answers that break the rules of HTTP and that browsers take: read by Python's own client, which takes them, too.

aiohttp refuses an answer with both Content-Length and Transfer-Encoding, with Content-Length twice, with a line in
its head that is no header, or with more body than it said.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

PIECE = 1 << 16


def fetch_leniently(request: Request, most_bytes: int, context: ssl.SSLContext, private_allowed: bool) -> Response:
    """Make one request on a connection of its own; blocks. What `meta` says of it is what downloads.py says there.

    errors  OSError, http.client.HTTPException: there is no answer, or not even this client can read it
    """
    parts, seconds = urlsplit(request.url), request.meta["download_timeout"]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {name.decode(): values[0].decode() for name, values in request.headers.items()}
    with closing(_connection(parts.scheme, parts.netloc.rpartition("@")[2], seconds, context)) as connection:
        connection.connect()
        peer = ipaddress.ip_address(connection.sock.getpeername()[0])
        if not (peer.is_global or private_allowed):
            raise PermissionError(f"{request.url} leads to the private address {peer}")
        connection.request(request.method, target, headers=headers)
        began = time.monotonic()
        with _no_longer_than(seconds, connection.sock):
            answer = connection.getresponse()
        request.meta["download_latency"] = time.monotonic() - began
        body = _read(answer, request.meta, most_bytes)
    head = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()]
    request.meta["sent"] = [("Host", parts.netloc), *headers.items()]
    request.meta["received"], request.meta["reason"] = head, answer.reason.encode("latin-1").decode(errors="replace")
    protocol = "HTTP/1.0" if answer.version == 10 else "HTTP/1.1"
    flags = ["partial"] if answer.length is None and not answer.chunked else []  # the connection's end is the body's
    return Response(request.url, answer.status, head, body, flags, ip_address=peer, protocol=protocol)


def _connection(scheme: str, host: str, seconds: float, context: ssl.SSLContext) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, timeout=seconds, context=context)
    return http.client.HTTPConnection(host, timeout=seconds)


@contextmanager
def _no_longer_than(seconds: float, connected: socket.socket) -> Iterator[None]:
    """Break the connection if the block takes longer: a timeout of sockets begins anew with each byte."""
    timer = threading.Timer(seconds, connected.shutdown, (socket.SHUT_RDWR,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(answer: http.client.HTTPResponse, meta: dict[str, Any], most_bytes: int) -> bytes:
    """Return the body as far as it comes; if that is not all of it, `meta["cut"]` says why."""
    body, end = bytearray(), time.monotonic() + meta["download_timeout"]
    try:
        while piece := answer.read1(PIECE):
            body += piece
            if len(body) > most_bytes:
                meta["cut"] = "length"
                break
            if time.monotonic() > end:
                raise TimeoutError
        else:
            if answer.length:  # it said that there is more
                meta["cut"] = "disconnect"
    except TimeoutError:
        meta["cut"] = "time"
    except (http.client.HTTPException, OSError):
        meta["cut"] = "disconnect"
    return bytes(body)
