"""The fingerprint: one line by which two archives of the same site are compared.

It is the sha256 over `key TAB content_sha256 LF` of all live articles, sorted by key. Neither the order nor the time
of fetching is in it, so archivists who crawled apart from each other get the same; docs/design.md recomputes it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from csu_news.audit import Digest

# The plus keeps SQLite from following the index of keys across a file that is mostly text: sorting is faster.
LIVE = """
select key, site, column_id, coalesce(substr(published, 1, 4), '') as year, content_sha256, parser_version
from articles where status = 'live' order by +key
"""


class _Sum:
    """A digest that grows line by line."""

    def __init__(self) -> None:
        self.hash, self.count = sha256(), 0

    def add(self, line: bytes) -> None:
        self.hash.update(line)
        self.count += 1

    @property
    def digest(self) -> Digest:
        return Digest(self.hash.hexdigest(), self.count)


@dataclass(slots=True)
class Fingerprint:
    """The whole and its parts: by site and column, by year of publication (`""`: no date); the parsers' versions."""

    whole: Digest
    columns: dict[tuple[str, int | None], Digest] = field(default_factory=dict)
    years: dict[str, Digest] = field(default_factory=dict)
    parsers: dict[int, int] = field(default_factory=dict)


def fingerprint(connection: sqlite3.Connection, sites: Sequence[str]) -> Fingerprint:
    """Return the fingerprint of the live articles of these sites."""
    whole, columns, years, parsers = _Sum(), dict[Any, _Sum](), dict[str, _Sum](), Counter[int]()
    for key, site, column, year, digest, parser in map(tuple, connection.execute(LIVE)):
        if site in sites:
            line = f"{key}\t{digest}\n".encode()
            for total in (whole, columns.setdefault((site, column), _Sum()), years.setdefault(year, _Sum())):
                total.add(line)
            parsers[parser] += 1
    return Fingerprint(
        whole.digest,
        {name: total.digest for name, total in columns.items()},
        {year: total.digest for year, total in sorted(years.items())},
        dict(sorted(parsers.items())),
    )
