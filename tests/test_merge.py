"""Archives made one: against the archive of a single process, again and again, killed, and where two tell otherwise."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from driving import TIMEOUT_S, environment, file_size_limited, profiled, query, run
from test_archive import LIST, NOON, SITE, Bench, article, listing, url_of
from test_kill import contents
from test_translations import linked_sites

from csu_news.archive import Archive
from csu_news.archive.candidates import decide_pair
from csu_news.archive.curation import acknowledge, merge_source, release, split_source, withhold
from csu_news.archive.findings import open_finding
from csu_news.archive.merging import HOW, merge
from csu_news.errors import ArchiveError, ArchiveLocked, DiskFull, EvidenceError, UsageError
from csu_news.items import Gate, Link, Outcome
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.warc import Exchange

LATER = NOON + timedelta(days=30)


def fingerprint(db: Path) -> str:
    with Archive(db) as archive:
        return archive.audit().fingerprint.sha256


def everything(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, numbers included."""
    names = query(db, "select name from sqlite_master where type = 'table' and name not glob 'articles_fts_*'")
    return {name: sorted(query(db, f"select rowid, * from {name}"), key=repr) for (name,) in names}


class Apart:
    """Two sites that link to each other, each crawled into an archive, and both into `one`."""

    def __init__(self, folder: Path, sites: tuple[ReplicaSite, ReplicaSite]) -> None:
        self.folder, self.sites = folder, sites
        self.en, self.zh, self.one, self.out = (folder / name / "news.db" for name in ("en", "zh", "one", "out"))

    def crawl(self, db: Path, *sites: ReplicaSite) -> None:
        names = [site.profile().name for site in sites]
        ran = run("crawl", *names, "--db", str(db), "--delay", "0", "--json", command=profiled(*self.sites))
        assert ran.code == 0, ran.err


# -- sites crawled apart -----------------------------------------------------------------------


def test_every_table_is_merged(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", write=True) as archive:
        names = archive.connection.execute(
            "select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual')"
            " and name not glob '*sqlite_*'"
        )
        assert {name for (name,) in names} == set(HOW), "merging must say what it does with each table"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    sites = linked_sites(20)
    with ReplicaServer(list(sites)):
        made = Apart(tmp_path_factory.mktemp("apart"), sites)
        for db, chosen in ((made.en, sites[:1]), (made.zh, sites[1:]), (made.one, sites)):
            made.crawl(db, *chosen)
        yield made


@pytest.fixture
def apart(crawled: Apart, tmp_path: Path) -> Apart:
    """Return the archives, for this test alone; the sites are still served."""
    shutil.copytree(crawled.folder, tmp_path / "apart")
    return Apart(tmp_path / "apart", crawled.sites)


def test_merged_archives_are_the_archive_of_one_process(apart: Apart) -> None:
    sources = [str(apart.en), str(apart.zh)]
    before = {name: sha256(Path(name).read_bytes()).hexdigest() for name in sources}
    ran = run("merge", str(apart.out), *sources, "--json")
    assert ran.code == 0, ran.err
    assert [each["articles"] for each in ran.document["merged"]] == [20, 20]
    assert {name: sha256(Path(name).read_bytes()).hexdigest() for name in sources} == before
    expected = contents(apart.one)
    for table, rows in contents(apart.out).items():
        assert rows == expected[table], table
    pairs = "select en_key, zh_key, evidence from translation_pairs order by 1"
    assert query(apart.out, pairs) == query(apart.one, pairs) != []
    assert fingerprint(apart.out) == fingerprint(apart.one)
    assert query(apart.out, "select merged_from from runs order by id") == [("en/news.db 1",), ("zh/news.db 1",)]
    assert not apart.out.with_name("news.db.merging").exists()
    for command in ("verify", "audit"):
        assert run(command, "--db", str(apart.out)).code == 0
    first = everything(apart.out)
    assert run("merge", str(apart.out), *reversed(sources)).code == 0
    assert everything(apart.out) == first, "merging again changes nothing"
    apart.crawl(apart.out, *apart.sites)  # and it can be crawled


@pytest.mark.slow
def test_killed_merge_leaves_the_archive_as_it_was(apart: Apart) -> None:
    assert run("merge", str(apart.out), str(apart.en)).code == 0
    before, chance = everything(apart.out), random.Random(5)
    staging = apart.out.with_name("news.db.merging")
    command = [sys.executable, "-m", "csu_news", "merge", str(apart.out), str(apart.zh)]
    for _ in range(12 if os.environ.get("CI") else 3):
        with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL) as process:
            end = time.monotonic() + TIMEOUT_S
            while not staging.exists() and process.poll() is None and time.monotonic() < end:
                time.sleep(0.001)
            time.sleep(chance.random() / 20)
            process.kill()
        if everything(apart.out) != before:  # it came to its end in time
            break
        with Archive(apart.out, write=True):  # as any later crawl or merge does
            assert not staging.exists()
        assert run("verify", "--db", str(apart.out)).code == 0
    assert run("merge", str(apart.out), str(apart.zh)).code == 0
    assert fingerprint(apart.out) == fingerprint(apart.one)
    assert run("verify", "--db", str(apart.out)).code == 0


