"""All contestants on one replica: what each took, stored and got right."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from contestants import CONTESTANTS, Contestant, Task
from environments import Missing
from fields import Right, judge
from measuring import Usage, bytes_in, replica

from csu_news.replica import ReplicaSite


class Result(NamedTuple):
    """One contestant's figures; `articles` is what it found, or was told, of all."""

    usage: Usage
    requests: int
    articles: int
    disk_bytes: int
    right: Right | None
    server: Usage

    @property
    def pages_per_s(self) -> float:
        return self.requests / self.usage.wall_s

    @property
    def cpu_s(self) -> float:
        """CPU seconds for each 1,000 articles."""
        return self.usage.cpu_s / self.articles * 1000

    @property
    def requests_per_article(self) -> float:
        return self.requests / self.articles

    @property
    def disk_kb(self) -> float:
        return self.disk_bytes / self.articles / 1000


Results = dict[str, Result | str]
"""By contestant; a string is why there are no figures."""


def measure(contestant: Contestant, articles: int, latency_ms: float) -> Result:
    """Return the figures of a contestant at a replica of its own.

    errors  Missing: it cannot be run here
    """
    contestant.version()  # an environment is made before the clock runs
    with tempfile.TemporaryDirectory() as name:
        with replica(articles, latency_ms) as server:
            task = _task(server.url, Path(name), articles)
            usage = contestant.run(task)
        right = judge(contestant.rows(task), articles) if contestant.stores else None
        found = right.found if right else articles
        if not found:
            raise Missing("found no article")
        return Result(usage, server.requests, found, bytes_in(task.folder), right, server.usage)


def _task(url: str, folder: Path, articles: int) -> Task:
    task = Task(url, folder / "data", folder / "urls")
    task.folder.mkdir()
    paths = [article["path"] for article in ReplicaSite("en", articles).articles()]
    task.urls.write_text("\n".join(url.rstrip("/") + path for path in paths))
    return task


def compare(articles: int, latency_ms: float, only: Sequence[str] = (), slow_articles: int | None = None) -> Results:
    """Measure one after the other, printing each.

    only           those whose names hold one of the words
    slow_articles  so many for those that take minutes; None leaves them out
    """
    print(f"{articles:,} articles, {latency_ms:g} ms latency", flush=True)
    results: Results = {}
    for contestant in CONTESTANTS:
        size = min(articles, slow_articles or 0) if contestant.slow else articles
        if (only and not any(word in contestant.name for word in only)) or not size:
            continue
        name = contestant.name if size == articles else f"{contestant.name} ({size:,} articles)"
        try:
            results[name] = measure(contestant, size, latency_ms)
        except Missing as missing:
            results[name] = str(missing)
        print(f"  {name:28} {_line(results[name])}", flush=True)
    return results


def _line(result: Result | str) -> str:
    if isinstance(result, str):
        return result
    right = result.right
    shares = "" if right is None else " ".join(f"{share:5.0%}" for share in right[1:])
    return (
        f"{result.pages_per_s:6.0f} pages/s {result.cpu_s:6.1f} CPU s/1,000 {result.usage.peak_mb:5.0f} MB "
        f"{result.requests_per_article:5.2f} requests {result.disk_kb:6.1f} kB  {shares}"
    )
