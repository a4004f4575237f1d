"""docs/queries.md: every question of the page is asked, and answered as the page shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from driving import environment, profiled, query, run

from csu_news.archive import Archive
from csu_news.archive.curation import withhold
from csu_news.replica import ReplicaServer, ReplicaSite, pair

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "queries.md").read_text(encoding="utf-8")
# a question in SQL, and the answer of the demo's archive where one is shown
QUESTION = re.compile(r"^```sql\n(.*?)^```\n(?:\n```\n(.*?)^```)?", re.M | re.S)
QUESTIONS = QUESTION.findall(PAGE)
SHARED = "Whoever wrote this wrote it twice."


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of two sites, in which articles were changed, taken away, and withheld."""
    db = tmp_path_factory.mktemp("both") / "archive.db"
    english, chinese = (ReplicaSite(language, articles=30, seed=6) for language in ("en", "zh"))
    pair(english, chinese)
    names = ("crawl", "demo-en", "demo-zh", "--db", str(db), "--delay", "0", "--json")
    with ReplicaServer([english, chinese]):
        assert run(*names, "--no-media", command=profiled(english, chinese)).code == 0
        ids = [english.calendar.id_of(number) for number in range(6)]
        for news_id in ids[:2]:
            english.edit(news_id, body=SHARED, sources=["News Center"])
        english.delete(ids[4])
        assert run(*names, "--full", command=profiled(english, chinese)).code == 0
    with Archive(db, write=True) as archive:
        key = archive.connection.execute("select max(key) from articles where language = 'zh'").fetchone()[0]
        withhold(archive.connection, key, "asked for", archive._clock())
    return db


def test_there_are_enough_questions() -> None:
    assert len(QUESTIONS) >= 12


@pytest.mark.parametrize(("sql", "answer"), QUESTIONS)
def test_question_is_answered(both: Path, sql: str, answer: str) -> None:
    assert query(both, sql) != []


@pytest.mark.parametrize(("sql", "answer"), [question for question in QUESTIONS if question[1]])
def test_answer_is_the_one_shown(demo: Path, sql: str, answer: str) -> None:
    rows = ["|".join(map(str, row)) for row in query(demo / "data" / "csu_news.db", sql)]
    assert rows == answer.splitlines()


@pytest.mark.parametrize(("sql", "answer"), QUESTIONS)
def test_withheld_article_is_in_no_answer(both: Path, sql: str, answer: str) -> None:
    ((key, title),) = query(both, "select key, title from articles where status = 'withheld'")
    told = str(query(both, sql))
    assert key not in told
    assert title not in told


def test_python_example_runs(demo: Path) -> None:
    pytest.importorskip("pandas")
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    done = subprocess.run([sys.executable, "-c", block], cwd=demo, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^2023 +en +122 ", done.stdout, re.M), done.stdout
