"""A page on its way out: validators, conditional answers and gzip, as a plain web server does them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

HTML = "text/html; charset=UTF-8"
MEMBER_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # gzip without name and time: the same bytes each time


class Fixed(bytes):
    """A piece that many pages share: its compressed form is kept."""


@dataclass(slots=True)
class Reply:
    """A status with its headers and body, not yet compressed."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    modified: datetime | None = None
    headers: dict[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = ()


def page_of(pieces: Iterable[str | Fixed], modified: datetime | None = None) -> Reply:
    """Return the page that the pieces make."""
    texts = tuple(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    return Reply(b"".join(texts), modified=modified, pieces=texts)


def finish(reply: Reply, request: Mapping[str, str]) -> Reply:
    """Return what goes over the wire to a client that sent these headers: the page, gzip of it, or 304."""
    headers = {"Content-Type": reply.content_type, "Server": "*********", **reply.headers}
    if reply.status != 200:
        return Reply(reply.body, reply.content_type, reply.status, None, headers)
    zipped = reply.content_type.startswith("text/") and "gzip" in request.get("Accept-Encoding", "")
    checksum = zlib.crc32(reply.body)
    tag = f'"{checksum:x}-{len(reply.body):x}"'
    headers["ETag"] = f"W/{tag}" if zipped else tag
    if reply.content_type.startswith("text/"):
        headers["Vary"] = "Accept-Encoding"
    if reply.modified is not None:
        headers["Last-Modified"] = format_datetime(reply.modified, usegmt=True)
    if _unchanged(tag, reply.modified, request):
        headers.pop("Content-Type")
        return Reply(b"", reply.content_type, 304, None, headers)
    if not zipped:
        return Reply(reply.body, reply.content_type, 200, None, headers)
    headers["Content-Encoding"] = "gzip"
    return Reply(_gzip(reply.pieces or (reply.body,), checksum, len(reply.body)), headers=headers)


def gzip(data: bytes) -> bytes:
    """Return one gzip member, the same for the same data."""
    return _gzip((data,), zlib.crc32(data), len(data))


def _gzip(pieces: tuple[bytes, ...], checksum: int, size: int) -> bytes:
    """Return one gzip member of the pieces, each compressed on its own."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -13, 7)
    out = [MEMBER_HEAD]
    for piece in pieces:
        if isinstance(piece, Fixed):
            out.append(_packed(piece))
        else:
            out += packer.compress(piece), packer.flush(zlib.Z_FULL_FLUSH)
    out += packer.flush(), struct.pack("<II", checksum, size & 0xFFFFFFFF)
    return b"".join(out)


@lru_cache(maxsize=64)
def _packed(piece: Fixed) -> bytes:
    """Return the piece compressed, ended so that others can come before and after it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -13)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def _unchanged(tag: str, modified: datetime | None, request: Mapping[str, str]) -> bool:
    """Tell whether the client has it: by tag when it sent one (compared weakly), else by time."""
    known = request.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in known.split(","))
    since = request.get("If-Modified-Since")
    if since is None or modified is None:
        return False
    try:
        return modified <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
