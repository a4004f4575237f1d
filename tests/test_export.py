"""Exports: what a third party's reader finds in each is what the archive holds, of awkward articles, too."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from click.testing import CliRunner
from driving import Ran, environment, open_database, run
from test_archive import LIST, Bench, article, listing, url_of

from csu_news.archive import Archive
from csu_news.archive.curation import withhold
from csu_news.archive.database import timestamp
from csu_news.citations import citation
from csu_news.cli import main
from csu_news.errors import UsageError
from csu_news.exporters import FORMATS, write
from csu_news.exporters.biblatex import biblatex
from csu_news.exporters.chosen import COLUMNS, MEDIA_COLUMNS
from csu_news.exporters.html import PICTURE, picture
from csu_news.exporters.jsonl import FIELDS
from csu_news.exporters.pictures import raster_type
from csu_news.exporters.styles import styles
from csu_news.items import Attachment, Image
from csu_news.search import Selection

AWKWARD: list[dict[str, Any]] = [
    {"title": "Quotes \" ' “”, commas; and\ttabs", "body": "He said: \"a,b\"\n\n'c';\td\r\n\r\ne\rf"},
    {"title": "湘雅医院🎓 \U00020000 family 👨‍👩‍👧", "body": "中文。\n\nالعربية \u202eabc\u202c", "language": "zh"},
    {"title": "Control \x00\x07\x1b\x0b\x7f\x85\u2028\ufffe", "body": "a\x00b\x0cc"},
    {"title": "Unbalanced { braces }} {", "body": "]]> <![CDATA[ <script>alert(1)</script> & &amp;"},
    {"title": "Backslash \\ 100% #1 $x_y^z~ & \\& \\textbf{x}", "body": "\\n is no line \\"},
    {"title": '=cmd|" /C calc"!A0', "body": "+1", "source_raw": "@SUM(A1)", "sources": ["@SUM(A1)"]},
    {"title": None, "body": "No title", "body_html": ""},
    {"title": "No date", "published": None, "language": None},
    {"title": "No source", "sources": [], "source_raw": None, "body": ""},
    {"title": "Two sources", "sources": ["News Center", "研究生院; and more"]},
    {"title": "Long " * 2000, "body": "5 MB of text. " * 375_000},
    {"title": "</title> <b>ER  - \nTY  - x", "body": "TY  - BOOK\nER  - \n"},
    {"title": "A time", "published_at": "2020-01-08T09:30:00+08:00", "published_raw": "2020-01-08 09:30"},
]
MEDIA = {
    "images": [Image("http://uni.example/p.png", "http://uni.example/P.png", alt='"a"', caption="b\nc")],
    "attachments": [Attachment("http://uni.example/a.pdf", "名单.pdf")],
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of awkward articles, the last of them withheld."""
    bench = Bench(tmp_path_factory.mktemp("awkward") / "archive.db")
    stories = [*AWKWARD, {"title": "With media", **MEDIA}, {"title": "Secret"}]
    bench.visit(LIST, listing(*map(url_of, range(1, len(stories) + 1))))
    for news_id, fields in enumerate(stories, 1):
        bench.visit(url_of(news_id), article(url_of(news_id), **fields))
    withhold(bench.archive.connection, f"uni-{len(stories)}", "private", bench.now)
    connection = bench.archive.connection
    connection.execute(
        "insert into warc_files (name, run_id, opened_at) values ('uni.warc.gz', 1, '2026-03-01T12:00:00Z')"
    )
    connection.execute(
        "update fetches set warc_file_id = 1, warc_offset = id * 7, warc_record_id = '<urn:uuid:' || id || '>'"
    )
    bench.archive.close()
    return bench.path


@pytest.fixture(scope="module")
def rows(db: Path) -> dict[str, dict[str, Any]]:
    """Return by key what should be exported, read with plain SQL."""
    connection = open_database(db)
    found = {
        row["key"]: dict(row) | {"sources": json.loads(row["sources"])}
        for row in connection.execute(
            "select a.*, s.title as site_title, fetched_at as archived_at, w.name as warc_file, warc_offset,"
            " warc_record_id from articles a join sites s on s.name = a.site join fetches f on f.id = a.fetch_id"
            " left join warc_files w on w.id = f.warc_file_id where a.status <> 'withheld'"
        )
    }
    connection.close()
    assert len(found) == len(AWKWARD) + 1
    return found


