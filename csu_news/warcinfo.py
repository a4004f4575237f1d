"""What our warcinfo records say of a run: enough to rebuild a lost database from the WARC files alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from csu_news.errors import EvidenceError
from csu_news.sites import Column, Labels, Site

SITE_FIELD = "csu-news-site"
RUN_FIELD = "isPartOf"

_RUN = re.compile(r"run (\d{1,18})")  # isPartOf: run 12


def site_as_json(site: Site) -> str:
    """Return a profile as one line of ASCII JSON, without what is empty or as every site has it.

    >>> site_as_json(Site(name="x", hosts=("x.example",)))
    '{"name":"x","timezone":"Asia/Shanghai","hosts":["x.example"]}'
    """
    values = {name: value for name, value in asdict(site).items() if value not in (None, ())}
    if site.labels == Labels():
        del values["labels"]
    return json.dumps(values, separators=(",", ":"))


def site_from_json(text: str) -> Site:
    """Return the profile that site_as_json() wrote.

    errors  EvidenceError: it is not one
    """
    known = {field.name for field in fields(Site)}
    try:
        values = {name: _tuples(value) for name, value in json.loads(text).items() if name in known}
        if "columns" in values:
            values["columns"] = tuple(Column(**column) for column in values["columns"])
        if "labels" in values:
            values["labels"] = Labels(**{name: _tuples(words) for name, words in values["labels"].items()})
        return Site(**values)
    except (AttributeError, TypeError, ValueError) as error:
        raise EvidenceError(f"The field {SITE_FIELD} of a warcinfo record is no profile of a site: {error}.") from error


def run_number(info: Mapping[str, str]) -> int | None:
    """Return the number of the run that wrote the file.

    >>> run_number({"isPartOf": "run 12"})
    12
    """
    found = _RUN.fullmatch(info.get(RUN_FIELD, ""))
    return int(found[1]) if found else None


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
