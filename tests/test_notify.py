"""`csu-news crawl --notify`: a person is told only when there is a reason, and then the reason."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from driving import Inbox, Ran, environment, query, run

from csu_news.errors import UsageError
from csu_news.notify import check_addresses, summary
from csu_news.replica import ReplicaServer, ReplicaSite

pytest.importorskip("apprise", reason="apprise is not installed")

NOWHERE = "http://127.0.0.1:9/list.htm"
QUICK = ("-s", "CSU_NEWS_RETRY_WAITS_S=0,0")
WITHOUT_APPRISE = "import sys; sys.modules['apprise'] = None; from csu_news.cli import main; main(sys.argv[1:])"


def test_findings_are_told_when_they_open_and_when_they_close(
    crawl: Callable[..., Ran], serve: Callable[..., ReplicaServer], inbox: Inbox, db: Path
) -> None:
    site = ReplicaSite("en", articles=6)
    serve(site)
    options = ("--full", "--notify", inbox.url, *QUICK)
    assert crawl(site, options=options).code == 0
    assert inbox.take() == []

    page = urljoin(site.base_url, site.path_of(3))
    site.break_(site.path_of(3), "status", status=500)
    assert crawl(site, options=options).code == 1
    ((title, lines),) = inbox.take()
    assert title == "csu_news: 1 opened"
    assert lines[0].startswith("demo-en: incomplete; 0 new, 0 changed, 0 gone, 1 failed, ")
    assert lines[1].startswith(f"Opened: error {page}: ")
    assert lines[2:] == [f"Archive: {db}"]

    assert crawl(site, options=options).code in (0, 1)
    assert inbox.take() == []  # it is open still, and was told

    site.mend()
    assert crawl(site, options=options).code == 0
    ((title, lines),) = inbox.take()
    assert title == "csu_news: 1 closed"
    assert lines[1].startswith(f"Closed: error {page}: ")

    stored = "".join(text for (text,) in query(db, "select arguments from runs"))
    assert "json://…" in stored
    assert "secret" not in stored
    assert "token" not in stored


def test_error_is_told(crawl: Callable[..., Ran], serve: Callable[..., ReplicaServer], inbox: Inbox) -> None:
    site = ReplicaSite("en", articles=3)
    serve(site)
    site.break_("/robots.txt", "status", status=503)
    assert crawl(site, options=("--notify", inbox.url, *QUICK)).code == 1
    ((title, lines),) = inbox.take()
    assert title.startswith("csu_news: stopped")
    assert lines[0].startswith("Error: ")


def test_archive_that_cannot_be_opened_is_told(crawl: Callable[..., Ran], inbox: Inbox, db: Path) -> None:
    db.write_text("something else\n" * 100)
    done = crawl(NOWHERE, options=("--notify", inbox.url))
    assert done.code == 1
    assert inbox.take() == [("csu_news: stopped", [done.err.strip(), f"Archive: {db}"])]


def test_usage_is_not_told(crawl: Callable[..., Ran], inbox: Inbox) -> None:
    assert crawl("no-such-site", options=("--notify", inbox.url)).code == 2
    assert inbox.take() == []


def test_crawl_does_not_fail_because_nobody_can_be_told(
    crawl: Callable[..., Ran], serve: Callable[..., ReplicaServer], inbox: Inbox
) -> None:
    """Whoever can be told is; the exit code is the crawl's."""
    inbox.status = 500
    site = ReplicaSite("en", articles=3)
    serve(site)
    site.break_(site.path_of(1), "status", status=401)
    done = crawl(site, options=("--notify", inbox.url, "--notify", "jsons://me:secret@127.0.0.1:9/"))
    assert (done.code, done.document["findings"], len(inbox.take())) == (1, 1, 1)
    warnings = [line for line in done.err.splitlines() if line.startswith("Warning")]
    assert warnings == [f"Warning: nobody could be told by {kind}://…" for kind in ("json", "jsons")]
    assert "secret" not in done.err


@pytest.mark.filterwarnings("ignore:.*slated for removal:DeprecationWarning")  # what apprise's services import
@pytest.mark.parametrize("url", ["nonsense", "nosuch://host", "json://", "mailto://", "://", ""])
def test_address_that_nothing_can_be_sent_to_is_refused_before_the_crawl(url: str) -> None:
    with pytest.raises(UsageError, match="apprise can send nothing"):
        check_addresses([url])


def test_refusal_is_one_sentence(crawl: Callable[..., Ran], db: Path) -> None:
    done = crawl(NOWHERE, options=("--notify", "nosuch://me:secret@host"))
    assert (done.code, done.out) == (2, "")
    assert done.err == "Error: --notify: apprise can send nothing to this address of kind 'nosuch://…'.\n"
    assert not db.exists()


def test_without_apprise(db: Path) -> None:
    command = (sys.executable, "-c", WITHOUT_APPRISE)
    done = run("crawl", NOWHERE, "--db", str(db), "--notify", "json://127.0.0.1", command=command)
    assert (done.code, done.err) == (2, "Error: --notify needs apprise: pip install 'csu-news[notify]'.\n")
    assert not db.exists()
    assert run("sites", "--json", command=command, cwd=db.parent).code == 0


def test_schedule_keeps_the_address_from_the_eyes_of_others(inbox: Inbox, db: Path) -> None:
    """From the environment, two addresses; in the units' and crontab's environment, not among the arguments."""
    both = f"{inbox.url} mailtos://me:a%20b@mail.example"
    for kind, expected in (
        ("--systemd", f'Environment="CSU_NEWS_NOTIFY={both.replace("%", "%%")}"\n'),
        ("--cron", f'\nCSU_NEWS_NOTIFY="{both}"\n'),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "csu_news", "schedule", "--every", "1d", kind, "--db", db], check=True, text=True,
            env=environment() | {"CSU_NEWS_NOTIFY": both}, capture_output=True,
        )  # fmt: skip
        assert expected in done.stdout
        assert done.stdout.count("secret") == 1


def test_long_lists_are_cut_and_lines_kept_whole() -> None:
    opened = [{"kind": "gate", "url": f"http://h/{number}", "detail": "a\nb"} for number in range(25)]
    title, text = summary([], opened, [{"kind": "clock", "url": None, "detail": "c"}], Path("a.db")) or ("", "")
    assert title == "csu_news: 25 opened, 1 closed"
    lines = text.splitlines()
    assert lines[0] == "Opened: gate http://h/0: a b"
    assert lines[20:] == ["Opened: 5 more", "Closed: clock: c", "Archive: a.db"]
