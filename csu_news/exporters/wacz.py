"""WACZ 1.1: the evidence as one file that ReplayWeb.page and pywb show, made by py-wacz."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from wacz.main import main as py_wacz

from csu_news.errors import ExportError
from csu_news.exporters.chosen import Chosen
from csu_news.exporters.wacz_check import check_wacz

HEADER = {"format": "json-pages-1.0", "id": "pages", "title": "Articles"}
STEP_BYTES = 1 << 20

# where the pages of an article, those of its further parts and its pictures and attachments were ever kept
FILES_OF_ARTICLE = """
select distinct warc_file_id from fetches where warc_file_id is not null and page_id in (
  select id from pages where article_id = :id
  union select page_id from parts where article_id = :id
  union select f.page_id from media m join fetches f on f.id = m.fetch_id where m.article_id = :id)
"""
FILES_OF_SITE = """
select distinct f.warc_file_id from pages p join fetches f on f.page_id = p.id
where p.site = ? and p.kind = 'requisite' and f.warc_file_id is not null
"""
FILE = """
select w.name, w.sealed_at, max(f.warc_offset + f.warc_length) as known_end
from warc_files w join fetches f on f.warc_file_id = w.id where w.id = ?
"""


def write_wacz(chosen: Chosen, target: Path) -> None:
    """Write a WACZ: a page for each article that has evidence, and the WARC files, whole, that hold what it needs.

    Of a file that a crawl is writing it has what the database knows. The list of pages has only what is selected;
    the files have whatever was fetched beside it.
    errors  ExportError: nothing is selected; a WARC file is missing; py-wacz failed, or its file is not as it must be
    """
    with tempfile.TemporaryDirectory(prefix=f"{target.name}.", dir=target.parent) as name:
        folder = Path(name)
        pages = folder / "pages.jsonl"
        file_ids = _write_pages(chosen, pages)
        if not file_ids:
            raise ExportError("No article with evidence is selected, and a WACZ is nothing without.")
        warcs = [_warc(chosen, file_id, folder) for file_id in sorted(file_ids)]
        _create(target, warcs, pages)
    check_wacz(target, pages=chosen.count)


def _write_pages(chosen: Chosen, path: Path) -> set[int]:
    """Write the list of pages, in ASCII, since py-wacz reads it as the locale has it; return the files they need."""
    file_ids: set[int] = set()
    sites: set[str] = set()
    number = 0
    with path.open("w", encoding="ascii") as file:
        file.write(json.dumps(HEADER) + "\n")
        for article in chosen.articles():
            if article["warc_record_id"] is None:
                continue
            number += 1
            file.write(json.dumps(_page(chosen, article)) + "\n")
            file_ids.update(_ids(chosen, FILES_OF_ARTICLE, {"id": article["id"]}))
            sites.add(article["site"])
    chosen.count = number
    for site in sites:
        file_ids.update(_ids(chosen, FILES_OF_SITE, (site,)))
    return file_ids


def _page(chosen: Chosen, article: dict[str, Any]) -> dict[str, Any]:
    """Return the page as replay finds it: by the address and time of the answer that the article was read from."""
    query = "select url from fetches where id = ?"
    (url,) = chosen.connection.execute(query, (article["fetch_id"],)).fetchone()
    title = article["title"] or article["key"]
    return {"id": article["key"], "url": url, "ts": article["archived_at"], "title": title}


def _ids(chosen: Chosen, query: str, values: Any) -> Iterator[int]:
    for (file_id,) in chosen.connection.execute(query, values):
        yield file_id


def _warc(chosen: Chosen, file_id: int, folder: Path) -> Path:
    """Return a sealed file as it is, or a copy, under its final name, of what is known of an open one."""
    row = chosen.connection.execute(FILE, (file_id,)).fetchone()
    assert chosen.warc_folder is not None
    sealed: Path = chosen.warc_folder / row["name"]
    if row["sealed_at"] and sealed.exists():
        return sealed.absolute()
    copy: Path = folder / row["name"]
    for source in (sealed.with_name(f"{sealed.name}.open"), sealed):  # in this order: it may be sealed meanwhile
        with suppress(FileNotFoundError), source.open("rb") as old, copy.open("wb") as new:
            left = row["known_end"]
            while left and (data := old.read(min(STEP_BYTES, left))):
                left -= new.write(data)
            return copy
    raise ExportError(f"The WARC file {sealed} is missing: see `csu-news verify`.")


def _create(target: Path, warcs: list[Path], pages: Path) -> None:
    """Let py-wacz do it; `-c` takes our pages as they are, which it would else drop where it finds no record."""
    said = StringIO()
    words = ["create", "-f", *map(str, warcs), "-o", str(target), "-p", str(pages), "-c", "--title", "csu_news archive"]
    with redirect_stdout(said):
        failed = py_wacz(words)
    if failed:
        raise ExportError(f"py-wacz made no WACZ: {said.getvalue().strip().splitlines()[-1]}")
