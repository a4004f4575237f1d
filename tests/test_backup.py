"""backup: whenever it is made and wherever it is killed, what lies in it is an archive that goes on."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import bagit
import pytest
from driving import differences, environment, modelled, profiled, query, run
from test_kill import contents, kill_a_crawl

from csu_news.archive import Archive
from csu_news.backup import Summary, backup, check_backup
from csu_news.errors import BackupError, BackupLocked, CsuNewsError, DiskFull
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.verify import verify

NAME = "demo-en"


class Stages(NamedTuple):
    """The folders of one archive as a killed crawl left it, and as the next one did, which was complete."""

    early: Path
    late: Path


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    folder = tmp_path_factory.mktemp("stages")
    site = ReplicaSite("en", articles=12, seed=3)
    with ReplicaServer(site) as server:
        arguments = ["crawl", NAME, "--delay", "0", "--json", "--db", str(folder / "archive" / "archive.db")]
        assert kill_a_crawl([*profiled(site), *arguments], server, 15, 0.0)
        shutil.copytree(folder / "archive", folder / "early")
        ran = run(*arguments, command=profiled(site))
        assert ran.document["outcome"] == "complete"
        (folder / "archive").rename(folder / "late")
    assert [path.suffix for path in (folder / "early" / "warc").iterdir()] == [".open"]
    return Stages(folder / "early", folder / "late")


@pytest.fixture
def archive(stages: Stages, tmp_path: Path) -> Path:
    """Return the complete archive's database, to change."""
    shutil.copytree(stages.late, tmp_path / "archive")
    return tmp_path / "archive" / "archive.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def back_up(home: Path, folder: Path) -> Summary:
    with Archive(home / "archive.db") as opened:
        return backup(opened, folder)


def payload(folder: Path) -> dict[str, bytes]:
    data = folder / "data"
    return {path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()}


