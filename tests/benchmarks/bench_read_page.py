"""Print how long read_page() takes beside a bare parse by lxml, over real pages or the golden ones.

python tests/benchmarks/bench_read_page.py [FOLDER]
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml.html import document_fromstring

from csu_news.pages import read_page

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("CSU_NEWS_REAL_PAGES", ROOT.parent / "shared" / "real"))
GOLDEN = ROOT / "tests" / "golden"


def best(call: Callable[[bytes], Any], body: bytes, rounds: int = 7) -> float:
    """Return the shortest of some runs, in seconds: the one least disturbed."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call(body)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL if REAL.is_dir() else GOLDEN
    files = [path for path in sorted(folder.rglob("*.htm*")) if path.stat().st_size > 1000]
    rows = []
    for path in files:
        body = path.read_bytes()
        url = f"https://www.example.edu.cn/{path.relative_to(folder)}"
        bare = best(document_fromstring, body)
        full = best(lambda body, url=url: read_page(body, url), body)
        rows.append((full / bare, full, bare, path.name))
    rows.sort(reverse=True)
    for ratio, full, bare, name in rows[:10]:
        print(f"{ratio:5.1f}x  {full * 1000:7.2f} ms  bare {bare * 1000:7.2f} ms  {name}")
    full, bare = sum(row[1] for row in rows), sum(row[2] for row in rows)
    median = rows[len(rows) // 2][0]
    print(f"{len(rows)} pages: total {full / bare:.2f}x, median {median:.2f}x, {full / len(rows) * 1000:.2f} ms a page")


if __name__ == "__main__":
    main()
