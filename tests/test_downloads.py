"""The download handler on the real wire: TLS, and a proxy."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
from driving import COMMAND, Ran, environment, query, run
from handmade import article, listing

PAGES = {"/xw.htm": listing(5, ["/info/5/11.htm"]), "/info/5/11.htm": article(11)}


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[tuple[ThreadingHTTPServer, list[tuple[str, str]]]]:
    """Serve PAGES, for any host; yield the server and what it is asked for: target and Proxy-Authorization."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
            page = PAGES.get("/" + self.path.partition("://")[2].partition("/")[2] if ":" in self.path else self.path)
            body = (page or "").encode()
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server, asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a certificate for 127.0.0.1, which signed itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("makes a certificate with openssl")
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    key = path.with_suffix(".key")
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", path, *subject],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + key.read_text())
    return path


ARTICLE = article(11).encode()
LENGTH = b"Content-Length: %d" % len(ARTICLE)
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ARTICLE), ARTICLE)
ODD = {
    "length and chunks": ((LENGTH, b"Transfer-Encoding: chunked"), CHUNKED),
    "length twice": ((LENGTH, LENGTH), ARTICLE),
    "length without a number": ((b"Content-Length:",), ARTICLE),
    "more than it says": ((LENGTH,), ARTICLE + b"<!-- made in 3 ms -->"),
    "no header": ((b"Warning: mysql_connect() in line 3", b"Out of memory", LENGTH), ARTICLE),
    "a name of two words": ((b"Powered By: cms", LENGTH), ARTICLE),
    "a name in Chinese": (("服务器: cms".encode(), LENGTH), ARTICLE),
    "chunks in capitals": ((b"Transfer-Encoding: Chunked",), CHUNKED),
    "many headers": ((*(b"X-%d: 1" % n for n in range(500)), LENGTH), ARTICLE),
}
"""Answers that break the rules of HTTP, and that browsers take: headers and body."""


@contextmanager
def answering(lines: tuple[bytes, ...], body: bytes, pause_s: float = 0) -> Iterator[str]:
    """Answer every request for the article in these very bytes, and others with 404; yield the article's address."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            asked = self.request.recv(1 << 16)
            if not asked.startswith(b"GET /info/5/11.htm"):
                self.request.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            head = b"\r\n".join((b"HTTP/1.1 200 OK", b"Content-Type: text/html", *lines, b"", b""))
            with suppress(ConnectionError):
                for piece in (head + body,) if not pause_s else (bytes([byte]) for byte in head):
                    self.request.sendall(piece)
                    time.sleep(pause_s)

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/info/5/11.htm"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def crawl(url: str, db: Path, *options: str, **variables: str) -> Ran:
    arguments = ("crawl", url, "--db", str(db), "--delay", "0", "--json", *options)
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, env=environment() | variables
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_site_is_asked_over_tls_if_its_certificate_is_good(tmp_path: Path, certificate: Path) -> None:
    with serving(certificate) as (server, asked):
        url = f"https://127.0.0.1:{server.server_port}/xw.htm"
        refused = crawl(url, tmp_path / "refused" / "a.db")
        assert (refused.code, refused.document["outcome"]) == (1, "robots")
        assert "certificate" in refused.err.lower()
        assert asked == []
        trusted = crawl(url, tmp_path / "trusted" / "a.db", SSL_CERT_FILE=str(certificate))
        assert (trusted.code, trusted.document["articles"]) == (0, 1)
        anyway = crawl(url, tmp_path / "anyway" / "a.db", "-s", "DOWNLOAD_VERIFY_CERTIFICATES=0")
        assert (anyway.code, anyway.document["articles"]) == (0, 1)


def test_proxy_is_asked_and_its_password_is_in_no_record(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    with serving() as (proxy, asked):
        ran = crawl("http://127.0.0.1:1/xw.htm", db, http_proxy=f"http://me:secret@127.0.0.1:{proxy.server_port}")
    assert (ran.code, ran.document["articles"]) == (0, 1), ran.err
    assert ("http://127.0.0.1:1/info/5/11.htm", "Basic bWU6c2VjcmV0") in asked
    ((name,),) = query(db, "select name from warc_files")
    warc = subprocess.run(["gzip", "-dc", str(tmp_path / "warc" / name)], capture_output=True, check=True).stdout
    assert warc.count(b"GET /info/5/11.htm HTTP/1.1\r\n") == 1
    assert b"bWU6c2VjcmV0" not in warc


@pytest.mark.parametrize("odd", ODD)
def test_answer_that_breaks_the_rules_is_read_as_browsers_do(tmp_path: Path, odd: str) -> None:
    db = tmp_path / "a.db"
    with answering(*ODD[odd]) as url:
        ran = crawl(url, db, "--no-media")
    assert (ran.code, ran.document["articles"], ran.document["findings"]) == (0, 1, 0), ran.err
    assert query(db, "select size_bytes, outcome from fetches where url = ?", url) == [(len(ARTICLE), "article")]
    assert run("verify", "--db", str(db)).code == 0


def test_odd_head_that_never_ends_is_given_up(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    with answering((b"Out of memory",) * 100, b"", pause_s=0.1) as url:
        ran = crawl(url, db, "--no-media", "-s", "DOWNLOAD_TIMEOUT=1", "-s", "CSU_NEWS_RETRY_WAITS_S=")
    assert (ran.code, ran.document["failed"]) == (1, 1)
