"""Print CPU seconds and peak MB of one thing done with an archive, as JSON: `operations.py OPERATION DATABASE`."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from csu_news import exporters
from csu_news.archive import Archive
from csu_news.search import Selection, count, search


def look_for(words: str) -> Callable[[Archive], None]:
    def answer(archive: Archive) -> None:
        selection = Selection(words)
        count(archive.connection, selection)
        list(search(archive.connection, selection, 10))

    return answer


def export(archive: Archive) -> None:
    with Path(os.devnull).open("wb") as stream:
        exporters.write("jsonl", archive.connection, Selection(), stream)


OPERATIONS: dict[str, Callable[[Archive], object]] = {
    "common": look_for("university"),
    "phrases": look_for('"second life of slag" "port ellery"'),
    "audit": lambda archive: archive.audit(),
    "export": export,
}


def best(operation: Callable[[Archive], object], archive: Archive, rounds: int = 3) -> float:
    """Return the CPU seconds of the least disturbed round."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        operation(archive)
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    with Archive(Path(sys.argv[2])) as archive:
        print(
            json.dumps(
                [best(OPERATIONS[sys.argv[1]], archive), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]
            )
        )
