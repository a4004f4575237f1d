"""Reaching a scheduler, or starting workers on this machine for as long as they are needed."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from csu_news.errors import ClusterError, UsageError

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
ANSWER_S = 10
NO_DASHBOARD = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


@contextmanager
def connected(address: str, threads: int) -> Iterator[Client]:
    """Give a client of the scheduler at the address, or of workers of our own if that is `local`.

    threads  tasks that each worker of our own does at once
    errors   UsageError: Dask is not installed, or it is no address; ClusterError: no scheduler answers, or it is lost
             while the block works
    """
    try:
        from distributed import Client, LocalCluster
        from distributed.comm import CommClosedError
    except ImportError as error:
        raise UsageError("--dask needs Dask: pip install 'csu-news[cluster]'.") from error
    _hush()
    if address != LOCAL:
        _check_address(address)
    with ExitStack() as stack:
        try:
            if address == LOCAL:
                options = {"silence_logs": logging.CRITICAL + 1, "scheduler_kwargs": NO_DASHBOARD}
                with _deaf():
                    made = LocalCluster(n_workers=os.cpu_count() or 1, threads_per_worker=threads, **options)
                where = stack.enter_context(made)
            else:
                where = address
            client = stack.enter_context(Client(where, timeout=ANSWER_S))
        except (OSError, ValueError, MemoryError) as error:  # what else answers there may name any length
            raise ClusterError(f"No Dask scheduler answers at {address}: start one with `dask scheduler`.") from error
        try:
            yield client
        except (CancelledError, CommClosedError) as error:
            raise ClusterError(
                f"The Dask scheduler at {address} was lost; what was stored is safe: run the same command to go on."
            ) from error


def _check_address(address: str) -> None:
    from distributed.comm import get_address_host_port

    try:
        get_address_host_port(address)
    except ValueError as error:
        raise UsageError(
            f"--dask takes `local`, or an address such as tcp://10.0.0.1:8786, not {address!r}."
        ) from error


@contextmanager
def _deaf() -> Iterator[None]:
    """Have processes that start here ignore Ctrl-C: the one that started them ends them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _hush() -> None:
    """Keep Dask's log off the terminal: what matters is said in one sentence."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def what_it_waits_for(client: Client, address: str) -> str | None:
    """Return a sentence if nobody is there to do the work."""
    if client.nthreads():
        return None
    return f"No worker is at {address} yet, and this waits for one: start it with `dask worker {address}`."


def executor(client: Client) -> tuple[Executor, int]:
    """Return the cluster as an executor, and how many tasks it does at once."""
    return client.get_executor(pure=False, retries=2), max(1, sum(client.nthreads().values()))