def test_archive_that_has_grown_adds_what_is_new(apart: Apart) -> None:
    english, _ = apart.sites
    assert run("merge", str(apart.out), str(apart.en)).code == 0
    english.publish(3)
    english.delete(english.calendar.id_of(19))
    english.edit(english.calendar.id_of(18), title="A title put right")
    apart.crawl(apart.en, english)
    ran = run("merge", str(apart.out), str(apart.en), "--json")
    assert ran.code == 0, ran.err
    (merged,) = ran.document["merged"]
    assert (merged["articles"], merged["runs"], merged["files"]) == (3, 1, 1)
    expected = contents(apart.en)
    for table, rows in contents(apart.out).items():
        assert rows == expected[table], table
    assert run("verify", "--db", str(apart.out)).code == 0


# -- one site crawled twice --------------------------------------------------------------------


class Held(Bench):
    """A bench whose answers have their evidence."""

    def visit(self, url: str, *arguments: Any, **record: Any) -> None:
        body = repr(arguments).encode()
        exchange = Exchange(url, "GET", [], 200, "HTTP/1.1", [], body, self.now)
        file_id, place = self.run.evidence.append(exchange)
        names = ("warc_record_id", "payload_sha1", "payload_sha256")
        held = {name: getattr(place, name) for name in names}
        held |= {"warc_file_id": file_id, "warc_offset": place.offset, "warc_length": place.length}
        super().visit(url, *arguments, **held | record)

    def end(self) -> None:
        self.run.finish()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Held]]:
    """Return a function that makes an archive of that name at a time, its run begun."""
    made: list[Held] = []

    def start(name: str, now: Any = NOON) -> Held:
        bench = Held.__new__(Held)
        bench.path, bench.site, bench.now = tmp_path / name / f"{name}.db", SITE, now
        bench.archive = Archive(bench.path, write=True, clock=lambda: bench.now)
        bench.begin()
        made.append(bench)
        return bench

    yield start
    for bench in made:
        bench.archive.close()


def merged(out: Path, *benches: Bench) -> Path:
    """Merge the archives, twice: the second time must change nothing; return where."""
    for _ in range(2):
        held = everything(out) if out.exists() else None
        with Archive(out, write=True) as archive:
            for bench in benches:
                merge(archive, bench.path)
    if held is not None and len(benches) == 1:
        assert everything(out) == held
    return out


