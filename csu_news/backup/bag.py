"""The bag's tag files. bagit reads them; they are written here, as bagit can only hash the whole payload again."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import bagit

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
TAG_FILES = ("bagit.txt", "bag-info.txt", MANIFEST, TAG_MANIFEST)
"""In the order in which they are put in place: the last one says that the backup is whole."""

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

logging.getLogger("bagit").addHandler(logging.NullHandler())  # it logs what it also raises


@dataclass(slots=True)
class Tags:
    """What the tag files say.

    digests  sha256 of each payload file by its path, like `data/warc/….warc.gz`; none when they are not to be trusted
    info     the fields of bag-info.txt
    """

    digests: dict[str, str]
    info: dict[str, str]


def open_bag(folder: Path) -> bagit.Bag | None:
    """Return the bag in a folder; None when there is none, or none that can be read."""
    try:
        return bagit.Bag(str(folder))
    except (bagit.BagError, OSError, ValueError):
        return None


def read_bag(folder: Path) -> Tags:
    """Return what the tag files say; the digests only of a backup that was finished, and whose tag files are whole."""
    bag = open_bag(folder)
    if bag is None:
        return Tags({}, {})
    info = {name: str(value) for name, value in bag.info.items()}
    digests = {path: sums.get("sha256", "") for path, sums in bag.payload_entries().items()}
    return Tags(digests if _is_whole(folder, bag) else {}, info)


def _is_whole(folder: Path, bag: bagit.Bag) -> bool:
    stored = {path: sums.get("sha256") for path, sums in bag.tagfile_entries().items()}
    return stored == {name: sha256_of(folder / name) for name in TAG_FILES[:-1] if (folder / name).is_file()}


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tag_files(digests: dict[str, str], info: dict[str, str]) -> dict[str, bytes]:
    """Return the tag files by name."""
    texts = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": "".join(f"{name}: {_one_line(value)}\n" for name, value in info.items()),
        MANIFEST: _manifest(digests),
    }
    files = {name: text.encode() for name, text in texts.items()}
    own = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return files | {TAG_MANIFEST: _manifest(own).encode()}


def _manifest(digests: dict[str, str]) -> str:
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))


def _one_line(value: str) -> str:
    return " ".join(value.split())
