"""Pages read beside a crawl that never waits: in a process of their own, main() of this module.

It gets pages on its standard input and puts readings on its standard output in the same order, both as pickles with
their length before them. It ends with its input, so with whoever started it, however that ended.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from csu_news.items import Outcome, Record
from csu_news.judge import Result, judge
from csu_news.pages import page_requisites
from csu_news.sites import Site

LENGTH = struct.Struct(">Q")
FEW = 50
"""So many pages are read here: another process takes longer to start than they do."""


@dataclass(slots=True)
class Page:
    """An answer to read.

    record      of the answer, after decoded_body()
    kind        what the page is known as, `pages.kind`
    requisites  whether to look for what a browser needs to show an article's page
    """

    record: Record
    body: bytes
    kind: str
    site: Site
    requisites: bool = False


@dataclass(slots=True)
class Reading:
    """What came of an answer; the record says if it was empty."""

    record: Record
    outcome: Outcome
    result: Result = None
    requisites: list[str] = field(default_factory=list)


def read(page: Page) -> Reading:
    """Return what came of an answer, and what the page says."""
    outcome, result = judge(page.record, page.body, page.kind, page.site)
    wanted = page.requisites and outcome is Outcome.ARTICLE
    return Reading(page.record, outcome, result, page_requisites(page.body, page.record.url) if wanted else [])


class PageReader:
    """Reads pages for the spiders of one crawl.

    apart  in another process, once there are many: worth it for a crawl that never waits
    """

    def __init__(self, apart: bool = False) -> None:
        self._apart = apart
        self._count = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._to_process: asyncio.StreamWriter | None = None
        self._answers: asyncio.Task[None] | None = None
        self._asked: deque[tuple[Page, asyncio.Future[Reading]]] = deque()

    async def read(self, page: Page) -> Reading:
        """Return what came of an answer."""
        self._count += 1
        if self._apart and self._count == FEW:
            await self._start()
        if self._to_process is None:
            return read(page)
        reading: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._asked.append((page, reading))
        with suppress(ConnectionError):  # it was killed: _collect() reads what it leaves
            self._to_process.write(_packed(page))
            await self._to_process.drain()
        return await reading

    async def close(self) -> None:
        """End the other process."""
        if self._to_process is not None:
            self._to_process.close()
        if self._answers is not None:
            await self._answers
        if self._process is not None:
            self._process.wait()

    async def _start(self) -> None:
        here, there = socket.socketpair()
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from {__name__} import main; main()"],
                stdin=there.fileno(),
                stdout=there.fileno(),
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                start_new_session=True,  # Ctrl-C is for the crawl, which has pages to store
            )
        from_process, self._to_process = await asyncio.open_connection(sock=here)
        self._answers = asyncio.create_task(self._collect(from_process))

    async def _collect(self, from_process: asyncio.StreamReader) -> None:
        """Hand out what the other process says, until it ends; read here what it leaves."""
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    (length,) = LENGTH.unpack(await from_process.readexactly(LENGTH.size))
                    reading = pickle.loads(await from_process.readexactly(length))
                    self._asked.popleft()[1].set_result(reading)
        finally:
            if self._to_process is not None:
                self._to_process.close()
            self._to_process = None
            while self._asked:
                page, future = self._asked.popleft()
                future.set_result(read(page))


def _packed(message: Page | Reading) -> bytes:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data


def _messages(stream: BinaryIO) -> Iterator[Page]:
    """Yield the pages that come whole."""
    while len(head := stream.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        if len(data := stream.read(length)) == length:
            yield pickle.loads(data)


def main() -> None:
    for page in _messages(sys.stdin.buffer):
        sys.stdout.buffer.write(_packed(read(page)))
        sys.stdout.buffer.flush()
