"""What a command line names to crawl: sites by name or by a file, columns by the address of any of their pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from csu_news.archive import Archive
from csu_news.cli.crawling import Target
from csu_news.errors import UsageError
from csu_news.sitefile import DEMO, read_site_file
from csu_news.sites import SITES, Site, unprofiled
from csu_news.urls import is_web_address

DEFAULT = "csu-en"


def find_targets(
    archive: Archive | None, names: Sequence[str], language: str | None, files: Sequence[Path] = ()
) -> list[Target]:
    """Return what to crawl, one target for each site, in the order given.

    names   sites or addresses; without any, the sites of the files, or else the university's
    errors  UsageError: no such site, no address, a profile that cannot be or does not fit the archive
    """
    given = read_site_files(archive, files)
    targets: dict[str, Target] = {}
    for name in names or tuple(given) or (DEFAULT,):
        target = _url_target(archive, name, given, language) if "://" in name else _named_target(archive, name, given)
        known = targets.get(target.site.name)
        seeds = (*known.seeds, *target.seeds) if known else target.seeds
        targets[target.site.name] = Target(target.site, seeds)
    _check_start(archive, targets.values())
    return list(targets.values())


def refuse_to_mix(archive: Archive, targets: list[Target]) -> None:
    """Keep the demo's invented news out of a real archive."""
    demos = {site["name"] for site in archive.sites() if site["name"].startswith(DEMO)}
    if demos and any(target.site.name not in demos for target in targets):
        raise UsageError(f"{archive.path} holds the demo: choose another file with --db, or remove it first.")


def is_loopback(target: Target) -> bool:
    return (urlsplit(target.site.base_url or "").hostname or "") in ("127.0.0.1", "::1", "localhost")


def _stored(archive: Archive | None) -> Iterator[Site]:
    """Yield the sites that the archive remembers."""
    for row in archive.sites() if archive else ():
        if archive and (site := archive.site(row["name"])):
            yield site


def read_site_files(archive: Archive | None, files: Sequence[Path]) -> dict[str, Site]:
    """Return the profiles in the files by name, each on hosts of its own."""
    given: dict[str, Site] = {}
    for path in files:
        site = read_site_file(path)
        for other in (*given.values(), *_stored(archive)):
            if problem := _conflict(site, other):
                raise UsageError(f"{path}: {problem}")
        given[site.name] = site
    return given


def _conflict(site: Site, other: Site) -> str | None:
    """Return why the two cannot be in one archive, in a sentence; a site that moved names its former host."""
    shared = set(site.hosts) & set(other.hosts)
    if site.name == other.name:
        if shared or set(other.hosts) & set(site.former_hosts):
            return None
        return f"name {site.name!r} is that of {other.base_url}: choose another, or say that it moved by former_hosts."
    if taken := set(other.hosts) & set(site.former_hosts):
        return f"former_hosts has {min(taken)!r}, which is known here as site {other.name!r}."
    if shared:
        return f"hosts has {min(shared)!r}, which is known here as site {other.name!r}: give it that name."
    return None


def _check_start(archive: Archive | None, targets: Collection[Target]) -> None:
    """Refuse a site of which no list is known, unless one beside it may lead to articles of it, as translations."""
    lost = [target.site for target in targets if not _has_start(archive, target)]
    if lost and len(lost) == len(targets):
        raise UsageError(
            f"No list of {lost[0].name} is known yet: give the URL of an article or a list of {lost[0].base_url} once."
        )


def _has_start(archive: Archive | None, target: Target) -> bool:
    """Tell whether a list is known from the user, the profile or an earlier crawl."""
    listed = any(column.list_url for column in target.site.columns)
    return bool(target.seeds or listed or (archive and archive.site(target.site.name)))


def _named_target(archive: Archive | None, name: str, given: dict[str, Site]) -> Target:
    site = given.get(name) or SITES.get(name) or (archive.site(name) if archive else None)
    if site is None:
        known = ", ".join(sorted({*SITES, *given, *(site.name for site in _stored(archive))}))
        raise UsageError(f"There is no site {name!r}: name one of {known}, or give the URL of an article or a list.")
    return Target(site)


def _url_target(archive: Archive | None, url: str, given: dict[str, Site], language: str | None) -> Target:
    if not is_web_address(url):
        raise UsageError(f"{url!r} is no address to crawl: give one like http://host/info/1014/1173.htm.")
    profiles = (*given.values(), *SITES.values(), *_stored(archive))
    profile = next((site for site in profiles if site.owns(site.at_home(url))), None)
    if profile is None or (language and profile.name == unprofiled(url).name and profile.name not in given):
        profile = unprofiled(url, language)
    return Target(profile, (profile.at_home(url),))
