"""A lost archive made anew from its WARC files: their records, in the order of their dates, as visits."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from sqlite3 import Row
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from csu_news.archive import Archive
from csu_news.archive.replay import Clock, Replay, WarcFile
from csu_news.errors import EvidenceError
from csu_news.items import Outcome, Record, Visit
from csu_news.judge import MEDIA
from csu_news.pages import PARSER_VERSION
from csu_news.reparse.pool import ordered_map
from csu_news.reparse.reading import Reading, Task, read_tasks
from csu_news.urls import is_article_url, part_number
from csu_news.warc import DamagedRecord, iter_records, repair, seal_file
from csu_news.warc.scan import read_warcinfo, scan
from csu_news.warcinfo import profile, run_number

# News.htm, index.jsp, list.php: pages; style.css, 2024.jpg, form.pdf: not
_PAGE = re.compile(r"\.(?:html?|jsp|php|aspx?|psp)$", re.IGNORECASE)

BATCH = 100
"""Records read by one process at a time, and stored in one transaction."""


@dataclass(slots=True)
class Rebuilt:
    """What was rebuilt; `left` are the records that could not be read: file, offset, url and detail of each."""

    files: int = 0
    records: int = 0
    articles: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def leave(self, file: Path, offset: int | None, url: str | None, detail: str) -> None:
        self.left.append({"file": file.name, "offset": offset, "url": url, "detail": detail})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Entry(NamedTuple):
    """A record to read: when it was written, in which of the files, and where."""

    date: str
    file: int
    offset: int
    url: str


def rebuild(
    db: Path,
    files: Sequence[Path],
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rebuilt:
    """Store what the records of WARC files say in a new archive, or what an interrupted rebuilding lacks.

    Each file must be of our own making: its first record names the site. Files elsewhere are copied to
    warc/ beside the archive.

    errors  EvidenceError: a file cannot be read or names no site; ArchiveError: the archive holds later pages
    """
    started, clock, rebuilt = time.monotonic(), Clock(), Rebuilt()
    with Archive(db, write=True, clock=clock) as archive:
        replay = Replay(archive, clock, PARSER_VERSION)
        known = [_describe(_bring(path, archive.warc_folder)) for path in dict.fromkeys(files)]
        known.sort(key=lambda file: file.opened_at)
        entries = sorted(_index(known, replay, rebuilt))
        if entries:
            _check_order(replay, known, entries)
        ids = [replay.register(file) for file in known]
        _play(replay, known, ids, entries, rebuilt, workers, progress)
        replay.finish()
        (rebuilt.articles,) = archive.connection.execute("select count(*) from articles").fetchone()
    rebuilt.files, rebuilt.seconds = len(known), round(time.monotonic() - started, 1)
    return rebuilt


def _bring(path: Path, folder: Path) -> Path:
    """Return the file as it lies in the archive's folder, sealed; one from elsewhere is copied."""
    target = folder / path.name
    if path.resolve() != target.resolve() and not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.copying")
        shutil.copyfile(path, unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(target)
    if target.name.endswith(".open"):  # of a run that was killed
        repair(target, 0)
        return target.with_name(seal_file(target).name)
    return target


def _describe(path: Path) -> WarcFile:
    """Return what the file's first record says of it."""
    info = read_warcinfo(path)
    site = profile(info)
    if site is None:
        raise EvidenceError(f"{path} does not say which site it holds, so no archive can be rebuilt from it.")
    first = next(iter_records(path))
    software = dict(word.partition("/")[::2] for word in info.get("software", "").split())
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return WarcFile(
        path=path,
        site=site,
        run_number=run_number(info),
        version=software.get("csu-news", "unknown"),
        opened_at=datetime.fromisoformat(first.date),
        size_bytes=path.stat().st_size,
        sha256=sha256,
    )


def _index(files: Sequence[WarcFile], replay: Replay, rebuilt: Rebuilt) -> Iterator[Entry]:
    """Yield the responses and revisits that have no row yet."""
    for number, file in enumerate(files):
        known = replay.known(file.path.name)
        for found in scan(file.path):
            if isinstance(found, DamagedRecord):
                rebuilt.leave(file.path, found.offset, None, f"The record is damaged: {found.reason}.")
            elif found.type in ("response", "revisit") and found.offset not in known:
                yield Entry(found.date, number, found.offset, found.url or "")


def _check_order(replay: Replay, files: Sequence[WarcFile], entries: Iterable[Entry]) -> None:
    first: dict[str, str] = {}
    for entry in entries:
        first.setdefault(files[entry.file].site.name, entry.date)
    for site, date in first.items():
        replay.check_order(site, datetime.fromisoformat(date))


def _play(
    replay: Replay,
    files: Sequence[WarcFile],
    ids: Sequence[tuple[int, int]],
    entries: Sequence[Entry],
    rebuilt: Rebuilt,
    workers: int,
    progress: Callable[[int, int], None],
) -> None:
    with_media = {files[entry.file].site.name for entry in entries if guessed_kind(entry.url) in MEDIA}
    tasks = [_task(files[entry.file], entry, with_media) for entry in entries]
    batches = [range(start, min(start + BATCH, len(tasks))) for start in range(0, len(tasks), BATCH)]
    results = ordered_map(read_tasks, ([tasks[n] for n in batch] for batch in batches), min(workers, len(batches)))
    for batch, readings in zip(batches, results, strict=True):
        with replay.batch():
            for n, reading in zip(batch, readings, strict=True):
                _store(replay, ids[entries[n].file], tasks[n], entries[n], reading, rebuilt)
        progress(batch.stop, len(entries))


def _task(file: WarcFile, entry: Entry, with_media: Collection[str]) -> Task:
    return Task(file.path, entry.offset, guessed_kind(entry.url), file.site, file.site.name in with_media)


def guessed_kind(url: str) -> str:
    """Return what a page probably is known as; when the archive knows better, it is read again as that.

    >>> guessed_kind("http://x.example/info/1083/2209_2.htm"), guessed_kind("http://x.example/News.htm")
    ('part', 'list')
    """
    if is_article_url(url):
        return "part" if part_number(url) else "article"
    name = urlsplit(url).path.rpartition("/")[2]
    return "list" if "." not in name or _PAGE.search(name) else "requisite"


def _store(replay: Replay, ids: tuple[int, int], task: Task, entry: Entry, reading: Reading, rebuilt: Rebuilt) -> None:
    record, (file_id, run_id) = reading.record, ids
    if record is None:
        rebuilt.leave(task.path, entry.offset, entry.url, reading.error or "It cannot be read.")
        return
    rebuilt.records += 1
    page = replay.page(run_id, record, task.kind)
    if page is not None and page["kind"] != task.kind:
        (reading,) = read_tasks([replace(task, kind=page["kind"])])
        record = reading.record or record
    record.warc_file_id = file_id
    if page is None:
        replay.save_robots(run_id, record)
        return
    if record.revisit and record.payload_sha1 == page["payload_sha1"] and record.status == 200:
        record.payload_sha256 = page["payload_sha256"]  # a revisit record has the other digest only
    replay.save(run_id, _visit(page, record, reading))


def _visit(page: Row, record: Record, reading: Reading) -> Visit:
    return Visit(
        page_id=page["id"],
        url=record.url,
        status=record.status,
        record=record,
        outcome=reading.outcome or Outcome.FAILED,
        result=reading.result,
        redirect_url=reading.redirect_url,
        kind=page["kind"],
        requisites=list(reading.requisites),
    )
