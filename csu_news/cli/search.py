"""`csu-news search`: the articles that answer a query best."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Unpack

import click
from rich.text import Text

from csu_news.archive import Archive
from csu_news.chinese import has_chinese, is_folding
from csu_news.cli.output import db_option, json_option, out, print_json, shown
from csu_news.cli.selecting import selection_options
from csu_news.errors import UsageError
from csu_news.search import Filters, Hit, Passage, Selection, count, is_searchable
from csu_news.search import search as find

FOLDING = "Traditional characters are not folded: pip install 'csu-news[chinese]'"
MOST_HITS = 1_000_000
WORDLESS = "There is no letter or digit in it to look for."
SHORTER = 'Fewer words or filters find more; OR between two words, or "wor*" for all that begin so, widen a search.'


@click.command(short_help="Find articles by their words, ranked, with passages.")
@click.argument("query")
@selection_options
@click.option("--limit", type=click.IntRange(1, MOST_HITS), default=10, show_default=True, help="So many of the best.")
@db_option
@json_option
def search(query: str, limit: int, db: Path, as_json: bool, **filters: Unpack[Filters]) -> None:
    r"""Find the articles that answer QUERY best, and show the passages that do.

    All words must occur. "Quotes" keep words side by side; AND, OR, NOT, parentheses, wor* and NEAR(a b, 5) work.
    Chinese needs no spaces: each run of characters is looked for as it stands, whatever punctuation is between.

    \b
    csu-news search '"graduate school" Xiangya'
    csu-news search 湘雅医院 --since 2020 --limit 3
    """
    selection = Selection(query, **filters)
    if selection.query is None:
        raise UsageError("There is nothing to look for: give a word, or a phrase in quotes.")
    with Archive(db) as archive:
        number = count(archive.connection, selection)
        hits = list(find(archive.connection, selection, limit))
    hint = _hint(query, number)
    if as_json:
        print_json({"count": number, "results": [_document(hit) for hit in hits]} | ({"hint": hint} if hint else {}))
        return
    for hit in hits:
        _print(hit)
    out.print(f"showing {len(hits):,} of {number:,}" if number else "No article answers that.")
    if hint:
        out.print(Text(hint, style="dim"))


def _hint(query: str, number: int) -> str | None:
    if not is_searchable(query):
        return WORDLESS
    if has_chinese(query) and not is_folding():
        return FOLDING
    return None if number else SHORTER


def _document(hit: Hit) -> dict[str, Any]:
    return {
        "key": hit.key,
        "url": hit.url,
        "title": hit.title,
        "published": hit.published,
        "language": hit.language,
        "source": "; ".join(hit.sources) or None,
        "passage": hit.passage.text,
        "matches": hit.passage.matches,
    }


def _print(hit: Hit) -> None:
    out.print(_styled(hit.heading, "bold") if hit.title else Text("(no title)"))
    facts = (hit.published or "no date", hit.key, "; ".join(hit.sources), hit.status if hit.status != "live" else "")
    out.print(Text("  ".join(shown(fact) for fact in facts if fact), style="dim"))
    out.print(_styled(hit.passage, ""))
    out.print()


def _styled(passage: Passage, style: str) -> Text:
    """Return the passage with its matches underlined, which shows on a terminal only."""
    made, position = Text(style=style), 0
    for start, end in passage.matches:
        made.append(shown(passage.text[position:start]) if start > position else "")
        made.append(shown(passage.text[start:end]), style="bold underline")
        position = end
    return made.append(shown(passage.text[position:]) if position < len(passage.text) else "")