def test_newest_reading_wins_and_all_revisions_are_kept_in_order(make: Callable[..., Held], tmp_path: Path) -> None:
    early, late = make("early"), make("late", NOON + timedelta(days=5))
    early.read(12, 13)
    late.read(12)
    early.end()
    late.visit(url_of(12), article(url_of(12), title="Put right"))
    late.end()
    early.now = NOON + timedelta(days=9)
    early.begin(full=True)
    early.visit(url_of(12), article(url_of(12), title="Put right again"))
    early.end()
    dumps = []
    for order in ([early, late], [late, early]):
        out = tmp_path / f"out-{order[0].path.stem}" / "news.db"
        merged(out, *order)
        once = everything(out)
        merged(out, *order)
        assert everything(out) == once
        assert query(out, "select key, title, revision_count from articles order by key") == [
            ("uni-12", "Put right again", 3),
            ("uni-13", "Title 13", 1),
        ]
        assert query(out, "select number, title, substr(seen_at, 1, 10) from revisions where article_id ="
                     " (select id from articles where key = 'uni-12') order by number") == [
            (1, "Title 12", "2026-03-01"), (2, "Put right", "2026-03-06"), (3, "Put right again", "2026-03-10"),
        ]  # fmt: skip
        times = [at for (at,) in query(out, "select fetched_at from fetches order by id")]
        assert times == sorted(times)
        started = [at for (at,) in query(out, "select started_at from runs order by id")]
        assert started == sorted(started)
        assert run("verify", "--db", str(out)).code == 0, run("verify", "--db", str(out)).out
        dumps.append(contents(out))
    assert dumps[0] == dumps[1], "in whichever order they are merged"


def test_same_text_seen_again_after_another_is_a_revision(make: Callable[..., Held], tmp_path: Path) -> None:
    steady, other = make("steady"), make("other", NOON + timedelta(days=1))
    steady.read(12)
    steady.end()
    other.visit(LIST, listing(url_of(12)))
    other.visit(url_of(12), article(url_of(12), title="For a day"))
    other.end()
    steady.now = NOON + timedelta(days=2)
    steady.begin(full=True)
    steady.visit(url_of(12), article(url_of(12)))
    steady.end()
    for order in ([steady, other], [other, steady]):
        out = merged(tmp_path / order[0].path.stem / "out" / "news.db", *order)
        once = everything(out)
        merged(out, *order)
        assert everything(out) == once
        titles = query(out, "select title from revisions order by number")
        assert titles == [("Title 12",), ("For a day",), ("Title 12",)]
        assert query(out, "select title, revision_count from articles") == [("Title 12", 3)]
        assert run("verify", "--db", str(out)).code == 0


@pytest.mark.parametrize("lost", [{"body": ""}, {"title": None}])
def test_worse_reading_never_replaces_a_good_one(
    make: Callable[..., Held], tmp_path: Path, lost: dict[str, Any]
) -> None:
    good, worse = make("good"), make("worse", NOON + timedelta(days=3))
    good.read(12)
    good.end()
    worse.visit(LIST, listing(url_of(12)))
    worse.visit(url_of(12), article(url_of(12), **lost))
    worse.end()
    for order in ([good, worse], [worse, good]):
        out = merged(tmp_path / order[0].path.stem / "out" / "news.db", *order)
        assert query(out, "select title, body <> '', revision_count from articles") == [("Title 12", 1, 1)]
        assert run("verify", "--db", str(out)).code == 0


def test_article_that_is_gone_by_the_later_look_is_gone(make: Callable[..., Held], tmp_path: Path) -> None:
    there, gone = make("there"), make("gone")
    for bench in (there, gone):
        bench.read(12)
    there.end()
    gone.now = LATER
    gone.visit(url_of(12), None, Outcome.GONE, status=404)
    gone.end()
    for order in ([there, gone], [gone, there]):
        out = merged(tmp_path / order[0].path.stem / "out" / "news.db", *order)
        assert query(out, "select status, substr(gone_at, 1, 10) from articles") == [("gone", f"{LATER:%Y-%m-%d}")]
        assert query(out, "select state from pages where kind = 'article'") == [("gone",)]


