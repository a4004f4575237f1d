"""What goes into a WARC file and what comes out, and the bytes of its records.

The records are put together here and not by warcio's writer, because that one percent-encodes header
values that are not ASCII, and evidence is bytes as received. Reading goes through warcio.

source  WARC 1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urlsplit

_PROFILES = {
    "identical": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    "not-modified": "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
}
_RESPONSE_TYPE = "application/http; msgtype=response"
_REQUEST_TYPE = "application/http; msgtype=request"

# What must not stand in an address inside a record head: "/info/1085/2209 (1).htm\r\n".
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f]")
# The media types worth compressing: "text/html; charset=UTF-8", "application/json", "application/rss+xml".
_TEXT_TYPE = re.compile(rb"text/|[^;]*[/+](?:json|xml|javascript)", re.IGNORECASE)

# Bodies come de-chunked, so a reader told otherwise would look for chunks; replay engines know this prefix.
_RENAMED = {b"transfer-encoding": b"X-Archive-Orig-Transfer-Encoding"}

# A request or the head of an answer fits into a window of 4 kB. zlib's usual quarter of a megabyte has to be had from
# the system each time, which takes ten times as long as the compressing.
_SMALL, _SMALL_MEMORY = 12, 5

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(slots=True)
class Exchange:
    """One request with its response, as a crawler has them.

    body        as on the wire: still content-encoded, but no longer chunked
    fetched_at  when the response came, with its zone
    truncated   why the body is not whole, or None
    """

    url: str
    method: str
    request_headers: list[tuple[str, str]]
    status: int
    protocol: str
    response_headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    fetched_at: datetime
    ip: str | None = None
    truncated: Literal["disconnect", "length", "time"] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Revisit:
    """The earlier response that holds this payload.

    refers_to_date  its WARC-Date, unchanged
    payload_sha1    its payload digest, `sha1:` and base32
    profile         `identical`: the same bytes came again; `not-modified`: the server answered 304
    """

    refers_to_url: str
    refers_to_date: str
    payload_sha1: str
    profile: Literal["identical", "not-modified"] = "identical"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a response or revisit record lies.

    offset, length  its gzip member
    end             the size of the file after the whole append, request record included
    payload_sha1    `sha1:` and base32, of the body as on the wire, or of the response referred to
    payload_sha256  hex; None for `not-modified`, where no payload came
    date            the WARC-Date written, which a later revisit refers to
    """

    warc_record_id: str
    offset: int
    length: int
    end: int
    payload_sha1: str
    payload_sha256: str | None
    date: str


def warcinfo_record(filename: str, info: Mapping[str, str], date: str, record_id: str) -> bytes:
    """Return the first record of a file as one gzip member."""
    block = b"".join(_line(name, value) for name, value in info.items() if value)
    fields = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", record_id),
        ("WARC-Filename", filename),
        ("WARC-Date", date),
        ("WARC-Block-Digest", sha1_of(block)),
        ("Content-Type", "application/warc-fields"),
    ]
    return _compressed(_warc_head(fields, len(block)) + block + b"\r\n\r\n")


def response_record(exchange: Exchange, date: str, record_id: str, payload_sha1: str) -> bytes:
    """Return a response record as one gzip member.

    Transfer-Encoding is renamed to X-Archive-Orig-Transfer-Encoding, since the body is no longer chunked.
    """
    http = _http_head(exchange)
    block_digest = hashlib.sha1(http, usedforsecurity=False)
    block_digest.update(exchange.body)
    fields = [
        *_common_fields("response", exchange, date, record_id),
        ("WARC-Payload-Digest", payload_sha1),
        ("WARC-Block-Digest", _labelled(block_digest.digest())),
        ("Content-Type", _RESPONSE_TYPE),
    ]
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    head = _warc_head(fields, len(http) + len(exchange.body)) + http
    if _worth_compressing(exchange.response_headers):
        return _compressed(head + exchange.body + b"\r\n\r\n")
    return _stored(head, exchange.body + b"\r\n\r\n")


def revisit_record(exchange: Exchange, revisit: Revisit, date: str, record_id: str) -> bytes:
    """Return a revisit record as one gzip member.

    It has no block: a 304 head inside blanks the page in pywb and in ReplayWeb.page, and both find the
    earlier response by its address and date only.
    """
    fields = [
        *_common_fields("revisit", exchange, date, record_id),
        ("WARC-Profile", _PROFILES[revisit.profile]),
        ("WARC-Refers-To-Target-URI", _safe_url(revisit.refers_to_url)),
        ("WARC-Refers-To-Date", revisit.refers_to_date),
        ("WARC-Payload-Digest", revisit.payload_sha1),
        ("WARC-Block-Digest", sha1_of(b"")),
        ("Content-Type", _RESPONSE_TYPE),
    ]
    return _compressed(_warc_head(fields, 0) + b"\r\n\r\n")


