"""docs/benchmarks.md: its sections from figures."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from compare import Result, Results
from contestants import CONTESTANTS
from environments import Missing
from growth import Curve

HEAD = """# Benchmarks

What csu-news takes beside what one would take instead, at an invented site of the same CMS, served on the same machine.
Made by one command, which takes some minutes and prints all absolute figures:

```sh
python tests/benchmarks/peers --write docs/benchmarks.md
```

Figures are ratios, csu-news = 1: they carry over to other machines better than seconds. What else a machine does
disturbs pages a second most, and CPU seconds less; each section states the load, and says when it was too much."""

PEERS = """`pages/s`: more is better; of the other figures, less. CPU is for each 1,000 articles, starting up included;
memory the peak of the largest process; disk all that is left, for each article; requests, for each article, as the site
counts them. What is right is compared with the site's model, as a share of all articles there: an article not found has
no right field. `body` is right word for word; `alike`, if 95 % of the words are.

- csu-news crawls with `--delay 0 --no-media`: one request at a time, or 16. It finds articles from two list pages; each
  page is a synced WARC record and a transaction; full text, links and revisions are made, too. A second process reads
  the pages; CPU is that of both.
- The bare Scrapy spider is told the articles' addresses and throws the pages away. Tuned: no middleware, extension or
  log, 16 requests at once, plain asyncio with aiohttp.
- The naive spider follows "next" from article to article, and the list where the chain breaks off; CSS selectors,
  `dateparser.parse`, an upsert by sqlite-utils. It keeps no evidence.
- `wget --mirror --warc-file`, without pictures and attachments, then trafilatura into sqlite-utils. Author or site name
  stand for the source.
