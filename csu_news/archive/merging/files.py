"""The other archive's WARC files: linked or copied, each held against its checksum, and none in place of another."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from pathlib import Path

from csu_news.archive.merging.rows import Rows
from csu_news.errors import EvidenceError
from csu_news.files import sync

CLASHES = """
select s.name from source.warc_files s join main.warc_files m on m.name = s.name where s.sha256 is not m.sha256
"""
NEW = "select name, size_bytes, sha256 from source.warc_files where name not in (select name from main.warc_files)"
_STEP_BYTES = 1 << 22


def stage_files(connection: sqlite3.Connection, theirs: Path, ours: Path, staging: Path, rows: Rows) -> list[Path]:
    """Bring the files that are new into the staging folder, and return them there.

    errors  EvidenceError: one is damaged or missing, or bears the name of another
    """
    clash = connection.execute(CLASHES).fetchone()
    if clash is not None:
        _refuse(theirs / clash["name"], ours / clash["name"])
    (size,) = connection.execute(f"select coalesce(sum(size_bytes), 0) from ({NEW})").fetchone()
    rows.expect(size // 1000)
    return [_stage(theirs / row["name"], ours, staging / row["name"], row["sha256"], rows) for row in _new(connection)]


def _new(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    return connection.execute(NEW).fetchall()


def _stage(path: Path, ours: Path, target: Path, sha256: str, rows: Rows) -> Path:
    """Link the file, or copy it to another disk: sealed files are never written again."""
    stray = ours / path.name  # of another archive in this folder, or put there by hand
    try:
        if stray.exists() and _sha256(stray, None) != sha256:
            _refuse(path, stray)
        try:
            os.link(path, target)
        except OSError:
            shutil.copyfile(path, target)
        if _sha256(target, rows) != sha256:
            raise EvidenceError(f"{path} is damaged: its sha256 is not the one it was sealed with.")
        sync(target)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be brought here: {error.strerror}.") from error
    return target


def _sha256(path: Path, rows: Rows | None) -> str:
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_STEP_BYTES):
            sha256.update(data)
            if rows:
                rows.advance(len(data) // 1000)
    return sha256.hexdigest()


def _refuse(theirs: Path, ours: Path) -> None:
    raise EvidenceError(f"{theirs} and {ours} have one name and are not the same: one of them must not be merged.")
