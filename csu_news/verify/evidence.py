"""The WARC files: each against its checksum, each record against its row, and the other way round."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from csu_news.errors import EvidenceError
from csu_news.verify.report import Report
from csu_news.warc import DamagedRecord
from csu_news.warc.scan import Scanned, is_as_written, recorded_url, scan

Rows = dict[int, sqlite3.Row]
"""Rows of table `fetches` by their offset in one WARC file."""

_STEP_BYTES = 1 << 22


@dataclass(slots=True)
class _File:
    """A registered file as it lies on the disk; `size` None: it is not there."""

    row: sqlite3.Row
    path: Path
    size: int | None

    @property
    def is_sealed(self) -> bool:
        return self.row["sealed_at"] is not None

    @property
    def name(self) -> str:
        return str(self.row["name"])


def check_evidence(
    connection: sqlite3.Connection,
    folder: Path,
    names: Sequence[str],
    report: Report,
    progress: Callable[[int, int], None],
) -> None:
    """Check every registered file, and name those in the folder that nobody registered."""
    registered = _registered(connection, report)
    if registered is None:
        return
    files = [_find(folder, row) for row in registered]
    known = {file.name for file in files}
    for name in names:
        if name.removesuffix(".open") not in known:
            report.add("file not registered", "It lies in the folder and the database does not know it.", name)
    total, done = sum(file.size or 0 for file in files), 0
    for file in files:
        _check_file(connection, file, report, lambda read, done=done: progress(done + read, total))  # type: ignore[misc]
        done += file.size or 0
    progress(total, total)


def _registered(connection: sqlite3.Connection, report: Report) -> list[sqlite3.Row] | None:
    with report.reading("The list of WARC files"):
        return connection.execute("select * from warc_files order by id").fetchall()
    return None


def _find(folder: Path, row: sqlite3.Row) -> _File:
    """Return the file as it lies there; one that was not sealed a moment ago may be by now."""
    final, unsealed = folder / row["name"], folder / f"{row['name']}.open"
    for path in (final,) if row["sealed_at"] else (unsealed, final):
        with suppress(FileNotFoundError):
            return _File(row, path, path.stat().st_size)
    return _File(row, final, None)


def _check_file(connection: sqlite3.Connection, file: _File, report: Report, progress: Callable[[int], None]) -> None:
    rows, readable = _rows(connection, file, report)
    if file.size is None:
        if file.is_sealed or rows:
            report.add("file missing", f"It is not there, and {len(rows)} records were in it.", file.name)
        return
    report.files += 1
    try:
        sound = not file.is_sealed or _is_as_sealed(file, report, progress)
        if file.is_sealed:
            before = len(report.problems)
            _check_records(connection, file, rows, report, exact=not sound, complete=readable)
            if not sound and len(report.problems) == before:
                _name_odd_record(file, rows, report)
        else:
            _check_unsealed(connection, file, rows, report)
    except (OSError, EvidenceError) as error:
        report.add("file unreadable", str(error), file.name)


def _rows(connection: sqlite3.Connection, file: _File, report: Report) -> tuple[Rows, bool]:
    """Return the file's rows, and whether they could all be read."""
    rows: Rows = {}
    with report.reading(f"The rows of {file.name}"):
        query = "select * from fetches where warc_file_id = ? and warc_offset is not null order by warc_offset"
        for row in connection.execute(query, (file.row["id"],)):
            rows[row["warc_offset"]] = row
        return rows, True
    return rows, False


def _is_as_sealed(file: _File, report: Report, progress: Callable[[int], None]) -> bool:
    """Compare size and sha256 with what they were when the file was sealed."""
    sha256 = hashlib.sha256()
    with file.path.open("rb") as stream:
        while data := stream.read(_STEP_BYTES):
            sha256.update(data)
            progress(stream.tell())
    if file.size != file.row["size_bytes"]:
        report.add("file size", f"It has {file.size} bytes and had {file.row['size_bytes']}.", file.name)
        return False
    if sha256.hexdigest() != file.row["sha256"]:
        report.add("file checksum", "Its sha256 is not the one it was sealed with.", file.name)
        return False
    return True


def _check_records(
    connection: sqlite3.Connection, file: _File, rows: Rows, report: Report, *, exact: bool, complete: bool
) -> None:
    """Check a sealed file's records; `complete`: a record without a row is one."""
    unseen = dict(rows)
    for found in scan(file.path, hints=_hints(rows), exact=exact):
        if isinstance(found, DamagedRecord):
            _report_damage(file, rows, found, report)
            unseen.pop(found.offset, None)
        elif found.type in ("response", "revisit"):
            report.records += 1
            row = unseen.pop(found.offset, None)
            if row is not None:
                _check_pair(connection, file, row, found, report)
            elif complete and found.offset not in rows:
                detail = "The record has no row in the database."
                report.add("record without row", detail, file.name, found.offset, found.url)
    for offset, row in unseen.items():
        report.add("row without record", _no_record(row), file.name, offset, row["url"])


