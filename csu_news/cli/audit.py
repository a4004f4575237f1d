"""`csu-news audit`: whether the archive is complete."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from csu_news.archive import Archive
from csu_news.audit import Audit, ColumnAudit, Hole
from csu_news.cli.output import counted, db_option, json_option, out, print_json, table

SHOWN = 50


@click.command(short_help="Say whether the archive is complete, or name every hole.")
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@db_option
@json_option
def audit(sites: tuple[str, ...], db: Path, as_json: bool) -> None:
    r"""Say whether the archive is complete, or name every hole.

    What the archived pages name by previous and next, and what the lists name and count, is compared with what
    is there. Nothing is written or asked for; a crawl may be running. Leaves with 1 unless all is there. The
    fingerprint is the same for all who hold the same articles.

    \b
    csu-news audit
    csu-news audit csu-en --json
    """
    with Archive(db) as archive:
        found = archive.audit(*sites)
    if as_json:
        print_json(found.as_dict())
    else:
        _print(found, "" if db == Path("data/csu_news.db") else f" --db {shlex.quote(str(db))}")
    click.get_current_context().exit(0 if found.verdict == "complete" else 1)


def _print(found: Audit, where: str) -> None:
    out.print(_verdict(found), style="bold", markup=False)
    if found.columns:
        out.print()
        _print_columns(found)
    gaps = [hole for column in found.columns for hole in column.gaps]
    _print_holes("missing", gaps)
    _print_holes("the site's own holes", [hole for column in found.columns for hole in column.site_holes])
    _print_remarks(found)
    _print_steps(found, where)
    parsers = ", ".join(map(str, found.parsers)) or "none"
    out.print(f"\nFingerprint of {counted(found.fingerprint.articles, 'live article')}, read by parser {parsers}:")
    out.print(found.fingerprint.sha256)


def _print_steps(found: Audit, where: str) -> None:
    steps = list(dict.fromkeys(_steps(found)))
    if steps:
        out.print("\nWhat to do:")
        for step, command in steps:
            out.print(f"- {step}", markup=False)
            out.print(f"  csu-news {command}{where}", markup=False, soft_wrap=True)


def _verdict(found: Audit) -> str:
    if not found.columns:
        return "Incomplete: nothing has been archived yet."
    if found.verdict == "complete":
        held = counted(sum(column.articles for column in found.columns), "article")
        return f"Complete: {held}, and nothing that the site names is missing."
    reasons = [f"{_name(column)}: {', '.join(column.reasons)}" for column in found.columns if column.reasons]
    return "Incomplete. " + "; ".join(reasons) + "."


def _name(column: ColumnAudit) -> str:
    number = "no column" if column.column_id is None else str(column.column_id)
    return " ".join(filter(None, (column.site, number, column.name)))


def _print_columns(found: Audit) -> None:
    rows = [
        (
            _name(column),
            column.articles,
            column.listed and column.listed.total,
            len(column.chain.segments),
            len(column.gaps),
            len(column.site_holes),
        )
        for column in found.columns
    ]
    out.print(table(("column", "articles", "listed", "pieces", "missing", "site's own"), rows))
    read = [column.listed.read_at for column in found.columns if column.listed and column.listed.read_at]
    if read:
        out.print(f"As the lists were on {min(read)[:10]}.")


def _print_holes(title: str, holes: list[Hole]) -> None:
    if not holes:
        return
    out.print()
    out.print(table((title, "address"), [(_why(hole), _described(hole)) for hole in holes[:SHOWN]]))
    if len(holes) > SHOWN:
        out.print(f"… and {len(holes) - SHOWN:,} more: --json names all.")


def _why(hole: Hole) -> str:
    return f"{hole.why}\nsince {hole.since[:10]}" if hole.since else hole.why


def _described(hole: Hole) -> str:
    how = {"list": "listed on {}", None: "known from {}", "redirect": "{} leads there"}.get(hole.rel, "{} of {}")
    named = how.format(*([hole.source] if how.count("{}") == 1 else [hole.rel, hole.source])) if hole.source else None
    what = {"part": "A part of an article.", "list": "A list page."}.get(hole.kind)
    return "\n".join(filter(None, (hole.url, what, hole.detail if hole.why != "gone" else None, named)))


def _print_remarks(found: Audit) -> None:
    """Print what is odd about the chain as the site prints it: nothing is missing for that."""
    rows = [row for column in found.columns for row in _remarks(column)]
    if rows:
        out.print()
        out.print(table(("odd, not missing", "column", "count", "for example"), rows))


def _remarks(column: ColumnAudit) -> Iterator[tuple[str, str, int, str]]:
    chain = column.chain
    kinds = {
        "link not returned": [link.target for link in chain.one_way],
        "same neighbour twice": [target for _, target, _ in chain.forks],
        "ring": [ring[0] for ring in chain.cycles],
        "dates against order": [older for older, _ in chain.inversions],
        "without links": chain.orphans,
    }
    for kind, urls in kinds.items():
        if urls:
            yield kind, str(column.column_id), len(urls), urls[0]
    if column.listed and column.listed.shortfall and not column.listed.is_whole:
        yield "list counts more", str(column.column_id), column.listed.shortfall, column.listed.url


def _steps(found: Audit) -> Iterator[tuple[str, str]]:
    """Yield what to do and the command for it."""
    for column in found.columns:
        crawl = f"crawl {column.site}"
        whys = {hole.why for hole in column.gaps}
        if whys & {"never fetched", "not stored"} or (column.listed and column.listed.shortfall):
            yield "The next crawl looks for what is missing:", crawl
        if due := min((hole.due_at or "" for hole in column.gaps if hole.why in ("failing", "refused")), default=""):
            yield f"What fails is tried again by a crawl after {due}; see:", "findings"
        if "never crawled" in column.reasons or "nothing archived" in column.reasons:
            yield f"Give the address of an article or a list of column {column.column_id}:", "crawl URL"
        if any("no list" in reason for reason in column.reasons):
            yield f"Give the address of the list of column {column.column_id}:", "crawl URL"
    if not found.columns:
        yield "Archive a site first:", "crawl"