def exported(db: Path, name: str, *, selection: Selection | None = None, **options: Any) -> bytes:
    stream = BytesIO()
    with Archive(db) as archive:
        selection = selection or Selection()
        number = write(name, archive.connection, selection, stream, warc_folder=archive.warc_folder, **options)
        assert number == len(list(archive.articles(**vars(selection))))
    return stream.getvalue()


# -- csv ---------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(sys.maxsize)
    yield
    csv.field_size_limit(before)


def as_csv(value: Any) -> str:
    """Return a value as CSV has it, where everything is text."""
    return "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def test_csv_holds_every_value(db: Path, rows: dict[str, dict[str, Any]]) -> None:
    read = list(csv.DictReader(StringIO(exported(db, "csv").decode(), newline="")))
    expected = [{name: as_csv(row[name]) for name in COLUMNS} for row in rows.values()]
    assert sorted(read, key=lambda row: row["key"]) == sorted(expected, key=lambda row: row["key"])


def test_csv_for_spreadsheets_has_a_mark_and_no_formula(db: Path, rows: dict[str, dict[str, Any]]) -> None:
    content = exported(db, "csv", spreadsheet=True)
    assert content.startswith(b"\xef\xbb\xbfkey,")
    defused = 0
    for read in csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")):
        for name in COLUMNS:
            value = as_csv(rows[read["key"]][name])
            is_text = not isinstance(rows[read["key"]][name], int)
            is_formula = is_text and value[:1] in ("=", "+", "-", "@", "\t", "\r")
            assert read[name] == (f"'{value}" if is_formula and value else value)
            defused += bool(is_formula and value)
    assert defused >= 4


# -- jsonl -------------------------------------------------------------------------------------


def test_jsonl_holds_every_value_and_media(db: Path, rows: dict[str, dict[str, Any]]) -> None:
    read = [json.loads(line) for line in exported(db, "jsonl").split(b"\n")[:-1]]
    assert {row["key"]: {name: row[name] for name in FIELDS if name != "media"} for row in read} == {
        key: {name: row[name] for name in FIELDS if name != "media"} for key, row in rows.items()
    }
    assert all(list(row) == list(FIELDS) for row in read)
    (media,) = [row["media"] for row in read if row["media"]]
    assert [tuple(item) for item in media] == [MEDIA_COLUMNS] * 2
    assert [(item["kind"], item["name"], item["caption"]) for item in media] == [
        ("attachment", "名单.pdf", None),
        ("image", None, "b\nc"),
    ]


# -- parquet -----------------------------------------------------------------------------------


