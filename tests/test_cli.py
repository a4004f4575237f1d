"""The command line as people and programs meet it: real processes, exit codes, one sentence for an error."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest
from click.testing import CliRunner
from driving import COMMAND, TIMEOUT_S, Ran, archived, differences, environment, modelled, profiled, query, run
from handmade import article, listing, served

from csu_news.archive import Archive
from csu_news.cli import main
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.sites import SITES

CONTEXT = click.Context(main)
COMMANDS = main.list_commands(CONTEXT)

Serve = Callable[..., ReplicaServer]
Crawl = Callable[..., Ran]


def sentence(ran: Ran) -> str:
    """Return the error that a command ended with: the only line on stderr, and nothing on stdout."""
    assert ran.out == ""
    assert "Traceback" not in ran.err
    (line,) = ran.err.splitlines()
    assert re.fullmatch(r"Error: .+[.)]", line), line
    return line


def crawl_of(db: Path, *targets: str) -> Ran:
    return run("crawl", *targets, "--db", str(db), "--delay", "0")


# -- what a user may get wrong -----------------------------------------------------------------


def test_unknown_site_names_the_known_ones(db: Path) -> None:
    ran = crawl_of(db, "csu-fr")
    assert ran.code == 2
    assert "csu-en" in sentence(ran)


@pytest.mark.parametrize("url", ["ftp://host/x.htm", "http://", "http://me:secret@host/info/1/2.htm", "http://[/"])
def test_address_that_cannot_be_crawled(db: Path, url: str) -> None:
    ran = crawl_of(db, url)
    assert ran.code == 2
    assert "no address to crawl" in sentence(ran)


@pytest.mark.parametrize("arguments", [("--limit", "0"), ("--delay", "-1"), ("--nothing",), ("--db", "/")])
def test_option_that_cannot_be(arguments: tuple[str, ...]) -> None:
    ran = run("crawl", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: csu-news crawl")


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ran = crawl_of(tmp_path / "file" / "archive.db", "http://127.0.0.1:9/News.htm")
    assert ran.code == 1
    assert "choose another place for the archive" in sentence(ran)


def test_database_that_is_a_text_file_stays_as_it_is(db: Path) -> None:
    db.write_text("my shopping list\n" * 100)
    for command in (("crawl", "http://127.0.0.1:9/News.htm"), ("status",), ("show", "csu-en-1")):
        ran = run(*command, "--db", str(db))
        assert ran.code == 1
        assert "not a csu_news archive" in sentence(ran)
    assert db.read_text() == "my shopping list\n" * 100
    assert list(db.parent.iterdir()) == [db]


def test_empty_file_is_not_read_as_an_archive(db: Path, tmp_path: Path) -> None:
    db.touch()
    for command in (("status",), ("audit",), ("backup", str(tmp_path / "backup"))):
        ran = run(*command, "--db", str(db))
        assert ran.code == 1
        assert "is an empty file" in sentence(ran)
    assert list(db.parent.iterdir()) == [db]


def test_database_of_another_program_stays_as_it_is(db: Path) -> None:
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("create table recipes (name text)")
        connection.commit()
    before = db.read_bytes()
    for command in (("crawl", "http://127.0.0.1:9/News.htm"), ("status",)):
        ran = run(*command, "--db", str(db))
        assert ran.code == 1
        assert "another program's database" in sentence(ran)
    assert db.read_bytes() == before
    assert list(db.parent.iterdir()) == [db]


def test_archive_of_a_later_version_is_refused(db: Path) -> None:
    with served({"/info/5/11.htm": article(11)}) as site:
        assert crawl_of(db, site.url + "/info/5/11.htm").code == 0
    with closing(sqlite3.connect(db)) as connection:
        connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('csu_news', 'm999_later', 'now')"
        )
        connection.commit()
    for command in (("crawl", "http://127.0.0.1:9/News.htm"), ("status",)):
        ran = run(*command, "--db", str(db))
        assert ran.code == 1
        assert "m999_later" in sentence(ran)


def test_missing_archive_says_how_to_make_one(tmp_path: Path) -> None:
    commands = ("status", "show csu-en-1", "reparse", "accept csu-en-1", "withhold csu-en-1 --reason x")
    for command in (*commands, "findings --ack 1 --note x", "verify", "audit"):
        ran = run(*command.split(), "--db", str(tmp_path / "new" / "archive.db"))
        assert ran.code == 1
        assert "csu-news demo" in sentence(ran)
    assert list(tmp_path.iterdir()) == [], "nothing was made"


def test_name_of_nothing_is_no_archive(tmp_path: Path) -> None:
    for command in ("status", "crawl", "demo"):
        ran = run(command, "--db", "", cwd=tmp_path)
        assert ran.code == 2
        assert "--db" in sentence(ran)
    assert list(tmp_path.iterdir()) == []


AS_NOBODY = """
import os, sys
from csu_news.archive.database import _views
from csu_news.cli import main
for name in main.list_commands(None):  # nobody may not read what is installed, and _views() keeps what it read
    main.get_command(None, name)
