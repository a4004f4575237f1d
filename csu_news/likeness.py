"""What an article and its translation have in common whatever the words: numbers, dates, names as they sound; pure.

A token is written `kind:value`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from functools import cache
from itertools import pairwise
from unicodedata import combining, normalize

from csu_news.errors import UsageError

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "|".join(f"{name}|{name[:3]}t?\\.?" for name in _MONTHS)
# May 7, Sept. 3rd; 7 May
_ENGLISH_DATE = re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?!\d)|\b(\d{{1,2}}) ({_MONTH})\b", re.I)
# 5月7日
_CHINESE_DATE = re.compile(r"(\d{1,2})月(\d{1,2})日")
# 1,200 · 3.5 million · 150万
_NUMBER = re.compile(
    r"(?<![A-Za-z\d.])(\d[\d,]*(?:\.\d+)?)(?![\d年月日]|\.\d)(?: ?(万|亿|thousand|million|billion))?", re.A
)
_FACTORS = {"": 1, "thousand": 1e3, "万": 1e4, "million": 1e6, "亿": 1e8, "billion": 1e9}
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
# Professor Luo Wenbo
_CAPITALISED = re.compile(r"[A-Z][A-Za-z'’-]+(?: [A-Z][A-Za-z'’-]+)*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
# zhong, an, er, lüe without its dots: what a Chinese syllable can be in Latin letters
_SYLLABLE = "(?:[bpmfdtnlgkhjqxrzcswy]|zh|ch|sh)?(?:[aeiou]{1,3}|[iu]?ang?|[iu]?eng?|ing?|i?ong|[iu]n|er)"
_SOUNDS_CHINESE = re.compile(rf"(?:{_SYLLABLE}){{2,4}}")


def ordinal(published: str | None) -> int | None:
    """Return the number of the day that an ISO date names."""
    return date.fromisoformat(published).toordinal() if published else None


def marks(text: str) -> set[str]:
    """Return what needs no dictionary: the numbers, dates and Latin words of a text in either language.

    >>> sorted(marks("5月7日，IEEE奖金1200元"))
    ['date:5-7', 'latin:ieee', 'number:1200']
    """
    tokens = {f"latin:{word.lower()}" for word in _WORD.findall(text)}
    for found in _ENGLISH_DATE.finditer(text):
        month, day = (found[1], found[2]) if found[1] else (found[4], found[3])
        number = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(month[:3].lower()))
        tokens.add(f"date:{number}-{int(day)}")
    tokens.update(f"date:{int(month)}-{int(day)}" for month, day in _CHINESE_DATE.findall(text))
    return tokens | _numbers(_CHINESE_DATE.sub(" ", _ENGLISH_DATE.sub(" ", text)))


def english_tokens(text: str) -> set[str]:
    """Return the numbers, dates, words and names of an English text.

    >>> sorted(english_tokens("On May 7, 2020, Luo Wenbo won 1,200 yuan."))[:4]
    ['date:5-7', 'latin:luo', 'latin:may', 'latin:on']
    """
    return marks(text) | {f"name:{sound}" for run in _CAPITALISED.findall(text) for sound in _names(run)}


def _names(run: str) -> set[str]:
    """Return what in words with capitals sounds like Chinese: of two words both together, in either order.

    >>> sorted(_names("Professor Wenbo Luo"))
    ['luowenbo', 'wenboluo']
    """
    words = [re.sub("['’-]", "", word).lower() for word in run.split()]
    sounding = [word for word in words if _SOUNDS_CHINESE.fullmatch(word)]
    together = {"".join(two) for each in pairwise(words) for two in (each, each[::-1])}
    found = {name for name in together if _SOUNDS_CHINESE.fullmatch(name)}
    return found | {word for word in sounding if not any(word in name for name in found)}


def chinese_tokens(text: str, names: Collection[str]) -> set[str]:
    """Return the numbers, dates and Latin words of a Chinese text, and which of the English names it sounds out.

    >>> sorted(chinese_tokens("5月7日，罗文博获奖金1200元。", {"name:wenbo"}))
    ['date:5-7', 'name:wenbo', 'number:1200']
    """
    tokens = marks(text)
    for run in _CHINESE.findall(text):
        sounds = [_sounds().get(ord(character), "?") for character in run]
        for length in (2, 3, 4):
            tokens.update(
                name
                for start in range(len(sounds) - length + 1)
                if (name := "name:" + "".join(sounds[start : start + length])) in names
            )
    return tokens


@cache
def _sounds() -> dict[int, str]:
    """Return how each Chinese character is read most often, without its tone."""
    try:
        from pypinyin.pinyin_dict import pinyin_dict
    except ImportError as error:
        raise UsageError("Finding pairs needs two libraries more: pip install 'csu-news[pairs]'") from error

    def plain(readings: str) -> str:
        return "".join(c for c in normalize("NFD", readings.split(",")[0]) if not combining(c))

    return {code: plain(readings) for code, readings in pinyin_dict.items()}


def _numbers(text: str) -> set[str]:
    """Return the numbers of a text but 0, 1 and what may be a year."""
    found = set()
    for digits, factor in _NUMBER.findall(text):
        value = float(digits.replace(",", "")) * _FACTORS[factor]
        if value > 1 and not (1900 <= value < 2100 and not factor):
            found.add(f"number:{value:.10g}")
    return found
