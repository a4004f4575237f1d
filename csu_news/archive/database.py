"""Opening the archive's file: which database it is, its schema, its lock."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database

from csu_news.errors import ArchiveError, ArchiveLocked, NewerArchive, NotAnArchive, OlderArchive
from csu_news.migrations import migrations

APPLICATION_ID = 0x4353554E  # "CSUN", in the file's header


def timestamp(moment: datetime) -> str:
    """Return UTC as the archive writes it: `2026-03-01T12:00:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def open_read_only(path: Path, *, older: bool = False) -> sqlite3.Connection:
    """Open an existing archive for reading; a crawl may be writing to it, and its folder may be read-only.

    older   whether it may have an earlier version's schema
    errors  ArchiveError: it cannot be read; OlderArchive: an earlier version made it
    """
    try:
        path.stat()
    except PermissionError as error:
        raise ArchiveError(f"Cannot read the archive {path}: {error.strerror}.") from error
    except OSError as error:
        raise ArchiveError(
            f"There is no archive at {path}: make one with `csu-news crawl` or `csu-news demo`."
        ) from error
    connection = _connect_read_only(path)
    with _closed_on_error(connection):
        _check_identity(connection, path)
        _check_version(Database(connection), path)
        if not migrations.applied(Database(connection)):
            raise ArchiveError(f"{path} is an empty file: make an archive of it with `csu-news crawl`.")
        with _damage_said(path):
            outdated = is_older(connection)
        if outdated and not older:
            raise OlderArchive(
                f"{path} was made by an earlier csu_news: `csu-news upgrade --db {path}` brings it up to date."
            )
    return connection


def reading_uri(path: Path) -> str:
    """Return the address by which SQLite can read the archive, whoever owns its folder.

    SQLite wants to put an index of the -wal file beside it; where it may not, and nothing is in the -wal file,
    the archive can be read as a file that nobody changes. (It would try for ten seconds, and then call it
    "locking protocol".)

    errors  ArchiveError: the -wal file holds changes, and only who may write the folder can read them
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    wal, index = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if os.access(path.parent, os.W_OK) or index.exists():
        return uri
    if wal.exists() and wal.stat().st_size:
        raise ArchiveError(f"Cannot read the archive {path}: {wal.name} holds changes; open it once as its owner.")
    return f"{uri}&immutable=1"


def _connect_read_only(path: Path) -> sqlite3.Connection:
    try:
        return _connect(reading_uri(path))
    except sqlite3.OperationalError as error:
        raise ArchiveError(f"Cannot read the archive {path}: {error}.") from error


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open or create the archive, bring its schema up to date, and make each commit durable."""
    if path.exists() and not os.access(path, os.W_OK):
        raise ArchiveError(f"Cannot write the archive {path}: it is read-only for you.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(f"{path.absolute().as_uri()}?mode=rwc")
    except (OSError, sqlite3.OperationalError) as error:
        raise ArchiveError(f"Cannot write the archive {path}: {error}; choose a folder that can be written.") from error
    with _closed_on_error(connection):
        _check_identity(connection, path)
        try:
            _prepare(connection, path)
        except sqlite3.OperationalError as error:
            raise ArchiveError(f"Cannot write the archive {path}: {error}.") from error
    return connection


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None, cached_statements=512)
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def unchanging(connection: sqlite3.Connection) -> Iterator[None]:
    """Show the block one state of the archive, whatever a crawl writes meanwhile."""
    connection.execute("begin")
    try:
        yield
    finally:
        connection.execute("rollback")


def _check_identity(connection: sqlite3.Connection, path: Path) -> None:
    try:
        (application_id,) = connection.execute("pragma application_id").fetchone()
        (objects,) = connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        raise ArchiveError(f"Cannot read the archive {path}: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise NotAnArchive(f"{path} is not a csu_news archive ({error}); nothing was changed.") from error
    if objects and application_id != APPLICATION_ID:
        raise NotAnArchive(f"{path} is another program's database, not a csu_news archive; nothing was changed.")


def refuse_foreign(path: Path) -> None:
    """Raise NotAnArchive for a file that is something else, before anything is put beside it."""
    if path.is_file() and path.stat().st_size:
        connection = _connect_read_only(path)
        try:
            _check_identity(connection, path)
        finally:
            connection.close()


def _check_version(db: Database, path: Path) -> None:
    known = {migration.name for migration in migrations._migrations}
    with _damage_said(path):
        newer = [migration.name for migration in migrations.applied(db) if migration.name not in known]
    if newer:
        raise NewerArchive(f"{path} was made by a later csu_news (it has {newer[-1]}): install that version.")


@contextmanager
def _damage_said(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ArchiveError(f"Cannot read the archive {path}: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise ArchiveError(
            f"{path} is damaged ({error}): take a backup, or rebuild it with `reparse --from-warc`."
        ) from error


def is_older(connection: sqlite3.Connection) -> bool:
    """Tell whether the archive lacks tables or views of this version."""
    return bool(migrations.pending(Database(connection))) or _stored_views(connection) != _views()[1]


def _stored_views(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("select value from about where key = 'views_sha256'").fetchone()
    return row[0] if row else None


@cache
def _views() -> tuple[str, str]:
    """Return views.sql and its digest, by which an archive made with other views is told."""
    text = files("csu_news").joinpath("views.sql").read_text(encoding="utf-8")
    return text, sha256(text.encode()).hexdigest()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    db = Database(connection)
    _check_version(db, path)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("pragma foreign_keys=on")
    connection.execute("pragma wal_autocheckpoint=4000")  # pages of 4 kB: most are written again before that
    connection.execute("pragma cache_size=-32000")  # kB
    with _damage_said(path):
        outdated = not migrations.applied(db) or is_older(connection)
    if outdated:
        _migrate(connection, db, path)


def _migrate(connection: sqlite3.Connection, db: Database, path: Path) -> None:
    """Apply pending migrations, keeping a copy of the file as it was, and make the views anew."""
    applied, pending = migrations.applied(db), migrations.pending(db)
    if applied and pending:
        copy = path.with_name(f"{path.name}.before-{pending[0].name}")
        copy.unlink(missing_ok=True)
        connection.execute("vacuum into ?", (str(copy),))
    connection.execute(f"pragma application_id={APPLICATION_ID}")
    migrations.apply(db)
    with db.atomic():
        _make_views(connection)
        if not applied:
            db.table("about").insert({"key": "created_at", "value": timestamp(datetime.now(UTC))})


def _make_views(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("select name from sqlite_master where type = 'view'").fetchall():
        connection.execute(f'drop view "{name}"')
    text, digest = _views()
    for statement in text.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(
        "insert into about values ('views_sha256', ?) on conflict (key) do update set value = excluded.value", (digest,)
    )


class CrawlLock:
    """The lock that one crawl holds on an archive: `<db>.lock`, with the holder's process id and start time."""

    def __init__(self, path: Path) -> None:
        refuse_foreign(path)
        lock_path = path.with_name(path.name + ".lock")
        try:
            self._descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise ArchiveError(
                f"Cannot write {lock_path}: {error.strerror}; an archive is changed in a folder that can be written."
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 200).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise ArchiveLocked(
                f"Another crawl is writing {path} ({holder or 'starting'}): wait for it to end."
            ) from None
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"process {os.getpid()}, started {timestamp(datetime.now(UTC))}\n".encode(), 0)
        except OSError as error:
            os.close(self._descriptor)
            raise ArchiveError(f"Cannot write {lock_path}: {error.strerror}.") from error

    def release(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
