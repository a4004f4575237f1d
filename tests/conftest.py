"""Fixtures of the tests that crawl: servers in threads, archives in folders of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from driving import Inbox, Ran, profiled, run

from csu_news.replica import ReplicaServer, ReplicaSite

collect_ignore = ["benchmarks/peers"]  # scripts, some of them for libraries that we do without


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which `csu-news demo` has run, as the documents' examples suppose."""
    folder = tmp_path_factory.mktemp("demo")
    assert run("demo", cwd=folder).code == 0
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[..., ReplicaServer]]:
    """Return a function that serves replicas until the test ends."""
    with ExitStack() as stack:

        def start(*sites: ReplicaSite) -> ReplicaServer:
            return stack.enter_context(ReplicaServer(list(sites)))

        yield start


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return where the test's archive is."""
    return tmp_path / "archive.db"


@pytest.fixture
def crawl(db: Path) -> Callable[..., Ran]:
    """Return a function that crawls in a process of its own: addresses, or replicas by their profile; options."""

    def start(*targets: str | ReplicaSite, options: tuple[str, ...] = ()) -> Ran:
        replicas = [target for target in targets if isinstance(target, ReplicaSite)]
        names = [target if isinstance(target, str) else target.profile().name for target in targets]
        arguments = ("crawl", *names, "--db", str(db), "--delay", "0", "--json", *options)
        return run(*arguments, command=profiled(*replicas)) if replicas else run(*arguments)

    return start


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()
