"""Pairs that no link names: precision and recall on sites full of what is alike, and a person's word on the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import Ran, query, run
from test_translations import CHINESE, Both, Crawl, Serve, chinese_url, url_of

from csu_news.archive.candidates import decide_pair, find_candidates
from csu_news.errors import UsageError
from csu_news.likeness import chinese_tokens, english_tokens, ordinal
from csu_news.pairing import THRESHOLD, Side, find_pairs
from csu_news.replica import Habits, ReplicaSite, pair

pytest.importorskip("scipy", reason="pairs --find is an extra")
pytest.importorskip("pypinyin", reason="pairs --find is an extra")

HARD = Habits(linked=False, lag_days=4, retold=True, own_pictures=True)
FIVE_A_DAY = 24 * 60 // 5


def two_sites(articles: int, seed: int, habits: Habits = HARD) -> tuple[ReplicaSite, ReplicaSite]:
    english, chinese = (ReplicaSite(each, articles, seed, pace_minutes=FIVE_A_DAY) for each in ("en", "zh"))
    pair(english, chinese, habits)
    return english, chinese


def side(found: dict[str, Any], tokens: set[str], length: int) -> Side:
    pictures = {f"picture:{url.rpartition('/')[2]}" for url in found["images"]}
    return Side(found["number"], ordinal(found["published"]), length, frozenset(tokens | pictures))


def text(found: dict[str, Any]) -> str:
    return f"{found['title']}\n{found['body']}"


def measured(english: ReplicaSite, chinese: ReplicaSite) -> tuple[float, float]:
    """Return precision and recall of the pairs that are taken without asking."""
    here = [side(found, english_tokens(text(found)), len(text(found).split())) for found in english.articles()]
    names = {token for each in here for token in each.tokens if token.startswith("name:")}
    there = [side(found, chinese_tokens(text(found), names), len(text(found))) for found in chinese.articles()]
    true = {number for number in range(english.size) if english.counterpart(number) == number}
    taken = [pair for pair in find_pairs(here, there) if pair.score >= THRESHOLD]
    right = sum(pair.en == pair.zh and pair.en in true for pair in taken)
    return right / len(taken), right / len(true)


@pytest.mark.parametrize("seed", range(1, 7))
def test_pairs_are_right_where_half_have_none_and_others_tell_the_same(seed: int) -> None:
    """Five articles a day on each site, dates apart by up to four days, events told twice, half the pictures others."""
    precision, recall = measured(*two_sites(300, seed))
    print(f"seed {seed}: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.98
    assert recall >= 0.7


def test_sites_that_share_nothing_give_no_pair() -> None:
    english, _ = two_sites(300, 1)
    _, chinese = two_sites(300, 2)
    here = [side(found, english_tokens(text(found)), 200) for found in english.articles()]
    names = {token for each in here for token in each.tokens if token.startswith("name:")}
    there = [side(found, chinese_tokens(text(found), names), 300) for found in chinese.articles()]
    assert sum(pair.score >= THRESHOLD for pair in find_pairs(here, there)) <= 1


# -- what translations share -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "chinese", "shared"),
    [
        ("It cost 1.5 million yuan.", "耗资150万元", {"number:1500000"}),
        ("In 2024, 1,200 students", "2024年，1200名学生", {"number:1200"}),
        ("On Sept. 3, 2020", "9月3日", {"date:9-3"}),
        ("on 3 September", "9月3日", {"date:9-3"}),
        ("Published in Nature", "发表于Nature", {"latin:nature"}),
        ("Prof. Wenbo Luo spoke", "罗文博教授", {"name:luowenbo"}),
        ("Luo Wen-bo spoke", "罗文博教授", {"name:luowenbo"}),
        ("in Changsha", "在长沙", set()),  # 长 is read zhang most often: missed, not guessed
        ("the year 2024", "二〇二四年", set()),
        ("Maybe 7 of them", "7名", {"number:7"}),
    ],
)
def test_tokens(english: str, chinese: str, shared: set[str]) -> None:
    here = english_tokens(english)
    names = {token for token in here if token.startswith("name:")}
    assert here & chinese_tokens(chinese, names) == shared


def one(number: int, day: int, *tokens: str) -> Side:
    return Side(number, day, 100, frozenset(tokens))


CROWD = [one(n, 730000 + n % 20, f"number:{n}", "name:hunan") for n in range(100, 160)]


def test_article_told_twice_is_left_to_a_person() -> None:
    tokens = ("name:luowenbo", "number:1200", "date:5-7", "latin:ieee", "picture:a")
    english = [one(1, 730010, *tokens)]
    (found,) = find_pairs(english, [*CROWD, one(2, 730010, *tokens), one(3, 730010, *tokens)])
    assert 0.3 < found.score < 0.6
    (found,) = find_pairs(english, [*CROWD, one(2, 730010, *tokens)])
    assert (found.zh, found.score > THRESHOLD) == (2, True)


def test_what_comes_each_year_is_another_article() -> None:
    tokens = ("name:luowenbo", "number:1200", "date:5-7", "picture:a")
    assert find_pairs([one(1, 730010, *tokens)], [*CROWD, one(2, 730010 + 365, *tokens)]) == []


def test_what_all_have_in_those_days_says_nothing() -> None:
    holiday = [one(n, 730010, "date:10-1", "number:8", "name:guoqing") for n in range(200, 240)]
    assert [
        p for p in find_pairs([one(1, 730010, "date:10-1", "number:8", "name:guoqing")], holiday) if p.score > 0.5
    ] == []


def test_one_article_has_one_partner() -> None:
    tokens = ("name:luowenbo", "number:1200", "date:5-7", "latin:ieee", "picture:a")
    english = [one(1, 730010, *tokens), one(2, 730011, *tokens[:3])]
    found = find_pairs(english, [*CROWD, one(3, 730010, *tokens)])
    assert [(pair.en, pair.zh) for pair in found] == [(1, 3)]


def test_article_without_a_date_is_known_by_its_picture_and_names() -> None:
    tokens = ("name:luowenbo", "number:1200", "latin:ieee", "picture:a")
    (found,) = find_pairs([Side(1, None, 100, frozenset(tokens))], [*CROWD, one(2, 730010, *tokens)])
    assert (found.zh, "days" in found.reasons) == (2, False)


def test_no_articles_no_pairs() -> None:
    assert find_pairs([], []) == []
    assert find_pairs([one(1, 5)], []) == []


# -- in an archive -----------------------------------------------------------------------------


@pytest.fixture
def both(tmp_path: Path) -> Any:
    made = Both(tmp_path / "archive.db")
    made.runs = {"uni": made.begin(*(url_of(n) for n in range(11, 60)))}
    made.site = CHINESE
    made.runs["uni-zh"] = made.begin(*(chinese_url(n) for n in range(11, 60)))
    for n in range(30, 55):
        made.english(n, body=f"About {n * 7} trees.", published="2020-01-08")
        made.chinese(n, body=f"树木{n * 11}棵。", published="2020-01-08")
    made.english(11, body="Luo Wenbo won 4,321 yuan from IEEE on May 7.", published="2020-01-08")
    made.chinese(21, body="5月7日，罗文博获IEEE奖金4321元。", published="2020-01-08")
    yield made
    made.archive.close()


def pairs_of(both: Both) -> list[tuple[Any, ...]]:
    return both.query("select en_key, zh_key, evidence from translation_pairs order by 1, 2")


def find(both: Both) -> dict[str, int]:
    return find_candidates(both.archive.connection, both.now)


def test_pair_is_found_and_gives_way_to_a_link(both: Both) -> None:
    assert find(both)["accepted"] == 1
    assert pairs_of(both) == [("uni-11", "uni-zh-21", "match")]
    ((score, reasons),) = both.query("select score, reasons from candidates where score > 0.9")
    assert score > THRESHOLD
    assert '"name": ["luowenbo"]' in reasons
    both.english(11, chinese_url(30), body="Luo Wenbo won 4,321 yuan from IEEE on May 7.", published="2020-01-08")
    assert pairs_of(both) == [("uni-11", "uni-zh-30", "link-en")]
    find(both)
    assert pairs_of(both) == [("uni-11", "uni-zh-30", "link-en")]


def test_person_has_the_last_word(both: Both) -> None:
    def say(one: str, other: str, is_pair: bool) -> None:
        decide_pair(both.archive.connection, one, other, is_pair, "seen", both.now)

    find(both)
    say("uni-zh-21", "uni-11", False)
    assert pairs_of(both) == []
    find(both)
    assert pairs_of(both) == [], "an answer survives the next search"
    both.english(11, chinese_url(21), published="2020-01-08")
    assert pairs_of(both) == [], "and a link"
    say("uni-11", "uni-zh-30", True)
    find(both)
    assert pairs_of(both) == [("uni-11", "uni-zh-30", "person")]
    say("uni-11", "uni-zh-21", True)
    say("uni-11", "uni-zh-30", False)
    assert pairs_of(both) == [("uni-11", "uni-zh-21", "person")]
    assert both.query("select kind from decisions order by id") == [("apart",), ("pair",), ("pair",), ("apart",)]


@pytest.mark.parametrize(("one", "other"), [("uni-11", "uni-30"), ("uni-11", "uni-99")])
def test_only_an_english_and_a_chinese_article_make_a_pair(both: Both, one: str, other: str) -> None:
    with pytest.raises(UsageError):
        decide_pair(both.archive.connection, one, other, True, "seen", both.now)


# -- the command -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stdin", "code", "said"),
    [
        ("s\n", 0, "1 doubtful pair left."),
        ("", 2, "Error: --review asks for an answer to each pair: run it in a terminal.\n"),
    ],
)
def test_review_says_what_it_leaves(both: Both, stdin: str, code: int, said: str) -> None:
    query = "insert into candidates (en_id, zh_id, score, reasons, found_at) select e.id, z.id, 0.5, '{}', ?"
    which = " from articles e, articles z where e.key = 'uni-11' and z.key = 'uni-zh-21'"
    both.archive.connection.execute(query + which, ("2026-01-01T00:00:00Z",))
    ran = run("pairs", "--review", "--db", str(both.archive.path), stdin=stdin)
    assert ran.code == code
    assert said in (ran.err if code else ran.out)
    assert "No doubtful pair" not in ran.out


@pytest.fixture
def pairs(db: Path) -> Callable[..., Ran]:
    return lambda *options, stdin=None: run("pairs", "--db", str(db), *options, stdin=stdin)


def test_sites_without_links_are_paired_by_command(
    serve: Serve, crawl: Crawl, db: Path, pairs: Callable[..., Ran]
) -> None:
    english, chinese = two_sites(60, 3, Habits(linked=False, lag_days=2))
    serve(english, chinese)
    assert crawl(english, chinese).code == 0
    assert pairs("--json").document == {"pairs": [], "doubtful": []}
    found = pairs("--find", "--json").document
    held = pairs("--json").document
    assert (found["english"], found["chinese"], found["accepted"]) == (60, 60, len(held["pairs"]))
    true = {
        (f"demo-en-{english.calendar.id_of(n)}", f"demo-zh-{chinese.calendar.id_of(n)}")
        for n in range(60)
        if english.counterpart(n) == n
    }
    taken = {(row["en_key"], row["zh_key"]) for row in held["pairs"]}
    assert taken - true == set(), "no pair that the model does not have"
    assert len(taken) > len(true) * 0.5
    doubtful = held["doubtful"]
    assert len(doubtful) > 1
    ran = pairs("--review", stdin="y\nn\nq\n" if len(doubtful) > 2 else "y\nn\n")
    assert ran.code == 0
    assert doubtful[0]["en_title"].split()[0] in ran.out
    assert query(db, "select kind, reason from decisions order by id") == [("pair", "reviewed"), ("apart", "reviewed")]
    again = pairs("--find", "--json").document
    assert again["accepted"] <= found["accepted"]
    first = (doubtful[0]["en_key"], doubtful[0]["zh_key"])
    second = (doubtful[1]["en_key"], doubtful[1]["zh_key"])
    now = pairs("--json").document
    assert first in {(row["en_key"], row["zh_key"]) for row in now["pairs"] if row["evidence"] == "person"}
    assert second not in {(row["en_key"], row["zh_key"]) for row in (*now["pairs"], *now["doubtful"])}
    assert pairs("--reject", *first).code == 0
    assert pairs("--accept", *second, "--json").document["decision"] == "pair"
    assert pairs("--accept", first[0], second[0]).code == 2
    assert run("withhold", second[0], "--reason", "asked for", "--db", str(db)).code == 0
    assert second[0] not in pairs().out
