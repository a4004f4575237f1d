"""How commands speak: tables for people, one JSON document for programs, one sentence for errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from csu_news.errors import UsageError


def _named(context: click.Context, option: click.Parameter, path: Path) -> Path:
    if not path.name:
        raise UsageError("--db names no file: give the archive's, like data/csu_news.db.")
    return path


db_option = click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_named,
    default=Path("data/csu_news.db"),
    envvar="CSU_NEWS_DB",
    show_default=True,
    show_envvar=True,
    help="The archive; its WARC files lie in warc/ beside it.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def print_json(document: Any) -> None:
    """Print one JSON document, Chinese as it is."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None, *, short: bool = False
) -> Table:
    """Return a table that fits the terminal; numbers go right, nothing is read as markup.

    short  a row is a line: the widest columns are cut, not wrapped
    """
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    listed = [list(row) for row in rows]
    widths = _widths(columns, listed) if short else [None] * len(columns)
    for number, name in enumerate(columns):
        right = bool(listed) and all(isinstance(row[number], int | float) for row in listed)
        made.add_column(
            name,
            justify="right" if right else "left",
            overflow="ellipsis" if short else "fold",
            no_wrap=right or short,
            max_width=widths[number],
        )
    for row in listed:
        made.add_row(*(Text(shown(value)) for value in row))
    return made


def _widths(columns: Sequence[str], rows: list[list[Any]]) -> list[int | None]:
    """Return how wide columns may be so that a row is a line of the terminal: the widest gives way."""
    widths = [max(cell_len(shown(cell)) for cell in column) for column in zip(columns, *rows, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > out.width and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return list(widths)


def facts(pairs: Iterable[tuple[str, Any]], *, short: bool = False) -> Table:
    """Return two columns: names and values, which are cut to a line if they are to be short."""
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="bold", no_wrap=True, min_width=8 if short else None)
    made.add_column(overflow="ellipsis" if short else "fold", no_wrap=short)
    for name, value in pairs:
        made.add_row(name, Text(shown(value)))
    return made


def shown(value: Any) -> str:
    """Return a value as people read it; control characters are escaped."""
    if value is None or value == "":
        return "–"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = str(value)
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def counted(number: int, noun: str) -> str:
    """Return a number of things.

    >>> counted(1, "article"), counted(2000, "article")
    ('1 article', '2,000 articles')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one_line(value: Any) -> str:
    """Return a value as one line."""
    return " ".join(shown(value).split())


def took(seconds: float) -> str:
    """Return a length of time in words, in its largest unit.

    >>> took(5), took(90), took(3600), took(200_000), took(-5)
    ('5 seconds', '1 minute', '1 hour', '2 days', '0 seconds')
    """
    left = max(int(seconds), 0)
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if left >= length:
            return counted(left // length, unit)
    return counted(left, "second")


def size(count_bytes: int) -> str:
    """Return a number of bytes for people.

    >>> size(1_536_000)
    '1.5 MB'
    """
    amount = float(count_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def is_terminal() -> bool:
    return sys.stderr.isatty()
