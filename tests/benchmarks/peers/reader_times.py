"""Print CPU milliseconds a page of a reader over saved pages, the best of some rounds: `reader_times.py READER FOLDER`.

READER is lxml (a bare parse), read_page or trafilatura; it runs in whatever environment has it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 3


def reader(name: str) -> Callable[[bytes], Any]:
    if name == "lxml":
        from lxml.html import document_fromstring

        return document_fromstring
    if name == "trafilatura":
        import trafilatura

        return trafilatura.extract
    from csu_news.pages import read_page

    return lambda body: read_page(body, "http://www.example.edu.cn/info/1083/2209.htm")


def best(read: Callable[[bytes], Any], body: bytes) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        read(body)
        times.append(time.process_time() - start)
    return min(times)


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.htm*")) if path.stat().st_size > 1000]


if __name__ == "__main__":
    read, pages = reader(sys.argv[1]), [path.read_bytes() for path in _files(Path(sys.argv[2]))]
    print(sum(best(read, page) for page in pages) / len(pages) * 1000)
