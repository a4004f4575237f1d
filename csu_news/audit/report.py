"""What an audit says: the verdict, and behind it each column with its chain, its list and its holes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from csu_news.audit.chain import Chain, OneWay

COMPLETE, INCOMPLETE = "complete", "incomplete"


@dataclass(frozen=True, slots=True)
class Hole:
    """A page that something names and the archive does not hold.

    source   the page that names it; None: known from you, or from an article that is withheld
    rel      how it names it: `prev`, `next`, `list`, `part`, `redirect`, None
    kind     what is missing: `article`, `part` of one, `list` page
    why      `never fetched`, `failing`, `refused`, `not stored`; of the site's own: `gone`, `leads elsewhere`
    detail   what the last answer was
    since    when it was first found so
    due_at   when it is asked for again
    """

    url: str
    source: str | None
    why: str
    rel: str | None = None
    kind: str = "article"
    detail: str | None = None
    since: str | None = None
    due_at: str | None = None

    def as_dict(self) -> dict[str, Any]:
        found = asdict(self)
        return {"url": found.pop("url"), "from": found.pop("source"), **found}


@dataclass(frozen=True, slots=True)
class ListTotal:
    """What a column's list says of itself.

    total      printed on its first page, when that was read last; None: not printed
    shortfall  how many of them neither its pages name nor the archive knows in the column
    read_at    last accepted answer of the first page: the audit speaks of the column as it was then
    is_whole   its other pages were read since the first one changed, so that a shortfall counts
    """

    url: str
    total: int | None = None
    shortfall: int = 0
    read_at: str | None = None
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Digest:
    """A fingerprint over `articles` live articles."""

    sha256: str
    articles: int


@dataclass(slots=True)
class ColumnAudit:
    """One column; `column_id` None: articles whose addresses name no column.

    articles   archived, in any state
    is_column  it is one of those to be archived; else only what other lists name of it is here
    listed     None: no list page of it was ever read
    chain      by address; what concerns withheld articles is left out
    unlisted   those of its orphans that no list names either
    """

    site: str
    column_id: int | None
    name: str | None = None
    articles: int = 0
    is_column: bool = True
    listed: ListTotal | None = None
    chain: Chain[str] = field(default_factory=Chain)
    gaps: list[Hole] = field(default_factory=list)
    site_holes: list[Hole] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    fingerprint: Digest | None = None

    @property
    def reasons(self) -> list[str]:
        """Return why the column is not known to be complete, in a few words each."""
        found = [f"{len(self.gaps)} missing"] if self.gaps else []
        if self.is_column and not self.articles and not self.gaps:
            if self.listed is None:
                found.append("never crawled")
            elif self.site_holes:
                found.append("nothing archived")
        if self.listed and self.listed.shortfall and self.listed.is_whole:
            found.append(f"list counts {self.listed.shortfall} more")
        if self.listed is None and self.is_column:
            found += ["chain in pieces, no list"] if len(self.chain.segments) > 1 else []
            found += ["pair at the chain's end, no list"] if self.chain.open_pairs else []
        return found

    @property
    def verdict(self) -> str:
        return INCOMPLETE if self.reasons else COMPLETE

    def as_dict(self) -> dict[str, Any]:
        chain, listed = self.chain, self.listed
        return {
            "site": self.site,
            "column_id": self.column_id,
            "name": self.name,
            "verdict": self.verdict,
            "reasons": self.reasons,
            "articles": self.articles,
            "listed_total": listed and listed.total,
            "shortfall": listed.shortfall if listed else 0,
            "list_url": listed and listed.url,
            "list_read_at": listed and listed.read_at,
            "direction": chain.direction,
            "segments": [asdict(segment) for segment in chain.segments],
            "gaps": [hole.as_dict() for hole in self.gaps],
            "site_holes": [hole.as_dict() for hole in self.site_holes],
            "one_way": [_one_way(link) for link in chain.one_way],
            "explained": [_one_way(link) | {"why": link.why} for link in chain.explained],
            "forks": [{"url": url, "rel": rel, "from": sources} for rel, url, sources in chain.forks],
            "cycles": chain.cycles,
            "mutual_pairs": chain.pairs,
            "open_pairs": chain.open_pairs,
            "inversions": [{"url": older, "newer": newer} for older, newer in chain.inversions],
            "orphans": [{"url": url, "listed": url not in self.unlisted} for url in chain.orphans],
            "elsewhere": chain.elsewhere,
            "fingerprint": self.fingerprint and self.fingerprint.sha256,
            "live": self.fingerprint.articles if self.fingerprint else 0,
        }


def _one_way(link: OneWay[str]) -> dict[str, Any]:
    return {"from": link.source, "rel": link.rel, "url": link.target}


@dataclass(slots=True)
class Audit:
    """The whole; `parsers` counts live articles by the version of the parser that read them."""

    fingerprint: Digest
    columns: list[ColumnAudit] = field(default_factory=list)
    years: dict[str, Digest] = field(default_factory=dict)
    parsers: dict[int, int] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Return `complete` when there is at least one column, and nothing is missing in any."""
        whole = self.columns and all(column.verdict == COMPLETE for column in self.columns)
        return COMPLETE if whole else INCOMPLETE

    def as_dict(self) -> dict[str, Any]:
        """Return what `csu-news audit --json` prints."""
        return {
            "verdict": self.verdict,
            "fingerprint": self.fingerprint.sha256,
            "live": self.fingerprint.articles,
            "parser_versions": {str(version): count for version, count in self.parsers.items()},
            "columns": [column.as_dict() for column in self.columns],
            "years": [
                {"year": year, "fingerprint": digest.sha256, "live": digest.articles}
                for year, digest in self.years.items()
            ],
        }
