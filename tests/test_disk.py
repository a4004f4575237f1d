"""Disks that are full, limited or read-only: the run stops in one sentence, and what was stored stays."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import Ran, archived, differences, modelled, profiled, query, run

from csu_news.replica import ReplicaServer, ReplicaSite

Serve = Callable[..., ReplicaServer]
NAME = "demo-en"


def mount(folder: Path, *options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Return a function that gives a file system of its own, with these options of mount."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()

    def make(*options: str) -> Path:
        if not mount(folder, *options):
            pytest.skip("no file system can be mounted here")
        return folder

    yield make
    while subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0:
        pass


def crawl(site: ReplicaSite, db: Path, *options: str, under: tuple[str, ...] = ()) -> Ran:
    command = (*under, *profiled(site))
    return run("crawl", NAME, "--db", str(db), "--delay", "0", "--json", *options, command=command)


def assert_one_sentence(ran: Ran, *words: str) -> None:
    assert ran.code == 1
    lines = ran.err.strip().splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("Error: ")
    assert all(word in lines[0] for word in words), lines[0]


def assert_goes_on(site: ReplicaSite, db: Path) -> None:
    """Hold that the next run completes what the stopped one had begun, that it lost nothing, and that it is sound."""
    begun = db.exists() and query(db, "select 1 from sqlite_master where name = 'articles'")
    held = archived(db) if begun else {}
    ran = crawl(site, db)
    assert (ran.code, ran.document["outcome"]) == (0, "complete"), ran.err
    assert differences(db, modelled(site, NAME)) == []
    kept = archived(db)
    assert {key for key in held if held[key]["body"] != kept[key]["body"]} == set()
    checked = run("verify", "--db", str(db))
    assert (checked.code, checked.err) == (0, ""), checked.out


def test_full_disk_stops_the_crawl_in_one_sentence(serve: Serve, small_disk: Callable[..., Path]) -> None:
    site = ReplicaSite("en", articles=300, seed=3)
    serve(site)
    folder = small_disk("size=5m")
    db = folder / "archive.db"
    ran = crawl(site, db)
    assert_one_sentence(ran, str(folder), "bytes", "needed", "free")
    assert ran.document["outcome"] == "disk full"
    assert 0 < len(archived(db)) < 300
    assert query(db, "select outcome from runs") == [("disk full",)]
    subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
    assert_goes_on(site, db)


def test_disk_that_is_full_from_the_start_is_one_sentence(serve: Serve, small_disk: Callable[..., Path]) -> None:
    site = ReplicaSite("en", articles=20, seed=3)
    server = serve(site)
    folder = small_disk("size=1m")
    (folder / "ballast").write_bytes(bytes(1_000_000))
    ran = crawl(site, folder / "archive.db")
    assert_one_sentence(ran, str(folder))
    assert server.paths() == []
    (folder / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
    assert_goes_on(site, folder / "archive.db")


@pytest.mark.parametrize("inodes", range(2, 8))
def test_no_room_for_another_file_is_one_sentence(serve: Serve, small_disk: Callable[..., Path], inodes: int) -> None:
    """ENOSPC while bytes are free: at the lock, the database, its log, the folder or the WARC file in turn."""
    site = ReplicaSite("en", articles=20, seed=3)
    serve(site)
    folder = small_disk("size=64m", f"nr_inodes={inodes}")
    ran = crawl(site, folder / "archive.db", "--no-media")
    if ran.code == 0:
        assert inodes == 7, "root, database, log, shared memory, lock, folder, WARC file"
    else:
        assert_one_sentence(ran, str(folder))
    subprocess.run(["mount", "-o", "remount,nr_inodes=1000", str(folder)], check=True)
    assert_goes_on(site, folder / "archive.db")


@pytest.mark.parametrize("kilobytes", [1, 60, 200, 300, 500, 900])
def test_limit_on_the_size_of_a_file_stops_the_crawl(serve: Serve, tmp_path: Path, kilobytes: int) -> None:
    site = ReplicaSite("en", articles=150, seed=3)
    serve(site)
    db = tmp_path / "archive.db"
    ran = crawl(site, db, under=("bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "limited"))
    assert_one_sentence(ran, str(tmp_path))
    assert_goes_on(site, db)


@pytest.mark.parametrize("which", ["db", "warc"])
def test_read_only_folder_stops_the_crawl(
    serve: Serve, small_disk: Callable[..., Path], tmp_path: Path, which: str
) -> None:
    """A file system turned read-only, as after an error of the disk: root may write anywhere else."""
    site = ReplicaSite("en", articles=20, seed=3)
    serve(site)
    db = tmp_path / "archive.db"
    if which == "db":
        folder = small_disk("size=64m", "ro")
        db = folder / "archive.db"
    else:
        folder = small_disk("size=64m", "ro")
        (tmp_path / "warc").symlink_to(folder)
    ran = crawl(site, db)
    assert_one_sentence(ran, str(db.parent))
    assert "ead-only" in ran.err or "readonly" in ran.err or "unable to open" in ran.err
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    assert_goes_on(site, db)
