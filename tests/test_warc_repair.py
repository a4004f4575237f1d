"""What a killed run, a torn append and a full disk leave behind; bytes are compared, not sizes."""

import gzip
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from csu_news.errors import DiskFull, EvidenceError
from csu_news.warc import (
    Exchange,
    Location,
    Repair,
    WarcWriter,
    iter_records,
    read_response,
    repair,
    seal_file,
)

EXCHANGE = Exchange(
    url="https://en.csu.edu.cn/info/1085/2209.htm",
    method="GET",
    request_headers=[("User-Agent", "csu_news/0.1")],
    status=200,
    protocol="HTTP/1.1",
    response_headers=[(b"Content-Type", b"text/html")],
    body=b"<title>News</title>",
    fetched_at=datetime(2026, 11, 24, 8, 48, tzinfo=UTC),
)
INCOMPRESSIBLE = replace(
    EXCHANGE, response_headers=[(b"Content-Type", b"image/png")], body=random.Random(1).randbytes(100_000)
)


def left_over(folder: Path, count: int = 2) -> tuple[Path, list[Location]]:
    """Return an unsealed file, as kill -9 leaves it, and where its responses lie."""
    with WarcWriter(folder / "a.warc.gz.open", {"software": "csu_news"}) as writer:
        return writer.path, [writer.append(EXCHANGE) for _ in range(count)]


def test_a_last_append_cut_anywhere(tmp_path: Path) -> None:
    path, (first, last) = left_over(tmp_path)
    content = path.read_bytes()
    response_end = last.offset + last.length
    for length in range(first.end, last.end + 1):
        path.write_bytes(content[:length])
        found = repair(path, first.end)
        whole = max(end for end in (first.end, response_end, last.end) if end <= length)
        assert path.read_bytes() == content[:whole]
        assert found.cut_bytes == length - whole
        known = [last.warc_record_id] if length >= response_end else []
        assert [record.record_id for record in found.records] == known
        assert found.damaged == []
        assert gzip.decompress(path.read_bytes())
    subprocess.run(["gzip", "-t", path], check=True)


def test_a_first_record_cut_anywhere(tmp_path: Path) -> None:
    path, _ = left_over(tmp_path, count=0)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert repair(path, 0) == Repair(cut_bytes=length)
        assert path.read_bytes() == b""
    path.write_bytes(content)
    assert repair(path, 0) == Repair(cut_bytes=0)
    assert path.read_bytes() == content


def test_whole_records_get_their_rows(tmp_path: Path) -> None:
    path, locations = left_over(tmp_path, count=3)
    found = repair(path, locations[0].end)
    assert found.cut_bytes == 0
    assert [
        (
            r.record_id,
            r.offset,
            r.length,
            r.payload_sha1,
            r.payload_sha256,
            r.date,
            r.url,
            r.status,
            r.size_bytes,
        )
        for r in found.records
    ] == [
        (
            x.warc_record_id,
            x.offset,
            x.length,
            x.payload_sha1,
            x.payload_sha256,
            x.date,
            EXCHANGE.url,
            200,
            19,
        )
        for x in locations[1:]
    ]
    assert [record.body for record in found.records] == [b"", b""]
    assert len(repair(path, 0).records) == 3
    assert seal_file(path).size_bytes == locations[-1].end
    assert read_response(tmp_path / "a.warc.gz", locations[1].offset).body == EXCHANGE.body


@pytest.mark.parametrize("tail", [b"\0" * 5000, b"\xde\xad" * 50, b"\x1f\x8b\x08" + b"\xff" * 300])
def test_a_tail_that_power_loss_left_is_cut(tmp_path: Path, tail: bytes) -> None:
    path, locations = left_over(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content + tail)
    assert repair(path, locations[-1].end) == Repair(cut_bytes=len(tail))
    assert path.read_bytes() == content


def test_records_inside_a_torn_page_are_not_ours(tmp_path: Path) -> None:
    path, _ = left_over(tmp_path, count=1)
    inner = path.read_bytes()
    carrier = replace(EXCHANGE, response_headers=[(b"Content-Type", b"application/warc")], body=inner)
    with WarcWriter(tmp_path / "b.warc.gz.open", {}) as writer:
        outer = writer.append(carrier)
    content = writer.path.read_bytes()
    assert inner in content
    writer.path.write_bytes(content[: outer.offset + outer.length - 6])
    assert repair(writer.path, outer.offset) == Repair(cut_bytes=outer.length - 6)
    assert writer.path.read_bytes() == content[: outer.offset]


