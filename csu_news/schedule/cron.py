"""A plan as lines of a crontab: crontab(5)."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess

from csu_news.errors import CsuNewsError, UsageError
from csu_news.schedule.plan import Plan

# no crontab for alice; busybox: can't open 'alice': No such file or directory
NONE_YET = re.compile("no crontab for|No such file")


def cron_lines(plan: Plan) -> str:
    r"""Return the lines of the crontab, between two comments by which they are found again.

    The environment is set even if it is empty: it holds for all lines below, another archive's too.
    errors  UsageError: cron cannot express the interval
    """
    times = plan.times
    if times is None:
        raise UsageError("cron cannot start anything at such an interval: give one that divides a day, or --systemd.")
    minutes = ",".join(map(str, times.minutes))
    hours = ",".join(map(str, times.hours)) or "*"
    weekday = "*" if times.weekday is None else str((times.weekday + 1) % 7)
    command = shlex.join(plan.command).replace("%", r"\%")
    lines = [
        _mark(plan, "begin"),
        *(f'{name}="{_unquotable(value)}"' for name, value in plan.environment),
        f"{minutes} {hours} * * {weekday} {command} 2>&1 | logger -t csu-news",
        _mark(plan, "end"),
    ]
    return "".join(f"{line}\n" for line in lines)


def with_lines(crontab: str, plan: Plan) -> str:
    """Return the crontab with the plan's lines, in place of those it had for the same archive."""
    kept = without_lines(crontab, plan)
    return f"{kept}\n{cron_lines(plan)}" if kept and not kept.endswith("\n") else kept + cron_lines(plan)


def without_lines(crontab: str, plan: Plan) -> str:
    """Return the crontab without the plan's lines; every other line stays as it is."""
    begin, end = f"{_mark(plan, 'begin')}\n", f"{_mark(plan, 'end')}\n"
    lines = crontab.splitlines(keepends=True)
    if (lines.count(begin), lines.count(end)) == (0, 0):
        return crontab
    if (lines.count(begin), lines.count(end)) != (1, 1) or lines.index(begin) > lines.index(end):
        raise CsuNewsError(f"Put the crontab right first: {begin.strip()!r} and {end.strip()!r} are a pair, once each.")
    return "".join(lines[: lines.index(begin)] + lines[lines.index(end) + 1 :])


def read_crontab() -> str:
    """Return the user's crontab; empty if there is none.

    errors  CsuNewsError: there is no cron, or it refuses
    """
    if shutil.which("crontab") is None:
        raise CsuNewsError("There is no crontab command here: install cron, or use --systemd.")
    done = subprocess.run(["crontab", "-l"], capture_output=True, check=False)
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode and not NONE_YET.search(said):
        raise CsuNewsError(f"The crontab cannot be read: {said}.")
    return "" if done.returncode else done.stdout.decode(errors="surrogateescape")


def write_crontab(crontab: str) -> None:
    """Make this the user's crontab.

    errors  CsuNewsError: cron refuses it; the old one stays
    """
    content = crontab.encode(errors="surrogateescape")
    done = subprocess.run(["crontab", "-"], input=content, capture_output=True, check=False)
    if done.returncode:
        raise CsuNewsError(f"The crontab cannot be written: {done.stderr.decode(errors='replace').strip()}.")


def _mark(plan: Plan, side: str) -> str:
    return f"# csu-news schedule of {plan.db}: {side}"


def _unquotable(value: str) -> str:
    """Return a value that stands between double quotes, which a crontab cannot escape."""
    if '"' in value:
        raise UsageError('The address to notify has a quotation mark: write it as "%22".')
    return value
