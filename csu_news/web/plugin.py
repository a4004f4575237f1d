"""What Datasette asks of its plugins, answered for an ArchiveSite; any other Datasette goes its way."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Base400, NotFound, Request, Response
from datasette.views.base import DatasetteError

from csu_news.errors import UsageError
from csu_news.search import fts_query
from csu_news.web import (
    article,
    exporting,
    feed,
    health,
    history,
    home,
    media,
    publishers,
    searching,
    timeline,
)
from csu_news.web.database import NAME
from csu_news.web.page import asked_of, error_page

KEY = r"(?P<key>[\w.-]+)"
DATE = r"(?P<date>\d{4}-\d\d-\d\d)"

ROUTES: tuple[tuple[str, Any], ...] = (
    (r"/$", home.home),
    (r"/-/search$", searching.search),
    (rf"/-/article/{KEY}$", article.article),
    (rf"/-/article/{KEY}/{DATE}$", article.article),
    (rf"/-/article/{KEY}/changes$", history.changes),
    (rf"/-/article/{KEY}/citation/(?P<format>[\w-]+)$", article.citation),
    (rf"/-/media/{KEY}$", media.media),
    (r"/-/export/(?P<format>[\w-]+)$", exporting.export),
    (r"/-/timeline$", timeline.timeline),
    (r"/-/sources$", publishers.publishers),
    (r"/-/health$", health.health),
    (r"/-/feed\.atom$", feed.feed),
    (r"/robots\.txt$", home.robots),
    (r"/favicon\.ico$", home.icon),
)

VIEWS = frozenset(
    {
        "article_list",
        "articles_per_month",
        "articles_per_source_year",
        "source_spellings",
        "translation_pairs",
        "untranslated_articles",
        "changed_articles",
        "gone_articles",
        "holes",
        "chain_gaps",
        "citations",
        "field_coverage",
    }
)
"""What is open, without SQL, while an article is withheld: views that leave it out."""


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Any) -> tuple[tuple[str, Any], ...]:
    return ROUTES if _is_ours(datasette) else ()


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def permission_allowed(datasette: Any, action: str, resource: Any) -> Callable[[], Awaitable[bool | None]] | None:
    """Shut, while an article is withheld, every way to its row: tables and SQL."""
    if not _is_ours(datasette) or action not in ("execute-sql", "view-table"):
        return None
    if action == "view-table" and (resource[0] != NAME or resource[1] in VIEWS):
        return None

    async def decide() -> bool | None:
        return False if await datasette.archive.execute_fn(withholds) else None

    def withholds(connection: sqlite3.Connection) -> bool:
        kept: bool = datasette.memory.recall("withholds", lambda: _withholds(connection))
        return kept

    return decide


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Request, exception: Exception) -> Response | None:
    """Show our own pages for what is not there and for what nobody expected; of that, the log alone says more."""
    if not _is_ours(datasette):
        return None
    if isinstance(exception, NotFound):
        return _said(datasette, request, 404, "There is no such page here.")
    if isinstance(exception, Base400 | DatasetteError):
        return None
    return _said(datasette, request, 500, "Something went wrong here; the server's log says what.")


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def forbidden(datasette: Any, request: Request) -> Response | None:
    return _said(datasette, request, 403, "This is shut here.") if _is_ours(datasette) else None


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, datasette: Any) -> None:
    """Let the search box of Datasette's pages understand what ours does."""
    if _is_ours(datasette):
        conn.create_function("escape_fts", 1, _escaped, deterministic=True)


def _is_ours(datasette: Any) -> bool:
    return hasattr(datasette, "warc_folder")


def _said(datasette: Any, request: Request, status: int, sentence: str) -> Response:
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": sentence, "status": status}, status=status)
    return error_page(asked_of(datasette, request), status, sentence).response()


def _withholds(connection: sqlite3.Connection) -> bool:
    return connection.execute("select 1 from articles where status = 'withheld' limit 1").fetchone() is not None


def _escaped(text: str) -> str:
    try:
        return fts_query(text) or '""'
    except UsageError:
        return '""'
