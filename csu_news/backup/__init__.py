"""A backup: a consistent copy of the archive in a folder, as a BagIt bag (RFC 8493) that is restored by copying.

The database is copied first, then of each WARC file what that copy knows. All of it waits in a folder of its own
until it is whole and on the disk; then renames put it in place, WARC files before the database, so that what lies
in `data/` can be restored at any moment. Nothing in the archive is written; a crawl may be running.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from csu_news.archive import Archive
from csu_news.backup.bag import read_bag, tag_files
from csu_news.backup.check import check_backup
from csu_news.backup.database import DatabaseCopy, bag_info, refuse_other_archive, stage_database
from csu_news.backup.evidence import Staging, stage_evidence
from csu_news.backup.folder import BackupFolder
from csu_news.files import replace_file
from csu_news.verify import Problem

__all__ = ["Summary", "backup", "check_backup"]


@dataclass(slots=True)
class Summary:
    """What a backup did.

    copied    the files that were copied, as they are named in the backup
    kept      what lies in the backup and not, or no longer, in the archive: it stays
    problems  what the archive has lost or damaged, so that it could not be copied as it was written
    """

    folder: str
    files: int = 0
    size_bytes: int = 0
    copied_bytes: int = 0
    copied: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return what `csu-news backup --json` prints."""
        return asdict(self)


def backup(archive: Archive, path: Path, progress: Callable[[int, int], None] = lambda done, total: None) -> Summary:
    """Bring the backup in this folder up to date, or begin it; only what is new is copied.

    progress  called with bytes of evidence copied so far and in all
    errors    UsageError: the folder is no place for it; BackupError: it cannot be written, or holds another archive;
              DiskFull: no room; the former backup then is as it was
    """
    started = time.monotonic()
    folder = BackupFolder(path)
    folder.refuse_unsuitable(archive)
    with folder.claimed():
        tags = read_bag(path)
        refuse_other_archive(archive, folder, tags)
        database = stage_database(archive, folder, tags)
        staging = stage_evidence(archive.warc_folder, database, folder, tags, progress)
        summary = _put_in_place(archive, folder, database, staging)
    summary.seconds = round(time.monotonic() - started, 1)
    return summary


def _put_in_place(archive: Archive, folder: BackupFolder, database: DatabaseCopy, staging: Staging) -> Summary:
    name = f"data/{archive.path.name}"
    digests = staging.digests | {name: database.sha256}
    strays = folder.strays(digests)
    sizes = {file: folder.size(file) for file in digests | strays}
    for tag, data in tag_files(digests | strays, bag_info(archive, database, sizes)).items():
        replace_file(folder.staged / tag, data, 0o644)
    folder.switch(staging.digests)
    copied = staging.copied + ([name] if database.is_new else [])
    return Summary(
        folder=str(folder.path),
        files=len(sizes),
        size_bytes=sum(sizes.values()),
        copied_bytes=sum(sizes[file] for file in copied),
        copied=sorted(copied),
        kept=sorted({*staging.kept, *strays}),
        problems=staging.problems,
    )
