"""Chinese is found: every word of it, however it is written, and whatever stands beside it."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest

from csu_news.chinese import CJK, is_folding, segment, variants
from csu_news.search import fts_query

LETTERS = "中南大学湘雅医院研究生材料科学与工程国际合作交流学术会议校长教授新闻网〇々"
RARE = "\U00020000\U00020089\U0002a6a0\U0002b740\U00030000㐀㗊豈"
OTHER_SCRIPTS = "かなカナｶﾅㄅㄆㄇ한글"
PUNCTUATION = "，。、；：“”《》（）？！…—· \n\u3000"
GLUED = ("GIFT", "CSU", "2020", "ＧＩＦＴ", "２０", "5G", "COVID-19", "é", "x")


def made(random: Random) -> str:
    """Return a text of some 60 pieces, half of them from a few characters, so that words recur."""
    drawn = (
        random.choices(LETTERS[:12], k=30)
        + random.choices(LETTERS, k=15)
        + random.choices(RARE + OTHER_SCRIPTS, k=5)
        + random.choices(PUNCTUATION, k=6)
        + random.choices(GLUED, k=4)
    )
    random.shuffle(drawn)
    return "".join(drawn)


TEXTS = [made(Random(number)) for number in range(300)]
# GIFT; 研; ２０; whatever is between
TOKEN = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")


@pytest.fixture(scope="module")
def texts() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create virtual table t using fts5(a, tokenize='porter unicode61 remove_diacritics 2')")
        connection.executemany("insert into t (rowid, a) values (?, ?)", enumerate(map(segment, TEXTS)))
        yield connection


def found(texts: sqlite3.Connection, typed: str) -> set[int]:
    return {row for (row,) in texts.execute("select rowid from t where t match ?", (fts_query(typed),))}


def scanned(typed: str) -> set[int]:
    """Return the texts in which it stands, white space and case left aside, and not as part of a longer word."""
    wanted = re.escape(" ".join(typed.split()).casefold())
    edges = [rf"(?<![^\W_{CJK}])" if TOKEN.match(typed) and not re.match(f"[{CJK}]", typed) else ""]
    edges += [rf"(?![^\W_{CJK}])" if re.search(rf"[^\W_{CJK}]$", typed) else ""]
    pattern = re.compile(wanted.join(edges))
    return {number for number, text in enumerate(TEXTS) if pattern.search(" ".join(text.split()).casefold())}


@pytest.mark.parametrize("length", range(1, 9))
def test_every_word_is_found(texts: sqlite3.Connection, length: int) -> None:
    random = Random(length)
    for _ in range(100):
        text = random.choice(TEXTS)
        tokens = list(TOKEN.finditer(text))
        first = random.randrange(len(tokens) - length)
        typed = text[tokens[first].start() : tokens[first + length - 1].end()]
        missed = scanned(typed) - found(texts, typed)
        assert not missed, (typed, [TEXTS[number] for number in missed])


@pytest.mark.parametrize("length", range(1, 5))
def test_nothing_else_is_found_but_across_punctuation(texts: sqlite3.Connection, length: int) -> None:
    random = Random(length)
    for _ in range(100):
        typed = "".join(random.choices(LETTERS[:12], k=length))
        close = {number for number, text in enumerate(TEXTS) if typed in re.sub(r"[\W_]+", "", text)}
        assert found(texts, typed) == close


def test_each_character_of_the_scripts_without_spaces_is_a_word() -> None:
    scripts = ("CJK ", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "HALFWIDTH K", "HALFWIDTH H")
    known = re.compile(f"[{CJK}]")
    characters = (chr(number) for number in range(0x80, 0x40000))
    words = [
        c for c in characters if unicodedata.category(c)[0] in "LN" and unicodedata.name(c, "").startswith(scripts)
    ]
    assert len(words) > 90_000
    assert [hex(ord(c)) for c in words if not known.match(c)] == []
    assert not known.search("".join(map(chr, range(0x1100))) + "ＡＢＣ２０，。、「」")


# simplified, and what it stands for; one simplified character may stand for several
PAIRS = """
头发 頭髮|发展 發展|以后 以後|皇后 皇后|干燥 乾燥|干部 幹部|里面 裡面|里面 裏面|公里 公里|台湾 臺灣
台湾 台灣|图书馆 圖書館|学术 學術|曲线 曲綫|曲线 曲線|看着 看著|周年 週年|面粉 麵粉|时钟 時鐘
制造 製造|复杂 複雜|恢复 恢復|特征 特徵|标准 標準|关系 關係|系统 系統|历史 歷史|日历 日曆|获奖 獲獎
收获 收穫|研究 研究|医院 醫院|临床 臨床|湘雅医学院 湘雅醫學院|中南大学 中南大學
冶金与环境 冶金與環境|国际合作 國際合作|党委书记 黨委書記|松树 松樹|放松 放鬆|山谷 山谷|稻谷 稻穀
一只 一隻|只有 只有|云南 雲南|余额 餘額|范围 範圍|姓范 姓范|叶子 葉子|郁金香 鬱金香|征文 徵文
长征 長征|台风 颱風|出版 出版|艺术 藝術|体育 體育|校庆 校慶|为了 為了|为了 爲了|众人 衆人|众人 眾人
群众 羣眾|真实 眞實|启动 啟動|启动 啓動|吃饭 喫飯|内容 內容|说明 説明|说明 說明
"""
pairs = pytest.mark.parametrize("pair", PAIRS.replace("\n", "|").strip("|").split("|"))


@pairs
@pytest.mark.skipif(not is_folding(), reason="the extra `chinese` is not installed")
def test_traditional_and_simplified_find_each_other(pair: str) -> None:
    simplified, traditional = pair.split()
    for stored, typed in ((simplified, traditional), (traditional, simplified)):
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("create virtual table t using fts5(a, tokenize='porter unicode61 remove_diacritics 2')")
            connection.execute("insert into t (a) values (?)", (segment(f"在{stored}中"),))
            query = fts_query(typed, variants)
            assert connection.execute("select count(*) from t where t match ?", (query,)).fetchone() == (1,), query
