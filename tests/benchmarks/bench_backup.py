"""Print what a backup of an unchanged archive costs, beside the first one.

python tests/benchmarks/bench_backup.py [MEGABYTES] [ARTICLES]
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from csu_news.archive import Archive
from csu_news.backup import Summary, backup

FILES = 10
ROUNDS = 3


def make(folder: Path, megabytes: int, articles: int) -> Path:
    """Return a crawled archive, filled up with sealed files of random bytes, and left alone for a while."""
    db = folder / "archive.db"
    arguments = ["demo", "--articles", str(articles), "--db", str(db), "--json"]
    subprocess.run([sys.executable, "-m", "csu_news", *arguments], check=True, stdout=subprocess.DEVNULL)
    with sqlite3.connect(db) as connection:
        for number in range(FILES):
            data, name = os.urandom(megabytes * 1_000_000 // FILES), f"filling-{number}.warc.gz"
            (folder / "warc" / name).write_bytes(data)
            connection.execute(
                "insert into warc_files (name, run_id, opened_at, sealed_at, size_bytes, sha256)"
                " values (?, 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', ?, ?)",
                (name, len(data), hashlib.sha256(data).hexdigest()),
            )
    connection.close()
    time.sleep(3)
    return db


def timed(db: Path, target: Path) -> tuple[float, Summary]:
    start = time.perf_counter()
    with Archive(db) as archive:
        summary = backup(archive, target)
    return time.perf_counter() - start, summary


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    articles = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as folder:
        db, target = make(Path(folder) / "archive", megabytes, articles), Path(folder) / "backup"
        first, summary = timed(db, target)
        again = min((timed(db, target) for _ in range(ROUNDS)), key=lambda run: run[0])
        assert again[1].copied == []
        print(
            f"{summary.files} files, {summary.size_bytes / 1e6:,.0f} MB, {articles} articles: first {first:.2f} s,"
            f" unchanged {again[0]:.3f} s, {again[0] / first:.1%} of the first"
        )


if __name__ == "__main__":
    main()
