"""Records read again, in whichever process: evidence in, what the page says out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from csu_news.errors import EvidenceError
from csu_news.items import Outcome, Record
from csu_news.judge import LONGEST_BODY_BYTES, Result, decoded_body
from csu_news.reading import Page, read
from csu_news.sites import SITES, Site
from csu_news.warc import StoredResponse, read_response
from csu_news.warc.scan import read_warcinfo
from csu_news.warcinfo import profile


@dataclass(frozen=True, slots=True)
class Task:
    """A record to read.

    kind  of its page
    site  for a file that does not say its own
    requisites  whether to look for what a browser needs to show an article's page
    """

    path: Path
    offset: int
    kind: str
    site: Site
    requisites: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record says now; `error`: why it cannot be read, and then the rest is None."""

    record: Record | None = None
    outcome: Outcome | None = None
    result: Result = None
    redirect_url: str | None = None
    requisites: tuple[str, ...] = ()
    error: str | None = None


def read_tasks(tasks: Sequence[Task]) -> list[Reading]:
    """Read records; one that is damaged says so in its place."""
    return [_read(task) for task in tasks]


def file_site(path: Path) -> Site | None:
    """Return the profile that a file was written with, or today's profile of that site; None when it names none.

    errors  EvidenceError: the file does not start with a whole warcinfo record, or that names no site
    """
    site = profile(read_warcinfo(path))
    return SITES.get(site.name, site) if site else None


@lru_cache(maxsize=1000)
def _site(path: Path) -> Site | None:
    try:
        return file_site(path)
    except EvidenceError:
        return None


def _today(site: Site, known: Site) -> Site:
    """Return the profile a record was written with, and where the archive knows that the site is today."""
    if not known.former_hosts:
        return site
    return replace(site, base_url=known.base_url, hosts=known.hosts, former_hosts=known.former_hosts)


def _read(task: Task) -> Reading:
    try:
        response = read_response(task.path, task.offset)
    except EvidenceError as error:
        return Reading(error=str(error))
    record = _record(response)
    body = decoded_body(record, response.body, response.header("Content-Encoding"), LONGEST_BODY_BYTES)
    site = _today(_site(task.path) or task.site, task.site)
    said = read(Page(record, body, task.kind, site, task.requisites))
    location = response.header("Location")
    redirect = urljoin(record.url, location) if said.outcome is Outcome.REDIRECT and location else None
    return Reading(said.record, said.outcome, said.result, redirect, tuple(said.requisites))


def _record(response: StoredResponse) -> Record:
    """Return the answer as the crawl had it, but for the place of its evidence."""
    status = response.status
    if response.type == "revisit":
        not_modified = response.fields.get("warc-profile", "").endswith("/server-not-modified")
        status = 304 if not_modified else 200
    return Record(
        url=response.url or "",
        fetched_at=datetime.fromisoformat(response.date),
        status=status,
        content_type=response.header("Content-Type"),
        size_bytes=response.size_bytes,
        etag=response.header("ETag"),
        last_modified=response.header("Last-Modified"),
        payload_sha1=response.payload_sha1,
        payload_sha256=response.payload_sha256,
        warc_offset=response.offset,
        warc_length=response.length,
        warc_record_id=response.record_id,
        truncated=response.truncated,
        revisit=response.type == "revisit",
    )
