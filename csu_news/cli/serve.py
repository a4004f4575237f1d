"""`csu-news serve`: the archive in a browser."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import click

from csu_news.cli.output import db_option, err, json_option, out, print_json
from csu_news.errors import UsageError

NOT_INSTALLED = "The pages need Datasette: pip install 'csu-news[web]'."
WARNING = (
    "Everybody who reaches {host} can read the whole archive, withheld articles excepted, over http. For a public site,"
    " stay on 127.0.0.1 and put a proxy with https before it: docs/web.md."
)


@click.command(short_help="Show the archive in a browser.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; only this machine, by default.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@click.option("--no-sql", is_flag=True, help="Let nobody ask with SQL of his own.")
@db_option
@json_option
def serve(host: str, port: int, no_sql: bool, db: Path, as_json: bool) -> None:
    r"""Serve the archive to a browser: reading, searching, data. It is never changed; a crawl may be writing it.

    \b
    csu-news serve --port 8080
    """
    try:
        from csu_news.web.server import address, listen
        from csu_news.web.server import serve as run
        from csu_news.web.site import ArchiveSite
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("csu_news"):
            raise
        raise UsageError(NOT_INSTALLED) from error
    site = ArchiveSite(db, sql=not no_sql)
    with listen(host, port) as listening:
        if as_json:
            print_json({"url": address(listening)})
        else:
            out.print(f"The archive is at {address(listening)} until Ctrl-C.")
        if not _is_loopback(host):
            err.print(WARNING.format(host=host))
        run(site, listening)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
