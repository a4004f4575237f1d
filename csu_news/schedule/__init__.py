"""A crawl that a timer starts: a systemd user unit with its timer, or a line of crontab.

Modules: `interval` is how often, `plan` what is run and when, `systemd` and `cron` write it down and install it.
"""

from csu_news.schedule import cron, systemd
from csu_news.schedule.interval import interval_minutes
from csu_news.schedule.plan import Plan

__all__ = ["Plan", "cron", "interval_minutes", "systemd"]
