"""One site, crawled where a worker is: by `csu-news crawl` in a process of its own, alone on the site's hosts.

A reactor cannot be started twice in one process, and a crawl that is killed must not take its worker along.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import IO, Any

from csu_news.cluster import child
from csu_news.errors import ArchiveLocked

PACKAGE = "csu-news"
POLL_S = 0.2
WAIT_S = 60
"""For how long an archive may be held by a crawl that is just dying with its worker."""
STOP_S = 10
"""How long a crawl that nobody wants any more has to come to a clean end."""


@dataclass(frozen=True, slots=True)
class SiteTask:
    """A site to crawl; `db` and the files in `arguments` have the same paths on every machine.

    hosts    that no other task may ask while this one does
    version  of the program that hands it out
    """

    site: str
    db: str
    arguments: tuple[str, ...]
    hosts: tuple[str, ...]
    version: str = version(PACKAGE)


class Killed(Exception):
    """The crawl's process was killed: it is tried again, and goes on where it was."""


def crawl_site(task: SiteTask) -> dict[str, Any]:
    """Crawl the site, in a worker; return `site`, `exit_code`, `error`, and what the crawl printed as JSON."""
    if task.version != version(PACKAGE):
        said = f"{socket.gethostname()} has version {version(PACKAGE)}, and this is {task.version}: install one."
        return {"site": task.site, "exit_code": 1, "error": said}
    with _alone(task.hosts):
        ends = time.monotonic() + WAIT_S
        while True:
            code, printed, said = _run(task)
            if code != ArchiveLocked.exit_code or time.monotonic() > ends or not _is_wanted():
                break
            time.sleep(1)
    if code < 0:
        raise Killed(f"The crawl of {task.site} was killed by signal {-code}.")
    document = json.loads(printed) if printed.startswith("{") else {}
    return document | {"site": task.site, "exit_code": code, "error": _error(said, bool(document)) if code else None}


@contextmanager
def _alone(hosts: Sequence[str]) -> Iterator[None]:
    """Hold the cluster's locks of these hosts, taken in one order, so that no two tasks wait for each other."""
    from distributed import Lock

    with ExitStack() as stack:
        for host in sorted(hosts):
            lock = Lock(f"csu-news {host}")
            while not lock.acquire(timeout=POLL_S):
                if not _is_wanted():
                    raise Killed("Nobody waits for this task any more.")
            stack.callback(_release, lock)
        yield


def _release(lock: Any) -> None:
    with suppress(Exception):  # the scheduler may be gone, and with it the lock
        lock.release()


def _run(task: SiteTask) -> tuple[int, str, str]:
    """Run the crawl until it ends or is no longer wanted; return its exit code, output and errors."""
    crawl = [sys.executable, "-m", "csu_news", "crawl", task.site, "--db", task.db, "--json", *task.arguments]
    command = [sys.executable, str(child.__file__), str(os.getpid()), *crawl]
    environment = {name: value for name, value in os.environ.items() if name != "CSU_NEWS_NOTIFY"}
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=printed, stderr=said, start_new_session=True, env=environment
        ) as process:
            while process.poll() is None:
                time.sleep(POLL_S)
                if not _is_wanted():
                    _stop(process)
        return process.returncode, _text(printed), _text(said)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_S)
    process.kill()


def _is_wanted() -> bool:
    """Tell whether this worker is at work for its scheduler, and somebody still waits for this task."""
    from distributed import Status, get_worker
    from distributed.worker import thread_state

    worker = get_worker()
    task = worker.state.tasks.get(thread_state.key)
    return worker.status is Status.running and task is not None and task.state == "executing"


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _error(said: str, is_told: bool) -> str | None:
    """Return the error among what a crawl said; of one that told nothing of its run, the last line of a traceback."""
    lines = [line for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    if errors or is_told:
        return errors[-1] if errors else None
    return lines[-1] if lines else None
