"""A snapshot: the archive as a folder to publish and to cite, with its data in the formats that others read.

The database is copied first, as it is at one moment, and cleaned of what is not to be published; all else is read from
that copy. One state of an archive gives the same bytes, but for the time of creation.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from csu_news.archive import Archive
from csu_news.archive.database import timestamp
from csu_news.archive.publishing import write_publishable
from csu_news.errors import UsageError
from csu_news.exporters import loaded, write
from csu_news.search import Selection
from csu_news.snapshot.facts import Facts, read_facts
from csu_news.snapshot.fields import dictionary
from csu_news.snapshot.folder import refuse_taken, staged
from csu_news.snapshot.package import (
    CITATION,
    DATABASE,
    DATASET,
    DICTIONARY,
    PACKAGE,
    README,
    SUMS,
    Written,
    citation,
    data_package,
)
from csu_news.snapshot.readme import readme

__all__ = ["Summary", "snapshot"]

EXPORTS = {"articles.parquet": "parquet", "articles.csv": "csv", "articles.jsonl": "jsonl"}

_STEP_BYTES = 1 << 20


@dataclass(frozen=True)
class Summary:
    """What a snapshot holds."""

    folder: str
    facts: Facts
    files: dict[str, Written]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return what `csu-news snapshot --json` prints."""
        facts = self.facts
        return {
            "folder": self.folder,
            "title": facts.title,
            "created": facts.created_at,
            "as_of": facts.as_of,
            "articles": facts.articles,
            "live": facts.live,
            "gone": facts.gone,
            "withheld": facts.withheld,
            "fingerprint": facts.audit.fingerprint.sha256,
            "verdict": facts.audit.verdict,
            "open_findings": sum(facts.findings.values()),
            "files": [{"name": name} | asdict(written) for name, written in self.files.items()],
            "seconds": self.seconds,
        }


def snapshot(
    archive: Archive,
    path: Path,
    created: datetime,
    progress: Callable[[str], None] = lambda name: None,
    *,
    partitioned: bool = False,
) -> Summary:
    """Write the archive into a new folder, which is there whole or not at all; a crawl may be running.

    progress     called with the name of each file before it is written
    partitioned  write the articles as a Parquet data set by site and year, too
    errors       UsageError: the folder is taken, or the extra parquet is not installed; SnapshotError: it cannot be
                 written; DiskFull: no room
    """
    started = time.monotonic()
    for name in EXPORTS.values():
        loaded(name)
    refuse_taken(path)
    if path.resolve().is_relative_to(archive.warc_folder.resolve()):
        raise UsageError(f"{path} is in the archive's folder of evidence: choose another one.")
    with staged(path) as folder:
        facts = _write_all(archive, folder, created, progress, partitioned)
        files = _all_written(folder)
    return Summary(str(path), facts, files, round(time.monotonic() - started, 1))


def _write_all(
    archive: Archive, folder: Path, created: datetime, progress: Callable[[str], None], partitioned: bool
) -> Facts:
    progress(DATABASE)
    work = folder / "work.db"
    write_publishable(archive.connection, work, folder / DATABASE)
    work.unlink()
    with Archive(folder / DATABASE) as copy:
        for name, form in EXPORTS.items():
            progress(name)
            with (folder / name).open("wb") as stream:
                write(form, copy.connection, Selection(), stream)
        if partitioned:
            progress(DATASET)
            from csu_news.exporters.parquet import write_dataset

            write_dataset(copy.connection, folder / DATASET)
        facts = read_facts(copy, timestamp(created))
    progress(README)
    (folder / DICTIONARY).write_text(dictionary(), encoding="utf-8")
    (folder / PACKAGE).write_bytes(data_package(facts, _all_written(folder)))
    (folder / CITATION).write_bytes(citation(facts))
    (folder / README).write_bytes(readme(facts, partitioned))
    (folder / SUMS).write_text("".join(_sums(_all_written(folder).items())), encoding="utf-8")
    return facts


def _all_written(folder: Path) -> dict[str, Written]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {file.relative_to(folder).as_posix(): _written(file) for file in files}


def _sums(written: Iterable[tuple[str, Written]]) -> Iterable[str]:
    return (f"{file.sha256}  {name}\n" for name, file in sorted(written))


def _written(path: Path) -> Written:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_STEP_BYTES):
            digest.update(block)
    return Written(path.stat().st_size, digest.hexdigest())
