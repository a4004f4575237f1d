"""Print how long an audit takes and what memory it needs, for n and 4n articles.

python tests/benchmarks/bench_audit.py [ARTICLES]
The archives are written straight into SQLite, with texts of the usual length, and not crawled.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from csu_news.archive import Archive

COLUMNS = 2
ROWS = 20
TEXT = "The university has opened a new laboratory for the study of ores. " * 45
MARKUP = f"<p>{TEXT}</p>"
AT = "2026-01-01T00:00:00Z"
CHILD = """
import json, resource, sys, time
from csu_news.archive import Archive
start = time.perf_counter()
with Archive(sys.argv[1]) as archive:
    audit = archive.audit()
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, peak, audit.verdict, [len(c.gaps) for c in audit.columns]]))
"""


def make(path: Path, articles: int) -> None:
    """Write an archive of that many articles in two columns, with chains and lists and one hole in each."""
    Archive(path, write=True).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma synchronous = off")
    connection.execute("begin")
    connection.execute(
        "insert into sites (name, base_url, timezone, hosts) values ('uni', 'http://uni.example/', 'UTC', ?)",
        ('["uni.example"]',),
    )
    connection.execute(
        "insert into runs (started_at, site, version, arguments) values ('2025-12-31T00:00:00Z', 'uni', '0', '{}')"
    )
    for column in range(COLUMNS):
        fill(connection, column, articles // COLUMNS)
    connection.execute("commit")
    connection.close()


def fill(connection: sqlite3.Connection, column: int, articles: int) -> None:
    """Write one column: page and article of a number have the same id, list pages come after all of them."""
    first = 1 + column * articles
    numbers = range(first, first + articles)
    connection.execute("insert into columns (site, column_id) values ('uni', ?)", (column,))
    connection.executemany(
        "insert into articles (id, key, url, site, column_id, news_id, published, body, body_html, word_count,"
        " content_sha256, first_seen_at, last_seen_at, last_changed_at, parser_version)"
        " values (?, ?, ?, 'uni', ?, ?, ?, ?, ?, 500, ?, ?, ?, ?, 1)",
        (
            (n, f"uni-{n}", url(column, n), column, n, day(n - first), TEXT, MARKUP, digest(n), AT, AT, AT)
            for n in numbers
        ),
    )
    connection.executemany(
        "insert into pages (id, url, canonical, site, kind, column_id, article_id, priority, sort_id, discovered_at,"
        " due_at, state, fetched_at, changed_at) values (?, ?, ?, 'uni', 'article', ?, ?, 4, ?, ?, ?, 'ok', ?, ?)",
        (
            (n, url(column, n), url(column, n), column, None if n == first + 9 else n, n, AT, AT, AT, AT)
            for n in numbers
        ),
    )
    connection.executemany(
        "insert into fetches (run_id, page_id, url, fetched_at, outcome) values (1, ?, ?, ?, 'article')",
        ((n, url(column, n), AT) for n in numbers),
    )
    connection.executemany(
        "insert into links (from_id, rel, to_url, to_id, position) values (?, ?, ?, ?, ?)",
        links(column, first, articles),
    )


def links(column: int, first: int, articles: int) -> Iterator[tuple[Any, ...]]:
    last = first + articles - 1
    for n in range(first, last + 1):
        if n != first + 9 and n < last:
            yield n, "prev", url(column, n + 1), n + 1, 0
        if n != first + 9 and n > first:
            yield n, "next", url(column, n - 1), n - 1, 0


def url(column: int, number: int) -> str:
    return f"https://uni.example/info/{column}/{number}.htm"


def day(number: int) -> str:
    return f"{2000 + number // 10_000}-{1 + number // 28 % 12:02}-{1 + number % 28:02}"


def digest(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


def lists(path: Path, articles: int) -> None:
    """Add the list pages of both columns."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma synchronous = off")
    connection.execute("begin")
    per_column = articles // COLUMNS
    for column in range(COLUMNS):
        first = 1 + column * per_column
        for page in range(0, per_column, ROWS):
            address = f"https://uni.example/{column}/{page}.htm"
            cursor = connection.execute(
                "insert into pages (url, canonical, site, kind, column_id, priority, discovered_at, state, fetched_at,"
                " total) values (?, ?, 'uni', 'list', ?, ?, ?, 'ok', ?, ?)",
                (address, address, column, 2 if page else 0, AT, AT, per_column),
            )
            connection.executemany(
                "insert into links (from_id, rel, to_url, to_id, position) values (?, 'list', ?, ?, ?)",
                (
                    (cursor.lastrowid, url(column, first + n), first + n, n - page)
                    for n in range(page, min(page + ROWS, per_column))
                ),
            )
    connection.execute("commit")
    connection.close()


def measure(articles: int) -> tuple[float, float]:
    """Return seconds and peak megabytes of an audit in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        make(path, articles)
        lists(path, articles)
        run = subprocess.run([sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True, text=True)
        seconds, peak, verdict, gaps = json.loads(run.stdout)
        assert (verdict, gaps) == ("incomplete", [1] * COLUMNS)
        print(f"{articles:>9,} articles, {path.stat().st_size / 1e9:.2f} GB: {seconds:.2f} s, {peak:.0f} MB at most")
        return seconds, peak


def main() -> None:
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    small, large = measure(articles), measure(4 * articles)
    print(f"four times the articles: {large[0] / small[0]:.1f} times the seconds, {large[1] / small[1]:.1f} the memory")


if __name__ == "__main__":
    main()
