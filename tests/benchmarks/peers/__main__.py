"""csu-news beside what one would take instead, and by itself as archives grow.

python tests/benchmarks/peers [--write docs/benchmarks.md] [--parts peers parse growth] [--articles 1000]
    [--latency-articles 1000] [--sizes 1000 10000] [--only NAME…]

A part that is measured takes the place of its section in the page; the others stay. Peers that need other
libraries get environments of their own, in build/peers.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import page
from compare import compare
from environments import ROOT, Missing, environment
from growth import grow

from csu_news.replica import ReplicaSite
from csu_news.replica.replies import finish
from csu_news.replica.routes import reply_to

HERE = Path(__file__).parent
LATENCY_MS = 50
PAGES = 100
READERS = ("lxml", "read_page", "trafilatura")
TURNS = 2
REAL = Path(os.environ.get("CSU_NEWS_REAL_PAGES", ROOT.parent / "shared" / "real"))


def parse_times() -> dict[str, dict[str, float]]:
    """Return CPU milliseconds a page of each reader, over the replica's pages and over real ones, if there are some."""
    times = {}
    with tempfile.TemporaryDirectory() as folder:
        site = ReplicaSite("en", PAGES)
        for article in site.articles():
            reply = finish(reply_to(site, article["path"]), {})
            (Path(folder) / f"{article['news_id']}.htm").write_bytes(reply.body)
        times["replica's articles"] = _times(Path(folder))
    if REAL.is_dir():
        times["real pages"] = _times(REAL)
    return times


def _times(folder: Path) -> dict[str, float]:
    """Take the readers in turns, since other work on the machine comes and goes; the best counts."""
    times: dict[str, float] = {}
    for reader in READERS * TURNS:
        try:
            python = environment("trafilatura" if reader == "trafilatura" else "csu_news").python
        except Missing as missing:
            print(f"  {reader} {missing}", flush=True)
            continue
        command = [python, "-W", "ignore", HERE / "reader_times.py", reader, folder]
        ms = float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        times[reader] = min(ms, times.get(reader, ms))
        print(f"  {reader} {ms:.2f} ms", flush=True)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--latency-articles", type=int, default=1000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument(
        "--parts", nargs="+", choices=("peers", "parse", "growth"), default=["peers", "parse", "growth"]
    )
    parser.add_argument("--only", nargs="+", default=[], help="contestants whose names hold one of these words")
    parser.add_argument("--write", type=Path, help="the page whose sections are to be written anew")
    options = parser.parse_args()
    sections: dict[str, str] = {}
    if "parse" in options.parts:
        sections |= page.parse(parse_times())
    if "peers" in options.parts:
        small = compare(options.articles // 10, 0, ["csu-news", "bare", "wget"])
        plain = compare(options.articles, 0, options.only, options.latency_articles)
        slow = compare(options.latency_articles, LATENCY_MS, options.only)
        sections |= page.peers(small, plain, slow, options.articles, options.latency_articles)
    if "growth" in options.parts:
        sections |= page.growth(options.sizes, grow(options.sizes))
    if options.write:
        page.write(options.write, sections)
    else:
        print("\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections.items()))


if __name__ == "__main__":
    main()
