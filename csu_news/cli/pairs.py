"""`csu-news pairs`: which articles tell the same in two languages, and a person's word on the doubtful ones."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from csu_news.archive import Archive
from csu_news.archive.candidates import decide_pair, doubtful_pairs, find_candidates, paired
from csu_news.cli.curate import writable
from csu_news.cli.output import counted, db_option, facts, json_option, out, print_json, table
from csu_news.errors import UsageError

BY_REVIEW = "reviewed"
BY_COMMAND = "said on the command line"


@click.command(short_help="List or find which English and Chinese articles belong together.")
@click.option("--find", is_flag=True, help="Look for pairs among the articles that no link pairs.")
@click.option("--review", is_flag=True, help="Show the doubtful pairs one by one, and keep the answers.")
@click.option("--accept", nargs=2, metavar="KEY KEY", help="Say that two articles are a pair.")
@click.option("--reject", nargs=2, metavar="KEY KEY", help="Say that two articles are none.")
@db_option
@json_option
def pairs(
    find: bool,
    review: bool,
    accept: tuple[str, str] | None,
    reject: tuple[str, str] | None,
    db: Path,
    as_json: bool,
) -> None:
    r"""List which English and Chinese articles belong together, and why.

    Links make pairs while crawling; --find compares the rest: pictures, numbers, dates, names. What a person
    says holds against both. --find needs: pip install 'csu-news[pairs]'

    \b
    csu-news pairs --find
    csu-news pairs --review
    csu-news pairs --reject csu-en-2209 csu-zh-15012
    """
    if sum(map(bool, (find, review, accept, reject))) > 1 or (review and as_json):
        raise click.UsageError("Use one of --find, --review, --accept and --reject at a time; --review without --json.")
    if review:
        _review(db)
    elif accept or reject:
        _decide(db, accept or reject or ("", ""), bool(accept), as_json)
    elif find:
        _find(db, as_json)
    else:
        _list(db, as_json)


def _find(db: Path, as_json: bool) -> None:
    with writable(db) as archive:
        found = find_candidates(archive.connection, datetime.now(UTC))
    if as_json:
        print_json(found)
        return
    out.print(
        f"Compared {found['english']:,} English with {found['chinese']:,} Chinese articles:"
        f" {counted(found['accepted'], 'pair')}, and {found['doubtful']:,} that are doubtful."
    )
    if found["doubtful"]:
        out.print("csu-news pairs --review shows them.")


def _decide(db: Path, keys: tuple[str, str], is_pair: bool, as_json: bool) -> None:
    with writable(db) as archive:
        en, zh = decide_pair(archive.connection, *keys, is_pair, BY_COMMAND, datetime.now(UTC))
    if as_json:
        print_json({"en_key": en, "zh_key": zh, "decision": "pair" if is_pair else "apart"})
    else:
        out.print(f"{en} and {zh} are {'a pair' if is_pair else 'no pair'}.", markup=False)


def _list(db: Path, as_json: bool) -> None:
    with Archive(db) as archive:
        known, doubtful = paired(archive.connection), doubtful_pairs(archive.connection)
    if as_json:
        print_json({"pairs": known, "doubtful": doubtful})
        return
    rows = [
        (f"{row['en_key']}\n{row['zh_key']}", f"{row['en_title'] or '–'}\n{row['zh_title'] or '–'}", _evidence(row))
        for row in known
    ]
    if rows:
        out.print(table(("pair", "titles", "evidence"), rows))
    out.print(f"{counted(len(known), 'pair')}; {len(doubtful):,} to be reviewed.")


def _evidence(row: dict[str, Any]) -> str:
    return row["evidence"] if row["score"] is None else f"{row['evidence']} {row['score']:.2f}"


def _review(db: Path) -> None:
    with Archive(db) as archive:
        doubtful = doubtful_pairs(archive.connection)
    if not doubtful:
        out.print("No pair is doubtful: csu-news pairs --find looks for more.")
        return
    skipped = 0
    for number, row in enumerate(doubtful, 1):
        out.print(f"\n{number} of {len(doubtful)}", style="bold")
        out.print(facts(_shown(row)))
        answer = _answer()
        if answer == "q":
            return
        if answer == "s":
            skipped += 1
            continue
        with writable(db) as archive:  # for this answer only: a crawl may come between
            decide_pair(archive.connection, row["en_key"], row["zh_key"], answer == "y", BY_REVIEW, datetime.now(UTC))
    out.print(f"{counted(skipped, 'doubtful pair')} left." if skipped else "No doubtful pair is left.")


def _answer() -> str:
    try:
        return str(click.prompt("The same? yes, no, skip, quit", type=click.Choice(["y", "n", "s", "q"])))
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo()
        raise UsageError("--review asks for an answer to each pair: run it in a terminal.") from None


def _shown(row: dict[str, Any]) -> list[tuple[str, Any]]:
    reasons = [f"{kind} {', '.join(v[:16] for v in values)}" for kind, values in _listed(row["reasons"])]
    return [
        (row["en_key"], f"{row['en_published'] or 'no date'}  {row['en_title']}"),
        ("", row["en_body"].replace("\n\n", "\n")),
        (row["zh_key"], f"{row['zh_published'] or 'no date'}  {row['zh_title']}"),
        ("", row["zh_body"].replace("\n\n", "\n")),
        ("in common", "; ".join(reasons)),
        ("probability", f"{row['score']:.2f}"),
    ]


def _listed(reasons: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(kind, values) for kind, values in reasons.items() if isinstance(values, list)]
