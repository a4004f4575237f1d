"""What a command line names to crawl: sites by name, columns by the address of any of their pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from csu_news.archive import Archive
from csu_news.cli.crawling import Target
from csu_news.errors import UsageError
from csu_news.sites import SITES, unprofiled


def find_targets(archive: Archive | None, names: tuple[str, ...], language: str | None) -> list[Target]:
    """Return what to crawl, one target for each site, in the order given."""
    targets: dict[str, Target] = {}
    for name in names:
        target = _url_target(archive, name, language) if "://" in name else _named_target(archive, name)
        known = targets.get(target.site.name)
        seeds = (*known.seeds, *target.seeds) if known else target.seeds
        targets[target.site.name] = Target(target.site, seeds)
    return list(targets.values())


def refuse_to_mix(archive: Archive, targets: list[Target]) -> None:
    """Keep the demo's invented news out of a real archive."""
    demos = {site["name"] for site in archive.sites() if site["name"].startswith("demo-")}
    if demos and any(target.site.name not in demos for target in targets):
        raise UsageError(f"{archive.path} holds the demo: choose another file with --db, or remove it first.")


def is_loopback(target: Target) -> bool:
    return (urlsplit(target.site.base_url or "").hostname or "") in ("127.0.0.1", "::1", "localhost")


def _named_target(archive: Archive | None, name: str) -> Target:
    site = SITES.get(name) or (archive.site(name) if archive else None)
    if site is None:
        known = ", ".join(sorted({*SITES, *(site["name"] for site in (archive.sites() if archive else ()))}))
        raise UsageError(f"There is no site {name!r}: name one of {known}, or give the URL of an article or a list.")
    return Target(site)


def _url_target(archive: Archive | None, url: str, language: str | None) -> Target:
    if not _is_web_address(url):
        raise UsageError(f"{url!r} is no address to crawl: give one like http://host/info/1014/1173.htm.")
    profile = next((site for site in SITES.values() if site.owns(url)), None)
    if profile is None:
        made = unprofiled(url, language)
        stored = archive.site(made.name) if archive and language is None else None
        profile = stored or made
    return Target(profile, (url,))


def _is_web_address(url: str) -> bool:
    """Tell whether the address is http or https, with a host and without a user's name."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:  # http://[/, http://host:port/
        return False
