"""README.md: what a person reads of a snapshot first."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from csu_news.audit import ColumnAudit
from csu_news.snapshot.facts import Facts
from csu_news.snapshot.package import BY_SITE_AND_YEAR, CITATION, DATABASE, DATASET, PACKAGE, RESOURCES, SUMS

FILES = {name: resource["description"] for name, resource in RESOURCES.items()} | {
    PACKAGE: "The files and columns for programs: a Frictionless Data Package",
    CITATION: "How to cite this",
    SUMS: "The checksums of all files",
}

MISSING_SHOWN = 20


def readme(facts: Facts, partitioned: bool) -> bytes:
    """Return README.md; `partitioned` as of snapshot()."""
    parts = (
        _head(facts),
        _files(partitioned),
        _contents(facts),
        _completeness(facts),
        _findings(facts),
        _left_out(facts),
    )
    return "\n".join((*("".join(f"{line}\n" for line in part) for part in parts), VERIFY)).encode()


def _head(facts: Facts) -> Iterator[str]:
    yield f"# {facts.title}"
    yield ""
    yield f"{_number(facts.articles, 'article')} as the site showed them, archived with csu_news {version('csu-news')}."
    yield ""
    yield f"State of the archive: {facts.as_of or 'empty'}, when a site answered last."
    yield f"Snapshot made: {facts.created_at}."
    yield ""
    yield f"Fingerprint: `{facts.audit.fingerprint.sha256}`"
    yield ""
    parsers = ", ".join(map(str, facts.audit.parsers)) or "none"
    yield f"It is the same for all archives that hold the same live articles, read by the same parser ({parsers}). The"
    yield "articles belong to those who wrote and published them: nothing here gives a right to them."


def _files(partitioned: bool) -> Iterator[str]:
    yield "## Files"
    yield ""
    yield "| file | what it is |"
    yield "| --- | --- |"
    files = FILES | ({f"{DATASET}/": BY_SITE_AND_YEAR} if partitioned else {})
    yield from (f"| `{name}` | {what} |" for name, what in files.items())


def _contents(facts: Facts) -> Iterator[str]:
    yield "## Contents"
    yield ""
    yield "| what | number |"
    yield "| --- | --- |"
    rows = {
        "articles": facts.articles,
        "of these, gone from the site since": facts.gone,
        **{f"in language `{language}`": number for language, number in facts.languages.items()},
        "without a date": facts.undated,
        "revisions": facts.revisions,
        "pairs of translations": facts.pairs,
    }
    yield from (f"| {what} | {number:,} |" for what, number in rows.items())
    yield ""
    yield f"Published from {facts.first or '–'} to {facts.last or '–'}. Sites:"
    yield ""
    yield from (f"- {site['name']}: {site['title'] or site['name']}, <{site['base_url']}>" for site in facts.sites)


def _completeness(facts: Facts) -> Iterator[str]:
    yield f"## Completeness: {facts.audit.verdict}"
    yield ""
    yield "What list pages name and count, and what articles link to, was compared with what is here. Each column is"
    yield "judged as it was when its list was read last."
    yield ""
    yield "| column | articles | listed | missing | gone before they were asked for | verdict |"
    yield "| --- | --- | --- | --- | --- | --- |"
    yield from map(_column, facts.audit.columns)
    gaps = [gap.url for column in facts.audit.columns for gap in column.gaps]
    if gaps:
        yield ""
        yield "Missing (all are in view `chain_gaps`):"
        yield ""
        yield from (f"- <{url}>" for url in gaps[:MISSING_SHOWN])


def _column(column: ColumnAudit) -> str:
    number = "none" if column.column_id is None else column.column_id
    listed = column.listed.total if column.listed and column.listed.total is not None else "–"
    verdict = ", ".join(column.reasons) or column.verdict
    counts = f"{column.articles} | {listed} | {len(column.gaps)} | {len(column.site_holes)}"
    name = (column.name or "").replace("|", "\\|")
    return f"| {column.site} {number} {name} | {counts} | {verdict} |"


def _findings(facts: Facts) -> Iterator[str]:
    yield "## Open findings"
    yield ""
    if not facts.findings:
        yield "None."
        return
    yield "What an archivist is to look at; each is in view `open_findings`."
    yield ""
    yield from (f"- {kind}: {number:,}" for kind, number in facts.findings.items())


def _left_out(facts: Facts) -> Iterator[str]:
    yield "## What is not in here"
    yield ""
    yield f"- The evidence: {_number(facts.warc_files, 'WARC file')}. Table `warc_files` has names and checksums, table"
    yield "  `fetches` and view `citations` file, offset and record of each answer."
    yield f"- Withheld articles: {facts.withheld}. Of each the database has its address and when it was asked for, and"
    yield "  nothing that it says."
    yield "- What is the archivist's own: command lines, notes on findings, decisions and their reasons."


VERIFY = f"""\
## Verify

```sh
sha256sum -c {SUMS}
sqlite3 {DATABASE} "select key || char(9) || content_sha256 from articles where status = 'live' order by key" |
  sha256sum
```

The second line prints the fingerprint. `csu-news audit --db {DATABASE}` gives the verdict again.
"""


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