def request_record(exchange: Exchange, date: str, record_id: str, concurrent_to: str) -> bytes:
    """Return the request that goes with a response or revisit record as one gzip member."""
    block = _request_head(exchange)
    fields = [
        *_common_fields("request", exchange, date, record_id),
        ("WARC-Concurrent-To", concurrent_to),
        ("WARC-Block-Digest", sha1_of(block)),
        ("Content-Type", _REQUEST_TYPE),
    ]
    return _compressed(_warc_head(fields, len(block)) + block + b"\r\n\r\n")


def warc_date(moment: datetime) -> str:
    """Write a moment as a WARC-Date with microseconds.

    >>> warc_date(datetime(2026, 11, 24, 8, 48, tzinfo=UTC))
    '2026-11-24T08:48:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def sha1_of(data: bytes) -> str:
    """Return a WARC digest: `sha1:` and base32."""
    return _labelled(hashlib.sha1(data, usedforsecurity=False).digest())


def _labelled(digest: bytes) -> str:
    return "sha1:" + b32encode(digest).decode("ascii")


def _common_fields(record_type: str, exchange: Exchange, date: str, record_id: str) -> list[tuple[str, str]]:
    fields = [
        ("WARC-Type", record_type),
        ("WARC-Record-ID", record_id),
        ("WARC-Target-URI", _safe_url(exchange.url)),
        ("WARC-Date", date),
    ]
    if exchange.ip:
        fields.append(("WARC-IP-Address", exchange.ip))
    return fields


def _warc_head(fields: list[tuple[str, str]], length: int) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in fields])
    return f"WARC/1.1\r\n{lines}Content-Length: {length}\r\n\r\n".encode()


def _http_head(exchange: Exchange) -> bytes:
    status = f"{exchange.protocol} {exchange.status} {exchange.reason or ''}\r\n"
    lines = [_header(name, value) for name, value in exchange.response_headers]
    return status.encode("utf-8", "surrogateescape") + b"".join(lines) + b"\r\n"


def _header(name: bytes, value: bytes) -> bytes:
    if b"\n" in value or b"\r" in value:  # would split the head
        value = b" ".join(value.splitlines())
    return _RENAMED.get(name.lower(), name) + b": " + value + b"\r\n"


def _request_head(exchange: Exchange) -> bytes:
    parts = urlsplit(_safe_url(exchange.url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [_line(name, value) for name, value in exchange.request_headers]
    if not any(name.lower() == "host" for name, _ in exchange.request_headers):
        lines.insert(0, _line("Host", parts.netloc.rpartition("@")[2]))
    return f"{exchange.method} {target} HTTP/1.1\r\n".encode() + b"".join(lines) + b"\r\n"


def _line(name: str, value: str) -> bytes:
    if "\n" in value or "\r" in value:
        value = value.replace("\r", " ").replace("\n", " ")
    return f"{name}: {value}\r\n".encode("utf-8", "surrogateescape")


def _safe_url(url: str) -> str:
    return _NOT_IN_URL.sub(lambda match: quote(match[0]), url)


def _worth_compressing(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    media_type = b"text/"
    for name, value in headers:
        lower = name.lower()
        if lower == b"content-encoding" and value.lower() != b"identity":
            return False
        if lower == b"content-type":
            media_type = value
    return _TEXT_TYPE.match(media_type) is not None


def _compressed(data: bytes) -> bytes:
    # Level 3: a 115 kB page takes 0.17 ms and 8.9 kB; level 6 takes 0.50 ms and 8.1 kB.
    window, memory = (15, 8) if len(data) > 1 << _SMALL else (_SMALL, _SMALL_MEMORY)
    stream = zlib.compressobj(3, zlib.DEFLATED, 16 + window, memory)
    return stream.compress(data) + stream.flush()


def _stored(head: bytes, body: bytes) -> bytes:
    """Return one gzip member: the head compressed, the body, compressed already by its sender, as it is.

    Deflating a gzip page again costs five times as much as the rest of its record and gains nothing. A
    deflate stream flushed to a byte boundary may be continued by another one.
    """
    first = zlib.compressobj(3, zlib.DEFLATED, -_SMALL, _SMALL_MEMORY)
    then = zlib.compressobj(0, zlib.DEFLATED, -_SMALL, _SMALL_MEMORY)
    deflated = [first.compress(head), first.flush(zlib.Z_SYNC_FLUSH), then.compress(body), then.flush()]
    trailer = struct.pack("<II", zlib.crc32(body, zlib.crc32(head)), (len(head) + len(body)) & 0xFFFFFFFF)
    return b"".join([_GZIP_HEAD, *deflated, trailer])
