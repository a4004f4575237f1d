"""What was made from the archive, kept until the archive changes."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

MOST = 500
"""Things kept."""

Made = TypeVar("Made")


class Memory:
    """Forgets everything whenever another process has committed a change, as SQLite says it, or on forget()."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._version: int | None = None
        self._generation = 0
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def recall(
        self, key: Hashable, make: Callable[[], Made], is_kept: Callable[[Made], bool] = lambda made: True
    ) -> Made:
        """Return what was made for this key, or make it; what the archive outran meanwhile is not kept.

        is_kept  whether what was made is worth keeping
        """
        with self._lock:
            generation = self._current()
            if key in self._kept:
                self._kept.move_to_end(key)
                kept: Made = self._kept[key]
                return kept
        made = make()
        with self._lock:
            if self._current() == generation and is_kept(made):
                self._kept[key] = made
                if len(self._kept) > MOST:
                    self._kept.popitem(last=False)
        return made

    def version(self) -> int:
        """Return a number that is another one after each change of the archive."""
        with self._lock:
            self._current()
            return self._version or 0

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._generation += 1

    def _current(self) -> int:
        (version,) = self._connection.execute("pragma data_version").fetchone()
        if version != self._version:
            self._version = version
            self._kept.clear()
            self._generation += 1
        return self._generation
