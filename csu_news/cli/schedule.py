"""`csu-news schedule`: a crawl that a timer starts."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from csu_news.archive import Archive
from csu_news.cli.crawl import crawl
from csu_news.cli.feed import feed_option
from csu_news.cli.notify import notify_option
from csu_news.cli.options import contact_option
from csu_news.cli.output import db_option, err, json_option, print_json
from csu_news.cli.targets import find_targets
from csu_news.errors import CsuNewsError, UsageError
from csu_news.schedule import Plan, cron, interval_minutes, systemd


@click.command(
    short_help="Crawl from a systemd timer or cron, for years.", context_settings={"ignore_unknown_options": True}
)
@click.argument("words", metavar="[SITE|URL|CRAWL OPTION]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--every", metavar="INTERVAL", help="How often: 30m, 6h, 1d, 1w.")
@click.option(
    "--systemd", "kind", flag_value="systemd", help="A systemd user unit and timer (the default if it is there)."
)
@click.option("--cron", "kind", flag_value="cron", help="Lines of a crontab.")
@click.option(
    "--install", "action", flag_value="install", help="Set it up for you, in place of what was set up before."
)
@click.option("--remove", "action", flag_value="remove", help="Take it away again.")
@contact_option
@feed_option
@notify_option
@db_option
@json_option
def schedule(
    words: tuple[str, ...],
    every: str | None,
    kind: str | None,
    action: str | None,
    contact: str | None,
    feed: Path | None,
    notify: tuple[str, ...],
    db: Path,
    as_json: bool,
) -> None:
    r"""Print, or set up, what crawls at regular times: a systemd timer, or lines of a crontab.

    One schedule for each archive. Options of `csu-news crawl`, such as --no-media, are passed on to it.

    \b
    csu-news schedule --every 6h csu-en --contact mailto:archive@example.org --install
    csu-news schedule --remove
    """
    if every is None and action != "remove":
        raise UsageError("How often? Give --every, such as --every 6h.")
    db = db.parent.resolve() / db.name
    feed = feed and feed.resolve()
    options = (*(("--contact", contact) if contact else ()), *(("--feed", str(feed)) if feed else ()))
    writable = (*_writable(db), *((feed,) if feed else ()))
    plan = Plan(
        db,
        interval_minutes(every or "1d"),
        _command(db, (*options, *words)) if action != "remove" else (),
        writable,
        (("CSU_NEWS_NOTIFY", " ".join(url.replace(" ", "%20") for url in notify)),),
    )
    kind = kind or ("systemd" if shutil.which("systemctl") else "cron")
    if action != "remove" and contact is None:
        err.print("Tell the site's owner who you are: --contact mailto:you@example.org", markup=False)
    ACTIONS[kind, action](plan, as_json)


def _command(db: Path, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the crawl as absolute words, once its own parser has found nothing wrong with them."""
    parsed = crawl.make_context("csu-news crawl", list(words)).params
    if parsed["site_files"]:
        raise UsageError(
            "The archive remembers a profile: crawl once with --site-file, then schedule the site by name."
        )
    if db.exists():
        with Archive(db) as archive:
            find_targets(archive, parsed["targets"], parsed["language"])
    else:
        find_targets(None, parsed["targets"], parsed["language"])
    program = (sys.executable, "-P", "-m", "csu_news", "crawl", "--db", str(db), "--trigger", "timer")
    return (*program, *words)


def _writable(db: Path) -> tuple[Path, ...]:
    """Return the folders that a crawl writes to; the file and its evidence may be links to other disks."""
    linked = (db.resolve().parent, (db.parent / "warc").resolve())
    return (db.parent, *(folder for folder in linked if not folder.is_relative_to(db.parent)))


def _show_systemd(plan: Plan, as_json: bool) -> None:
    _print(systemd.unit_files(plan), as_json, systemd.unit_folder())


def _show_cron(plan: Plan, as_json: bool) -> None:
    _print({"crontab": cron.cron_lines(plan)}, as_json)


def _print(files: dict[str, str], as_json: bool, folder: Path | None = None, installed: bool = False) -> None:
    named = {str(folder / name) if folder else name: text for name, text in files.items()}
    if as_json:
        listed = [{"name": name, "content": text} for name, text in named.items()]
        print_json({"installed": installed, "files": listed})
        return
    click.echo("\n".join(f"# {name}\n{text}" if folder else text for name, text in named.items()), nl=False)
    if not installed:
        err.print("\nThis is what --install sets up; it is not set up now.")


def _install_systemd(plan: Plan, as_json: bool) -> None:
    try:
        plan.db.parent.mkdir(parents=True, exist_ok=True)
        written = systemd.install_units(plan)
    except OSError as error:
        raise CsuNewsError(f"{error.filename} cannot be written: {error.strerror}.") from error
    commands = systemd.start_commands(plan)
    problem = systemd.failure(commands)
    if as_json:
        _print(systemd.unit_files(plan), True, systemd.unit_folder(), installed=problem is None)
    else:
        click.echo("".join(f"Written: {path}\n" for path in written), nl=False)
    if problem:
        raise CsuNewsError(f"The files are written, but nothing starts them: {problem}. {_by_hand(commands)}")
    err.print(f"The log: journalctl --user -u {plan.name}", markup=False, soft_wrap=True)
    err.print("Timers of yours run while you are logged in; for always: loginctl enable-linger", soft_wrap=True)


def _remove_systemd(plan: Plan, as_json: bool) -> None:
    found = systemd.installed_units(plan)
    if not found:
        raise UsageError(f"No timer is set up for {plan.db}.")
    commands = systemd.stop_commands(plan)
    problem = systemd.failure(commands[:1])
    for path in found:
        path.unlink()
    problem = problem or systemd.failure(commands[1:])
    if as_json:
        print_json({"removed": list(map(str, found))})
    else:
        click.echo("".join(f"Removed: {path}\n" for path in found), nl=False)
    if problem:
        raise CsuNewsError(f"The files are removed, but the timer may still run: {problem}. {_by_hand(commands)}")


def _by_hand(commands: list[list[str]]) -> str:
    return f"As the archive's user: {' && '.join(map(shlex.join, commands))}"


def _install_cron(plan: Plan, as_json: bool) -> None:
    cron.write_crontab(cron.with_lines(cron.read_crontab(), plan))
    _print({"crontab": cron.cron_lines(plan)}, as_json, installed=True)
    err.print("In your crontab now. The log: journalctl -t csu-news, or the system's log.")


def _remove_cron(plan: Plan, as_json: bool) -> None:
    before = cron.read_crontab()
    after = cron.without_lines(before, plan)
    if after == before:
        raise UsageError(f"The crontab has no line for {plan.db}.")
    cron.write_crontab(after)
    if as_json:
        print_json({"removed": ["crontab"]})
    else:
        click.echo(f"Removed from the crontab: {plan.db}")


ACTIONS: dict[tuple[str, str | None], Any] = {
    ("systemd", None): _show_systemd,
    ("systemd", "install"): _install_systemd,
    ("systemd", "remove"): _remove_systemd,
    ("cron", None): _show_cron,
    ("cron", "install"): _install_cron,
    ("cron", "remove"): _remove_cron,
}
