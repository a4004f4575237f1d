"""All of a selection as an Atom feed, RFC 4287, written entry by entry."""

from __future__ import annotations

from typing import Any, BinaryIO

from lxml import etree  # type: ignore[import-untyped]

from csu_news.exporters.atom import NEVER, Entry, feed_entry
from csu_news.exporters.chosen import Chosen

ATOM = "http://www.w3.org/2005/Atom"
NAME = "csu_news"
FEED = {"id": "urn:csu-news:selection", "title": "Articles of a csu_news archive", "generator": NAME}


def write_atom(chosen: Chosen, stream: BinaryIO) -> None:
    """Write an entry for each article, with its text as HTML; its id is `urn:csu-news:<key>` and stays.

    The feed's own time, that of the last change, stands behind the entries, where it is known: the order is free.
    """
    updated_at = NEVER
    with etree.xmlfile(stream, encoding="UTF-8") as file:
        file.write_declaration()
        with file.element(f"{{{ATOM}}}feed", nsmap={None: ATOM}):
            for name, text in FEED.items():
                _write_element(file, name, text)
            with file.element(f"{{{ATOM}}}author"):
                _write_element(file, "name", NAME)
            for article in chosen.articles():
                updated_at = max(updated_at, article["last_changed_at"])
                file.write("\n", feed_entry(article_entry(article)).atom_entry())
            _write_element(file, "updated", updated_at)


def article_entry(article: dict[str, Any]) -> Entry:
    """Return the entry of an article as search.selected() yields it; its sources are its authors."""
    published_at = article["published_at"] or (article["published"] and f"{article['published']}T00:00:00Z")
    return Entry(
        id=f"urn:csu-news:{article['key']}",
        title=article["title"] or article["key"],
        url=article["url"],
        updated_at=article["last_changed_at"],
        published_at=published_at,
        html=article["body_html"] or None,
        sources=tuple(article["sources"]),
    )


def _write_element(file: Any, name: str, text: str) -> None:
    with file.element(f"{{{ATOM}}}{name}"):
        file.write(text)