_views()
os.setgid(65534)
os.setuid(65534)
main(sys.argv[1:], prog_name="csu-news")
"""


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Return a folder that others can read; pytest's own are closed to them."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_archive_in_a_folder_of_somebody_else_can_be_read_and_not_changed(public_folder: Path) -> None:
    db = public_folder / "archive.db"

    def by_nobody(*arguments: str) -> Ran:
        return run(*arguments, "--json", "--db", str(db), command=(sys.executable, "-c", AS_NOBODY))

    with served({"/info/5/11.htm": article(11)}) as site:
        assert crawl_of(db, site.url + "/info/5/11.htm").code == 0
    (key,) = archived(db)
    wal, index = (db.with_name(db.name + suffix) for suffix in ("-wal", "-shm"))
    for left in (wal, index):  # by a reader: SQLite takes them away for a writer only
        left.unlink(missing_ok=True)
    for command in (("status",), ("show", key), ("verify",), ("findings",)):
        ran = by_nobody(*command)
        assert (ran.code, ran.err) == (0, ""), (command, ran.out)
    for command in (("withhold", key, "--reason", "x"), ("accept", key), ("reparse",)):
        ran = by_nobody(*command)
        assert ran.code == 1
        assert "in a folder that can be written" in sentence(ran)
    wal.write_bytes(b"x" * 5000)
    assert "holds changes" in sentence(by_nobody("status"))
    public_folder.chmod(0o700)
    assert "Permission denied" in sentence(by_nobody("status"))


def test_unknown_key(db: Path) -> None:
    with served({"/info/5/11.htm": article(11)}) as site:
        assert crawl_of(db, site.url + "/info/5/11.htm").code == 0
    ran = run("show", "csu-en-9", "--db", str(db))
    assert ran.code == 2
    assert "csu-en-9" in sentence(ran)


@pytest.mark.parametrize("arguments", [("show", "\udcff"), ("search", "a", "--site", "\udcff")])
def test_bytes_that_are_no_text(db: Path, arguments: tuple[str, ...]) -> None:
    Archive(db, write=True).close()
    ran = run(*arguments, "--db", str(db))
    assert ran.code == 2
    assert "UTF-8" in sentence(ran)


# -- what a site may get wrong -----------------------------------------------------------------


def closed_port() -> int:
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        return int(wire.getsockname()[1])


def test_host_that_does_not_answer(crawl: Crawl, db: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    ran = crawl(url + "/info/5/11.htm")
    assert (ran.code, ran.err.count("\n"), "Traceback" in ran.err) == (1, 1, False)
    assert ran.err.startswith(f"Error: {url}/robots.txt cannot be had")
    assert (ran.document["articles"], ran.document["requests"]) == (0, 0)
    assert query(db, "select kind from open_findings") == [("robots",)]


def test_robots_txt_that_fails_stops_the_run(serve: Serve, crawl: Crawl) -> None:
    site = ReplicaSite("en", articles=20)
    server = serve(site)
    site.break_("/robots.txt", "status", status=503)
    ran = crawl(site)
    assert (ran.code, server.paths()) == (1, ["/robots.txt"])
    assert "answered with 503" in ran.err
    site.mend()
    assert crawl(site).code == 0


@pytest.mark.parametrize("path", ["/index.htm", "/News/about.htm", "/info/5/11.htm"])
def test_page_that_is_of_no_vsb_site(crawl: Crawl, path: str) -> None:
    with served(
        {path: "<html><head><title>Hello</title></head><body><p>Welcome to my home page.</p></body></html>"}
    ) as site:
        ran = crawl(site.url + path)
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert line.startswith(f"Error: No article was archived. {site.url}{path}: ")


def test_page_that_is_not_there(crawl: Crawl) -> None:
    with served({}) as site:
        ran = crawl(site.url + "/info/5/11.htm")
    assert (ran.code, ran.err.splitlines()) == (
        1,
        [f"Error: No article was archived. {site.url}/info/5/11.htm: The page is not there."],
    )


# -- two at once, and interrupted --------------------------------------------------------------


@contextmanager
def crawling(site: ReplicaSite, server: ReplicaServer, db: Path, requests: int) -> Iterator[subprocess.Popen[str]]:
    """Run a crawl in a process; enter when the server has had so many requests."""
    command = [*profiled(site), "crawl", site.profile().name, "--db", str(db), "--delay", "0", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        end = time.monotonic() + TIMEOUT_S
        while server.count < requests:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.005)
        try:
            yield process
        finally:
            process.kill()


def test_second_crawl_is_refused_and_the_first_goes_on(serve: Serve, crawl: Crawl, db: Path) -> None:
    site = ReplicaSite("en", articles=30)
    server = serve(site)
    site.slow_down(600, site.path_of(7))
    with crawling(site, server, db, requests=20) as process:
        ran = crawl("http://127.0.0.1:9/News.htm")
        assert ran.code == 75
        assert f"process {process.pid}, started 2" in sentence(ran)
        assert run("status", "--db", str(db)).code == 0, "reading is always possible"
        process.kill()


INTERRUPTED_AT = """
import os, signal, sys
wanted = sys.argv.pop(1)
class Finder:
    def find_spec(name, path=None, target=None):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder)