- news-please, at a smaller site, and Fundus are told the addresses: news-please's own crawler takes links to an address
  with a port for foreign, and Fundus knows feeds and site maps only. Fundus reads by a parser of ten lines written for
  the site; it knows authors, but no sources."""

BUSY = "**The machine was busy with other work: pages/s and wall seconds say nothing here, to be measured again.**"
STEEP = 1.15
"""The exponent of n log n between 1,000 and 10,000 is 1.12."""
TARGETS = "| target | measured | |\n| --- | ---: | --- |\n"


def busy() -> bool:
    """Tell whether more is going on than a measurement and its server make themselves."""
    return os.getloadavg()[0] > 2 * (os.cpu_count() or 1)


def stamp() -> str:
    cores, python = os.cpu_count(), platform.python_version()
    text = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {cores} cores ({platform.machine()}), {platform.system()}, "
        f"Python {python}, SQLite {sqlite3.sqlite_version}; load average at the end {os.getloadavg()[0]:.1f}."
    )
    return f"{text} {BUSY}" if busy() else text


def target(
    name: str, measured: float, *, least: float | None = None, most: float | None = None, wall: bool = False
) -> str:
    """Return a row of the targets; one of wall time is not judged while the machine is busy."""
    met = (least is None or measured >= least) and (most is None or measured <= most)
    bound = f"at least {least:g}" if least is not None else f"at most {most:g}"
    verdict = "not judged" if wall and busy() else "met" if met else "missed"
    return f"| {name}: {bound} | {measured:.2f} | {verdict} |\n"


def parse(times: dict[str, dict[str, float]]) -> dict[str, str]:
    """Return the section on CPU milliseconds a page, by set of pages and reader."""
    rows = ""
    for pages, ms in times.items():
        rows += target(f"{pages}: `read_page` against lxml's bare parse", ms["read_page"] / ms["lxml"], most=4)
        if "trafilatura" in ms:
            ratio = ms["trafilatura"] / ms["read_page"]
            rows += target(f"{pages}: `trafilatura.extract` against `read_page`", ratio, least=15)
    return {"Reading a page": f"{stamp()} CPU time for each page, the best of six, taken in turns.\n\n{TARGETS}{rows}"}


def peers(small: Results, plain: Results, slow: Results, articles: int, slow_articles: int) -> dict[str, str]:
    versions = ", ".join(sorted({f"{c.name.split(',')[0].split(' --')[0]} {_version(c.version)}" for c in CONTESTANTS}))
    text = f"{stamp()} Versions: {versions}.\n\n{PEERS}\n\n"
    text += f"### Without latency, {articles:,} articles\n\n{table(plain)}\n\n"
    text += f"### With 50 ms latency, {slow_articles:,} articles\n\n{table(slow)}\n\n"
    return {"Peers": f"{text}### Targets\n\n{TARGETS}{''.join(_targets(small, plain, slow))}".rstrip()}


def _version(call: object) -> str:
    try:
        return str(call())  # type: ignore[operator]
    except Missing as missing:
        return f"({missing})"


def table(results: Results) -> str:
    lines = [
        "| | pages/s | CPU | memory | disk | requests | found | title | date | source | body | alike |",
        "| --- | " + " | ".join(["---:"] * 11) + " |",
    ]
    base = results.get("csu-news")
    if not isinstance(base, Result):
        return "csu-news was not measured."
    lines += [f"| {name} | {_cells(result, base)} |" for name, result in results.items()]
    absolute = (
        f"csu-news, = 1: {base.pages_per_s:.0f} pages/s, {base.cpu_s:.1f} CPU s for 1,000 articles, "
        f"{base.usage.peak_mb:.0f} MB, {base.disk_kb:.1f} kB an article. Requests and the rest are not ratios."
    )
    return "\n".join(lines) + f"\n\n{absolute}"


def _cells(result: Result | str, base: Result) -> str:
    if isinstance(result, str):
        return result + " |" * 10
    disk = f"{result.disk_kb / base.disk_kb:.2f}" if result.right else "–"
    right = result.right
    shares = ["–"] * 6 if right is None else [f"{right.found:,}", *(f"{share:.0%}" for share in right[1:])]
    ratios = (
        result.pages_per_s / base.pages_per_s,
        result.cpu_s / base.cpu_s,
        result.usage.peak_mb / base.usage.peak_mb,
    )
    return " | ".join([*(f"{ratio:.2f}" for ratio in ratios), disk, f"{result.requests_per_article:.2f}", *shares])


def _targets(small: Results, plain: Results, slow: Results) -> list[str]:
    """Return the rows of those targets whose contestants were measured; a further page is one without the start."""
    rows = []
    cpu = _rise(small, plain, "csu-news", cpu=True), _rise(small, plain, "wget + trafilatura", cpu=True)
    if cpu[0] and cpu[1]:
        rows.append(target("CPU of each further article, against wget + trafilatura", cpu[0] / cpu[1], most=0.25))
    ours = _rise(small, plain, "csu-news --concurrency 16")
    for name, least in (("bare Scrapy, default settings", 1.0), ("bare Scrapy, tuned", 0.4)):
        theirs = _rise(small, plain, name)
        if ours and theirs:
            rows.append(
                target(
                    f"speed of each further page at 16 requests, against {name}", theirs / ours, least=least, wall=True
                )
            )
    many, chain = slow.get("csu-news --concurrency 16"), slow.get("naive Scrapy spider")
    if isinstance(many, Result) and isinstance(chain, Result):
        ratio = many.articles / many.usage.wall_s / (chain.articles / chain.usage.wall_s)
        rows.append(target("articles/s at 16 requests and 50 ms, against the naive spider", ratio, least=6, wall=True))
    return rows


def _rise(small: Results, large: Results, name: str, *, cpu: bool = False) -> float | None:
    """Return wall seconds of a further page, or CPU seconds of a further article; None if not measured twice."""
    less, more = small.get(name), large.get(name)
    if not isinstance(less, Result) or not isinstance(more, Result) or less.requests == more.requests:
        return None
    if cpu:
        return (more.usage.cpu_s - less.usage.cpu_s) / (more.articles - less.articles)
    return (more.usage.wall_s - less.usage.wall_s) / (more.requests - less.requests)


def growth(sizes: Sequence[int], curves: Sequence[Curve]) -> dict[str, str]:
    head = "| | " + " | ".join(f"{size:,}" for size in sizes) + " | n^ |\n| --- |" + " ---: |" * (len(sizes) + 1)
    rows = [
        f"| {c.name} ({c.unit}) | {' | '.join(_short(value) for value in c.values)} | {c.exponent:.2f} |"
        for c in curves
    ]
    text = (
        f"{stamp()}\n\ncsu-news alone, replicas of so many articles, one request at a time, `--no-media`. `n^` is the "
        "exponent of the power of n that fits best:\n1 is linear, n log n about 1.1, 0 does not grow. Crawls and "
        "replica without what starting up takes; searches, audit\n"
        "and export in CPU seconds, each in a process of its own."
    )
    steep = [c.name for c in curves if c.exponent > STEEP]
    text += f"\nSteeper than n log n: {', '.join(steep) or 'none'}."
    return {"Growth": f"{text}\n\n{head}\n" + "\n".join(rows)}


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def write(path: Path, sections: dict[str, str]) -> None:
    """Put the sections in their places in the page; those it does not have come last."""
    there = dict(_sections(path.read_text(encoding="utf-8"))) if path.exists() else {}
    text = "\n\n".join(f"## {heading}\n\n{body.strip()}" for heading, body in (there | sections).items())
    path.write_text(f"{HEAD}\n\n{text}\n", encoding="utf-8")


def _sections(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^## ([^\n]+)\n\n(.*?)(?=^## |\Z)", text, re.M | re.S)
