"""What the benchmarks share: a replica in a process of its own, and what a command needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """What a command took; memory is the peak of its largest process."""

    wall_s: float
    cpu_s: float
    peak_mb: float


class Replica:
    """A replica that serves: its address, and once it has ended what it was asked for and took itself."""

    def __init__(self, articles: int, latency_ms: float = 0) -> None:
        options = ["--articles", str(articles), "--language", "en", "--latency-ms", str(latency_ms)]
        self._server = subprocess.Popen(
            [sys.executable, "-m", "csu_news.replica", *options], stdout=subprocess.PIPE, text=True
        )
        assert self._server.stdout is not None
        self.url: str = json.loads(self._server.stdout.readline())["en"]
        self.requests = 0
        self.usage = Usage(0, 0, 0)

    def stop(self) -> None:
        self._server.terminate()
        assert self._server.stdout is not None
        self.requests = json.loads(self._server.stdout.readline() or '{"requests": 0}')["requests"]
        _, _, used = os.wait4(self._server.pid, 0)
        self._server.returncode = 0
        self.usage = Usage(0, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


@contextmanager
def replica(articles: int, latency_ms: float = 0) -> Iterator[Replica]:
    """Serve a replica of that size until the block ends."""
    server = Replica(articles, latency_ms)
    try:
        yield server
    finally:
        server.stop()


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    accepted: Sequence[int] = (0,),
    log: Path | None = None,
) -> Usage:
    """Return what a command took, children that it waited for included; its exit code must be an accepted one."""
    started = time.monotonic()
    with (log or Path(os.devnull)).open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output if log else None, env=env, cwd=cwd)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        said = f": {log.read_text(errors='replace').strip().splitlines()[-1:]}" if log else ""
        raise SystemExit(f"{' '.join(map(str, command))[:200]} ended with {process.returncode}{said}")
    return Usage(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def bytes_in(folder: Path) -> int:
    """Return the size of all files below the folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