def test_parquet_holds_every_value_typed(
    db: Path, rows: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    from csu_news.exporters import parquet as exporter

    monkeypatch.setattr(exporter, "GROUP_ROWS", 4)
    file = parquet.ParquetFile(BytesIO(exported(db, "parquet")))
    assert file.num_row_groups == 4
    assert file.schema_arrow.names == list(FIELDS)
    read = file.read().to_pylist()
    assert {row["key"]: as_text(row) for row in read} == {
        key: {name: row[name] for name in FIELDS if name != "media"} for key, row in rows.items()
    }
    by_name = {json.loads(line)["key"]: json.loads(line)["media"] for line in exported(db, "jsonl").splitlines()}
    assert {row["key"]: row["media"] for row in read} == by_name


def as_text(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of typed values in the archive's way of writing them."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, datetime):
            assert value.utcoffset() == timedelta(0)
            value = timestamp(value)
        found[name] = value.isoformat() if isinstance(value, date) else value
    del found["media"]
    return found


# -- citations ---------------------------------------------------------------------------------


@pytest.fixture
def items(db: Path) -> dict[str, dict[str, Any]]:
    """Return by key what should be cited."""
    with Archive(db) as archive:
        return {row["key"]: citation(row) for row in archive.articles()}


def test_csl_is_what_is_cited_and_a_processor_takes_it(db: Path, items: dict[str, dict[str, Any]]) -> None:
    read = json.loads(exported(db, "csl-json"))
    assert {item["id"]: item for item in read} == items
    citeproc_json = pytest.importorskip("citeproc.source.json", reason="citeproc-py is not installed")
    source = citeproc_json.CiteProcJSON(read)
    assert source["uni-6"].title == [AWKWARD[5]["title"]]
    assert source["uni-2"].issued.year == 2020
    assert source["uni-2"].author[0]["literal"] == "News Center"


def test_biblatex_holds_what_is_cited(db: Path, items: dict[str, dict[str, Any]]) -> None:
    bibtexparser = pytest.importorskip("bibtexparser", reason="bibtexparser is not installed")
    from pylatexenc.latex2text import LatexNodes2Text

    library = bibtexparser.parse_string(exported(db, "biblatex").decode())
    assert library.failed_blocks == []
    latex = LatexNodes2Text()

    def decode(text: str) -> str:
        """Read LaTeX; this reader does not know the names of braces, and has a circumflex of its own."""
        text = text.replace("\\textbraceleft{}", "\\{").replace("\\textbraceright{}", "\\}")
        return latex.latex_to_text(text).replace("ˆ", "^")

    read = {entry.key: {field.key: field.value for field in entry.fields} for entry in library.entries}
    assert read.keys() == items.keys()
    for key, item in items.items():
        fields = read[key]
        assert decode(fields.get("title", "")) == item.get("title", "")
        authors = [decode(name) for name in fields["author"].split(" and ")] if "author" in fields else []
        assert authors == [author["literal"] for author in item.get("author", [])] or " and " in str(item["author"])
        assert decode(fields["addendum"]) == f"{item['archive']}, {item['archive_location']}"
        assert (fields["url"], fields["urldate"]) == (item["URL"], "2026-03-01")


def test_biblatex_leaves_addresses_as_they_are() -> None:
    item = {"id": "a-1", "URL": "http://h/?a=1&b=%20#c_~{", "publisher": "P & Q", "archive": "A"}
    entry = biblatex(item)
    assert 'url = "http://h/?a=1&b=%20#c_~%7B"' in entry
    assert 'organization = "P \\& Q"' in entry


def test_ris_holds_what_is_cited(db: Path, items: dict[str, dict[str, Any]]) -> None:
    rispy = pytest.importorskip("rispy")
    content = exported(db, "ris").decode()
    assert content.replace("\r\n", "").count("\n") == content.replace("\r\n", "").count("\r") == 0
    read = {reference["id"]: reference for reference in rispy.loads(content, skip_unknown_tags=True)}
    assert read.keys() == items.keys()
    for key, item in items.items():
        reference = read[key]
        assert reference.get("title", "") == item.get("title", "").strip()
        assert reference.get("authors", []) == [author["literal"] for author in item.get("author", [])]
        assert reference.get("date") == ("2020/01/08" if "issued" in item else None)
        assert (reference["urls"], reference["access_date"]) == ([item["URL"]], "2026/03/01")
        assert (reference["name_of_database"], reference.get("accession_number")) == (
            item["archive"],
            item.get("archive_location"),
        )


def test_one_article_can_be_copied_in_each_style(db: Path) -> None:
    with Archive(db) as archive:
        (row,) = archive.articles("No source")
        made = styles(archive.connection, row)
    assert made["biblatex"].startswith("@online{uni-9,")
    assert made["ris"].startswith("TY  - ELEC\r\nID  - uni-9\r\n")
    assert json.loads(made["csl-json"])[0]["id"] == "uni-9"


# -- atom --------------------------------------------------------------------------------------


def test_atom_holds_every_article(db: Path, rows: dict[str, dict[str, Any]]) -> None:
    feedparser = pytest.importorskip("feedparser", reason="feedparser is not installed")
    read = feedparser.parse(exported(db, "atom"), sanitize_html=False)
    assert not read.bozo, read.bozo_exception
    assert read.feed.updated == max(row["last_changed_at"] for row in rows.values())
    assert len(read.entries) == len(rows)
    for entry in read.entries:
        row = rows[entry.id.removeprefix("urn:csu-news:")]
        title = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe]", "", row["title"] or row["key"])
        assert entry.title == title.strip()
        assert entry.link == row["url"]
        assert [content.value for content in entry.get("content", [])] == [row["body_html"]] * bool(row["body_html"])
        assert [author.name for author in entry.get("authors", [])] == row["sources"]
        assert ("published" in entry) == (row["published"] is not None)


# -- html --------------------------------------------------------------------------------------


def test_html_holds_every_article_and_nothing_that_runs(db: Path, rows: dict[str, dict[str, Any]]) -> None:
    content = exported(db, "html").decode()
    page = lxml.html.document_fromstring(content)
    read = {element.get("id"): element for element in page.iter("article")}
    assert read.keys() == rows.keys()
    for key, row in rows.items():
        title = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe]", "", row["title"] or key)
        assert read[key].findtext("h2/a").replace("\r", "") == title.replace("\r", "")
        assert {link.get("href") for link in read[key].iter("a")} >= {f"#{key}", row["url"]}
        assert row["body_html"] in content
        assert read[key].get("lang") == {"zh": "zh-CN"}.get(row["language"], row["language"])
    assert [link.get("href") for link in page.iter("a")][: len(rows)] == [f"#{key}" for key in read]
    assert list(page.iter("script", "link", "iframe")) == []


