"""The folder of a snapshot: made under another name beside it, and renamed when all of it is on the disk."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from csu_news.errors import DiskFull, SnapshotError, UsageError
from csu_news.files import sync

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}


def refuse_taken(path: Path) -> None:
    """Raise UsageError for a folder that holds something."""
    with _explained(path):
        if path.exists() and any(path.iterdir()):
            raise _taken(path)


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """Give an empty folder that becomes the one at this path when the block ends without error.

    What a killed snapshot left there is removed first.
    errors  SnapshotError: it cannot be written, or another snapshot is being made there; DiskFull; UsageError: the
            path is taken
    """
    final = path.resolve()
    work = final.with_name(f".{final.name[:100]}.csu-news-snapshot")
    with _explained(path), _locked(work, path):
        try:
            _clear(work)
            yield work
            for file in sorted(work.rglob("*")):
                sync(file)
            sync(work)
            _rename(work, final, path)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
        sync(final.parent)


@contextmanager
def _locked(work: Path, path: Path) -> Iterator[None]:
    """Hold a folder, made if need be, against other snapshots."""
    work.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(work, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not _lock(descriptor, work):
            raise SnapshotError(f"Another snapshot is being made in {path}: wait for it to end.")
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, work: Path) -> bool:
    """Lock an open folder; tell whether nobody else has, and it was not renamed meanwhile."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), work.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _clear(work: Path) -> None:
    for left in work.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def _rename(work: Path, final: Path, path: Path) -> None:
    try:
        work.rename(final)
    except OSError as error:
        if error.errno in _TAKEN:
            raise _taken(path) from error
        raise


def _taken(path: Path) -> UsageError:
    return UsageError(f"{path} is not empty: a snapshot is never changed; choose a new folder.")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the system and SQLite say of the folder into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise _no_room(path) from error
        raise SnapshotError(f"The snapshot cannot be written to {path}: {error.strerror}.") from error
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise _no_room(path) from error
        raise SnapshotError(f"The snapshot cannot be written to {path}: {error}.") from error


def _no_room(path: Path) -> DiskFull:
    return DiskFull(f"No room for the snapshot in {path}: nothing was left there.")
