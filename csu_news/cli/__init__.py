"""The command line: `csu-news`. Composition only: each command calls the module that does the work."""

from __future__ import annotations

import sys
from typing import Any

import click

import csu_news
from csu_news.cli.audit import audit
from csu_news.cli.backup import backup
from csu_news.cli.check import reparse, verify
from csu_news.cli.crawl import crawl, demo
from csu_news.cli.curate import accept, findings, withhold
from csu_news.cli.export import export
from csu_news.cli.look import show, sites
from csu_news.cli.merge import merge
from csu_news.cli.pairs import pairs
from csu_news.cli.probe import probe
from csu_news.cli.revise import diff
from csu_news.cli.schedule import schedule
from csu_news.cli.search import search
from csu_news.cli.serve import serve
from csu_news.cli.snapshot import snapshot
from csu_news.cli.sources import sources
from csu_news.cli.status import status
from csu_news.cli.upgrade import upgrade
from csu_news.errors import CsuNewsError

GROUPS = {
    "Archive": (crawl, demo, probe, sites),
    "Read": (search, show, diff, serve, export, snapshot, sources, pairs),
    "Look after": (status, findings, accept, withhold, schedule),
    "Prove and keep": (audit, verify, reparse, backup, merge, upgrade),
}
"""The commands in the order of `csu-news --help`."""


class Commands(click.Group):
    """Lists commands by purpose; turns expected errors into a sentence and an exit code; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CsuNewsError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(130)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(command.name or "", command.get_short_help_str(200)) for command in commands])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(csu_news.__version__, prog_name="csu-news")
def main() -> None:
    r"""Keep a complete, provable, searchable archive of a university's news.

    \b
    csu-news demo                  see it work on a site of its own
    csu-news crawl                 archive Central South University's news
    csu-news crawl URL             archive the column of any VSB site
    csu-news status                what the archive holds
    csu-news search WORDS          which articles they are in
    csu-news serve                 the archive in a browser
    """


for command in (command for commands in GROUPS.values() for command in commands):
    main.add_command(command)

for command in (main, *main.commands.values()):  # click's sign for lines to be kept, which a raw docstring spells out
    command.help = (command.help or "").replace("\\b\n", "\b\n")