def test_look_in_vain_after_another_reading_is_no_reading(make: Callable[..., Held], tmp_path: Path) -> None:
    gone, changed = make("gone"), make("changed", NOON + timedelta(days=4))
    gone.read(12)
    gone.now += timedelta(days=8)
    gone.visit(url_of(12), None, Outcome.GONE, status=404)
    gone.end()
    changed.visit(LIST, listing(url_of(12)))
    changed.visit(url_of(12), article(url_of(12), title="Put right"))
    changed.end()
    for order in ([gone, changed], [changed, gone]):
        out = tmp_path / f"out-{order[0].path.stem}" / "news.db"
        once = everything(merged(out, *order))
        assert everything(merged(out, *order)) == once
        titles = query(out, "select title, substr(seen_at, 1, 10) from revisions order by number")
        assert titles == [("Title 12", "2026-03-01"), ("Put right", "2026-03-05")]
        assert query(
            out, "select title, status, substr(gone_at, 1, 10), substr(last_seen_at, 1, 10) from articles"
        ) == [("Put right", "gone", "2026-03-09", "2026-03-05")]


def test_reading_after_a_worse_one_counts(make: Callable[..., Held], tmp_path: Path) -> None:
    good, worse, better = (make(name, NOON + timedelta(days=at)) for name, at in (("a", 0), ("b", 2), ("c", 1)))
    for bench, fields in ((good, {}), (worse, {"body": ""}), (better, {"title": "Put right"})):
        bench.visit(LIST, listing(url_of(12)))
        bench.visit(url_of(12), article(url_of(12), **fields))
        bench.end()
    for order in ([good, worse, better], [better, worse, good]):
        out = merged(tmp_path / f"out-{order[0].path.stem}" / "news.db", *order)
        assert query(out, "select title, last_seen_at, revision_count from articles") == [
            ("Put right", "2026-03-02T12:00:00Z", 2)
        ]


def test_text_that_another_saw_first_has_not_changed_since(make: Callable[..., Held], tmp_path: Path) -> None:
    benches = [make("first"), make("second", LATER)]
    for bench in benches:
        bench.read(12)
        bench.end()
    for order in (benches, benches[::-1]):
        out = merged(tmp_path / f"out-{order[0].path.stem}" / "news.db", *order)
        times = query(out, "select first_seen_at, last_changed_at, last_seen_at from articles")
        assert times == [("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", "2026-03-31T12:00:00Z")]


def test_page_that_only_one_archive_could_read_is_the_articles(make: Callable[..., Held], tmp_path: Path) -> None:
    able, unable = make("able"), make("unable", NOON + timedelta(days=1))
    able.read(12)
    unable.visit(LIST, listing(url_of(12)))
    unable.visit(url_of(12))
    for bench in (able, unable):
        bench.end()
    for order in ([able, unable], [unable, able]):
        out = merged(tmp_path / f"out-{order[0].path.stem}" / "news.db", *order)
        found = "select state, a.key from pages p left join articles a on a.id = p.article_id where p.kind = 'article'"
        assert query(out, found) == [("failing", "uni-12")]


def test_page_fetched_in_one_is_not_due_for_the_other(make: Callable[..., Held], tmp_path: Path) -> None:
    one, other = make("one"), make("other")
    one.read(12)
    one.visit(LIST, listing(url_of(12), url_of(14)))
    other.visit(LIST, listing(url_of(12), url_of(13)))
    other.visit(url_of(12), article(url_of(12), prev=Link(url_of(15), "A neighbour")))
    for bench in (one, other):
        bench.end()
    out = merged(tmp_path / "out.db", one, other)
    due = query(out, "select canonical from pages where kind = 'article' and state = 'new' and due_at is not null")
    assert sorted(url[-6:-4] for (url,) in due) == ["13", "14", "15"]


# -- what persons said -------------------------------------------------------------------------


