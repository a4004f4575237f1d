"""How fast a ranked search with passages is, beside a scan of all texts: `python tests/benchmarks/bench_search.py`.

Makes an archive of 100,000 articles straight in SQLite, half of them Chinese, 1 to 5 kB each, their words drawn
by Zipf's law. A query is two English words, or a Chinese word of two characters, common and rare ones alike; its
answer is the ten best with their passages, and the count. The scan is a LIKE of the same words over titles and
texts. Both are warm, one after the other; the figures are ratios of the same run.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from csu_news.archive import Archive
from csu_news.archive.fulltext import insert_full_text
from csu_news.archive.run import transaction
from csu_news.search import Selection, count, search, selected

VOCABULARY = 20_000
ROUNDS = 3


class Writer:
    """Draws words by Zipf's law: the n-th most frequent comes n times as rarely as the first."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvw" for vowel in "aeiou"]
        self.english = list(
            {"".join(self.random.choices(syllables, k=self.random.randint(2, 4))): None for _ in range(2 * VOCABULARY)}
        )[:VOCABULARY]
        characters = [chr(number) for number in self.random.sample(range(0x4E00, 0x9FA5), 3500)]
        self.chinese = [
            "".join(self.random.choices(characters, k=self.random.choice((1, 2, 2, 2, 3)))) for _ in range(VOCABULARY)
        ]
        self._weights = list(accumulate(1 / (rank + 2) for rank in range(VOCABULARY)))

    def text(self, language: str, words: int) -> str:
        drawn = self.random.choices(getattr(self, language), cum_weights=self._weights, k=words)
        return (
            " ".join(drawn)
            if language == "english"
            else "".join(word + ("，" if n % 9 == 8 else "") for n, word in enumerate(drawn))
        )


def rows(writer: Writer, number: int) -> Iterator[dict[str, Any]]:
    for article_id in range(1, number + 1):
        chinese = article_id % 2
        language, words = ("chinese", (150, 900)) if chinese else ("english", (150, 800))
        day = article_id * 7300 // number
        yield {
            "id": article_id,
            "key": f"csu-{article_id}",
            "url": f"https://example.edu.cn/info/1083/{article_id}.htm",
            "site": "csu",
            "column_id": 1083 + article_id % 3,
            "language": "zh" if chinese else "en",
            "title": writer.text(language, 9),
            "published": f"{2005 + day // 365}-{day % 12 + 1:02}-{day % 28 + 1:02}",
            "sources": json.dumps([f"Source {article_id % 40}"]),
            "source_raw": f"Source {article_id % 40}",
            "body": writer.text(language, writer.random.randint(*words)),
            "body_html": "<p></p>",
            "word_count": 500,
            "content_sha256": "0" * 64,
            "first_seen_at": "2026-01-01T00:00:00Z",
            "last_seen_at": "2026-01-01T00:00:00Z",
            "last_changed_at": "2026-01-01T00:00:00Z",
            "parser_version": 1,
        }


def fill(path: Path, writer: Writer, number: int) -> None:
    with Archive(path, write=True) as archive, transaction(archive.connection):
        archive.connection.execute("pragma cache_size=-200000")
        archive.connection.execute("insert into sites (name, timezone, hosts) values ('csu', 'Asia/Shanghai', '[]')")
        for row in rows(writer, number):
            names = ", ".join(row)
            archive.connection.execute(
                f"insert into articles ({names}) values ({', '.join(f':{name}' for name in row)})", row
            )
            insert_full_text(archive.connection, row["id"], (row["title"], row["source_raw"], row["body"]))


def queries(writer: Writer) -> Iterator[tuple[str, list[str]]]:
    """Yield kind and words, of all frequencies."""
    ranks = [*range(0, 30, 3), *range(30, 300, 30), *range(300, 3000, 300), *range(3000, VOCABULARY - 1000, 3000)]
    for rank in ranks:
        yield "English, two words", [writer.english[rank], writer.english[rank * 2 // 3 + 1]]
        yield "Chinese, two characters", [next(word for word in writer.chinese[rank:] if len(word) == 2)]


def timed(function: Any) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best


def compare(path: Path, writer: Writer) -> None:
    with Archive(path) as archive:
        connection = archive.connection
        taken: dict[str, list[tuple[float, float, int]]] = {}
        for kind, words in queries(writer):
            selection = Selection(" ".join(words))
            times = timed(partial(scan, connection, words)), timed(partial(answer, connection, selection))
            taken.setdefault(kind, []).append((*times, count(connection, selection)))
        for kind, measured in taken.items():
            report(kind, measured)


def scan(connection: sqlite3.Connection, words: list[str]) -> None:
    like = " and ".join("(body like ? or title like ?)" for _ in words)
    patterns = [f"%{word}%" for word in words for _ in range(2)]
    connection.execute(f"select count(*) from articles where {like}", patterns).fetchone()


def answer(connection: sqlite3.Connection, selection: Selection) -> None:
    count(connection, selection)
    list(search(connection, selection, 10))


def report(kind: str, times: list[tuple[float, float, int]]) -> None:
    scans, found, hits = (sorted(column) for column in zip(*times, strict=True))
    scan95, found95 = quantiles(scans, n=20)[-1], quantiles(found, n=20)[-1]
    least = min(slow / fast for slow, fast, _ in times)
    print(f"{kind}: {len(times)} queries, hits median {median(hits):,.0f}, most {hits[-1]:,}")
    print(f"  scan    median {median(scans) * 1e3:7.1f} ms   p95 {scan95 * 1e3:7.1f} ms")
    print(f"  search  median {median(found) * 1e3:7.1f} ms   p95 {found95 * 1e3:7.1f} ms")
    print(f"  ratio   median {median(scans) / median(found):7.1f}      p95 {scan95 / found95:7.1f}   least {least:.1f}")


def stream(path: Path) -> None:
    with Archive(path) as archive:
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        number = sum(1 for _ in selected(archive.connection, Selection()))
        seconds = time.perf_counter() - start
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"selected(): {number:,} rows, {number / seconds:,.0f} rows/s, memory grew by {grown / 1024:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keep the archive there, and use the one that is there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (arguments.folder or Path(folder)) / "search.db"
        writer = Writer(1)
        if not path.exists():
            fill(path, writer, arguments.articles)
        print(f"{arguments.articles:,} articles, {path.stat().st_size / 1e6:,.0f} MB")
        compare(path, writer)
        stream(path)


if __name__ == "__main__":
    main()
