"""The archive as Datasette reads it: never written to, and silent about where its file lies."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from datasette.database import Database

from csu_news.archive.database import reading_uri
from csu_news.errors import ArchiveError

NAME = "archive"
"""Of the database in addresses, whatever its file is called."""


class ArchiveDatabase(Database):  # type: ignore[misc]
    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Open a connection that can only read, and that other threads may close.

        errors  ArchiveError: somebody wants to write
        """
        if write:
            raise ArchiveError("The archive is only read here.")
        connection = self.open()
        self._all_file_connections.append(connection)
        return connection

    def open(self) -> sqlite3.Connection:
        """Open a connection that the caller closes."""
        uri = reading_uri(Path(self.path))
        connection = sqlite3.connect(uri, uri=True, timeout=5, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.set_authorizer(_allowed)
        return connection


def _allowed(action: int, name: str | None, *_: Any) -> int:
    """Refuse other files; `pragma_database_list`, which has the path, is empty and no error: Datasette asks it, too."""
    if action == sqlite3.SQLITE_ATTACH:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and name == "database_list":
        return sqlite3.SQLITE_IGNORE
    return sqlite3.SQLITE_OK
