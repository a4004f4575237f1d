"""Which page an address stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qs, quote, urlsplit

from csu_news.replica import furniture, gates, media
from csu_news.replica.article import article_page, side_bar
from csu_news.replica.chance import mix
from csu_news.replica.listing import list_page, listing_page
from csu_news.replica.model import ReplicaSite
from csu_news.replica.replies import Fixed, Reply, page_of
from csu_news.replica.words import UNIVERSITY

_ARTICLE = re.compile(r"/info/([0-9]{1,9})/([0-9]{1,12})(?:_([0-9]{1,3}))?\.htm")
_LIST = re.compile(r"/([A-Za-z]+)(?:/([0-9]{1,9}))?\.htm")
_PICTURES = re.compile(r"/images/[a-z]+\.png")
ROBOTS = b"User-agent: *\nDisallow: /system/resource/code/\nDisallow: /search.jsp\n"
_PLAIN_PAGES = (
    ("/About.htm", "/Research.htm", "/Admission.htm", "/CampusLife.htm"),
    ("/xxgk.htm", "/kxyj.htm", "/zsjy.htm", "/xysh.htm"),
)
_furniture = lru_cache(maxsize=16)(furniture.build)


def reply_to(site: ReplicaSite, path_and_query: str) -> Reply:
    """Return the page at that address; 404 when there is none."""
    split = urlsplit(path_and_query)
    with site.lock:
        match = _ARTICLE.fullmatch(split.path)
        if match:
            return _article(site, int(match[1]), int(match[2]), int(match[3] or 0), dynamic=False)
        if split.path in _DYNAMIC:
            query = {name: values[0] for name, values in parse_qs(split.query).items()}
            return _DYNAMIC[split.path](site, query)
        return _list(site, split.path) or _fixed(site, split.path) or _missing(site)


def _missing(site: ReplicaSite) -> Reply:
    if site.soft_404:
        return Reply(gates.NO_ARTICLE)
    return Reply(gates.NOT_FOUND, status=404)


def _article(site: ReplicaSite, column_id: int, news_id: int, part: int, *, dynamic: bool) -> Reply:
    number = site.find(news_id)
    if number is None or site.section_of(number).column_id != column_id:
        return _missing(site)
    removal = site.removal(number)
    if removal is not None:
        return _removed(removal.how, removal.target)
    if part and part >= len(site.story(number).parts):
        return _missing(site)
    parts = _furniture(site.tongue, "" if dynamic else "../../", site.owner)
    page = article_page(site, number, part, parts, dynamic)
    return page_of(page, None if dynamic or site.noise else site.modified(number))


def _removed(how: str, target: str) -> Reply:
    if how == "redirect":
        return Reply(b"", status=302, headers={"Location": target})
    if how == "soft":
        return Reply(gates.NO_ARTICLE)
    return Reply(gates.NOT_FOUND, status=int(how))


def _list(site: ReplicaSite, path: str) -> Reply | None:
    match = _LIST.fullmatch(path)
    columns = [c for c, section in enumerate(site.sections) if match and section.path == match[1]]
    if not match or not columns:
        return None
    shown = list_page(site, columns[0], int(match[2]) if match[2] else None)
    if shown is None:
        return None
    parts = _furniture(site.tongue, "../" if shown.page > 1 else "", site.owner)
    page = listing_page(site, columns[0], shown, parts)
    return page_of(page, None if site.noise else site.column_modified(columns[0]))


def _fixed(site: ReplicaSite, path: str) -> Reply | None:
    if path in ("/", "/index.htm"):
        return page_of(_home(site), max(site.column_modified(0), site.column_modified(1)))
    if path in _PLAIN_PAGES[site.tongue]:
        return page_of(_column_page(site), _made(site))
    if path == "/robots.txt":
        return Reply(ROBOTS, "text/plain")
    if path.endswith(".css"):
        return Reply(furniture.STYLE.encode(), "text/css", modified=_made(site))
    if path.endswith(".js"):
        text = furniture.SCRIPTS.get(path, "/* replica */\n")
        return Reply(text.encode(), "text/javascript", modified=_made(site))
    if _PICTURES.fullmatch(path):
        return Reply(media.make_file(mix(site.seed, len(path)), "png", path), "image/png", modified=_made(site))
    data = media.local_file(site.seed, path)
    return None if data is None else Reply(data, media.TYPES[path[-3:]], modified=_made(site))


def _made(site: ReplicaSite) -> datetime:
    return site.calendar.published(0).astimezone(UTC)


def _home(site: ReplicaSite) -> Iterable[str | Fixed]:
    parts = _furniture(site.tongue, "", site.owner)
    lists = "".join(_newest(site, column) for column in (0, 1))
    content = f'<DIV class="main">\n{lists}</DIV>\n{side_bar(site, 0)}'
    return parts.around(_top(site), "1001,'/index.jsp',-1", content)


def _newest(site: ReplicaSite, column: int) -> str:
    """Return a column's newest articles, as the home page shows them."""
    section, newest = site.sections[column], site.order.newest_first(column, 0, 6)
    rows = "".join(f'<li><a href="{site.path_of(n)[1:]}">{site.title(n)}</a></li>\n' for n in newest)
    return f'<h2><a href="{section.path}.htm">{section.name}</a></h2>\n<ul>\n{rows}</ul>\n'


