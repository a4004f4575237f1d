"""The Atom feed of what is new, changed and gone."""

from __future__ import annotations

import sqlite3

from csu_news.archive.events import newest_events
from csu_news.exporters.atom import atom, event_entry
from csu_news.web.page import Answer, Asked, Missing, page

ENTRIES = 50


@page
def feed(asked: Asked, connection: sqlite3.Connection) -> Answer:
    """Answer with all sites together, or the one that `?site=` names."""
    wanted = asked.text("site")
    sites = connection.execute("select name, title, base_url from sites where name = coalesce(?, name)", (wanted,))
    named = sites.fetchall()
    if wanted and not named:
        raise Missing("There is no such page here.")
    events = [event for site in named for event in newest_events(connection, site["name"], ENTRIES)]
    events.sort(key=lambda event: event["at"], reverse=True)
    titles = ", ".join(site["title"] or site["name"] for site in named)
    entries = map(event_entry, events[:ENTRIES])
    content = atom(
        "urn:csu-news" + (f":{wanted}" if wanted else ""),
        f"{titles}: new, changed and gone",
        (named[0]["base_url"] if len(named) == 1 else None) or "/",
        entries,
    )
    return Answer(content, content_type="application/atom+xml; charset=utf-8")
