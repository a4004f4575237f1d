"""A plan as a systemd user unit and its timer: systemd.service(5), systemd.exec(5), systemd.timer(5)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from csu_news.errors import UsageError
from csu_news.files import replace_file
from csu_news.schedule.interval import HOUR
from csu_news.schedule.plan import Plan

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# What a user's own service manager cannot do without root (dropping capabilities, devices) is not asked for: such a
# unit would not start. PrivateUsers= is what makes the mounts below work there.
SERVICE = """\
[Unit]
Description=Crawl into {description}

[Service]
Type=oneshot
ExecStart={command}
{environment}# 75: another crawl holds the archive; 130: stopped, everything is saved
SuccessExitStatus=75 130
Nice=10
MemoryMax=2G
NoNewPrivileges=yes
PrivateUsers=yes
{private_tmp}ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={writable}
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
"""

TIMER = """\
[Unit]
Description=Crawl into {description}, {every}

[Timer]
{when}
RandomizedDelaySec={jitter}min
Persistent=yes

[Install]
WantedBy=timers.target
"""

TEMPORARY = (Path("/", "tmp"), Path("/var/tmp"))

# a word that needs no quotes in a unit: --db, /srv/news.db, csu-en
PLAIN = re.compile(r"[A-Za-z0-9_@+=:,./-]+", re.ASCII)


def unit_files(plan: Plan) -> dict[str, str]:
    """Return the text of the service and of its timer by file name."""
    description = str(plan.db).replace("%", "%%")
    service = SERVICE.format(
        description=description,
        command=" ".join(quoted(word).replace("$", "$$") for word in plan.command),
        environment="".join(f"Environment={quoted(f'{name}={value}')}\n" for name, value in plan.environment if value),
        private_tmp="" if _uses_tmp(plan) else "PrivateTmp=yes\n",
        writable=" ".join(map(quoted_path, plan.writable)),
    )
    timer = TIMER.format(
        description=description,
        every=f"every {plan.minutes} minutes"
        if plan.minutes % HOUR or plan.minutes == HOUR
        else f"every {plan.minutes // HOUR} hours",
        when=_when(plan),
        jitter=max(1, min(plan.minutes // 20, HOUR)),
    )
    return {f"{plan.name}.service": service, f"{plan.name}.timer": timer}


def _uses_tmp(plan: Plan) -> bool:
    """Tell whether the archive or the program lies where PrivateTmp= would put an empty folder."""
    paths = (*plan.writable, Path(plan.command[0]))
    return any(path.is_relative_to(folder) for path in paths for folder in TEMPORARY)


def quoted(word: str) -> str:
    r"""Return a word of a command line as a unit has it.

    >>> quoted("/srv/news.db"), quoted("100% sure"), quoted('say "a\\b"')
    ('/srv/news.db', '"100%% sure"', '"say \\"a\\\\b\\""')
    """
    if PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def quoted_path(path: Path) -> str:
    """Return a folder as ReadWritePaths= has it, where nothing can be escaped; one that is missing is passed over."""
    text = str(path).replace("%", "%%")
    if '"' in text or "\\" in text:
        raise UsageError(f"{path} cannot stand in a unit: rename the folder, or use --cron.")
    return f'"-{text}"' if re.search(r"[\s']", text) else f"-{text}"


def _when(plan: Plan) -> str:
    """Return the timer's times: by the clock where one shows the interval, else from start to start."""
    times = plan.times
    if times is None:
        return f"OnStartupSec=15min\nOnUnitActiveSec={plan.minutes}min"
    hours = ",".join(f"{hour:02}" for hour in times.hours) or "*"
    minutes = ",".join(f"{minute:02}" for minute in times.minutes)
    weekday = "" if times.weekday is None else f"{WEEKDAYS[times.weekday]} "
    return f"OnCalendar={weekday}*-*-* {hours}:{minutes}:00"


def unit_folder() -> Path:
    """Return where a user's own units lie."""
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(config) if Path(config).is_absolute() else Path.home() / ".config") / "systemd" / "user"


def install_units(plan: Plan) -> list[Path]:
    """Write the files, for their owner's eyes only; return their paths."""
    written = [unit_folder() / name for name in unit_files(plan)]
    for path, text in zip(written, unit_files(plan).values(), strict=True):
        replace_file(path, text.encode())
    return written


def installed_units(plan: Plan) -> list[Path]:
    """Return the paths of the plan's files that are there."""
    paths = (unit_folder() / f"{plan.name}.{kind}" for kind in ("service", "timer"))
    return [path for path in paths if path.exists()]


def start_commands(plan: Plan) -> list[list[str]]:
    """Return what makes systemd know the timer and start it."""
    return [_systemctl("daemon-reload"), _systemctl("enable", "--now", f"{plan.name}.timer")]


def stop_commands(plan: Plan) -> list[list[str]]:
    """Return what stops the timer, and, once its files are gone, makes systemd forget it."""
    return [_systemctl("disable", "--now", f"{plan.name}.timer"), _systemctl("daemon-reload")]


def _systemctl(*arguments: str) -> list[str]:
    return ["systemctl", "--user", *arguments]


def failure(commands: list[list[str]]) -> str | None:
    """Run the commands until one fails; return what it said, None if all went well."""
    for command in commands:
        if shutil.which(command[0]) is None:
            return f"there is no {command[0]} here"
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip().rstrip(".") or f"{' '.join(command)} ended with {done.returncode}"
    return None