def _column_page(site: ReplicaSite) -> Iterable[str | Fixed]:
    """Return a page that is neither article nor list, as the menu has several."""
    parts, name = _furniture(site.tongue, "", site.owner), UNIVERSITY[site.tongue]
    text = (f"{name} stands beside a lake.", f"{name}坐落于湖畔。")[site.tongue]
    return parts.around(_top(site), "1002,'/about.jsp',-1", f'<DIV class="main">\n<p>{text}</p>\n</DIV>\n')


def _top(site: ReplicaSite) -> str:
    return f"<!DOCTYPE html>\n<HTML><HEAD><TITLE>{UNIVERSITY[site.tongue]}</TITLE>"


def _content(site: ReplicaSite, query: dict[str, str]) -> Reply:
    """`/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1083&wbnewsid=2209`, an article's dynamic form."""
    news_id, column_id = query.get("wbnewsid", ""), query.get("wbtreeid", "")
    if not news_id.isdecimal() or len(news_id) > 12:
        return Reply(gates.NO_ARTICLE)
    number = site.find(int(news_id))
    if number is None:
        return Reply(gates.NO_ARTICLE)
    own = site.section_of(number).column_id
    return _article(site, int(column_id) if column_id.isdecimal() else own, int(news_id), 0, dynamic=True)


def _download(site: ReplicaSite, query: dict[str, str]) -> Reply:
    file_id = query.get("wbfileid", "")
    number, place = divmod(int(file_id) - 400000, 4) if file_id.isdecimal() else (-1, 0)
    if query.get("owner") != str(site.owner) or not 0 <= number < site.size:
        return _missing(site)
    files = site.story(number).files
    if place >= len(files) or site.removal(number):
        return _missing(site)
    name = files[place].name
    extension = name.rsplit(".", 1)[-1]
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    data = media.make_file(mix(site.seed, int(file_id)), extension, f"Document {file_id}")
    return Reply(
        data,
        "application/octet-stream",
        modified=site.modified(number),
        headers={"Content-Disposition": disposition},
    )


def _clicks(site: ReplicaSite, query: dict[str, str]) -> Reply:
    clickid = query.get("clickid", "0")
    return Reply(str(mix(site.seed, len(clickid)) % 9000 + next(site.ticks)).encode())


def _login(site: ReplicaSite, query: dict[str, str]) -> Reply:
    return Reply(gates.LOGIN)


_DYNAMIC = {
    "/content.jsp": _content,
    "/system/_content/download.jsp": _download,
    "/system/resource/code/news/click/dynclicks.jsp": _clicks,
    "/system/resource/code/auth/cas/clogin.jsp": _login,
    "/auth/cas/clogin.jsp": _login,
}
