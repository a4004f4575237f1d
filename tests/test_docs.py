"""The documents say what the program does: commands, fields, versions and examples are read from them and tried."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from driving import environment

from csu_news.archive import Archive
from csu_news.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
SET_UP = ("pip install . && csu-news demo", "pip install '.[test]' && pytest")

# `csu-news show KEY`
INLINE_COMMAND = re.compile(r"`(csu-news [^`]+)`")
# [docs/fields.md](docs/fields.md), not [x](https://…)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")
# An absolute path of the machine it was written on, or the words of one particular place of work. The brackets
# keep the pattern from finding itself.
ELSEWHERE = re.compile(
    r"(?<![\w.:/*])/(?:w[o]rk|r[o]ot|h[o]me|t[m]p)\b(?!\.)|\bw[o]rkplace\b|\bC[E]O\b|\bissues s[h]ow\b"
)
COMMANDS = main.list_commands(click.Context(main))


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def shell_lines() -> Iterator[str]:
    for text in PAGES.values():
        for block in blocks(text, "sh"):
            yield from block.splitlines()


def csu_news_commands() -> list[list[str]]:
    """Return every `csu-news …` of the documents, as arguments."""
    lines = [part.strip() for line in shell_lines() for part in line.split("&&")]
    lines += [command for text in PAGES.values() for command in INLINE_COMMAND.findall(text)]
    split = (shlex.split(line, comments=True) for line in lines)
    return [words[1:] for words in split if words[:1] == ["csu-news"]]


@pytest.mark.parametrize("line", SET_UP)
def test_readme_has_the_set_up_lines(line: str) -> None:
    assert [line] in [block.splitlines() for block in blocks(README, "sh")]


@pytest.mark.parametrize("words", csu_news_commands(), ids=" ".join)
def test_command_exists_with_its_options(words: list[str]) -> None:
    context = click.Context(main, info_name="csu-news")
    if words[0].startswith("-"):
        assert words[0] in {option for parameter in main.get_params(context) for option in parameter.opts}
        return
    name, command, rest = main.resolve_command(context, words)
    assert command is not None, f"there is no command {name}"
    own = click.Context(command, parent=context, **command.context_settings)
    _, left, _ = command.make_parser(own).parse_args(rest)
    assert left == []


def test_every_command_is_described() -> None:
    named = {words[0] for words in csu_news_commands()}
    assert set(COMMANDS) - named == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_keeps_its_examples_apart(name: str) -> None:
    r"""A literal `\b` in the help means that click never saw the mark."""
    command = main.get_command(click.Context(main), name)
    assert command is not None
    with click.Context(command, info_name=name) as context:
        assert "\\b" not in command.get_help(context)


def documented(heading: str) -> list[str]:
    """Return the first cells of the table below a heading of docs/fields.md."""
    section = PAGES["fields.md"].split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.M)


def test_fields_are_those_of_the_schema(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", write=True) as archive:
        names = archive.connection.execute(
            "select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual')"
            " and name not glob '*sqlite_*'"
        ).fetchall()
        tables = {
            name: [row["name"] for row in archive.connection.execute(f"pragma table_info({name})")] for (name,) in names
        }
        views = [row[0] for row in archive.connection.execute("select name from sqlite_master where type = 'view'")]
    headings = re.findall(r"^## `(\w+)`$", PAGES["fields.md"], re.M)
    assert {name: documented(f"`{name}`") for name in headings} == tables
    assert sorted(documented("Views")) == sorted(views)


def test_changelog_begins_with_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.findall(r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)[0]
    assert newest in ("Unreleased", project["version"])


def tracked() -> list[Path]:
    """Return the project's files, as git knows them."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in files if path.exists()]


def test_no_file_names_a_particular_machine() -> None:
    found = []
    for path in tracked():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{n}: {line.strip()}" for n, line in enumerate(lines, 1) if ELSEWHERE.search(line)
        ]
    assert found == []


def test_links_lead_somewhere() -> None:
    pages = [path for path in tracked() if path.suffix == ".md" and not path.is_symlink()]
    links = [(path, link) for path in pages for link in LINK.findall(path.read_text(encoding="utf-8"))]
    assert links
    assert [(path.name, link) for path, link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("page", sorted(name for name in PAGES if name in ("README.md", "design.md")))
def test_python_examples_run(page: str, demo: Path) -> None:
    for block in blocks(PAGES[page], "python"):
        subprocess.run([sys.executable, "-c", block], cwd=demo, env=environment(), check=True)


@pytest.mark.parametrize("language", ["sh", "python"])
def test_fingerprint_is_recomputed_as_documented(language: str, demo: Path) -> None:
    program = {"sh": ["sh", "-c"], "python": [sys.executable, "-c"]}[language]
    if language == "sh" and not (shutil.which("sqlite3") and shutil.which("sha256sum")):
        pytest.skip("sqlite3 and sha256sum are not installed")
    (block,) = [b for b in blocks(PAGES["design.md"], language) if "status = 'live'" in b]
    done = subprocess.run([*program, block], cwd=demo, env=environment(), check=True, capture_output=True, text=True)
    with Archive(demo / "data" / "csu_news.db") as archive:
        assert done.stdout.split()[0] == archive.audit().fingerprint.sha256


def test_readme_shows_what_the_query_returns(demo: Path) -> None:
    command = next(block for block in blocks(README, "sh") if block.startswith("sqlite3 "))
    shown = README.split(command)[1].split("```")[2].strip()
    _, path, query = shlex.split(command)
    connection = sqlite3.connect(demo / path)
    rows = ["|".join(map(str, row)) for row in connection.execute(query)]
    connection.close()
    assert rows == shown.splitlines()


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("CI"), reason="makes a virtual environment; set CI to run it")
def test_set_up_works_from_a_clean_copy(tmp_path: Path) -> None:
    copy = tmp_path / "csu_news"
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    venv.create(tmp_path / "venv", with_pip=True)
    clean = environment() | {"PATH": f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    clean.pop("PYTHONPATH", None)
    command = f"{SET_UP[0]} --articles 30"
    done = subprocess.run(["sh", "-c", command], cwd=copy, env=clean, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "30 articles in data/csu_news.db" in done.stdout
