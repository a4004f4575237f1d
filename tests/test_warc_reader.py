"""Reading: what was written comes back, what was damaged is named."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from test_warc import EXCHANGE, PAGE, ZIPPED, written
from warcio.archiveiterator import ArchiveIterator

from csu_news.coding import Decoded
from csu_news.errors import EvidenceError
from csu_news.warc import DamagedRecord, RecordInfo, StoredResponse, TornRecord, iter_records, read_response


def test_decodes_a_stored_body(tmp_path: Path) -> None:
    cut = replace(ZIPPED, body=ZIPPED.body[:-4])
    path, (whole, torn) = written(tmp_path, ZIPPED, cut)
    assert read_response(path, whole.offset).decoded(limit=100) == Decoded(PAGE, True)
    assert read_response(path, torn.offset).decoded(limit=100) == Decoded(PAGE, False)


def test_warcio_finds_the_same_records(tmp_path: Path) -> None:
    path, _ = written(tmp_path, EXCHANGE, ZIPPED)
    ours = [(record.type, record.record_id, record.offset, record.length) for record in iter_records(path)]
    with path.open("rb") as file:
        records = ArchiveIterator(file)
        theirs = [
            (
                record.rec_type,
                record.rec_headers.get_header("WARC-Record-ID"),
                records.get_record_offset(),
                records.get_record_length(),
            )
            for record in records
        ]
    assert ours == theirs
    assert len(ours) == 5


def test_iterates_from_an_offset(tmp_path: Path) -> None:
    path, (first, second) = written(tmp_path, EXCHANGE, ZIPPED)
    records = list(iter_records(path, second.offset))
    assert [type(record) for record in records] == [StoredResponse, RecordInfo]
    assert records[-1].end == second.end == path.stat().st_size
    assert list(iter_records(path, second.end)) == []
    assert first.end == second.offset


def test_a_torn_record_is_told(tmp_path: Path) -> None:
    path, (first, second) = written(tmp_path, EXCHANGE, EXCHANGE)
    path.write_bytes(path.read_bytes()[:-1])
    seen: list[RecordInfo] = []
    with pytest.raises(TornRecord) as caught:
        seen.extend(iter_records(path))
    assert caught.value.offset == second.offset + second.length
    path.write_bytes(path.read_bytes()[: second.offset + 20])
    with pytest.raises(TornRecord):
        read_response(path, second.offset)
    assert read_response(path, first.offset).body == PAGE


def changed_block(member: bytes) -> bytes:
    return gzip.compress(gzip.decompress(member).replace(b"News", b"Newt"), mtime=0)


@pytest.mark.parametrize(
    ("damage", "reason", "next_known"),
    [
        (lambda member: b"\0" * len(member), "incorrect header check", False),
        (lambda member: member[:-8] + bytes(8), "incorrect data check", False),
        (
            lambda member: member[:40] + bytes([member[40] ^ 8]) + member[41:],
            "Error -3|incorrect data",
            False,
        ),
        (changed_block, "block digest does not match", True),
        (lambda member: gzip.compress(b"hello\r\n\r\n"), "not a WARC record", True),
        (lambda member: gzip.compress(b""), "not a WARC record", True),
        (lambda member: gzip.compress(gzip.decompress(member)[:-9]), "not as long as it says", True),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Callable[[bytes], bytes], reason: str, next_known: bool) -> None:
    path, (first, second) = written(tmp_path, EXCHANGE, EXCHANGE)
    content = path.read_bytes()
    member = damage(content[first.offset : first.offset + first.length])
    path.write_bytes(content[: first.offset] + member + content[first.offset + first.length :])
    with pytest.raises(DamagedRecord, match=reason) as caught:
        read_response(path, first.offset)
    assert str(path) in str(caught.value)
    assert f"offset {first.offset}" in str(caught.value)
    assert caught.value.next_offset == (first.offset + len(member) if next_known else None)
    moved = second.offset + len(member) - first.length
    assert read_response(path, moved).body == PAGE


def test_every_flipped_bit_of_a_page_is_found(tmp_path: Path) -> None:
    path, (location,) = written(tmp_path, ZIPPED)
    content = path.read_bytes()
    for at in range(location.offset + 10, location.offset + location.length):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(DamagedRecord):
            read_response(path, location.offset)


def test_reads_chunked_bodies_and_folded_headers_of_others(tmp_path: Path) -> None:
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: a\r\n b\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:9>\r\n"
        "WARC-Date: 2026-11-24T08:48:00Z\r\n"
        "WARC-Target-URI: <http://a/>\r\nContent-Type: application/http;msgtype=response\r\n"
        f"WARC-Block-Digest: sha256:{hashlib.sha256(block).hexdigest()}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    path = tmp_path / "other.warc.gz"
    path.write_bytes(gzip.compress(head.encode() + block + b"\r\n\r\n"))
    stored = read_response(path, 0)
    assert stored.url == "http://a/"
    assert stored.headers == [(b"Transfer-Encoding", b"chunked"), (b"X", b"a b")]
    assert stored.decoded(limit=10) == Decoded(b"abc", True)


def test_another_type_of_record_is_no_response(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    with pytest.raises(EvidenceError, match="has a warcinfo record at offset 0"):
        read_response(path, 0)


def test_a_missing_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read: No such file or directory"):
        read_response(tmp_path / "none.warc.gz", 0)
