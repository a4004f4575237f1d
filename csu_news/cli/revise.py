"""`csu-news diff`: what changed between two revisions of an article."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from csu_news.archive import Archive
from csu_news.cli.output import db_option, json_option, out, print_json, shown
from csu_news.diff import ADDED, KEPT, REMOVED, FieldDiff, Hunk, Segment, as_html, compare, is_changed
from csu_news.errors import UsageError

STYLES = {REMOVED: "red strike", ADDED: "green"}
MARKS = {REMOVED: ("[-", "-]"), ADDED: ("{+", "+}")}
CONTEXT = 200
"""Characters of an unchanged stretch that are shown before and after a change."""

PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ max-width: 45rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 serif }}
div {{ white-space: pre-wrap; overflow-wrap: anywhere }}
del {{ color: #a40000; background: #fbe9e9 }} ins {{ color: #00591f; background: #e6f6ea; text-decoration: none }}
</style>
</head>
<body>
<h1>{title}</h1>
{sections}
</body>
</html>"""


@click.command(short_help="Show what changed between two revisions of an article.")
@click.argument("key", metavar="KEY|URL")
@click.option("--from", "first", type=int, metavar="N", help="Older revision.  [default: the one before]")
@click.option("--to", "second", type=int, metavar="M", help="Newer revision.  [default: the last]")
@click.option("--html", "as_page", is_flag=True, help="Print a page of HTML.")
@click.option("--withheld", is_flag=True, help="Also of an article that is withheld.")
@db_option
@json_option
def diff(
    key: str, first: int | None, second: int | None, as_page: bool, withheld: bool, db: Path, as_json: bool
) -> None:
    r"""Show what changed between two revisions of an article: words in English, characters in Chinese.

    \b
    csu-news diff csu-en-2209
    csu-news diff csu-en-2209 --from 1 --to 3 --html > changes.html
    """
    if as_page and as_json:
        raise click.UsageError("--html and --json exclude each other.")
    with Archive(db) as archive:
        article, revisions = archive.article(key), archive.revisions(key)
    if article is None:
        raise UsageError(f"There is no article {key!r} in {db}: give a key such as csu-en-2209, or its address.")
    if article["status"] == "withheld" and not withheld:
        raise UsageError(f"{article['key']} is withheld: --withheld shows it all the same.")
    old, new = _chosen(article["key"], revisions, first, second)
    changes = compare(old, new) if old and new else []
    if as_json:
        print_json(_document(article, old, new, changes))
    elif as_page:
        click.echo(_page(article, old, new, changes))
    else:
        _print(article, old, new, changes)


def _chosen(
    key: str, revisions: list[dict[str, Any]], first: int | None, second: int | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the two revisions to compare; where there are not two, and none was asked for, None for what is not."""
    numbered = {revision["number"]: revision for revision in revisions}
    for number in (first, second):
        if number is not None and number not in numbered:
            has = f"revisions 1 to {len(revisions)}" if len(revisions) > 1 else f"{len(revisions)} revision"
            raise UsageError(f"{key} has no revision {number}: it has {has}.")
    newer = numbered.get(len(revisions) if second is None else second)
    if first is None and newer is not None:
        first = newer["number"] - 1
    return numbered.get(first or 0), newer


def _heading(article: dict[str, Any], old: dict[str, Any] | None, new: dict[str, Any] | None) -> str:
    """Return what is compared, or why nothing is."""
    if new is None:
        return f"{article['key']} has no revision yet: parts of it were not fetched."
    if old is None:
        only = "one revision only" if article["revision_count"] == 1 else f"no revision before {new['number']}"
        return f"{article['key']} has {only}, seen at {new['seen_at']}."
    dates = [f"revision {revision['number']} ({revision['seen_at']})" for revision in (old, new)]
    return f"{article['key']}: {dates[0]} and {dates[1]}"


def _document(
    article: dict[str, Any], old: dict[str, Any] | None, new: dict[str, Any] | None, changes: list[FieldDiff]
) -> dict[str, Any]:
    def facts(revision: dict[str, Any] | None) -> dict[str, Any] | None:
        return revision and {name: revision[name] for name in ("number", "seen_at", "content_sha256")}

    return {
        "key": article["key"],
        "url": article["url"],
        "revisions": article["revision_count"],
        "from": facts(old),
        "to": facts(new),
        "changes": [
            {"field": field, "hunks": [[segment._asdict() for segment in hunk] for hunk in hunks]}
            for field, hunks in changes
        ],
    }


def _print(
    article: dict[str, Any], old: dict[str, Any] | None, new: dict[str, Any] | None, changes: list[FieldDiff]
) -> None:
    out.print(Text(_heading(article, old, new), style="bold"), soft_wrap=True)
    if old and new and not changes:
        out.print("They say the same.")
    for field, hunks in changes:
        text = Text(f"\n{field}\n", style="bold")
        coloured = out.is_terminal and not out.no_color
        text.append_text(_marked(shortened(hunks), coloured))
        out.print(text, soft_wrap=True)


def _marked(hunks: list[Hunk], coloured: bool) -> Text:
    """Return the hunks for a terminal: in colours, or in brackets; control characters are escaped."""
    text = Text(style="not bold")
    for kind, words in (segment for hunk in hunks for segment in hunk):
        before, after = ("", "") if coloured or kind == KEPT else MARKS[kind]
        text.append(f"{before}{shown(words)}{after}", STYLES.get(kind) if coloured else None)
    return text


def shortened(hunks: list[Hunk]) -> list[Hunk]:
    """Return the hunks with what is the same cut to what stands beside a change."""
    last = len(hunks) - 1
    made = []
    for number, hunk in enumerate(hunks):
        if is_changed([hunk]):
            made.append(hunk)
            continue
        text = hunk[0].text
        start = text[:CONTEXT] if number > 0 else ""
        end = text[-CONTEXT:] if number < last else ""
        if len(text) > len(start) + len(end) + 1:
            text = f"{start}…{end}"
        made.append([Segment(KEPT, text)])
    return made


def _page(
    article: dict[str, Any], old: dict[str, Any] | None, new: dict[str, Any] | None, changes: list[FieldDiff]
) -> str:
    """Return a page that needs nothing else; every text in it is escaped."""
    sections = "\n".join(
        f"<section>\n<h2>{escape(field)}</h2>\n<div>{as_html(hunks)}</div>\n</section>" for field, hunks in changes
    )
    if old and new and not changes:
        sections = "<p>They say the same.</p>"
    language = escape(article["language"] or "und")
    return PAGE.format(language=language, title=escape(_heading(article, old, new)), sections=sections)
