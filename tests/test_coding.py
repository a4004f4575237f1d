import gzip
import subprocess
import sys
import zlib

import pytest

from csu_news.coding import BodyTooLarge, BodyUndecodable, Decoded, decode_body

PAGE = "新闻 news\r\n".encode() * 900
ZIPPED = gzip.compress(PAGE, mtime=0)
RAW_DEFLATE = zlib.compress(PAGE)[2:-4]
LIMIT = 100_000


def case_name(value: object) -> str:
    return value if isinstance(value, str) else type(value).__name__


@pytest.mark.parametrize(
    ("body", "coding", "decoded"),
    [
        (PAGE, None, Decoded(PAGE, True)),
        (PAGE, "", Decoded(PAGE, True)),
        (PAGE, "identity", Decoded(PAGE, True)),
        (ZIPPED, "gzip", Decoded(PAGE, True)),
        (ZIPPED, " GZip ", Decoded(PAGE, True)),
        (ZIPPED, "x-gzip", Decoded(PAGE, True)),
        (ZIPPED, "gzip, identity", Decoded(PAGE, True)),
        (gzip.compress(ZIPPED), "gzip, gzip", Decoded(PAGE, True)),
        (zlib.compress(PAGE), "deflate", Decoded(PAGE, True)),
        (RAW_DEFLATE, "deflate", Decoded(PAGE, True)),
        (RAW_DEFLATE[:-1], "deflate", Decoded(PAGE, False)),
        (b"", "gzip", Decoded(b"", True)),
        (b"", "br", Decoded(b"", True)),
        (ZIPPED + b"\0" * 9, "gzip", Decoded(PAGE, True)),
        (ZIPPED + b"<!-- cached -->", "gzip", Decoded(PAGE, True)),
        (ZIPPED + b"\x1f\x8b rubbish", "gzip", Decoded(PAGE, True)),
        (ZIPPED + ZIPPED, "gzip", Decoded(PAGE + PAGE, True)),
        (ZIPPED + ZIPPED[:-1], "gzip", Decoded(PAGE + PAGE, False)),
        (ZIPPED[:-1], "gzip", Decoded(PAGE, False)),
        (ZIPPED[:-8], "gzip", Decoded(PAGE, False)),
        (ZIPPED[:1], "gzip", Decoded(b"", False)),
    ],
    ids=case_name,
)
def test_decodes(body: bytes, coding: str | None, decoded: Decoded) -> None:
    assert decode_body(body, coding, LIMIT) == decoded


@pytest.mark.parametrize("length", range(1, len(ZIPPED)))
def test_a_cut_gzip_body_is_never_complete(length: int) -> None:
    decoded = decode_body(ZIPPED[:length], "gzip", LIMIT)
    assert not decoded.complete
    assert PAGE.startswith(decoded.body)


@pytest.mark.parametrize(
    ("body", "coding", "message"),
    [
        (PAGE, "gzip", "labelled gzip and is not"),
        (PAGE, "deflate", "labelled deflate and is not"),
        (ZIPPED[:40] + b"\xff" * 9 + ZIPPED[49:], "gzip", "labelled gzip and is not"),
        (ZIPPED[:-8] + bytes(8), "gzip", "incorrect data check"),
        (PAGE, "br", "content coding 'br'"),
        (PAGE, "zstd", "content coding 'zstd'"),
        (PAGE, "gzip, br", "content coding 'br'"),
        (ZIPPED, "gzip, gzip, gzip, gzip", "4 content codings"),
        (gzip.compress(b"") * 50_000, "gzip", "more than 100 gzip members"),
    ],
    ids=case_name,
)
def test_refuses_what_it_cannot_decode(body: bytes, coding: str, message: str) -> None:
    with pytest.raises(BodyUndecodable, match=message):
        decode_body(body, coding, LIMIT)


@pytest.mark.parametrize(
    ("body", "coding"),
    [(PAGE, None), (ZIPPED, "gzip"), (zlib.compress(PAGE), "deflate"), (RAW_DEFLATE, "deflate")],
    ids=case_name,
)
def test_the_limit_is_exact(body: bytes, coding: str | None) -> None:
    assert decode_body(body, coding, len(PAGE)).body == PAGE
    with pytest.raises(BodyTooLarge, match=r"limit|larger than"):
        decode_body(body, coding, len(PAGE) - 1)


def test_the_limit_holds_for_all_members_together() -> None:
    with pytest.raises(BodyTooLarge):
        decode_body(ZIPPED * 3, "gzip", 3 * len(PAGE) - 1)


def test_a_bomb_costs_little_memory() -> None:
    script = (
        "import resource, zlib\n"
        "from csu_news.coding import BodyTooLarge, decode_body\n"
        "stream = zlib.compressobj(1, zlib.DEFLATED, 31)\n"
        "bomb = b''.join(stream.compress(bytes(1 << 20)) for _ in range(256)) + stream.flush()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    decode_body(bomb, 'gzip', 16 << 20)\n"
        "except BodyTooLarge:\n    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(run.stdout) * 1024 < 64 << 20