def restored(folder: Path, target: Path) -> Path:
    """Return the database of a copy, after the crawl's own repair, having held that it was sound before and after."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder / "data", target)
    db = target / "archive.db"
    for write in (False, True, False):
        with Archive(db, write=write) as opened:
            if not write:
                assert [found for found in verify(opened).problems if found.kind != "file not registered"] == []
    return db


def assert_whole(folder: Path) -> None:
    assert bagit.Bag(str(folder)).validate()
    assert check_backup(folder).problems == []


# -- what is copied ----------------------------------------------------------------------------


def test_backup_is_a_bag_that_is_restored_by_copying(stages: Stages, folder: Path, tmp_path: Path) -> None:
    summary = back_up(stages.late, folder)
    assert (summary.problems, summary.kept) == ([], [])
    assert_whole(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        ".csu-news-backup",
        "bag-info.txt",
        "bagit.txt",
        "data",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
    ]
    for path in (stages.late / "warc").iterdir():
        assert (folder / "data" / "warc" / path.name).read_bytes() == path.read_bytes()
    db = restored(folder, tmp_path / "restored")
    assert contents(db) == contents(stages.late / "archive.db")
    info = bagit.Bag(str(folder)).info
    assert (info["Articles"], info["Last-Run"], info["Database"]) == ("12", "2", "archive.db")


def test_second_backup_copies_only_what_is_new(stages: Stages, folder: Path) -> None:
    first = back_up(stages.early, folder)
    (unsealed,) = (name for name in first.copied if name.endswith(".open"))
    assert_whole(folder)
    second = back_up(stages.late, folder)
    assert unsealed.removesuffix(".open") in second.copied
    assert len(second.copied) == 3, "the database, the file that was sealed, and the second run's"
    assert not (folder / unsealed).exists()
    assert_whole(folder)
    before = {path: path.stat() for path in folder.rglob("*.gz")}
    third = back_up(stages.late, folder)
    assert [name for name in third.copied if name.endswith(".gz")] == []
    assert {path: path.stat() for path in folder.rglob("*.gz")} == before
    assert_whole(folder)


def age(db: Path) -> None:
    """Wait until what was written to the database is old enough to be told from what is written next."""
    while time.time_ns() - db.stat().st_ctime_ns < 2_100_000_000:
        time.sleep(0.1)


def test_database_is_copied_when_it_changed_and_only_then(archive: Path, folder: Path) -> None:
    age(archive)
    name = "data/archive.db"
    assert name in back_up(archive.parent, folder).copied
    copy = folder / name
    as_it_was = (copy.stat().st_ino, copy.stat().st_mtime_ns)
    assert back_up(archive.parent, folder).copied == []
    assert run("status", "--db", str(archive)).code == 0
    assert back_up(archive.parent, folder).copied == [], "reading is no change"
    assert (copy.stat().st_ino, copy.stat().st_mtime_ns) == as_it_was
    connection = sqlite3.connect(archive)
    for note in ("a", "b"):  # committed into the log, the file itself and all counts stay as they were
        connection.execute("update articles set title = ? where id = 1", (note,))
        connection.commit()
        assert back_up(archive.parent, folder).copied == [name], "too young to be trusted, or changed"
        assert query(copy, "select title from articles where id = 1") == [(note,)]
    connection.close()
    back_up(archive.parent, folder)
    os.utime(copy)
    assert back_up(archive.parent, folder).copied == [name], "the copy was touched"


def test_kept_is_what_the_archive_lost(archive: Path, folder: Path) -> None:
    back_up(archive.parent, folder)
    lost = next((archive.parent / "warc").iterdir())
    lost.unlink()
    (folder / "data" / "notes.txt").write_text("mine")
    summary = back_up(archive.parent, folder)
    assert (summary.problems, summary.kept) == ([], ["data/notes.txt", f"data/warc/{lost.name}"])
    assert_whole(folder)
    shown = run("backup", str(folder), "--db", str(archive))
    assert (shown.code, lost.name in shown.out, shown.err) == (0, True, "")


# -- while a crawl runs ------------------------------------------------------------------------


def test_backup_during_a_crawl_goes_on_to_the_same_archive(tmp_path: Path, folder: Path) -> None:
    site = ReplicaSite("en", articles=40, seed=3)
    home, halfway = tmp_path / "archive", tmp_path / "halfway"
    arguments = ["crawl", NAME, "--delay", "0", "--json", "--db"]
    with ReplicaServer(site, latency_s=0.01) as server:
        command = [*profiled(site), *arguments, str(home / "archive.db")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment()) as process:
            grown = backups_while_running(process, server, home, folder, halfway, tmp_path)
        assert len(grown) > 1
        assert grown == sorted(set(grown)), "each holds more than the one before"
        back_up(home, folder)
        assert_whole(folder)
        assert contents(restored(folder, tmp_path / "restored")) == contents(home / "archive.db")
        db = halfway / "archive.db"
        assert query(db, "select outcome from runs") == [(None,)]
        ran = run(*arguments, str(db), command=profiled(site))
        assert (ran.code, ran.document["outcome"]) == (0, "complete"), ran.err
        assert differences(db, modelled(site, NAME)) == []
        assert contents(db) == contents(home / "archive.db")
        assert run("verify", "--db", str(db)).code == 0


def backups_while_running(
    process: subprocess.Popen[bytes], server: ReplicaServer, home: Path, folder: Path, halfway: Path, scratch: Path
) -> list[int]:
    """Back up again and again, each to be whole; return how many records each held, the first one beside it."""
    records: list[int] = []
    while process.poll() is None:
        if server.count < 30 * (len(records) + 1) or not (home / "warc").is_dir():
            time.sleep(0.01)
            continue
        back_up(home, folder)
        assert_whole(folder)
        if process.poll() is None and not records:
            shutil.copytree(folder / "data", halfway)
        db = restored(folder, scratch / "checked")
        records += [count for (count,) in query(db, "select count(*) from fetches where warc_length is not null")]
    return records


def test_a_file_that_is_sealed_while_it_is_copied_is_copied_as_far_as_it_was_known(
    stages: Stages, folder: Path, tmp_path: Path
) -> None:
    home = tmp_path / "archive"
    shutil.copytree(stages.early, home)
    (unsealed,) = (home / "warc").iterdir()
    (home / "warc" / "first.warc.gz").write_bytes(b"first")
    sql = "insert into warc_files values (-1, 'first.warc.gz', 1, '', '2026-01-01T00:00:00Z', 5, ?)"
    change(home / "archive.db", sql, sha256(b"first").hexdigest())

    def seal(done: int, total: int) -> None:
        if done == 5:
            unsealed.rename(unsealed.with_suffix(""))

    with Archive(home / "archive.db") as opened:
        assert backup(opened, folder, seal).problems == []
    assert not unsealed.exists()
    assert_whole(folder)


# -- killed ------------------------------------------------------------------------------------


def killed_at(point: int, home: Path, folder: Path) -> bool:
    """Make a backup in a process that is killed at that step; tell whether it came so far.

    A step is any call that opens, renames or removes a file there, some work of SQLite, or a block copied.
    """
    child = os.fork()
    if child == 0:
        steps = 0

        def step(*_: object) -> None:
            nonlocal steps
            steps += 1
            if steps == point:
                os.kill(os.getpid(), signal.SIGKILL)

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            if event in ("open", "os.rename", "os.remove") and str(arguments[0]).startswith(str(folder)):
                step()

        try:
            with Archive(home / "archive.db") as opened:
                opened.connection.set_progress_handler(step, 200)
                sys.addaudithook(watch)
                backup(opened, folder, step)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("is_first", [True, False])
def test_killed_backup_is_whole_or_mended_by_the_next(
    stages: Stages, folder: Path, tmp_path: Path, is_first: bool
) -> None:
    former_folder, whole = tmp_path / "former", tmp_path / "whole"
    if not is_first:
        back_up(stages.early, former_folder)
        shutil.copytree(former_folder, whole)
    back_up(stages.late, whole)
    former, new = payload(former_folder), payload(whole)
    point, states = 1, set()
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        if not is_first:
            shutil.copytree(former_folder, folder)
        if not killed_at(point, stages.late, folder):
            break
        states.add(check_after_kill(folder, former, new, tmp_path / "restored"))
        back_up(stages.late, folder)
        assert_whole(folder)
        assert {name: data for name, data in payload(folder).items() if name != "archive.db"} == {
            name: data for name, data in new.items() if name != "archive.db"
        }
        point += 1
    assert point > 20
    assert len(states) > 3, "killed in the middle of the renames, too"


def check_after_kill(
    folder: Path, former: dict[str, bytes], new: dict[str, bytes], scratch: Path
) -> tuple[tuple[str, str], ...]:
    """Hold that no file is half one, and that what is there can be restored; return what was there."""
    found = payload(folder)
    for name, data in found.items():
        if name != "archive.db":  # two copies of one database differ in bytes
            assert data in (former.get(name), new.get(name), former.get(f"{name}.open")), name
    if "archive.db" in found:
        db = restored(folder, scratch)
        whole = (former or new)["archive.db"]
        (scratch / "whole.db").write_bytes(whole)
        articles = "select key from articles"
        assert set(query(db, articles)) >= set(query(scratch / "whole.db", articles))
    elif former:
        raise AssertionError("the database is gone")
    return tuple(sorted((name, sha256(data).hexdigest()) for name, data in found.items()))


# -- refused -----------------------------------------------------------------------------------


def refused(db: Path, folder: Path) -> CsuNewsError:
    with pytest.raises(CsuNewsError) as caught, Archive(db) as opened:
        backup(opened, folder)
    assert str(caught.value).count("\n") == 0
    return caught.value


@pytest.mark.parametrize("place", ["warc", "warc/backup", ".", ".."])
def test_a_folder_of_the_archive_is_refused(archive: Path, place: str) -> None:
    before = sorted(archive.parent.parent.rglob("*"))
    assert "is a folder of the archive itself" in str(refused(archive, archive.parent / place))
    assert sorted(archive.parent.parent.rglob("*")) == before


def test_a_folder_that_holds_something_else_is_refused(archive: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    ran = run("backup", str(folder), "--db", str(archive))
    assert (ran.code, ran.out, "something else than a backup" in ran.err) == (2, "", True)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_missing_archive_and_a_missing_backup_are_one_sentence(folder: Path) -> None:
    ran = run("backup", str(folder), "--db", str(folder / "none.db"))
    assert (ran.code, "There is no archive" in ran.err, folder.exists()) == (1, True, False)
    with pytest.raises(BackupError, match="no whole backup"):
        check_backup(folder)
    assert not folder.exists()


def test_another_archive_is_refused(archive: Path, folder: Path, stages: Stages, tmp_path: Path) -> None:
    back_up(archive.parent, folder)
    before = payload(folder)
    other = tmp_path / "other" / "archive.db"
    Archive(other, write=True).close()
    change(other, "update about set value = '2020-01-01T00:00:00Z' where key = 'created_at'")
    assert "another archive" in str(refused(other, folder))
    ((created_at,),) = query(archive, "select value from about where key = 'created_at'")
    change(other, "update about set value = ? where key = 'created_at'", created_at)
    assert "holds what" in str(refused(other, folder))
    assert "holds what" in str(refused(stages.early / "archive.db", folder)), "an earlier state of it"
    renamed = archive.rename(archive.with_name("renamed.db"))
    assert "another archive (archive.db" in str(refused(renamed, folder))
    assert payload(folder) == before
    assert_whole(folder)


def change(db: Path, sql: str, *arguments: object) -> None:
    with sqlite3.connect(db) as connection:
        connection.execute(sql, arguments)
    connection.close()


def test_two_backups_at_once_are_one_too_many(archive: Path, folder: Path) -> None:
    back_up(archive.parent, folder)
    with (folder / ".csu-news-backup" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = run("backup", str(folder), "--db", str(archive))
        assert (ran.code, ran.out, "Another backup" in ran.err) == (75, "", True)
        with pytest.raises(BackupLocked):
            check_backup(folder)
    back_up(archive.parent, folder)


def test_a_backup_that_is_used_as_an_archive_is_refused(archive: Path, folder: Path) -> None:
    back_up(archive.parent, folder)
    connection = sqlite3.connect(folder / "data" / "archive.db")
    connection.execute("pragma journal_mode = wal")
    connection.execute("update articles set title = 'x'")
    connection.commit()
    assert "used as an archive" in str(refused(archive, folder))
    connection.close()


# -- full disks --------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Return a function that gives a file system of that size."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def make(size: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("no file system can be mounted here")
        return folder

    yield make
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 1])
def test_full_disk_leaves_the_former_backup(stages: Stages, small_disk: Callable[[str], Path], share: float) -> None:
    """Room for a share of the new files; at 1 there is none for what describes them."""
    disk = small_disk("8m")
    folder = disk / "backup"
    back_up(stages.early, folder)
    before = payload(folder)
    pages = [
        -(-file.stat().st_size // 4096) for file in (stages.late / "archive.db", *(stages.late / "warc").iterdir())
    ]
    spare = int(share * sum(pages)) * 4096
    (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - spare))
    error = refused(stages.late / "archive.db", folder)
    assert (type(error), "No room for the backup" in str(error)) == (DiskFull, True)
    assert payload(folder) == before
    assert_whole(folder)
    (disk / "ballast").unlink()
    back_up(stages.late, folder)
    assert_whole(folder)


# -- damage ------------------------------------------------------------------------------------


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink])
@pytest.mark.parametrize("name", ["data/archive.db", "data/warc/*-r000001-*", "manifest-sha256.txt", "bag-info.txt"])
def test_check_names_damage_and_the_next_backup_mends_what_was_removed(
    stages: Stages, folder: Path, name: str, damage: Callable[[Path], None]
) -> None:
    back_up(stages.late, folder)
    (path,) = folder.glob(name)
    damage(path)
    try:
        assert path.relative_to(folder).as_posix() in {problem.file for problem in check_backup(folder).problems}
    except BackupError:
        assert name == "manifest-sha256.txt"
    path.unlink(missing_ok=True)
    back_up(stages.late, folder)
    assert_whole(folder)


def test_check_needs_no_archive_and_writes_nothing(stages: Stages, folder: Path) -> None:
    back_up(stages.late, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    ran = run("backup", str(folder), "--check", "--db", "none.db")
    assert (ran.code, ran.out.startswith("Sound: 2 WARC files"), ran.err) == (0, True, "")
    assert run("verify", "--db", str(folder / "data" / "archive.db")).code == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    (folder / "data" / "extra").write_text("x")
    ran = run("backup", str(folder), "--check", "--json")
    assert ran.code == 1
    assert [(found["kind"], found["file"]) for found in ran.document["problems"]] == [
        ("file not in manifest", "data/extra")
    ]


def test_check_compares_files_with_rows_though_the_manifest_fits(stages: Stages, folder: Path) -> None:
    """Files are cut or grown, and the bag is made anew around them, as somebody would who hides something."""
    back_up(stages.early, folder)
    (unsealed,) = (folder / "data" / "warc").iterdir()
    unsealed.write_bytes(unsealed.read_bytes()[:-2000])
    bagit.Bag(str(folder)).save(manifests=True)
    assert [problem.kind for problem in check_backup(folder).problems] == ["row without record"]
    back_up(stages.late, folder)
    assert_whole(folder)
    for path in (folder / "data" / "warc").iterdir():
        path.write_bytes(path.read_bytes() + b"more")
    bagit.Bag(str(folder)).save(manifests=True)
    assert [problem.kind for problem in check_backup(folder).problems] == ["file checksum"] * 2


def test_damage_in_the_archive_is_said_and_replaces_no_sound_copy(archive: Path, folder: Path) -> None:
    back_up(archive.parent, folder)
    sound = payload(folder)
    first, second = sorted((archive.parent / "warc").iterdir())
    flip(first)
    cut(second)
    assert back_up(archive.parent, folder).problems == [], "what is copied is not read again"
    shutil.rmtree(folder)
    ran = run("backup", str(folder), "--db", str(archive), "--json")
    kinds = [(problem["kind"], problem["file"]) for problem in ran.document["problems"]]
    assert (ran.code, kinds) == (1, [("file checksum", first.name), ("file size", second.name)])
    assert (folder / "data" / "warc" / first.name).read_bytes() == first.read_bytes()
    (folder / "data" / "warc" / first.name).write_bytes(sound[f"warc/{first.name}"])
    assert [problem.file for problem in back_up(archive.parent, folder).problems] == [second.name]
    assert (folder / "data" / "warc" / first.name).read_bytes() == sound[f"warc/{first.name}"]
    for path in (first, second):
        path.write_bytes(sound[f"warc/{path.name}"])
    assert back_up(archive.parent, folder).problems == []
    assert {**payload(folder), "archive.db": b""} == {**sound, "archive.db": b""}
    assert_whole(folder)


def test_a_lost_file_that_the_backup_never_had_is_said(archive: Path, folder: Path) -> None:
    lost = next((archive.parent / "warc").iterdir())
    lost.unlink()
    text = run("backup", str(folder), "--db", str(archive))
    assert (text.code, lost.name[:20] in text.out, text.err) == (1, True, "")
    assert bagit.Bag(str(folder)).validate()
