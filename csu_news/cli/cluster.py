"""`csu-news crawl --dask`: many sites on many machines, each into an archive of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from pathlib import Path
from shlex import quote
from typing import Any

import click
from rich.progress import MofNCompleteColumn

from csu_news.archive import Archive
from csu_news.cli.check import progress_bar, show_progress
from csu_news.cli.feed import write_feeds
from csu_news.cli.notify import tell_of, telling_errors
from csu_news.cli.options import dask_option
from csu_news.cli.output import counted, err, out, print_json, table
from csu_news.cli.targets import read_site_files
from csu_news.cluster import SiteTask, connected, crawl_sites, what_it_waits_for
from csu_news.errors import ArchiveError, UsageError
from csu_news.sitefile import read_site_file
from csu_news.sites import SITES, Site

SITES_AT_ONCE = 4
"""Of each worker of our own: a crawl waits a second for each page, and works for a hundredth."""
COUNTS = ("articles", "new", "changed", "unchanged", "gone", "failed", "requests", "findings")
WORST = (0, 75, 1, 2, 130)


def cluster_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what `csu-news crawl` takes to crawl on a cluster."""

    @dask_option
    @click.option(
        "--all-sites", is_flag=True, help="With --dask: every site that a profile or an archive in DIR knows."
    )
    @click.option(
        "--archives",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("data/sites"),
        show_default=True,
        metavar="DIR",
        help="With --dask: where each site has its archive, DIR/SITE/news.db.",
    )
    @wraps(command)
    def either(dask: str | None, all_sites: bool, archives: Path, **asked: Any) -> None:
        if dask is None:
            if all_sites:
                raise UsageError("--all-sites goes with --dask: name the sites that one archive is to hold.")
            command(**asked)
        else:
            crawl_on_cluster(dask, archives, all_sites, **asked)

    return either


def crawl_on_cluster(
    address: str,
    folder: Path,
    all_sites: bool,
    targets: Sequence[str],
    site_files: Sequence[Path],
    feed: Path | None,
    notify: Sequence[str],
    **asked: Any,
) -> None:
    """Crawl the sites on a cluster, print what each came to, and leave with the exit code of the worst."""
    if asked["language"]:
        raise UsageError("--language does not go with --dask: name it in a --site-file.")
    with telling_errors(notify, folder):
        read_site_files(None, site_files)  # each on hosts of its own
        files = {read_site_file(path).name: path for path in site_files}
        tasks = list(_tasks(folder.absolute(), _names(folder, files, targets, all_sites), files, _arguments(asked)))
        if not tasks:
            raise UsageError("There is no site to crawl: name one, give a --site-file, or say --all-sites.")
        with connected(address, SITES_AT_ONCE) as client, progress_bar(MofNCompleteColumn()) as bar:
            if waits := what_it_waits_for(client, address):
                err.print(waits, markup=False, soft_wrap=True)
            show = partial(show_progress, bar, bar.add_task("sites", total=len(tasks)))
            results = crawl_sites(client, tasks, show)
        if unshared := _unshared(tasks, results):
            err.print(unshared, markup=False, soft_wrap=True)
        if feed or notify:
            _tell(tasks, results, feed, notify, folder)
    if asked["as_json"]:
        total = {name: sum(result.get(name, 0) for result in results) for name in COUNTS}
        print_json(total | {"sites": results})
    else:
        _print(results, folder)
    click.get_current_context().exit(max((result["exit_code"] for result in results), key=WORST.index))


def _unshared(tasks: Sequence[SiteTask], results: Sequence[dict[str, Any]]) -> str | None:
    """Return a sentence if what was crawled is not to be seen here: the next worker would begin from nothing."""
    absent = [task.db for task, result in zip(tasks, results, strict=True) if "run" in result]
    absent = [db for db in absent if not Path(db).exists()]
    return f"{absent[0]} was crawled and is not here: do all machines share the folder?" if absent else None


