"""Content codings: the bytes on the wire as the bytes of the page, never more than asked for."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from csu_news.errors import CsuNewsError

# zlib's wbits: 31 is gzip with its header and trailer, 15 a zlib stream, -15 deflate without a wrapper.
_WBITS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
_GZIP_MAGIC = b"\x1f\x8b"
# Each further member costs a copy of the rest of the body: 16 MB of empty members would take hours.
_MAX_MEMBERS = 100
_MAX_CODINGS = 3


class BodyTooLarge(CsuNewsError):
    """The decoded body would be larger than the limit."""


class BodyUndecodable(CsuNewsError):
    """The body is not what its Content-Encoding says, is damaged, or has a coding that we do not read."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded body; not `complete` when the compressed stream was cut: keep it, extract nothing from it."""

    body: bytes
    complete: bool


def decode_body(body: bytes, content_encoding: str | None, limit: int) -> Decoded:
    r"""Undo the content coding of a body.

    Bytes after the end of a compressed stream are ignored; an empty body is complete under any coding.

    limit   the most bytes that may come out; no more than about these are ever in memory
    errors  BodyTooLarge: more would come out; BodyUndecodable: not decodable at all
    source  RFC 9110 section 8.4.1; deflate with and without its zlib wrapper, as servers send both

    >>> decode_body(b"\x78\x9c\x4b\x04\x00\x00\x62\x00\x62", "deflate", limit=100)
    Decoded(body=b'a', complete=True)
    """
    codings = _codings(content_encoding)
    if len(codings) > _MAX_CODINGS:
        raise BodyUndecodable(f"The body has {len(codings)} content codings on top of each other.")
    complete = True
    for coding in reversed(codings):
        if not body:
            break
        if coding not in _WBITS:
            raise BodyUndecodable(f"The content coding {coding[:40]!r} is not one that we asked for.")
        body, ended = _inflate(body, coding, limit)
        complete = complete and ended
    if len(body) > limit:
        raise BodyTooLarge(f"The body is larger than {limit} bytes.")
    return Decoded(body, complete)


def _codings(content_encoding: str | None) -> list[str]:
    names = (name.strip().lower() for name in (content_encoding or "").split(","))
    return [name for name in names if name not in ("", "identity")]


def _inflate(body: bytes, coding: str, limit: int) -> tuple[bytes, bool]:
    for wbits in _WBITS[coding]:
        try:
            return _members(body, wbits, limit)
        except zlib.error as error:
            failure = error
    raise BodyUndecodable(f"The body is labelled {coding} and is not: {failure}.") from failure


def _members(body: bytes, wbits: int, limit: int) -> tuple[bytes, bool]:
    """Decompress all members of the body; the flag tells whether the last one had its end."""
    decoded, rest, ended = _member(body, wbits, limit)
    count = 1
    while ended and wbits == 31 and rest.startswith(_GZIP_MAGIC):
        if count == _MAX_MEMBERS:
            raise BodyUndecodable(f"The body consists of more than {_MAX_MEMBERS} gzip members.")
        try:
            more, rest, ended = _member(rest, wbits, limit - len(decoded))
        except zlib.error:  # bytes after the end that only look like a member
            break
        decoded += more
        count += 1
    return decoded, ended


def _member(body: bytes, wbits: int, limit: int) -> tuple[bytes, bytes, bool]:
    stream = zlib.decompressobj(wbits)
    decoded = stream.decompress(body, limit + 1)
    if len(decoded) > limit:
        raise BodyTooLarge(f"The decoded body would be larger than the limit of {limit} bytes.")
    return decoded, stream.unused_data, stream.eof
