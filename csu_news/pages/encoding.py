"""The text of a response body: which encoding it is really in, whatever its labels say."""

from __future__ import annotations

from contextlib import suppress

from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

_SINGLE_BYTE = ("iso8859", "cp125", "latin", "koi8", "ascii", "mac", "tis")


def utf8_bytes(body: bytes, declared: str | None = None) -> bytes:
    """Return the body as UTF-8 without BOM and NUL bytes; `declared` is the header's charset.

    Order: BOM; UTF-8 if the bytes are valid UTF-8, because other text hardly ever is; then what header
    and `<meta>` claim; GB 18030; at last the candidate that loses fewest characters. A claim of a
    single-byte encoding counts only at the end: any bytes at all are valid in it.
    """
    bom, text = read_bom(body)
    if bom and text:
        if bom != "utf-8":
            return _encoded(body.decode(bom, "replace"))
        body = body[3:]
    if _decodes(body, "utf-8"):
        return body.replace(b"\0", b"") if b"\0" in body else body
    return _encoded(_best(body, _candidates(body, declared)))


def _encoded(text: str) -> bytes:
    return text.replace("\0", "").encode("utf-8", "replace")


def _decodes(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _candidates(body: bytes, declared: str | None) -> list[str]:
    """Return encodings worth trying, most likely first."""
    claims = [resolve_encoding(declared) if declared else None, html_body_declared_encoding(body)]
    known = [claim for claim in claims if claim]
    several = [name for name in known if not name.startswith(_SINGLE_BYTE)]
    single = [name for name in known if name.startswith(_SINGLE_BYTE)]
    return list(dict.fromkeys([*several, "utf-8", "gb18030", *single]))


def _best(body: bytes, candidates: list[str]) -> str:
    """Return the reading that loses fewest characters.

    UTF-8 with a torn character (a page cut at a byte limit) must not be read as GB 18030, in which
    such bytes may happen to be valid: fewer than one bad character in fifty is still UTF-8.
    """
    utf8 = body.decode("utf-8", "replace")
    foreign = sum(byte > 127 for byte in body[:200_000])
    if utf8.count("\ufffd") * 50 < foreign:
        return utf8
    readings = []
    for name in candidates:
        with suppress(LookupError, UnicodeError):  # `undefined`, `rot13`: names of codecs that read no page
            readings.append(utf8 if name == "utf-8" else body.decode(name, "replace"))
    return min(readings, key=lambda text: text.count("\ufffd"))
