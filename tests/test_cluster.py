"""Sites crawled by a real scheduler and two workers, which are killed; no host sees two crawlers at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from driving import COMMAND, TIMEOUT_S, Inbox, environment, run
from test_kill import contents
from test_merge import fingerprint

from csu_news.cli import main
from csu_news.cli.cluster import _unshared
from csu_news.cluster import SiteTask, connected
from csu_news.cluster.crawling import _result
from csu_news.cluster.task import _error, crawl_site
from csu_news.replica import ReplicaServer, ReplicaSite

dask = pytest.importorskip("dask", reason="Dask is not installed")
pytest.importorskip("distributed", reason="Dask is not installed: pip install 'csu-news[cluster]'")

SITES = 6
LEASE = {
    "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT": "6s",
    "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_VALIDATION_INTERVAL": "1s",
}
"""How soon a killed worker's lock is free: half a minute, if nobody says otherwise."""


def profile(folder: Path, name: str, site: ReplicaSite, media_host: str | None = None) -> Path:
    """Write the profile of a replica under a name of its own."""
    lines = [f'name = "{name}"', f'base_url = "{site.base_url}"', 'language = "en"']
    lines += [f'media_hosts = ["{media_host}"]'] if media_host else []
    for column in site.profile().columns:
        lines += ["[[columns]]", f"column_id = {column.column_id}", f'list_url = "{column.list_url}"']
    path = folder / f"{name}.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def sites() -> Iterator[tuple[ReplicaServer, list[ReplicaSite]]]:
    made = [ReplicaSite("en", articles=12, seed=seed) for seed in range(SITES)]
    with ReplicaServer(made, latency_s=0.02) as server:
        yield server, made