def _name_odd_record(file: _File, rows: Rows, report: Report) -> None:
    """Name the record whose bytes differ though all records read as they were written, if it is one only."""
    found = [record for record in scan(file.path, exact=True) if isinstance(record, Scanned)]
    odd = [record for record in found if not is_as_written(file.path, record.offset, record.length)]
    if len(odd) == 1:
        reason = "its bytes differ, what it holds does not"
        _report_damage(file, rows, DamagedRecord(file.path, odd[0].offset, reason), report)


def _check_unsealed(connection: sqlite3.Connection, file: _File, rows: Rows, report: Report) -> None:
    """Check a file that is being written; when it is sealed meanwhile, and so renamed, once more."""
    problems, records = len(report.problems), report.records
    try:
        _check_committed(connection, file, rows, report)
    except (OSError, EvidenceError):
        if file.path.exists() or file.path.suffix != ".open":
            raise
        del report.problems[problems:]
        report.records, file.path = records, file.path.with_suffix("")
        _check_committed(connection, file, rows, report)


def _check_committed(connection: sqlite3.Connection, file: _File, rows: Rows, report: Report) -> None:
    """Check of a file being written, or left by a killed run, what has its row."""
    unseen = dict(rows)
    end = max((offset + (row["warc_length"] or 0) for offset, row in rows.items()), default=0)
    for found in scan(file.path, hints=_hints(rows)):
        if found.offset >= end:
            break
        if isinstance(found, DamagedRecord):
            _report_damage(file, rows, found, report)
            unseen.pop(found.offset, None)
        elif (row := unseen.pop(found.offset, None)) is not None:
            report.records += 1
            _check_pair(connection, file, row, found, report)
    for offset, row in unseen.items():
        report.add("row without record", _no_record(row), file.name, offset, row["url"])


def _hints(rows: Rows) -> list[int]:
    """Return where records start: responses, and behind each its request."""
    return sorted({place for offset, row in rows.items() for place in (offset, offset + (row["warc_length"] or 0))})


def _report_damage(file: _File, rows: Rows, damage: DamagedRecord, report: Report) -> None:
    what, url = "The record", None
    if damage.offset in rows:
        url = rows[damage.offset]["url"]
    elif damage.offset == 0:
        what = "The warcinfo record"
    else:
        before = next((r for o, r in rows.items() if o + (r["warc_length"] or 0) == damage.offset), None)
        if before is not None:
            what, url = "The request record", before["url"]
    report.add("record damaged", f"{what} is damaged: {damage.reason}.", file.name, damage.offset, url)


def _no_record(row: sqlite3.Row) -> str:
    return f"No record starts where row {row['id']} of table fetches says."


def _check_pair(connection: sqlite3.Connection, file: _File, row: sqlite3.Row, record: Scanned, report: Report) -> None:
    """Compare a row with its record, and a revisit with the response it stands for."""
    pairs = {
        "record id": (row["warc_record_id"], record.record_id),
        "url": (recorded_url(row["url"]), record.url),
        "payload_sha1": (row["payload_sha1"], record.payload_sha1),
        "warc_length": (row["warc_length"], record.length),
    }
    if record.payload_sha256 is not None:
        pairs["payload_sha256"] = (row["payload_sha256"], record.payload_sha256)
    for name, (stored, recorded) in pairs.items():
        if stored != recorded:
            detail = f"Row {row['id']} of table fetches has another {name} than its record: {stored}, not {recorded}."
            report.add("row differs", detail, file.name, record.offset, row["url"])
    if record.type == "revisit" and not _original_exists(connection, row, record):
        detail = f"The revisit stands for a response that is not in the archive: {record.refers_to}."
        report.add("revisit", detail, file.name, record.offset, record.url)


def _original_exists(connection: sqlite3.Connection, revisit: sqlite3.Row, record: Scanned) -> bool:
    """Tell whether the page has a response with this address, date (to the second) and payload."""
    if record.refers_to is None:
        return False
    url, date = record.refers_to
    originals = connection.execute(
        "select url from fetches where page_id = ? and id <> ? and warc_file_id is not null"
        " and payload_sha1 = ? and substr(fetched_at, 1, 19) = ?",
        (revisit["page_id"], revisit["id"], record.payload_sha1, date[:19]),
    )
    return any(recorded_url(row["url"]) == url for row in originals)
