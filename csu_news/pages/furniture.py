"""What a template prints around title and text: 关闭, chain, pager, attachments, meta line. None of it is a title."""

from __future__ import annotations

import re
from functools import lru_cache

from csu_news.pages.dates import find_dates
from csu_news.pages.labels import Patterns, read_fields
from csu_news.pages.media import FILE_NAME

# 【关闭】, [Close Window] 打印, [1] [2] Next page, Friday: a line that is nothing but such words
_WORDS = re.compile(
    r"关\s*闭(?:窗口|本页)?|close(?: this)?(?: window)?|打印(?:本页)?|print|返回(?:列表)?|[上下首尾末]一?页"
    r"|(?:(?:next|prev(?:ious)?|first|last)(?: page)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?![a-z])"
    r"|星期[一二三四五六日天]|[\W\d_]+",
    re.I,
)
# 附件【1. Programme.pdf】已下载次, 附件1：, Attachment:
_ATTACHMENT = re.compile(r"(?:附件|attachments?)\s*\d*\s*[:：【\[]|.*已下载\s*\d*\s*次", re.I)
# By Li Ming 2019-05-13
_BY = re.compile(r"by\s", re.I)


def is_furniture(text: str, patterns: Patterns, timezone: str) -> bool:
    """Tell whether a line, as a reader sees it, belongs to the template and is no title."""
    if _ATTACHMENT.match(text) or FILE_NAME.search(text) or _neighbour(patterns.prev, patterns.next).match(text):
        return True
    if any(field.kind for field in read_fields(text, patterns)):
        return True
    dates = find_dates(text, timezone)
    if dates and _BY.match(text) and text.endswith(dates[-1].raw):
        return True
    for printed in dates:
        text = text.replace(printed.raw, "")
    return not _WORDS.sub("", text)


@lru_cache(maxsize=16)
def _neighbour(prev: str, following: str) -> re.Pattern[str]:
    """Return the pattern of a chain's line: 上一条：title, 上一篇 title, Next; not `Next Generation Networks`."""
    return re.compile(rf"[\s<《\[【«‹←→]*(?:{prev}|{following})\s*[】\]]?\s*(?:[:：]|$|(?<=[\u3400-\u9fff]\s))", re.I)
