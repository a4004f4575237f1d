"""`csu-news show` and `sites`: what the archive holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.text import Text

from csu_news.archive import Archive
from csu_news.archive.reading import last_decision
from csu_news.cli.output import db_option, facts, json_option, out, print_json, shown, table
from csu_news.errors import UsageError
from csu_news.sites import SITES


@click.command(short_help="Show an article, and where its evidence lies.")
@click.argument("key", metavar="KEY|URL")
@click.option("--withheld", is_flag=True, help="Show it even if it is withheld.")
@db_option
@json_option
def show(key: str, withheld: bool, db: Path, as_json: bool) -> None:
    r"""Show one article, where it came from and where its evidence lies.

    \b
    csu-news show csu-en-2209
    """
    with Archive(db) as archive:
        found = archive.article(key)
        if found is None:
            raise UsageError(f"There is no article {key!r} in {db}: give a key such as csu-en-2209, or its address.")
        if found["status"] == "withheld":
            found["withheld"] = last_decision(archive.connection, found["id"])
    if found["status"] == "withheld" and not withheld:
        _show_withheld(found, as_json)
        return
    if as_json:
        print_json(found)
        return
    out.print(Text(shown(found["title"]), style="bold"))
    out.print(facts(_facts(found)))
    out.print()
    out.print(Text(shown(found["body"]) if found["body"] else "(no text)"))


def _show_withheld(found: dict[str, Any], as_json: bool) -> None:
    """Say that the article is withheld, and nothing of what it says."""
    if as_json:
        print_json({name: found[name] for name in ("key", "url", "site", "status", "withheld")})
        return
    decision = found["withheld"]
    out.print(facts([("key", found["key"]), ("status", f"withheld since {decision['decided_at']}")]))
    out.print(facts([("reason", decision["reason"]), ("url", found["url"])]))
    out.print("--withheld shows it all the same.")


def _status(found: dict[str, Any]) -> str:
    if "withheld" in found:
        return f"withheld since {found['withheld']['decided_at']}: {found['withheld']['reason']}"
    return str(found["status"]) + (f" since {found['gone_at']}" if found["gone_at"] else "")


def _facts(found: dict[str, Any]) -> list[tuple[str, Any]]:
    evidence = found["evidence"] or {}
    media = [f"{item['kind']} {item['name'] or item['alt'] or ''} {item['url']}" for item in found["media"]]
    return [
        ("key", found["key"]),
        ("published", found["published_at"] or found["published"]),
        ("source", "; ".join(found["sources"])),
        ("status", _status(found)),
        ("url", found["url"]),
        ("previous", found["prev_url"]),
        ("next", found["next_url"]),
        ("revisions", found["revision_count"]),
        ("media", "\n".join(media)),
        ("fetched", evidence.get("fetched_at")),
        ("evidence", f"{evidence.get('warc_file')} at {evidence.get('warc_offset')}"),
        ("sha256", evidence.get("payload_sha256")),
    ]


@click.command(short_help="List the sites that can be crawled and those archived.")
@db_option
@json_option
def sites(db: Path, as_json: bool) -> None:
    r"""List the sites that csu-news knows and those in the archive.

    \b
    csu-news sites
    """
    held = {}
    if db.exists():
        with Archive(db) as archive:
            held = {site["name"]: site for site in archive.sites()}
    names = sorted({*SITES, *held})
    rows = [_site_row(name, held.get(name)) for name in names]
    if as_json:
        print_json(rows)
        return
    shown_rows = [
        (row["name"], row["profile"], row["articles"], len(row["columns"].split()), row["base_url"]) for row in rows
    ]
    out.print(table(("site", "profile", "articles", "columns", "address"), shown_rows))


def _site_row(name: str, held: dict[str, Any] | None) -> dict[str, Any]:
    profile = SITES.get(name)
    columns = [column.column_id for column in profile.columns] if profile else []
    if held:
        columns = sorted({*columns, *(column["column_id"] for column in held["columns"])})
    return {
        "name": name,
        "profile": "yes" if profile else "no",
        "articles": held["articles"] if held else 0,
        "columns": ", ".join(map(str, columns)),
        "base_url": profile.base_url if profile else held and held["base_url"],
    }
