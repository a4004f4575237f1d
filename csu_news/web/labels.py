"""The words on the pages, in English and in Chinese."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "zh": "中文"}

# zh-CN;q=0.8
_ACCEPTED = re.compile(r"\s*([a-zA-Z*]+)[\w-]*(?:\s*;\s*q=([\d.]+))?\s*")


def chosen_language(asked: str | None, kept: str | None, accepted: str | None) -> str:
    """Return the language of a page: the one asked for, the one kept in the cookie, the browser's first, English.

    >>> chosen_language(None, None, "de, zh-CN;q=0.8, en;q=0.5")
    'zh'
    """
    preferred = sorted(_accepted(accepted or ""), key=lambda found: -found[1])
    return next((name for name in (asked, kept, *(name for name, _ in preferred)) if name in LANGUAGES), "en")


def translated(language: str, text: str, **values: object) -> str:
    """Return an English text of the pages in a language, with the values put into its {places}."""
    found = chinese().get(text, text) if language == "zh" else text
    return found.format(**values) if values else found


def counted(language: str, number: int, one: str, many: str) -> str:
    """Return a number with the word for what is counted; both words hold `{n}`."""
    return translated(language, one if number == 1 else many, n=f"{number:,}")


@cache
def chinese() -> dict[str, str]:
    """Return labels.toml: English to Chinese."""
    return tomllib.loads(files("csu_news.web").joinpath("labels.toml").read_text(encoding="utf-8"))


def _accepted(header: str) -> list[tuple[str, float]]:
    found = (_ACCEPTED.fullmatch(part) for part in header[:500].split(","))
    return [(match[1].lower(), _quality(match[2])) for match in found if match and _quality(match[2]) > 0]


def _quality(text: str | None) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
