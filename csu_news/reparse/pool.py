"""Work spread over processes, here or on other machines, results in order."""

from __future__ import annotations

import multiprocessing
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from types import ModuleType
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

_AHEAD = 3
"""Chunks in hand for each worker: enough that none waits, few enough that results do not pile up."""


def ordered_map(
    function: Callable[[A], B], chunks: Iterable[A], workers: int, executor: Executor | None = None
) -> Iterator[B]:
    """Yield function(chunk) for each chunk, in order; with one worker in this process, or by an executor."""
    if executor is not None:
        yield from _map(function, chunks, workers, executor)
    elif workers <= 1:
        yield from map(function, chunks)
    else:
        # spawned, not forked: the parent holds an open database and, on a terminal, a thread that draws the bar
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield from _map(function, chunks, workers, pool)


def _map(function: Callable[[A], B], chunks: Iterable[A], workers: int, executor: Executor) -> Iterator[B]:
    source = iter(chunks)
    with _no_main():
        waiting = deque(executor.submit(function, chunk) for chunk in islice(source, workers * _AHEAD))
    while waiting:
        done = waiting.popleft().result()
        waiting.extend(executor.submit(function, chunk) for chunk in islice(source, 1))
        yield done


@contextmanager
def _no_main() -> Iterator[None]:
    """Let the processes that start here leave the main module alone.

    Each would import it, and with it the whole command line: half a second of work for nothing.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
