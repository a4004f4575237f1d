"""Pairs that no link names: found by likeness, decided by a person where likeness leaves a doubt."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from csu_news.archive.database import timestamp
from csu_news.archive.reading import article_row
from csu_news.archive.run import transaction
from csu_news.archive.translations import APART, PERSON, add_pair, link_article
from csu_news.errors import UsageError
from csu_news.likeness import chinese_tokens, english_tokens, ordinal
from csu_news.pairing import THRESHOLD, Pair, Side, find_pairs

# /__local/4/76/80/B3129308D…_36E9A2EB_2AFB4.jpg: VSB names a picture by what is in it
_LOCAL_NAME = re.compile(r"/__local/(\w)/(\w\w)/(\w\w)/(\w{20,})_")

ALONE = """
select id, title, body, published, word_count, prev_url, next_url from articles a where language = ?
  and not exists (select 1 from translations t where a.id in (t.en_id, t.zh_id) and t.evidence <> 'match')
"""
DOUBTFUL_PAIRS = """
select e.key as en_key, z.key as zh_key, e.url as en_url, z.url as zh_url, e.title as en_title, z.title as zh_title,
  e.published as en_published, z.published as zh_published, substr(e.body, 1, 300) as en_body,
  substr(z.body, 1, 150) as zh_body, c.score, c.reasons
from candidates c join articles e on e.id = c.en_id join articles z on z.id = c.zh_id
where c.score < ? and e.status <> 'withheld' and z.status <> 'withheld'
  and not exists (select 1 from decisions d where d.article_id = c.en_id and d.other_id = c.zh_id)
  and not exists (select 1 from translations t where t.en_id = c.en_id or t.zh_id = c.zh_id)
order by c.score desc, c.id
"""


def find_candidates(connection: sqlite3.Connection, now: datetime) -> dict[str, int]:
    """Score what no link and no person pairs, and take for pairs what is as good as certain.

    Returns how many articles were compared on each side, and how many pairs were accepted and are doubtful.
    """
    english, chinese = _sides(connection)
    forbidden = {(row["article_id"], row["other_id"]) for row in connection.execute(APART)}
    found = find_pairs(english, chinese, forbidden)
    accepted = [pair for pair in found if pair.score >= THRESHOLD]
    with transaction(connection):
        _store(connection, found, accepted, timestamp(now))
    doubtful = len(doubtful_pairs(connection))
    return {"english": len(english), "chinese": len(chinese), "accepted": len(accepted), "doubtful": doubtful}


def _store(connection: sqlite3.Connection, found: list[Pair], accepted: list[Pair], stamp: str) -> None:
    connection.execute("delete from candidates")
    connection.execute("delete from translations where evidence = 'match'")
    connection.executemany(
        "insert into candidates (en_id, zh_id, score, reasons, found_at) values (?, ?, ?, ?, ?)",
        [(pair.en, pair.zh, pair.score, json.dumps(pair.reasons, ensure_ascii=False), stamp) for pair in found],
    )
    for pair in accepted:
        add_pair(connection, pair.en, pair.zh, "match", pair.score)


def doubtful_pairs(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the candidates that a person must decide about, the likeliest first; reasons by kind."""
    rows = connection.execute(DOUBTFUL_PAIRS, (THRESHOLD,))
    return [dict(row) | {"reasons": json.loads(row["reasons"])} for row in rows]


def paired(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the pairs as dicts of view `translation_pairs`, the newest first."""
    query = "select * from translation_pairs order by en_published desc, en_key, zh_key"
    return [dict(row) for row in connection.execute(query)]


def decide_pair(
    connection: sqlite3.Connection, one: str, other: str, is_pair: bool, reason: str, now: datetime
) -> tuple[str, str]:
    """Store what a person says about two articles, by key or address; return the keys, the English first.

    It holds against links and likeness, until a person says otherwise.

    errors  UsageError: there is no such article, or the two are not in English and Chinese
    """
    rows = {row["language"]: row for row in (_article(connection, key) for key in (one, other))}
    if rows.keys() != {"en", "zh"}:
        raise UsageError(f"{one} and {other} are not in English and in Chinese: only such make a pair.")
    en, zh = rows["en"], rows["zh"]
    with transaction(connection):
        connection.execute(
            "insert into decisions (article_id, other_id, decided_at, kind, reason) values (?, ?, ?, ?, ?)",
            (en["id"], zh["id"], timestamp(now), "pair" if is_pair else "apart", reason),
        )
        connection.execute("delete from translations where en_id = ? and zh_id = ?", (en["id"], zh["id"]))
        if is_pair:
            add_pair(connection, en["id"], zh["id"], PERSON)
        link_article(connection, en["id"])
    return str(en["key"]), str(zh["key"])


def _article(connection: sqlite3.Connection, key: str) -> sqlite3.Row:
    row = article_row(connection, key)
    if row is None:
        raise UsageError(f"There is no article {key!r}: give a key such as csu-en-2209, or its address.")
    return row


def _sides(connection: sqlite3.Connection) -> tuple[list[Side], list[Side]]:
    marks = _marks(connection)
    beside = _beside(connection)
    english = [
        _side(row, english_tokens(text) | marks[row["id"]] | beside.get(row["id"], set()))
        for row, text in _texts(connection, "en")
    ]
    names = {token for side in english for token in side.tokens if token.startswith("name:")}
    chinese = [
        _side(row, chinese_tokens(text, names) | marks[row["id"]] | beside.get(row["id"], set()))
        for row, text in _texts(connection, "zh")
    ]
    return english, chinese


def _texts(connection: sqlite3.Connection, language: str) -> Iterator[tuple[sqlite3.Row, str]]:
    """Yield the articles without a partner, each with its title, text and attachments' names."""
    names = defaultdict(list)
    for row in connection.execute("select article_id, name from media where kind = 'attachment' and name is not null"):
        names[row["article_id"]].append(row["name"].rpartition(".")[0] or row["name"])
    for row in connection.execute(ALONE, (language,)):
        yield row, "\n".join((row["title"] or "", row["body"], *names[row["id"]]))


def _side(row: sqlite3.Row, tokens: set[str]) -> Side:
    return Side(row["id"], ordinal(row["published"]), row["word_count"], frozenset(tokens))


def _marks(connection: sqlite3.Connection) -> dict[int, set[str]]:
    """Return by article what needs no reading: pictures and files by digest and by VSB's name, sources."""
    marks: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute("select article_id, kind, url, sha256 from media where kind <> 'video'"):
        kind = "picture" if row["kind"] == "image" else "file"
        if row["sha256"]:
            marks[row["article_id"]].add(f"{kind}:{row['sha256']}")
        if name := _LOCAL_NAME.search(row["url"]):
            marks[row["article_id"]].add(f"{kind}:{''.join(name.groups())}")
    for row in connection.execute(
        "select article_id, source_id from article_sources join source_aliases s on s.id = alias_id"
    ):
        marks[row["article_id"]].add(f"source:{row['source_id']}")
    return marks


def _beside(connection: sqlite3.Connection) -> dict[int, set[str]]:
    """Return by article the pairs, of links or a person, that stand beside it in its chain."""
    beside: dict[int, set[str]] = defaultdict(set)
    rows = connection.execute(
        "select t.id as pair, q.article_id as neighbour from translations t"
        " join pages p on p.article_id in (t.en_id, t.zh_id) join links l on l.from_id = p.id"
        " and l.rel in ('prev', 'next') join pages q on q.id = l.to_id"
        " where t.evidence <> 'match' and q.article_id is not null"
    )
    for row in rows:
        beside[row["neighbour"]].add(f"beside:{row['pair']}")
    return beside
