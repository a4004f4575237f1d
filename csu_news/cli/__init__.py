"""The command line: `csu-news`. Composition only: each command calls the module that does the work."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

import csu_news
from csu_news.errors import CsuNewsError, UsageError

GROUPS = {
    "Archive": {"crawl": "crawl", "demo": "crawl", "probe": "probe", "sites": "look"},
    "Read": {
        "search": "search",
        "show": "look",
        "diff": "revise",
        "serve": "serve",
        "export": "export",
        "snapshot": "snapshot",
        "sources": "sources",
        "pairs": "pairs",
    },
    "Look after": {
        "status": "status",
        "findings": "curate",
        "accept": "curate",
        "withhold": "curate",
        "schedule": "schedule",
    },
    "Prove and keep": {
        "audit": "audit",
        "verify": "check",
        "reparse": "check",
        "backup": "backup",
        "merge": "merge",
        "upgrade": "upgrade",
    },
}
"""The commands in the order of `csu-news --help`, and the module of each, imported when the command is called."""


class Commands(click.Group):
    """Lists commands by purpose; turns expected errors into a sentence and an exit code; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CsuNewsError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except UnicodeEncodeError as error:
            if error.reason != "surrogates not allowed":  # that is how Python hands over bytes that are no text
                raise
            click.echo("Error: An argument is not in UTF-8.", err=True)
            ctx.exit(UsageError.exit_code)
        except KeyboardInterrupt:
            ctx.exit(130)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in GROUPS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = next((names[cmd_name] for names in GROUPS.values() if cmd_name in names), None)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"csu_news.cli.{module}"), cmd_name)
        command.help = _kept_lines(command.help)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in GROUPS.items():
            with formatter.section(title):
                commands = ((name, self.get_command(ctx, name)) for name in names)
                formatter.write_dl([(name, made.get_short_help_str(200)) for name, made in commands if made])


def _kept_lines(text: str | None) -> str:
    """Return a help text with click's sign for lines to be kept, which a raw docstring spells out."""
    return (text or "").replace("\\b\n", "\b\n")


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


main.help = _kept_lines(main.help)
