"""Pictures and files out of the archive's evidence, never from the site they came from."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from csu_news.errors import CsuNewsError
from csu_news.exporters.pictures import raster_type
from csu_news.urls import canonical_url
from csu_news.warc import StoredResponse, read_response
from csu_news.web.article import readable
from csu_news.web.page import Answer, Asked, Missing, page

LARGEST = 64 * 1024 * 1024

HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, max-age=600"}

NAMED = """
select 1 from media where article_id = :id and :url in (url, original_url) and kind <> 'video'
union all select 1 from revisions, json_each(revisions.media) where article_id = :id and value = :url limit 1
"""
RECORDS = """
select w.name, w.sealed_at, f.warc_offset from pages p join fetches f on f.page_id = p.id
join warc_files w on w.id = f.warc_file_id
where p.canonical = ? and f.outcome = 'media' order by f.id desc limit 5
"""
FILE_NAME = "select name from media where article_id = ? and url = ? and name is not null"


@page
def media(asked: Asked, connection: sqlite3.Connection) -> Answer:
    found = readable(connection, asked.names["key"])
    url = asked.text("url") or ""
    if connection.execute(NAMED, {"id": found["id"], "url": url}).fetchone() is None:
        raise Missing("The article has no such picture or file.")
    contents = _contents(asked.site.warc_folder, connection, url)
    raster = raster_type(contents)
    if raster:
        return Answer(contents, content_type=raster, headers=HEADERS)
    named = connection.execute(FILE_NAME, (found["id"], url)).fetchone()
    name = file_name(named["name"] if named else unquote(urlsplit(url).path.rpartition("/")[2]))
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Answer(contents, 200, "application/octet-stream", HEADERS | {"Content-Disposition": disposition})


def file_name(text: str) -> str:
    r"""Return a name that is one on every system.

    >>> file_name("../a\r\nb.pdf")
    '_a_b.pdf'
    """
    return re.sub(r"[^\w.()（）《》、-]+", "_", text).lstrip(".")[-150:] or "file"


def _contents(folder: Path, connection: sqlite3.Connection, url: str) -> bytes:
    """Return the newest whole answer for this address."""
    for row in connection.execute(RECORDS, (canonical_url(url),)).fetchall():
        path = folder / (row["name"] if row["sealed_at"] else f"{row['name']}.open")
        try:
            response = read_response(path, row["warc_offset"])
            if _has_body(response):
                return response.decoded(LARGEST).body
        except CsuNewsError:
            continue
    raise Missing("It is not in this archive.")


def _has_body(response: StoredResponse) -> bool:
    return response.type == "response" and response.status == 200
