"""Pages read in a process of their own say what they say here, whatever becomes of that process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from copy import deepcopy
from datetime import UTC, datetime

import pytest

from csu_news.items import Record
from csu_news.reading import FEW, Page, PageReader, Reading, read
from csu_news.replica import ReplicaSite
from csu_news.replica.routes import reply_to

MANY = FEW + 60


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    """Return articles of the replica, and at the end an empty answer and a page that is none."""
    site = ReplicaSite("en", articles=MANY, seed=3)
    profile, now = site.profile(), datetime(2026, 3, 1, tzinfo=UTC)
    paths = [site.path_of(number) for number in range(MANY)]
    bodies = [(path, reply_to(site, path).body) for path in paths] + [("/info/1/1.htm", b""), ("/info/1/2.htm", b"no")]
    base = site.base_url.rstrip("/")
    return [Page(Record(base + path, now, 200), body, "article", profile, True) for path, body in bodies]


async def read_all(pages: list[Page], reader: PageReader, kill_at: int | None = None) -> list[Reading]:
    """Read all at once, as a crawl asks for them; kill the other process when so many are there."""

    async def one(number: int, page: Page) -> Reading:
        reading = await reader.read(page)
        if number == kill_at:
            assert reader._process is not None
            reader._process.kill()
        return reading

    numbered = list(enumerate(deepcopy(pages)))
    first = [await one(number, page) for number, page in numbered[:FEW]]
    rest = await asyncio.gather(*(one(number, page) for number, page in numbered[FEW:]))
    await reader.close()
    return first + rest


@pytest.mark.parametrize("kill_at", [None, FEW, FEW + 20])
def test_pages_say_the_same_apart_also_if_their_reader_is_killed(pages: list[Page], kill_at: int | None) -> None:
    here = [read(page) for page in deepcopy(pages)]
    assert here[-2].record.error == "empty answer"
    assert asyncio.run(read_all(pages, PageReader(apart=True), kill_at)) == here


def test_few_pages_start_no_process(pages: list[Page]) -> None:
    reader = PageReader(apart=True)
    asyncio.run(read_all(pages[: FEW - 1], reader))
    assert reader._process is None


def test_process_ends_with_its_input() -> None:
    program = (sys.executable, "-c", "from csu_news.reading import main; main()")
    for left in (b"", b"\0\0\0", b"\0" * 7 + b"\x09abc"):  # whoever wrote was killed, in a message too
        done = subprocess.run(program, input=left, capture_output=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
