"""`csu-news crawl --feed`: an Atom feed of each site, written after the run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click

from csu_news.archive import Archive
from csu_news.errors import UsageError
from csu_news.files import replace_file


def _writable_folder(context: click.Context, parameter: click.Parameter, folder: Path | None) -> Path | None:
    """Find out before the crawl begins whether the feed can be written."""
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise UsageError(f"--feed: nothing can be written to the folder {folder}: {error.strerror}.") from error


feed_option = click.option(
    "--feed",
    type=click.Path(path_type=Path),
    callback=_writable_folder,
    metavar="FOLDER",
    help="Write SITE.atom there: what is new, changed and gone.",
)


def write_feeds(archive: Archive, folder: Path | None, results: list[dict[str, Any]]) -> None:
    """Write the feed of each site crawled, where it says something new; what fails is the result's `error`."""
    if folder is None:
        return
    from csu_news.exporters.atom import atom, event_entry

    for result in results:
        site = archive.site(result["site"])
        assert site is not None
        title = f"{site.title or site.name}: new, changed and gone"
        entries = map(event_entry, archive.events(site.name))
        content = atom(f"urn:csu-news:{site.name}", title, site.base_url or "", entries)
        try:
            replace_file(folder / f"{site.name}.atom", content, mode=0o644)
        except OSError as error:
            result["error"] = result["error"] or f"The feed in {folder} cannot be written: {error.strerror}."
