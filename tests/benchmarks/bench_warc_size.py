"""Bytes of WARC for each article, ours against `wget --warc-file` over the same addresses.

Run: python tests/benchmarks/bench_warc_size.py [--articles 1000]
Both ask the same server for the same pages; ours asks for gzip, as a crawl does, so wget is told to as well.
The target is a ratio of at most 1.10.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from bench_crawl import crawl
from measuring import replica


def wget(urls: list[str], folder: Path) -> int:
    """Fetch the addresses with wget; return the size of its WARC file."""
    listed = folder / "urls"
    listed.write_text("\n".join(urls))
    command = ["wget", "-q", "-O", "/dev/null", "-i", str(listed), f"--warc-file={folder / 'wget'}"]
    command += ["--no-warc-keep-log", "--header=Accept-Encoding: gzip", "--delete-after"]
    subprocess.run(command, check=False, timeout=600)
    return (folder / "wget.warc.gz").stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=1000)
    options = parser.parse_args()
    if shutil.which("wget") is None:
        raise SystemExit("wget is not installed")
    with replica(options.articles) as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, urls = crawl(server.url + "News.htm", folder)
        with sqlite3.connect(folder / "a.db") as connection:
            (articles,) = connection.execute("select count(*) from articles").fetchone()
        ours = sum(path.stat().st_size for path in (folder / "warc").iterdir())
        theirs = wget(urls, folder)
    for who, size in (("csu-news", ours), ("wget", theirs)):
        print(f"{who:9} {size / articles:9.0f} bytes of WARC for each of {articles} articles, {len(urls)} records")
    print(f"ratio {ours / theirs:.3f}")


if __name__ == "__main__":
    main()
