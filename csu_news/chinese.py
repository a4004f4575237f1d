"""Chinese text made searchable: SQLite's tokenizer knows words by the spaces between them; pure."""

from __future__ import annotations

import re

# 中文, かな, ㄅㄆ, 한: what unicode61 would glue into one token; also radicals, compatibility forms and extensions
CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3040-\u30ff\u3100-\u318f"
    "\u31a0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdf"
    "\U00016fe0-\U00018aff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
"""The characters that are words of their own, as the inside of a regular expression's brackets."""

_BOUNDARY = re.compile(rf"(?<=[^\s\u200b])(?=[{CJK}])|(?<=[{CJK}])(?=[^\s\u200b])")


def segment(text: str) -> str:
    r"""Return text with U+200B around every CJK character, so that SQLite's unicode61 makes each a token.

    >>> segment("中南大学 CSU").split("\u200b")
    ['中', '南', '大', '学 CSU']
    """
    return _BOUNDARY.sub("\u200b", text)