class Cluster:
    """A scheduler and its workers, each a process that can be killed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._file = folder / "scheduler.json"
        self.address = ""
        self.scheduler = self.start_scheduler()
        self.workers = [self.start_worker(number) for number in range(2)]

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        self._file.unlink(missing_ok=True)
        started = self._start("dask_scheduler", "--port", "0", "--scheduler-file", str(self._file))
        await_(lambda: self._file.exists() and self._file.read_text().endswith("}"))
        self.address = json.loads(self._file.read_text())["address"]
        return started

    def start_worker(self, number: int) -> subprocess.Popen[bytes]:
        folder = self._folder / f"worker-{number}"
        options = ("--no-nanny", "--nthreads", "3", "--local-directory", str(folder))
        return self._start("dask_worker", self.address, *options)

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{name}", *arguments, "--no-dashboard"]
        process = subprocess.Popen(
            command, env=environment() | LEASE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._stack.callback(self.kill, process)
        return process

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()


def await_(is_so: Callable[[], Any]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.02)


def children(process_id: int) -> list[int]:
    """Return the processes that a process started."""
    listed = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(number) for path in listed for number in path.read_text().split()]


def is_running(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="crawls die with their worker on Linux only")
def test_killed_workers_and_scheduler_add_up_to_one_process(
    sites: tuple[ReplicaServer, list[ReplicaSite]], tmp_path: Path
) -> None:
    server, replicas = sites
    shared = {0: "pictures.example", 1: "pictures.example"}
    files = [profile(tmp_path, f"replica-{n}", site, shared.get(n)) for n, site in enumerate(replicas)]
    known = [word for path in files for word in ("--site-file", str(path))]
    one, out, archives = tmp_path / "one" / "news.db", tmp_path / "out" / "news.db", tmp_path / "sites"
    ran = run("crawl", *known, "--db", str(one), "--delay", "0", "--json")
    assert (ran.code, ran.err) == (0, "")
    server.clear()
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack)

        def crawl() -> list[str]:
            arguments = (
                "crawl",
                *known,
                "--dask",
                cluster.address,
                "--archives",
                str(archives),
                "--delay",
                "0",
                "--json",
            )
            return [*COMMAND, *arguments]

        client = subprocess.Popen(crawl(), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        stack.callback(Cluster.kill, client)
        await_(lambda: server.count > 40 and all(children(worker.pid) for worker in cluster.workers))
        orphans = children(cluster.workers[0].pid)
        cluster.workers[0].send_signal(signal.SIGKILL)
        await_(lambda: not any(map(is_running, orphans)))
        seen = server.count
        await_(lambda: server.count > seen + 10 or client.poll() is not None)
        cluster.kill(cluster.scheduler)
        _, said = client.communicate(timeout=TIMEOUT_S)
        assert client.returncode == 1, said
        assert said == (
            f"Error: The Dask scheduler at {cluster.address} was lost; what was stored is safe:"
            " run the same command to go on.\n"
        )
        cluster.workers[1].wait(TIMEOUT_S)
        cluster.scheduler = cluster.start_scheduler()
        client = subprocess.Popen(crawl(), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        stack.callback(Cluster.kill, client)
        assert client.stderr is not None
        said = client.stderr.readline()
        assert said == (
            f"No worker is at {cluster.address} yet, and this waits for one: start it with"
            f" `dask worker {cluster.address}`.\n"
        )
        cluster.workers = [cluster.start_worker(number) for number in (2, 3)]
        printed, said = client.communicate(timeout=TIMEOUT_S)
        assert (client.returncode, said) == (0, "")
        crawled = json.loads(printed)["sites"]
        assert [result["site"] for result in crawled] == [f"replica-{n}" for n in range(SITES)]
        assert {result["outcome"] for result in crawled} == {"complete"}
        database = str(archives / "replica-0" / "news.db")
        ran = run("reparse", "--db", database, "--dask", cluster.address, "--json")
        assert (ran.code, ran.document["articles"], ran.document["changed"], ran.document["left"]) == (0, 12, 0, [])
    assert server.most_at_once == {id(site): 1 for site in replicas}, "no host saw two crawlers"
    asked = [request.site is replicas[0] for request in server.requests if request.site in replicas[:2]]
    turns = sum(one is not other for one, other in pairwise(asked))
    assert turns <= 3, "sites that share a host are crawled one after the other"
    databases = [str(archives / f"replica-{number}" / "news.db") for number in range(SITES)]
    assert run("merge", str(out), *databases).code == 0
    expected = contents(one)
    for table, rows in contents(out).items():
        assert rows == expected[table], table
    assert fingerprint(out) == fingerprint(one)
    assert run("verify", "--db", str(out)).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("crawl", "--all-sites"), "goes with --dask"),
        (("crawl", "csu-en", "--all-sites", "--dask", "local"), "name none beside it"),
        (("crawl", "csu-en", "--dask", "local", "--language", "zh"), "--language does not go with --dask"),
        (("crawl", "csu-en", "--dask", "127.0.0.1"), "not '127.0.0.1'"),
        (("crawl", "csu-en", "--dask", "http://127.0.0.1:8786"), "an address such as tcp://10.0.0.1:8786"),
        (("crawl", "nowhere", "--dask", "local"), "There is no site 'nowhere'"),
        (("crawl", "http://127.0.0.1:1/news.htm", "--dask", "local"), "a URL is crawled once without --dask"),
        (("crawl", "--dask", "local"), "There is no site to crawl"),
        (("reparse", "--dask", "local", "--workers", "2"), "--workers not with --dask"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_done(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    more = ("--archives", str(tmp_path)) if arguments[0] == "crawl" else ()
    result = CliRunner().invoke(main, [*arguments, *more])
    assert (result.exit_code, said in result.output) == (2, True), result.output


def test_two_sites_of_one_host_are_refused_as_in_one_archive(tmp_path: Path) -> None:
    site = ReplicaSite("en", articles=1)
    with ReplicaServer(site):
        files = [str(profile(tmp_path, name, site)) for name in ("mine", "twin")]
    options = ("--dask", "tcp://127.0.0.1:1", "--archives", str(tmp_path))
    ran = run("crawl", "--site-file", files[0], "--site-file", files[1], *options)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "which is known here as site 'mine'" in ran.err


def test_all_sites_are_those_of_profiles_files_and_archives(tmp_path: Path) -> None:
    path = profile(tmp_path, "mine", ReplicaSite("en", articles=1))
    options = ("--site-file", str(path), "--archives", str(tmp_path), "--dask", "tcp://127.0.0.1:1")
    ran = run("crawl", "--all-sites", *options)
    assert ran.code == 1
    said = " ".join(ran.err.split())
    assert "Left out csu-zh: no list of it is known" in said
    assert "Left out csu-en" not in said
    assert "Left out mine" not in said
    assert said.endswith("No Dask scheduler answers at tcp://127.0.0.1:1: start one with `dask scheduler`.")


def test_another_server_at_the_address_is_no_scheduler(tmp_path: Path) -> None:
    with ReplicaServer(ReplicaSite("en", articles=1)) as server:
        address = server.url.rstrip("/").replace("http", "tcp")
        ran = run("crawl", "csu-en", "--dask", address, "--archives", str(tmp_path))
    assert (ran.code, ran.err) == (
        1,
        f"Error: No Dask scheduler answers at {address}: start one with `dask scheduler`.\n",
    )


def test_who_waits_tells_of_all_sites_and_writes_their_feeds(tmp_path: Path, inbox: Inbox) -> None:
    """One site is well, one has a finding, the archive of one cannot be made."""
    pytest.importorskip("apprise", reason="apprise is not installed")
    made = [ReplicaSite("en", articles=3, seed=seed) for seed in range(3)]
    made[1].break_(made[1].path_of(2), "challenge")
    archives, feeds = tmp_path / "sites and more", tmp_path / "feeds"
    archives.mkdir()
    (archives / "taken").touch()
    with ReplicaServer(made):
        names = ("well", "ill", "taken")
        files = [profile(tmp_path, name, site) for name, site in zip(names, made, strict=True)]
        known = [word for path in files for word in ("--site-file", str(path))]
        ran = run(
            *("crawl", *known, "--dask", "local", "--archives", str(archives), "--delay", "0"),
            *("--feed", str(feeds), "--notify", inbox.url, "-s", "CSU_NEWS_RETRY_WAITS_S=0,0"),
        )
    assert ran.code == 1
    assert ran.err.startswith(f"taken: Cannot make the folder {archives / 'taken'}: File exists")
    assert f"ill: 1 finding: csu-news findings --db '{archives}/ill/news.db'\n" in ran.out
    assert f"csu-news merge OUT '{archives}'/*/news.db\n" in ran.out
    assert sorted(path.name for path in feeds.iterdir()) == ["ill.atom", "well.atom"]
    ((title, lines),) = inbox.take()
    assert title == "csu_news: stopped, 1 opened"
    assert lines[0].startswith("Error: taken: Cannot make the folder")
    assert lines[1].startswith("ill: incomplete;")
    assert lines[2].startswith("Opened: ")
    assert lines[3:] == [f"Archive: {archives}"]


def test_worker_of_another_version_is_named() -> None:
    task = replace(SiteTask("mine", "news.db", (), ()), version="0.0.1")
    result = crawl_site(task)
    assert result["exit_code"] == 1
    assert "and this is 0.0.1: install one" in result["error"]


def test_folder_that_is_not_shared_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "here.db").touch()
    names = ("here", "there", "never")
    tasks = [SiteTask(name, str(tmp_path / f"{name}.db"), (), ()) for name in names]
    results = [{"site": "here", "run": 1}, {"site": "there", "run": 1}, {"site": "never", "error": "It is shut."}]
    said = f"{tmp_path}/there.db was crawled and is not here: do all machines share the folder?"
    assert _unshared(tasks, results) == said
    assert _unshared(tasks[::2], results[::2]) is None


def test_site_of_which_workers_die_is_given_up_in_a_sentence() -> None:
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), connected("local", 1) as client:
        result = _result(client.submit(os._exit, 1), SiteTask("mine", "news.db", (), ()))
    assert result["exit_code"] == 1
    assert result["error"].startswith("It is given up: 1 workers died of it, the last at tcp://127.0.0.1:")


@pytest.mark.parametrize(
    ("said", "is_told", "error"),
    [
        ("Sealed a.warc.gz, which a run left open.\n", True, None),
        ("Sealed a.warc.gz.\nError: It is shut.\nFurther words.\n", True, "It is shut."),
        ("Traceback:\n  File\nOSError: No\n", False, "OSError: No"),
        ("", False, None),
    ],
)
def test_only_an_error_is_an_error(said: str, is_told: bool, error: str | None) -> None:
    assert _error(said, is_told) == error
