"""Read records back, each checked: its gzip member, its length, its digests.

warcio reads the WARC fields. The gzip members are framed here, because warcio takes a cut last member for the
end of the file, and the HTTP heads are split here, because warcio decodes them and evidence is bytes.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from csu_news.coding import Decoded, decode_body
from csu_news.errors import EvidenceError

Headers = list[tuple[bytes, bytes]]

_WARC_FIELDS = StatusAndHeadersParser(["WARC/1.1", "WARC/1.0"])
_CHUNK_BYTES = 16384
_ALGORITHMS = {"sha1", "sha256", "sha512", "md5"}
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class DamagedRecord(EvidenceError):
    """A record is not as it was written; `next_offset` is where the next one starts, None if not known."""

    def __init__(self, path: Path, offset: int, reason: str, next_offset: int | None = None) -> None:
        super().__init__(f"{path} is damaged at offset {offset}: {reason}.")
        self.path = path
        self.offset = offset
        self.reason = reason
        self.next_offset = next_offset


class TornRecord(DamagedRecord):
    """The file ends inside the record that starts at `offset`."""


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """A record of any type.

    offset, length  its gzip member
    fields          all its WARC fields, names in lower case
    """

    type: str
    url: str | None
    record_id: str
    date: str
    offset: int
    length: int
    fields: dict[str, str]

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class StoredResponse(RecordInfo):
    """A response or revisit record.

    status          None in a revisit, which has no block
    body            as on the wire: still content-encoded
    payload_sha1    as the record says: `sha1:` and base32; of a revisit that of the response referred to
    payload_sha256  hex, of the body; None in a revisit
    """

    status: int | None
    headers: Headers
    body: bytes
    size_bytes: int
    truncated: str | None
    payload_sha1: str | None
    payload_sha256: str | None

    def header(self, name: str) -> str | None:
        """Return the first header of this name, as latin-1."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == wanted), None)

    def decoded(self, limit: int) -> Decoded:
        """Undo the content coding; errors and limit as decode_body().

        Our own bodies are never chunked; those in files of other crawlers may be.
        """
        body = self.body
        if (self.header("Transfer-Encoding") or "").lower() == "chunked":
            body = ChunkedDataReader(BytesIO(body)).read()
        return decode_body(body, self.header("Content-Encoding"), limit)


def read_response(path: Path, offset: int) -> StoredResponse:
    """Return the response or revisit record whose gzip member starts at this offset.

    errors  DamagedRecord (EvidenceError): the record is not whole; EvidenceError: the file cannot be read, or
            another type of record is there
    """
    with _opened(path) as file:
        record = _read_record(file, path, offset)
    if not isinstance(record, StoredResponse):
        raise EvidenceError(f"{path} has a {record.type} record at offset {offset}, not a response.")
    return record


def iter_records(path: Path, start: int = 0) -> Iterator[RecordInfo]:
    """Yield the records from this offset on, in file order, responses and revisits as StoredResponse.

    errors  TornRecord: after the last whole record, when the file ends inside one; DamagedRecord: at a record
            that is damaged: go on at its `next_offset` or at the next offset that the database knows
    """
    with _opened(path) as file:
        end = file.seek(0, 2)
        while start < end:
            record = _read_record(file, path, start)
            yield record
            start = record.end


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise EvidenceError(f"The WARC file {path} cannot be read: {error.strerror}.") from error


def _read_record(file: BinaryIO, path: Path, offset: int) -> RecordInfo:
    data, length = _read_member(file, path, offset)
    try:
        return _parsed(data, offset, length)
    except (StatusAndHeadersParserException, EOFError, LookupError, ValueError) as error:
        reason = f"not a WARC record ({error or type(error).__name__})"
        raise DamagedRecord(path, offset, reason, offset + length) from error


def _read_member(file: BinaryIO, path: Path, offset: int) -> tuple[bytes, int]:
    """Return what the gzip member holds, and its length in the file."""
    stream = zlib.decompressobj(31)
    parts: list[bytes] = []
    file.seek(offset)
    while not stream.eof:
        chunk = file.read(_CHUNK_BYTES)
        if not chunk:
            raise TornRecord(path, offset, "the file ends inside the record")
        try:
            parts.append(stream.decompress(chunk))
        except zlib.error as error:
            raise DamagedRecord(path, offset, str(error)) from error
    return b"".join(parts), file.tell() - len(stream.unused_data) - offset


def _parsed(data: bytes, offset: int, length: int) -> RecordInfo:
    stream = BytesIO(data)
    fields = {name.lower(): value for name, value in _WARC_FIELDS.parse(stream).headers}
    block_length = int(fields["content-length"])
    block = data[stream.tell() : stream.tell() + block_length]
    if len(block) != block_length or stream.tell() + block_length + 4 != len(data):
        raise ValueError("the record is not as long as it says")
    _check_digest("block", fields.get("warc-block-digest"), block)
    record = RecordInfo(
        type=fields["warc-type"],
        url=fields.get("warc-target-uri", "").strip("<>") or None,  # wget writes <http://…>
        record_id=fields["warc-record-id"],
        date=fields["warc-date"],
        offset=offset,
        length=length,
        fields=fields,
    )
    is_http = fields.get("content-type", "").startswith("application/http")
    return _response(record, block) if is_http and record.type in ("response", "revisit") else record


def _response(record: RecordInfo, block: bytes) -> StoredResponse:
    status, headers, body = _split_http(block) if block else (None, [], b"")
    digest = record.fields.get("warc-payload-digest")
    if record.type == "response":
        _check_digest("payload", digest, body)
    return StoredResponse(
        type=record.type,
        url=record.url,
        record_id=record.record_id,
        date=record.date,
        offset=record.offset,
        length=record.length,
        fields=record.fields,
        status=status,
        headers=headers,
        body=body,
        size_bytes=len(body),
        truncated=record.fields.get("warc-truncated"),
        payload_sha1=digest,
        payload_sha256=hashlib.sha256(body).hexdigest() if record.type == "response" else None,
    )


def _split_http(block: bytes) -> tuple[int, Headers, bytes]:
    end = _END_OF_HEAD.search(block)
    if end is None:
        raise ValueError("the HTTP head has no end")
    status_line, *lines = block[: end.start()].split(b"\n")
    headers: Headers = []
    for line in lines:
        name, _, value = line.rstrip(b"\r").partition(b":")
        if line.startswith((b" ", b"\t")) and headers:  # a folded line, in files of other crawlers
            headers[-1] = (headers[-1][0], headers[-1][1] + b" " + line.strip(b" \t\r"))
        else:
            headers.append((name, value.strip(b" \t")))
    return int(status_line.split()[1]), headers, block[end.end() :]


def _check_digest(what: str, label: str | None, data: bytes) -> None:
    """Compare with a digest written as base32 or hex; one of an unknown kind says nothing."""
    algorithm, _, expected = (label or "").partition(":")
    if algorithm.lower() not in _ALGORITHMS:
        return
    digest = hashlib.new(algorithm.lower(), data, usedforsecurity=False).digest()
    if expected.upper() not in (b32encode(digest).decode("ascii"), digest.hex().upper()):
        raise ValueError(f"the {what} digest does not match")
