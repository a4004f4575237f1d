"""What to crawl, as data: a site is a profile over the defaults of its CMS, VSB."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from csu_news.errors import UsageError


@dataclass(frozen=True, slots=True)
class Column:
    """A column (VSB: wbtreeid) and the first page of its list, relative to the site's base_url."""

    column_id: int
    list_url: str | None = None
    name: str | None = None


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

    def owns(self, url: str) -> bool:
        """Tell whether the address is on one of the site's hosts, port included."""
        return urlsplit(url).netloc.lower() in self.hosts


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
        Column(1083, "News.htm", "News"),
        Column(1085, None, "Academics"),
        Column(1039, None, "Scholarships"),
        Column(1010, None, "Academicians"),
    ),
)

SITES: dict[str, Site] = {site.name: site for site in (CSU_EN,)}


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
    name = "".join(c if c.isascii() and c.isalnum() or c == "." else "-" for c in host)
    return Site(name=name, base_url=f"{parts.scheme}://{host}/", language=language, hosts=(host,))
