"""The folder of a backup: what may be one, its lock, and the files that wait in it until all are whole."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from csu_news.archive import Archive
from csu_news.backup.bag import TAG_FILES, TAG_MANIFEST, sha256_of
from csu_news.errors import BackupError, BackupLocked, DiskFull, UsageError
from csu_news.files import sync

WORK = ".csu-news-backup"
"""The folder by which a backup is known; holds the lock, and what is not yet in its place."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class BackupFolder:
    """The bag, its payload in `data/`, and in `staged` the files of the next backup, laid out like the bag."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path / "data"
        self.warc = self.data / "warc"
        self.staged = path / WORK / "new"
        self.staged_warc = self.staged / "data" / "warc"
        self._lock_path = path / WORK / "lock"

    def refuse_unsuitable(self, archive: Archive) -> None:
        """Raise UsageError for a folder that is no place for a backup of this archive; nothing was changed then."""
        own, home, warc = (path.resolve() for path in (self.path, archive.path.parent, archive.warc_folder))
        if own.is_relative_to(warc) or home.is_relative_to(own):
            raise UsageError(f"{self.path} is a folder of the archive itself: choose one for the backup alone.")
        with explained(self.path):
            strange = self.path.exists() and any(self.path.iterdir()) and not (self.path / WORK).is_dir()
        if strange:
            raise UsageError(f"{self.path} holds something else than a backup: choose an empty or a new folder.")

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the backup's lock, its folders made and what a killed backup left cleaned away.

        errors  BackupLocked: another one holds it
        """
        with explained(self.path):
            for folder in (self.warc, self.staged_warc):
                folder.mkdir(parents=True, exist_ok=True)
            with _locked(os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o644), fcntl.LOCK_EX, self.path):
                try:
                    self._clean()
                    yield
                finally:
                    self._clean()

    @contextmanager
    def read(self) -> Iterator[None]:
        """Keep backups out while the folder is read; one without a lock file was copied from elsewhere."""
        with explained(self.path):
            if not self._lock_path.exists():
                yield
                return
            with _locked(os.open(self._lock_path, os.O_RDONLY), fcntl.LOCK_SH, self.path):
                yield

    def require_room(self, needed: int) -> None:
        """Raise DiskFull when so many bytes do not fit."""
        free = shutil.disk_usage(self.staged).free
        if needed > free:
            raise _no_room(self.path, f"{needed} bytes needed, {free} free")

    def size(self, name: str) -> int:
        """Return the size that a file of the bag has after the next switch."""
        waiting = self.staged / name
        return (waiting if waiting.exists() else self.path / name).stat().st_size

    def strays(self, known: Container[str]) -> dict[str, str]:
        """Return files below data/ that the archive does not account for, with their digests."""
        found = (path for path in self.data.rglob("*") if path.is_file())
        names = {path.relative_to(self.path).as_posix(): path for path in found}
        return {name: sha256_of(path) for name, path in names.items() if not _accounted(name, known)}

    def switch(self, evidence: Container[str]) -> None:
        """Put all that waits in place, by renames: at each step, data/ is an archive that can be restored.

        evidence  the names of the WARC files that the new database knows
        """
        (self.path / TAG_MANIFEST).unlink(missing_ok=True)
        for waiting in sorted(self.staged_warc.iterdir()):
            self._place_warc(waiting, evidence)
        for former in self.warc.glob("*.open"):
            if f"data/warc/{former.name.removesuffix('.open')}" in evidence:
                former.unlink()
        sync(self.warc)
        for waiting in (self.staged / "data").iterdir():
            if waiting.is_file():
                waiting.replace(self.data / waiting.name)
        sync(self.data)
        for name in TAG_FILES:
            (self.staged / name).replace(self.path / name)
        sync(self.path)

    def _place_warc(self, waiting: Path, evidence: Container[str]) -> None:
        """Put a WARC file in place; one that is now sealed takes its old name's place, as never both may be there."""
        name = waiting.name
        if f"data/warc/{name}" not in evidence:  # staged by a backup that was killed, for another state
            waiting.unlink()
            return
        with suppress(FileNotFoundError):
            (self.warc / f"{name}.open").replace(self.warc / name)
        waiting.replace(self.warc / name)

    def _clean(self) -> None:
        """Remove what a backup left that did not end, but for sealed WARC files: they are whole."""
        for path in self.staged.rglob("*"):
            if path.is_file() and not path.name.endswith(".warc.gz"):
                path.unlink()


def _accounted(name: str, known: Container[str]) -> bool:
    """Tell whether a file is known, or will be gone as its sealed form is."""
    return name in known or (name.endswith(".open") and name.removesuffix(".open") in known)


@contextmanager
def _locked(descriptor: int, mode: int, folder: Path) -> Iterator[None]:
    try:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupLocked(f"Another backup or check is at work in {folder}: wait for it to end.") from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what the system says of the backup's folder into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise _no_room(folder, error.strerror or "disk full") from error
        where = error.filename or folder
        raise BackupError(f"The backup in {folder} cannot be made or read: {where}: {error.strerror}.") from error


def _no_room(folder: Path, detail: str) -> DiskFull:
    return DiskFull(f"No room for the backup in {folder}: {detail}; the former backup is as it was.")
