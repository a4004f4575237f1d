"""The architecture, as rules: which module may import which, who owns a library, how large things may grow.

RANKS is the document: a module imports only from ranks above its own in the list (lower numbers), and the
siblings of its own package. A module of csu_news that is not in it fails; some of those named are yet to come.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "csu_news"

RANKS: tuple[tuple[str, ...], ...] = (
    ("errors", "items", "revisions", "files"),  # 0 words and plain data
    (
        "coding",
        "urls",
        "recheck",
        "audit",
        "diff",
        "breaker",
        "beside",
        "alarms",
        "likeness",
        "pairing",
        "chinese",
        "schedule",
        "notify",
        "first_schema",
        "sources",
        "citations",
    ),  # 1 pure tools
    ("text", "sites", "warc", "migrations", "search", "alignment"),  # 2 what to crawl, to look for; evidence; schema
    ("pages", "archive", "warcinfo", "sitefile"),  # 3 the two cores: HTML to items, items to SQLite
    ("judge", "replica", "verify", "cluster"),  # 4 what stands on one of them, without Scrapy
    ("reading",),  # 5 an answer read, here or in a process of its own
    (
        "spiders",
        "reparse",
        "backup",
        "exporters",
        "lenient",
    ),  # 6 the middle of the crawl, its offline twin; the archive given away
    (
        "downloads",
        "frontier",
        "robots",
        "middlewares",
        "pipelines",
        "extensions",
        "probe",
    ),  # 7 Scrapy's components around the spider
    ("web", "snapshot"),  # 8 the archive shown
    ("settings", "__init__"),  # 9 how to crawl (strings only); the public names
    ("cli",),  # 10 commands: composition only
    ("__main__",),  # 11
)

SCRAPY = {
    "spiders",
    "lenient",
    "downloads",
    "frontier",
    "robots",
    "middlewares",
    "pipelines",
    "extensions",
    "probe",
    "exporters",
    "cli",
}
"""The only modules that may know the framework."""

OWNERS = {
    "scrapy": SCRAPY,
    "twisted": SCRAPY,
    "parsel": {"pages", "text"},
    "lxml": {"pages", "text", "exporters"},
    "dateparser": {"pages", "text"},
    "nh3": {"text"},
    "warcio": {"warc"},
    "fastwarc": {"warc", "verify"},
    "bagit": {"backup"},
    "sqlite_utils": {"archive", "migrations"},
    "aiohttp": {"downloads", "replica"},
    "yarl": {"downloads"},
    "feedgen": {"exporters"},
    "pyarrow": {"exporters"},
    "pybtex": {"exporters"},
    "rispy": {"exporters"},
    "wacz": {"exporters"},
    "apprise": {"notify"},
    "opencc": {"chinese"},
    "click": {"cli"},
    "rich": {"cli"},
    "datasette": {"web"},
    "tomlkit": {"probe"},
    "distributed": {"cluster"},
    "scipy": {"pairing"},
    "pypinyin": {"likeness"},
    "uvicorn": {"web"},
    "jinja2": {"web"},
    "markupsafe": {"web"},
}
"""Which modules may import a library; one that is not named here is free to all."""

IMPORTS_NOTHING = {"settings"}
MODULE_LINES = 300
FUNCTION_LINES = 40

FILES = sorted(PACKAGE.rglob("*.py"))
RANK_OF = {name: rank for rank, names in enumerate(RANKS) for name in names}


def shown(path: Path) -> str:
    return str(path.relative_to(PACKAGE.parent))


def module_of(path: Path) -> str:
    """Return the module's name in RANKS: the package's for everything inside one."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), shown(path))


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every import, wherever it stands; import_module("name") counts."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{shown(path)}:{node.lineno}: imports are absolute"
            assert node.module
            whole = node.module != "csu_news"
            yield from ((node.lineno, node.module if whole else f"csu_news.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            assert isinstance(name, ast.Constant), f"{shown(path)}:{node.lineno}: what is imported is not said"
            yield node.lineno, str(name.value).rstrip(".")


def own_target(name: str) -> str | None:
    """Return which module of RANKS a dotted name belongs to; `__init__` for the package's public names."""
    first, _, rest = name.partition(".")
    if first != "csu_news":
        return None
    module = rest.partition(".")[0]
    return module if module in RANK_OF else "__init__"


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_module_has_one_rank() -> None:
    assert {module_of(path) for path in FILES} - RANK_OF.keys() == set()
    assert len(RANK_OF) == sum(len(names) for names in RANKS)


def test_modules_import_only_from_lower_ranks() -> None:
    wrong = []
    for path in FILES:
        own = module_of(path)
        for line, name in imports_of(path):
            target = own_target(name)
            if target not in (None, own) and RANK_OF[target] >= RANK_OF[own]:
                wrong.append(f"{shown(path)}:{line}: {own} imports {name}")
    assert wrong == []


def test_libraries_are_imported_by_their_owners_only() -> None:
    wrong = []
    for path in FILES:
        own = module_of(path)
        for line, name in imports_of(path):
            if own not in OWNERS.get(name.partition(".")[0], {own}):
                wrong.append(f"{shown(path)}:{line}: {own} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("name", sorted(IMPORTS_NOTHING))
def test_imports_nothing(name: str) -> None:
    assert list(imports_of(PACKAGE / f"{name}.py")) == []


def test_framework_stays_in_the_skin() -> None:
    assert min(RANK_OF[name] for name in SCRAPY) > max(RANK_OF[name] for name in ("pages", "archive", "judge"))
    assert not SCRAPY & {"reparse", "verify", "replica", "backup"}


def test_modules_are_short() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{shown(path)}:{node.lineno}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in functions_of(path)
    }
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_declared_libraries_are_those_imported() -> None:
    """What csu_news imports is in pyproject.toml by its own name, and nothing else is."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (lines for name, lines in project["optional-dependencies"].items() if not name.startswith("test"))
    declared = {re.split(r"[^\w.-]", line)[0] for line in chain(project["dependencies"], *extras)}
    names = {name.partition(".")[0] for path in FILES for _, name in imports_of(path)}
    distributions = packages_distributions()
    imported = {
        distributions.get(name, [name])[0].lower()  # an extra may be missing
        for name in names - {"csu_news", *sys.stdlib_module_names}
    }
    assert imported == declared


def test_no_module_is_a_drawer() -> None:
    """Nothing is named after its lack of a concept."""
    assert [shown(path) for path in FILES if path.stem in ("utils", "helpers", "misc", "common")] == []
