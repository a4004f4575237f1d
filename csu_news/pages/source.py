"""Where an article comes from, as printed: on its meta line or as the last words of its body."""

from __future__ import annotations

import re
from collections.abc import Iterable

from csu_news.pages.dates import find_dates
from csu_news.pages.labels import Field, Patterns, rank, read_fields

_LONGEST = 200
_LAST_LINES = 6
# 大学生通讯社、宣传部；教务处
_LISTED = re.compile(r"\s*[、；;]\s*")
# Graduate School, News Center; but School of Humanities, Arts and Law
_COMMA = re.compile(r"\s*[,，]\s*")
_ONE_NAME = re.compile(r",[^,]*\s(?:and|&)\s")
# 湖南省教育厅 大学生通讯社: between Chinese characters a space separates two names
_CHINESE_SPACE = re.compile(r"(?<=[\u3400-\u9fff）])\s+(?=[\u3400-\u9fff（])")
# （来源：宣传部）, [Source: News Center]
_BRACKETS = re.compile(r"^[(（\[【]\s*(.+?)\s*[)）\]】]$")
# 2020-01-08 behind the name; 次 of an empty click count
_NO_NAME = re.compile(r"^(?:次|人|\d*|\{\{.*\}\}|无|null|none)$", re.I)
_CLOCK = re.compile(r"\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?\s*$")


def source_raw(lines: Iterable[list[Field]], body: str, patterns: Patterns, timezone: str) -> str | None:
    """Return the source as printed, without its label; None when absent or printed empty."""
    fields = [field for line in lines for field in line if field.kind == "source"]
    for field in sorted(fields, key=lambda field: rank(field, patterns)):
        if name := _name(field.value, timezone):
            return name
    return _last_words(body, patterns, timezone)


def _name(value: str, timezone: str) -> str | None:
    """Return a source's name: up to a date that follows it on the same line."""
    for printed in find_dates(value, timezone):
        value = value.partition(printed.raw)[0]
    value = _CLOCK.sub("", value).strip(" |｜,，;；:：-—[]【】")
    if value.count("(") + value.count("（") < value.count(")") + value.count("）"):
        value = value.rstrip(")）")
    return None if not value or len(value) > _LONGEST or _NO_NAME.match(value) else value


def _last_words(body: str, patterns: Patterns, timezone: str) -> str | None:
    """Return the source that closes the body: `Sources: Graduate School`, above nothing but other labels."""
    lines = [line for line in body.rsplit("\n", _LAST_LINES * 2) if line.strip()]
    for line in reversed(lines[-_LAST_LINES:]):
        if len(line) > _LONGEST:
            return None
        bracketed = _BRACKETS.match(line.strip())
        fields = read_fields(bracketed[1] if bracketed else line, patterns)
        if fields[0].value or len(fields) == 1:
            return None
        named = sorted((f for f in fields if f.kind == "source"), key=lambda field: rank(field, patterns))
        for field in named:
            if name := _name(field.value, timezone):
                return name
    return None


def sources(raw: str | None) -> list[str]:
    """Split a printed source at 、；, and commas, and between Chinese words at spaces; distinct, in order.

    Not at the commas of one English name: `School of Humanities, Arts and Law`.

    >>> sources("湖南省教育厅 大学生通讯社"), sources("News Center")
    (['湖南省教育厅', '大学生通讯社'], ['News Center'])
    """
    if not raw:
        return []
    parts = [
        part for whole in _LISTED.split(raw) for part in ([whole] if _ONE_NAME.search(whole) else _COMMA.split(whole))
    ]
    names = (name for part in parts for name in _CHINESE_SPACE.split(part))
    return list(dict.fromkeys(name for name in names if name))
