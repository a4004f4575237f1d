"""`csu-news probe`: what would be archived of a site, and a profile to begin with."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.text import Text

from csu_news.archive import Archive
from csu_news.cli.crawling import CrawlOptions, Target, run_crawl
from csu_news.cli.options import contact_option, delay_option, settings_option, verbose_option
from csu_news.cli.output import counted, err, facts, json_option, out, print_json, shown, table
from csu_news.cli.targets import is_loopback
from csu_news.errors import SiteError, UsageError
from csu_news.probe.findings import FIELDS, Probe, probed
from csu_news.probe.profile import profile_text
from csu_news.probe.seen import Seen
from csu_news.probe.spider import ProbeSpider
from csu_news.sites import unprofiled
from csu_news.urls import is_web_address

NOT_FOUND = "not found"
SETTINGS = (("CSU_NEWS_RETRY_WAITS_S", ""), ("CSU_NEWS_MAX_WAIT_S", "10"), ("CONCURRENT_REQUESTS", "1"))
"""A look is not worth a second try, nor a long wait."""


@click.command(short_help="Look at a site in six requests, and make a profile of it.")
@click.argument("url", metavar="URL")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the profile to a file, which must not exist yet.",
)
@click.option("--language", type=click.Choice(["en", "zh"]), help="Language of the site, for the profile.")
@contact_option
@delay_option
@verbose_option
@settings_option
@json_option
def probe(url: str, output: Path | None, language: str | None, as_json: bool, **chosen: Any) -> None:
    r"""Look at a site: what would be archived of it, field by field, and a profile to begin with.

    URL is its home page, a list or an article. At most six pages are asked for, as politely as by a
    crawl: robots.txt, the page itself, one list, three articles. Nothing is kept.

    \b
    csu-news probe https://www.example.edu.cn/ -o example.toml
    csu-news crawl --site-file example.toml
    """
    _check(url, output)
    target = Target(unprofiled(url, language), (url,))
    if not chosen["contact"] and not is_loopback(target):
        err.print("Tell the site's owner who you are: --contact mailto:you@example.org", markup=False)
    chosen["settings"] = (*chosen["settings"], *SETTINGS)
    found, requests = _look(target, CrawlOptions(media=False, trigger="probe", **chosen))
    profile = None if found.error else profile_text(found)
    if output and profile:
        _write(output, profile)
    if as_json:
        print_json(asdict(found) | {"profile": profile, "requests": requests})
    else:
        _print(found, requests, profile, output)
    if found.error:
        raise SiteError(found.error)


def _check(url: str, output: Path | None) -> None:
    if not is_web_address(url):
        raise UsageError(f"{url!r} is no address to look at: give one like https://www.example.edu.cn/.")
    if output and output.exists():
        raise UsageError(f"{output} exists already: name another file with -o.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}.") from error


def _look(target: Target, options: CrawlOptions) -> tuple[Probe, int]:
    """Crawl a few pages into an archive that is thrown away; return what they come to, and how many requests."""
    seen: list[Seen] = []
    with (
        TemporaryDirectory(prefix="csu-news-probe-") as folder,
        Archive(Path(folder) / "probe.db", write=True) as archive,
    ):
        (result,) = run_crawl(archive, [target], options, spider=ProbeSpider, seen=seen)
        site = next(site for site in archive.sites() if site["name"] == target.site.name)
        lists = {column["column_id"]: column["list_url"] for column in site["columns"]}
        found = probed(target.seeds[0], target.site, seen, lists, result["error"])
    if result["outcome"] == "interrupted":
        raise KeyboardInterrupt
    return found, result["requests"]


def _print(found: Probe, requests: int, profile: str | None, output: Path | None) -> None:
    for article in found.articles:
        out.print(Text(shown(article["url"]), style="bold"))
        out.print(facts((name, _shown(name, article[name])) for name in FIELDS))
        out.print()
    if found.columns:
        names = ("name", "list_url", "total", "looked_at")
        rows = [[str(column["column_id"]), *(_cell(column[name]) for name in names)] for column in found.columns]
        out.print(table(("column", "name", "list", "articles", "looked at"), rows))
    if found.others:
        out.print(f"\nFurther columns are linked to: {', '.join(map(str, found.others))}.", markup=False)
    for trouble in found.troubles:
        out.print(f"\n{trouble}", markup=False)
    kind = "a site of the CMS (VSB)" if found.is_vsb else "no site of the CMS (VSB), as far as seen"
    out.print(f"\nThis is {kind}; {counted(requests, 'request')}.", markup=False)
    if profile and output:
        out.print(f"The profile is in {output}:\ncsu-news crawl --site-file {output}", markup=False)
    elif profile:
        out.print("The profile, for a file (or -o FILE):\n")
        click.echo(profile, nl=False)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return NOT_FOUND if value is None else value


def _shown(name: str, value: Any) -> str:
    """Return a field's value in a line or two."""
    if value is None:
        return NOT_FOUND
    if isinstance(value, list):
        more = f" and {len(value) - 1} more" if len(value) > 1 else ""
        return f"{value[0]}{more}"
    if name == "text":
        start = " ".join(value.split())[:100]
        return f"{len(value):,} characters: {start}…" if len(value) > 100 else str(value)
    return str(value)
