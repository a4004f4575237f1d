"""Handing out sites: a task for each, never two at once that share a host."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from csu_news.cluster.task import SiteTask, crawl_site

if TYPE_CHECKING:
    from distributed import Client, Future

RETRIES = 3


def crawl_sites(
    client: Client, tasks: Sequence[SiteTask], progress: Callable[[int, int], None] = lambda done, total: None
) -> list[dict[str, Any]]:
    """Crawl the sites on the cluster; return what each came to, in the order of the tasks: see task.crawl_site().

    A task whose worker dies is done by another. Tasks that share a host wait here, so that no worker waits for them.

    errors  CancelledError: the scheduler is lost
    """
    from distributed import wait

    waiting, running = list(tasks), dict[Any, SiteTask]()
    results: dict[str, dict[str, Any]] = {}
    while waiting or running:
        busy = {host for task in running.values() for host in task.hosts}
        for task in list(waiting):
            if busy.isdisjoint(task.hosts):
                busy.update(task.hosts)
                waiting.remove(task)
                running[_submit(client, task)] = task
        for future in wait(list(running), return_when="FIRST_COMPLETED").done:
            task = running.pop(future)
            results[task.site] = _result(future, task)
            progress(len(results), len(tasks))
    return [results[task.site] for task in tasks]


def _submit(client: Client, task: SiteTask) -> Future:
    return client.submit(crawl_site, task, key=f"crawl-{task.site}-{uuid.uuid4().hex}", pure=False, retries=RETRIES)


def _result(future: Future, task: SiteTask) -> dict[str, Any]:
    from distributed import KilledWorker

    try:
        return dict(future.result())
    except CancelledError:
        raise
    except KilledWorker as error:
        died = f"{error.allowed_failures + 1} workers died of it, the last at {error.last_worker.address}"
        return {"site": task.site, "exit_code": 1, "error": f"It is given up: {died}, whose log may tell why."}
    except Exception as error:  # of Dask, which gave a task up, or a bug in the worker
        sentence = str(error).splitlines()[0] if str(error) else type(error).__name__
        return {"site": task.site, "exit_code": 1, "error": sentence}
