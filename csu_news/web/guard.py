"""What stands around every answer: which addresses there are, and the headers that all have, errors too."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any

from csu_news.web.database import NAME

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

# Datasette's own pages; all else of it, debugging pages and lists of files among it, is shut
_STOCK = re.compile(rf"/{NAME}(?:[./].*)?")
_FILES = re.compile(r"/(?:-/)?static/[^?]*")
# <script>…</script>, of Datasette's templates
INLINE = re.compile(r"<script>(.*?)</script>", re.S)
_FACETS = "DATASETTE_ALLOW_FACET = {{ datasette_allow_facet }};"


def stock_policy() -> str:
    """Return the policy of Datasette's own pages: it allows the scripts that their templates hold, by their digests."""
    folder = files("datasette").joinpath("templates")
    names = ("_codemirror_foot.html", "_close_open_menus.html", "table.html")
    texts = [text for name in names for text in INLINE.findall(folder.joinpath(name).read_text(encoding="utf-8"))]
    scripts = sorted({text.replace(_FACETS, "DATASETTE_ALLOW_FACET = true;") for text in texts})
    digests = " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return POLICY.replace("script-src 'self'", f"script-src 'self' {digests}").replace(
        "style-src 'self'", "style-src 'self' 'unsafe-inline'"
    )


class Guard:
    """An ASGI application around Datasette's.

    routes  the patterns of our own pages: beside Datasette's pages of the archive, there is nothing else
    """

    def __init__(self, app: App, routes: Sequence[str]) -> None:
        self._app = app
        self._routes = [re.compile(route) for route in routes]
        self._stock_policy = stock_policy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        is_stock = bool(_STOCK.fullmatch(path))
        policy = self._stock_policy if is_stock else POLICY
        guarded = _with_headers(send, policy, cached=bool(_FILES.fullmatch(path)))
        if scope["method"] not in ("GET", "HEAD"):
            await _refuse(guarded, 405, "Here is only something to read.")
        elif is_stock or _FILES.fullmatch(path) or any(route.fullmatch(path) for route in self._routes):
            await self._app(scope, receive, guarded)
        else:
            await self._app(dict(scope, path="/-/nothing", raw_path=b"/-/nothing"), receive, guarded)


def _with_headers(send: Send, policy: str, cached: bool) -> Send:
    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.lower(), value) for name, value in message.get("headers", [])]
            own = {name for name, _ in headers}
            wanted = HEADERS | {"content-security-policy": policy}
            if cached and message["status"] == 200:
                wanted["cache-control"] = "public, max-age=86400"
            headers = [(name, value) for name, value in headers if name.decode() not in HEADERS]
            headers += [
                (name.encode(), value.encode())
                for name, value in wanted.items()
                if name in HEADERS or name.encode() not in own
            ]
            message = {**message, "headers": headers}
        await send(message)

    return guarded


async def _refuse(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"allow", b"GET, HEAD")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
