"""`csu-news probe`: a look of six requests at most, field by field, and the profile that a crawl accepts."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from driving import Ran, archived, differences, modelled, run
from handmade import Answer, article, listing, served

from csu_news.cli import main
from csu_news.cli.probe import NOT_FOUND
from csu_news.items import Article, Image, Outcome, Record, Visit
from csu_news.probe.findings import GATES, probed
from csu_news.probe.profile import profile_text
from csu_news.probe.seen import Seen
from csu_news.replica import ReplicaServer, ReplicaSite
from csu_news.replica.model import pair
from csu_news.sitefile import parse_profile
from csu_news.sites import unprofiled

Serve = Callable[..., ReplicaServer]
MOST = 6


def look(url: str, *options: str, cwd: Path | None = None) -> Ran:
    return run("probe", url, "--delay", "0", "--json", *options, cwd=cwd)


def error_of(ran: Ran) -> str:
    """Return the sentence that a probe without a profile ends with."""
    assert "Traceback" not in ran.err
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert (line, ran.document["profile"]) == (f"Error: {ran.document['error']}", None)
    return line


def expected(found: dict[str, Any]) -> dict[str, Any]:
    """Return what a probe should say of an article that the model describes."""
    files = [name for _, name in found["attachments"]]
    return {
        "url": found["url"],
        "title": found["title"],
        "date": found["published_at"] or found["published"],
        "source": "; ".join(found["sources"]) or None,
        "language": found["language"],
        "prev": found["prev"] and f"{found['prev'][1]} {found['prev'][0]}",
        "next": found["next"] and f"{found['next'][1]} {found['next'][0]}",
        "images": [url for url, _ in found["images"]] or None,
        "attachments": files or None,
    }


@pytest.mark.parametrize(("language", "given"), [("en", "home"), ("en", "list"), ("en", "article"), ("zh", "home")])
def test_profile_crawls_what_the_address_crawls(serve: Serve, tmp_path: Path, language: str, given: str) -> None:
    site, partner = ReplicaSite(language, articles=30), ReplicaSite("zh" if language == "en" else "en", articles=30)
    pair(*((site, partner) if language == "en" else (partner, site)))
    server = serve(site, partner)
    section = site.sections[0]
    newest = next(number for number in range(site.size - 1, -1, -1) if site.section_of(number) is section)
    path = {"home": "", "list": f"{section.path}.htm", "article": site.path_of(newest)[1:]}[given]
    profile = tmp_path / "site.toml"

    ran = look(site.base_url + path, "-o", str(profile))
    assert (ran.code, ran.err) == (0, "")
    asked = server.paths(site)
    assert asked[0] == "/robots.txt"
    assert len(asked) == ran.document["requests"] == {"home": 6, "list": 5, "article": 6}[given] <= MOST
    assert server.paths(partner) == [], "the other language is another site"

    name = site.base_url.split("/")[2].replace(":", "-")
    model = modelled(site, name, [section.column_id])
    for found in ran.document["articles"]:
        wanted = expected(model[f"{name}-{found['url'].rpartition('/')[2].removesuffix('.htm')}"])
        assert {key: found[key] for key in wanted} == wanted
    assert len(ran.document["articles"]) == 3 + (given == "article")
    assert [(c["column_id"], c["name"], c["looked_at"]) for c in ran.document["columns"]] == [
        (section.column_id, section.name, True)
    ]
    assert set(ran.document["others"]) <= {site.sections[1].column_id}, "a side bar may name it"

    assert profile.read_text(encoding="utf-8") == ran.document["profile"]
    assert len([line for line in ran.document["profile"].splitlines() if line and line[0] != "#"]) <= 10
    by_file, by_url = tmp_path / "file" / "a.db", tmp_path / "url" / "a.db"
    crawl = ("crawl", "--delay", "0", "--json", "--no-media", "--db")
    assert run(*crawl, str(by_file), "--site-file", str(profile)).code == 0
    assert run(*crawl, str(by_url), site.base_url + (path or f"{section.path}.htm")).code == 0
    assert differences(by_file, model) == []
    assert archived(by_file) == archived(by_url)


def test_nothing_is_kept_but_the_profile(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = ReplicaSite("en", articles=5)
    serve(site)
    here, scratch = tmp_path / "here", tmp_path / "scratch"
    here.mkdir()
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    ran = run("probe", site.base_url, "--delay", "0", "-o", "x.toml", "--language", "en", cwd=here)
    assert (ran.code, ran.err) == (0, "")
    assert [path.name for path in here.iterdir()] == ["x.toml"]
    assert list(scratch.iterdir()) == []
    assert 'language = "en"' in (here / "x.toml").read_text().splitlines()
    assert NOT_FOUND in ran.out
    assert "The profile is in x.toml" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    again = run("probe", site.base_url, "-o", "x.toml", cwd=here)
    assert (again.code, again.err) == (2, "Error: x.toml exists already: name another file with -o.\n")


@pytest.mark.parametrize("url", ["ftp://host/x.htm", "www.example.edu.cn", "http://me:secret@host/"])
def test_what_is_no_address(url: str) -> None:
    ran = CliRunner().invoke(main, ["probe", url])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "is no address to look at" in ran.stderr


@pytest.mark.parametrize(
    ("path", "fault", "options", "said"),
    [
        ("/News.htm", "challenge", {}, GATES["challenge"]),
        ("/News.htm", "captcha", {}, GATES["captcha"]),
        ("/News.htm", "no-permission", {}, GATES["denied"]),
        ("/News.htm", "login", {}, "/auth/cas/clogin.jsp"),
        ("/News.htm", "status", {"status": 403}, "answered with 403: it is refused."),
        ("/News.htm", "status", {"status": 500}, "answered with 500"),
        ("/News.htm", "redirect-off-site", {}, "leads out of the site, to http://elsewhere.invalid/info/1/2.htm"),
        ("/News.htm", "rubbish", {}, "is no page of a VSB site."),
        ("/robots.txt", "status", {"status": 503}, "so nothing may be fetched."),
        ("/info/*", "challenge", {}, GATES["challenge"]),
        ("/info/*", "status", {"status": 403}, "answered with 403: it is refused."),
    ],
)
def test_what_stands_in_the_way(serve: Serve, path: str, fault: str, options: dict[str, int], said: str) -> None:
    site = ReplicaSite("en", articles=20)
    server = serve(site)
    site.break_(path, fault, **options)
    assert said in error_of(look(f"{site.base_url}News.htm"))
    assert len(server.paths()) <= MOST


PAGES: dict[str, str | Answer] = {
    "/empty.htm": listing(5, []),
    "/elsewhere.htm": listing(5, ["http://elsewhere.invalid/info/5/1.htm"]),
    "/plain.htm": "<html><head><title>A page</title></head><body><p>Some words.</p></body></html>",
    "/about.htm": "<html><head><script>_jsq_(7,'/about.jsp',-1,77)</script></head><body><p>Words.</p></body></html>",
}


@pytest.mark.parametrize(
    ("path", "vsb", "said"),
    [
        ("/empty.htm", True, "is a list that names no article of this site."),
        ("/elsewhere.htm", True, "is a list that names no article of this site."),
        ("/plain.htm", False, "is no page of a VSB site."),
        ("/about.htm", True, "but links to no article: give the address of an article or a list."),
        ("/none.htm", False, "answered with 404: it is not there."),
    ],
)
def test_pages_without_articles(path: str, vsb: bool, said: str) -> None:
    with served(PAGES) as site:
        ran = look(site.url + path)
        assert said in error_of(ran)
        assert ran.document["is_vsb"] is vsb
        assert site.paths == ["/robots.txt", path]


def test_robots_txt_is_obeyed() -> None:
    pages = {**PAGES, "/robots.txt": "User-agent: *\nDisallow: /", "/News.htm": listing(5, ["info/5/1.htm"])}
    with served(pages) as site:
        assert f"robots.txt forbids {site.url}/News.htm." in error_of(look(f"{site.url}/News.htm"))
        assert site.paths == ["/robots.txt"]


def test_nobody_answers() -> None:
    with served({}) as site:
        url = site.url
    assert f"{url}/robots.txt cannot be had" in error_of(look(f"{url}/News.htm"))


def test_site_that_imitates_ours_elsewhere_is_not_followed() -> None:
    """Lists, articles and redirects of one host lead to the same paths of another, which has it all."""
    whole = {"/news.htm": listing(5, ["info/5/1.htm"]), "/info/5/1.htm": article(1), "/info/5/2.htm": article(2)}
    with served(whole) as ours:
        links = [f"{ours.url}/info/5/1.htm", "info/5/3.htm", "info/5/4.htm"]
        pages: dict[str, str | Answer] = {
            "/news.htm": listing(5, links),
            "/info/5/3.htm": article(3, prev=f"{ours.url}/info/5/2.htm", body=f'<img src="{ours.url}/a.jpg">'),
            "/info/5/4.htm": Answer(302, location=f"{ours.url}/info/5/2.htm"),
        }
        with served(pages) as theirs:
            ran = look(f"{theirs.url}/news.htm")
            assert ran.code == 0
            assert [found["url"] for found in ran.document["articles"]] == [f"{theirs.url}/info/5/3.htm"]
            assert "leads out of the site" in ran.document["troubles"][0]
            assert tomllib.loads(ran.document["profile"])["hosts"] == [theirs.url.split("/")[2]]
        assert ours.paths == []


def test_redirect_of_the_home_page_and_a_page_that_fails(serve: Serve) -> None:
    site = ReplicaSite("en", articles=30)
    server = serve(site)
    site.break_("/", "redirect", to="/index.htm")
    site.break_("/News.htm", "status", status=500)
    ran = look(site.base_url)
    assert (ran.code, ran.err) == (0, "")
    assert len(server.paths()) == MOST
    assert ran.document["troubles"] == [f"{site.base_url}News.htm was answered with 500: error."]
    (column,) = ran.document["columns"]
    assert (column["looked_at"], column["list_url"]) == (False, f"{site.base_url}News.htm")
    assert 'list_url = "News.htm" # as the articles say, not looked at' in ran.document["profile"]
    assert parse_profile(tomllib.loads(ran.document["profile"])).columns[0].list_url == "News.htm"


def test_profile_names_sister_hosts_that_have_pictures() -> None:
    url = "https://en.example.edu.cn/info/5/1.htm"
    pictures = ["https://news.example.edu.cn/1.jpg", "/2.jpg", "https://cdn.invalid/3.jpg", "https://edu.cn/4.jpg"]
    page = Article(url, 1, 77, 5, 'A "quoted" \\ title', language="en", images=[Image(one) for one in pictures])
    visit = Visit(1, url, 200, Record(url, None), Outcome.ARTICLE, page)  # type: ignore[arg-type]
    probe = probed(url, unprofiled(url), [Seen(visit)], {5: None}, None)
    site = parse_profile(tomllib.loads(profile_text(probe)))
    assert site == probe.site
    assert site.media_hosts == ("news.example.edu.cn",)