def test_html_shows_only_pictures_that_cannot_run() -> None:
    tag = '<img src="http://h/a.png?b=1&amp;c=2" alt="a > &quot;b&quot; <script>">'
    data = {"http://h/a.png?b=1&c=2": "data:image/png;base64,AA=="}
    words = "a &gt; &quot;b&quot; &lt;script&gt;"
    assert PICTURE.findall(f"<p>{tag}</p><img src='x'>")[0] == tag
    assert picture(tag, data) == f'<img src="data:image/png;base64,AA==" alt="{words}">'
    assert picture(tag, {}) == f'<span class="picture">[{words}]</span>'
    assert raster_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>") is None


# -- txt ---------------------------------------------------------------------------------------


def test_txt_holds_every_article(
    export: Callable[..., Ran], db: Path, rows: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    assert export("txt", "-o", str(folder)).code == 0
    with (folder / "metadata.tsv").open(encoding="utf-8", newline="") as file:
        table = {row["key"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert table.keys() == rows.keys()
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {"metadata.tsv", *(row["file"] for row in table.values())}
    assert table["uni-8"]["file"] == "und/undated/uni-8.txt"
    assert table["uni-2"]["file"] == "zh/2020/uni-2.txt"
    for key, row in rows.items():
        text = (folder / table[key]["file"]).read_bytes().decode()
        assert text == "\n\n".join(part for part in (row["title"], row["body"]) if part) + "\n"
        assert table[key]["title"] == re.sub(r"[\x00-\x1f\x7f]", "", " ".join((row["title"] or "").split()))
        assert table[key]["source"] == "; ".join(row["sources"])
    assert export("txt", "-o", str(folder)).code == 2


# -- every format ------------------------------------------------------------------------------

STREAMS = [name for name, made in FORMATS.items() if (made.kind, made.unit) == ("stream", "article")]
EVERY = [name for name in FORMATS if name != "wacz"]


@pytest.mark.parametrize("name", STREAMS)
def test_withheld_articles_are_in_no_export(db: Path, name: str) -> None:
    content = exported(db, name)
    assert b"Secret" not in content
    assert f"uni-{len(AWKWARD) + 2}".encode() not in content


@pytest.mark.parametrize("name", STREAMS)
def test_exports_have_what_is_selected_in_the_order_of_search(db: Path, name: str) -> None:
    content = exported(db, name, selection=Selection("source* NOT two"))
    assert b"uni-9" in content
    assert b"uni-10" not in content


def test_formats_and_what_they_need_are_told(db: Path) -> None:
    with Archive(db) as archive, pytest.raises(UsageError, match=r"^'xml' is no format: csv, jsonl"):
        write("xml", archive.connection, Selection(), BytesIO())


def test_what_an_extra_lacks_is_said(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "csu_news.exporters.parquet", raising=False)
    done = CliRunner().invoke(main, ["export", "parquet", "-o", "x", "--db", str(db)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "Error: parquet needs more than is installed: pip install 'csu-news[parquet]'.\n"


@pytest.mark.parametrize("name", ["csv", "html"])
def test_all_is_of_one_moment(db: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "moving.db"
    with closing(sqlite3.connect(db)) as before, closing(sqlite3.connect(path)) as after:
        before.backup(after)

    class Watched(BytesIO):
        """Changes and withholds everything as soon as an article is written."""

        def write(self, data: Any) -> int:
            if b"uni-" in data and b"uni-" not in self.getvalue():
                with closing(sqlite3.connect(path)) as connection, connection:
                    connection.execute("update articles set title = 'Later', status = 'withheld'")
            return super().write(data)

    stream = Watched()
    with Archive(path) as archive:
        assert write(name, archive.connection, Selection(), stream) == len(AWKWARD) + 1
    assert b"Later" not in stream.getvalue()


# -- the command -------------------------------------------------------------------------------


@pytest.fixture
def export(db: Path) -> Callable[..., Ran]:
    def invoke(*words: str) -> Ran:
        done = CliRunner().invoke(main, ["export", *words, "--db", str(db)])
        return Ran(done.exit_code, done.stdout, done.stderr)

    return invoke


@pytest.mark.parametrize("name", EVERY)
def test_nothing_selected_is_a_valid_empty_export(export: Callable[..., Ran], tmp_path: Path, name: str) -> None:
    done = export(name, "--site", "other", "-o", str(tmp_path / "out"))
    assert (done.code, done.err) == (0, "")
    assert done.out.split() == ["0", f"{FORMATS[name].unit}s", "in", *str(tmp_path / "out.").split()]


def test_standard_output_has_the_data_only(export: Callable[..., Ran]) -> None:
    done = export("jsonl", "--query", "No source")
    assert (done.code, done.err) == (0, "1 article.\n")
    assert done.document["key"] == "uni-9"


def test_json_is_about_the_file(export: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.csv"
    done = export("csv", "--json", "-o", str(path))
    assert done.document == {"format": "csv", "path": str(path), "articles": len(AWKWARD) + 1}
    assert [found.name for found in path.parent.iterdir()] == ["out.csv"]
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["xml"], "'xml' is not one of 'csv', 'jsonl'"),
        (["csv", "-o", "{folder}"], "is a folder: this format is one file."),
        (["csv", "-o", "{db}"], "is part of the archive itself."),
        (["csv", "-o", "{db}-wal"], "is part of the archive itself."),
        (["csv", "-o", "{db}/../warc/new.csv"], "is part of the archive itself."),
        (["csv", "-o", "/dev/null"], "is no file that can be replaced."),
        (["csv", "--json"], "--json is about a file: say which with -o."),
        (["csv", "--json", "-o", "-"], "--json is about a file: say which with -o."),
        (["jsonl", "--spreadsheet"], "--spreadsheet is for csv."),
        (["csv", "--since", "May"], "since 'May' is no date"),
    ],
)
def test_what_cannot_be_is_said(
    export: Callable[..., Ran], db: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    done = export(*(word.format(folder=tmp_path, db=db) for word in words))
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err


def test_file_that_cannot_be_written_is_one_sentence(export: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = export("csv", "-o", str(tmp_path / "file" / "out.csv"))
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "cannot be written" in done.err


def test_disk_that_fills_up_leaves_the_old_file(db: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000,) * 2)\n"
    limited += "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += "from csu_news.cli import main; main(prog_name='csu-news')"
    done = run("export", "csv", "-o", str(path), "--db", str(db), command=(sys.executable, "-c", limited))
    assert (done.code, done.out) == (1, "")
    assert done.err == f"Error: {path} cannot be written: File too large.\n"
    assert (path.read_text(), [found.name for found in tmp_path.iterdir()]) == ("old", ["out.csv"])


def test_closed_pipe_is_quiet(db: Path) -> None:
    command = [sys.executable, "-m", "csu_news", "export", "csv", "--db", str(db)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_every_format_is_documented() -> None:
    text = (Path(__file__).parents[1] / "docs" / "exports.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w-]+)` \|", text, re.M) == list(FORMATS)
