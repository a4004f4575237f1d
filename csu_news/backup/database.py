"""The database's copy: made by VACUUM INTO, and only when the database has changed since the last one."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from csu_news.archive import Archive
from csu_news.archive.database import timestamp
from csu_news.backup.bag import Tags, sha256_of
from csu_news.backup.folder import BackupFolder
from csu_news.errors import ArchiveError, BackupError, DiskFull
from csu_news.files import sync

FACTS = ("External-Description", "Archive-Created-At", "Articles", "Last-Fetch", "Last-Run")

SETTLED_NS = 2_000_000_000
"""A file's times are as fine as its system's clock ticks, which is two seconds at worst: what was written so short
before it was looked at might be written again without a difference."""


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """The copy of the database that goes with the next state of the backup.

    facts  what bag-info.txt says of it
    state  by which a later backup knows that neither the database nor the copy has changed; None: it cannot
    """

    path: Path
    sha256: str
    facts: dict[str, str]
    state: str | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class History:
    """What tells one archive from another, and an earlier state from a later one.

    record  row and id of the last record: an id is given only once
    sealed  names and digests of the sealed WARC files
    """

    created_at: str
    record: tuple[int, str] | None
    sealed: frozenset[tuple[str, str]]


def _history(connection: sqlite3.Connection) -> History:
    created = connection.execute("select value from about where key = 'created_at'").fetchone()
    record = connection.execute(
        "select id, warc_record_id from fetches where warc_record_id is not null order by id desc limit 1"
    ).fetchone()
    sealed = connection.execute("select name, sha256 from warc_files where sealed_at is not null")
    return History(str(created[0]) if created else "", tuple(record) if record else None, frozenset(map(tuple, sealed)))


def _is_continued(former: History, archive: sqlite3.Connection) -> bool:
    """Tell whether the archive holds all that was in a former state, and perhaps more."""
    now = _history(archive)
    known = (
        former.record is None
        or archive.execute("select 1 from fetches where id = ? and warc_record_id = ?", former.record).fetchone()
    )
    return bool(known) and former.created_at == now.created_at and former.sealed <= now.sealed


def refuse_other_archive(archive: Archive, folder: BackupFolder, tags: Tags) -> None:
    """Raise BackupError when the folder holds a backup of another archive, or of a later state of this one."""
    with _damage_named(archive):
        created_at = _history(archive.connection).created_at
    former = (tags.info.get("Database", archive.path.name), tags.info.get("Archive-Created-At", created_at))
    if former != (archive.path.name, created_at):
        raise BackupError(
            f"{folder.path} is a backup of another archive ({former[0]}, begun {former[1]}): choose another folder."
        )
    copy = folder.data / archive.path.name
    if not copy.exists():
        return
    for journal in (copy.with_name(f"{copy.name}-wal"), copy.with_name(f"{copy.name}-journal")):
        if journal.exists() and journal.stat().st_size:
            raise BackupError(f"{copy} is being used as an archive: restore a backup by copying it elsewhere.")
    with open_copy(copy) as connection:
        history = _history(connection)
    with _damage_named(archive):
        is_continued = _is_continued(history, archive.connection)
    if not is_continued:
        raise BackupError(
            f"{folder.path} holds what {archive.path} does not: a later state of it, or another archive;"
            " choose another folder."
        )


@contextmanager
def _damage_named(archive: Archive) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise ArchiveError(f"{archive.path} is damaged ({error}); the former backup is as it was.") from error


@contextmanager
def open_copy(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy, which nobody changes, for reading; nothing is put beside it."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        yield connection
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} is damaged ({error}): remove it, and the next backup copies it anew.") from error
    finally:
        connection.close()


def stage_database(archive: Archive, folder: BackupFolder, tags: Tags) -> DatabaseCopy:
    """Return the copy in place if it is still what the database holds, else make one that waits.

    The database is looked at before it is read: what is written in between makes the next backup copy it again.
    """
    source, seen_ns = _source_state(archive.path), time.time_ns()
    name = f"data/{archive.path.name}"
    current, waiting = folder.path / name, folder.staged / name
    if name in tags.digests and current.exists():
        former = _state(source, current)
        if tags.info.get("Database-State") == former:
            facts = {fact: tags.info[fact] for fact in FACTS}
            return DatabaseCopy(current, tags.digests[name], facts, former, is_new=False)
    _vacuum_into(archive, waiting, folder)
    sync(waiting)
    is_settled = all(seen_ns - written_ns > SETTLED_NS for file in source for written_ns in file[3:])
    state = _state(source, waiting) if is_settled else None
    return DatabaseCopy(waiting, sha256_of(waiting), _facts(waiting), state, is_new=True)


def _source_state(path: Path) -> list[tuple[int, ...]]:
    """Return device, number, size and times of the database and its log; every commit writes to one of them."""
    stats = []
    for file in (path, path.with_name(f"{path.name}-wal")):
        with suppress(FileNotFoundError):
            stats.append(file.stat())
    return [(s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in stats if s.st_size]


def _state(source: list[tuple[int, ...]], copy: Path) -> str:
    stat = copy.stat()
    return hashlib.sha256(json.dumps([source, stat.st_size, stat.st_mtime_ns]).encode()).hexdigest()


def _vacuum_into(archive: Archive, target: Path, folder: BackupFolder) -> None:
    with _damage_named(archive):
        names = ("page_count", "freelist_count", "page_size")
        pages, unused, page_bytes = (archive.connection.execute(f"pragma {name}").fetchone()[0] for name in names)
        folder.require_room((pages - unused) * page_bytes)
        try:
            archive.connection.execute("vacuum into ?", (str(target.absolute()),))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise DiskFull(f"No room for the backup in {folder.path}; the former backup is as it was.") from error
            raise BackupError(f"The database cannot be copied into {folder.path}: {error}.") from error


def _facts(path: Path) -> dict[str, str]:
    with open_copy(path) as copy:
        sites = ", ".join(name for (name,) in copy.execute("select name from sites order by id"))
        (articles,) = copy.execute("select count(*) from articles where status <> 'withheld'").fetchone()
        (fetch,) = copy.execute("select max(id) from fetches").fetchone()
        (run,) = copy.execute("select max(id) from runs").fetchone()
        created_at = _history(copy).created_at
    description = (
        f"News archive ({sites or 'empty'}): {articles} articles in an SQLite database, their evidence in WARC"
        " files. To restore it, copy data/."
    )
    return dict(zip(FACTS, (description, created_at, str(articles), str(fetch or 0), str(run or 0)), strict=True))


def bag_info(archive: Archive, database: DatabaseCopy, sizes: Mapping[str, int]) -> dict[str, str]:
    """Return the fields of bag-info.txt: whence, when and how much."""
    now = timestamp(datetime.now(UTC))
    info = {
        "Bagging-Date": now[:10],
        "Bag-Software-Agent": f"csu_news {version('csu-news')}",
        "Payload-Oxum": f"{sum(sizes.values())}.{len(sizes)}",
        "Backed-Up-At": now,
        "Archive": str(archive.path.absolute()),
        "Database": archive.path.name,
    }
    return info | database.facts | ({"Database-State": database.state} if database.state else {})
