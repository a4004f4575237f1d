import gzip
import hashlib
import subprocess
import sys
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest

from csu_news.coding import Decoded
from csu_news.errors import EvidenceError
from csu_news.warc import (
    Exchange,
    Location,
    Revisit,
    WarcWriter,
    file_name,
    iter_records,
    read_response,
    seal_file,
)

MOMENT = datetime(2026, 11, 24, 8, 48, 0, 123456, UTC)
PAGE = b"<html><title>News</title></html>"
EXCHANGE = Exchange(
    url="https://en.csu.edu.cn/info/1085/2209.htm?a=1",
    method="GET",
    request_headers=[("User-Agent", "csu_news/0.1"), ("Accept-Encoding", "gzip")],
    status=200,
    protocol="HTTP/1.1",
    response_headers=[(b"Content-Type", b"text/html"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")],
    body=PAGE,
    fetched_at=MOMENT,
    ip="202.197.71.84",
    reason="OK",
)
ZIPPED = replace(
    EXCHANGE,
    response_headers=[(b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip")],
    body=gzip.compress(PAGE, mtime=0),
)

GOLDEN = """\
WARC/1.1
WARC-Type: warcinfo
WARC-Record-ID: <urn:uuid:1>
WARC-Filename: a.warc.gz
WARC-Date: 2026-11-24T08:48:00.123456Z
WARC-Block-Digest: sha1:LBA7YSZ76Y5647KWSVD7GU6I6GY5I5FW
Content-Type: application/warc-fields
Content-Length: 44

software: csu_news
operator: 中南大学


WARC/1.1
WARC-Type: response
WARC-Record-ID: <urn:uuid:2>
WARC-Target-URI: https://en.csu.edu.cn/info/1085/2209.htm?a=1
WARC-Date: 2026-11-24T08:48:00.123456Z
WARC-IP-Address: 202.197.71.84
WARC-Payload-Digest: sha1:7PLXLDWFC5NTXEJKXFQHCI5UFE4WWOJB
WARC-Block-Digest: sha1:XOEZ6SNQEDPGO2BCJM3P2YVQUQEL2N5C
Content-Type: application/http; msgtype=response
Content-Length: 110

HTTP/1.1 200 OK
Content-Type: text/html
Set-Cookie: a=1
Set-Cookie: b=2

<html><title>News</title></html>

WARC/1.1
WARC-Type: request
WARC-Record-ID: <urn:uuid:3>
WARC-Target-URI: https://en.csu.edu.cn/info/1085/2209.htm?a=1
WARC-Date: 2026-11-24T08:48:00.123456Z
WARC-IP-Address: 202.197.71.84
WARC-Concurrent-To: <urn:uuid:2>
WARC-Block-Digest: sha1:VWPSVSAJ6RG4U562VVNAYQ2VT36K6B7R
Content-Type: application/http; msgtype=request
Content-Length: 110

GET /info/1085/2209.htm?a=1 HTTP/1.1
Host: en.csu.edu.cn
User-Agent: csu_news/0.1
Accept-Encoding: gzip



WARC/1.1
WARC-Type: revisit
WARC-Record-ID: <urn:uuid:4>
WARC-Target-URI: https://en.csu.edu.cn/info/1085/2209.htm?a=1
WARC-Date: 2026-11-24T08:48:00.123456Z
WARC-IP-Address: 202.197.71.84
WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified
WARC-Refers-To-Target-URI: https://en.csu.edu.cn/info/1085/2209.htm?a=1
WARC-Refers-To-Date: 2026-11-24T08:48:00.123456Z
WARC-Payload-Digest: sha1:7PLXLDWFC5NTXEJKXFQHCI5UFE4WWOJB
WARC-Block-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ
Content-Type: application/http; msgtype=response
Content-Length: 0



"""


def open_writer(folder: Path, name: str = "a") -> WarcWriter:
    numbers = count(1)
    info = {"software": "csu_news", "operator": "中南大学", "description": ""}
    path = folder / f"{name}.warc.gz.open"
    return WarcWriter(path, info, now=lambda: MOMENT, new_id=lambda: f"<urn:uuid:{next(numbers)}>")


def written(folder: Path, *exchanges: Exchange) -> tuple[Path, list[Location]]:
    with open_writer(folder) as writer:
        locations = [writer.append(exchange) for exchange in exchanges]
        return folder / writer.seal().name, locations


def assert_valid(path: Path, http_heads: bool = True) -> None:
    """Let three other readers look at every byte: each is blind somewhere."""
    subprocess.run(["gzip", "-t", str(path)], check=True)
    checked = [sys.executable, "-m", "warcio.cli", "check", str(path)]
    subprocess.run(checked, check=True, capture_output=True)
    fastwarc = pytest.importorskip("fastwarc")
    for record in fastwarc.ArchiveIterator(str(path), parse_http=False):
        assert record.verify_block_digest()
        if http_heads and record.record_type == fastwarc.WarcRecordType.response:
            record.parse_http()
            assert record.verify_payload_digest()


def test_writes_these_bytes(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        first = writer.append(EXCHANGE)
        not_modified = replace(EXCHANGE, status=304, body=b"")
        again = writer.append(
            not_modified, Revisit(EXCHANGE.url, first.date, first.payload_sha1, profile="not-modified")
        )
        path = tmp_path / writer.seal().name
    content = gzip.decompress(path.read_bytes()).decode().replace("\r\n", "\n")
    assert content.startswith(GOLDEN)
    assert [line for line in content.removeprefix(GOLDEN).splitlines() if "Concurrent" in line] == [
        "WARC-Concurrent-To: <urn:uuid:4>"
    ]
    assert first == Location(
        warc_record_id="<urn:uuid:2>",
        offset=first.offset,
        length=first.length,
        end=again.offset,
        payload_sha1="sha1:7PLXLDWFC5NTXEJKXFQHCI5UFE4WWOJB",
        payload_sha256=hashlib.sha256(PAGE).hexdigest(),
        date="2026-11-24T08:48:00.123456Z",
    )
    assert (again.payload_sha1, again.payload_sha256) == (first.payload_sha1, None)
    assert again.end == path.stat().st_size
    assert_valid(path)


@pytest.mark.parametrize(
    "exchange",
    [
        EXCHANGE,
        ZIPPED,
        replace(EXCHANGE, body=b""),
        replace(EXCHANGE, status=599, ip=None),
        replace(EXCHANGE, protocol="HTTP/1.0", status=404),
        replace(ZIPPED, body=ZIPPED.body[:-9], truncated="disconnect"),
        replace(ZIPPED, body=bytes(range(256)) * 4096),
        replace(EXCHANGE, response_headers=[(b"Content-Type", b"image/jpeg")], body=bytes(range(256)) * 1024),
        replace(EXCHANGE, response_headers=[]),
        replace(EXCHANGE, url="http://[::1]:8080"),
        replace(EXCHANGE, response_headers=[(b"X-Big", b"x" * 30_000), (b"Content-Length", b"99")]),
        replace(
            EXCHANGE,
            response_headers=[(b"X-\xff", "中文".encode("gbk")), (b"X", b"\x00\x01\x1b[31m\x7f\xe9")],
        ),
        replace(EXCHANGE, response_headers=[(b"Location", b"/../../etc/passwd"), (b"X-Empty", b""), (b"", b":")]),
    ],
)
def test_reads_back_what_was_written(tmp_path: Path, exchange: Exchange) -> None:
    path, (before, location, after) = written(tmp_path, EXCHANGE, exchange, EXCHANGE)
    stored = read_response(path, location.offset)
    assert stored.type == "response"
    assert stored.url == exchange.url
    assert (stored.status, stored.headers, stored.body) == (
        exchange.status,
        exchange.response_headers,
        exchange.body,
    )
    assert (stored.date, stored.record_id, stored.truncated) == (
        location.date,
        location.warc_record_id,
        exchange.truncated,
    )
    assert (stored.offset, stored.length) == (location.offset, location.length)
    assert (stored.payload_sha1, stored.payload_sha256) == (location.payload_sha1, location.payload_sha256)
    assert (before.end, location.end) == (location.offset, after.offset)
    assert_valid(path)


def test_a_header_of_a_megabyte_is_kept(tmp_path: Path) -> None:
    big = [(b"X-Big", b"x" * 1_000_000), (b"Content-Type", b"text/html")]
    path, (location,) = written(tmp_path, replace(EXCHANGE, response_headers=big))
    assert read_response(path, location.offset).headers == big
    assert_valid(path, http_heads=False)  # FastWARC takes 32 kB


def test_a_header_cannot_split_the_head(tmp_path: Path) -> None:
    hostile = replace(
        EXCHANGE,
        url="https://en.csu.edu.cn/a b\r\nWARC-Type: x",
        response_headers=[(b"X", b"1\r\n\r\n2\n3\r4")],
        request_headers=[("Host", "a"), ("X", "1\r\n\r\n2")],
    )
    path, (location,) = written(tmp_path, hostile)
    stored = read_response(path, location.offset)
    assert stored.headers == [(b"X", b"1  2 3 4")]
    assert stored.url == "https://en.csu.edu.cn/a%20b%0D%0AWARC-Type:%20x"
    assert [record.type for record in iter_records(path)] == ["warcinfo", "response", "request"]
    assert_valid(path)


def test_a_body_no_longer_chunked_is_not_called_chunked(tmp_path: Path) -> None:
    chunked = [(b"Transfer-Encoding", b"chunked"), (b"Content-Type", b"text/html")]
    path, (location,) = written(tmp_path, replace(EXCHANGE, response_headers=chunked))
    stored = read_response(path, location.offset)
    assert stored.headers[0] == (b"X-Archive-Orig-Transfer-Encoding", b"chunked")
    assert stored.decoded(limit=100) == Decoded(PAGE, True)


def test_a_revisit_has_no_block(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        first = writer.append(ZIPPED)
        location = writer.append(ZIPPED, Revisit(ZIPPED.url, first.date, first.payload_sha1))
        path = tmp_path / writer.seal().name
    revisit = read_response(path, location.offset)
    assert (revisit.type, revisit.status, revisit.headers, revisit.body) == ("revisit", None, [], b"")
    assert revisit.fields["warc-refers-to-target-uri"] == ZIPPED.url
    assert revisit.fields["warc-refers-to-date"] == first.date
    assert revisit.fields["warc-profile"].endswith("/identical-payload-digest")
    assert revisit.fields["content-length"] == "0"
    assert (revisit.payload_sha1, revisit.payload_sha256) == (first.payload_sha1, None)
    assert location.payload_sha256 == first.payload_sha256
    assert_valid(path)


def test_the_sealed_hash_is_that_of_the_file(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        writer.append(EXCHANGE)
        sealed = writer.seal()
    path = tmp_path / "a.warc.gz"
    assert [file.name for file in tmp_path.iterdir()] == ["a.warc.gz"]
    assert sealed.name == path.name
    assert sealed.size_bytes == path.stat().st_size
    assert sealed.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.rename(tmp_path / "a.warc.gz.open")
    assert seal_file(tmp_path / "a.warc.gz.open") == sealed


def test_a_closed_writer_takes_nothing(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        writer.seal()
    with pytest.raises(EvidenceError, match="is closed"):
        writer.append(EXCHANGE)


@pytest.mark.parametrize("name", ["a.warc.gz.open", "a.warc.gz"])
def test_never_overwrites(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"evidence")
    with pytest.raises(EvidenceError, match="cannot be created: File exists"):
        open_writer(tmp_path)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [(name, b"evidence")]


def test_never_seals_over_a_file(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        (tmp_path / "a.warc.gz").write_bytes(b"evidence")
        with pytest.raises(EvidenceError, match=r"cannot be sealed as a\.warc\.gz: File exists"):
            writer.seal()
    with pytest.raises(EvidenceError, match="File exists"):
        seal_file(writer.path)
    assert (tmp_path / "a.warc.gz").read_bytes() == b"evidence"


def test_never_seals_what_another_wrote(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        with writer.path.open("ab") as other:
            other.write(b"x")
        with pytest.raises(EvidenceError, match="did not write"):
            writer.seal()


def test_a_missing_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be created: No such file or directory"):
        open_writer(tmp_path / "none")
    with pytest.raises(EvidenceError, match="cannot be read to seal it"):
        seal_file(tmp_path / "none.warc.gz.open")
    with pytest.raises(EvidenceError, match="not the name of an unsealed"):
        seal_file(tmp_path / "a.warc.gz")


@pytest.mark.parametrize(
    ("site", "name"),
    [
        ("csu-en", "csu-en-20261124T084800Z-r000012-00001-9f86d081.warc.gz"),
        ("127.0.0.1:8000", "127-0-0-1-8000-20261124T084800Z-r000012-00001-9f86d081.warc.gz"),
        ("../../etc/\n中文", "etc-20261124T084800Z-r000012-00001-9f86d081.warc.gz"),
        ("..", "site-20261124T084800Z-r000012-00001-9f86d081.warc.gz"),
    ],
)
def test_file_names_are_made_of_our_own_ids(site: str, name: str) -> None:
    shanghai = MOMENT.astimezone(timezone(timedelta(hours=8)))
    assert file_name(site, 12, 1, shanghai, "9f86d081884c7d65") == name


def test_a_date_without_a_zone_is_refused(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer, pytest.raises(ValueError, match="no time zone"):
        writer.append(replace(EXCHANGE, fetched_at=MOMENT.replace(tzinfo=None)))


def test_compressed_bodies_are_stored_as_they_came(tmp_path: Path) -> None:
    path, (location,) = written(tmp_path, ZIPPED)
    assert ZIPPED.body in path.read_bytes()
    member = path.read_bytes()[location.offset : location.offset + location.length]
    assert zlib.decompressobj(31).decompress(member).endswith(ZIPPED.body + b"\r\n\r\n")
