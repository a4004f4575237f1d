"""The sites that the archive knows: those it has pages of, and the profiles of the program."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from functools import lru_cache

from csu_news.sites import SITES, Site, site_as_json, site_from_json
from csu_news.sources import institution_of


def know_site(connection: sqlite3.Connection, site: Site) -> None:
    """Remember a site, or what is new about it."""
    connection.execute(
        "insert into sites (name, title, base_url, language, timezone, owner, hosts, profile, institution)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " on conflict (name) do update set title = coalesce(excluded.title, title), base_url = excluded.base_url,"
        " language = coalesce(excluded.language, language), timezone = excluded.timezone,"
        " owner = coalesce(excluded.owner, owner), hosts = excluded.hosts, profile = excluded.profile",
        (
            *(site.name, site.title, site.base_url, site.language, site.timezone, site.owner),
            *(json.dumps(site.hosts), site_as_json(site), institution_of(site.name, site.hosts)),
        ),
    )


@lru_cache(maxsize=1000)
def stored_site(row: sqlite3.Row) -> Site:
    """Return a site as table `sites` remembers it: its profile, and what its pages taught since."""
    profile = site_from_json(row["profile"]) if row["profile"] else Site(row["name"])
    return replace(
        profile,
        title=row["title"],
        base_url=row["base_url"],
        language=row["language"],
        timezone=row["timezone"],
        owner=row["owner"],
        hosts=tuple(json.loads(row["hosts"])),
    )


def owner_of(connection: sqlite3.Connection, url: str) -> Site | None:
    """Return the site on one of whose hosts, former ones too, the address is; a profile met first is remembered.

    A host that nobody named is no site's, however much its pages look like one's.
    """
    for row in connection.execute("select * from sites"):
        if (stored := stored_site(row)).owns(stored.at_home(url)):
            return stored
    for site in SITES.values():
        if site.owns(site.at_home(url)):
            know_site(connection, site)
            return site
    return None


def present_address(connection: sqlite3.Connection, url: str) -> str:
    """Return where the address is today, if it is on a host that one of the archive's sites had before."""
    for row in connection.execute("select * from sites where profile glob '*former_hosts*'"):
        url = stored_site(row).at_home(url)
    return url
