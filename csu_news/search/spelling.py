"""The ways in which the archive writes a word: traditional or simplified characters, letters of either width."""

from __future__ import annotations

import re
import sqlite3
import unicodedata

from csu_news.chinese import CJK, variants

_CHARACTER = re.compile(f"[{CJK}]")
_WIDE = {number: number + 0xFEE0 for number in range(0x21, 0x7F)}  # 2008 → ２００８


class ArchiveSpellings:
    """Gives for a word its spellings that occur in the archive, and first the word as it was typed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, tuple[str, ...]] = {}

    def __call__(self, word: str) -> tuple[str, ...]:
        if word not in self._known:
            self._known[word] = (word, *filter(self._occurs, self._others(word)))
        return self._known[word]

    def _others(self, word: str) -> list[str]:
        found = variants(word) if _CHARACTER.fullmatch(word) else [word.translate(_WIDE)]
        return [other for other in dict.fromkeys((*found, unicodedata.normalize("NFKC", word))) if other != word]

    def _occurs(self, word: str) -> bool:
        query = "select 1 from articles_fts where articles_fts match ? limit 1"
        phrase = '"{}"'.format(word.replace('"', " "))
        return self._connection.execute(query, (phrase,)).fetchone() is not None
