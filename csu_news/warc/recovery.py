"""Bring a file that a killed run left behind into a state in which it can be sealed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from csu_news.errors import EvidenceError
from csu_news.warc.reader import DamagedRecord, StoredResponse, iter_records


@dataclass(frozen=True, slots=True)
class Repair:
    """What repair() did and found.

    cut_bytes  how many bytes of an unfinished record were cut off the end
    records    the whole responses and revisits beyond the committed end, in file order, without their bodies
    damaged    what was left in place because its gzip member is sound and its content is not
    """

    cut_bytes: int
    records: list[StoredResponse] = field(default_factory=list)
    damaged: list[DamagedRecord] = field(default_factory=list)


def repair(path: Path, committed_end: int) -> Repair:
    """Cut an unfinished record off the end of an unsealed file, and name the whole ones nobody knows of.

    Nothing before the first torn record is touched. What is cut was never reported as stored. A file
    that is not there is as good as an empty one, as it is registered before it is created.

    committed_end  `Location.end` up to which every record has its row, 0 if none has; inside that part
                   nothing is read, damage there is for `verify`
    errors         EvidenceError: the file is shorter than that, or cannot be read or cut
    """
    if not path.exists() and committed_end == 0:
        return Repair(0)
    size = _size(path)
    if size < committed_end:
        raise EvidenceError(f"{path} has lost records: it is {size} bytes long and was {committed_end}.")
    found, position = Repair(0), committed_end
    while position < size:
        try:
            for record in iter_records(path, position):
                if isinstance(record, StoredResponse):
                    found.records.append(replace(record, body=b""))
            break
        except DamagedRecord as damage:
            if damage.next_offset is None:
                # Not searched for records behind it: a page may itself hold bytes that look like one of ours.
                _cut(path, damage.offset)
                return replace(found, cut_bytes=size - damage.offset)
            found.damaged.append(damage)
            position = damage.next_offset
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}.") from error


def _cut(path: Path, end: int) -> None:
    try:
        with path.open("r+b") as file:
            file.truncate(end)
            os.fsync(file.fileno())
    except OSError as error:
        raise EvidenceError(f"{path} cannot be repaired: {error.strerror}.") from error
