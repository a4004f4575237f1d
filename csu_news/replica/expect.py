"""What an archive should hold of an article: the model's own statement, not read from any page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csu_news.replica.chance import mix
from csu_news.replica.media import download_path
from csu_news.replica.story import Story
from csu_news.replica.texts import Paragraph

if TYPE_CHECKING:
    from csu_news.replica.model import ReplicaSite


def expect(site: ReplicaSite, number: int) -> dict[str, Any]:
    """Return the facts of article `number` by the names of items.Article; addresses are paths as printed.

    number, path: its place and address. body: all parts, paragraphs separated by a blank line;
    bodies: part by part, of which the last names the source on the English site. prev, next:
    `{"path", "title"}` or None. attachments: `{"path", "name"}`. translation: `{"url", "kind"}`, None
    without a partner site. images, originals: addresses. list_path: named by the breadcrumb or the menu.
    """
    story, newer_older = site.story(number), site.order.neighbours(number)
    news_id, section = site.calendar.id_of(number), site.section_of(number)
    bodies = [body_text(site, story, part) for part in range(len(story.parts))]
    return {
        "number": number,
        "path": site.path_of(number),
        "news_id": news_id,
        "owner": site.owner,
        "column_id": section.column_id,
        "language": site.language,
        "title": story.title,
        "published": f"{story.published:%Y-%m-%d}",
        "published_at": f"{story.published:%Y-%m-%dT%H:%M}:00+08:00" if site.tongue else None,
        "sources": list(story.sources),
        "body": "\n\n".join(filter(None, bodies)),
        "bodies": bodies,
        "images": [site.picture_host(number) + path for path in story.images],
        "originals": list(story.originals),
        "image_count": len(story.images),
        "attachments": [{"path": download_path(site.owner, f.file_id), "name": f.name} for f in story.files],
        "prev": _link(site, newer_older[0]),
        "next": _link(site, newer_older[1]),
        "parts": [f"/info/{section.column_id}/{news_id}_{n}.htm" for n in range(1, len(story.parts))],
        "translation": _translation(site, number),
        "list_path": f"/{section.path}.htm",
    }


def body_text(site: ReplicaSite, story: Story, part: int) -> str:
    """Return one part's text; on the English site its last paragraph names the source."""
    paragraphs = [_plain(paragraph) for paragraph in story.parts[part]]
    if site.tongue == 0 and story.sources and part == len(story.parts) - 1:
        label = "Sources" if len(story.sources) > 1 else "Source"
        paragraphs.append(f"{label}: {', '.join(story.sources)}")
    return "\n\n".join(paragraphs)


def has_breadcrumb(site: ReplicaSite, number: int) -> bool:
    """Tell whether the page names its list; on the English site every second page does."""
    return bool(site.tongue) or mix(site.seed, number) >> 7 & 1 == 0


def _plain(paragraph: Paragraph) -> str:
    if paragraph.kind == "table":
        return "\n".join("\t".join(row) for row in paragraph.rows)
    return paragraph.text


def _link(site: ReplicaSite, number: int | None) -> dict[str, str] | None:
    return None if number is None else {"path": site.path_of(number), "title": site.title(number)}


def _translation(site: ReplicaSite, number: int) -> dict[str, str] | None:
    if site.partner is None:
        return None
    other, base = site.linked_counterpart(number), site.partner.base_url
    if other is None:
        return {"url": base, "kind": "site"}
    return {"url": base.rstrip("/") + site.partner.path_of(other), "kind": "article"}
