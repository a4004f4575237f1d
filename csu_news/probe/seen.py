"""A page that a first look has seen."""

from __future__ import annotations

from typing import NamedTuple

from csu_news.items import Visit
from csu_news.pages.survey import Survey


class Seen(NamedTuple):
    visit: Visit
    survey: Survey = Survey()
