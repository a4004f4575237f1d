"""Replay: what pywb shows of our WARC files is what came over the wire, byte for byte, after revisits too."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest
from driving import Ran, environment, query, run
from handmade import article as article_page
from handmade import listing, served

from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.replica.routes import reply_to

Serve = Callable[..., ReplicaServer]
Crawl = Callable[..., Ran]
INSTALL_S, START_S = 300, 60

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("CI"), reason="makes a virtual environment for pywb; set CI to run it"),
]


@pytest.fixture(scope="module")
def pywb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of pywb's commands, in an environment of its own: it pins old packages."""
    folder = tmp_path_factory.mktemp("pywb")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "setuptools<81", "pywb>=2.8"]
    try:
        done = subprocess.run(pip, capture_output=True, text=True, timeout=INSTALL_S, env=environment(), check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"pywb cannot be installed within {INSTALL_S} s")
    if done.returncode:
        pytest.skip(f"pywb cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    return folder / "bin"


@contextmanager
def wayback(pywb: Path, folder: Path, files: list[Path]) -> Iterator[str]:
    """Serve a collection of these WARC or WACZ files with pywb; yield its address."""
    folder.mkdir()
    copies = [Path(shutil.copy(path, folder)) for path in files]
    for words in (["init", "news"], ["add", "--unpack-wacz", "news", *map(str, copies)]):
        subprocess.run([str(pywb / "wb-manager"), *words], cwd=folder, check=True, capture_output=True, timeout=60)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(pywb / "wayback"), "--bind", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            address = f"http://127.0.0.1:{port}/news/"
            _wait_for(address, process, folder / "log")
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"pywb did not start: {log.read_text()[-500:]}")


def replayed(address: str, moment: str, url: str) -> bytes:
    """Return the bytes that pywb shows of an address at a time, as they were (`id_`)."""
    stamp = datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y%m%d%H%M%S")
    with urllib.request.urlopen(f"{address}{stamp}id_/{url}", timeout=30) as response:
        return bytes(response.read())


def captures(db: Path, number: int) -> list[tuple[str, str, str]]:
    """Return address, time and record type of what a run fetched of articles, lists and media."""
    return query(
        db,
        "select url, fetched_at, outcome from fetches where run_id = ? and page_id is not null order by id",
        number,
    )


def test_pages_and_pictures_replay_byte_for_byte_after_revisits_too(
    serve: Serve, crawl: Crawl, db: Path, tmp_path: Path, pywb: Path
) -> None:
    site = ReplicaSite("en", articles=30, seed=3)
    serve(site)
    assert crawl(site).code == 0
    time.sleep(1.1)  # replay tells captures apart by the second
    assert crawl(site, options=("--full",)).code == 0
    shown = {url: reply_to(site, "/" + url.removeprefix(site.base_url)).body for url, *_ in captures(db, 1)}
    again = captures(db, 2)
    assert "unchanged" in {outcome for *_, outcome in again}
    article = next(each for each in site.articles() if each["images"])
    for path in (article["path"], *article["images"]):
        assert urljoin(site.base_url, path) in shown
    with wayback(pywb, tmp_path / "pywb", sorted((db.parent / "warc").glob("*.warc.gz"))) as address:
        for number in (1, 2):
            for url, moment, outcome in captures(db, number):
                assert replayed(address, moment, url) == shown[url], (number, url, outcome)


def test_identical_payload_replays_where_the_server_knows_no_validators(
    crawl: Crawl, db: Path, tmp_path: Path, pywb: Path
) -> None:
    pages = {"/news.htm": listing(5, ["info/5/11.htm"]), "/info/5/11.htm": article_page(11)}
    with served(pages) as site:
        assert crawl(site.url + "/news.htm", options=("--no-media",)).code == 0
        time.sleep(1.1)
        assert crawl(site.url + "/news.htm", options=("--no-media", "--full")).code == 0
        url = site.url + "/info/5/11.htm"
    assert [outcome for _, _, outcome in captures(db, 2)] == ["unchanged", "unchanged"]
    moments = [moment for number in (1, 2) for found, moment, _ in captures(db, number) if found == url]
    with wayback(pywb, tmp_path / "pywb", sorted((db.parent / "warc").glob("*.warc.gz"))) as address:
        assert [replayed(address, moment, url) for moment in moments] == [pages["/info/5/11.htm"].encode()] * 2


def test_wacz_replays(serve: Serve, crawl: Crawl, db: Path, tmp_path: Path, pywb: Path) -> None:
    pytest.importorskip("wacz", reason="py-wacz is not installed")
    site = ReplicaSite("en", articles=8, seed=3)
    serve(site)
    assert crawl(site).code == 0
    path = tmp_path / "news.wacz"
    assert run("export", "wacz", "-o", str(path), "--db", str(db)).code == 0
    with zipfile.ZipFile(path) as archive:
        pages = [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()[1:]]
    assert len(pages) == 8
    with wayback(pywb, tmp_path / "pywb", [path]) as address:
        for page in pages:
            shown = reply_to(site, "/" + page["url"].removeprefix(site.base_url)).body
            assert replayed(address, page["ts"], page["url"]) == shown
