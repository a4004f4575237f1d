"""What the tests of the pages share: an archive's site asked without a network, and an archive worth reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from test_archive import Bench

from csu_news.archive.curation import withhold
from csu_news.items import Outcome
from csu_news.warc import Exchange
from csu_news.web import ArchiveSite

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SECRET = "confidential"


class Reader:
    """Asks a site as a browser would; redirects are not followed."""

    def __init__(self, db: Path, **options: Any) -> None:
        self.site = ArchiveSite(db, **options)
        self._runner = asyncio.Runner()

    def get(self, path: str, method: str = "GET", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._runner.run(getattr(self.site.client, method.lower())(path, headers=named))

    def text(self, path: str, status: int = 200, **headers: str) -> str:
        answer = self.get(path, **headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return str(answer.text)

    def close(self) -> None:
        self._runner.close()
        self.site.close()


@contextmanager
def reading(db: Path, **options: Any) -> Iterator[Reader]:
    reader = Reader(db, **options)
    try:
        yield reader
    finally:
        reader.close()


def store_file(bench: Bench, url: str, body: bytes, content_type: str = "image/png") -> None:
    """Fetch a picture or attachment of an article that was visited: its record, its row."""
    exchange = Exchange(
        url, "GET", [], 200, "HTTP/1.1", [(b"Content-Type", content_type.encode())], body, fetched_at=bench.now
    )
    file_id, location = bench.run.evidence.append(exchange)
    bench.visit(
        url,
        outcome=Outcome.MEDIA,
        content_type=content_type,
        payload_sha256=location.payload_sha256,
        warc_file_id=file_id,
        warc_offset=location.offset,
        warc_length=location.length,
        warc_record_id=location.warc_record_id,
    )


def hide(bench: Bench, key: str) -> None:
    withhold(bench.archive.connection, key, "asked to", bench.now)
