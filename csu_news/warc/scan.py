"""Go through a whole WARC file: FastWARC as long as all is well, record by record from where it is not.

FastWARC reads a file several times as fast as warcio, but takes a cut tail for the end of the file and
does not look at a member's checksum, so whatever it stumbles over gets an exact second look.
"""

from __future__ import annotations

import hashlib
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord

from csu_news.errors import EvidenceError
from csu_news.warc.reader import DamagedRecord, RecordInfo, StoredResponse, _check_digest, iter_records
from csu_news.warc.records import _GZIP_HEAD, _compressed, _safe_url, _stored

_MEMBER = b"\x1f\x8b\x08"
_HEADS = (_GZIP_HEAD, zlib.compressobj(3, zlib.DEFLATED, 31).flush()[:10])
_STEP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a record says of itself, its digests checked.

    payload_sha256  hex; of responses only
    refers_to       address and WARC-Date of the response that a revisit record stands for
    """

    type: str
    url: str | None
    record_id: str
    date: str
    offset: int
    length: int
    payload_sha1: str | None
    payload_sha256: str | None
    refers_to: tuple[str, str] | None

    @property
    def end(self) -> int:
        return self.offset + self.length


def scan(path: Path, *, hints: Sequence[int] = (), exact: bool = False) -> Iterator[Scanned | DamagedRecord]:
    """Yield every record of a file in its order and, in place of one that is not whole, what is wrong with it.

    hints   offsets at which records are known to start, sorted: where to go on behind damage
    exact   trust nothing: look at each member's checksum, and at the head that our writer gives it
    errors  EvidenceError: the file cannot be read
    """
    position = 0
    if not exact:
        try:
            for record in _fast(path):
                position = record.end
                yield record
        except (OSError, ValueError, LookupError):
            pass  # the exact reader says what it is
    yield from _exact(path, position, hints, heads=exact)


def read_warcinfo(path: Path) -> dict[str, str]:
    """Return the fields of the file's first record, which says who wrote it and how.

    errors  EvidenceError: the file does not start with a whole warcinfo record
    """
    record = next(iter_records(path), None)
    if record is None or record.type != "warcinfo":
        raise EvidenceError(f"{path} does not start with a warcinfo record.")
    with path.open("rb") as file:
        data = zlib.decompress(file.read(record.length), 31)
    lines = data.partition(b"\r\n\r\n")[2].decode("utf-8", "replace").splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def recorded_url(url: str) -> str:
    """Return an address as it stands in a record: blanks and control characters escaped."""
    return _safe_url(url)


def is_as_written(path: Path, offset: int, length: int) -> bool:
    """Tell whether our writer, with this zlib, makes these very bytes of what the record's member holds.

    A few bits of a gzip member change nothing of its content: padding, and choices of the compressor.
    """
    with path.open("rb") as file:
        file.seek(offset)
        member = file.read(length)
    data = zlib.decompress(member, 31)
    head_end = data.find(b"\r\n\r\n", data.find(b"\r\n\r\n") + 4) + 4  # of the record's head and the HTTP head
    return member in (_compressed(data), _stored(data[:head_end], data[head_end:]))


def _fast(path: Path) -> Iterator[Scanned]:
    """Yield the records but for the last one, whose end FastWARC does not check."""
    with path.open("rb") as file:
        last: Scanned | None = None
        for record in ArchiveIterator(file, parse_http=False):
            if last is not None:
                yield _ending_at(last, record.stream_pos)
            last = _checked(record)


def _checked(record: WarcRecord) -> Scanned:
    headers, block = record.headers, record.reader.read()
    if len(block) != record.content_length:
        raise ValueError("the record is cut")
    _check_digest("block", headers.get("WARC-Block-Digest"), block)
    kind, digest, sha256 = headers["WARC-Type"], headers.get("WARC-Payload-Digest"), None
    if kind == "response":
        payload = _payload(block)
        _check_digest("payload", digest, payload)
        sha256 = hashlib.sha256(payload).hexdigest()
    return Scanned(
        type=kind,
        url=(headers.get("WARC-Target-URI") or "").strip("<>") or None,
        record_id=headers["WARC-Record-ID"],
        date=headers["WARC-Date"],
        offset=record.stream_pos,
        length=0,
        payload_sha1=digest,
        payload_sha256=sha256,
        refers_to=_refers_to(headers.get("WARC-Refers-To-Target-URI"), headers.get("WARC-Refers-To-Date")),
    )


def _payload(block: bytes) -> bytes:
    end = block.find(b"\r\n\r\n")
    if end < 0:
        raise ValueError("the HTTP head has no end")
    return block[end + 4 :]


def _ending_at(record: Scanned, end: int) -> Scanned:
    return Scanned(
        record.type,
        record.url,
        record.record_id,
        record.date,
        record.offset,
        end - record.offset,
        record.payload_sha1,
        record.payload_sha256,
        record.refers_to,
    )


def _exact(path: Path, position: int | None, hints: Sequence[int], *, heads: bool) -> Iterator[Scanned | DamagedRecord]:
    while position is not None:
        try:
            for record in iter_records(path, position):
                if heads and not _has_our_head(path, record.offset):
                    yield DamagedRecord(path, record.offset, "its gzip head is not as written", record.end)
                yield _scanned(record)
            return
        except DamagedRecord as damage:
            yield damage
            position = damage.next_offset
            if position is None:
                position = _next_offset(path, damage.offset, hints)


def _scanned(record: RecordInfo) -> Scanned:
    fields = record.fields
    return Scanned(
        type=record.type,
        url=record.url,
        record_id=record.record_id,
        date=record.date,
        offset=record.offset,
        length=record.length,
        payload_sha1=fields.get("warc-payload-digest"),
        payload_sha256=record.payload_sha256 if isinstance(record, StoredResponse) else None,
        refers_to=_refers_to(fields.get("warc-refers-to-target-uri"), fields.get("warc-refers-to-date")),
    )


def _refers_to(url: str | None, date: str | None) -> tuple[str, str] | None:
    return (url.strip("<>"), date) if url and date else None


def _has_our_head(path: Path, offset: int) -> bool:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(10) in _HEADS


def _next_offset(path: Path, damaged: int, hints: Sequence[int]) -> int | None:
    """Return where to go on behind a damaged record: where the next is known to start, else where one can be read."""
    known = bisect_right(hints, damaged)
    if known < len(hints) and hints[known] < path.stat().st_size:
        return hints[known]
    return next((offset for offset in _members(path, damaged + 1) if _is_record(path, offset)), None)


def _members(path: Path, position: int) -> Iterator[int]:
    """Yield every offset from this one on at which a gzip member may start."""
    with path.open("rb") as file:
        while True:
            file.seek(position)
            data = file.read(_STEP_BYTES)
            found = data.find(_MEMBER)
            while found >= 0:
                yield position + found
                found = data.find(_MEMBER, found + 1)
            if len(data) < _STEP_BYTES:
                return
            position += len(data) - len(_MEMBER) + 1


def _is_record(path: Path, offset: int) -> bool:
    try:
        next(iter_records(path, offset))
    except (EvidenceError, StopIteration):
        return False
    return True
