"""What the tests of whole crawls share: real processes, and the archive beside the model."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from csu_news.replica import ReplicaSite

TIMEOUT_S = 120
COMMAND = (sys.executable, "-m", "csu_news")
# the command line with the replica's profiles among those it knows: language and address in turn, then `--`
PROFILED = """
import sys
from csu_news.cli import main
from csu_news.replica import ReplicaSite
from csu_news.sites import SITES
end = sys.argv.index("--")
for language, url in zip(sys.argv[1:end:2], sys.argv[2:end:2]):
    profile = ReplicaSite(language).profile(url)
    SITES[profile.name] = profile
main(sys.argv[end + 1:], prog_name="csu-news")
"""


@dataclass(frozen=True)
class Ran:
    """What a process left: exit code, output, and standard output as JSON when it is."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def environment() -> dict[str, str]:
    """Return this environment without what would change a command's defaults."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CSU_NEWS_")}


def run(*arguments: str, command: Sequence[str] = COMMAND, cwd: Path | None = None, stdin: str | None = None) -> Ran:
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        cwd=cwd,
        env=environment(),
        input=stdin,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


class Inbox:
    """A server that keeps what it is told; `status` is its answer."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 200
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                inbox.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(inbox.status)
                self.end_headers()

            def log_message(self, format: str, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://me:secret@127.0.0.1:{self.server.server_port}/token"

    def take(self) -> list[tuple[str, list[str]]]:
        """Return title and lines of what came since the last time."""
        taken = [(message["title"], message["message"].splitlines()) for message in self.told]
        self.told.clear()
        return taken


@contextmanager
def file_size_limited(size: int) -> Iterator[None]:
    """Let no file grow beyond that: as full as a disk is."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def profiled(*sites: ReplicaSite) -> tuple[str, ...]:
    """Return the command line that knows the profiles of these replicas, which are being served."""
    pairs = [word for site in sites for word in (site.language, site.base_url)]
    return (sys.executable, "-c", PROFILED, *pairs, "--")


def open_database(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def query(path: Path, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
    connection = open_database(path)
    try:
        return [tuple(row) for row in connection.execute(sql, arguments)]
    finally:
        connection.close()


# -- the archive beside the model --------------------------------------------------------------


def modelled(site: ReplicaSite, name: str, columns: Sequence[int] = ()) -> dict[str, dict[str, Any]]:
    """Return by key what the archive should hold of a replica, of all its columns or of these."""
    wanted = columns or [section.column_id for section in site.sections]
    found = (_modelled_article(article, site.base_url) for article in site.articles() if article["column_id"] in wanted)
    return {f"{name}-{article['news_id']}": article for article in found}


def _modelled_article(article: dict[str, Any], base: str) -> dict[str, Any]:
    def link(side: str) -> tuple[str, str] | None:
        found = article[side]
        return (urljoin(base, found["path"]), found["title"]) if found else None

    pages = article["bodies"] if article["parts"] else []
    same = ("news_id", "owner", "column_id", "language", "title", "published", "published_at", "sources", "body")
    return {name: article[name] for name in same} | {
        "url": urljoin(base, article["path"]),
        "prev": link("prev"),
        "next": link("next"),
        "images": [
            (urljoin(base, url), urljoin(base, original) if original else None)
            for url, original in zip(article["images"], article["originals"], strict=True)
        ],
        "attachments": [(urljoin(base, file["path"]), file["name"]) for file in article["attachments"]],
        "parts": [
            (number, urljoin(base, path), body)
            for number, (path, body) in enumerate(zip([article["path"], *article["parts"]], pages, strict=False), 1)
        ],
        "status": "live",
    }


def archived(path: Path, site: str | None = None, *, live: bool = False) -> dict[str, dict[str, Any]]:
    """Return by key what the archive holds, or only what is live, in the shape of modelled()."""
    connection = open_database(path)
    try:
        rows = connection.execute(
            "select * from articles where site = coalesce(?, site) and (status = 'live' or not ?)", (site, live)
        ).fetchall()
        return {row["key"]: _archived_article(connection, row) for row in rows}
    finally:
        connection.close()


def _archived_article(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        return [tuple(found) for found in connection.execute(sql, (row["id"],))]

    def link(side: str) -> tuple[str, str] | None:
        sql = (
            "select to_url, anchor from links join pages on pages.id = from_id"
            f" where article_id = ? and pages.url = '{row['url']}' and rel = '{side}'"
        )
        found = rows(sql)
        assert [url for url, _ in found] == ([row[f"{side}_url"]] if row[f"{side}_url"] else [])
        return found[0] if found else None

    same = ("news_id", "owner", "column_id", "language", "title", "published", "published_at", "body", "url", "status")
    kinds = "from media where article_id = ? and kind = '{}' order by position"
    return {name: row[name] for name in same} | {
        "sources": json.loads(row["sources"]),
        "prev": link("prev"),
        "next": link("next"),
        "images": rows(f"select url, original_url {kinds.format('image')}"),
        "attachments": rows(f"select url, name {kinds.format('attachment')}"),
        "parts": rows(
            "select number, url, body from parts join pages on pages.id = page_id"
            " where parts.article_id = ? order by number"
        ),
    }


def differences(
    path: Path, expected: dict[str, dict[str, Any]], site: str | None = None, *, live: bool = False
) -> list[str]:
    """Return one line for each field in which the archive and the model are not the same."""
    found = archived(path, site, live=live)
    lines = [f"missing: {key}" for key in expected.keys() - found.keys()]
    lines += [f"not in the model: {key}" for key in found.keys() - expected.keys()]
    for key in expected.keys() & found.keys():
        for name, value in expected[key].items():
            if found[key][name] != value:
                lines.append(f"{key} {name}: {found[key][name]!r} is not {value!r}")
    return sorted(lines)
