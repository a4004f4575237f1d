"""`csu-news schedule`: what systemd, cron and the shell make of what it writes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin

import pytest
from driving import COMMAND, Ran, environment, query

from csu_news.errors import CsuNewsError, UsageError
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.schedule import Plan, cron, interval_minutes, systemd

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
BY_CLOCK = ("15m", "20m", "30m", "1h", "2h", "6h", "8h", "12h", "1d", "24h", "1w", "7d")
FROM_START = ("16m", "45m", "90m", "5h", "2d", "52w")
ODD_NAMES = ("news.db", "two words.db", "100%d.db", "$HOME's.db", "新闻 🎓.db", "-dash;.db", "a'b.db")
# a crontab keeps what is on standard input; systemctl notes what it was asked
STAND_INS = {
    "crontab": 'if [ "$1" = -l ]; then cat "$STATE/crontab" 2>/dev/null || { echo "no crontab for me" >&2; exit 1; }\n'
    'else cat >"$STATE/new" && mv "$STATE/new" "$STATE/crontab"; fi\n',
    "systemctl": 'echo "$@" >>"$STATE/systemctl"; [ ! -e "$STATE/no-bus" ] || { echo "No bus." >&2; exit 1; }\n',
}


def plan(db: Path | str = "/srv/news.db", every: str = "6h", *words: str, notify: str = "") -> Plan:
    command = (sys.executable, "-P", "-m", "csu_news", "crawl", "--db", str(db), *words)
    return Plan(Path(db), interval_minutes(every), command, (Path(db).parent,), (("CSU_NEWS_NOTIFY", notify),))


# -- how often ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "6", "h", "-6h", "0h", "1.5h", "6 h", "6H", "６h", "14m", "53w", "9999999d", "6h\n"]
)
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"\.$"):
        interval_minutes(text)


def calendar(*arguments: str) -> str:
    done = subprocess.run(
        ["systemd-analyze", "calendar", *arguments], capture_output=True, text=True, check=True,
        env=environment() | {"TZ": "UTC"},
    )  # fmt: skip
    return done.stdout


@needs_systemd
@pytest.mark.parametrize("every", BY_CLOCK)
def test_clock_of_systemd_starts_at_the_interval(every: str) -> None:
    (when,) = re.findall("OnCalendar=(.*)", systemd.unit_files(plan(every=every))[f"{plan().name}.timer"])
    # Next elapse: Mon 2026-11-30 04:23:00 UTC
    shown = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= UTC$)", calendar("--iterations=30", when), re.M)
    times = [datetime.fromisoformat(text) for text in shown]
    assert len(times) == 30
    assert {late - early for early, late in pairwise(times)} == {timedelta(minutes=interval_minutes(every))}


@pytest.mark.parametrize("every", BY_CLOCK)
def test_cron_starts_at_the_interval(every: str) -> None:
    """Every minute of two weeks is held against the line."""
    line = cron.cron_lines(plan(every=every)).splitlines()[2]
    minutes, hours, day, month, weekdays = line.split()[:5]
    assert (day, month) == ("*", "*")

    def has(field: str, value: int) -> bool:
        return field == "*" or str(value) in field.split(",")

    starts = [
        number
        for number in range(2 * 7 * 24 * 60)
        if has(minutes, number % 60) and has(hours, number // 60 % 24) and has(weekdays, number // 1440 % 7)
    ]
    assert {late - early for early, late in pairwise(starts)} == {interval_minutes(every)}


@pytest.mark.parametrize("every", FROM_START)
def test_interval_that_no_clock_shows_runs_from_start_to_start(every: str) -> None:
    timer = systemd.unit_files(plan(every=every))[f"{plan().name}.timer"]
    assert f"OnUnitActiveSec={interval_minutes(every)}min\n" in timer
    assert "OnCalendar" not in timer
    with pytest.raises(UsageError, match="--systemd"):
        cron.cron_lines(plan(every=every))


def test_archives_are_spread_over_the_hour_and_named_apart() -> None:
    plans = [plan(f"/srv/{number}/news.db", "1h") for number in range(100)]
    assert len({made.name for made in plans}) == 100
    assert len({made.times for made in plans}) > 40


# -- what is written ---------------------------------------------------------------------------


@needs_systemd
@pytest.mark.parametrize("name", ODD_NAMES)
def test_systemd_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    made = plan(tmp_path / "its folder" / name, "6h", "--contact", 'say "a\\b" 100% $x', notify='json://h/?a="%20"')
    for file, text in systemd.unit_files(made).items():
        (tmp_path / file).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", tmp_path / f"{made.name}.timer", tmp_path / f"{made.name}.service"],
        capture_output=True, text=True, env=environment() | {"XDG_RUNTIME_DIR": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_shell_gets_the_words_that_cron_was_given(name: str) -> None:
    made = plan(f"/srv/{name}", "6h", "--contact", "100% $x `y` \"z\" 'q'")
    line = cron.cron_lines(made).splitlines()[2]
    assert re.search(r"(?<!\\)%", line) is None
    command, end, log = line.split(maxsplit=5)[5].replace(r"\%", "%").rpartition(" 2>&1 | logger ")
    assert (end, log) == (" 2>&1 | logger ", "-t csu-news")
    assert tuple(shlex.split(command)) == made.command


@pytest.mark.parametrize("name", ["a\nb.db", "a\x1bb.db", "a\udce9b.db"])
def test_name_that_no_timer_can_hold_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="control character"):
        plan(f"/srv/{name}")


@pytest.mark.parametrize("folder", ['say "x"', "back\\slash"])
def test_folder_that_no_unit_can_hold_is_refused(folder: str) -> None:
    with pytest.raises(UsageError, match="rename the folder"):
        systemd.unit_files(plan(f"/srv/{folder}/news.db"))


# -- a crontab ---------------------------------------------------------------------------------

OTHERS = "MAILTO=me\n# mine\n5 4 * * * true % odd\n"


def test_crontab_keeps_every_other_line() -> None:
    first, second = plan("/srv/a.db"), plan("/srv/b.db")
    once = cron.with_lines(OTHERS, first)
    assert once == OTHERS + cron.cron_lines(first)
    both = cron.with_lines(once, second)
    daily = plan("/srv/a.db", "1d")
    assert cron.with_lines(both, daily) == OTHERS + cron.cron_lines(second) + cron.cron_lines(daily)
    assert cron.without_lines(cron.without_lines(both, first), second) == OTHERS
    assert cron.with_lines("@daily true", first) == "@daily true\n" + cron.cron_lines(first)


@pytest.mark.parametrize("lines", [(0,), (3,), (3, 0), (0, 3, 0)], ids=str)
def test_crontab_whose_marks_are_broken_is_left_alone(lines: tuple[int, ...]) -> None:
    block = cron.cron_lines(plan()).splitlines(keepends=True)
    with pytest.raises(CsuNewsError, match="right first"):
        cron.with_lines(OTHERS + "".join(block[number] for number in lines) + "* * * * * mine\n", plan())


# -- the command -------------------------------------------------------------------------------


@pytest.fixture
def schedule(tmp_path: Path, db: Path) -> Callable[..., Ran]:
    """Return a function that runs the command beside stand-ins of cron and systemd which touch nothing else."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, script in STAND_INS.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}")
        (tools / name).chmod(0o700)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    own = environment() | {"PATH": path, "STATE": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}

    def start(*arguments: str, **changed: str) -> Ran:
        done = subprocess.run(
            [*COMMAND, "schedule", "--db", str(db), *arguments], capture_output=True, text=True, timeout=60,
            cwd=tmp_path, env=own | changed, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    return start


def test_install_and_remove_a_timer(schedule: Callable[..., Ran], tmp_path: Path) -> None:
    folder = tmp_path / "config" / "systemd" / "user"
    shown = schedule("--every", "6h", "--systemd", "--json").document
    assert not folder.exists()
    assert shown["installed"] is False
    done = schedule("--every", "6h", "--systemd", "--install", "--json")
    assert done.code == 0, done.err
    assert done.document == {"installed": True, "files": shown["files"]}
    files = {Path(file["name"]): file["content"] for file in shown["files"]}
    assert {path: path.read_text() for path in folder.iterdir()} == files
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    timer = next(path.name for path in files if path.suffix == ".timer")
    asked = tmp_path / "systemctl"
    assert asked.read_text() == f"--user daemon-reload\n--user enable --now {timer}\n"
    assert "enable-linger" in done.err

    assert schedule("--remove", "--systemd").code == 0
    assert list(folder.iterdir()) == []
    assert asked.read_text().endswith(f"--user disable --now {timer}\n--user daemon-reload\n")
    assert schedule("--remove", "--systemd").code == 2


def test_timer_that_systemd_does_not_take_is_an_error_with_the_commands(
    schedule: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "no-bus").touch()
    done = schedule("--every", "6h", "--systemd", "--install", "--json")
    assert (done.code, done.document["installed"]) == (1, False)
    assert "No bus. As the archive's user: systemctl --user daemon-reload && systemctl --user enable" in done.err
    assert len(list((tmp_path / "config" / "systemd" / "user").iterdir())) == 2


def test_folder_of_units_that_cannot_be_written_is_told(schedule: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "config").touch()
    done = schedule("--every", "6h", "--systemd", "--install", "--contact", "mailto:a@example.org")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert done.err.endswith(" cannot be written: Not a directory.\n")


def test_install_and_remove_a_line_of_crontab(schedule: Callable[..., Ran], tmp_path: Path) -> None:
    crontab = tmp_path / "crontab"
    crontab.write_bytes(OTHERS.encode() + b"# latin: \xe9\n")
    before = crontab.read_bytes()
    for every in ("6h", "1d"):
        done = schedule("--every", every, "--cron", "--install", "--json")
        assert done.code == 0, done.err
        assert crontab.read_bytes() == before + done.document["files"][0]["content"].encode()
    assert schedule("--remove", "--cron").code == 0
    assert crontab.read_bytes() == before
    assert schedule("--remove", "--cron").code == 2


def test_first_crontab(schedule: Callable[..., Ran], tmp_path: Path) -> None:
    assert schedule("--every", "6h", "--cron", "--install").code == 0
    assert (tmp_path / "crontab").read_text().startswith("# csu-news schedule of ")


def test_without_cron(schedule: Callable[..., Ran], tmp_path: Path) -> None:
    done = schedule("--every", "6h", "--cron", "--install", "--contact", "mailto:a@example.org", PATH=str(tmp_path))
    assert (done.code, done.err) == (1, "Error: There is no crontab command here: install cron, or use --systemd.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give --every"),
        (("--every", "5m"), "too often"),
        (("--every", "6h", "csu-enn"), "There is no site 'csu-enn'"),
        (("--every", "6h", "--no-such"), "No such option"),
        (("--every", "6h", "--delay", "x"), "Invalid value for '--delay'"),
        (("--every", "90m", "--cron"), "use --systemd|or --systemd"),
    ],
)
def test_slip_is_told_now_and_not_at_night(schedule: Callable[..., Ran], arguments: tuple[str, ...], said: str) -> None:
    done = schedule(*arguments)
    assert (done.code, done.out) == (2, "")
    assert re.search(said, done.err), done.err


def test_what_the_timer_runs_is_a_crawl(
    schedule: Callable[..., Ran], serve: Callable[..., ReplicaServer], tmp_path: Path, db: Path
) -> None:
    site = ReplicaSite("en", articles=3)
    serve(site)
    url = urljoin(site.base_url, next(iter(site.articles()))["path"])
    done = schedule("--every", "6h", "--cron", "--json", "--feed", "feeds", url, "--delay", "0")
    (command,) = re.findall(r"^\d+ \S+ \* \* \* (.*) 2>&1 ", done.document["files"][0]["content"], re.M)
    command = command.replace(r"\%", "%")
    ran = subprocess.run(["sh", "-c", command], cwd="/", env=environment(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert query(db, "select trigger, outcome from runs") == [("timer", "complete")]
    assert len(list((tmp_path / "feeds").glob("*.atom"))) == 1
