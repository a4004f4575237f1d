"""How fast exports are, and that their memory does not grow: `python tests/benchmarks/bench_export.py [FORMAT...]`.

Makes archives of 10,000 and 100,000 articles straight in SQLite, half of them Chinese, 1 to 5 kB each, without
evidence. Each format is written to a file by a process of its own; its peak memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_search import Writer, rows

from csu_news.archive import Archive
from csu_news.archive.run import transaction
from csu_news.exporters import FORMATS


def fill(path: Path, number: int) -> None:
    with Archive(path, write=True) as archive, transaction(archive.connection):
        archive.connection.execute("insert into sites (name, timezone, hosts) values ('csu', 'Asia/Shanghai', '[]')")
        for row in rows(Writer(1), number):
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            archive.connection.execute(f"insert into articles ({names}) values ({values})", row)


def measure(db: Path, name: str, target: Path) -> tuple[float, float]:
    """Return seconds and the peak of memory in MB."""
    command = [sys.executable, "-m", "csu_news", "export", name, "--db", str(db), "-o", str(target)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help="all that need no evidence, if none is named")
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--folder", type=Path, help="keep the archives there, and use those that are there")
    arguments = parser.parse_args()
    formats = arguments.formats or [name for name in FORMATS if name != "wacz"]
    with tempfile.TemporaryDirectory() as folder:
        for number in arguments.articles:
            db = (arguments.folder or Path(folder)) / f"{number}.db"
            if not db.exists():
                fill(db, number)
            for name in formats:
                target = Path(folder) / "exported"
                seconds, peak = measure(db, name, target)
                print(f"{number:>9,} {name:9} {seconds:6.1f} s {number / seconds:8,.0f} rows/s   peak {peak:5.0f} MB")
                shutil.rmtree(target) if target.is_dir() else target.unlink()


if __name__ == "__main__":
    main()
