"""Who takes part: how each archives the replica, and where it left what."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from environments import Missing, environment
from measuring import Usage, run

HERE = Path(__file__).parent
LISTS = {1083: "News.htm", 1085: "Academics.htm"}
REJECTED = "*.png,*.jpg,*.jpeg,*.gif,*.css,*.js,*.pdf,*.docx,*DownloadAttachUrl*"


@dataclass(frozen=True)
class Task:
    """A replica to archive into an empty folder; `urls` is a file of the addresses of its articles."""

    url: str
    folder: Path
    urls: Path

    @property
    def db(self) -> Path:
        return self.folder / "articles.db"

    @property
    def log(self) -> Path:
        """Where what is printed goes: beside the folder, so that it does not count as what is stored."""
        return self.folder.with_suffix(".log")


Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Contestant:
    """`stores`: whether it keeps anything; `slow`: takes minutes for 1,000 articles."""

    name: str
    run: Callable[[Task], Usage]
    version: Callable[[], str]
    stores: bool = True
    slow: bool = False

    def rows(self, task: Task) -> Rows:
        connection = sqlite3.connect(task.db)
        connection.row_factory = sqlite3.Row
        columns = {row["name"] for row in connection.execute("pragma table_info(articles)")}
        source = "source" if "source" in columns else _JOINED
        rows = connection.execute(f"select url, title, published, {source} as source, body from articles").fetchall()
        connection.close()
        return [dict(row) for row in rows]


_JOINED = "(select group_concat(value, ', ') from json_each(sources))"


def csu_news(concurrency: int) -> Callable[[Task], Usage]:
    def crawl(task: Task) -> Usage:
        return run([*csu_news_crawl(task), "--concurrency", str(concurrency)], log=task.log)

    return crawl


def csu_news_crawl(task: Task) -> list[str | Path]:
    profile = task.folder.with_suffix(".toml")
    columns = "".join(f'[[columns]]\ncolumn_id = {n}\nlist_url = "{path}"\n' for n, path in LISTS.items())
    profile.write_text(f'name = "replica"\nbase_url = "{task.url}"\nlanguage = "en"\n{columns}')
    options = ["--site-file", profile, "--db", task.db, "--delay", "0", "--no-media"]
    return [environment("csu_news").python, "-m", "csu_news", "crawl", *options]


def bare(how: str) -> Callable[[Task], Usage]:
    return lambda task: run([environment("csu_news").python, HERE / "bare_spider.py", task.urls, how], log=task.log)


def chain(task: Task) -> Usage:
    lists = [task.url + path for path in LISTS.values()]
    return run([environment("csu_news").python, HERE / "chain_spider.py", task.db, *lists], log=task.log)


def wget_and_trafilatura(task: Task) -> Usage:
    """Mirror without pictures and attachments, as the others leave them out, too."""
    if shutil.which("wget") is None:
        raise Missing("is not installed")
    python = environment("trafilatura").python
    mirror = task.folder / "mirror"
    options = ["--mirror", f"--warc-file={task.folder / 'mirror'}", "-P", mirror, "-nH", "--reject", REJECTED]
    fetched = run(["wget", "-q", *options, task.url], accepted=(0, 8), log=task.log)  # 8: the server sent an error
    read = run([python, HERE / "extract.py", task.db, mirror, task.url], log=task.log)
    return Usage(fetched.wall_s + read.wall_s, fetched.cpu_s + read.cpu_s, max(fetched.peak_mb, read.peak_mb))


def other(module: str, script: str) -> Callable[[Task], Usage]:
    def archive(task: Task) -> Usage:
        return run([environment(module).python, HERE / script, task.db, task.urls], log=task.log)

    return archive


def wget_version() -> str:
    return subprocess.run(["wget", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]


CONTESTANTS = (
    Contestant("csu-news", csu_news(1), lambda: environment("csu_news").version),
    Contestant("csu-news --concurrency 16", csu_news(16), lambda: environment("csu_news").version),
    Contestant("bare Scrapy, default settings", bare("default"), lambda: version("scrapy"), stores=False),
    Contestant("bare Scrapy, tuned", bare("tuned"), lambda: version("scrapy"), stores=False),
    Contestant("naive Scrapy spider", chain, lambda: version("scrapy")),
    Contestant(
        "wget + trafilatura", wget_and_trafilatura, lambda: f"{wget_version()} + {environment('trafilatura').version}"
    ),
    Contestant(
        "news-please", other("newsplease", "news_please.py"), lambda: environment("newsplease").version, slow=True
    ),
    Contestant("Fundus", other("fundus", "fundus_crawl.py"), lambda: environment("fundus").version),
)
