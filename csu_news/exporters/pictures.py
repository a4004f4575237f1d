"""Pictures out of the evidence, for copies that stand alone."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from pathlib import Path

from csu_news.errors import CsuNewsError
from csu_news.warc import read_response

MOST_BYTES = 16 << 20

# what is only drawn and cannot hold a script, told by its first bytes: SVG is none of them
RASTER = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}

STORED = """
select m.url, w.name, f.warc_offset from media m join fetches f on f.id = m.fetch_id
join warc_files w on w.id = f.warc_file_id where m.article_id = ? and m.kind = 'image'
"""


def data_urls(connection: sqlite3.Connection, warc_folder: Path, article_id: int) -> dict[str, str]:
    """Return the pictures of an article as `data:` addresses, by their own; those that cannot be read are left out."""
    found = {}
    for url, name, offset in connection.execute(STORED, (article_id,)).fetchall():
        content = _content(warc_folder / name, offset)
        if kind := raster_type(content):
            found[url] = f"data:{kind};base64,{b64encode(content).decode('ascii')}"
    return found


def raster_type(content: bytes) -> str | None:
    """Return the type of a raster picture; None if it is anything else.

    >>> raster_type(b"GIF89a..."), raster_type(b"<svg/>")
    ('image/gif', None)
    """
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in RASTER.items() if content.startswith(start)), None)


def _content(path: Path, offset: int) -> bytes:
    if not path.exists():
        path = path.with_name(f"{path.name}.open")
    try:
        return read_response(path, offset).decoded(MOST_BYTES).body
    except CsuNewsError:  # missing or damaged, which `csu-news verify` tells; or too large
        return b""
