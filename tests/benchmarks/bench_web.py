"""How fast our pages are beside stock Datasette's table page: `python tests/benchmarks/bench_web.py`.

Archives of 8,000 and 100,000 articles, as bench_search.py makes them. Home, a search, and a reading page are asked for
in turn with the table page of `articles` with three facets, as Datasette is without a plugin or setting; all in
one process, without a network. Uncached: somebody commits before each request, so that nothing made before is of use.
Cached: the same address again. Figures are milliseconds, and shares of the table page's 95th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from bench_search import Writer, fill
from datasette.app import Datasette

from csu_news.web import ArchiveSite

STOCK = "/{}/articles?_facet=language&_facet=column_id&_facet=status"
MOST_SHARE = 1 / 3
MOST_BYTES = 60_000


class Measured(NamedTuple):
    """Milliseconds and bytes of each answer."""

    kind: str
    uncached: list[tuple[float, int]]
    cached: list[tuple[float, int]]


def addresses(writer: Writer, articles: int) -> Iterator[tuple[str, list[str]]]:
    """Yield kinds of pages, and addresses of each."""
    ranks = range(5, 2000, 97)
    yield "home", ["/"]
    yield "search, no words", [f"/-/search?language={language}" for language in ("en", "zh")]
    yield "search, English", [f"/-/search?q={writer.english[rank]}+{writer.english[rank // 2]}" for rank in ranks]
    yield "search, Chinese", [f"/-/search?q={writer.chinese[rank]}" for rank in ranks]
    yield "article", [f"/-/article/csu-{number}" for number in range(1, articles, articles // 20)]


async def compare(path: Path, writer: Writer, articles: int, rounds: int) -> bool:
    """Print the figures for an archive, and return whether they are good enough."""
    site, stock = ArchiveSite(path), Datasette([str(path)], memory=False)
    await stock.invoke_startup()
    writing = sqlite3.connect(path, isolation_level=None)
    tables: list[float] = []
    pages: list[Measured] = []
    try:
        for kind, paths in addresses(writer, articles):
            measured = Measured(kind, [], [])
            for turn in range(rounds):
                if turn % 4 == 0:
                    tables.append((await timed(stock, STOCK.format(path.stem)))[0])
                writing.execute("update sites set title = ?", (f"Site {turn}",))
                for times in (measured.uncached, measured.cached):
                    times.append(await timed(site, paths[turn % len(paths)]))
            pages.append(measured)
    finally:
        writing.close()
        site.close()
    print(f"table page        {median(tables):7.1f} /{p95(tables):7.1f}")
    return all([report(measured, p95(tables)) for measured in pages])


async def timed(site: Datasette, path: str) -> tuple[float, int]:
    """Return the milliseconds of an answer, and its bytes."""
    start = time.perf_counter()
    answer = await site.client.get(path)
    taken = (time.perf_counter() - start) * 1e3
    assert answer.status_code == 200, answer.text[:500]
    return taken, len(answer.content)


def p95(times: list[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1]


def report(measured: Measured, table: float) -> bool:
    uncached, cached = ([ms for ms, _ in times] for times in (measured.uncached, measured.cached))
    size = max(size for _, size in measured.uncached)
    is_good = p95(uncached) <= table * MOST_SHARE and size <= MOST_BYTES
    missed = "" if is_good else "  MISSED"
    print(
        f"{measured.kind:17} {median(uncached):7.1f} /{p95(uncached):7.1f}, share {p95(uncached) / table:5.3f};"
        f" cached {median(cached):5.1f} /{p95(cached):6.1f}, share {p95(cached) / table:5.3f};"
        f" {size / 1e3:4.1f} kB{missed}"
    )
    return is_good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[8_000, 100_000])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="keep the archives there, and use those that are there")
    arguments = parser.parse_args()
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        for articles in arguments.articles:
            path = (arguments.folder or Path(folder)) / f"web{articles}.db"
            writer = Writer(1)
            if not path.exists():
                fill(path, writer, articles)
            print(f"{articles:,} articles, {path.stat().st_size / 1e6:,.0f} MB; median / p95 in ms")
            is_good &= asyncio.run(compare(path, writer, articles, arguments.rounds))
    raise SystemExit(not is_good)


if __name__ == "__main__":
    main()
