"""The WARC files of an archive: registered before they exist, sealed at the end, repaired after a kill."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from csu_news.archive.database import timestamp
from csu_news.archive.queue import find
from csu_news.archive.visits import record_fetch
from csu_news.errors import DiskFull, EvidenceError
from csu_news.items import Outcome, Record
from csu_news.urls import canonical_url
from csu_news.warc import (
    Exchange,
    Location,
    Revisit,
    Sealed,
    StoredResponse,
    WarcWriter,
    file_name,
    repair,
    seal_file,
    warc_date,
)

ROLLOVER_BYTES = 1_000_000_000  # WARC 1.1, annex C.1, recommends files of about 1 GB

LEAST_FREE_BYTES = 2_000_000

# Commits may come in another order than appends, so of the last records in a killed run's file some may lack
# their row: as many as there were requests at once. What lies before them need not be read again.
LAST_RECORDS = 256


class Evidence:
    """The WARC file that a run is writing, opened at the first record and rolled over at 1 GB."""

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, site: str, run_id: int, info: Mapping[str, str]
    ) -> None:
        self.info = dict(info)
        self._connection = connection
        self._folder = folder
        self._site = site
        self._run_id = run_id
        self._serial = 0
        self._writer: WarcWriter | None = None
        self._file_id = 0
        self._syncing = asyncio.Lock()

    def append(self, exchange: Exchange, revisit: Revisit | None = None) -> tuple[int, Location]:
        """Store one exchange; return the file's id and where its record lies. It is on the disk then."""
        writer, location = self._write(exchange, revisit)
        writer.sync()
        return self._file_id, location

    async def store(self, exchange: Exchange, revisit: Revisit | None = None) -> tuple[int, Location]:
        """Do the same, and let others go on while the disk takes it; it may take what they store with it."""
        writer, location = self._write(exchange, revisit)
        file_id = self._file_id
        async with self._syncing:
            if not writer.is_synced(location):
                await asyncio.to_thread(writer.sync)
        return file_id, location

    def _write(self, exchange: Exchange, revisit: Revisit | None) -> tuple[WarcWriter, Location]:
        self._check_room()
        if self._writer is not None and self._writer.size >= ROLLOVER_BYTES:
            self.seal()
        if self._writer is None:
            self._writer = self._open()
        return self._writer, self._writer.write(exchange, revisit)

    def seal(self) -> None:
        """Finish the file in hand, if there is one."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        _mark_sealed(self._connection, self._file_id, writer.seal())

    def close(self) -> None:
        """Leave the file in hand unsealed: the next run repairs and seals it."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _check_room(self) -> None:
        """Stop before the disk is full: the database needs room, too, to end a run cleanly."""
        if not self._folder.exists():
            return
        free = shutil.disk_usage(self._folder).free
        if free < LEAST_FREE_BYTES:
            raise DiskFull(f"The disk of {self._folder} is nearly full: {LEAST_FREE_BYTES} bytes needed, {free} free.")

    def _open(self) -> WarcWriter:
        self._serial += 1
        now = datetime.now(UTC)
        (origin,) = self._connection.execute("select origin from runs where id = ?", (self._run_id,)).fetchone()
        name = file_name(self._site, self._run_id, self._serial, now, origin)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EvidenceError(f"The folder {self._folder} cannot be made: {error.strerror}.") from error
        cursor = self._connection.execute(
            "insert into warc_files (name, run_id, opened_at) values (?, ?, ?)", (name, self._run_id, timestamp(now))
        )
        self._file_id = int(cursor.lastrowid or 0)
        return WarcWriter(self._folder / f"{name}.open", self.info)


def first_record(connection: sqlite3.Connection, page_id: int, payload_sha256: str | None) -> Revisit | None:
    """Return how a revisit record names the first response with that payload; None when there is none."""
    row = connection.execute(
        "select url, fetched_at, payload_sha1 from fetches where page_id = ? and payload_sha256 = ?"
        " and warc_file_id is not null and status = 200 order by id limit 1",
        (page_id, payload_sha256),
    ).fetchone()
    if row is None:
        return None
    date = warc_date(datetime.fromisoformat(row["fetched_at"]))
    return Revisit(row["url"], date, row["payload_sha1"], "identical")


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was put right in one file that a killed run had left."""

    name: str
    cut_bytes: int
    recovered_records: int


def repair_evidence(connection: sqlite3.Connection, folder: Path) -> list[Repaired]:
    """Cut torn records off the files of killed runs, give whole ones their rows, and seal the files."""
    rows = connection.execute("select id, name, run_id from warc_files where sealed_at is null").fetchall()
    return [_repair_file(connection, folder, row) for row in rows]


def _repair_file(connection: sqlite3.Connection, folder: Path, row: sqlite3.Row) -> Repaired:
    path, final = folder / f"{row['name']}.open", folder / row["name"]
    known = _last_records(connection, row["id"])
    known_end = min((offset + length for offset, length in known.items()), default=0)
    if not path.exists() and final.exists():  # killed between the rename and its commit
        final.rename(path)
    if not path.exists() and known_end == 0:  # killed between registering and creating it
        connection.execute("delete from warc_files where id = ?", (row["id"],))
        return Repaired(row["name"], 0, 0)
    repaired = repair(path, known_end)
    if path.stat().st_size == 0:  # killed inside the first record: `gzip -t` takes an empty file for a damaged one
        path.unlink()
        connection.execute("delete from warc_files where id = ?", (row["id"],))
        return Repaired(row["name"], repaired.cut_bytes, 0)
    lost = [record for record in repaired.records if record.offset not in known]
    connection.execute("begin immediate")
    for record in lost:
        _recover(connection, row, record)
    connection.execute("commit")
    _mark_sealed(connection, row["id"], seal_file(path))
    return Repaired(row["name"], repaired.cut_bytes, len(lost))


def _last_records(connection: sqlite3.Connection, file_id: int) -> dict[int, int]:
    """Return offset and length of the last records that have their row; of all, if there are few."""
    rows = connection.execute(
        "select warc_offset, warc_length from fetches where warc_file_id = ? order by warc_offset desc limit ?",
        (file_id, LAST_RECORDS),
    ).fetchall()
    known = {row["warc_offset"]: row["warc_length"] for row in rows}
    return known if len(known) == LAST_RECORDS else known | {0: 0}


def _recover(connection: sqlite3.Connection, file: sqlite3.Row, response: StoredResponse) -> None:
    page = find(connection, canonical_url(response.url or ""))
    record = Record(
        url=response.url or "",
        fetched_at=datetime.fromisoformat(response.date),
        status=response.status,
        content_type=response.header("Content-Type"),
        size_bytes=response.size_bytes,
        payload_sha1=response.payload_sha1,
        payload_sha256=response.payload_sha256,
        warc_file_id=file["id"],
        warc_offset=response.offset,
        warc_length=response.length,
        warc_record_id=response.record_id,
        truncated=response.truncated,
    )
    record_fetch(connection, file["run_id"], page["id"] if page else None, record, Outcome.RECOVERED)


def _mark_sealed(connection: sqlite3.Connection, file_id: int, sealed: Sealed) -> None:
    connection.execute(
        "update warc_files set sealed_at = ?, size_bytes = ?, sha256 = ? where id = ?",
        (timestamp(datetime.now(UTC)), sealed.size_bytes, sealed.sha256, file_id),
    )
