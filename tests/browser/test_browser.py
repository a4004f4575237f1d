"""A person's way through the archive, in a real browser; and what no page may do there."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from browsing import SECRET
from driving import query
from visiting import NEW_TITLE, PROBE, Served, Watched, browse, chromium, hostile, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["browse", "chromium", "hostile", "served"]

Browse = Callable[..., Watched]
DARK, PHONE = {"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 640}}


def paths_of(served: Served) -> dict[str, str]:
    """Return an address of each kind of page."""
    article = "/-/article"
    return {
        "home": "/",
        "search": f"/-/search?q={quote('大学 OR university')}",
        "nothing found": "/-/search?q=xyzzy&language=en",
        "translated": f"{article}/{served.translated}",
        "edited": f"{article}/{served.edited}",
        "gone": f"{article}/{served.gone}",
        "at a date": f"{article}/{served.edited}/{served.day}",
        "changes": f"{article}/{served.edited}/changes",
        "timeline": "/-/timeline",
        "sources": "/-/sources",
        "health": "/-/health",
        "no such page": f"{article}/{served.withheld}",
    }


def number_of(page: Page) -> int:
    """Return how many articles a search says it found."""
    return int(re.findall(r"[\d,]+", page.get_by_role("status").inner_text())[0].replace(",", ""))


# -- a person's way ----------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_person_types_a_chinese_word_and_reads(served: Served, browse: Browse, script: bool) -> None:
    ((title,),) = query(served.db, "select title from articles where language = 'zh' order by published limit 1")
    word = title[:2]
    page = browse(served.url, java_script_enabled=script).open("/")
    page.get_by_role("searchbox").fill(word)
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/-/search?q=*")
    assert page.get_by_role("searchbox").input_value() == word
    assert number_of(page) == page.locator(".hits > li").count() > 0
    assert {text.replace("\u200b", "") for text in page.locator("mark").all_inner_texts()} == {word}
    page.get_by_role("link", name=title).first.click()
    heading = page.get_by_role("heading", level=1)
    assert heading.inner_text() == title
    assert heading.get_attribute("lang") == "zh"


@pytest.mark.parametrize("selection", ["", "?q=university", "?q=大学&language=zh", "?status=gone"])
def test_export_holds_as_many_rows_as_the_page_says(
    served: Served, browse: Browse, tmp_path: Path, selection: str
) -> None:
    page = browse(served.url).open(f"/-/search{selection}")
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").click()
    saved.value.save_as(tmp_path / "saved.csv")
    with (tmp_path / "saved.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == number_of(page) > 0
    assert served.withheld not in {row["key"] for row in rows}


def test_filters_and_years_lead_to_as_many_articles_as_they_say(served: Served, browse: Browse) -> None:
    tab = browse(served.url)
    for path, link in (("/", ".years li"), ("/-/search", "aside li:has(.count)")):
        item = tab.open(path).locator(link).first
        number = int(item.locator(".count").inner_text())
        item.get_by_role("link").click()
        assert number_of(tab.page) == number
    chosen = tab.page.locator(".chosen a")
    assert chosen.count() == 1
    chosen.click()
    assert chosen.count() == 0


def test_translation_stands_beside_the_text_and_below_it_on_a_phone(served: Served, browse: Browse) -> None:
    tab = browse(served.url)
    page = tab.open(f"/-/article/{served.translated}")
    text, translation = page.locator(".beside > [lang=en]"), page.locator(".beside > [lang=zh]")
    left, right = text.bounding_box(), translation.bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"]
    assert left["y"] == right["y"]
    page.set_viewport_size({"width": 320, "height": 640})
    left, right = text.bounding_box(), translation.bounding_box()
    assert left is not None
    assert right is not None
    assert left["y"] + left["height"] <= right["y"]
    translation.get_by_role("link").first.click()
    assert page.get_by_role("heading", level=1).get_attribute("lang") == "zh"
    assert page.locator(".translation").get_attribute("lang") == "en"


def test_pictures_come_out_of_the_archive(served: Served, browse: Browse) -> None:
    ((key,),) = query(
        served.db,
        "select a.key from articles a join media m on m.article_id = a.id where m.kind = 'image' and a.status = 'live'"
        " and instr(a.body_html, '<img') order by a.key limit 1",
    )
    page = browse(served.url).open(f"/-/article/{key}")
    pictures = page.locator(".text img").evaluate_all("all => all.map(one => [one.src, one.naturalWidth])")
    assert pictures
    assert all(url.startswith(f"{served.url}/-/media/") and width > 0 for url, width in pictures), pictures


def test_person_looks_at_what_changed_and_at_what_it_said(served: Served, browse: Browse) -> None:
    page = browse(served.url).open("/")
    page.get_by_role("region", name="Changed since").get_by_role("link", name=NEW_TITLE).click()
    assert page.locator("ins").first.inner_text() == NEW_TITLE
    old = page.locator("del").first.inner_text()
    page.get_by_label("from").select_option("2")
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_text("Nothing differs.").is_visible()
    page.locator(".meta").get_by_role("link", name=NEW_TITLE).click()
    page.get_by_label("As it was on").fill(served.day)
    page.get_by_role("button", name="Show").click()
    assert page.get_by_role("heading", level=1).inner_text() in (old, NEW_TITLE)
    assert page.get_by_text("revision 2 of 2").is_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_citation_is_there_to_read_to_copy_and_to_save(
    served: Served, browse: Browse, tmp_path: Path, script: bool
) -> None:
    tab = browse(served.url, java_script_enabled=script, permissions=["clipboard-read", "clipboard-write"])
    page = tab.open(f"/-/article/{served.edited}")
    page.locator("summary", has_text="RIS").click()
    region = page.locator("details[open]")
    shown = region.locator("pre").inner_text()
    assert NEW_TITLE in shown
    copy = region.get_by_role("button", name="Copy")
    assert copy.is_visible() is script
    if script:
        copy.click()
        region.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").strip() == shown.strip()
    with page.expect_download() as saved:
        region.get_by_role("link", name="Save as a file").click()
    saved.value.save_as(tmp_path / "saved.ris")
    assert (tmp_path / "saved.ris").read_text(encoding="utf-8").strip() == shown.strip()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_language_is_switched_and_stays(served: Served, browse: Browse, script: bool) -> None:
    page = browse(served.url, java_script_enabled=script).open("/-/search?q=university")
    number = number_of(page)
    page.get_by_role("link", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.get_by_role("searchbox").input_value() == "university"
    assert number_of(page) == number
    page.get_by_role("link", name="时间线").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Timeline"


def test_browser_that_prefers_chinese_gets_it(served: Served, browse: Browse) -> None:
    page = browse(served.url, locale="zh-CN").open("/")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_keyboard_is_enough(served: Served, browse: Browse) -> None:
    page = browse(served.url).open("/")
    keyboard = page.keyboard
    keyboard.press("Tab")
    skip = page.get_by_role("link", name="To the content")
    box = skip.bounding_box()
    assert box is not None
    assert box["width"] > 50
    assert is_focus_seen(page)
    keyboard.press("Enter")
    keyboard.press("Tab")
    assert page.get_by_role("searchbox").evaluate("one => one === document.activeElement"), "links at the top skipped"
    assert is_focus_seen(page)
    keyboard.type("university")
    keyboard.press("Enter")
    page.wait_for_url("**/-/search?q=*")
    first = page.locator(".hits a").first
    for _ in range(20):
        keyboard.press("Tab")
        assert is_focus_seen(page), page.evaluate("document.activeElement.outerHTML")
        if first.evaluate("one => one === document.activeElement"):
            break
    else:
        pytest.fail("the first result is not reached")
    keyboard.press("Enter")
    page.wait_for_url("**/-/article/*")


def is_focus_seen(page: Page) -> bool:
    style = "(one => [one.outlineStyle, parseFloat(one.outlineWidth)])(getComputedStyle(document.activeElement))"
    kind, width = page.evaluate(style)
    return bool(kind != "none" and width >= 2)


# -- what holds on every page ------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_in(served: Served, browse: Browse, language: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    tab = browse(served.url, color_scheme=scheme, locale=language)
    options = {"resultTypes": ["violations"]}
    if scheme == "dark":  # other colours, and nothing else
        options["runOnly"] = ["color-contrast"]
    faults = []
    for kind, path in paths_of(served).items():
        found = axe.run(tab.open(path), options=options).response["violations"]
        faults += [(kind, one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]
    assert faults == [], faults


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_scrolls_sideways_on_a_phone(served: Served, browse: Browse, language: str) -> None:
    tab = browse(served.url, locale=language, **PHONE)
    wide = []
    for kind, path in paths_of(served).items():
        page = tab.open(path)
        width = page.evaluate("document.scrollingElement.scrollWidth")
        if width > 320:
            wide.append((kind, width, page.evaluate(BEYOND)))
    assert wide == []


BEYOND = """
[...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > 320.5)
  .map(one => one.outerHTML.slice(0, 100)).slice(0, 5)
