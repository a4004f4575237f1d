"""`csu-news crawl --notify`: who is told what the run came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from csu_news.archive import Archive
from csu_news.cli.output import err
from csu_news.errors import ArchiveLocked, UsageError
from csu_news.notify import check_addresses, send, summary


def _checked(context: click.Context, parameter: click.Parameter, urls: tuple[str, ...]) -> tuple[str, ...]:
    check_addresses(urls)
    return urls


notify_option = click.option(
    "--notify",
    multiple=True,
    callback=_checked,
    metavar="URL",
    envvar="CSU_NEWS_NOTIFY",
    show_envvar=True,
    help="Tell there, by apprise, what findings opened or closed, or what stopped the run.",
)


@contextmanager
def telling_errors(urls: Sequence[str], db: Path) -> Iterator[None]:
    """Tell, too, what stops a crawl before or beside its run: an archive that cannot be opened, a bug."""
    try:
        yield
    except (UsageError, ArchiveLocked):
        raise
    except Exception as error:
        _send(urls, "csu_news: stopped", f"Error: {error or type(error).__name__}\nArchive: {db.absolute()}")
        raise


def tell(archive: Archive, urls: Sequence[str], results: Sequence[dict[str, Any]]) -> None:
    """Tell what the runs came to, if there is anything to tell."""
    if urls:
        tell_of(urls, results, *archive.findings_of([result["run"] for result in results]), archive.path.absolute())


def tell_of(
    urls: Sequence[str],
    results: Sequence[dict[str, Any]],
    opened: Sequence[dict[str, Any]],
    closed: Sequence[dict[str, Any]],
    where: Path,
) -> None:
    """Tell of runs and findings, if there is anything to tell."""
    if text := summary(results, opened, closed, where):
        _send(urls, *text)


def _send(urls: Sequence[str], title: str, body: str) -> None:
    for url in send(urls, title, body) if urls else ():
        err.print(f"Warning: nobody could be told by {url}", markup=False)
