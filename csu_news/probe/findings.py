"""What a first look found: the articles field by field, the columns, the profile; or why there is nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from csu_news.items import Article, Gate, Link, Listing, Outcome, Visit
from csu_news.probe.seen import Seen
from csu_news.sites import Column, Site
from csu_news.urls import canonical_url, column_id

GATES = {
    "missing": "the CMS says that the page does not exist",
    "denied": "the site shows it to some addresses only, and not to this one",
    "login": "the site asks to sign in",
    "challenge": "the site asks for a script to be run first, as a browser would; a crawl cannot get in",
    "captcha": "the site asks for characters to be typed off a picture",
    "firewall": "a firewall refuses the request",
    "unknown layout": "it is an article of the CMS, but where its title or text stands is not understood",
}
"""What a gate's reason means; see pages/gates.py."""

FIELDS = ("title", "date", "source", "language", "text", "prev", "next", "images", "attachments", "translation")


@dataclass(slots=True)
class Probe:
    """What a first look came to. `error` says in one sentence why there is no profile.

    articles  for each its url and FIELDS, None for what was not found
    columns   for each its column_id, name, list_url, total of its list, and whether the list was looked at
    others    numbers of further columns that pages link to
    troubles  sentences about pages that could not be read, although others could
    """

    url: str
    is_vsb: bool
    error: str | None = None
    site: Site | None = None
    articles: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def probed(url: str, site: Site, seen: Sequence[Seen], lists: Mapping[int, str | None], error: str | None) -> Probe:
    """Return what the pages seen come to.

    site   as the crawl knew it
    lists  the columns that the crawl brought into scope, and the first page of each one's list where it read it
    error  what stopped the crawl
    """
    articles = [one.visit.result for one in seen if isinstance(one.visit.result, Article)]
    is_vsb = any(one.survey.is_vsb or isinstance(one.visit.result, Article) for one in seen)
    probe = Probe(url, is_vsb)
    troubles = [trouble for one in seen if (trouble := _trouble(one, site, bool(articles)))]
    if not articles:
        probe.error = error or (troubles or [f"{url}: no answer came."])[-1]
        return probe
    probe.articles = [_fields(article) for article in articles]
    probe.columns = _columns(seen, articles, lists)
    linked = {column_id(link) for one in seen for link in one.survey.articles if site.owns(link)}
    probe.others = sorted(column for column in linked if column is not None and column not in lists)
    probe.troubles = [*troubles, *([error] if error else [])]
    probe.site = _profile(site, seen, articles, probe.columns)
    return probe


def _trouble(seen: Seen, site: Site, led_on: bool) -> str | None:
    """Return in one sentence why the page gave no article and no list, if so.

    led_on  the site gave articles in the end: redirects within it are none of its troubles
    """
    visit = seen.visit
    if visit.outcome in (Outcome.ARTICLE, Outcome.PART):
        return None
    if isinstance(visit.result, Listing):
        ours = any(site.owns(row.url) for row in visit.result.rows)
        return None if ours else f"{visit.url} is a list that names no article of this site."
    if isinstance(visit.result, Gate):
        return f"{visit.url} cannot be read: {GATES.get(visit.result.reason, visit.result.reason)}."
    if visit.outcome is Outcome.REDIRECT:
        target = visit.redirect_url or "nowhere"
        if not site.owns(target):
            return f"{visit.url} leads out of the site, to {target}: give that address."
        return None if led_on else f"{visit.url} only leads to {target}."
    if visit.outcome is Outcome.OTHER:
        return _other(seen, site)
    return _answer(visit)


def _other(seen: Seen, site: Site) -> str | None:
    url = seen.visit.url
    if not seen.survey.is_vsb:
        return f"{url} is no page of a VSB site."
    if any(site.owns(link) for link in seen.survey.articles):
        return None
    return f"{url} is a page of a VSB site, but links to no article: give the address of an article or a list."


def _answer(visit: Visit) -> str:
    if visit.outcome is Outcome.FORBIDDEN:
        return f"robots.txt forbids {visit.url}."
    if visit.status is None:
        return f"{visit.url} gave no answer: {(visit.record.error or visit.outcome.value).rstrip('.')}."
    why = {Outcome.GONE: "it is not there", Outcome.REFUSED: "it is refused"}
    detail = why.get(visit.outcome) or visit.record.error or visit.outcome.value
    return f"{visit.url} was answered with {visit.status}: {detail.rstrip('.')}."


def _fields(article: Article) -> dict[str, Any]:
    """Return what an archive would hold of the article, as a person looks it over; None: not found."""
    return {
        "url": article.url,
        "title": article.title,
        "date": article.published_at or article.published,
        "source": "; ".join(article.sources) or None,
        "language": article.language,
        "text": article.body or None,
        "prev": _link(article.prev),
        "next": _link(article.next),
        "images": [image.url for image in article.images] or None,
        "attachments": [file.name or file.url for file in article.attachments] or None,
        "translation": [f"{link.kind}: {link.url}" for link in article.translations] or None,
    }


def _link(link: Link | None) -> str | None:
    return f"{link.title or ''} {link.url}".strip() if link else None


def _columns(
    seen: Sequence[Seen], articles: Sequence[Article], lists: Mapping[int, str | None]
) -> list[dict[str, Any]]:
    names: dict[int | None, str] = {}
    totals: dict[str, int | None] = {}
    for one in seen:
        result = one.visit.result
        if isinstance(result, Article | Listing) and one.survey.column:
            names.setdefault(result.column_id, one.survey.column)
        if isinstance(result, Listing):
            totals[canonical_url(result.url)] = result.total
    named = {article.column_id: article.list_url for article in articles if article.list_url}
    return [
        {
            "column_id": number,
            "name": names.get(number),
            "list_url": list_url or named.get(number),
            "total": totals.get(canonical_url(list_url or "")),
            "looked_at": list_url is not None,
        }
        for number, list_url in lists.items()
    ]


def _profile(site: Site, seen: Sequence[Seen], articles: Sequence[Article], columns: list[dict[str, Any]]) -> Site:
    """Return the site with what the pages agree on."""
    titles = {one.survey.site for one in seen if one.survey.site}
    owners = {article.owner for article in articles if article.owner is not None}
    title = titles.pop() if len(titles) == 1 else None
    return replace(
        site,
        title=title,
        owner=owners.pop() if len(owners) == 1 else None,
        columns=tuple(Column(one["column_id"], _own(site, one["list_url"]), one["name"]) for one in columns),
        media_hosts=_media_hosts(site, articles),
        title_suffixes=(f"-{title}",) if title else (),
    )


def _own(site: Site, url: str | None) -> str | None:
    """Return an address of the site as a profile has it: relative to base_url; None off the site."""
    if url is None or not site.owns(url):
        return None
    return url.removeprefix(site.base_url or "")


def _media_hosts(site: Site, articles: Sequence[Article]) -> tuple[str, ...]:
    """Return the sister hosts, below the same domain, that pictures and files of the articles are on."""
    domain = site.hosts[0].partition(".")[2]
    if not domain or domain.count(".") < 1 or site.hosts[0].replace(".", "").partition(":")[0].isdigit():
        return ()
    urls = [image.url for article in articles for image in article.images]
    urls += [file.url for article in articles for file in article.attachments]
    hosts = dict.fromkeys(urlsplit(url).netloc.lower() for url in urls)
    return tuple(host for host in hosts if host not in site.hosts and host.endswith(f".{domain}"))
