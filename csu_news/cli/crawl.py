"""`csu-news crawl` and `csu-news demo`."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from csu_news.archive import Archive
from csu_news.cli.cluster import cluster_options
from csu_news.cli.crawling import INTERRUPTED, CrawlOptions, Target, run_crawl
from csu_news.cli.feed import feed_option, write_feeds
from csu_news.cli.notify import notify_option, tell, telling_errors
from csu_news.cli.options import contact_option, delay_option, settings_option, verbose_option
from csu_news.cli.output import counted, db_option, err, json_option, out, print_json, table
from csu_news.cli.progress import CrawlProgress
from csu_news.cli.targets import find_targets, is_loopback, refuse_to_mix
from csu_news.errors import UsageError
from csu_news.notify import redacted

COUNTS = ("articles", "new", "changed", "unchanged", "gone", "failed", "requests", "findings")


@click.command(short_help="Archive what is new or due: a site, or the column of any address.")
@click.argument("targets", metavar="[SITE|URL]...", nargs=-1)
@db_option
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Ask for at most N articles of each site.")
@click.option("--full", is_flag=True, help="Look at every page again, not only at what is due.")
@click.option("--no-media", "media", flag_value=False, default=True, help="Leave out pictures and attachments.")
@delay_option
@click.option(
    "--concurrency", type=click.IntRange(1, 64), metavar="N", help="Requests to a host at once.  [default: 1]"
)
@contact_option
@click.option("--max-requests", type=click.IntRange(1), metavar="N", help="Make at most N requests to each site.")
@click.option("--trigger", default="cli", metavar="TEXT", help="What started the run, for the record.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Language of a site without a profile.")
@click.option(
    "--site-file",
    "site_files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Know a site by its profile in a TOML file; its name is then a SITE.",
)
@verbose_option
@settings_option
@feed_option
@notify_option
@cluster_options
@json_option
def crawl(
    targets: tuple[str, ...],
    db: Path,
    as_json: bool,
    language: str | None,
    feed: Path | None,
    notify: tuple[str, ...],
    site_files: tuple[Path, ...],
    **chosen: Any,
) -> None:
    r"""Archive what is new, and what is due to be looked at again.

    SITE is a profile (see `csu-news sites`); a URL of any article or list page of a VSB site archives
    its column. Stop with Ctrl-C and start again at any time: nothing is lost, nothing is fetched twice.

    \b
    csu-news crawl csu-en --contact mailto:archive@example.org
    csu-news crawl http://127.0.0.1:8000/rczc/zcfg.htm --delay 0
    csu-news crawl --site-file example.toml
    """
    asked = {"targets": targets, "site_files": list(map(str, site_files)), "language": language, **chosen}
    asked |= {"feed": feed and str(feed), "notify": [redacted(url) for url in notify]}
    with telling_errors(notify, db), Archive(db, write=True) as archive:
        _say_repaired(archive)
        wanted = find_targets(archive, targets, language, site_files)
        refuse_to_mix(archive, wanted)
        if not chosen["contact"] and not all(is_loopback(target) for target in wanted):
            err.print("Tell the site's owner who you are: --contact mailto:you@example.org", markup=False)
        options = CrawlOptions(arguments=asked, **chosen)
        results = _crawl(archive, wanted, options)
        write_feeds(archive, feed, results)
        tell(archive, notify, results)
    _report(results, db, as_json)


@click.command(short_help="Archive a small site of our own; needs no network.")
@db_option
@click.option("--articles", type=click.IntRange(1, 200_000), default=200, show_default=True, help="Size of the site.")
@click.option("--serve", is_flag=True, help="Go on serving the site afterwards, to look at and to crawl again.")
@json_option
def demo(db: Path, articles: int, serve: bool, as_json: bool) -> None:
    r"""Archive a small site of our own, served by this command: no network needed.

    \b
    csu-news demo --articles 500
    """
    from csu_news.replica import ReplicaServer, ReplicaSite

    replica = ReplicaSite("en", articles=articles)
    with ExitStack() as stack:
        archive = stack.enter_context(Archive(db, write=True))
        port = _demo_port(archive, replica.profile("http://127.0.0.1/").name)
        server = stack.enter_context(ReplicaServer(replica, port=port, log=False))
        options = CrawlOptions(delay=0.0, trigger="demo", arguments={"articles": articles})
        results = _crawl(archive, [Target(replica.profile(server.url))], options)
        archive.close()
        _report(results, db, as_json)
        if serve:
            err.print(f"The site is at {server.url} until you press Ctrl-C.")
            click.pause("")


def _demo_port(archive: Archive, name: str) -> int:
    """Return the port that the archive knows the demo site by, 0 for any when it is new."""
    others = [site["name"] for site in archive.sites() if site["name"] != name]
    if others:
        raise UsageError(f"{archive.path} is an archive of {others[0]}: choose another file for the demo with --db.")
    site = archive.site(name)
    return urlsplit(site.base_url or "").port or 0 if site else 0


def _crawl(archive: Archive, targets: list[Target], options: CrawlOptions) -> list[dict[str, Any]]:
    with CrawlProgress(archive) as progress:
        return run_crawl(archive, targets, options, progress.on_visit)


def _say_repaired(archive: Archive) -> None:
    for file in archive.repaired:
        err.print(
            f"Sealed {file.name}, which a run that was stopped left open: {file.cut_bytes} torn bytes cut,"
            f" {file.recovered_records} whole records kept.",
            markup=False,
        )


def _report(results: list[dict[str, Any]], db: Path, as_json: bool) -> None:
    """Print what the runs came to and leave with the exit code that says it."""
    total = {name: sum(result[name] for result in results) for name in COUNTS}
    worst = max(results, key=exit_code)
    document = {"run": worst["run"], "outcome": worst["outcome"], **total, "seconds": worst["seconds"]}
    errors = [result["error"] for result in results if result["error"]]
    if errors:
        document["error"] = errors[0]
    if len(results) > 1:
        names = ("run", "site", "outcome", *COUNTS, "seconds")
        document["sites"] = [{name: result[name] for name in names} for result in results]
    if as_json:
        print_json(document)
    else:
        _print_summary(results, db)
    for result in results:
        if result["error"]:
            click.echo(f"Error: {result['error']}", err=True)
        elif _is_empty(result):
            click.echo(f"Error: {_nothing_archived(result, db)}", err=True)
    click.get_current_context().exit(exit_code(worst))


def exit_code(result: dict[str, Any]) -> int:
    """Return 0 when all is done, 1 when something was given up or must be looked at, 130 when interrupted."""
    if result["outcome"] == "interrupted":
        return INTERRUPTED
    return 1 if result["error"] or result["failed"] or result["findings"] or _is_empty(result) else 0


def _is_empty(result: dict[str, Any]) -> bool:
    """Tell whether a run came to its end and the archive holds no article of the site."""
    return result["articles"] == 0 and result["outcome"] in ("complete", "incomplete")


def _nothing_archived(result: dict[str, Any], db: Path) -> str:
    with Archive(db) as archive:
        row = archive.connection.execute(
            "select f.url, detail, 0 as place from findings f where run_id = :run union all"
            " select url, iif(state = 'gone', 'The page is not there.', 'The list names no article.'), 1 from pages"
            " where site = :site and state in ('gone', 'ok') order by place limit 1",
            {"run": result["run"], "site": result["site"]},
        ).fetchone()
    reason = f" {row['url']}: {row['detail']}" if row else ""
    return f"No article was archived.{reason}"


def _print_summary(results: list[dict[str, Any]], db: Path) -> None:
    names = ("site", "outcome", "new", "changed", "gone", "failed", "requests", "seconds")
    out.print(table(names, [[result[name] for name in names] for result in results], short=True))
    articles = sum(result["articles"] for result in results)
    findings = sum(result["findings"] for result in results)
    where = "" if db == Path("data/csu_news.db") else f" --db {shlex.quote(str(db))}"
    held = f"{counted(articles, 'article')} in {db}, their evidence in {db.parent / 'warc'}."
    out.print(f"\n{held}", markup=False, soft_wrap=True)
    with Archive(db) as archive:
        newest = archive.connection.execute(
            "select key from articles order by published desc, news_id desc limit 1"
        ).fetchone()
    steps = [(f"csu-news status{where}", "what the archive holds")]
    if newest:
        steps.append((f"csu-news show {newest['key']}{where}", "read the newest article"))
    if findings and not any(result["error"] for result in results):
        out.print(f"\nTo look at: {counted(findings, 'finding')}.", markup=False)
        with Archive(db) as archive:
            rows = archive.connection.execute(
                "select kind, url, detail from findings where run_id in (select value from json_each(?))"
                " and resolved_at is null order by id limit 20",
                (str([result["run"] for result in results]),),
            ).fetchall()
        out.print(table(("finding", "url", "detail"), [tuple(row) for row in rows]))
    out.print("Next:")
    width = max(len(command) for command, _ in steps)
    for command, what in steps:  # a long path is left to the terminal to wrap, so that it can be copied
        out.print(f"{command:{width}}  {what}", markup=False, soft_wrap=True)
