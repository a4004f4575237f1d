"""What all our pages share: what was asked, in which language the answer is, and how it is made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from time import thread_time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from csu_news.archive.database import unchanging
from csu_news.errors import CsuNewsError, UsageError
from csu_news.web.labels import LANGUAGES, chosen_language, counted, translated

if TYPE_CHECKING:
    from csu_news.web.site import ArchiveSite

LIMIT_S = 3
"""What reading the archive for one page may take of a processor: a busy machine takes longer, and is no reason."""

MOST_KEPT = 200_000
"""Longer pages and files are made each time, so that memory has a limit."""


class Missing(CsuNewsError):
    """There is nothing at this address; the message, one of labels.py, says why."""


@dataclass(frozen=True)
class Asked:
    """A request for one of our pages.

    path    as routed; names: what its pattern names
    values  of the query, in their order; of several with one name the first
    """

    site: ArchiveSite
    path: str
    names: Mapping[str, str]
    values: Mapping[str, str]
    language: str

    def text(self, name: str) -> str | None:
        """Return a value of the query, None if it is not there or blank."""
        return self.values.get(name, "").strip() or None

    def number(self, name: str, default: int) -> int:
        """Return a positive number of the query."""
        value = self.values.get(name, "")
        return int(value) if value.isdecimal() and 0 < len(value) < 7 and int(value) else default

    def here(self, **changes: object) -> str:
        """Return this address with other values in its query; None takes one away."""
        return href(self.path, **{**self.values, **changes})


@dataclass(frozen=True)
class Answer:
    """What is sent; it may be kept and sent again."""

    body: str | bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        return Response(self.body, self.status, dict(self.headers), self.content_type)


Make = Callable[[Asked, sqlite3.Connection], Answer]


def page(make: Make) -> Callable[[Any, Request], Coroutine[Any, Any, Response]]:
    """Return Datasette's view for a page: made from one state of the archive, in a thread, once for each state."""

    async def view(datasette: ArchiveSite, request: Request) -> Response:
        asked = asked_of(datasette, request)
        read = partial(_made, make, asked)
        key = (asked.path, tuple(asked.values.items()), asked.language)
        answer = await datasette.archive.execute_fn(
            lambda connection: datasette.memory.recall(key, lambda: read(connection), _is_small)
        )
        response = answer.response()
        response.headers.setdefault("Vary", "Accept-Language")
        if asked.values.get("lang") == asked.language:
            response.set_cookie("lang", asked.language, max_age=365 * 86400)
        return response

    return view


def _is_small(answer: Answer) -> bool:
    return len(answer.body) <= MOST_KEPT


def _made(make: Make, asked: Asked, connection: sqlite3.Connection) -> Answer:
    try:
        with _limited(connection), unchanging(connection):
            return make(asked, connection)
    except Missing as error:
        return error_page(asked, 404, str(error))
    except UsageError as error:
        return error_page(asked, 400, "That cannot be looked for.", str(error))
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return error_page(asked, 503, "That took too long: ask for less.")


@contextmanager
def _limited(connection: sqlite3.Connection) -> Iterator[None]:
    """Let SQLite interrupt what takes too long."""
    end = thread_time() + LIMIT_S
    connection.set_progress_handler(lambda: thread_time() > end, 10_000)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def error_page(asked: Asked, status: int, sentence: str, detail: str = "") -> Answer:
    """Return the page that says in one sentence of labels.py why there is no other."""
    return Answer(rendered(asked, "error.html", status=status, sentence=sentence, detail=detail), status)


def asked_of(site: ArchiveSite, request: Request) -> Asked:
    values = {name: request.args[name] for name in request.args}
    wanted = (values.get("lang"), request.cookies.get("lang"), request.headers.get("accept-language"))
    return Asked(site, request.path, request.url_vars, values, chosen_language(*wanted))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("csu_news.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def static(name: str) -> str:
    """Return the address of a file in static/, another one when the file is."""
    digest = sha256(files("csu_news.web").joinpath("static", name).read_bytes()).hexdigest()[:8]
    return f"/static/{name}?{digest}"


def rendered(asked: Asked, template: str, **context: Any) -> str:
    """Return a template filled in, in the language asked for."""
    return (
        _environment()
        .get_template(template)
        .render(
            asked=asked,
            language=asked.language,
            languages=LANGUAGES,
            _=partial(translated, asked.language),
            counted=partial(counted, asked.language),
            href=href,
            article_path=article_path,
            static=static,
            **context,
        )
    )


def shown(asked: Asked, template: str, **context: Any) -> Answer:
    return Answer(rendered(asked, template, **context))


def href(path: str, **values: object) -> str:
    """Return an address of this site; values that are None or empty are left out.

    >>> href("/-/search", q="湘雅 b", page=None)
    '/-/search?q=%E6%B9%98%E9%9B%85+b'
    """
    query = urlencode([(name, value) for name, value in values.items() if value not in (None, "")])
    return f"{path}?{query}" if query else path


def article_path(key: str, *rest: object) -> str:
    return "/".join(("/-/article", key, *map(str, rest)))
