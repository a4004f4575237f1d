"""What would take something away is held back until it has lasted three days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from test_archive import Bench, article, open_kinds, url_of

from csu_news.items import Article, Gate

LOST, MISSING = "lost body", "missing"


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Bench]:
    """Return an archive that holds article 12 of a column of two."""
    made = Bench(tmp_path / "archive.db")
    made.read(11, 12)
    yield made
    made.archive.close()


def answer(kind: str) -> Article | Gate:
    return article(url_of(12), body="", body_html="") if kind == LOST else Gate(MISSING)


def state(bench: Bench) -> tuple[Any, ...]:
    return bench.query("select body <> '', status, revision_count from articles where key = 'uni-12'")[0]


@pytest.mark.parametrize("kind", [LOST, MISSING])
def test_loss_is_believed_on_the_third_day_and_not_before(held: Bench, kind: str) -> None:
    for day in range(2):
        held.now += timedelta(days=1)
        for _ in range(3):  # however often on one day
            held.now += timedelta(hours=1)
            held.visit(url_of(12), answer(kind))
        assert state(held) == (1, "live", 1), day
        assert open_kinds(held) == [(kind, url_of(12))]
        assert held.page(url_of(12))["state"] == "failing"
    held.now += timedelta(days=1)
    held.visit(url_of(12), answer(kind))
    assert state(held) == ((0, "live", 2) if kind == LOST else (1, "gone", 1))
    assert open_kinds(held) == []


@pytest.mark.parametrize("kind", [LOST, MISSING])
def test_good_answer_in_between_starts_the_count_anew(held: Bench, kind: str) -> None:
    for _ in range(4):
        for _ in range(2):
            held.now += timedelta(days=1)
            held.visit(url_of(12), answer(kind))
        held.visit(url_of(12), article(url_of(12)))
        assert state(held) == (1, "live", 1)
        assert open_kinds(held) == []


@pytest.mark.parametrize("reason", ["challenge", "login", "captcha", "firewall", "denied", "unknown layout"])
def test_gate_is_never_believed(held: Bench, reason: str) -> None:
    for _ in range(10):
        held.now += timedelta(days=1)
        held.visit(url_of(12), Gate(reason))
    assert state(held) == (1, "live", 1)
    assert open_kinds(held) == [(reason, url_of(12))]
