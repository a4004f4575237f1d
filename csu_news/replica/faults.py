"""Faults by name: what servers, firewalls and networks do to a crawler.

A fault gets the request, the page that would have been sent, and its options; it answers, or
writes to the socket itself and closes it. `site.break_(path, name, times, **options)` uses them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

from aiohttp import web

from csu_news.replica import gates
from csu_news.replica.replies import HTML, Reply
from csu_news.replica.wire import WIRE

Fault = Callable[..., Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Plan:
    """A fault set on a path: always, or for `times` more requests."""

    fault: str
    times: int | None = None
    options: dict[str, Any] = field(default_factory=dict)


def take(plans: list[Plan]) -> Plan | None:
    """Return the first plan that still holds and count it down."""
    for plan in plans:
        if plan.times is None:
            return plan
        if plan.times > 0:
            plan.times -= 1
            return plan
    return None


def _answer(status: int, body: bytes, headers: dict[str, str], content_type: str = HTML) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": content_type, **headers})


def _fixed(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Return the fault that always gives this answer."""

    async def answer(request: web.BaseRequest, page: Reply, **options: int) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return _answer(options.get("status", status), body, named)

    return answer


async def _status(request: web.BaseRequest, page: Reply, status: int = 500) -> web.StreamResponse:
    return _answer(status, gates.error(status), {})


async def _later(status: int, request: web.BaseRequest, page: Reply, retry_after: int | str = 1) -> web.StreamResponse:
    return _answer(status, gates.error(status), {"Retry-After": str(retry_after)})


async def _later_at(status: int, request: web.BaseRequest, page: Reply, retry_after: float = 2) -> web.StreamResponse:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=retry_after), usegmt=True)
    return _answer(status, gates.error(status), {"Retry-After": until})


async def _redirect(
    request: web.BaseRequest, page: Reply, to: str = "/index.htm", status: int = 302
) -> web.StreamResponse:
    return _answer(status, b"", {"Location": to})


async def _redirect_loop(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(302, b"", {"Location": request.path_qs})


async def _login(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(302, b"", {"Location": f"/auth/cas/clogin.jsp?url={request.path}"})


async def _html_for_picture(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.FORBIDDEN, {}, page.content_type)


async def _gbk_as_utf8(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, page.body.decode("utf-8-sig").encode("gb18030"), {}, page.content_type)


async def _no_fields(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    """Send the page with its template in place, title and body empty."""
    return _answer(200, gates.without_fields(page.body), {})


async def _no_date(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.without_date(page.body), {}, page.content_type)


async def _teaser(request: web.BaseRequest, page: Reply) -> web.StreamResponse:
    return _answer(200, gates.teaser(page.body), {}, page.content_type)


FAULTS: dict[str, Fault] = {
    "status": _status,
    "503": partial(_later, 503),
    "429": partial(_later, 429),
    "503-date": partial(_later_at, 503),
    "429-date": partial(_later_at, 429),
    "redirect": _redirect,
    "redirect-loop": _redirect_loop,
    "redirect-off-site": _fixed(302, Location="http://elsewhere.invalid/info/1/2.htm"),
    "redirect-private": _fixed(302, Location="http://10.0.0.1/"),
    "login": _login,
    "challenge": _fixed(412, gates.CHALLENGE),
    "challenge-200": _fixed(200, gates.CHALLENGE),
    "challenge-202": _fixed(202, gates.CHALLENGE),
    "cookie-script": _fixed(200, gates.COOKIE_SCRIPT),
    "webber-rasp": _fixed(403, gates.FORBIDDEN, X_Protected_By="WebberRASP"),
    "soft-404": _fixed(200, gates.NO_ARTICLE),
    "no-column": _fixed(200, gates.NO_COLUMN),
    "bad-address": _fixed(200, gates.BAD_ADDRESS),
    "no-permission": _fixed(200, gates.NO_PERMISSION),
    "captcha": _fixed(200, gates.CAPTCHA),
    "html-for-picture": _html_for_picture,
    "gbk-as-utf8": _gbk_as_utf8,
    "empty": _fixed(200),
    "rubbish": _fixed(200, gates.RUBBISH),
    "new-layout": _fixed(200, gates.NEW_LAYOUT),
    "no-fields": _no_fields,
    "no-date": _no_date,
    "teaser": _teaser,
    **WIRE,
}
