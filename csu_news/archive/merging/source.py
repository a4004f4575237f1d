"""The other archive: attached for reading as schema `source`, never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from csu_news.archive import Archive
from csu_news.archive.database import is_older, open_for_writing, open_read_only, reading_uri
from csu_news.archive.staging import clear_staging, staging_of
from csu_news.errors import ArchiveError, ArchiveLocked, UsageError

UNFINISHED = """
select (select count(*) from runs where outcome is null) + (select count(*) from warc_files where sealed_at is null)
"""


@contextmanager
def damage_said(other: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged file into one sentence.

    errors  ArchiveError: pages of an archive cannot be read
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        raise ArchiveError(
            f"{other} is not merged, an archive is damaged ({error}): `csu-news verify` says which."
        ) from error


@contextmanager
def attached(archive: Archive, other: Path) -> Iterator[Path]:
    """Attach the archive, of an earlier version a copy with today's schema; give a folder to stage files in.

    errors  UsageError: it is the same archive; ArchiveError: it cannot be read; ArchiveLocked: a run of it has no end
    """
    _refuse_itself(archive.path, other)
    staging = staging_of(archive.path)
    staging.mkdir()
    try:
        path = _current(other, staging / "source.db")
        archive.connection.execute("attach ? as source", (reading_uri(path),))
        try:
            yield staging
        finally:
            archive.connection.execute("detach source")
    finally:
        clear_staging(archive.connection, archive.path, archive.warc_folder)


def check_source(path: Path, target: Path) -> None:
    """Raise before anything is done what would keep an archive from being merged into the target."""
    _refuse_itself(target, path)
    with damage_said(path), closing(open_read_only(path, older=True)) as connection:
        _refuse_unfinished(connection, path)


def _refuse_itself(target: Path, other: Path) -> None:
    if target.exists() and other.exists() and target.samefile(other):
        raise UsageError(f"{other} cannot be merged into itself: name OUT only once.")


def _current(path: Path, copy: Path) -> Path:
    """Return the archive's path, or that of a copy brought up to date."""
    with closing(open_read_only(path, older=True)) as connection:
        _refuse_unfinished(connection, path)
        if not is_older(connection):
            return path
        connection.execute("vacuum into ?", (str(copy),))
    open_for_writing(copy).close()
    return copy


def _refuse_unfinished(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute(UNFINISHED).fetchone()[0]:
        raise ArchiveLocked(
            f"{path} is being crawled, or its last crawl was killed: let `csu-news crawl --db {path}` come to an end."
        )
