"""A page on its way out: validators, conditional answers and gzip, as a plain web server does them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

HTML = "text/html; charset=UTF-8"
MEMBER_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # gzip without name and time: the same bytes each time


@dataclass(slots=True)
class Reply:
    """A status with its headers and body, not yet compressed."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    modified: datetime | None = None
    headers: dict[str, str] = field(default_factory=dict)


def finish(reply: Reply, request: Mapping[str, str]) -> Reply:
    """Return what goes over the wire to a client that sent these headers: the page, gzip of it, or 304."""
    headers = {"Content-Type": reply.content_type, "Server": "*********", **reply.headers}
    if reply.status != 200:
        return Reply(reply.body, reply.content_type, reply.status, None, headers)
    zipped = reply.content_type.startswith("text/") and "gzip" in request.get("Accept-Encoding", "")
    tag = f'"{zlib.crc32(reply.body):x}-{len(reply.body):x}"'
    headers["ETag"] = f"W/{tag}" if zipped else tag
    if reply.content_type.startswith("text/"):
        headers["Vary"] = "Accept-Encoding"
    if reply.modified is not None:
        headers["Last-Modified"] = format_datetime(reply.modified, usegmt=True)
    if _unchanged(tag, reply.modified, request):
        headers.pop("Content-Type")
        return Reply(b"", reply.content_type, 304, None, headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Reply(gzip(reply.body) if zipped else reply.body, reply.content_type, 200, None, headers)


def gzip(data: bytes, level: int = 1) -> bytes:
    """Return one gzip member, deterministic."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    trailer = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return MEMBER_HEAD + packer.compress(data) + packer.flush() + trailer


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
