"""Options that several commands which crawl have in common."""

from __future__ import annotations

from collections.abc import Collection

import click


def _settings(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Split NAME=VALUE, where there is such a setting: a slip must not leave a limit as it was."""
    known = _known_settings() if values else frozenset()
    split = [value.partition("=") for value in values]
    for name, equals, value in split:
        if not equals or name not in known:
            raise click.BadParameter(f"{name + equals + value!r} is not NAME=VALUE with the name of a setting.")
    return tuple((name, value) for name, _, value in split)


def _known_settings() -> Collection[str]:
    from csu_news.cli.crawling import CrawlOptions, crawl_settings  # Scrapy, which other commands do without

    return crawl_settings(CrawlOptions())


contact_option = click.option(
    "--contact", metavar="TEXT", envvar="CSU_NEWS_CONTACT", help="Who crawls: an address for the site's owner."
)
delay_option = click.option(
    "--delay", type=click.FloatRange(0, 3600), metavar="S", help="Seconds between requests to a host.  [default: 1]"
)
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Show the crawler's log.")
settings_option = click.option(
    "-s",
    "--set",
    "settings",
    callback=_settings,
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a setting for this run, as with `scrapy crawl`; settings.py names them.",
)
dask_option = click.option(
    "--dask", metavar="ADDRESS|local", help="Work on the Dask cluster of the scheduler there, or on workers of our own."
)