def test_withheld_in_any_is_withheld_until_it_is_released_there(make: Callable[..., Held], tmp_path: Path) -> None:
    open_, shut = make("open", LATER), make("shut")
    for bench in (open_, shut):
        bench.read(12)
        bench.end()
    withhold(shut.archive.connection, "uni-12", "Asked for.", shut.now)
    out = merged(tmp_path / "out" / "news.db", open_, shut)
    merged(out, open_)
    assert query(out, "select status from articles") == [("withheld",)]
    assert query(out, "select count(*) from articles_fts") == [(0,)]
    assert query(out, "select kind, reason from decisions") == [("withhold", "Asked for.")]
    release(shut.archive.connection, "uni-12", "No longer.", LATER)
    merged(out, shut)
    assert query(out, "select status from articles") == [("live",)]
    assert query(out, "select kind from decisions order by decided_at") == [("withhold",), ("release",)]
    assert run("verify", "--db", str(out)).code == 0


def test_withheld_by_two_stays_so_when_one_releases_it(make: Callable[..., Held], tmp_path: Path) -> None:
    benches = [make("one"), make("other")]
    for number, bench in enumerate(benches):
        bench.read(12)
        bench.end()
        withhold(bench.archive.connection, "uni-12", f"Reason {number}.", bench.now)
    out = merged(tmp_path / "out" / "news.db", *benches)
    release(benches[0].archive.connection, "uni-12", "No longer.", LATER)
    merged(out, *benches)
    assert query(out, "select status from articles") == [("withheld",)]


def test_findings_open_once_and_close(make: Callable[..., Held], tmp_path: Path) -> None:
    bench = make("one")
    bench.read(12)
    url = url_of(12)
    open_finding(bench.archive.connection, bench.run.id, "2026-03-01T12:00:00Z", "odd", "It is odd.", url=url)
    bench.end()
    out = merged(tmp_path / "out" / "news.db", bench)
    assert query(out, "select kind, run_id, resolved_at from findings") == [("odd", 1, None)]
    acknowledge(bench.archive.connection, 1, "Seen.", LATER)
    merged(out, bench)
    assert query(out, "select note, resolved_at from findings") == [("Seen.", None)]
    bench.archive.connection.execute("update findings set resolved_at = '2026-03-09T12:00:00Z'")
    merged(out, bench)
    assert query(out, "select note, resolved_at from findings") == [("Seen.", "2026-03-09T12:00:00Z")]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(2, [(1, 2, 4), (9, 9, None)]), (6, [(1, 9, None)])],
)
def test_finding_that_reaches_over_two_is_joined_alike_in_any_order(
    make: Callable[..., Held], tmp_path: Path, seen: int, expected: list[tuple[int, int, int | None]]
) -> None:
    """One archive left it open when it was last seen; the other saw it close, and open anew."""
    one, other = make("one"), make("other")
    for bench, found in ((one, [(1, seen, None)]), (other, [(2, 2, 4), (9, 9, None)])):
        for days in found:
            times = [day and f"2026-03-0{day}T12:00:00Z" for day in days]
            bench.archive.connection.execute(
                "insert into findings (kind, url, detail, first_seen_at, last_seen_at, resolved_at)"
                " values ('odd', ?, 'It is.', ?, ?, ?)",
                (url_of(12), *times),
            )
        bench.end()
    for order in ([one, other], [other, one]):
        out = merged(tmp_path / f"out-{order[0].path.stem}" / "news.db", *order)
        again = merged(tmp_path / f"again-{order[0].path.stem}" / "news.db", *order, *order)
        copy = tmp_path / f"copy-{order[0].path.stem}" / "news.db"
        with Archive(copy, write=True) as archive:
            merge(archive, out)
        for db in (out, again, copy):
            rows = query(db, "select first_seen_at, last_seen_at, resolved_at from findings order by 1")
            assert [tuple(at and int(at[8:10]) for at in row) for row in rows] == expected


