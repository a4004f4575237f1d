"""Whether the archive is complete: found out beside the pages, which never wait for it."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from csu_news.archive import Archive
from csu_news.archive.database import timestamp
from csu_news.audit import Audit
from csu_news.web.memory import Memory

SHARE = 20
"""An audit is followed by at least so many times its own length without one."""


@dataclass(frozen=True)
class Finding:
    """What an audit found, and when."""

    audit: Audit
    at: str


class Verdict:
    """The last audit's verdict; asking for it starts a new audit when the archive changed since."""

    def __init__(self, path: Path, memory: Memory) -> None:
        self._path = path
        self._memory = memory
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, "audit")
        self._pending: Future[None] | None = None
        self._found: Finding | None = None
        self._version: int | None = None
        self._not_before = 0.0

    def last(self) -> Finding | None:
        """Return what the last audit found, at once; None while the first one runs."""
        version = self._memory.version()
        with self._lock:
            is_idle = self._pending is None or self._pending.done()
            if version != self._version and is_idle and time.monotonic() >= self._not_before:
                self._pending = self._worker.submit(self._find)
            return self._found

    def settle(self) -> None:
        """Wait for the audit that is running, if one is."""
        if self._pending is not None:
            self._pending.result()

    def close(self) -> None:
        self._worker.shutdown(cancel_futures=True)

    def _find(self) -> None:
        began = time.monotonic()
        version = self._memory.version()
        try:
            with Archive(self._path) as archive:
                self._found = Finding(archive.audit(), timestamp(datetime.now(UTC)))
        finally:
            self._version = version
            self._not_before = time.monotonic() * (SHARE + 1) - began * SHARE
            self._memory.forget()