from csu_news.__main__ import main
main()
"""


@pytest.mark.parametrize("module", ["csu_news.cli", "lxml.etree", "scrapy", "twisted.internet.defer", "rich.progress"])
def test_interrupt_while_the_program_is_being_loaded_is_quiet(module: str, db: Path) -> None:
    ran = run(module, "crawl", "--db", str(db), "--help", command=(sys.executable, "-c", INTERRUPTED_AT))
    assert (ran.code, ran.out, ran.err) == (130, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_crawl_keeps_all_and_the_next_completes_it(
    serve: Serve, crawl: Crawl, db: Path, number: signal.Signals
) -> None:
    site = ReplicaSite("en", articles=60, seed=3)
    server = serve(site)
    site.slow_down(0.02)
    with crawling(site, server, db, requests=15) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, err) == (130, "")
    document = json.loads(out)
    assert document["outcome"] == "interrupted"
    assert document["requests"] == len(server.requests), "what was answered is stored"
    assert query(db, "select count(*) from warc_files where sealed_at is null") == [(0,)]
    stored = archived(db)
    assert 0 < len(stored) < 60
    site.slow_down(0)
    server.clear()
    assert crawl(site).code == 0
    assert differences(db, modelled(site, "demo-en")) == []
    again = [path for path in server.paths() if path.endswith(".htm") and "/info/" in path]
    assert len(again) < 60 + 10 - len(stored)


# -- output ------------------------------------------------------------------------------------


def test_json_is_one_document_and_people_get_sentences(db: Path) -> None:
    pages = {
        "/news.htm": listing(5, ["info/5/11.htm"]),
        "/info/5/11.htm": article(11, title="Ten[bold] red \x1b roses"),
    }
    with served(pages) as site:
        url = site.url + "/news.htm"
        ran = crawl_of(db, url)
        assert (ran.code, ran.err) == (0, "")
        assert "1 article in" in ran.out
        assert json.loads(crawl_of_json(db, url).out)["articles"] == 1
    (key,) = archived(db)
    shown = run("show", key, "--db", str(db), "--json")
    assert (shown.code, shown.document["key"]) == (0, key)
    assert run("show", url.replace("news", "info/5/11"), "--db", str(db), "--json").document == shown.document
    plain = run("show", key, "--db", str(db))
    assert "Ten[bold] red" in plain.out
    assert "\x1b" not in plain.out
    assert run("status", "--db", str(db), "--json").document["articles"] == 1
    names = [site["name"] for site in run("sites", "--db", str(db), "--json").document]
    assert sorted(names) == sorted([*SITES, key.rpartition("-")[0]])


def crawl_of_json(db: Path, url: str) -> Ran:
    return run("crawl", url, "--db", str(db), "--delay", "0", "--json")


def test_environment_names_the_archive(db: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "status"], capture_output=True, text=True, env=environment() | {"CSU_NEWS_DB": str(db)}
    )
    assert (done.returncode, str(db) in done.stderr) == (1, True)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    examples = [line for line in shown.output.splitlines() if line.strip().startswith(f"csu-news {name}")]
    assert examples


def test_a_command_is_all_that_is_imported() -> None:
    program = (
        "import sys; from csu_news.cli import main; main(['--version'], standalone_mode=False); print(*sys.modules)"
    )
    loaded = run(command=(sys.executable, "-c", program)).out.split()
    assert "csu_news.cli" in loaded
    assert not {"scrapy", "csu_news.archive", "csu_news.cli.crawl"} & set(loaded)


def test_help_gives_each_command_a_line() -> None:
    lines = CliRunner().invoke(main, ["--help"], terminal_width=80).output.splitlines()
    told = {line.split()[0]: line for line in lines if line.startswith("  ")}
    for name in COMMANDS:
        command = main.get_command(CONTEXT, name)
        assert command is not None
        assert told[name].endswith(command.get_short_help_str(200)), name
    assert max(map(len, lines)) <= 80


def test_summary_has_a_line_for_each_site(db: Path) -> None:
    with served({"/info/5/11.htm": article(11)}) as site:
        ran = run("crawl", site.url + "/info/5/11.htm", "--delay", "0", "--db", str(db))
        name = site.url.removeprefix("http://").replace(":", "-")
    lines = ran.out.splitlines()
    assert lines[1].split()[:6] == [name, "complete", "1", "0", "0", "0"]
    assert lines[-1].startswith(f"csu-news show {name}-11 --db {db}  ")


def test_demo_archives_its_own_site_again_and_again(db: Path) -> None:
    first = run("demo", "--articles", "30", "--json", "--db", str(db))
    assert (first.code, first.err) == (0, "")
    assert [first.document[name] for name in ("outcome", "articles", "new", "failed")] == ["complete", 30, 30, 0]
    second = run("demo", "--articles", "30", "--json", "--db", str(db))
    assert [second.document[name] for name in ("outcome", "articles", "new", "failed")] == ["complete", 30, 0, 0]
    assert second.document["requests"] < 10


def test_demo_leaves_another_archive_alone(db: Path) -> None:
    with served({"/info/5/11.htm": article(11)}) as site:
        assert crawl_of(db, site.url + "/info/5/11.htm").code == 0
    ran = run("demo", "--db", str(db))
    assert ran.code == 2
    assert "choose another file" in sentence(ran)


def test_examples_keep_their_lines() -> None:
    lines = [line.strip() for line in CliRunner().invoke(main, ["crawl", "--help"]).output.splitlines()]
    assert "csu-news crawl csu-en --contact mailto:archive@example.org" in lines


BROKEN = """
import csu_news.archive.run
def broken(*arguments):
    raise TypeError("a bug of ours")
csu_news.archive.run.save_visit = broken
from csu_news.cli import main
main(prog_name="csu-news")
"""


def test_bug_stops_the_run_and_keeps_its_traceback(db: Path) -> None:
    ran = run("demo", "--db", str(db), "--articles", "10", "--json", command=(sys.executable, "-c", BROKEN))
    assert (ran.code, ran.document["outcome"]) == (1, "error")
    assert "Traceback" in ran.err
    assert "in broken" in ran.err


def test_archive_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    db = tmp_path / "news.db"
    with Archive(db, write=True) as archive:
        archive.connection.execute("delete from about where key = 'views_sha256'")
    for command in ("status", "audit", "verify"):
        ran = run(command, "--db", str(db))
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.splitlines()[-1].startswith(f"Error: {db} was made by an earlier csu_news: `csu-news upgrade")
    assert run("upgrade", "--db", str(db)).out == f"{db} was brought up to date.\n"
    assert json.loads(run("upgrade", "--db", str(db), "--json").out) == {"archive": str(db), "upgraded": False}
    assert run("status", "--db", str(db)).code == 0
    assert run("upgrade", "--db", str(tmp_path / "none.db")).code == 1
