"""A year on a timer in which everything goes wrong once: findings open and close, and the archive ends complete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from driving import differences, modelled
from timer import Timer

from csu_news.alarms import KINDS
from csu_news.items import Outcome

ARTICLES, DAYS = 60, 365
EVERY = timedelta(hours=6)


class Troubled(Timer):
    outcomes = frozenset(Outcome)


Deed = Callable[[Timer], object]


def _breaks(path: str, fault: str, **options: int) -> Deed:
    return lambda timer: timer.site.break_(path, fault, **options)


def _mends(timer: Timer) -> None:
    timer.site.mend()


def _ids(timer: Timer, first: int, count: int) -> list[int]:
    return [timer.site.calendar.id_of(number) for number in range(first, first + count)]


def _edits(timer: Timer) -> None:
    for news_id in _ids(timer, 10, 5):
        timer.site.edit(news_id, title="A title of another day", body="Another text, and a longer one than that.")


def _deletes(timer: Timer) -> None:
    for news_id in _ids(timer, 20, 3):
        timer.site.delete(news_id)


def _deletes_many(timer: Timer) -> None:
    for news_id in _ids(timer, 30, 25):
        timer.site.delete(news_id)


def _restores_many(timer: Timer) -> None:
    for news_id in _ids(timer, 30, 25):
        timer.site.restore(news_id)


def _sets_clock(**ahead: int) -> Deed:
    def do(timer: Timer) -> None:
        timer.wrong = timedelta(**ahead)

    return do


EVENTS: dict[float, Deed] = {
    30: _breaks("/info/*", "no-date"),
    40: _mends,
    60: _edits,
    70: _deletes,
    90: _breaks("*", "status", status=500),
    92: _mends,
    120: _breaks("*", "challenge"),
    127: _mends,
    150: lambda timer: timer.site.slow_down(9),
    152: lambda timer: timer.site.slow_down(0.1),
    180: _sets_clock(days=365),
    180.25: _sets_clock(),
    200: _sets_clock(days=-40),
    200.5: _sets_clock(),
    230: _deletes_many,
    245: _restores_many,
    270: _breaks("/info/*", "teaser"),
    280: _mends,
    310: _breaks("/info/*", "new-layout"),
    313: _mends,
}


# Kind, what it is about, and the list page if it is about one column: first and last day on which it may open, and
# close. Three runs in a row open it: half a day, or as long as it takes to read ten pages.
DIARY = (
    ("layout changed published News.htm", (30.5, 33), (40, 41)),
    ("layout changed published Academics.htm", (30.5, 34), (40, 41)),
    ("outage status", (90.5, 90.5), (92, 93)),
    ("challenged status", (120.5, 120.5), (127, 128)),
    ("slow elapsed_ms", (150.5, 150.5), (152, 152)),
    ("clock wrong", (180, 180), (180.25, 180.25)),
    ("clock wrong", (200, 200), (200.5, 200.5)),
    ("shrunk listed", (230.5, 230.5), (245, 245)),
    ("layout changed sources News.htm", (270.5, 273), (280, 281)),
    ("shrunk body News.htm", (270.5, 273), (280, 281)),
    ("layout changed sources Academics.htm", (270.5, 275), (280, 281)),
    ("shrunk body Academics.htm", (270.5, 275), (280, 281)),
    ("layout changed status", (310.5, 312), (313, 314)),
)


def test_findings_open_and_close_and_the_archive_ends_complete(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    timer = Troubled(path, ARTICLES)
    timer.crawl()
    begin, events = timer.now, dict(EVENTS)
    opened: dict[str, float] = {}
    found: list[tuple[str, float, float]] = []
    for step in range(DAYS * 4):
        timer.now, day = begin + step * EVERY, step / 4
        for when in [when for when in events if when <= day]:
            events.pop(when)(timer)
        timer.publish()
        timer.crawl()
        open_now = _open_alarms(timer)
        found += [(alarm, opened.pop(alarm), day) for alarm in opened.keys() - open_now]
        opened |= dict.fromkeys(open_now - opened.keys(), day)
    assert opened == {}
    assert sorted(alarm for alarm, *_ in found) == sorted(alarm for alarm, *_ in DIARY)
    for (alarm, opens, closes), row in zip(sorted(DIARY), sorted(found), strict=True):
        assert opens[0] <= row[1] <= opens[1], (alarm, row)
        assert closes[0] <= row[2] <= closes[1], (alarm, row)
    _assert_all_is_well_again(timer)
    assert timer.archive.audit().verdict == "complete"
    assert differences(path, modelled(timer.site, "demo-en"), live=True) == []
    timer.archive.close()


def _open_alarms(timer: Timer) -> set[str]:
    rows = timer.archive.connection.execute("select kind, field, url from findings where resolved_at is null")
    return {" ".join((kind, field or "", url.rpartition("/")[2])).strip() for kind, field, url in rows if kind in KINDS}


def _assert_all_is_well_again(timer: Timer) -> None:
    connection = timer.archive.connection

    def rows(sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in connection.execute(sql)]

    assert rows("select kind, url from findings where resolved_at is null") == []
    assert rows("select * from findings where resolved_at < first_seen_at") == []
    assert rows("select url from pages where state not in ('ok', 'gone')") == []
    times = [time for run in rows("select started_at, finished_at from runs order by id") for time in run]
    assert times == sorted(times), "the order of the runs is that of their times"
    latest = f"{timer.now + timedelta(days=109):%Y-%m-%dT%H:%M:%SZ}"
    assert rows(f"select url from pages where state = 'ok' and due_at > '{latest}'") == []
    gone = {f"demo-en-{news_id}" for news_id in _ids(timer, 20, 3)}
    assert {key for (key,) in rows("select key from articles where status = 'gone'")} == gone