def _tell(
    tasks: Sequence[SiteTask], results: Sequence[dict[str, Any]], feed: Path | None, notify: Sequence[str], folder: Path
) -> None:
    """Write the feed of each site that was crawled, and tell in one message of those of which there is anything."""
    told, opened, closed = [], list[dict[str, Any]](), list[dict[str, Any]]()
    for task, result in zip(tasks, results, strict=True):
        news = _news(task, result, feed) if "run" in result else ([], [])
        stopped = result["error"] if result["exit_code"] == 1 else None
        if stopped or any(news):
            told.append(result | {"error": stopped and f"{task.site}: {stopped}"})
            opened += news[0]
            closed += news[1]
    tell_of(notify, told, opened, closed, folder.absolute())


def _news(
    task: SiteTask, result: dict[str, Any], feed: Path | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Write the site's feed; return the findings that its run opened and closed. What fails is the result's `error`."""
    try:
        with Archive(Path(task.db)) as archive:
            write_feeds(archive, feed, [result])
            return archive.findings_of([result["run"]])
    except ArchiveError as error:
        result["error"] = result["error"] or str(error)
        return [], []
    finally:
        result["exit_code"] = result["exit_code"] or int(bool(result["error"]))


def _names(folder: Path, files: dict[str, Path], targets: Sequence[str], all_sites: bool) -> list[str]:
    if not all_sites:
        return list(dict.fromkeys(targets or files))
    if targets:
        raise UsageError("--all-sites is all of them: name none beside it.")
    return sorted({*files, *SITES, *(path.parent.name for path in folder.glob("*/news.db"))})


def _tasks(folder: Path, names: list[str], files: dict[str, Path], arguments: tuple[str, ...]) -> Iterator[SiteTask]:
    """Yield a task for each site; one of which no list is known cannot be crawled, which is said."""
    for name in names:
        db = folder / name / "news.db"
        site = _site(name, db, files)
        if not db.exists() and not any(column.list_url for column in site.columns):
            err.print(f"Left out {name}: no list of it is known; crawl the URL of one into {db} once.", markup=False)
            continue
        own = ("--site-file", str(files[name].absolute())) if name in files else ()
        yield SiteTask(name, str(db), (*arguments, *own), tuple(sorted({*site.hosts, *site.media_hosts})))


def _site(name: str, db: Path, files: dict[str, Path]) -> Site:
    if name in files:
        return read_site_file(files[name])
    if name in SITES:
        return SITES[name]
    if db.exists():
        with Archive(db) as archive:
            if site := archive.site(name):
                return site
    raise UsageError(f"There is no site {name!r}: give its --site-file; a URL is crawled once without --dask.")


def _arguments(asked: dict[str, Any]) -> tuple[str, ...]:
    """Return the options that each crawl gets."""
    words = [word for name in ("full", "verbose") if asked[name] for word in (f"--{name}",)]
    words += [] if asked["media"] else ["--no-media"]
    for name in ("limit", "delay", "concurrency", "contact", "max_requests", "trigger"):
        if asked[name] is not None:
            words += [f"--{name.replace('_', '-')}", str(asked[name])]
    for name, value in asked["settings"]:
        words += ["-s", f"{name}={value}"]
    return tuple(words)


def _print(results: list[dict[str, Any]], folder: Path) -> None:
    names = ("site", "outcome", "new", "changed", "gone", "failed", "requests", "seconds")
    out.print(table(names, [[result.get(name) for name in names] for result in results]))
    for result in results:
        if result["error"]:
            click.echo(f"{result['site']}: {result['error']}", err=True)
        elif result.get("findings"):
            seen = f"csu-news findings --db {quote(str(folder / result['site'] / 'news.db'))}"
            out.print(
                f"{result['site']}: {counted(result['findings'], 'finding')}: {seen}", markup=False, soft_wrap=True
            )
    where = f"Each site has its archive in {folder}. One of all: csu-news merge OUT {quote(str(folder))}/*/news.db"
    out.print(f"\n{where}", markup=False, soft_wrap=True)