"""


def test_dark_mode_is_dark(served: Served, browse: Browse) -> None:
    tab = browse(served.url, **DARK)
    for kind, path in paths_of(served).items():
        paper, ink = tab.open(path).evaluate(
            "(one => [one.backgroundColor, one.color])(getComputedStyle(document.documentElement))"
        )
        assert luminance(paper) < 0.02, kind
        assert (luminance(ink) + 0.05) / (luminance(paper) + 0.05) > 7, kind


def luminance(color: str) -> float:
    """Return the relative luminance of rgb(…) as WCAG 2.2 defines it."""
    shares = [int(number) / 255 for number in re.findall(r"\d+", color)[:3]]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_paper_has_the_article_and_no_navigation(served: Served, browse: Browse) -> None:
    page = browse(served.url).open(f"/-/article/{served.edited}")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator(".top, .bottom, .search, .neighbours").locator("visible=true").count() == 0


def test_withheld_article_is_on_no_page(served: Served, browse: Browse) -> None:
    tab = browse(served.url)
    for kind, path in paths_of(served).items():
        assert SECRET not in tab.open(path).content(), kind


def test_data_pages_work(served: Served, browse: Browse) -> None:
    """Datasette's own pages, whose scripts run under the policy of this site."""
    tab = browse(served.url)
    tab.open("/archive")
    page = tab.open("/archive/article_list?_facet=language")
    assert page.locator("table.rows-and-columns tbody tr").count() > 20


# -- what was archived is hostile --------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_probes_stay_inert(hostile: str, browse: Browse, language: str) -> None:
    tab = browse(hostile, locale=language)
    wanted = quote(PROBE)
    key = "/-/article/uni-1"
    for path in (
        *("/", "/-/search", f"/-/search?q={wanted}", "/-/search?q=script", f"/-/search?source={wanted}"),
        *(key, f"{key}/changes", f"{key}?at=2026-03-01", f"{key}/{wanted}", f"/?lang={wanted}", f"/{wanted}"),
        *("/-/sources", "/-/timeline", "/-/health", "/archive/articles", "/archive/articles/1", "/archive/findings"),
        f"/archive/articles?title={wanted}",
    ):
        page = tab.open(path)
        page.mouse.move(200, 300)
        assert page.locator("[onerror], [onclick], [onload], iframe, a[href^='javascript:']").count() == 0, path
        assert "49" not in page.title(), path
    page = tab.open(key)
    assert page.get_by_role("heading", level=1).inner_text() == re.sub(" +", " ", PROBE)
    with page.expect_download() as saved:
        page.locator("a[href*='b.svg']").first.click()
    assert saved.value.suggested_filename.endswith(".svg"), "saved, not shown"
