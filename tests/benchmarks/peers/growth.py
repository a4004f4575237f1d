"""csu-news alone at several sizes: what each further article costs, and how fast every curve rises."""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from contestants import Task, csu_news_crawl
from environments import environment
from measuring import Usage, bytes_in, replica, run

HERE = Path(__file__).parent
OPERATIONS = ("common", "phrases", "audit", "export")
TINY = 10
"""Articles of the run whose time is taken for starting up."""


class Size(NamedTuple):
    """The figures at one size; `server` is what the replica took for all its requests."""

    articles: int
    crawl: Usage
    again: Usage
    database_bytes: int
    warc_bytes: int
    requests: int
    server: Usage
    operations: dict[str, tuple[float, float]]
    """Seconds and peak MB."""


class Curve(NamedTuple):
    name: str
    unit: str
    values: list[float]
    exponent: float
    """Of n: 1 is linear; n log n is a tenth more."""


def grow(sizes: Sequence[int]) -> list[Curve]:
    """Measure each size, printing it, and return the curves; starting up is taken off the crawls' times."""
    start = at_size(TINY)
    measured = [at_size(size) for size in sizes]

    def curve(name: str, unit: str, values: list[float]) -> Curve:
        return Curve(name, unit, values, exponent(sizes, values))

    def seconds(what: str, kind: str) -> list[float]:
        return [getattr(getattr(m, what), kind) - getattr(getattr(start, what), kind) for m in measured]

    return [
        curve("crawl, wall", "s", seconds("crawl", "wall_s")),
        curve("crawl, CPU", "s", seconds("crawl", "cpu_s")),
        curve("crawl, memory", "MB", [m.crawl.peak_mb for m in measured]),
        curve("second run, CPU", "s", [m.again.cpu_s for m in measured]),
        curve("second run, memory", "MB", [m.again.peak_mb for m in measured]),
        curve("database", "MB", [m.database_bytes / 1e6 for m in measured]),
        curve("WARC", "MB", [m.warc_bytes / 1e6 for m in measured]),
        curve("search, a word of most articles", "s", [m.operations["common"][0] for m in measured]),
        curve("search, two phrases", "s", [m.operations["phrases"][0] for m in measured]),
        curve("audit", "s", [m.operations["audit"][0] for m in measured]),
        curve("audit, memory", "MB", [m.operations["audit"][1] for m in measured]),
        curve("export jsonl", "s", [m.operations["export"][0] for m in measured]),
        curve("export jsonl, memory", "MB", [m.operations["export"][1] for m in measured]),
        curve("replica, CPU", "s", [m.server.cpu_s - start.server.cpu_s for m in measured]),
        curve("replica, memory", "MB", [m.server.peak_mb for m in measured]),
    ]


def at_size(articles: int) -> Size:
    with tempfile.TemporaryDirectory() as name:
        with replica(articles) as server:
            task = Task(server.url, Path(name) / "data", Path(name) / "urls")
            task.folder.mkdir()
            crawl, again = (run(csu_news_crawl(task), log=task.log) for _ in range(2))
        operations = {name: operate(name, task.db) for name in OPERATIONS if articles > TINY}
        size = Size(
            articles,
            crawl,
            again,
            task.db.stat().st_size,
            bytes_in(task.folder / "warc"),
            server.requests,
            server.usage,
            operations,
        )
    print(f"  {articles:9,} articles: {_line(size)}", flush=True)
    return size


def operate(operation: str, db: Path) -> tuple[float, float]:
    done = subprocess.run(
        [environment("csu_news").python, HERE / "operations.py", operation, db],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak_mb = json.loads(done.stdout)
    return seconds, peak_mb


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Return b of the power law a·n^b that fits best, by least squares of the logarithms.

    >>> exponent([10, 100, 1000], [2, 20, 200])
    1.0
    """
    xs, ys = [math.log(size) for size in sizes], [math.log(max(value, 1e-9)) for value in values]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    if not spread:
        return math.nan
    return round(sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread, 2)


def _line(size: Size) -> str:
    done = ", ".join(f"{name} {seconds:.3f} s {peak:.0f} MB" for name, (seconds, peak) in size.operations.items())
    return (
        f"crawl {size.crawl.wall_s:.1f} s, {size.crawl.cpu_s:.1f} CPU s, {size.crawl.peak_mb:.0f} MB; again "
        f"{size.again.cpu_s:.1f} CPU s; database {size.database_bytes / 1e6:.1f} MB, "
        f"WARC {size.warc_bytes / 1e6:.1f} MB; {done}; "
        f"replica {size.server.cpu_s / size.requests * 1000:.2f} CPU ms a request, {size.server.peak_mb:.0f} MB"
    )
