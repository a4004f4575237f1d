"""Print how fast an archive is read again, and rebuilt from WARC, with one process and with two.

python tests/benchmarks/bench_reparse.py [ARTICLES]

The runs take turns, and the best of each counts: other work on the machine disturbs two processes more than one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench_verify import make

from csu_news.archive import Archive
from csu_news.reparse.again import reparse
from csu_news.reparse.rebuild import rebuild

ROUNDS = 3


def reread(db: Path, workers: int) -> None:
    with Archive(db, write=True) as archive:
        assert reparse(archive, workers=workers).changed == 0


def rebuilt(db: Path, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = sorted((db.parent / "warc").iterdir())
        assert rebuild(Path(folder) / "new.db", files, workers=workers).left == []


def compare(name: str, call: Callable[[Path, int], None], db: Path, articles: int) -> None:
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for workers, taken in times.items():
            start = time.perf_counter()
            call(db, workers)
            taken.append(time.perf_counter() - start)
    one, two = min(times[1]), min(times[2])
    print(
        f"{name}: {articles / one:,.0f} articles/s with one process, {articles / two:,.0f} with two: {one / two:.2f}x"
    )


def main() -> None:
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    with tempfile.TemporaryDirectory() as folder:
        db = make(Path(folder), articles)
        compare("read again", reread, db, articles)
        compare("rebuilt", rebuilt, db, articles)


if __name__ == "__main__":
    main()
