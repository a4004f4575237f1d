"""What changed between two revisions of an article."""

from __future__ import annotations

import sqlite3

from markupsafe import Markup

from csu_news.archive import reading
from csu_news.diff import as_html, compare
from csu_news.web.article import readable
from csu_news.web.page import Answer, Asked, Missing, page, shown


@page
def changes(asked: Asked, connection: sqlite3.Connection) -> Answer:
    found = readable(connection, asked.names["key"])
    revisions = reading.revisions(connection, found["id"])
    newest = len(revisions)
    new, old = asked.number("new", newest), asked.number("old", max(1, asked.number("new", newest) - 1))
    if max(new, old) > newest:
        raise Missing("There is no such revision.")
    differences = compare(revisions[old - 1], revisions[new - 1])
    return shown(
        asked,
        "changes.html",
        article=found,
        revisions=revisions,
        old=revisions[old - 1],
        new=revisions[new - 1],
        differences=[(change.field, Markup(as_html(change.hunks))) for change in differences],
    )
