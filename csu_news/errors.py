"""The errors that csu_news raises on purpose.

CsuNewsError
├── UsageError           the user asked for something that cannot be (exit code 2)
├── SiteError            a site or page is not what the crawl needs
│   ├── RobotsUnreachable  its robots.txt cannot be had, so nothing may be fetched
│   ├── SiteShut         it refuses us, or its articles vanish one after the other
│   └── HostHeld         it asked to be left alone for a while (the page stays due)
├── ArchiveError         the database cannot be used
│   ├── NotAnArchive     the file is something else
│   ├── NewerArchive     made by a later version
│   ├── OlderArchive     made by an earlier version, and to be brought up to date before it is read
│   └── ArchiveLocked    another crawl holds it (exit code 75)
├── BackupError          a backup's folder cannot be used
│   └── BackupLocked     another backup or check is at work in it (exit code 75)
├── SnapshotError        a snapshot's folder cannot be written
├── ClusterError         the machines that were to do the work cannot be had
├── ExportError          what was asked for cannot be written
└── EvidenceError        a WARC file cannot be written or read
    └── DiskFull         no room for the next record or row

Each message is one sentence for a person: what is wrong, and what to do.
"""


class CsuNewsError(Exception):
    """Base of all expected failures.

    exit_code  what the command line returns
    outcome    the cause in a word or two, as `runs.outcome` has it
    """

    exit_code = 1
    outcome = "error"


class UsageError(CsuNewsError):
    exit_code = 2


class SiteError(CsuNewsError):
    outcome = "site"


class RobotsUnreachable(SiteError):
    outcome = "robots"


class SiteShut(SiteError):
    outcome = "shut"


class HostHeld(SiteError):
    pass


class ArchiveError(CsuNewsError):
    outcome = "archive"


class NotAnArchive(ArchiveError):
    pass


class NewerArchive(ArchiveError):
    pass


class OlderArchive(ArchiveError):
    pass


class ArchiveLocked(ArchiveError):
    exit_code = 75


class BackupError(CsuNewsError):
    pass


class BackupLocked(BackupError):
    exit_code = 75


class ClusterError(CsuNewsError):
    outcome = "cluster"


class ExportError(CsuNewsError):
    pass


class SnapshotError(CsuNewsError):
    pass


class EvidenceError(CsuNewsError):
    outcome = "evidence"


class DiskFull(EvidenceError):
    outcome = "disk full"
