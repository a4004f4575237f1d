"""Is the backup what was copied? Its files against its manifest, its database against itself and its files."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import bagit

from csu_news.archive import Archive
from csu_news.backup.bag import TAG_MANIFEST, open_bag
from csu_news.backup.folder import BackupFolder
from csu_news.errors import ArchiveError, BackupError, OlderArchive
from csu_news.verify import Report
from csu_news.verify.database import check_database

_STEP_BYTES = 1 << 20


def check_backup(path: Path, progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """Check every byte of the backup in a folder, and return what is damaged; the archive need not be there.

    progress  called with bytes read so far and in all
    errors    BackupError: there is none, or none was ever finished
    """
    started = time.monotonic()
    report = Report()
    with BackupFolder(path).read():
        bag = open_bag(path)
        if bag is None or not bag.payload_entries():
            raise BackupError(f"There is no whole backup in {path}: `csu-news backup {path}` makes or mends it.")
        if not (path / TAG_MANIFEST).exists():
            report.add("unfinished", "The last backup was interrupted: make it again.")
        _check_files(bag, path, report, progress)
        _check_database(bag, path, report)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _check_files(bag: bagit.Bag, path: Path, report: Report, progress: Callable[[int, int], None]) -> None:
    missing, strange = bag.compare_manifests_with_fs()
    for name in sorted(missing):
        report.add("file missing", "It is not there.", name)
    for name in sorted(strange):
        report.add("file not in manifest", "The manifest does not know it.", name)
    names = sorted(bag.entries.keys() - set(missing))
    total, done = sum((path / name).stat().st_size for name in names), 0
    for name in names:
        try:
            digest = _digest(path / name, lambda read, done=done: progress(done + read, total))  # type: ignore[misc]
        except OSError as error:
            report.add("file unreadable", f"It cannot be read: {error.strerror}.", name)
            continue
        done += (path / name).stat().st_size
        if digest != bag.entries[name].get("sha256"):
            report.add("file checksum", "Its sha256 is not the one it was copied with.", name)


def _digest(path: Path, progress: Callable[[int], None]) -> str:
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_STEP_BYTES):
            sha256.update(data)
            progress(file.tell())
    return sha256.hexdigest()


def _check_database(bag: bagit.Bag, path: Path, report: Report) -> None:
    copy = path / "data" / str(bag.info.get("Database", "csu_news.db"))
    if not copy.is_file():
        report.add("file missing", "The database is not there.", f"data/{copy.name}")
        return
    try:
        with Archive(copy) as archive:
            with report.reading("The rows of the WARC files"):
                _check_rows(archive.connection, bag, path, report)
            check_database(archive.connection, archive.path, report)
    except OlderArchive:
        pass  # its bytes are those that were copied; what its rows mean, only its own version knows
    except ArchiveError as error:
        report.add("database", str(error), f"data/{copy.name}")


def _check_rows(connection: sqlite3.Connection, bag: bagit.Bag, path: Path, report: Report) -> None:
    """Hold each WARC file against the database: as large as its rows need, and as it was sealed."""
    rows = connection.execute(
        "select name, sealed_at, sha256, count(f.id) as records, coalesce(max(warc_offset + warc_length), 0) as end"
        " from warc_files w left join fetches f on f.warc_file_id = w.id group by w.id order by w.id"
    )
    for row in rows:
        name = f"data/warc/{row['name']}" if row["sealed_at"] else f"data/warc/{row['name']}.open"
        if not (path / name).is_file():
            if (row["sealed_at"] or row["records"]) and name not in bag.entries:
                report.add("file missing", f"It is not there, and {row['records']} records were in it.", name)
            continue
        report.files += 1
        size = (path / name).stat().st_size
        if size < row["end"]:
            report.add("row without record", f"The database knows {row['end']} bytes of it, it has {size}.", name)
        else:
            report.records += row["records"]
        if row["sealed_at"] and bag.entries.get(name, {}).get("sha256") not in (None, row["sha256"]):
            report.add("file checksum", "It was not copied as it was sealed.", name)
