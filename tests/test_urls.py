"""Addresses: the tables are the specification."""

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csu_news import urls
from csu_news.urls import absolute_url, canonical_url, column_id, is_article_url, news_id, part_number, same_page

SITE = "https://en.csu.edu.cn"
ARTICLE = f"{SITE}/info/1083/2209.htm"


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        (ARTICLE, ARTICLE),
        ("http://en.csu.edu.cn/info/1083/2209.htm", ARTICLE),
        ("HTTPS://EN.CSU.edu.cn/info/1083/2209.htm", ARTICLE),
        ("http://en.csu.edu.cn:80/info/1083/2209.htm", ARTICLE),
        ("https://en.csu.edu.cn:443/info/1083/2209.htm", ARTICLE),
        (f"{ARTICLE}#top", ARTICLE),
        (f"{ARTICLE}?utm_source=x&utm_medium=y", ARTICLE),
        (f"{ARTICLE}?from=groupmessage", ARTICLE),
        (f"{SITE}/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1083&wbnewsid=2209", ARTICLE),
        (f"{SITE}/content.jsp?wbnewsid=2209&wbtreeid=1083&urltype=news.NewsContentUrl", ARTICLE),
        (f"{SITE}/sub/bs2content.jsp?wbtreeid=1083&wbnewsid=2209", f"{SITE}/sub/info/1083/2209.htm"),
        (f"{SITE}/content.jsp?wbnewsid=2209", f"{SITE}/content.jsp?wbnewsid=2209"),
        ("http://127.0.0.1:8000/info/1/2.htm", "https://127.0.0.1:8000/info/1/2.htm"),
        (SITE, f"{SITE}/"),
        (f"{SITE}/list.jsp?wbtreeid=3&PAGENUM=2&a=1", f"{SITE}/list.jsp?PAGENUM=2&a=1&wbtreeid=3"),
        (f"{SITE}/__local/A/1.jpg?e=.jpg", f"{SITE}/__local/A/1.jpg?e=.jpg"),
        (f"{SITE}/search.jsp?from=2020", f"{SITE}/search.jsp?from=2020"),
        # not taken apart: their own identity
        ("mailto:news@csu.edu.cn", "mailto:news@csu.edu.cn"),
        ("http://[::1/x", "http://[::1/x"),
    ],
)
def test_canonical_url(url: str, identity: str) -> None:
    assert canonical_url(url) == identity
    assert canonical_url(canonical_url(url)) == identity


def test_htm_and_html_stay_different() -> None:
    assert canonical_url(f"{SITE}/info/1/2.htm") != canonical_url(f"{SITE}/info/1/2.html")


@pytest.mark.parametrize(
    ("url", "column", "news", "part"),
    [
        (ARTICLE, 1083, 2209, 0),
        (f"{SITE}/info/1083/2209_1.htm", 1083, 2209, 1),
        (f"{SITE}/site/info/1014/1173.html", 1014, 1173, 0),
        ("https://user.github.io/a/b/info/1014/1173.htm?x=1#y", 1014, 1173, 0),
        (f"{SITE}/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1083&wbnewsid=2209", 1083, 2209, 0),
        (f"{SITE}/content.jsp?wbnewsid=2209", None, 2209, 0),
        (f"{SITE}/content.jsp?aid=2209", None, 2209, 0),
        (f"{SITE}/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1460", 1460, None, 0),
        (f"{SITE}/News/3.htm", None, None, 0),
        (f"{SITE}/info/1083.htm", None, None, 0),
        (f"{SITE}/info/1083/x2209.htm", None, None, 0),
        (f"{SITE}/info/1083/99999999999999.htm", None, None, 0),
        (f"{SITE}/info/1083/２２０９.jsp?wbnewsid=２", None, None, 0),
        (
            f"{SITE}/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=2",
            None,
            None,
            0,
        ),
        (f"{SITE}/system/resource/code/news/click/dynclicks.jsp?clickid=5&wbnewsid=5", None, None, 0),
        ("http://[::1/info/1/2.htm", None, None, 0),
        ("", None, None, 0),
    ],
)
def test_ids(url: str, column: int | None, news: int | None, part: int) -> None:
    assert (column_id(url), news_id(url), part_number(url)) == (column, news, part)
    assert is_article_url(url) is (news is not None)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("2208.htm", f"{SITE}/info/1083/2208.htm"),
        ("../1085/7.htm", f"{SITE}/info/1085/7.htm"),
        ("/__local/A/1.jpg", f"{SITE}/__local/A/1.jpg"),
        ("?PAGENUM=2", f"{ARTICLE}?PAGENUM=2"),
        ("//www.csu.edu.cn/", "https://www.csu.edu.cn/"),
        (" http://www.csu.edu.cn/a b ", "http://www.csu.edu.cn/a%20b"),
        ("2208.htm#bottom", f"{SITE}/info/1083/2208.htm"),
        ("/图.jpg", f"{SITE}/%E5%9B%BE.jpg"),
        ("22\n08.htm", f"{SITE}/info/1083/2208.htm"),
        *((none, None) for none in ("", None, "#", "#tips", "javascript:;", "JavaScript:void(0)", "java\nscript:;")),
        *((none, None) for none in ("mailto:a@b.cn", "data:image/png;base64,AA", "tel:1", "http:///x", "http://[a")),
    ],
)
def test_absolute_url(href: str | None, url: str | None) -> None:
    assert absolute_url(ARTICLE, href) == url


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ARTICLE, "http://en.csu.edu.cn/info/1083/2209.htm#x", True),
        (ARTICLE, f"{SITE}/content.jsp?wbtreeid=1083&wbnewsid=2209", True),
        (ARTICLE, f"{SITE}/info/1083/2208.htm", False),
        (ARTICLE, "https://civil.csu.edu.cn/info/1083/2209.htm", False),
    ],
)
def test_same_page(one: str, other: str, same: bool) -> None:
    assert same_page(one, other) is same


# -- the quick ways give what the slow ones give ------------------------------------------------

PIECES = st.sampled_from(
    [
        *("/", "/", ".", "..", "../", "a", "b-c", "2209", "2209_1", "info", "/info/1083/2209", ".htm", ".html", ".jsp"),
        *("~", "?", "&", "=", "#", ":", ":80", ":443", ":8000", ";", "%41", "%e5", "+", "//", "_", "-", "A", "图", " "),
        *("@", "[", "wbtreeid=1", "wbnewsid=2", "utm_source=x", "x" * 64, "xn--a", "1.", "\n", ""),
    ]
)
PATHS = st.lists(PIECES, max_size=7).map("".join)
STARTS = st.sampled_from(
    (
        "https://en.csu.edu.cn",
        "http://a.b",
        "https://a.b:8000",
        "http://a.b:36011",
        "http://a.b:80",
        "https://A.b",
        "http://info",
        "http:/",
    )
)


@given(STARTS, PATHS)
def test_quick_identity(start: str, path: str) -> None:
    assert canonical_url(start + path) == urls._canonical(start + path)


@given(STARTS, PATHS)
def test_quick_ids(start: str, path: str) -> None:
    url = start + path
    found = urls._STATIC.search(urls._split(url).path)
    slow = urls._numbers(found) if found else urls._dynamic_ids(urls._split(url))
    assert urls.ids(url) == slow


@given(STARTS, PATHS, PATHS)
def test_quick_join(start: str, path: str, href: str) -> None:
    plain, place = urls._PLAIN_HREF.fullmatch(href), urls._PLAIN_BASE.fullmatch(start + path)
    if plain and place:
        assert absolute_url(start + path, href) == urljoin(start + path, href)
