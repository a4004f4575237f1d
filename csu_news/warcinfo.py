"""What our warcinfo records say of a run: enough to rebuild a lost database from the WARC files alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from csu_news.errors import EvidenceError
from csu_news.sites import Site, site_from_json

SITE_FIELD = "csu-news-site"
RUN_FIELD = "isPartOf"

_RUN = re.compile(r"run (\d{1,18})")  # isPartOf: run 12


def profile(info: Mapping[str, str]) -> Site | None:
    """Return the profile of the site that the file holds; None if it does not say.

    errors  EvidenceError: what it says is no profile
    """
    if SITE_FIELD not in info:
        return None
    try:
        return site_from_json(info[SITE_FIELD])
    except ValueError as error:
        raise EvidenceError(f"The field {SITE_FIELD} of a warcinfo record is no profile of a site: {error}.") from error


def run_number(info: Mapping[str, str]) -> int | None:
    """Return the number of the run that wrote the file.

    >>> run_number({"isPartOf": "run 12"})
    12
    """
    found = _RUN.fullmatch(info.get(RUN_FIELD, ""))
    return int(found[1]) if found else None
