"""Append records to a WARC file so that each is whole and on the disk, or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from csu_news.errors import DiskFull, EvidenceError
from csu_news.files import sync
from csu_news.warc.records import (
    Exchange,
    Location,
    Revisit,
    request_record,
    response_record,
    revisit_record,
    sha1_of,
    warc_date,
    warcinfo_record,
)

_OPEN_SUFFIX = ".open"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished file: its name, its size and the sha256 (hex) of all its bytes."""

    name: str
    size_bytes: int
    sha256: str


def file_name(site_name: str, run_id: int, serial: int, started_at: datetime, origin: str) -> str:
    """Return the name of a WARC file, made of our own ids only, without `.open`.

    origin  of the run: it keeps apart what two archives write in one second

    >>> file_name("csu-en", 12, 1, datetime(2026, 11, 24, 8, 48, tzinfo=UTC), "9f86d081884c7d65")
    'csu-en-20261124T084800Z-r000012-00001-9f86d081.warc.gz'
    """
    site = re.sub(r"[^a-z0-9-]+", "-", site_name.lower()).strip("-")[:60] or "site"
    return f"{site}-{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-r{run_id:06d}-{serial:05d}-{origin[:8]}.warc.gz"


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


class _Extent(NamedTuple):
    """How far a file goes, and the digest of all bytes up to there."""

    size: int
    sha256: hashlib._Hash

    def longer(self, data: bytes) -> _Extent:
        sha256 = self.sha256.copy()
        sha256.update(data)
        return _Extent(self.size + len(data), sha256)


class WarcWriter:
    """A WARC 1.1 file being written, one gzip member per record, named `….warc.gz.open` until sealed.

    info    what the warcinfo record says
    errors  EvidenceError: the file exists already or cannot be written; DiskFull: no room for the next
            record. After either the file is as before the call, and append() refuses from then on.
    """

    def __init__(
        self,
        path: Path,
        info: Mapping[str, str],
        *,
        now: Callable[[], datetime] = _utc_now,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        self.path = path
        self._written = self._synced = _Extent(0, hashlib.sha256())
        self._syncing = threading.Lock()
        self._final = _final_path(path)
        self._new_id = new_id
        self._failure: str | None = None
        self._fd: int | None = _create(path)
        try:
            self._write(warcinfo_record(self._final.name, info, warc_date(now()), new_id()))
            self.sync()
        except BaseException:
            self.close()
            raise

    @property
    def size(self) -> int:
        return self._written.size

    def append(self, exchange: Exchange, revisit: Revisit | None = None) -> Location:
        """Write response and request, or revisit and request, as one append that is on the disk on return."""
        location = self.write(exchange, revisit)
        self.sync()
        return location

    def write(self, exchange: Exchange, revisit: Revisit | None = None) -> Location:
        """Do the same, but for the disk: what is written is on it when sync() has returned."""
        date, record_id, offset = warc_date(exchange.fetched_at), self._new_id(), self.size
        payload_sha1 = revisit.payload_sha1 if revisit else sha1_of(exchange.body)
        if revisit:
            record = revisit_record(exchange, revisit, date, record_id)
        else:
            record = response_record(exchange, date, record_id, payload_sha1)
        self._write(record + request_record(exchange, date, self._new_id(), record_id))
        no_payload = revisit is not None and revisit.profile == "not-modified"
        payload_sha256 = None if no_payload else hashlib.sha256(exchange.body).hexdigest()
        return Location(record_id, offset, len(record), self.size, payload_sha1, payload_sha256, date)

    def sync(self) -> None:
        """Have all that is written on the disk; may be called in another thread than the rest."""
        with self._syncing:
            written = self._written
            if self._synced is written:
                return
            if self._fd is None:
                raise EvidenceError(f"{self.path} was closed before its last records were on the disk.")
            with self._all_or_nothing(self._fd, self._synced, written.size - self._synced.size):
                os.fsync(self._fd)
            self._synced = written

    def is_synced(self, location: Location) -> bool:
        return location.end <= self._synced.size

    def seal(self) -> Sealed:
        """Finish the file under its final name; the writer is closed then."""
        if self._fd is not None and os.fstat(self._fd).st_size != self.size:
            reason = self._failure or "it holds bytes that this writer did not write."
            raise EvidenceError(f"{self.path} cannot be sealed: {reason}")
        self.close()
        _finish(self.path, self._final)
        self._synced = self._written
        return Sealed(self._final.name, self.size, self._written.sha256.hexdigest())

    def close(self) -> None:
        """Close the file without sealing it; a second call does nothing."""
        with self._syncing:
            if self._fd is not None:
                os.close(self._fd)
                self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        if self._failure:
            raise EvidenceError(f"{self.path} takes no further records: {self._failure}")
        if self._fd is None:
            raise EvidenceError(f"{self.path} is closed and takes no further records.")
        with self._all_or_nothing(self._fd, self._written, len(data)):
            _write_all(self._fd, data)
        self._written = self._written.longer(data)

    @contextmanager
    def _all_or_nothing(self, fd: int, before: _Extent, needed: int) -> Iterator[None]:
        """Leave the file as it was before if the block fails, and refuse what comes after."""
        try:
            yield
        except BaseException as error:
            self._failure = f"an append failed ({error or type(error).__name__})."
            self._roll_back(fd, before)
            if isinstance(error, OSError):
                raise self._explained(error, needed) from error
            raise

    def _roll_back(self, fd: int, before: _Extent) -> None:
        self._written = before
        try:
            os.ftruncate(fd, before.size)
            os.fsync(fd)
        except OSError as error:
            self._failure = f"an append failed and could not be taken back ({error}); repair will cut it."

    def _explained(self, error: OSError, needed: int) -> EvidenceError:
        if error.errno not in _NO_ROOM:
            return EvidenceError(f"{self.path} cannot be written: {error.strerror}.")
        free = shutil.disk_usage(self.path.parent).free
        return DiskFull(
            f"No room for the next record in {self.path}: {needed} bytes needed, {free} bytes free ({error.strerror})."
        )


def seal_file(path: Path) -> Sealed:
    """Seal a file left over by a run that ended without; repair() comes first.

    errors  EvidenceError: the file is missing, or its final name is taken
    """
    final = _final_path(path)
    try:
        with path.open("rb") as file:
            sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read to seal it: {error.strerror}.") from error
    _finish(path, final)
    return Sealed(final.name, size, sha256)


def _final_path(path: Path) -> Path:
    if not path.name.endswith(".warc.gz" + _OPEN_SUFFIX):
        raise EvidenceError(f"{path} is not the name of an unsealed WARC file, which ends in .warc.gz.open.")
    return path.with_name(path.name.removesuffix(_OPEN_SUFFIX))


def _create(path: Path) -> int:
    try:
        if _final_path(path).exists():  # a name is never used twice
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o644)
        sync(path.parent)
    except OSError as error:
        raise EvidenceError(f"The WARC file {path} cannot be created: {error.strerror}.") from error
    return fd


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _finish(path: Path, final: Path) -> None:
    try:
        if final.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        sync(path)
        path.rename(final)
        sync(final.parent)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be sealed as {final.name}: {error.strerror}.") from error
