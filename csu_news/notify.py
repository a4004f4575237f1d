"""Telling a person, and only when there is a reason: a finding opened or closed, or an error stopped the run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from csu_news.errors import UsageError

COUNTS = ("new", "changed", "gone", "failed", "requests")
LINES = 20


def check_addresses(urls: Sequence[str]) -> None:
    """Find out before a crawl whether it will be able to tell anybody.

    errors  UsageError: an address that apprise does not know, or no apprise
    """
    if not urls:
        return
    try:
        from apprise import Apprise
    except ImportError as error:
        raise UsageError("--notify needs apprise: pip install 'csu-news[notify]'.") from error
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    for url in urls:
        if Apprise.instantiate(url) is None:
            raise UsageError(f"--notify: apprise can send nothing to this address of kind {redacted(url)!r}.")


def redacted(url: str) -> str:
    """Return what of an address may be stored and printed: the rest is full of tokens and passwords.

    >>> redacted("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")
    'discord://…'
    """
    scheme, found, _ = url.partition("://")
    return f"{scheme}://…" if found else "…"


def send(urls: Sequence[str], title: str, body: str) -> list[str]:
    """Send a plain text to each address; return, redacted, those that it could not be sent to."""
    from apprise import Apprise, AppriseAsset, NotifyFormat

    asset = AppriseAsset(app_id="csu_news", app_desc="csu_news", app_url="")
    failed = []
    for url in urls:
        service = Apprise(asset=asset)
        service.add(url)
        if not service.notify(body=body, title=title, body_format=NotifyFormat.TEXT):
            failed.append(redacted(url))
    return failed


def summary(
    results: Sequence[dict[str, Any]], opened: Sequence[dict[str, Any]], closed: Sequence[dict[str, Any]], db: Path
) -> tuple[str, str] | None:
    """Return title and text on the runs, as run_crawl() returns them; None if there is nothing to tell.

    opened, closed  findings, with kind, url and detail
    """
    errors = [result["error"] for result in results if result["error"]]
    if not (errors or opened or closed):
        return None
    happened = [f"{len(found)} {word}" for found, word in ((opened, "opened"), (closed, "closed")) if found]
    title = f"csu_news: {', '.join((['stopped'] if errors else []) + happened)}"
    lines = [f"Error: {error}" for error in errors]
    for result in (result for result in results if "outcome" in result):  # else nothing was begun
        counts = ", ".join(f"{result[name]} {name}" for name in COUNTS)
        lines.append(f"{result['site']}: {result['outcome']}; {counts}")
    lines += [*_listed("Opened", opened), *_listed("Closed", closed), f"Archive: {db}"]
    return title, "\n".join(lines)


def _listed(word: str, findings: Sequence[dict[str, Any]]) -> Iterable[str]:
    for finding in findings[:LINES]:
        where = f" {finding['url']}" if finding["url"] else ""
        yield f"{word}: {finding['kind']}{where}: {' '.join(finding['detail'].split())}"
    if len(findings) > LINES:
        yield f"{word}: {len(findings) - LINES} more"
