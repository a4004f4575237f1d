"""snapshot: a folder that others can read, check and cite, with nothing in it that is not to be published."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from driving import COMMAND, environment, query, run
from test_archive import LIST, Bench, article, listing, url_of
from test_disk import small_disk  # noqa: F401

from csu_news.archive import Archive
from csu_news.archive.curation import acknowledge, withhold
from csu_news.archive.findings import open_finding
from csu_news.errors import SnapshotError, UsageError
from csu_news.items import Attachment, Image, Link, Outcome
from csu_news.snapshot import Summary, snapshot

pytest.importorskip("pyarrow")

CREATED = datetime(2026, 3, 2, tzinfo=UTC)
FILES = {
    *("csu_news.db", "articles.parquet", "articles.csv", "articles.jsonl"),
    *("fields.md", "datapackage.json", "CITATION.cff", "README.md", "SHA256SUMS"),
}
TIMED = {"datapackage.json", "CITATION.cff", "README.md", "SHA256SUMS"}

AWKWARD: dict[int, dict[str, Any]] = {
    1: {"title": 'Quotes "so", commas, and\ttabs; =1+1', "sources": ["A, B", 'C "D"'], "source_raw": 'A, B; C "D"'},
    2: {"body": "A line\nand a line\r\n\r\n\x0b\x1f \u2028 control", "title": "=cmd|'/c calc'!A0"},
    3: {"title": "🧪 مرحبا بالعالم ‏שלום 湘雅医院", "body": "👩‍🔬 \U0001f9ea 𠮷野家 e\u0301"},
    4: {"title": None, "published": None, "sources": [], "source_raw": None, "language": None, "body": ""},
    5: {"body": "A text 文。\n\n" * 2_000},
}
GONE, HIDDEN = 7, 8
MARK = "qxwithheld"
"""Is in every text of the article that is withheld, and in nothing else."""

PICTURE = f"http://uni.example/{MARK}.jpg"
PRIVATE = "qxprivate"

csv.field_size_limit(10_000_000)


def hidden_article(word: str) -> Any:
    return article(
        url_of(HIDDEN),
        title=f"{MARK}{word}",
        body=f"{MARK}{word} 伏魔",
        body_html=f"<p>{MARK}{word}</p>",
        sources=[f"{MARK} Office"],
        source_raw=f"{MARK} Office",
        published="2019-09-19",
        images=[
            Image(f"http://uni.example/{MARK}{word}.png"),
            Image(PICTURE, alt=f"{MARK}alt", caption=f"{MARK}caption"),
        ],
        attachments=[Attachment(f"http://uni.example/{MARK}.pdf", f"{MARK}name.pdf")],
        next=Link(url_of(1), "A neighbour"),
    )


def fill(bench: Bench) -> None:
    """Store the awkward articles, one that changed, one that is gone, and one that is withheld."""
    ids = (*AWKWARD, 6, GONE, HIDDEN)
    rows = [Link(url_of(news_id), f"{MARK}row" if news_id == HIDDEN else "A row") for news_id in ids]
    bench.visit(LIST, listing(rows=rows, total=len(rows)))
    for news_id, fields in AWKWARD.items():
        bench.visit(url_of(news_id), article(url_of(news_id), **fields))
    for title in ("Before", "After"):
        link = Link(url_of(HIDDEN), f"{MARK}anchor")
        bench.visit(url_of(6), article(url_of(6), title=title, next=link))
    bench.visit(url_of(GONE), article(url_of(GONE)))
    bench.visit(url_of(GONE), outcome=Outcome.GONE, status=404)
    for word in ("former", "latter"):
        bench.visit(url_of(HIDDEN), hidden_article(word))
    bench.visit(PICTURE, outcome=Outcome.MEDIA)
    connection = bench.archive.connection
    now = "2026-03-01T12:00:00Z"
    open_finding(connection, 1, now, "gate", "Held back.", url=url_of(6))
    open_finding(connection, 1, now, "gate", f"{MARK}finding", url=url_of(HIDDEN))
    acknowledge(connection, 1, f"{PRIVATE} note", bench.now)
    withhold(connection, f"uni-{HIDDEN}", f"{PRIVATE} reason", bench.now)
    connection.execute("update runs set arguments = ?", (json.dumps({"contact": f"{PRIVATE}@example.org"}),))
    connection.execute("update runs set trigger = ?, merged_from = ?", (PRIVATE, f"{PRIVATE}/news.db 1"))
    connection.execute("update runs set outcome = ?", (f"Cannot write /{PRIVATE}/x",))


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of awkward articles."""
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    bench = Bench(path)
    with closing(bench.archive):
        fill(bench)
    return path


