"""What to crawl, as data: a site is a profile over the defaults of its CMS, VSB."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from csu_news.errors import UsageError


@dataclass(frozen=True, slots=True)
class Column:
    """A column (VSB: wbtreeid) and the first page of its list, relative to the site's base_url."""

    column_id: int
    list_url: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that a site prints before its fields, without colon; English ones in any case.

    `date` and `source` are in order of preference; `other` holds labels of no interest that end a value.
    Words longer than three Chinese characters are also found glued to the text before them.
    """

    date: tuple[str, ...] = (
        *("发布时间", "发布日期", "发表时间", "发表日期", "发稿时间", "发布于", "时间", "日期", "添加时间", "添加日期"),
        *("上传时间", "录入时间", "创建时间", "编辑时间", "编辑日期"),
        *("Publish time", "Publish date", "Published on", "Published", "Publication date", "Release time"),
        *("Release date", "Released", "Posted on", "Posted", "Post time", "Post date", "Time", "Date"),
        *("更新时间", "更新日期", "Update time", "Updated"),
    )
    source: tuple[str, ...] = (
        *("信息来源", "文章来源", "新闻来源", "稿件来源", "消息来源", "来源单位", "来源", "出处"),
        *("Sources", "Source", "供稿单位", "供稿部门", "来稿单位", "供稿", "通讯员"),
    )
    click: tuple[str, ...] = (
        *(
            "点击次数",
            "点击数",
            "点击量",
            "点击率",
            "点击",
            "浏览次数",
            "浏览数",
            "浏览量",
            "浏览",
            "阅读次数",
        ),
        *("阅读数", "阅读量", "阅读", "访问次数", "访问量", "播放次数", "播放量", "人气", "已有人浏览"),
        *("Cilk Times", "Click times", "Clicks", "Click", "Visits", "Visit", "Views", "View", "Read", "Hits"),
        *("Browse", "Page views", "Pageviews", "Browsing times", "Reading times"),
    )
    other: tuple[str, ...] = (
        *(
            "责任编辑",
            "责任校对",
            "文字编辑",
            "图片编辑",
            "作者单位",
            "发布单位",
            "发布部门",
            "信息员",
            "发布人员",
        ),
        *(
            "发布人",
            "发布者",
            "上传者",
            "录入者",
            "录入人",
            "作者",
            "责编",
            "编辑",
            "编审",
            "审核人",
            "审核",
            "审稿",
        ),
        *(
            "审校",
            "校对",
            "初审",
            "复审",
            "终审",
            "一审",
            "二审",
            "三审",
            "主编",
            "撰稿",
            "撰文",
            "摄影",
            "摄像",
        ),
        *("图片", "记者", "文字", "字体", "字号", "关键词", "标签", "栏目", "分享到", "分享", "打印"),
        *("Author", "Authors", "Editor", "Editors", "Writer", "Reporter", "Photographer", "Photo", "Photos"),
        *("Photo by", "Written by", "Edited by", "Reviewed by", "Translated by", "Translator", "Reviewer"),
        *(
            "Proofreader",
            "Print",
            "Font size",
            "Font",
            "Share to",
            "Share",
            "Author by",
            "Responsible editor",
        ),
        *("Contributor", "Contributed by", "Correspondent", "Keywords", "Tags"),
    )
    prev: tuple[str, ...] = (
        *("上一条", "上一篇", "上一则", "上一个", "上条", "上篇", "前一条", "前一篇"),
        *("The previous article", "The prev article", "Previous article", "Prev article", "Previous news"),
        *("Previous item", "Previous one", "Previous post", "Previous", "Prev"),
    )
    next: tuple[str, ...] = (
        *("下一条", "下一篇", "下一则", "下一个", "下条", "下篇", "后一条", "后一篇"),
        *("The next article", "Next article", "Next news", "Next item", "Next one", "Next post", "Next"),
    )


@dataclass(frozen=True, slots=True)
class Site:
    """A site to archive.

    `hosts` are host[:port] names in scope; `media_hosts` may serve pictures and files only;
    `former_hosts` are earlier names, kept for identity. `language` None: told from each page.
    """

    name: str
    title: str | None = None
    base_url: str | None = None
    language: str | None = None
    timezone: str = "Asia/Shanghai"
    owner: int | None = None
    columns: tuple[Column, ...] = ()
    hosts: tuple[str, ...] = ()
    media_hosts: tuple[str, ...] = ()
    former_hosts: tuple[str, ...] = ()
    title_suffixes: tuple[str, ...] = field(default=())
    labels: Labels = Labels()

    def owns(self, url: str) -> bool:
        """Tell whether the address is on one of the site's hosts, port included."""
        return urlsplit(url).netloc.lower() in self.hosts

    def at_home(self, url: str) -> str:
        """Return the address on the site's present host if it names a former one, any other as it is."""
        if not self.former_hosts or not self.base_url:
            return url
        try:
            parts = urlsplit(url)
        except ValueError:  # http://[
            return url
        if parts.netloc.lower() not in self.former_hosts:
            return url
        home = urlsplit(self.base_url)
        return parts._replace(scheme=home.scheme, netloc=home.netloc).geturl()

    def may_serve_media(self, url: str) -> bool:
        """Tell whether pictures and files at the address belong to the site, by http or https."""
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.netloc.lower() in (*self.hosts, *self.media_hosts)


