"""The options by which commands choose articles; their names are the fields of Selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--language", metavar="CODE", help="en or zh."),
    click.option("--since", metavar="DATE", help="Published then or later: 2020, 2020-05 or 2020-05-31."),
    click.option("--until", metavar="DATE", help="Published then or earlier; 2020 is all of that year."),
    click.option("--source", metavar="NAME", help="A department or paper, by its name or a spelling of it."),
    click.option("--site", metavar="NAME", help="Of several in the archive, see `csu-news sites`."),
    click.option("--column", type=int, metavar="NUMBER", help="The column's number in addresses: 1083."),
    click.option("--status", type=click.Choice(["live", "gone"]), help="Still on the site, or not.  [default: both]"),
)


def selection_options(command: Command) -> Command:
    """Give a command the filters of a selection."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
