"""Serve replica sites over HTTP, one port each, from a thread of their own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple

from aiohttp import web

from csu_news.replica.faults import FAULTS, Plan, take
from csu_news.replica.model import ReplicaSite
from csu_news.replica.replies import Reply, finish
from csu_news.replica.routes import reply_to


class Request(NamedTuple):
    """One request as the server saw it; `time` is monotonic, `status` 0 when a fault cut the wire."""

    time: float
    site: ReplicaSite
    method: str
    path: str
    status: int
    conditional: bool


class ReplicaServer:
    """A running server: `with ReplicaServer([site]) as server: server.urls[0]`.

    `requests` is the log of requests in the order they were answered, empty with log=False;
    `count` counts in any case, `most_at_once` says how many requests a site had at the same time.
    """

    def __init__(
        self,
        sites: ReplicaSite | Sequence[ReplicaSite],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        latency_s: float = 0.0,
        log: bool = True,
    ) -> None:
        self.sites = [sites] if isinstance(sites, ReplicaSite) else list(sites)
        self.host, self.port, self.latency_s, self.log = host, port, latency_s, log
        self.urls: list[str] = []
        self.clear()
        self._active = dict.fromkeys(map(id, self.sites), 0)
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The first site's address."""
        return self.urls[0]

    def clear(self) -> None:
        """Forget the requests so far."""
        self.requests: list[Request] = []
        self.count = 0
        self.most_at_once: dict[int, int] = {}

    def paths(self, site: ReplicaSite | None = None) -> list[str]:
        """Return the paths asked for, of one site or all."""
        return [r.path for r in self.requests if site is None or r.site is site]

    # -- life --------------------------------------------------------------------------------

    def start(self) -> ReplicaServer:
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name="replica", daemon=True)
        self._thread.start()
        started.wait()
        if not self.urls:
            self._thread.join()
            raise OSError(f"The replica cannot listen on {self.host}:{self.port}.")
        return self

    def stop(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def __enter__(self) -> ReplicaServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve(started))
        finally:
            started.set()
            self._loop.run_until_complete(_end_tasks())  # what hangs, and connections left open
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _serve(self, started: threading.Event) -> None:
        self._stopping = asyncio.Event()
        runners = []
        try:
            for number, site in enumerate(self.sites):
                runners.append(await self._listen(site, self.port + number if self.port else 0))
        except OSError:
            self.urls.clear()
            self._stopping.set()
        started.set()
        await self._stopping.wait()
        for runner in runners:
            await runner.cleanup()

    async def _listen(self, site: ReplicaSite, port: int) -> web.ServerRunner:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return await self._answer(site, request)

        runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, self.host, port).start()
        address = runner.addresses[0]
        site.base_url = f"http://{address[0]}:{address[1]}/"
        self.urls.append(site.base_url)
        return runner

    # -- answering ---------------------------------------------------------------------------

    async def _answer(self, site: ReplicaSite, request: web.BaseRequest) -> web.StreamResponse:
        self._active[id(site)] += 1
        self.most_at_once[id(site)] = max(self.most_at_once.get(id(site), 0), self._active[id(site)])
        status = 0
        try:
            path = request.raw_path
            await self._wait(site, path)
            response, status = await self._respond(site, request, path)
            return response
        finally:
            self._active[id(site)] -= 1
            self._note(site, request, status)

    async def _wait(self, site: ReplicaSite, path: str) -> None:
        delay = (
            self.latency_s + site.delays.get("*", 0.0) + site.delays.get(path, 0.0) if site.delays else self.latency_s
        )
        if delay:
            await asyncio.sleep(delay)

    async def _respond(self, site: ReplicaSite, request: web.BaseRequest, path: str) -> tuple[web.StreamResponse, int]:
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"}), 405
        page = reply_to(site, path)
        plan = take_plan(site, path) if site.plans else None
        if plan is not None:
            try:
                broken = await FAULTS[plan.fault](request, page, **plan.options)
            except ConnectionError:  # the client has had enough
                return web.Response(), 0
            return broken, 0 if request.transport is None or request.transport.is_closing() else broken.status
        reply = finish(page, request.headers)
        return _response(reply), reply.status

    def _note(self, site: ReplicaSite, request: web.BaseRequest, status: int) -> None:
        self.count += 1
        if self.log:
            conditional = "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
            self.requests.append(Request(time.monotonic(), site, request.method, request.raw_path, status, conditional))


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def take_plan(site: ReplicaSite, path: str) -> Plan | None:
    """Return the fault for this request, counted down: the exact path, then `/info/*`, then `*`."""
    with site.lock:
        for key in (path, *(k for k in site.plans if k.endswith("/*") and path.startswith(k[:-1])), "*"):
            plan = take(site.plans.get(key, []))
            if plan is not None:
                return plan
    return None


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body or None, headers=reply.headers)