VSB = Site(name="vsb")
"""Any site of the CMS, without a profile."""

CSU_EN = Site(
    name="csu-en",
    title="Central South University",
    base_url="https://en.csu.edu.cn/",
    language="en",
    hosts=("en.csu.edu.cn",),
    media_hosts=("news.csu.edu.cn", "www.csu.edu.cn"),
    title_suffixes=("-Central South University",),
    columns=(
        Column(1083, "News.htm", "News"),  # the list's address is a guess; the ids were read
        Column(1085, None, "Academics"),
        Column(1039, None, "Scholarships"),
        Column(1010, None, "Academicians"),
    ),
)

CSU_ZH = Site(
    name="csu-zh",
    title="中南大学",
    base_url="https://news.csu.edu.cn/",
    language="zh",
    hosts=("news.csu.edu.cn",),
    media_hosts=("en.csu.edu.cn", "www.csu.edu.cn"),  # a guess: the English site takes pictures from here
)


def _sister(name: str, host: str) -> Site:
    """Return the profile of a site of the same university of which nothing but its host is certain.

    Its lists are found from the address of any of its articles.
    """
    return Site(name, base_url=f"https://{host}/", hosts=(host,), media_hosts=("news.csu.edu.cn", "www.csu.edu.cn"))


SITES: dict[str, Site] = {
    site.name: site
    for site in (
        CSU_EN,
        CSU_ZH,
        _sister("csu-intl", "intl.csu.edu.cn"),
        _sister("csu-xysm", "xysm.csu.edu.cn"),
        _sister("csu-civil", "civil.csu.edu.cn"),
        _sister("csu-xynursing", "xynursing.csu.edu.cn"),
    )
}


def find_site(name: str) -> Site:
    """Return the profile of that name; UsageError names the known ones."""
    try:
        return SITES[name]
    except KeyError:
        known = ", ".join(sorted(SITES))
        raise UsageError(f"There is no site {name!r}; known sites: {known}. A URL works too.") from None


def unprofiled(url: str, language: str | None = None) -> Site:
    """Return a profile made up from any page's address: named and scoped by host and port."""
    parts = urlsplit(url)
    host = parts.netloc.lower()
    name = "".join(c if (c.isascii() and c.isalnum()) or c == "." else "-" for c in host)
    return Site(name=name, base_url=f"{parts.scheme}://{host}/", language=language, hosts=(host,))


def site_as_json(site: Site) -> str:
    """Return a profile as one line of ASCII JSON, without what is empty or as every site has it.

    >>> site_as_json(Site(name="x", hosts=("x.example",)))
    '{"name":"x","timezone":"Asia/Shanghai","hosts":["x.example"]}'
    """
    values = {name: value for name, value in asdict(site).items() if value not in (None, ())}
    if site.labels == Labels():
        del values["labels"]
    return json.dumps(values, separators=(",", ":"))


def site_from_json(text: str) -> Site:
    """Return the profile that site_as_json() wrote, by this or another version.

    errors  ValueError: it is not one
    """
    known = {field.name for field in fields(Site)}
    try:
        values = {name: _tuples(value) for name, value in json.loads(text).items() if name in known}
        if "columns" in values:
            values["columns"] = tuple(Column(**column) for column in values["columns"])
        if "labels" in values:
            values["labels"] = Labels(**{name: _tuples(words) for name, words in values["labels"].items()})
        return Site(**values)
    except (AttributeError, TypeError) as error:
        raise ValueError(str(error)) from error


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
