"""Work spread over processes, results in order."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

_AHEAD = 3
"""Chunks in hand for each worker: enough that none waits, few enough that results do not pile up."""


def ordered_map(function: Callable[[A], B], chunks: Iterable[A], workers: int) -> Iterator[B]:
    """Yield function(chunk) for each chunk, in order; with one worker in this process."""
    if workers <= 1:
        yield from map(function, chunks)
        return
    # spawned, not forked: the parent holds an open database and, on a terminal, a thread that draws the bar
    context = multiprocessing.get_context("spawn")
    source = iter(chunks)
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: deque[Future[B]] = deque(pool.submit(function, chunk) for chunk in islice(source, workers * _AHEAD))
        while waiting:
            done = waiting.popleft().result()
            waiting.extend(pool.submit(function, chunk) for chunk in islice(source, 1))
            yield done
