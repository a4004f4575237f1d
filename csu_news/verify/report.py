"""What verify found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was written; `file` is a name below warc/, `offset` where its record starts."""

    kind: str
    detail: str
    file: str | None = None
    offset: int | None = None
    url: str | None = None


@dataclass(slots=True)
class Report:
    """What was looked at and what is wrong; `records` are responses and revisits that were read whole."""

    files: int = 0
    records: int = 0
    articles: int = 0
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        return "damaged" if self.problems else "sound"

    def add(
        self, kind: str, detail: str, file: str | None = None, offset: int | None = None, url: str | None = None
    ) -> None:
        self.problems.append(Problem(kind, detail, file, offset, url))

    def as_dict(self) -> dict[str, Any]:
        """Return what `csu-news verify --json` prints."""
        return {"verdict": self.verdict} | asdict(self)

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Note that a part of the database cannot be read, and let the rest go on."""
        try:
            yield
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            self.add("database", f"{what} cannot be read to the end: {error}.")
