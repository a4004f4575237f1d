"""The WARC files of a backup: sealed ones once, the one being written as far as the database's copy knows it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from csu_news.backup.bag import Tags, sha256_of
from csu_news.backup.database import DatabaseCopy, open_copy
from csu_news.backup.folder import BackupFolder
from csu_news.errors import EvidenceError
from csu_news.verify import Problem
from csu_news.warc import iter_records

_STEP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """A WARC file as the backup should have it.

    name    its path in the backup
    source  where the archive has it; None: it has lost it
    sha256  None: it is not sealed
    """

    name: str
    source: Path | None
    size: int
    sha256: str | None


@dataclass(slots=True)
class Staging:
    """The WARC files of the backup's next state, by path, and what came of copying them."""

    digests: dict[str, str] = field(default_factory=dict)
    copied: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def stage_evidence(
    warc_folder: Path, database: DatabaseCopy, folder: BackupFolder, tags: Tags, progress: Callable[[int, int], None]
) -> Staging:
    """Copy what the backup does not have; what the archive has lost and the backup has, stays."""
    staging = Staging()
    with open_copy(database.path) as connection:
        wanted = list(_wanted(connection, warc_folder))
    missing = [file for file in wanted if not _is_held(file, folder, tags, staging)]
    total, done = sum(file.size for file in missing), 0
    folder.require_room(total)
    for file in missing:
        if file.source is None:
            _note_lost(file, folder, staging)
            continue
        _copy(file, file.source, folder, staging, lambda copied, done=done: progress(done + copied, total))  # type: ignore[misc]
        done += file.size
    return staging


def _wanted(connection: sqlite3.Connection, warc_folder: Path) -> Iterator[Wanted]:
    for row in connection.execute("select * from warc_files order by id").fetchall():
        final, unsealed = warc_folder / row["name"], warc_folder / f"{row['name']}.open"
        name = f"data/warc/{row['name']}"
        if row["sealed_at"]:
            yield Wanted(name, final if final.exists() else None, row["size_bytes"], row["sha256"])
        elif end := _known_end(connection, row["id"]):
            source = next((path for path in (unsealed, final) if path.exists()), None)
            yield Wanted(f"{name}.open", source, _with_request(source, end), None)


def _known_end(connection: sqlite3.Connection, file_id: int) -> int:
    row = connection.execute(
        "select warc_offset + warc_length from fetches where warc_file_id = ? order by warc_offset desc limit 1",
        (file_id,),
    ).fetchone()
    return int(row[0]) if row else 0


def _with_request(path: Path | None, end: int) -> int:
    """Return where the request record ends that was appended with the last response."""
    try:
        record = next(iter_records(path, end), None) if path else None
    except EvidenceError:
        return end
    return record.end if record and record.type == "request" else end


def _is_held(file: Wanted, folder: BackupFolder, tags: Tags, staging: Staging) -> bool:
    """Tell whether the backup has the file, in place or waiting since a backup was killed."""
    digest = _digest_if_as_wanted(file, folder.path / file.name, tags.digests.get(file.name))
    if digest is None and file.sha256:
        digest = _digest_if_as_wanted(file, folder.staged / file.name, None)
    if digest is None:
        return False
    staging.digests[file.name] = digest
    if file.source is None:
        staging.kept.append(file.name)
    return True


def _digest_if_as_wanted(file: Wanted, path: Path, known: str | None) -> str | None:
    """Return the digest of a copy of the right size, read anew if it is not known; None if it is another file."""
    if not path.exists() or path.stat().st_size != file.size:
        return None
    if file.sha256 is None or known == file.sha256:
        return known
    return file.sha256 if sha256_of(path) == file.sha256 else None


def _note_lost(file: Wanted, folder: BackupFolder, staging: Staging) -> None:
    """Name a file that neither archive nor backup has as it was written; what the backup has of it stays."""
    staging.problems.append(Problem("file missing", "The archive has lost it.", Path(file.name).name))
    if (folder.path / file.name).exists():
        staging.digests[file.name] = sha256_of(folder.path / file.name)


def _copy(file: Wanted, source: Path, folder: BackupFolder, staging: Staging, progress: Callable[[int], None]) -> None:
    """Copy a file to where it waits. One that is damaged is copied, too, but replaces none; it is named."""
    part, waiting = folder.staged / "part", folder.staged / file.name
    current, begun = folder.path / file.name, folder.path / f"{file.name}.open"
    try:
        size, sha256 = _copy_bytes(source, part, file.size, progress)
    except EvidenceError as error:
        staging.problems.append(Problem("file unreadable", str(error), source.name))
        size, sha256 = -1, ""
    is_sound = size == file.size and file.sha256 in (None, sha256)
    if size >= 0 and not is_sound:
        detail = "It is not what was written: see `csu-news verify`."
        staging.problems.append(Problem("file checksum" if size == file.size else "file size", detail, source.name))
    if is_sound or (size >= 0 and not current.exists() and not begun.exists()):
        part.replace(waiting)
        staging.digests[file.name] = sha256
        staging.copied.append(file.name)
        return
    part.unlink()
    if current.exists():
        staging.digests[file.name] = sha256_of(current)


def _copy_bytes(source: Path, target: Path, size: int, progress: Callable[[int], None]) -> tuple[int, str]:
    """Copy so many bytes, on to the disk; return how many there were, and their sha256.

    errors  EvidenceError: the source cannot be read
    """
    sha256 = hashlib.sha256()
    with target.open("wb") as copy:
        for data in _read(source, size):
            copy.write(data)
            sha256.update(data)
            progress(copy.tell())
        copy.flush()
        os.fsync(copy.fileno())
        return copy.tell(), sha256.hexdigest()


def _read(path: Path, size: int) -> Iterator[bytes]:
    try:
        with _opened(path) as file:
            while data := file.read(min(_STEP_BYTES, size - file.tell())):
                yield data
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}.") from error


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        if path.suffix != ".open":
            raise
        return path.with_suffix("").open("rb")  # the crawl has sealed it meanwhile
