"""A site's profile in a file of its own, as TOML: each mistake in it is said in one sentence.

base_url = "https://www.example.edu.cn/"  # enough; everything else adds to it or is derived
[[columns]]
column_id = 1014
list_url = "rczc/zcfg.htm"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from csu_news.errors import UsageError
from csu_news.sites import SITES, Column, Labels, Site, unprofiled
from csu_news.urls import is_web_address

Reader = Callable[[Any, str], Any]
"""Makes what a profile holds of a value; the key is for what is said when it cannot."""

LANGUAGES = ("en", "zh")
DEMO = "demo-"
"""How the names of the demo's sites begin: they are kept apart from real ones."""

# csu-en, www.example.edu.cn, 127.0.0.1-8000
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")
# www.example.edu.cn, 127.0.0.1:8000, [::1]:8000
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?", re.I)


class Mistake(ValueError):
    """What is wrong with a profile: key and reason."""


def read_site_file(path: Path) -> Site:
    """Return the profile in a TOML file.

    errors  UsageError: it cannot be read, or says what cannot be; file and key are named
    """
    try:
        return parse_profile(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not written in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}.") from error
    except Mistake as error:
        raise UsageError(f"{path}: {error}") from error


def parse_profile(values: Mapping[str, Any]) -> Site:
    """Return the profile that a table of keys and values describes.

    errors  Mistake
    """
    known = _read(values, _KEYS)
    hosts = known.get("hosts")
    base_url = known.get("base_url") or (f"https://{hosts[0]}/" if hosts else None)
    if base_url is None:
        raise Mistake("base_url is missing: give the site's address, like https://www.example.edu.cn/.")
    made = unprofiled(base_url)
    site = Site(**{"name": made.name.lower(), "hosts": made.hosts} | known | {"base_url": base_url})
    _check_name(site.name)
    if not site.owns(base_url):
        raise Mistake(f"base_url is not on one of the hosts: add {urlsplit(base_url).netloc!r} to them.")
    if both := set(site.hosts) & set(site.former_hosts):
        raise Mistake(f"former_hosts has {min(both)!r}, which is one of its hosts now.")
    _check_columns(site)
    return site


def _read(values: Mapping[str, Any], keys: Mapping[str, Reader], place: str = "") -> dict[str, Any]:
    """Return the values as the keys' readers make them; `place` stands before a key in what is said."""
    read = {}
    for key, value in values.items():
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(keys)}."
            raise Mistake(f"There is no key {place}{key}; {meant}")
        read[key] = keys[key](value, f"{place}{key}")
    return read


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Mistake(f"{key} must be text in quotes, not {_shown(value)}.")
    return value


def _number(value: Any, key: str) -> int:
    if type(value) is not int or not 0 < value < 10**12:
        raise Mistake(f"{key} must be a number like 1014, not {_shown(value)}.")
    return value


def _base_url(value: Any, key: str) -> str:
    url = _text(value, key)
    if not is_web_address(url):
        raise Mistake(f"{key} must be an address like https://www.example.edu.cn/, not {_shown(value)}.")
    parts = urlsplit(url)
    path = parts.path[: parts.path.rfind("/") + 1] or "/"
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def _language(value: Any, key: str) -> str:
    if value not in LANGUAGES:
        raise Mistake(f"{key} must be one of {', '.join(LANGUAGES)}, not {_shown(value)}.")
    return str(value)


def _timezone(value: Any, key: str) -> str:
    try:
        return ZoneInfo(_text(value, key)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Mistake(f"{key} must be a time zone's name like Asia/Shanghai, not {_shown(value)}.") from None


def _host(value: Any, key: str) -> str:
    if not isinstance(value, str) or not _HOST.fullmatch(value):
        raise Mistake(f"{key} must hold hosts like www.example.edu.cn, without scheme or path, not {_shown(value)}.")
    return value.lower()


def _each(read: Reader) -> Reader:
    """Return the reader of a list of such values, which has at least one."""

    def read_all(value: Any, key: str) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value:
            raise Mistake(f"{key} must be a list in [brackets], not {_shown(value)}.")
        return tuple(dict.fromkeys(read(one, key) for one in value))

    return read_all


def _column(value: Any, key: str) -> Column:
    if not isinstance(value, dict):
        raise Mistake(f"{key} must be written as tables, each below a line [[columns]].")
    known = _read(value, _COLUMN_KEYS, f"{key}.")
    if "column_id" not in known:
        raise Mistake(f"{key} has a column without column_id.")
    return Column(**known)


def _labels(value: Any, key: str) -> Labels:
    """Return the labels that all sites have, behind these."""
    if not isinstance(value, dict):
        raise Mistake(f"{key} must be written as a table, below a line [labels].")
    read = _read(value, {field.name: _each(_text) for field in fields(Labels)}, f"{key}.")
    return Labels(**{name: tuple(dict.fromkeys((*words, *getattr(Labels(), name)))) for name, words in read.items()})


_COLUMN_KEYS: dict[str, Reader] = {"column_id": _number, "list_url": _text, "name": _text}
_KEYS: dict[str, Reader] = {
    "name": _text,
    "title": _text,
    "base_url": _base_url,
    "language": _language,
    "timezone": _timezone,
    "owner": _number,
    "columns": _each(_column),
    "hosts": _each(_host),
    "media_hosts": _each(_host),
    "former_hosts": _each(_host),
    "title_suffixes": _each(_text),
    "labels": _labels,
}


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Mistake(f"name must be of small letters, digits, '-' and '.', not {_shown(name)}.")
    if name in SITES or name.startswith(DEMO):
        whose = "the demo" if name.startswith(DEMO) else "a site that csu-news knows already"
        raise Mistake(f"name {name!r} is that of {whose}: choose another.")


def _check_columns(site: Site) -> None:
    seen = set()
    for column in site.columns:
        if column.column_id in seen:
            raise Mistake(f"columns names column {column.column_id} twice.")
        seen.add(column.column_id)
        url = urljoin(site.base_url or "", column.list_url or "")
        if not is_web_address(url) or not site.owns(url):
            raise Mistake(
                f"columns: the list_url {column.list_url!r} of column {column.column_id} is off the site's hosts."
            )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