def test_a_sound_member_with_other_content_stays(tmp_path: Path) -> None:
    path, (first, last) = left_over(tmp_path)
    content = path.read_bytes()
    foreign = gzip.compress(b"hello")
    path.write_bytes(content[: first.end] + foreign + content[first.end :])
    found = repair(path, first.end)
    assert [(damage.offset, damage.next_offset) for damage in found.damaged] == [(first.end, first.end + len(foreign))]
    assert [record.record_id for record in found.records] == [last.warc_record_id]
    assert path.read_bytes() == content[: first.end] + foreign + content[first.end :]


def test_nothing_before_the_committed_end_is_touched(tmp_path: Path) -> None:
    path, locations = left_over(tmp_path)
    spoilt = b"\xff" * locations[0].end + path.read_bytes()[locations[0].end :]
    path.write_bytes(spoilt)
    assert len(repair(path, locations[0].end).records) == 1
    assert path.read_bytes() == spoilt


def test_lost_records_are_not_repaired(tmp_path: Path) -> None:
    path, locations = left_over(tmp_path)
    shorter = path.read_bytes()[:-1]
    path.write_bytes(shorter)
    with pytest.raises(EvidenceError, match="has lost records"):
        repair(path, locations[-1].end)
    assert path.read_bytes() == shorter
    path.unlink()
    assert repair(path, 0) == Repair(cut_bytes=0)  # registered, and killed before it was created
    with pytest.raises(EvidenceError, match="cannot be read"):
        repair(path, locations[-1].end)


def test_an_interrupted_append_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with WarcWriter(tmp_path / "a.warc.gz.open", {}) as writer:
        writer.append(EXCHANGE)
        before = writer.path.read_bytes()

        def interrupted(fd: int) -> None:
            monkeypatch.undo()
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.append(EXCHANGE)
        assert writer.path.read_bytes() == before
        with pytest.raises(EvidenceError, match="takes no further records: an append failed"):
            writer.append(EXCHANGE)
        assert writer.seal().size_bytes == len(before)


FILL = """
import resource, sys
from pathlib import Path
from csu_news.errors import DiskFull, EvidenceError
from csu_news.warc import WarcWriter
from test_warc_repair import EXCHANGE, INCOMPRESSIBLE
writer = WarcWriter(Path(sys.argv[1]), {})
writer.append(EXCHANGE)
before = writer.path.read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 5000, resource.RLIM_INFINITY))
try:
    writer.append(INCOMPRESSIBLE)
except DiskFull as error:
    print(error)
assert writer.path.read_bytes() == before
try:
    writer.append(EXCHANGE)
except EvidenceError as error:
    print(error)
assert writer.path.read_bytes() == before
print(writer.seal().sha256)
"""


def test_an_append_over_the_size_limit_is_taken_back(tmp_path: Path) -> None:
    path, here = tmp_path / "a.warc.gz.open", Path(__file__).parent
    run = subprocess.run([sys.executable, "-c", FILL, path], cwd=here, capture_output=True, text=True)
    assert run.stderr == ""
    full, refused, sha256 = run.stdout.splitlines()
    assert full.startswith(f"No room for the next record in {path}: 10")
    assert full.endswith("(File too large).")
    assert refused.startswith(f"{path} takes no further records")
    assert sha256 == sha256_of(tmp_path / "a.warc.gz")
    assert [record.type for record in iter_records(tmp_path / "a.warc.gz")] == [
        "warcinfo",
        "response",
        "request",
    ]


APPEND_FOR_EVER = """
import sys
from pathlib import Path
from csu_news.warc import WarcWriter
from test_warc_repair import EXCHANGE, INCOMPRESSIBLE
writer = WarcWriter(Path(sys.argv[1]), {})
while True:
    for exchange in (EXCHANGE, INCOMPRESSIBLE):
        location = writer.append(exchange)
        print(location.offset, location.end, location.payload_sha256, flush=True)
"""


