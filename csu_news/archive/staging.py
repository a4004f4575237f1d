"""The folder `<db>.merging`, in which a merge makes all ready, and out of which a killed one is undone."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from csu_news.errors import EvidenceError
from csu_news.files import sync

PLACED = "placed"


def staging_of(db: Path) -> Path:
    return db.with_name(f"{db.name}.merging")


def place_files(files: list[Path], folder: Path) -> None:
    """Give the staged files their place, when all else is ready to be committed; first note which are new there."""
    if not files:
        return
    staging = files[0].parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = [path.name for path in files if not (folder / path.name).exists()]
        (staging / PLACED).write_text("\n".join(new), encoding="utf-8")
        for path in (staging / PLACED, staging):
            sync(path)
        for path in files:
            path.rename(folder / path.name)
        sync(folder)
    except OSError as error:
        raise EvidenceError(f"The WARC files cannot be put into {folder}: {error.strerror}.") from error


def clear_staging(connection: sqlite3.Connection, db: Path, warc_folder: Path) -> None:
    """Remove the folder, and what a merge put into place and never committed: its archive still has it."""
    staging = staging_of(db)
    if not staging.exists():
        return
    try:
        if (staging / PLACED).exists():
            registered = {name for (name,) in connection.execute("select name from main.warc_files")}
            for name in (staging / PLACED).read_text(encoding="utf-8").splitlines():
                if name not in registered:
                    (warc_folder / name).unlink(missing_ok=True)
        shutil.rmtree(staging)
    except OSError as error:
        raise EvidenceError(f"What a merge left cannot be cleared away: {error.filename}: {error.strerror}.") from error
