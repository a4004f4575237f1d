"""Files brought whole onto the disk: a reader sees the old bytes or the new ones, and nothing between."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Write the file under another name, sync it and rename it; return False if it held these bytes already.

    errors  OSError: it cannot be written
    """
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, mode) as file:
        file.write(content)
    return True


@contextmanager
def replacing(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Give a file of another name beside it, which is synced and takes its place when the block ends without error.

    errors  OSError: it cannot be written; what was at the path is there still
    """
    with replacing_at(path, mode) as temporary, temporary.open("wb") as file:
        yield file


@contextmanager
def replacing_at(path: Path, mode: int = 0o600) -> Iterator[Path]:
    """Give the path of an empty file beside it, for those who open it themselves; see replacing()."""
    handle, name = tempfile.mkstemp(prefix=_prefix(path), dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "r+b") as file:
            yield temporary
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a folder of another name beside it, which takes its place when the block ends without error.

    What is in it is not synced: a file at a time, for thousands of them, takes minutes.
    errors  OSError: it cannot be written, or something is at the path that is no empty folder
    """
    temporary = Path(tempfile.mkdtemp(prefix=_prefix(path), dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        temporary.replace(path)
    except BaseException:
        shutil.rmtree(temporary)
        raise


def _prefix(path: Path) -> str:
    return f".{path.name[:100]}."


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, onto the disk: a new name is there only when its folder is."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
