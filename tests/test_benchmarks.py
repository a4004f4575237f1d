"""What tests/benchmarks/peers judges and writes; what it measures is for a quiet machine, and not for a test."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from csu_news.replica import ReplicaSite

FOLDER = Path(__file__).parent / "benchmarks"


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    for folder in (FOLDER, FOLDER / "peers"):
        monkeypatch.syspath_prepend(str(folder))
    return {name: import_module(name) for name in ("fields", "growth", "page")}


def test_fields_are_right_by_the_replicas_model(peers: dict[str, ModuleType]) -> None:
    rows = [
        {
            "url": "http://127.0.0.1:8000" + article["path"],
            "title": article["title"],
            "published": article["published"],
            "source": ", ".join(article["sources"]),
            "body": article["body"].replace("\n\n", " "),
        }
        for article in ReplicaSite("en", 8).articles()
    ]
    assert peers["fields"].judge(rows, 8) == (8, 1, 1, 1, 1, 1)
    rows[0] |= {"title": "News", "published": None, "source": "127.0.0.1", "body": rows[0]["body"] + " More"}
    assert peers["fields"].judge(rows, 8) == (8, 7 / 8, 7 / 8, 7 / 8, 7 / 8, 1)
    assert peers["fields"].judge(rows[4:], 8) == (4, 0.5, 0.5, 0.5, 0.5, 0.5)


@pytest.mark.parametrize(("values", "expected"), [([2, 20, 200], 1), ([5, 5, 5], 0), ([1, 100, 10_000], 2)])
def test_exponent_is_that_of_the_curve(peers: dict[str, ModuleType], values: list[float], expected: float) -> None:
    assert peers["growth"].exponent([10, 100, 1000], values) == expected


def test_section_takes_the_place_of_the_one_before(peers: dict[str, ModuleType], tmp_path: Path) -> None:
    write, path = peers["page"].write, tmp_path / "page.md"
    write(path, {"One": "old\n\n### Part\n\nof it", "Two": "stays"})
    write(path, {"Three": "last", "One": "new"})
    assert path.read_text().endswith("## One\n\nnew\n\n## Two\n\nstays\n\n## Three\n\nlast\n")
    assert path.read_text().startswith("# Benchmarks\n")
