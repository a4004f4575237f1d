"""The errors that csu_news raises on purpose.

CsuNewsError
├── UsageError           the user asked for something that cannot be (exit code 2)
├── SiteError            a site or page is not what the crawl needs
├── ArchiveError         the database cannot be used
│   ├── NotAnArchive     the file is something else
│   ├── NewerArchive     made by a later version
│   └── ArchiveLocked    another crawl holds it (exit code 75)
└── EvidenceError        a WARC file cannot be written or read
    └── DiskFull         no room for the next record

Each message is one sentence for a person: what is wrong, and what to do.
"""


class CsuNewsError(Exception):
    """Base of all expected failures; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(CsuNewsError):
    exit_code = 2


class SiteError(CsuNewsError):
    pass


class ArchiveError(CsuNewsError):
    pass


class NotAnArchive(ArchiveError):
    pass


class NewerArchive(ArchiveError):
    pass


class ArchiveLocked(ArchiveError):
    exit_code = 75


class EvidenceError(CsuNewsError):
    pass


class DiskFull(EvidenceError):
    pass
