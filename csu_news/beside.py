"""What the crawls of several sites into one archive share: each other, and the turns at a host that two of them ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


class Turns:
    """At one host: so many requests at once, and each so long after the one before, whichever site it is for."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._last = float("-inf")

    @asynccontextmanager
    async def turn(self, delay_s: float) -> AsyncIterator[None]:
        async with self._free:
            now = asyncio.get_running_loop().time
            if (wait_s := self._last + delay_s - now()) > 0:
                await asyncio.sleep(wait_s)
            self._last = now()
            yield


@dataclass
class Beside:
    """Shared by the spiders of one run; `schedulers` are those of the sites that are not done."""

    schedulers: list[Any] = field(default_factory=list)
    hosts: dict[str, Turns] = field(default_factory=dict)

    def turns(self, host: str, at_once: int) -> Turns:
        if host not in self.hosts:
            self.hosts[host] = Turns(at_once)
        return self.hosts[host]
