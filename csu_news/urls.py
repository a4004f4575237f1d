"""Addresses: what a URL names, whichever way it is written; pure.

A VSB article has a static and a dynamic address, and mirrors put the tree below a folder:

    /info/1083/2209.htm     /site/info/1083/2209.html     /info/1083/2209_1.htm (its second part)
    /content.jsp?urltype=news.NewsContentUrl&wbtreeid=1083&wbnewsid=2209
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

# /info/1083/2209.htm, /info/1083/2209_1.htm
_STATIC = re.compile(r"/info/(\d{1,9})/(\d{1,9})(?:_(\d{1,4}))?\.html?$", re.I)
# /content.jsp, /en/bs2content.jsp; never /system/_content/download.jsp
_DYNAMIC = re.compile(r"^(?!.*/system/)(.*/)?[^/]+\.jsp$", re.I)
# utm_source=…, and what WeChat and search engines append
_TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|spm|isappinstalled|from=(groupmessage|timeline|singlemessage))$")
_BLANK = re.compile(r"[\t\r\n]")
_NOT_PLAIN = re.compile(r"[^!-~]|[\"<>\\^`{|}]")
# https://en.csu.edu.cn/info/1083/2209.htm: what most addresses look like, and the rules below leave as it is
_PLAIN_STATIC = re.compile(
    r"https?://[\w.:-]+(?:/[\w.~-]+)*?/info/(\d{1,9})/(\d{1,9})(?:_(\d{1,4}))?\.html?", re.A | re.I
)
_HOST = r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?::(?!80/|443/)(?:[1-9]\d{0,3}|[1-5]\d{4}))?"
_PLAIN = re.compile(rf"https?(://{_HOST}(?:/\w[\w.~-]*)*/?)", re.A)
# 2208.htm, /__local/A/1.jpg?e=.jpg, ../../News.htm; neither `.` nor `..` further on
_PLAIN_HREF = re.compile(r"(/|(?:\.\./)*)\w[\w.-]*(?:/\w[\w.-]*)*/?(?:\?[\w=&.,%+/-]+)?", re.A)
_PLAIN_BASE = re.compile(r"(https?://[\w.:-]+)((?:/\w[\w.-]*)*)/[\w.-]*(?:\?[^#]*)?", re.A)
_PLAIN_END = re.compile(r"/[\w-]+\.html?$", re.A)
_WEB = re.compile(r"https?://[^/?#\s]", re.I)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Ids(NamedTuple):
    """What an article's address says: column (wbtreeid), article (wbnewsid), part (0 for the first)."""

    column_id: int | None
    news_id: int | None
    part: int


_NO_IDS = Ids(None, None, 0)


def ids(url: str) -> Ids:
    """Return the ids that an article's address names; all None for other pages.

    >>> ids("https://en.csu.edu.cn/info/1083/2209_1.htm")
    Ids(column_id=1083, news_id=2209, part=1)
    """
    if "/info/" not in url and ".jsp" not in url.lower():
        return _NO_IDS
    if plain := _PLAIN_STATIC.fullmatch(url):
        return _numbers(plain)
    parts = _split(url)
    found = _STATIC.search(parts.path)
    return _numbers(found) if found else _dynamic_ids(parts)


def _numbers(found: re.Match[str]) -> Ids:
    return Ids(int(found[1]), int(found[2]), int(found[3] or 0))


def _dynamic_ids(parts: SplitResult) -> Ids:
    if not _DYNAMIC.match(parts.path):
        return _NO_IDS
    query = {name.lower(): value for name, value in parse_qsl(parts.query)}
    news = _number(query.get("wbnewsid"))
    if news is None and parts.path.lower().endswith("content.jsp"):
        news = _number(query.get("aid"))
    return _NO_IDS if news is None else Ids(_number(query.get("wbtreeid")), news, 0)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def column_id(url: str) -> int | None:
    """Return the column of an article's address, or the one that `?wbtreeid=` of any page names."""
    if (column := ids(url).column_id) is not None or "wbtreeid=" not in url.lower():
        return column
    query = {name.lower(): value for name, value in parse_qsl(_split(url).query)}
    return _number(query.get("wbtreeid"))


def news_id(url: str) -> int | None:
    """Return the article's number in its address."""
    return ids(url).news_id


def part_number(url: str) -> int:
    """Return N of `<id>_N.htm`, 0 for the article's first page and for other pages."""
    return ids(url).part


