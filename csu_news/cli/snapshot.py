"""`csu-news snapshot`: the archive as a folder to publish and to cite."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from csu_news.archive import Archive
from csu_news.cli.output import counted, db_option, err, facts, json_option, out, print_json, size, table
from csu_news.errors import UsageError

if TYPE_CHECKING:
    from csu_news.snapshot import Summary


def _moment(context: click.Context, parameter: click.Parameter, text: str | None) -> datetime:
    """Return the time that is given, in ISO 8601 or in seconds since 1970; else now."""
    if text is None:
        return datetime.now(UTC)
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{text!r} is no time: write 2026-03-01T12:00:00Z, or seconds since 1970.") from None


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@db_option
@click.option(
    "--created",
    callback=_moment,
    envvar="SOURCE_DATE_EPOCH",
    show_envvar=True,
    metavar="TIME",
    help="State this time of creation, instead of now.",
)
@click.option("--partitioned", is_flag=True, help="Write a Parquet data set by site and year, too.")
@json_option
def snapshot(folder: Path, db: Path, created: datetime, partitioned: bool, as_json: bool) -> None:
    r"""Write the archive into a new folder DIR, to publish and to cite.

    It holds the database, all articles as Parquet, CSV and JSON Lines, a Data Package, CITATION.cff, a README with
    counts and verdict, and SHA256SUMS. Nothing of withheld articles but their address is in it. A crawl may be
    running. One state of the archive gives the same bytes, but for the time of creation.

    \b
    csu-news snapshot news-2026-03
    csu-news snapshot news-2026-03 --partitioned
    """
    from csu_news.snapshot import snapshot as write_snapshot

    with Archive(db) as archive, err.status("snapshot") as status:
        summary = write_snapshot(archive, folder, created, status.update, partitioned=partitioned)
    if as_json:
        print_json(summary.as_dict())
    else:
        _print(summary)


def _print(summary: Summary) -> None:
    out.print(table(("file", "size"), [(name, size(file.size_bytes)) for name, file in summary.files.items()]))
    found = summary.facts
    out.print()
    out.print(
        facts(
            (
                ("snapshot", summary.folder),
                ("title", found.title),
                ("articles", found.articles),
                ("withheld", found.withheld),
                ("completeness", found.audit.verdict),
                ("findings", f"{counted(sum(found.findings.values()), 'open finding')}"),
                ("fingerprint", found.audit.fingerprint.sha256),
            )
        )
    )
