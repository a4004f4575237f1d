"""`csu-news status`: one screen for a person, stable keys for a monitor, and what it calls wrong."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from driving import COMMAND, environment, run
from test_archive import LIST, Bench, article, listing, url_of

from csu_news.alarms import expected_by
from csu_news.archive import Archive
from csu_news.archive.status import status
from csu_news.items import Outcome

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive.db")
    yield made
    made.archive.close()


def hours(text: str) -> list[datetime]:
    return [NOON + timedelta(hours=float(word)) for word in text.split()]


@pytest.mark.parametrize(
    ("starts", "by"),
    [
        ("", None),
        ("0 6 12", None),  # two intervals are no habit
        ("0 6 12 18", 30),
        ("0 6 12 18 18.1 18.2", 30.2),  # somebody tried something out
        ("0 0.1 0.2 0.3 0.4", None),
        ("0 6 12 24 30 36", 48),  # a day on which the machine was off
        ("0 0.3 0.6 0.9", 1.9),  # an hour at least
    ],
)
def test_next_run_is_expected_after_twice_the_usual_interval(starts: str, by: float | None) -> None:
    expected = None if by is None else NOON + timedelta(hours=by)
    assert expected_by(hours(starts)) == expected


def at(bench: Bench, **later: float) -> dict[str, Any]:
    return status(bench.archive.connection, bench.path, bench.now + timedelta(**later))


def crawl_often(bench: Bench, times: int = 5) -> None:
    bench.read(1, 2, 3)
    bench.run.finish()
    for _ in range(times - 1):
        bench.now += timedelta(hours=6)
        bench.begin()
        bench.visit(LIST, listing(url_of(3), url_of(2), url_of(1)))
        bench.run.finish()
    bench.archive._lock.release()  # type: ignore[union-attr]
    bench.archive._lock = None


def test_all_is_well(bench: Bench) -> None:
    crawl_often(bench)
    found = at(bench, hours=11)
    assert (found["wrong"], found["running"]) == ([], None)
    assert found["sites"][0]["next_run_expected_by"] == "2026-03-03T00:00:00Z"
    assert (found["articles"], found["live"], found["newest"]["key"]) == (3, 3, "uni-3")
    assert [run["outcome"] for run in found["runs"]] == ["complete"] * 5


def test_overdue_run_is_wrong_unless_one_is_running(bench: Bench) -> None:
    crawl_often(bench)
    assert at(bench, hours=13)["wrong"] == ["uni: no run since 2026-03-02T12:00:00Z, though runs have come more often."]
    with Archive(bench.path, write=True):
        found = at(bench, hours=13)
    assert found["wrong"] == []
    assert found["running"]["process"] == os.getpid()


def test_run_that_was_stopped_is_wrong(bench: Bench) -> None:
    bench.begin()
    bench.run.finish("disk full")
    assert at(bench)["wrong"] == ["uni: the last run ended with: disk full."]


def test_lock_that_a_kill_left_is_no_running_crawl(bench: Bench) -> None:
    bench.archive.close()
    bench.path.with_name("archive.db.lock").write_text("process 1, started 2026-03-01T12:00:00Z\n")
    bench.archive = Archive(bench.path)
    found = at(bench)
    assert found["running"] is None
    assert found["wrong"] == ["uni: the last run ended with: killed."]


def test_findings_are_wrong_until_somebody_acknowledges_them(bench: Bench) -> None:
    bench.read(1, 2)
    for _ in range(3):
        bench.visit(url_of(2), outcome=Outcome.ERROR, status=500)
    bench.run.finish()
    found = at(bench)
    assert found["findings"]["kinds"] == {"error": 1}
    assert found["findings"]["newest"][0]["url"] == url_of(2)
    assert found["wrong"] == ["Open findings that nobody has acknowledged: 1."]
    bench.archive.connection.execute("update findings set acknowledged_at = '2026-03-01T13:00:00Z'")
    assert (at(bench)["findings"]["open"], at(bench)["wrong"]) == (1, [])


def test_withheld_articles_are_a_number_only(bench: Bench) -> None:
    bench.read(1, 2)
    for _ in range(3):
        bench.visit(url_of(2), outcome=Outcome.ERROR, status=500)
    bench.archive.connection.execute("update articles set status = 'withheld' where key = 'uni-2'")
    found = at(bench)
    assert (found["withheld"], found["newest"]["key"]) == (1, "uni-1")
    assert "uni-2" not in str(found)
    assert (found["findings"]["open"], url_of(2) in str(found)) == (1, False)


def test_screen_tells_the_next_run(bench: Bench) -> None:
    crawl_often(bench)
    bench.archive.close()
    assert "the next is" in run("status", "--db", str(bench.path)).out.splitlines()[1]  # late, by today's clock


def test_check_says_it_in_one_line(bench: Bench) -> None:
    bench.read(1)
    bench.run.finish("disk full")
    bench.archive.close()
    checked = run("status", "--check", "--db", str(bench.path))
    assert (checked.code, checked.out) == (1, "uni: the last run ended with: disk full.\n")
    plain = run("status", "--db", str(bench.path), "--json")
    assert (plain.code, plain.document["wrong"]) == (0, ["uni: the last run ended with: disk full."])
    with Archive(bench.path, write=True) as archive:
        archive.connection.execute("update runs set outcome = 'complete'")
    checked = run("status", "--check", "--db", str(bench.path))
    assert checked.code == 0
    assert checked.out.startswith("All is well: 1 article, last run ")


def test_worst_night_fits_the_screen(bench: Bench) -> None:
    """Many sites, long titles, sentences for outcomes, many findings: 80 columns and 24 lines."""
    bench.visit(LIST, listing(url_of(1)))
    bench.visit(url_of(1), article(url_of(1), title="A very long title 中南大学 " * 9))
    for number in range(9):
        bench.run.report(f"a kind of finding {number}", "A long sentence about it. " * 9, url_of(number))
        bench.begin()
        bench.run.finish("No room for the next page in the archive: about 100000 bytes needed, 5 bytes free.")
    sql = "insert into sites (name, timezone, hosts) values (?, 'Asia/Shanghai', '[]')"
    bench.archive.connection.executemany(sql, [(f"www.a-long-name-{number}.example.edu.cn",) for number in range(9)])
    bench.archive.close()
    done = subprocess.run(
        [*COMMAND, "status", "--db", str(bench.path)],
        capture_output=True,
        text=True,
        env=environment() | {"COLUMNS": "80"},
        check=True,
    )
    lines = done.stdout.splitlines()
    print(done.stdout)
    assert len(lines) <= 23, "and the prompt below"
    assert max(len(line.rstrip()) for line in lines) <= 80
