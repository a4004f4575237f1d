"""What a run brings to each of its visits, and what each change is stamped with."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from csu_news.archive.coverage import Coverage
from csu_news.archive.database import timestamp
from csu_news.recheck import IN_RUN_WAITS_S
from csu_news.sites import Site


@dataclass(frozen=True, slots=True)
class Context:
    """What a run brings to each of its visits."""

    run_id: int
    site: Site
    parser_version: int
    now: datetime
    media: bool = True
    """Whether the run fetches pictures and files; those it leaves out wait for one that does."""
    retry_waits_s: tuple[float, ...] = IN_RUN_WAITS_S
    """How long a failing page waits before it is tried again within the run, once for each number."""
    coverage: Coverage | None = None
    """Where the run counts the fields of what it reads; None when records are read again."""

    @property
    def stamp(self) -> str:
        return timestamp(self.now)


class Moment(NamedTuple):
    """What every change of an article is stamped with."""

    run_id: int
    fetch_id: int
    now: str
    parser_version: int


def count(connection: sqlite3.Connection, run_id: int, what: str) -> None:
    connection.execute(f"update runs set {what} = {what} + 1 where id = ?", (run_id,))