def test_last_word_about_a_source_counts(make: Callable[..., Held], tmp_path: Path) -> None:
    bench = make("one")
    bench.visit(LIST, listing(url_of(12), url_of(13)))
    bench.visit(url_of(12), article(url_of(12), sources=["Zeta Office"]))
    bench.visit(url_of(13), article(url_of(13), sources=["Omega Office"]))
    bench.end()
    connection = bench.archive.connection
    merge_source(connection, "Zeta Office", "Omega Office", NOON)
    out = merged(tmp_path / "out" / "news.db", bench)
    assert query(out, "select name from sources") == [("Omega Office",)]
    assert query(out, "select count(distinct source_id) from articles") == [(1,)]
    split_source(connection, "Zeta Office", LATER)
    merged(out, bench)
    assert sorted(query(out, "select name from sources")) == [("Omega Office",), ("Zeta Office",)]
    assert query(out, "select count(distinct source_id) from articles") == [(2,)]


def test_accepted_answer_is_accepted(make: Callable[..., Held], tmp_path: Path) -> None:
    bench = make("one")
    bench.read(12)
    bench.now += timedelta(days=1)
    bench.visit(url_of(12), Gate("missing"))
    bench.end()
    out = merged(tmp_path / "out" / "news.db", bench)
    bench.archive.connection.execute("update fetches set outcome = 'gone' where outcome = 'gate'")
    merged(out, bench)
    assert query(out, "select count(*) from fetches where outcome = 'gone'") == [(1,)]


# -- what cannot be merged ---------------------------------------------------------------------


def refuse(out: Path, source: Path, error: type[Exception], match: str) -> None:
    before = everything(out)
    with Archive(out, write=True) as archive, pytest.raises(error, match=match):
        merge(archive, source)
    assert everything(out) == before
    assert not out.with_name(f"{out.name}.merging").exists()


def test_what_contradicts_is_refused_in_a_sentence(make: Callable[..., Held], tmp_path: Path) -> None:
    one, other = make("one"), make("other")
    for bench in (one, other):
        bench.read(12)
        bench.end()
    out = merged(tmp_path / "out" / "news.db", one)
    refuse(out, out, UsageError, "into itself")
    ((name,),) = other.query("select name from warc_files")
    ((ours,),) = one.query("select name from warc_files")
    other.archive.connection.execute("update sites set hosts = '[\"elsewhere.example\"]'")
    refuse(out, other.path, ArchiveError, "on elsewhere.example, and here it is on uni.example: if it moved")
    other.archive.connection.execute("update sites set hosts = '[\"uni.example\"]'")
    other.archive.connection.execute("update warc_files set name = ?", (ours,))
    (other.archive.warc_folder / name).rename(other.archive.warc_folder / ours)
    refuse(
        out, other.path, EvidenceError, f"{other.path.parent}/warc/{ours} and {out.parent}/warc/{ours} have one name"
    )
    other.archive.connection.execute("update warc_files set name = 'other.warc.gz'")
    path = (other.archive.warc_folder / ours).rename(other.archive.warc_folder / "other.warc.gz")
    path.write_bytes(path.read_bytes() + b"x")
    refuse(out, other.path, EvidenceError, "other.warc.gz is damaged")
    path.unlink()
    refuse(out, other.path, EvidenceError, "other.warc.gz cannot be brought here: No such file")
    other.archive.connection.execute("update runs set outcome = null")
    refuse(out, other.path, ArchiveLocked, "is being crawled, or its last crawl was killed")
    refuse(out, tmp_path / "none.db", ArchiveError, "There is no archive at")


def test_archive_with_damaged_pages_is_refused_in_a_sentence(make: Callable[..., Held], tmp_path: Path) -> None:
    one, other = make("one"), make("other", LATER)
    for bench in (one, other):
        bench.read(12)
        bench.end()
    out = merged(tmp_path / "out" / "news.db", one)
    before = everything(out)
    ((root, size),) = other.query(
        "select rootpage, page_size from sqlite_master, pragma_page_size where name = 'revisions'"
    )
    other.archive.close()
    content = bytearray(other.path.read_bytes())
    content[(root - 1) * size : root * size] = b"A" * size
    other.path.write_bytes(content)
    ran = run("merge", str(out), str(other.path))
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran.err
    assert ran.err.startswith(f"Error: {other.path} is not merged, an archive is damaged (")
    assert everything(out) == before
    assert run("verify", "--db", str(out)).code == 0


