"""What a WACZ must be, looked up in the file: `wacz validate` calls nearly everything valid."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from csu_news.errors import ExportError

PACKAGE = "datapackage.json"
PAGES = "pages/pages.jsonl"
INDEX = "indexes/index.cdx.gz"


def check_wacz(path: Path, pages: int) -> None:
    """Raise ExportError for a file that is no WACZ with so many pages.

    source  https://specs.webrecorder.net/wacz/1.1.1/
    """
    try:
        with ZipFile(path) as wacz:
            problem = _problem(wacz, pages)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        problem = f"it cannot be read ({error})"
    if problem:
        raise ExportError(f"The WACZ that py-wacz made is wrong: {problem}.")


def _problem(wacz: ZipFile, pages: int) -> str | None:
    """Return what is wrong first."""
    names = wacz.namelist()
    if len(names) != len(set(names)):
        return "a name occurs twice"
    if not any(name.startswith("archive/") for name in names):
        return "there is no WARC file in it"
    for member in wacz.infolist():  # replay reads parts of these, by their place in the file
        if member.filename.endswith((".gz", ".warc")) and member.compress_type != ZIP_STORED:
            return f"{member.filename} is compressed in the zip"
    return _packaged(wacz) or _paged(wacz, pages) or _indexed(wacz)


def _packaged(wacz: ZipFile) -> str | None:
    package = wacz.read(PACKAGE)
    digest = json.loads(wacz.read("datapackage-digest.json"))
    if digest["hash"] != f"sha256:{hashlib.sha256(package).hexdigest()}":
        return f"the digest of {PACKAGE} is not its own"
    resources = {resource["path"]: resource for resource in json.loads(package)["resources"]}
    if resources.keys() != set(wacz.namelist()) - {PACKAGE, "datapackage-digest.json"}:
        return f"{PACKAGE} does not name what is there"
    for name, resource in resources.items():
        with wacz.open(name) as file:
            if resource["hash"] != f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}":  # type: ignore[arg-type]
                return f"the digest of {name} is not its own"
        if resource["bytes"] != wacz.getinfo(name).file_size:
            return f"the size of {name} is not its own"
    return None


def _paged(wacz: ZipFile, pages: int) -> str | None:
    with wacz.open(PAGES) as file:
        lines = [json.loads(line) for line in file]
    if not lines or lines[0].get("format") != "json-pages-1.0" or "id" not in lines[0]:
        return "the list of pages has no header"
    if len(lines) - 1 != pages or not all(page.get("url") and page.get("ts") for page in lines[1:]):
        return "the list of pages is not what was selected"
    return None


def _indexed(wacz: ZipFile) -> str | None:
    before = b""
    with wacz.open(INDEX) as file, gzip.open(file) as index:
        for line in index:
            if line < before:
                return "the index is not sorted"
            before = line
    return None if before else "the index is empty"
