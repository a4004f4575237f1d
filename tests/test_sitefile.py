"""Profiles outside the package: what a file may say, each mistake in one sentence, and crawls by them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from driving import Ran, archived, differences, modelled, query, run
from handmade import Answer, article, listing, served

from csu_news.archive import Archive
from csu_news.cli import main
from csu_news.errors import UsageError
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.sitefile import read_site_file
from csu_news.sites import SITES, Column, Labels, Site, site_as_json, site_from_json
from csu_news.urls import is_web_address

WHOLE = """
name = "exam-ple.zh"
title = "A University"
base_url = "HTTPS://News.Example.edu.cn/cn/index.htm"
language = "zh"
timezone = "Asia/Urumqi"
owner = 1662274082
hosts = ["news.example.edu.cn", "WWW.example.edu.cn:8080"]
media_hosts = ["pictures.example.edu.cn"]
former_hosts = ["old.example.edu.cn"]
title_suffixes = ["-A University"]

[[columns]]
column_id = 1014
list_url = "../rczc/zcfg.htm"
name = "Policies"

[[columns]]
column_id = 1015

[labels]
date = ["Erschienen", "Date"]
prev = ["Davor"]
"""


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a profile's file."""

    def write(text: str, name: str = "example.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_whole_profile(profile: Callable[[str], Path]) -> None:
    site = read_site_file(profile(WHOLE))
    assert site == Site(
        name="exam-ple.zh",
        title="A University",
        base_url="https://news.example.edu.cn/cn/",
        language="zh",
        timezone="Asia/Urumqi",
        owner=1662274082,
        hosts=("news.example.edu.cn", "www.example.edu.cn:8080"),
        media_hosts=("pictures.example.edu.cn",),
        former_hosts=("old.example.edu.cn",),
        title_suffixes=("-A University",),
        columns=(Column(1014, "../rczc/zcfg.htm", "Policies"), Column(1015)),
        labels=site.labels,
    )
    assert site.labels.date == ("Erschienen", "Date", *(word for word in Labels().date if word != "Date"))
    assert site.labels.prev == ("Davor", *Labels().prev)
    assert site.labels.source == Labels().source
    assert site_from_json(site_as_json(site)) == site, "as archives and WARC files keep it"


@pytest.mark.parametrize(
    ("text", "name", "base_url"),
    [
        ('base_url = "https://www.example.edu.cn/"', "www.example.edu.cn", "https://www.example.edu.cn/"),
        ('base_url = "http://127.0.0.1:8000"', "127.0.0.1-8000", "http://127.0.0.1:8000/"),
        ('hosts = ["a.example", "b.example"]', "a.example", "https://a.example/"),
        ('\ufeffname = "x"\nhosts = ["a.example"]', "x", "https://a.example/"),
    ],
)
def test_what_is_derived(profile: Callable[[str], Path], text: str, name: str, base_url: str) -> None:
    site = read_site_file(profile(text))
    assert (site.name, site.base_url, site.hosts[0]) == (name, base_url, base_url.split("/")[2])
    assert (site.language, site.timezone, site.columns, site.labels) == (None, "Asia/Shanghai", (), Labels())


BASE = 'base_url = "https://www.example.edu.cn/"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "base_url is missing"),
        ("name = example", "is not TOML"),
        (f"{BASE}{BASE}", "is not TOML"),
        (f'{BASE}Name = "x"', "no key Name; did you mean name?"),
        (f'{BASE}host = ["www.example.edu.cn"]', "no key host; did you mean hosts?"),
        (f"{BASE}robots = false", "no key robots; known are name, title, base_url,"),
        (f"{BASE}name = 5", "name must be text in quotes, not 5"),
        (f'{BASE}title = " "', "title must be text"),
        (f'{BASE}name = "Exämple"', "name must be of small letters"),
        (f'{BASE}name = "a/b"', "name must be of small letters"),
        (f'{BASE}name = "-a"', "name must be of small letters"),
        (f'{BASE}name = "csu-en"', "'csu-en' is that of a site that csu-news knows"),
        (f'{BASE}name = "demo-x"', "'demo-x' is that of the demo"),
        ('base_url = "www.example.edu.cn"', "base_url must be an address"),
        ('base_url = "ftp://www.example.edu.cn/"', "base_url must be an address"),
        ('base_url = "https://me:secret@www.example.edu.cn/"', "base_url must be an address"),
        ('base_url = "https://[/"', "base_url must be an address"),
        (f'{BASE}hosts = ["b.example"]', "add 'www.example.edu.cn' to them"),
        (f'{BASE}hosts = "www.example.edu.cn"', "hosts must be a list in [brackets], not 'www"),
        (f"{BASE}hosts = []", "hosts must be a list"),
        (f'{BASE}hosts = ["https://www.example.edu.cn/"]', "without scheme or path, not 'https"),
        (f'{BASE}media_hosts = ["pictures.example.edu.cn/x"]', "media_hosts must hold hosts"),
        (f"{BASE}former_hosts = [7]", "former_hosts must hold hosts"),
        (f'{BASE}former_hosts = ["www.example.edu.cn"]', "which is one of its hosts now"),
        (f'{BASE}language = "de"', "language must be one of en, zh, not 'de'"),
        (f"{BASE}language = [1]", "language must be one of en, zh"),
        (f'{BASE}timezone = "Beijing"', "timezone must be a time zone's name"),
        (f'{BASE}timezone = "../etc"', "timezone must be a time zone's name"),
        (f'{BASE}owner = "5"', "owner must be a number"),
        (f"{BASE}owner = true", "owner must be a number"),
        (f"{BASE}columns = [1014]", "columns must be written as tables"),
        (f"{BASE}[columns]\ncolumn_id = 1", "columns must be a list"),
        (f'{BASE}[[columns]]\nlist_url = "a.htm"', "a column without column_id"),
        (f"{BASE}[[columns]]\nid = 5", "no key columns.id; known are column_id, list_url, name."),
        (f'{BASE}[[columns]]\ncolumn_id = "5"', "columns.column_id must be a number"),
        (f"{BASE}[[columns]]\ncolumn_id = 5\n[[columns]]\ncolumn_id = 5\nname = 'x'", "names column 5 twice"),
        (f'{BASE}[[columns]]\ncolumn_id = 5\nlist_url = "//b.example/n.htm"', "column 5 is off the site's hosts"),
        (f'{BASE}[[columns]]\ncolumn_id = 5\nlist_url = "mailto:x"', "column 5 is off the site's hosts"),
        (f"{BASE}labels = 5", "labels must be written as a table"),
        (f'{BASE}[labels]\ntime = ["x"]', "no key labels.time; known are date, source,"),
        (f'{BASE}[labels]\ndate = "x"', "labels.date must be a list"),
    ],
)
def test_mistakes(profile: Callable[[str], Path], text: str, said: str) -> None:
    path = profile(text)
    with pytest.raises(UsageError) as caught:
        read_site_file(path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert said in sentence
    assert "\n" not in sentence


def test_file_that_cannot_be_read(tmp_path: Path, profile: Callable[[str], Path]) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(UsageError, match=f"Cannot read {path}"):
            read_site_file(path)
    path = profile("")
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(UsageError, match="not written in UTF-8"):
        read_site_file(path)


def test_built_in_profiles_keep_the_same_rules() -> None:
    names = ["csu-en", "csu-zh", "csu-intl", "csu-xysm", "csu-civil", "csu-xynursing"]
    assert list(SITES) == names
    hosts = [host for site in SITES.values() for host in site.hosts]
    assert len(set(hosts)) == len(hosts), "a page belongs to one site"
    for site in SITES.values():
        assert site.base_url
        assert is_web_address(site.base_url)
        assert site.owns(site.base_url)


# -- crawls ------------------------------------------------------------------------------------


def crawled(db: Path, *arguments: str) -> Ran:
    return run("crawl", *arguments, "--db", str(db), "--delay", "0", "--json")


def profile_of(site: ReplicaSite, name: str) -> str:
    columns = "".join(
        f'[[columns]]\ncolumn_id = {section.column_id}\nlist_url = "{section.path}.htm"\n' for section in site.sections
    )
    return f'name = "{name}"\nbase_url = "{site.base_url}"\n{columns}'


def test_two_files_are_two_sites_and_the_archive_remembers_them(
    db: Path, serve: Callable[..., ReplicaServer], profile: Callable[..., Path]
) -> None:
    english, chinese = ReplicaSite("en", articles=8), ReplicaSite("zh", articles=8)
    server = serve(english, chinese)
    files = [profile(profile_of(site, f"r-{site.language}"), f"{site.language}.toml") for site in (english, chinese)]
    ran = crawled(db, "--no-media", *(word for path in files for word in ("--site-file", str(path))))
    assert (ran.code, ran.err) == (0, "")
    assert [site["site"] for site in ran.document["sites"]] == ["r-en", "r-zh"]
    for path, site in zip(files, (english, chinese), strict=True):
        assert differences(db, modelled(site, f"r-{path.stem}"), f"r-{path.stem}") == []
    for path in files:
        path.unlink()
    (news,) = chinese.publish(1)
    server.clear()
    ran = crawled(db, "r-zh", "--no-media")
    assert (ran.code, ran.document["new"]) == (0, 1)
    assert news in server.paths(chinese)
    assert server.paths(english) == []
    assert differences(db, modelled(chinese, "r-zh"), "r-zh") == []


def test_labels_are_kept_for_later_runs_and_for_rebuilding(
    db: Path, tmp_path: Path, profile: Callable[[str], Path]
) -> None:
    def page(news_id: int) -> str:
        return article(news_id).replace("January 8, 2020Click:", f"Erschienen: 2020-03-0{news_id % 10} Click:")

    with served({"/news.htm": listing(5, ["info/5/11.htm"]), "/info/5/11.htm": page(11)}) as site:
        path = profile(
            f'name = "x"\nbase_url = "{site.url}"\n[[columns]]\ncolumn_id = 5\nlist_url = "news.htm"\n'
            '[labels]\ndate = ["Erschienen"]\n'
        )
        written = read_site_file(path)
        assert crawled(db, "x", "--site-file", str(path)).code == 0
        path.unlink()
        site.pages |= {"/news.htm": listing(5, ["info/5/12.htm", "info/5/11.htm"]), "/info/5/12.htm": page(12)}
        ran = crawled(db, "x")
        assert (ran.code, ran.err, ran.document["new"]) == (0, "", 1)
        by_url = crawled(db, f"{site.url}/info/5/12.htm")
        assert (by_url.code, by_url.document["new"]) == (0, 0), "an address of the site is the site's"
    dates = query(db, "select key, published from articles order by 1")
    assert dates == [("x-11", "2020-03-01"), ("x-12", "2020-03-02")]
    with Archive(db) as archive:
        stored = archive.site("x")
    assert stored is not None
    assert (stored.labels, stored.columns) == (written.labels, written.columns)
    rebuilt = tmp_path / "rebuilt" / "new.db"
    files = [str(file) for file in (db.parent / "warc").glob("*.warc.gz")]
    assert run("reparse", "--from-warc", *files, "--db", str(rebuilt)).code == 0
    assert archived(rebuilt) == archived(db)
    with Archive(rebuilt) as archive:
        found = archive.site("x")
    assert found is not None
    assert found.labels == written.labels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x"\nbase_url = "http://127.0.0.1:2/"', "'x' is that of http://127.0.0.1:1/"),
        ('name = "y"\nbase_url = "http://127.0.0.1:1/"', "'127.0.0.1:1', which is known here as site 'x'"),
        ('name = "y"\nbase_url = "http://127.0.0.1:2/"', "No list of y is known yet"),
        (
            'name = "y"\nbase_url = "http://127.0.0.1:2/"\nformer_hosts = ["127.0.0.1:1"]',
            "former_hosts has '127.0.0.1:1', which is known here as site 'x'",
        ),
    ],
)
def test_what_an_archive_refuses(db: Path, profile: Callable[[str], Path], text: str, said: str) -> None:
    path = profile('name = "x"\nbase_url = "http://127.0.0.1:1/"\n[[columns]]\ncolumn_id = 5\nlist_url = "n.htm"\n')
    assert crawled(db, "--site-file", str(path), "--max-requests", "1").code == 1, "nobody answers there"
    profile(text)
    ran = crawled(db, "--site-file", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_site_that_moved_says_so(db: Path, profile: Callable[[str], Path]) -> None:
    page = {"/news.htm": listing(5, ["info/5/11.htm"]), "/info/5/11.htm": article(11)}
    columns = '[[columns]]\ncolumn_id = 5\nlist_url = "news.htm"\n'
    with served(page) as old, served(page) as new:
        path = profile(f'name = "x"\nbase_url = "{old.url}/"\n{columns}')
        assert crawled(db, "--site-file", str(path)).code == 0
        moved = f'name = "x"\nbase_url = "{new.url}/"\nformer_hosts = ["{old.url.split("/")[2]}"]\n'
        ran = crawled(db, "--site-file", str(profile(f"{moved}{columns}")))
        assert (ran.code, ran.err) == (0, "")


def test_former_host_that_leads_to_the_present_one_is_no_site_of_its_own(
    db: Path, profile: Callable[[str], Path]
) -> None:
    page = {"/news.htm": listing(5, ["info/5/11.htm"]), "/info/5/11.htm": article(11)}
    columns = '[[columns]]\ncolumn_id = 5\nlist_url = "news.htm"\n'
    with served(page) as old, served(page) as new:
        path = profile(f'name = "x"\nbase_url = "{old.url}/"\n{columns}')
        assert crawled(db, "--site-file", str(path)).code == 0
        old.pages = {path: Answer(301, "", f"{new.url}{path}") for path in ("/robots.txt", *page)}
        assert crawled(db, "x").code == 1
        findings = "select kind from findings where resolved_at is null"
        assert query(db, findings) == [("robots",)]
        moved = f'name = "x"\nbase_url = "{new.url}/"\nformer_hosts = ["{old.url.split("/")[2]}"]\n'
        assert crawled(db, "--site-file", str(profile(f"{moved}{columns}"))).code == 0
        assert query(db, findings) == [], "the site can be crawled again"
        old.paths.clear()
        ran = crawled(db, f"{old.url}/info/5/11.htm")
        assert (ran.code, ran.err, old.paths) == (0, "", [])
        assert query(db, "select name from sites") == [("x",)]


def test_site_of_which_no_list_is_known(db: Path) -> None:
    ran = crawled(db, "csu-zh")
    assert (ran.code, ran.out) == (2, "")
    assert "give the URL of an article or a list of https://news.csu.edu.cn/ once" in ran.err


def test_schedule_asks_for_the_name_that_the_archive_remembers(db: Path, profile: Callable[[str], Path]) -> None:
    path = profile(BASE)
    words = [
        "schedule",
        "--every",
        "6h",
        "--db",
        str(db),
        "--contact",
        "mailto:a@example.org",
        "--site-file",
        str(path),
    ]
    ran = CliRunner().invoke(main, words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "crawl once with --site-file, then schedule the site by name" in ran.stderr