@pytest.mark.parametrize(
    ("column", "value"), [("hosts", '["uni.example"]'), ("profile", '{"former_hosts": ["uni.example"]}')]
)
def test_host_of_two_sites_is_refused(make: Callable[..., Held], tmp_path: Path, column: str, value: str) -> None:
    one, other = make("one"), make("other")
    for bench in (one, other):
        bench.read(12)
        bench.end()
    connection = other.archive.connection
    connection.execute("pragma foreign_keys = off")
    connection.execute("update sites set name = 'college', hosts = '[\"college.example\"]'")
    connection.execute(f"update sites set {column} = ?", (value,))
    out = merged(tmp_path / "out" / "news.db", one)
    refuse(out, other.path, ArchiveError, "has uni.example as site college, and here that is site uni")


DIES = """
import os, sys
from pathlib import Path
from csu_news.archive import Archive
from csu_news.archive.merging import merge

with Archive(sys.argv[1], write=True) as archive:
    archive.connection.set_trace_callback(lambda sql: os._exit(9) if sql == "commit" else None)
    merge(archive, Path(sys.argv[2]))
"""


def test_merge_that_dies_before_its_commit_leaves_no_files(make: Callable[..., Held], tmp_path: Path) -> None:
    one, other = make("one"), make("other", LATER)
    for bench in (one, other):
        bench.read(12)
        bench.end()
    out = merged(tmp_path / "out" / "news.db", one)
    before, warc = everything(out), out.parent / "warc"
    (ours,) = warc.iterdir()
    died = subprocess.run([sys.executable, "-c", DIES, str(out), str(other.path)], env=environment())
    assert (died.returncode, len(list(warc.iterdir()))) == (9, 2)
    with Archive(out, write=True):
        assert list(warc.iterdir()) == [ours]
    assert everything(out) == before
    with Archive(out, write=True) as archive, file_size_limited(30_000), pytest.raises(DiskFull, match="No room for"):
        merge(archive, other.path)
    assert (everything(out), list(warc.iterdir())) == (before, [ours])
    merged(out, other)
    assert len(list(warc.iterdir())) == 2
    assert run("verify", "--db", str(out)).code == 0


def test_archives_in_one_folder_share_their_evidence(make: Callable[..., Held]) -> None:
    one = make("one")
    one.read(12)
    one.end()
    out = one.path.with_name("out.db")
    died = [sys.executable, "-c", DIES, str(out), str(one.path)]
    assert subprocess.run(died, env=environment()).returncode == 9
    merged(out, one)
    for db in (out, one.path):
        assert run("verify", "--db", str(db)).code == 0


def test_target_among_the_archives_is_refused_before_any_is_taken(make: Callable[..., Held], tmp_path: Path) -> None:
    one, other = make("one"), make("other")
    for number, bench in enumerate((one, other)):
        bench.read(12 + number)
        bench.end()
        bench.archive.close()
    before = everything(one.path)
    ran = run("merge", str(one.path), str(other.path), str(one.path))
    assert (ran.code, ran.err) == (2, f"Error: {one.path} cannot be merged into itself: name OUT only once.\n")
    assert everything(one.path) == before


