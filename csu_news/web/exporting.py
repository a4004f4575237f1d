"""The selection of a search for other programs: all of it, as it is read."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from datasette.utils.asgi import Request, Response

from csu_news.errors import UsageError
from csu_news.exporters import FORMATS, loaded, write
from csu_news.search import Selection, fts_query
from csu_news.web.page import asked_of, error_page
from csu_news.web.selecting import selection_of

if TYPE_CHECKING:
    from csu_news.web.site import ArchiveSite

CHUNK_BYTES = 64 * 1024
PATIENCE_S = 60
"""A reader who takes nothing for so long is left."""

KINDS = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "jsonl": ("jsonl", "application/x-ndjson"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "csl-json": ("json", "application/vnd.citationstyles.csl+json"),
    "biblatex": ("bib", "application/x-bibtex"),
    "ris": ("ris", "application/x-research-info-systems"),
    "atom": ("atom", "application/atom+xml"),
    "html": ("html", "text/html; charset=utf-8"),
}
"""File extension and media type of each format that is a stream."""

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@cache
def offered() -> list[str]:
    """Return the formats that are streams and whose libraries are installed."""
    return [name for name in KINDS if _is_loaded(name)]


async def export(datasette: ArchiveSite, request: Request, send: Send, receive: Receive) -> Response | None:
    """Send all articles of a selection, of one moment, in constant memory; what fails midway ends without an end."""
    asked = asked_of(datasette, request)
    name = request.url_vars["format"]
    if name not in offered():
        return error_page(asked, 404, "There is no such page here.").response()
    try:
        selection = selection_of(asked)
        fts_query(selection.query or "")
    except UsageError as error:
        return error_page(asked, 400, "That cannot be looked for.", str(error)).response()
    await send({"type": "http.response.start", "status": 200, "headers": _headers(name)})
    if request.method == "HEAD":
        await send({"type": "http.response.body", "body": b""})
        return None
    await _send_all(send, receive, partial(_write, datasette, name, selection))
    return None


async def _send_all(send: Send, receive: Receive, write_all: Callable[[_Sent], None]) -> None:
    left = asyncio.ensure_future(_left(receive))
    stream = _Sent(send, left, asyncio.get_running_loop())
    try:
        await asyncio.get_running_loop().run_in_executor(_threads(), write_all, stream)
    except BrokenPipeError:
        return
    finally:
        left.cancel()
    await send({"type": "http.response.body", "body": b""})


def _headers(name: str) -> list[tuple[bytes, bytes]]:
    extension, content_type = KINDS[name]
    headers = {
        "content-type": content_type,
        "content-disposition": f'attachment; filename="csu_news.{extension}"',
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return [(key.encode(), value.encode()) for key, value in headers.items()]


async def _left(receive: Receive) -> None:
    """Return when the reader is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _write(site: ArchiveSite, name: str, selection: Selection, stream: _Sent) -> None:
    connection = site.archive.open()
    try:
        write(name, connection, selection, cast(BinaryIO, stream), warc_folder=site.warc_folder)
        stream.send()
    finally:
        connection.close()


@cache
def _threads() -> ThreadPoolExecutor:
    """Return threads of its own, so that slow downloads leave those that make pages alone."""
    return ThreadPoolExecutor(2, "export")


def _is_loaded(name: str) -> bool:
    try:
        loaded(name)
    except UsageError:
        return False
    return FORMATS[name].kind == "stream"


class _Sent(io.RawIOBase):
    """A stream that is sent piece by piece, as fast as the reader takes it."""

    def __init__(self, send: Send, left: asyncio.Future[None], loop: asyncio.AbstractEventLoop) -> None:
        self._send_message = send
        self._left = left
        self._loop = loop
        self._kept = bytearray()
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        self._kept += data
        self._position += len(data)
        if len(self._kept) >= CHUNK_BYTES:
            self.send()
        return len(data)

    def send(self) -> None:
        """Send what is kept.

        errors  BrokenPipeError: nobody takes it
        """
        if self._left.done():
            raise BrokenPipeError
        body, self._kept = bytes(self._kept), bytearray()
        message = {"type": "http.response.body", "body": body, "more_body": True}
        sending = asyncio.run_coroutine_threadsafe(_sent(self._send_message, message), self._loop)
        try:
            sending.result(PATIENCE_S)
        except TimeoutError:
            sending.cancel()
            raise BrokenPipeError from None


async def _sent(send: Send, message: dict[str, Any]) -> None:
    await send(message)
