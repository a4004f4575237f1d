"""What a researcher asks for: words and filters, checked when they are given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from csu_news.errors import UsageError

STATUSES = ("live", "gone")

# 2024, 2024-05, 2024-05-31
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.A)
# en
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.A)


@dataclass(frozen=True)
class Selection:
    """Words and filters; what is None does not limit. Withheld articles are in no selection.

    query         as a person types it: see fts_query(); blank is none
    language      en, zh
    since, until  YYYY, YYYY-MM or YYYY-MM-DD, both included; articles without a date are then left out
    source        a department or paper, by its name or any spelling of it
    site          csu-en
    column        the column's number, 1083
    status        live or gone; None: both
    errors        UsageError: a value that can name nothing
    """

    query: str | None = None
    language: str | None = None
    since: str | None = None
    until: str | None = None
    source: str | None = None
    site: str | None = None
    column: int | None = None
    status: str | None = None

    def __post_init__(self) -> None:
        if self.query is not None and not self.query.strip():
            object.__setattr__(self, "query", None)
        if self.language is not None and not _LANGUAGE.fullmatch(self.language):
            raise UsageError(f"{self.language!r} is no language: give its code, en or zh.")
        if self.column is not None and not 0 <= self.column < 2**31:
            raise UsageError(f"{self.column} is no column's number.")
        if self.status is not None and self.status not in STATUSES:
            raise UsageError(f"{self.status!r} is no status to select by: live and gone are.")
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None and not _is_date(value):
                raise UsageError(f"{name} {value!r} is no date: write 2024, 2024-05 or 2024-05-31.")
        if self.since and self.until and self.since[: len(self.until)] > self.until:
            raise UsageError(f"since {self.since} is later than until {self.until}.")


class Filters(TypedDict, total=False):
    """The fields of Selection but the query, as named arguments."""

    language: str | None
    since: str | None
    until: str | None
    source: str | None
    site: str | None
    column: int | None
    status: str | None


def _is_date(text: str) -> bool:
    found = _DAY.fullmatch(text)
    if not found:
        return False
    try:
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return False
    return True
