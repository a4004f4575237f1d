from datetime import UTC, datetime, timedelta

import pytest

from csu_news.recheck import failure_due, gone_due, next_due

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "http://example.org/info/1083/2209.htm"


@pytest.mark.parametrize(
    ("published", "changed_days_ago", "days"),
    [
        ("2026-02-27", None, 0.25),  # young: the shortest interval
        ("2025-11-21", None, 10.05),  # a tenth of 100.5 days
        ("2010-01-01", None, 90),  # old: the longest
        ("2010-01-01", 50, 5),  # a change makes it young again
        (None, None, 0.25),
        (None, 200, 20),
        ("2027-01-01", None, 0.25),  # a date in the future says nothing
    ],
)
def test_interval_is_a_tenth_of_the_age_within_bounds(published, changed_days_ago, days):
    changed = None if changed_days_ago is None else NOW - timedelta(days=changed_days_ago)
    interval = (next_due(URL, NOW, published, changed) - NOW) / timedelta(days=1)
    assert 0.8 * days <= interval <= 1.2 * days


def test_addresses_are_spread_and_each_keeps_its_place():
    dues = {next_due(f"{URL}?{n}", NOW, "2020-01-01", None) for n in range(50)}
    assert len(dues) > 30
    assert next_due(URL, NOW, "2020-01-01", None) == next_due(URL, NOW, "2020-01-01", None)


def test_gone_pages_are_looked_at_again_ever_more_rarely():
    assert [(gone_due(NOW, n) - NOW).days for n in (1, 2, 3, 4, 9)] == [1, 7, 30, 365, 365]


def test_failures_wait_seconds_then_hours_then_a_week():
    waits = [failure_due(NOW, n) - NOW for n in range(1, 13)]
    assert [w.total_seconds() for w in waits[:5]] == [5, 30, 3600, 7200, 14400]
    assert waits[-1] == timedelta(days=7)
    assert waits == sorted(waits)
