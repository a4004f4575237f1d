"""Time per page and memory of a crawl against a bare Scrapy spider that throws everything away.

Run: python tests/benchmarks/bench_crawl.py [--small 1000] [--large 3000] [--rounds 3] [--memory]
Both ask the same server, a process of its own, for the same pages; the figure is the slope between two
sizes, so that starting up does not count. Ratios are what to quote; absolute figures are memory aids.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
from pathlib import Path

from measuring import Usage, replica, run

BARE_SPIDER = """
import sys
from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess

class Bare(Spider):
    name = "bare"
    async def start(self):
        from scrapy import Request
        for url in open(sys.argv[1]):
            yield Request(url.strip(), dont_filter=True)
    def parse(self, response):
        pass

process = AsyncCrawlerProcess({"LOG_LEVEL": "ERROR"})
process.crawl(Bare)
process.start()
"""


def crawl(url: str, folder: Path, *options: str) -> tuple[Usage, list[str]]:
    """Crawl the replica into the folder; return the figures and every address asked for."""
    import sqlite3

    db = folder / "a.db"
    command = [sys.executable, "-m", "csu_news", "crawl", url, "--db", str(db), "--delay", "0", "--no-media", *options]
    figures = run(command)
    with sqlite3.connect(db) as connection:
        urls = [row[0] for row in connection.execute("select url from fetches")]
    return figures, urls


def compare(size: int, concurrency: int) -> dict[str, tuple[float, float, float, int]]:
    with replica(size) as server, tempfile.TemporaryDirectory() as folder:
        options = ("--concurrency", str(concurrency))
        ours, urls = crawl(server.url + "News.htm", Path(folder), *options)
        (Path(folder) / "urls").write_text("\n".join(urls))
        bare = run([sys.executable, "-c", BARE_SPIDER, str(Path(folder) / "urls")])
    return {"csu-news": (*ours, len(urls)), "bare Scrapy": (*bare, len(urls))}


def slope(small: tuple[float, float, float, int], large: tuple[float, float, float, int], what: int) -> float:
    """Return milliseconds for each further page."""
    return (large[what] - small[what]) / (large[3] - small[3]) * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--large", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=1)
    options = parser.parse_args()
    rows: dict[str, list[tuple[float, float]]] = {"csu-news": [], "bare Scrapy": []}
    for _ in range(options.rounds):
        small, large = (compare(size, options.concurrency) for size in (options.small, options.large))
        for name, values in rows.items():
            values.append((slope(small[name], large[name], 0), slope(small[name], large[name], 1)))
    for name, values in rows.items():
        wall, cpu = (statistics.median(column) for column in zip(*values, strict=True))
        print(f"{name:12} {wall:6.2f} ms a page, {cpu:6.2f} ms CPU, slope {options.small} to {options.large} articles")
    ratios = [b[0] / a[0] for a, b in zip(rows["csu-news"], rows["bare Scrapy"], strict=True)]
    print(f"speed against bare Scrapy: {statistics.median(ratios):.2f} (of {', '.join(f'{r:.2f}' for r in ratios)})")
    print(f"(this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB)")


if __name__ == "__main__":
    main()