def take(db: Path, folder: Path, created: datetime = CREATED) -> Summary:
    with Archive(db) as archive:
        return snapshot(archive, folder, created)


@pytest.fixture(scope="module")
def made(db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "snapshot"
    take(db, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# -- what others read --------------------------------------------------------------------------


def test_folder_holds_what_its_checksums_name(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == FILES
    assert "](" not in (made / "fields.md").read_text(encoding="utf-8")
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is not installed")
    done = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=made, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(FILES) - 1


def test_data_package_is_valid_and_describes_every_column(made: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    package = frictionless.Package(str(made / "datapackage.json"))
    tables = [resource for resource in package.resources if resource.name.startswith("articles-")]
    for table in tables:
        assert all(field.description for field in table.schema.fields), table.name
    report = package.validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "note"])
    assert {task.name: task.stats["rows"] for task in report.tasks if "rows" in task.stats} == {
        "articles-csv": 7,
        "articles-jsonl": 7,
    }
    document = json.loads((made / "datapackage.json").read_text(encoding="utf-8"))
    assert {resource["path"]: resource["bytes"] for resource in document["resources"]} == {
        name: (made / name).stat().st_size for name in FILES - TIMED
    }


def test_all_files_hold_the_same_articles(made: Path) -> None:
    columns = ("key", "url", "title", "published", "body", "status", "content_sha256")
    where = "from articles where status <> 'withheld' order by published desc, key"
    stored = query(made / "csu_news.db", f"select {', '.join(columns)} {where}")
    assert [row[0] for row in stored] == [f"uni-{n}" for n in (1, 2, 3, 5, 6, 7, 4)]
    lines = (made / "articles.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    objects = [json.loads(line) for line in lines]
    assert [tuple(each[name] for name in columns) for each in objects] == stored
    from pyarrow.parquet import read_table

    rows = read_table(made / "articles.parquet").to_pylist()
    typed = [row | {"published": row["published"] and row["published"].isoformat()} for row in rows]
    assert [tuple(row[name] for name in columns) for row in typed] == stored
    with (made / "articles.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [tuple(row[name] for name in columns) for row in read] == [
        tuple(value or "" for value in row) for row in stored
    ]


def test_data_set_by_site_and_year_holds_the_same_articles(db: Path, made: Path, tmp_path: Path) -> None:
    from pyarrow import dataset
    from pyarrow.parquet import read_table

    ran = run("snapshot", str(tmp_path / "out"), "--db", str(db), "--partitioned", "--created", "0", "--json")
    assert ran.code == 0, ran.err
    read = dataset.dataset(tmp_path / "out" / "articles", partitioning="hive").to_table()
    whole = {row["key"]: row for row in read_table(made / "articles.parquet").to_pylist()}
    rows = {row["key"]: row for row in read.to_pylist()}
    assert {key: row["year"] for key, row in rows.items()} == {
        key: row["published"] and row["published"].year for key, row in whole.items()
    }
    for row in rows.values():
        del row["year"]
    assert rows == whole
    names = [file["name"] for file in json.loads(ran.out)["files"]]
    assert "articles/site=uni/year=__HIVE_DEFAULT_PARTITION__/articles.parquet" in names
    frictionless = pytest.importorskip("frictionless")
    assert frictionless.Package(str(tmp_path / "out" / "datapackage.json")).validate().valid
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["resources"][-1]["path"] == [name for name in names if name.startswith("articles/")]
    assert "`articles/`" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    sums = (tmp_path / "out" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert sorted(line[66:] for line in sums) == sorted(set(names) - {"SHA256SUMS"})


def test_text_of_five_megabytes_is_whole(tmp_path: Path) -> None:
    body = "A long text 长文。\n\n" * 250_000
    bench = Bench(tmp_path / "archive.db")
    bench.begin(url_of(1))
    bench.visit(url_of(1), article(url_of(1), body=body))
    bench.archive.close()
    take(tmp_path / "archive.db", tmp_path / "new")
    with (tmp_path / "new" / "articles.csv").open(encoding="utf-8", newline="") as file:
        assert [row["body"] for row in csv.DictReader(file)] == [body]
    with (tmp_path / "new" / "articles.jsonl").open(encoding="utf-8") as file:
        assert [json.loads(line)["body"] for line in file] == [body]
    assert query(tmp_path / "new" / "csu_news.db", "select body from articles") == [(body,)]


def test_citation_has_what_the_format_requires(made: Path) -> None:
    yaml = pytest.importorskip("yaml")
    read = yaml.safe_load((made / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= read.keys()
    assert (read["cff-version"], read["type"], read["authors"]) == ("1.2.0", "dataset", [{"name": "uni"}])
    assert read["version"] == "2026-03-01T12:00:00Z"
    assert read["date-released"].isoformat() == "2026-03-02"


def test_readme_says_what_is_there(db: Path, made: Path) -> None:
    text = (made / "README.md").read_text(encoding="utf-8")
    with Archive(db) as archive:
        audit = archive.audit()
    for part in (
        "7 articles as the site showed them",
        f"`{audit.fingerprint.sha256}`",
        f"Completeness: {audit.verdict}",
        "Published from 2020-01-08 to 2020-01-08",
        "| of these, gone from the site since | 1 |",
        "- gate: 1",
        "Withheld articles: 1.",
    ):
        assert part in text, part
    assert {name for name in FILES if f"`{name}`" in text} == FILES - {"README.md"}


def test_documented_commands_verify_it(made: Path) -> None:
    text = (made / "README.md").read_text(encoding="utf-8")
    block = text.split("```sh\n")[1].split("```")[0]
    if not (shutil.which("sqlite3") and shutil.which("sha256sum")):
        pytest.skip("sqlite3 and sha256sum are not installed")
    done = subprocess.run(["sh", "-ec", block], cwd=made, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"`{done.stdout.splitlines()[-1].split()[0]}`" in text


def audited(archive: Archive) -> dict[str, Any]:
    """Return the audit but for the chain's order, for which a withheld article's date counts."""
    found = archive.audit().as_dict()
    for column in found["columns"]:
        del column["segments"], column["direction"]
    return found


def test_database_is_an_archive_that_says_the_same(db: Path, made: Path) -> None:
    with Archive(db) as archive, Archive(made / "csu_news.db") as copy:
        assert audited(archive) == audited(copy)
        assert [hit.key for hit in copy.search("湘雅醫院")] in ([], ["uni-3"])  # without opencc none
        assert [hit.key for hit in copy.search("湘雅医院")] == ["uni-3"]
        assert list(map(tuple, copy.connection.execute("pragma foreign_key_check"))) == []
        assert copy.connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        names = "select name from sqlite_master where type = 'view'"
        for (view,) in archive.connection.execute(names).fetchall():
            if view != "open_findings":  # has notes
                both = [
                    sorted(map(repr, map(tuple, a.connection.execute(f"select * from {view}"))))
                    for a in (archive, copy)
                ]
                assert both[0] == both[1], view


# -- what is not in it -------------------------------------------------------------------------


def test_nothing_of_a_withheld_article_or_of_the_archivist_is_in_any_file(db: Path, made: Path) -> None:
    with Archive(db, write=True) as archive:
        archive.connection.execute("pragma wal_checkpoint(truncate)")
    held = db.read_bytes()
    assert MARK.encode() in held
    assert PRIVATE.encode() in held
    for name, data in contents(made).items():
        for word in (MARK, PRIVATE, "伏", "魔", "2019-09-19", str(db.parent), str(made.parent)):
            assert word.encode() not in data, (name, word)


def test_no_row_tells_of_a_withheld_article(made: Path) -> None:
    path = made / "csu_news.db"
    ((hidden,),) = query(path, "select id from articles where status = 'withheld'")
    tables = [name for (name,) in query(path, "select name from sqlite_master where type = 'table'")]
    for table in tables:
        columns = [name for (name,) in query(path, "select name from pragma_table_info(?)", table)]
        for column in {"article_id", "en_id", "zh_id"} & set(columns):
            if table != "pages":
                assert query(path, f"select * from {table} where {column} = ?", hidden) == [], (table, column)
    ((row,),) = query(
        path,
        "select json_array(title, body, body_html, source_raw, sources, published, content_sha256, next_url)"
        " from articles where status = 'withheld'",
    )
    assert json.loads(row) == [None, "", "", None, "[]", None, "", None]
    copy = sqlite3.connect(path)
    copy.execute("create virtual table temp.words using fts5vocab(main, articles_fts, row)")
    words = {word for (word,) in copy.execute("select term from words")}
    copy.close()
    assert "neighbour" not in words
    assert {word for word in words if MARK in word or word in "伏魔"} == set()


# -- again and again ---------------------------------------------------------------------------


def test_one_state_gives_the_same_bytes(db: Path, made: Path, tmp_path: Path) -> None:
    take(db, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(made)
    take(db, tmp_path / "later", datetime(2027, 4, 5, 6, 7, 8, tzinfo=UTC))
    later, first = contents(tmp_path / "later"), contents(made)
    assert {name for name in FILES if later[name] != first[name]} == TIMED
    for name in TIMED - {"SHA256SUMS"}:
        lines = [data.decode().splitlines() for data in (first[name], later[name])]
        ((old, new),) = [pair for pair in zip(*lines, strict=True) if pair[0] != pair[1]]
        stated = (
            ("2026-03-02", "2027-04-05") if name == "CITATION.cff" else ("2026-03-02T00:00:00Z", "2027-04-05T06:07:08Z")
        )
        assert old.replace(*stated) == new


def test_a_folder_that_holds_something_is_left_alone(db: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    ran = run("snapshot", str(tmp_path / "full"), "--db", str(db))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert "is not empty" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]
    (tmp_path / "empty").mkdir()
    take(db, tmp_path / "empty")
    assert {path.name for path in (tmp_path / "empty").iterdir()} == FILES
    with pytest.raises(UsageError, match="evidence"):
        take(db, db.parent / "warc" / "snapshot")


def test_two_at_once_are_one(db: Path, tmp_path: Path) -> None:
    work = tmp_path / ".new.csu-news-snapshot"
    work.mkdir()
    descriptor = os.open(work, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(SnapshotError, match="Another snapshot"):
        take(db, tmp_path / "new")
    assert work.exists()
    os.close(descriptor)
    take(db, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_killed_snapshot_leaves_nothing_under_its_name(db: Path, tmp_path: Path) -> None:
    final, work = tmp_path / "new", tmp_path / ".new.csu-news-snapshot"
    command = [*COMMAND, "snapshot", str(final), "--db", str(db)]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
    while not (work / "articles.parquet").exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert work.exists()
    assert not final.exists()
    take(db, final)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert {path.name for path in final.iterdir()} == FILES


def test_full_disk_is_said_in_one_sentence(db: Path, small_disk: Callable[..., Path]) -> None:  # noqa: F811
    for part in (0.5, 1.5):  # there is no room for the first copy of the database, or none for the second
        folder = small_disk(f"size={int(part * db.stat().st_size)}")
        ran = run("snapshot", str(folder / "new"), "--db", str(db))
        assert ran.code == 1
        assert ran.err.count("\n") == 1
        assert ran.err.startswith("Error: No room for the snapshot in ")
        assert list(folder.iterdir()) == []
        subprocess.run(["umount", str(folder)], check=True)


def test_parquet_is_missed_before_anything_is_written(db: Path, tmp_path: Path) -> None:
    program = "import sys; sys.modules['pyarrow'] = None; from csu_news.cli import main; main(sys.argv[1:])"
    ran = run("snapshot", str(tmp_path / "new"), "--db", str(db), command=(sys.executable, "-c", program))
    assert (ran.code, ran.out, list(tmp_path.iterdir())) == (2, "", [])
    assert "pip install 'csu-news[parquet]'" in ran.err


def test_crawl_that_writes_meanwhile_does_no_harm(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "archive.db")
    ids = range(1, 400)
    bench.visit(LIST, listing(*map(url_of, ids)))
    bench.visit(url_of(ids[0]), article(url_of(ids[0])))
    done = threading.Event()
    found: list[Summary] = []

    def publish() -> None:
        for number in range(3):
            found.append(take(tmp_path / "archive.db", tmp_path / f"s{number}"))
        done.set()

    thread = threading.Thread(target=publish)
    thread.start()
    for news_id in ids[1:]:
        if done.is_set():
            break
        bench.visit(url_of(news_id), article(url_of(news_id)))
    thread.join()
    bench.archive.close()
    assert len(found) == 3
    for number, summary in enumerate(found):
        folder = tmp_path / f"s{number}"
        ((stored,),) = query(folder / "csu_news.db", "select count(*) from articles")
        lines = (folder / "articles.jsonl").read_bytes().count(b"\n")
        assert stored == lines == summary.facts.articles
    assert found[0].facts.articles < found[2].facts.articles


def test_command_says_what_it_wrote(db: Path, tmp_path: Path) -> None:
    ran = run("snapshot", str(tmp_path / "new"), "--db", str(db), "--created", "1772409600", "--json")
    assert (ran.code, ran.err) == (0, "")
    document = ran.document
    assert (document["articles"], document["gone"], document["withheld"]) == (7, 1, 1)
    assert document["created"] == "2026-03-02T00:00:00Z"
    assert {file["name"] for file in document["files"]} == FILES
    ran = run("snapshot", str(tmp_path / "other"), "--db", str(db), "--created", "soon")
    assert (ran.code, ran.out) == (2, "")
    assert "is no time" in ran.err


def test_empty_archive_can_be_published(tmp_path: Path) -> None:
    Archive(tmp_path / "archive.db", write=True).close()
    summary = take(tmp_path / "archive.db", tmp_path / "new")
    assert (summary.facts.articles, summary.facts.audit.verdict) == (0, "incomplete")
    frictionless = pytest.importorskip("frictionless")
    assert frictionless.Package.validate_descriptor(str(tmp_path / "new" / "datapackage.json")).valid
