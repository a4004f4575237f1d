"""`csu-news findings`, `withhold` and `accept`: what a person looks at and decides."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from csu_news.archive import Archive
from csu_news.archive.curation import accept as accept_answer
from csu_news.archive.curation import acknowledge, held_answer, release
from csu_news.archive.curation import withhold as withhold_article
from csu_news.cli.output import db_option, json_option, out, print_json, table
from csu_news.errors import EvidenceError, OlderArchive
from csu_news.items import Outcome
from csu_news.pages import PARSER_VERSION
from csu_news.reparse.reading import Task, read_tasks
from csu_news.sites import Site


@click.command(short_help="List what somebody must look at, or say that you have.")
@db_option
@click.option("--all", "resolved", is_flag=True, help="Those that no longer hold, too.")
@click.option("--ack", type=int, metavar="ID", help="Say that you have looked at this one; needs --note.")
@click.option("--note", metavar="TEXT", help="What you found.")
@json_option
def findings(db: Path, resolved: bool, ack: int | None, note: str | None, as_json: bool) -> None:
    r"""List what somebody must look at, or say that you have.

    A finding is resolved by itself when it no longer holds; one that is acknowledged stays open until then.

    \b
    csu-news findings
    csu-news findings --ack 3 --note "The site moved its list; the new address is in sites.py."
    """
    if (ack is None) != (note is None):
        raise click.UsageError("--ack and --note go together.")
    if ack is not None and note is not None:
        with writable(db) as archive:
            acknowledge(archive.connection, ack, note, datetime.now(UTC))
    with Archive(db) as archive:
        found = archive.findings(resolved=resolved)
    if as_json:
        print_json(found)
    elif found:
        rows = [(str(row["id"]), row["first_seen_at"][:10], row["kind"], _described(row)) for row in found]
        out.print(table(("id", "since", "kind", "what"), rows))
    else:
        out.print("Nothing is to be looked at.")


def _described(row: dict[str, Any]) -> str:
    lines = [row["url"] or "", row["detail"]]
    if row["acknowledged_at"]:
        lines.append(f"Looked at on {row['acknowledged_at'][:10]}: {row['note']}")
    if row["resolved_at"]:
        lines.append(f"Resolved on {row['resolved_at'][:10]}.")
    return "\n".join(filter(None, lines))


@click.command(short_help="Hide an article from readers; its evidence stays.")
@click.argument("key", metavar="KEY|URL")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept with the date.")
@click.option("--release", "is_release", is_flag=True, help="Show the article again.")
@db_option
@json_option
def withhold(key: str, reason: str, is_release: bool, db: Path, as_json: bool) -> None:
    r"""Hide an article from search, views and exports; its evidence and its revisions are kept.

    \b
    csu-news withhold csu-en-2209 --reason "Asked for by the person it names."
    csu-news withhold csu-en-2209 --release --reason "The request was withdrawn."
    """
    if not reason.strip():
        raise click.BadParameter("say why in a word or more.", param_hint="--reason")
    decide = release if is_release else withhold_article
    with writable(db) as archive:
        known = decide(archive.connection, key, reason, datetime.now(UTC))
    if as_json:
        print_json({"key": known, "decision": "release" if is_release else "withhold", "reason": reason})
    else:
        out.print(f"{known} is {'shown again' if is_release else 'withheld'}.", markup=False)


@click.command(short_help="Take what a guard held back for what it is.")
@click.argument("key", metavar="KEY|URL")
@db_option
@json_option
def accept(key: str, db: Path, as_json: bool) -> None:
    r"""Take a page's last answer, which a guard held back, for what it is.

    An article that lost its text gets a revision; a page that says that the article does not exist makes it gone.
    The answer is read from its record: no request is made.

    \b
    csu-news accept csu-en-2209
    """
    with writable(db) as archive:
        held = held_answer(archive.connection, key)
        site = archive.site(held["site"]) or Site(held["site"])
        task = Task(archive.warc_folder / held["file"], held["warc_offset"], held["kind"], site)
        (reading,) = read_tasks([task])
        if reading.record is None:
            raise EvidenceError(reading.error or "The record cannot be read.")
        now = datetime.now(UTC)
        outcome = accept_answer(archive.connection, site, held, reading.record, reading.result, PARSER_VERSION, now)
        article = archive.article(held["url"])
    document = {
        "url": held["url"],
        "accepted": outcome.value,
        "fetched_at": held["fetched_at"],
        "key": article and article["key"],
        "status": article and article["status"],
        "revisions": article and article["revision_count"],
    }
    if as_json:
        print_json(document)
        return
    what = "The page is gone" if outcome is Outcome.GONE else f"Revision {document['revisions']} is stored"
    out.print(f"{document['key'] or document['url']}: {what}, as of {held['fetched_at']}.", markup=False)


def writable(db: Path) -> Archive:
    """Return an archive that exists, open for writing; one of an earlier version is brought up to date."""
    with suppress(OlderArchive):
        Archive(db).close()
    return Archive(db, write=True)