@pytest.mark.parametrize("seed", range(5))
def test_kill_9_loses_nothing_that_was_reported(tmp_path: Path, seed: int) -> None:
    path, here = tmp_path / "a.warc.gz.open", Path(__file__).parent
    command = [sys.executable, "-c", APPEND_FOR_EVER, str(path)]
    with subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        time.sleep(random.Random(seed).uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    reported = [line.split() for line in lines if line.endswith("\n")]
    content = path.read_bytes()
    found = repair(path, int(reported[-1][1]))
    assert len(found.records) <= 1
    assert path.read_bytes() == content[: len(content) - found.cut_bytes]
    assert [read_response(path, int(offset)).payload_sha256 for offset, _, _ in reported] == [
        sha256 for _, _, sha256 in reported
    ]
    subprocess.run(["gzip", "-t", seal_file(path).name], cwd=tmp_path, check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 128 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    with WarcWriter(small_disk / "a.warc.gz.open", {}) as writer:
        written = [writer.append(EXCHANGE), writer.append(INCOMPRESSIBLE)]
        before = writer.path.read_bytes()
        with pytest.raises(DiskFull, match=r"No room .* bytes needed, \d+ bytes free .No space left on device"):
            writer.append(INCOMPRESSIBLE)
        assert writer.path.read_bytes() == before
        sealed = writer.seal()
    path = small_disk / "a.warc.gz"
    assert (path.read_bytes(), sealed.sha256) == (before, sha256_of(path))
    assert [read_response(path, x.offset).body for x in written] == [EXCHANGE.body, INCOMPRESSIBLE.body]


def test_a_full_disk_at_the_first_record(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(128 * 1024))
    with pytest.raises(DiskFull, match=r"No room for the next record"):
        WarcWriter(small_disk / "a.warc.gz.open", {"description": "x"})
    assert (small_disk / "a.warc.gz.open").read_bytes() == b""
    assert repair(small_disk / "a.warc.gz.open", 0) == Repair(cut_bytes=0)


def test_a_rollback_that_fails_forbids_sealing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with WarcWriter(tmp_path / "a.warc.gz.open", {}) as writer:
        location = writer.append(EXCHANGE)

        def broken(*_: object) -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "fsync", broken)
        monkeypatch.setattr(os, "ftruncate", broken)
        with pytest.raises(EvidenceError, match=r"cannot be written: Input/output error"):
            writer.append(EXCHANGE)
        monkeypatch.undo()
        with pytest.raises(EvidenceError, match=r"could not be taken back"):
            writer.seal()
    assert len(repair(writer.path, location.end).records) == 1


def sha256_of(path: Path) -> str:
    return subprocess.run(["sha256sum", path], check=True, capture_output=True, text=True).stdout.split()[0]


def test_one_sync_serves_all_that_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    really = os.fsync
    with WarcWriter(tmp_path / "a.warc.gz.open", {}) as writer:
        monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(fd), really(fd)))
        first, second = writer.write(EXCHANGE), writer.write(INCOMPRESSIBLE)
        assert not writer.is_synced(first)
        writer.sync()
        writer.sync()
        assert len(synced) == 1
        assert writer.is_synced(first)
        assert writer.is_synced(second)
        sealed = writer.seal()
        assert sealed.sha256 == hashlib.sha256((tmp_path / sealed.name).read_bytes()).hexdigest()


def test_a_sync_that_fails_takes_back_all_since_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fd: int) -> None:
        monkeypatch.undo()
        raise OSError(5, "Input/output error")

    with WarcWriter(tmp_path / "a.warc.gz.open", {}) as writer:
        writer.append(EXCHANGE)
        before = writer.path.read_bytes()
        writer.write(EXCHANGE)
        writer.write(EXCHANGE)
        monkeypatch.setattr(os, "fsync", broken)
        with pytest.raises(EvidenceError, match="Input/output error"):
            writer.sync()
        assert writer.path.read_bytes() == before
        with pytest.raises(EvidenceError, match="takes no further records"):
            writer.append(EXCHANGE)
        assert writer.seal().sha256 == hashlib.sha256(before).hexdigest()
