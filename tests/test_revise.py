"""Revisions compared, findings, decisions: over a replica that a real process crawls, is edited, and crawls again."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
from click.testing import CliRunner
from driving import Ran, query

from csu_news.archive import Archive
from csu_news.cli import main
from csu_news.replica import ReplicaServer, ReplicaSite

Serve = Callable[..., ReplicaServer]
Crawl = Callable[..., Ran]
FULL = ("--full",)
PROBE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;</ins>\x1b[31m"
VIEWS = ("article_list", "changed_articles", "citations", "untranslated_articles", "gone_articles")


@pytest.fixture
def site(serve: Serve, crawl: Crawl) -> ReplicaSite:
    """Return a replica that is served and was crawled once."""
    site = ReplicaSite("en", articles=16, seed=29)
    serve(site)
    assert crawl(site).code == 0
    return site


@pytest.fixture
def ask(db: Path) -> Callable[..., Ran]:
    """Return a function that runs a command on the archive, in this process."""

    def start(*words: str, on: Path = db) -> Ran:
        done = CliRunner().invoke(main, [words[0], "--db", str(on), *words[1:]])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Ran(done.exit_code, done.stdout, done.stderr)

    return start


def plain_article(site: ReplicaSite) -> int:
    """Return the id of an article that is text on one page, without captions and a source below."""
    media = ("parts", "images", "attachments")
    plain = [found for found in site.articles() if found["body"] and not any(found[name] for name in media)]
    return [int(found["news_id"]) for found in plain if not re.search("^Sources?:", found["body"], re.M)][-1]


def path_of(site: ReplicaSite, news_id: int) -> str:
    number = site.find(news_id)
    assert number is not None
    return site.path_of(number)


def searched(db: Path, word: str) -> list[str]:
    sql = "select key from articles_fts f join articles a on a.id = f.rowid where articles_fts match ?"
    return [key for (key,) in query(db, sql, word)]


def in_views(db: Path, key: str) -> set[str]:
    return {view for view in VIEWS if query(db, f"select 1 from {view} where key = ?", key)}


def verified(ask: Callable[..., Ran]) -> bool:
    ran = ask("verify", "--json")
    assert ran.code == 0, ran.out + ran.err
    return True


# -- diff --------------------------------------------------------------------------------------


def test_diff_shows_what_an_editor_changed(site: ReplicaSite, crawl: Crawl, ask: Callable[..., Ran]) -> None:
    news_id = plain_article(site)
    key = f"demo-en-{news_id}"
    site.edit(news_id, title="Ten red roses", body="First.\n\nThe dean came.\n\nLast.")
    assert crawl(site, options=FULL).document["changed"] == 1
    site.edit(news_id, title="Ten white roses", body="First.\n\nThe new dean came.\n\nLast.")
    assert crawl(site, options=FULL).document["changed"] == 1
    plain = ask("diff", key)
    assert (plain.code, plain.err) == (0, "")
    assert plain.out.splitlines()[1:] == [
        *("", "title", "Ten [-red-]{+white+} roses"),
        *("", "body", "First.", "", "The {+new +}dean came.", "", "Last."),
    ]
    assert re.match(rf"{key}: revision 2 \(2.+Z\) and revision 3 \(2.+Z\)\n", plain.out)
    document = ask("diff", urljoin(site.base_url, path_of(site, news_id)), "--json").document
    assert [document[name] for name in ("key", "revisions")] == [key, 3]
    assert (document["from"]["number"], document["to"]["number"]) == (2, 3)
    assert [change["field"] for change in document["changes"]] == ["title", "body"]
    assert document["changes"][0]["hunks"] == [
        [
            {"kind": "kept", "text": "Ten "},
            {"kind": "removed", "text": "red"},
            {"kind": "added", "text": "white"},
            {"kind": "kept", "text": " roses"},
        ]
    ]
    assert ask("diff", key, "--from", "1", "--to", "2", "--json").document["to"]["number"] == 2
    assert ask("diff", key, "--from", "2", "--to", "2").out.endswith("They say the same.\n")
    unknown = ask("diff", key, "--from", "1", "--to", "4")
    assert (unknown.code, unknown.err) == (2, f"Error: {key} has no revision 4: it has revisions 1 to 3.\n")


def test_diff_of_one_revision_says_so(site: ReplicaSite, ask: Callable[..., Ran]) -> None:
    key = f"demo-en-{plain_article(site)}"
    ran = ask("diff", key)
    assert (ran.code, "one revision only" in ran.out) == (0, True)
    assert ask("diff", key, "--json").document["changes"] == []
    assert ask("diff", key, "--to", "2").code == 2
    assert ask("diff", "demo-en-1").code == 2
    assert ask("diff", key, "--json", "--html").code == 2


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))


def test_probes_are_inert_in_html_and_on_a_terminal(
    site: ReplicaSite, crawl: Crawl, db: Path, ask: Callable[..., Ran]
) -> None:
    news_id = plain_article(site)
    key = f"demo-en-{news_id}"
    site.edit(news_id, title="Plain", body="Plain.")
    crawl(site, options=FULL)
    with Archive(db, write=True) as archive:  # as if a parser had let it through
        archive.connection.execute("update revisions set title = ?, body = ? where number = 2", (PROBE, PROBE))
    page = ask("diff", key, "--html").out
    tags = Tags()
    tags.feed(page)
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "section", "div", "del", "ins"}
    assert {tag for tag, _ in tags.seen} <= allowed
    assert {name for _, names in tags.seen for name in names} <= {"lang", "charset", "http-equiv", "content"}
    assert "&lt;script&gt;" in page
    assert "<del>" in page
    assert "\x1b" not in ask("diff", key).out


def test_colours_on_a_terminal(db: Path, monkeypatch: pytest.MonkeyPatch, site: ReplicaSite, crawl: Crawl) -> None:
    from rich.console import Console

    news_id = plain_article(site)
    site.edit(news_id, title="Ten red roses")
    crawl(site, options=FULL)
    site.edit(news_id, title="Ten white roses")
    crawl(site, options=FULL)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    console = Console(force_terminal=True, color_system="standard", highlight=False)
    monkeypatch.setattr("csu_news.cli.revise.out", console)
    result = CliRunner().invoke(main, ["diff", f"demo-en-{news_id}", "--db", str(db)], color=True)
    assert result.exit_code == 0
    assert "\x1b[9;31mred\x1b[0m" in result.output
    assert "\x1b[32mwhite\x1b[0m" in result.output
    assert "[-" not in result.output


# -- findings ----------------------------------------------------------------------------------


def test_findings_are_listed_and_acknowledged(site: ReplicaSite, crawl: Crawl, ask: Callable[..., Ran]) -> None:
    assert (ask("findings").out, ask("findings", "--json").document) == ("Nothing is to be looked at.\n", [])
    path = path_of(site, plain_article(site))
    site.break_(path, "challenge-200")
    assert crawl(site, options=FULL).code == 1
    (found,) = ask("findings", "--json").document
    assert (found["kind"], found["url"]) == ("challenge", urljoin(site.base_url, path))
    shown = ask("findings").out
    assert "challenge" in shown
    assert path in shown
    assert max(map(len, shown.splitlines())) <= 80
    acknowledged = ask("findings", "--ack", str(found["id"]), "--note", "They [know].", "--json").document
    assert [(row["note"], bool(row["acknowledged_at"])) for row in acknowledged] == [("They [know].", True)]
    assert "They [know]." in ask("findings").out
    unknown = ask("findings", "--ack", "99", "--note", "x")
    assert (unknown.code, "no finding 99" in unknown.err) == (2, True)
    assert ask("findings", "--ack", str(10**20), "--note", "x").code == 2
    assert ask("findings", "--ack", "1").code == 2
    site.mend()
    assert crawl(site, options=FULL).code == 0
    assert ask("findings", "--json").document == []
    assert [row["resolved_at"] is None for row in ask("findings", "--all", "--json").document] == [False]


# -- withhold ----------------------------------------------------------------------------------


def test_withheld_article_is_hidden_and_stays_so(
    site: ReplicaSite, crawl: Crawl, db: Path, ask: Callable[..., Ran]
) -> None:
    news_id = plain_article(site)
    key = f"demo-en-{news_id}"
    site.edit(news_id, title="Quokka secrets", body="A quokka was seen.")
    crawl(site, options=FULL)
    assert (searched(db, "quokka"), "article_list" in in_views(db, key)) == ([key], True)
    ran = ask("withhold", key, "--reason", "Asked for.")
    assert (ran.code, ran.out) == (0, f"{key} is withheld.\n")
    assert (searched(db, "quokka"), in_views(db, key)) == ([], set())
    assert ask("withhold", key, "--reason", "Again.").code == 2
    for options in ((), ("--json",)):
        shown = ask("show", key, *options)
        assert (shown.code, "uokka" in shown.out, "Asked for." in shown.out) == (0, False, True)
    assert ask("show", key, "--withheld", "--json").document["title"] == "Quokka secrets"
    assert ask("diff", key).code == 2
    assert ask("diff", key, "--withheld").code == 0
    assert ask("status", "--json").document["withheld"] == 1

    site.edit(news_id, body="Two quokkas were seen.")
    assert crawl(site, options=FULL).document["changed"] == 1
    assert query(db, "select status, revision_count from articles where key = ?", key) == [("withheld", 3)]
    assert (searched(db, "quokka"), in_views(db, key)) == ([], set())
    assert verified(ask)
    assert ask("reparse").code == 0
    assert searched(db, "quokka") == []

    assert ask("withhold", key, "--release", "--reason", "Withdrawn.").code == 0
    assert (searched(db, "quokkas"), "article_list" in in_views(db, key)) == ([key], True)
    assert query(db, "select kind, reason from decisions") == [("withhold", "Asked for."), ("release", "Withdrawn.")]
    assert ask("withhold", key, "--release", "--reason", "Again.").code == 2
    assert verified(ask)


def test_withheld_article_that_vanishes_is_gone_when_released(
    site: ReplicaSite, crawl: Crawl, db: Path, ask: Callable[..., Ran]
) -> None:
    news_id = plain_article(site)
    key = f"demo-en-{news_id}"
    ask("withhold", key, "--reason", "Asked for.")
    site.delete(news_id)
    assert crawl(site, options=FULL).code == 0
    assert (in_views(db, key), query(db, "select status from articles where key = ?", key)) == (set(), [("withheld",)])
    assert ask("withhold", key, "--release", "--reason", "Withdrawn.").code == 0
    assert "gone_articles" in in_views(db, key)
    site.restore(news_id)
    ask("withhold", key, "--reason", "Asked for.")
    assert crawl(site, options=FULL).code == 0
    assert query(db, "select status, gone_at from articles where key = ?", key) == [("withheld", None)]


def test_decisions_wait_for_a_crawl_and_need_an_archive(
    db: Path, tmp_path: Path, site: ReplicaSite, ask: Callable[..., Ran]
) -> None:
    key = f"demo-en-{plain_article(site)}"
    commands = (
        ("withhold", key, "--reason", "x"),
        ("accept", key),
        ("findings", "--ack", "1", "--note", "x"),
    )
    with Archive(db, write=True):
        assert [ask(*words).code for words in commands] == [75, 75, 75]
    other = tmp_path / "none.db"
    assert [ask(*words, on=other).code for words in commands] == [1, 1, 1]
    assert not other.exists()
    assert ask("withhold", "demo-en-1", "--reason", "x").code == 2
    assert ask("withhold", key).code == 2


# -- accept ------------------------------------------------------------------------------------


def test_lost_body_is_held_back_until_it_is_accepted(
    site: ReplicaSite, crawl: Crawl, db: Path, ask: Callable[..., Ran]
) -> None:
    news_id = plain_article(site)
    key = f"demo-en-{news_id}"
    nothing = ask("accept", key)
    assert (nothing.code, "Nothing is held back" in nothing.err) == (2, True)
    (before,) = query(db, "select body from articles where key = ?", key)
    site.edit(news_id, body="")
    assert crawl(site, options=FULL).code == 1
    assert query(db, "select body from articles where key = ?", key) == [before]
    requests = query(db, "select count(*) from fetches")
    document = ask("accept", key, "--json").document
    assert [document[name] for name in ("key", "accepted", "status", "revisions")] == [key, "article", "live", 2]
    assert query(db, "select body, revision_count from articles where key = ?", key) == [("", 2)]
    assert query(db, "select kind, reason, article_id is null, fetch_id is null from decisions") == [
        ("accept", "lost body", 0, 0)
    ]
    assert ask("findings", "--json").document == []
    assert query(db, "select count(*) from fetches") == requests
    assert ask("diff", key).out.count("[-") >= 1
    assert ask("accept", key).code == 2
    assert verified(ask)
    assert ask("reparse").code == 0
    assert (crawl(site, options=FULL).code, ask("findings", "--json").document) == (0, [])
    assert query(db, "select revision_count from articles where key = ?", key) == [(2,)]


def test_soft_404_is_held_back_until_it_is_accepted(
    site: ReplicaSite, crawl: Crawl, db: Path, ask: Callable[..., Ran]
) -> None:
    news_id = plain_article(site)
    key = f"demo-en-{news_id}"
    site.delete(news_id, "soft")
    assert crawl(site, options=FULL).code == 1
    assert query(db, "select status from articles where key = ?", key) == [("live",)]
    ran = ask("accept", urljoin(site.base_url, path_of(site, news_id)))
    assert (ran.code, f"{key}: The page is gone" in ran.out) == (0, True)
    ((status, gone_at, body),) = query(db, "select status, gone_at, body from articles where key = ?", key)
    assert (status, bool(gone_at), bool(body)) == ("gone", True, True)
    assert ask("findings", "--json").document == []
    assert crawl(site, options=FULL).code == 0, "the same answer is no news"
    assert query(db, "select status, gone_at from articles where key = ?", key) == [("gone", gone_at)]
    site.restore(news_id)
    assert crawl(site, options=FULL).code == 0
    assert query(db, "select status, gone_at from articles where key = ?", key) == [("live", None)]
    assert verified(ask)


def test_challenge_cannot_be_accepted(site: ReplicaSite, crawl: Crawl, db: Path, ask: Callable[..., Ran]) -> None:
    news_id = plain_article(site)
    site.break_(path_of(site, news_id), "challenge-200")
    assert crawl(site, options=FULL).code == 1
    ran = ask("accept", f"demo-en-{news_id}")
    assert (ran.code, ran.out) == (2, "")
    assert "is a challenge page: there is nothing to accept." in ran.err
    assert len(ask("findings", "--json").document) == 1
    assert query(db, "select count(*) from decisions") == [(0,)]
    assert ask("accept", "demo-en-1").code == 2


def test_page_never_archived_can_be_accepted_as_gone(
    serve: Serve, crawl: Crawl, db: Path, ask: Callable[..., Ran]
) -> None:
    site = ReplicaSite("en", articles=16, seed=29)
    serve(site)
    path = path_of(site, plain_article(site))
    site.break_(path, "soft-404")
    assert crawl(site).code == 1
    url = urljoin(site.base_url, path)
    document = ask("accept", url, "--json").document
    assert [document[name] for name in ("url", "accepted", "key", "status")] == [url, "gone", None, None]
    assert query(db, "select state from pages where url = ?", url) == [("gone",)]
    assert query(db, "select article_id, reason from decisions") == [(None, "missing")]


def test_record_that_is_damaged_is_not_accepted(
    site: ReplicaSite, crawl: Crawl, db: Path, ask: Callable[..., Ran]
) -> None:
    news_id = plain_article(site)
    site.edit(news_id, body="")
    assert crawl(site, options=FULL).code == 1
    ((name, offset),) = query(
        db,
        "select name, warc_offset from fetches f join warc_files w on w.id = warc_file_id where outcome = 'gate'",
    )
    with (db.parent / "warc" / name).open("r+b") as file:
        file.seek(offset + 60)
        file.write(b"damage")
    ran = ask("accept", f"demo-en-{news_id}")
    assert (ran.code, ran.out, f"damaged at offset {offset}" in ran.err) == (1, "", True)
    assert query(db, "select revision_count from articles where news_id = ?", news_id) == [(1,)]


def test_archive_of_the_first_schema_learns_decisions(site: ReplicaSite, db: Path, ask: Callable[..., Ran]) -> None:
    with Archive(db, write=True) as archive:
        archive.connection.execute("drop table decisions")
        archive.connection.execute("delete from _sqlite_migrations where name = 'm002_decisions'")
    key = f"demo-en-{plain_article(site)}"
    for words in (("show", key), ("diff", key), ("findings",)):
        ran = ask(*words)
        assert (ran.code, "csu-news upgrade" in ran.err) == (1, True)
    assert ask("withhold", key, "--reason", "Asked for.").code == 0
    assert query(db, "select kind from decisions") == [("withhold",)]
    assert query(db.with_name(f"{db.name}.before-m002_decisions"), "select count(*) from articles") == [(16,)]
