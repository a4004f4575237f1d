"""Chinese text made searchable: each character a word, and the characters that stand for one another; pure."""

from __future__ import annotations

import re
from functools import cache

SEGMENTATION = 2
"""What segment() does, as a number: it is raised with every change, and older archives are indexed anew."""

# 中文, かな, ㄅㄆ, 한: what unicode61 would glue into one token; also radicals, compatibility forms and extensions
CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3040-\u30ff\u3100-\u31ff"
    "\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdf"
    "\U00016fe0-\U00018aff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
"""The characters that are words of their own, as the inside of a regular expression's brackets."""

_CJK = re.compile(f"[{CJK}]")
_BOUNDARY = re.compile(rf"(?<=[^\s\u200b])(?=[{CJK}])|(?<=[{CJK}])(?=[^\s\u200b])")

_CHARACTER = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_FOLDED = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x32400))


def segment(text: str) -> str:
    r"""Return text with U+200B around every CJK character, so that SQLite's unicode61 makes each a token.

    >>> segment("中南大学 CSU").split("\u200b")
    ['中', '南', '大', '学 CSU']
    """
    return _BOUNDARY.sub("\u200b", text) if _CJK.search(text) else text


def has_chinese(text: str) -> bool:
    """Tell whether a Chinese character is in the text."""
    return bool(_CHARACTER.search(text))


def is_folding() -> bool:
    """Tell whether traditional and simplified characters are known to each other."""
    return bool(_classes())


def variants(character: str) -> str:
    """Return the characters that stand for one another: 发發髮 for each of the three, 线綫線 likewise.

    Without the extra `chinese`, and for what has no variants, only the character itself.
    """
    return _classes().get(character, character)


@cache
def _classes() -> dict[str, str]:
    """Return for each character that has variants all of them; made once, in a third of a second."""
    try:
        from opencc import OpenCC
    except ImportError:  # the extra `chinese` is not installed
        return {}
    characters = [chr(number) for numbers in _FOLDED for number in numbers]
    folded = characters
    for conversion in ("t2s", "s2tw", "t2s"):  # there and back: t2s alone does not know that 著 is 着
        # a line each: else characters would be read as words, and 乾 in 乾坤 stays as it is
        folded = OpenCC(conversion).convert("\n".join(folded)).split("\n")
    classes: dict[str, list[str]] = {}
    for character, simple in zip(characters, folded, strict=True):
        classes.setdefault(simple, []).append(character)
    return {character: "".join(same) for same in classes.values() if len(same) > 1 for character in same}
