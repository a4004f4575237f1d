"""Is the archive what it was? The evidence against its checksums, the database against the evidence and itself.

Nothing is written. A crawl may be running: what it has not finished is looked at as far as it is committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from csu_news.archive import Archive
from csu_news.verify.database import check_database
from csu_news.verify.evidence import check_evidence
from csu_news.verify.report import Problem, Report

__all__ = ["Problem", "Report", "verify"]


def verify(archive: Archive, progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """Check everything and return what is damaged; whatever can be read is checked, whatever else is.

    progress  called with bytes of evidence read so far and in all
    """
    started = time.monotonic()
    report = Report()
    connection = archive.connection
    # Listed first: a running crawl registers each file before it creates it.
    names = sorted(path.name for path in archive.warc_folder.glob("*")) if archive.warc_folder.is_dir() else []
    connection.execute("begin")
    try:
        check_evidence(connection, archive.warc_folder, names, report, progress)
        check_database(connection, archive.path, report)
    finally:
        connection.execute("rollback")
    report.seconds = round(time.monotonic() - started, 1)
    return report