def test_archive_of_an_earlier_version_is_read_from_a_copy(make: Callable[..., Held], tmp_path: Path) -> None:
    bench = make("one")
    bench.read(12)
    bench.end()
    bench.archive.close()
    connection = sqlite3.connect(bench.path)
    connection.execute("drop index runs_origin")
    for column in ("origin", "merged_from"):
        connection.execute(f"alter table runs drop column {column}")
    connection.execute("delete from _sqlite_migrations where name = 'm011_origins'")
    connection.commit()
    connection.close()
    before = sha256(bench.path.read_bytes()).hexdigest()
    out = tmp_path / "out" / "news.db"
    assert run("merge", str(out), str(bench.path)).code == 0
    once = everything(out)
    assert run("merge", str(out), str(bench.path)).code == 0
    assert everything(out) == once
    assert sha256(bench.path.read_bytes()).hexdigest() == before
    assert list(bench.path.parent.glob("*.before-*")) == []
    assert query(out, "select key from articles") == [("uni-12",)]


@pytest.mark.parametrize("said", [(True, False), (False, True)])
def test_last_word_about_a_pair_counts(make: Callable[..., Held], tmp_path: Path, said: tuple[bool, bool]) -> None:
    benches = [make("one"), make("other")]
    for bench, is_pair, now in zip(benches, said, (NOON, LATER), strict=True):
        bench.visit(LIST, listing(url_of(12), url_of(13)))
        bench.visit(url_of(12), article(url_of(12)))
        bench.visit(url_of(13), article(url_of(13), language="zh"))
        bench.end()
        decide_pair(bench.archive.connection, "uni-12", "uni-13", is_pair, "I read both.", now)
    for order in (benches, benches[::-1]):
        out = merged(tmp_path / order[0].path.stem / "out" / "news.db", *order)
        assert query(out, "select evidence from translations") == [("person",)] * said[1]
        kinds = ["pair" if is_pair else "apart" for is_pair in said]
        assert [kind for (kind,) in query(out, "select kind from decisions order by id")] == kinds


def test_pairs_of_persons_stay_when_their_decisions_are_put_in_order(make: Callable[..., Held], tmp_path: Path) -> None:
    early, late = make("early"), make("late")
    for bench in (early, late):
        numbers = (12, 13, 14, 15)
        bench.visit(LIST, listing(*map(url_of, numbers)))
        for number in numbers:
            bench.visit(url_of(number), article(url_of(number), language="en" if number < 14 else "zh"))
        bench.end()
    for bench, pairs, now in ((early, ((12, 14), (13, 15)), NOON), (late, ((13, 14), (12, 15)), LATER)):
        for hours, (en, zh) in enumerate(pairs):
            moment = now + timedelta(hours=hours)
            decide_pair(bench.archive.connection, f"uni-{en}", f"uni-{zh}", True, "I read both.", moment)
    late.archive.connection.execute("update decisions set decided_at = '2026-03-01T12:30:00Z' where id = 1")
    for order in ([early, late], [late, early]):
        out = merged(tmp_path / f"out-{order[0].path.stem}" / "news.db", *order)
        pairs = query(out, "select en_key, zh_key from translation_pairs order by 1, 2")
        assert pairs == [(f"uni-{en}", f"uni-{zh}") for en in (12, 13) for zh in (14, 15)]


def test_likely_pairs_come_along(make: Callable[..., Held], tmp_path: Path) -> None:
    bench = make("one")
    bench.visit(LIST, listing(url_of(12), url_of(13)))
    bench.visit(url_of(12), article(url_of(12)))
    bench.visit(url_of(13), article(url_of(13), language="zh"))
    bench.end()
    for table, columns in (("translations", "evidence, score"), ("candidates", "score, reasons, found_at")):
        values = {"translations": "'match', 0.9", "candidates": "0.9, '{}', '2026-03-01T12:00:00Z'"}[table]
        bench.archive.connection.execute(f"insert into {table} (en_id, zh_id, {columns}) values (1, 2, {values})")
    out = merged(tmp_path / "out" / "news.db", bench)
    assert query(out, "select en_key, zh_key, evidence, score from translation_pairs") == [
        ("uni-12", "uni-13", "match", 0.9)
    ]
    assert query(out, "select score, reasons from candidates") == [(0.9, "{}")]
