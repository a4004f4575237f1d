"""An archive that two paired sites were crawled into, served by a process of its own, and a browser to read it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from browsing import PNG, SECRET, store_file
from driving import COMMAND, environment, profiled, query, run
from test_archive import BASE, Bench, article, url_of

from csu_news.items import Attachment, Image
from csu_news.replica import ReplicaServer, ReplicaSite, pair

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NEW_TITLE = "The new library opens its doors"
PROBE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>{{7*7}}"


@dataclass(frozen=True)
class Served:
    """Where an archive is served, and what there is to see in it, by keys."""

    url: str
    db: Path
    edited: str
    gone: str
    withheld: str
    translated: str
    day: str


@pytest.fixture(scope="module")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return an archive of two sites, English and Chinese, crawled twice, and served."""
    db = tmp_path_factory.mktemp("browser") / "archive.db"
    sites = [ReplicaSite(language, articles=24, seed=6) for language in ("en", "zh")]
    english, _ = sites
    pair(*sites)
    paired = [number for number in range(english.size) if english.counterpart(number) == number]
    plain = [number for number in range(english.size) if number not in paired and not english.expected(number)["parts"]]
    ids = {name: english.calendar.id_of(n) for name, n in zip(("edited", "gone", "withheld"), plain, strict=False)}
    english.edit(ids["withheld"], title=f"{SECRET} title", body=f"{SECRET} words")
    with ReplicaServer(sites):
        command = profiled(*sites)
        crawl = ("crawl", "demo-en", "demo-zh", "--db", str(db), "--delay", "0", "--json")
        assert run(*crawl, command=command).code == 0
        english.edit(ids["edited"], title=NEW_TITLE, body="The new library opens.\n\nIt has a million books.")
        english.delete(ids["gone"], "410")
        assert run(*crawl[:2], *crawl[3:], "--full", command=command).code == 0
    keys = {name: f"demo-en-{news_id}" for name, news_id in ids.items()}
    assert run("withhold", keys["withheld"], "--reason", "asked to", "--db", str(db)).code == 0
    ((translated,),) = query(db, "select en_key from translation_pairs order by en_key limit 1")
    ((day,),) = query(db, "select substr(max(seen_at), 1, 10) from revisions")
    with serving(db) as url:
        yield Served(url, db, translated=translated, day=day, **keys)


@pytest.fixture(scope="module")
def hostile(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return where an archive is served in which every text is a probe."""
    bench = Bench(tmp_path_factory.mktemp("hostile") / "archive.db")
    picture, drawing = (f"{BASE}__local/{name}?{quote(PROBE)}" for name in ("a.png", "b.svg"))
    bench.read(1, 2)
    bench.visit(
        url_of(1),
        article(
            url_of(1),
            title=PROBE,
            body=PROBE,
            body_html=f'<p onclick="alert(4)">{PROBE}</p><a href="javascript:alert(5)">x</a><img src="{picture}">',
            sources=[PROBE],
            source_raw=PROBE,
            images=[Image(picture, None, PROBE), Image(drawing)],
            attachments=[Attachment("javascript:alert(6)", PROBE), Attachment(drawing, "b.svg")],
        ),
    )
    store_file(bench, picture, PNG)
    store_file(bench, drawing, b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(7)"/>', "image/svg+xml")
    bench.run.report("odd", PROBE, url_of(1))
    bench.run.finish()
    bench.archive.close()
    with serving(bench.path) as url:
        yield url


@contextmanager
def serving(db: Path) -> Iterator[str]:
    """Serve an archive by a process of its own; give its address, without a slash at the end."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--json", "--db", str(db)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert process.stdout is not None
        yield _document(process.stdout.readline)["url"].rstrip("/")
    finally:
        process.terminate()
        _, complaints = process.communicate(timeout=20)
        assert complaints == "", complaints


def _document(line: Callable[[], str]) -> Any:
    text = line()
    while True:
        try:
            return json.loads(text)
        except ValueError:
            more = line()
            assert more, text
            text += more


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A tab of a browser, and what nobody wants to see in it."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._on_dialog)
        self.page.on("request", self._on_request)

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def _on_console(self, message: Any) -> None:
        is_page_itself = message.location["url"] == self.page.url  # an address without a page is a 404
        if message.type in ("error", "warning") and not is_page_itself:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _on_dialog(self, dialog: Any) -> None:
        self.complaints.append(f"{self.page.url}: dialog {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((f"{self.base}/", "data:")):
            self.complaints.append(f"{self.page.url}: asked for {request.url}")


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """Return a function that opens a tab on a site; at the test's end, nothing may have been complained of."""
    tabs: list[tuple[BrowserContext, Watched]] = []

    def start(base: str, **options: Any) -> Watched:
        context = chromium.new_context(**({"locale": "en", "viewport": {"width": 1280, "height": 900}} | options))
        context.set_default_timeout(20_000)
        tab = Watched(context.new_page(), base)
        tabs.append((context, tab))
        return tab

    yield start
    for context, _ in tabs:
        context.close()
    complaints = [complaint for _, tab in tabs for complaint in tab.complaints]
    assert complaints == [], complaints
