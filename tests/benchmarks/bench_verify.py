"""Print how many records a second verify() checks, beside one sha256 over the same bytes.

python tests/benchmarks/bench_verify.py [ARTICLES]
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from csu_news.archive import Archive
from csu_news.verify import Report, verify

ROUNDS = 3


def make(folder: Path, articles: int) -> Path:
    """Return an archive of a site of that size, crawled in a process of its own."""
    db = folder / "archive.db"
    arguments = ["demo", "--articles", str(articles), "--db", str(db), "--json"]
    subprocess.run([sys.executable, "-m", "csu_news", *arguments], check=True, stdout=subprocess.DEVNULL)
    return db


def timed_verify(db: Path) -> tuple[float, Report]:
    start = time.perf_counter()
    with Archive(db) as archive:
        report = verify(archive)
    return time.perf_counter() - start, report


def timed_sha256(db: Path) -> float:
    start = time.perf_counter()
    for path in (db.parent / "warc").iterdir():
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")
    return time.perf_counter() - start


def main() -> None:
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as folder:
        db = make(Path(folder), articles)
        seconds, report = min((timed_verify(db) for _ in range(ROUNDS)), key=lambda timed: timed[0])
        bare = min(timed_sha256(db) for _ in range(ROUNDS))
        assert report.verdict == "sound", report.problems
        records = report.records * 2 + report.files  # each with its request
        print(
            f"{report.records} responses, {records} records, {report.articles} articles: {seconds:.2f} s,"
            f" {report.records / seconds:,.0f} responses/s, {records / seconds:,.0f} records/s,"
            f" {seconds / bare:.0f}x a bare sha256"
        )


if __name__ == "__main__":
    main()