def first_part_url(url: str) -> str:
    """Return the address of the first page of a multi-part article; other addresses as they are.

    >>> first_part_url("http://h/info/5/12_1.htm")
    'http://h/info/5/12.htm'
    """
    number = part_number(url)
    return re.sub(rf"_{number}(\.html?)", r"\1", url, count=1, flags=re.I) if number else url


def is_article_url(url: str) -> bool:
    """Tell whether an address is written as an article's, at any depth, static or dynamic."""
    return ids(url).news_id is not None


def canonical_url(url: str) -> str:
    """Return the identity of a page: two addresses of one page give one string.

    The scheme is always https, the host lower case without its default port, the query sorted, without
    tracking parameters; the fragment goes; the dynamic form of an article becomes the static one.
    `.htm` and `.html` stay different. An address that cannot be taken apart is its own identity.

    >>> canonical_url("HTTP://EN.csu.edu.cn:80/content.jsp?wbtreeid=1083&wbnewsid=2209#top")
    'https://en.csu.edu.cn/info/1083/2209.htm'
    """
    if (plain := _PLAIN.fullmatch(url)) and plain[1].count("/") > 2:
        return f"https{plain[1]}"
    return _canonical(url)


def _canonical(url: str) -> str:
    try:
        parts = urlsplit(_BLANK.sub("", url.strip()))
        if parts.scheme.lower() not in _DEFAULT_PORTS:
            return url
        host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme.lower()])
        path, query = _static_form(parts)
        return canonicalize_url(urlunsplit(("https", host, path or "/", query, "")))
    except ValueError:
        return url


def _static_form(parts: SplitResult) -> tuple[str, str]:
    """Return path and query, `/info/<tree>/<id>.htm` and none for `content.jsp?…&wbtreeid=&wbnewsid=`."""
    query = [(name, value) for name, value in parse_qsl(parts.query, True) if not _is_tracking(name, value)]
    found = _dynamic_ids(parts)
    paged = any(name.lower() == "pagenum" for name, _ in query)
    if found.news_id is not None and found.column_id is not None and not paged:
        folder = parts.path.rpartition("/")[0]
        return f"{folder}/info/{found.column_id}/{found.news_id}.htm", ""
    if len(query) == len(parse_qsl(parts.query, True)):
        return parts.path, parts.query
    return parts.path, urlencode(query)


def _is_tracking(name: str, value: str) -> bool:
    return bool(_TRACKING.match(name.lower()) or _TRACKING.match(f"{name}={value}".lower()))


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # http://[…
        return SplitResult("", "", "", "", "")


def is_web_address(url: str) -> bool:
    """Tell whether the address is http or https, with a host and without a user's name."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:  # http://[/, http://host:port/
        return False


def absolute_url(base: str, href: str | None) -> str | None:
    """Return the http(s) address that a link names; None for `javascript:`, `#…`, `mailto:`, `data:`."""
    if not href:
        return None
    if (plain := _PLAIN_HREF.fullmatch(href)) and (place := _place(base)):
        return _placed(plain, *place)
    href = _BLANK.sub("", href.strip())
    if not href or href.startswith("#") or (_SCHEME.match(href) and not _WEB.match(href)):
        return None
    try:
        url = (href if _WEB.match(href) else urljoin(base, href)).partition("#")[0]
        if not _WEB.match(url) or ("[" in url and not urlsplit(url).netloc):
            return None
        return safe_url_string(url) if _NOT_PLAIN.search(url) else url
    except ValueError:  # a host such as [abc
        return None


@lru_cache(maxsize=2)
def _place(base: str) -> tuple[str, list[str]] | None:
    """Return site and folders of a plain address; the links of a page have the same base, and the next page another."""
    found = _PLAIN_BASE.fullmatch(base)
    return (found[1], found[2].split("/")) if found else None


def _placed(plain: re.Match[str], site: str, folders: list[str]) -> str:
    """Return urljoin()'s answer for a plain path, at a tenth of its cost."""
    if plain[1] == "/":
        return site + plain[0]
    up = plain[1].count("/")
    return f"{site}{'/'.join(folders[: max(1, len(folders) - up)])}/{plain[0][3 * up :]}"


def same_page(one: str, other: str) -> bool:
    """Tell whether two addresses are the same page."""
    if one == other:
        return True
    if _PLAIN_END.search(one) and _PLAIN_END.search(other) and one.rpartition("/")[2] != other.rpartition("/")[2]:
        return False  # two static names: the costly comparison could not make them one
    return canonical_url(one) == canonical_url(other)
