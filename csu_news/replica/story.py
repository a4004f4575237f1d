"""What article number i of a site says, before anything is laid out on a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from csu_news.replica.chance import mix
from csu_news.replica.media import local_path
from csu_news.replica.texts import Paragraph, make_body, make_offices, make_title
from csu_news.replica.words import TOPICS

PARAGRAPHS_OF_A_PART = 4
OTHER_ALBUM = 1 << 26
"""Pictures of a Chinese article that are not those of the English one with its number."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: its number on the server, its name."""

    file_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Story:
    """The content of an article: its paragraphs page by page, or a PDF in place of a text."""

    title: str
    published: datetime
    parts: tuple[tuple[Paragraph, ...], ...]
    sources: tuple[str, ...]
    images: tuple[str, ...] = ()
    originals: tuple[str | None, ...] = ()
    files: tuple[File, ...] = ()
    pdf: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """What an editor changed: a field that is None is as it was."""

    title: str | None = None
    paragraphs: tuple[Paragraph, ...] | None = None
    sources: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Habits:
    """How a pair of sites goes about translations; the defaults are the plainest way.

    linked: pages link to their translations. lag_days: the Chinese page is dated up to so many days apart.
    retold: Chinese articles without a translation may report again what one with a translation told.
    own_pictures: every second translation has pictures of its own.
    """

    linked: bool = True
    lag_days: int = 0
    retold: bool = False
    own_pictures: bool = False


PLAIN = Habits()


def story_bits(seed: int, tongue: int, number: int, retold: bool = False) -> int:
    """Return the draw of an article: the same in both languages when it is a translation.

    retold: a Chinese article without a translation tells what the one before it told, in other words
    """
    if retold and tongue and retells(seed, number):
        bits = story_bits(seed, tongue, number - 1)
        return bits - bits % len(TOPICS) + (bits + 5) % len(TOPICS)
    own = 0x5E if tongue and not is_translated(seed, number) else 0
    return mix(seed ^ own, number)


def is_translated(seed: int, number: int) -> bool:
    """Tell whether the article exists in both languages: every second does."""
    return mix(seed ^ 0x4C, number) % 2 == 0


def retells(seed: int, number: int) -> bool:
    """Tell whether the article may be a second report of what the one before it, a translation, told."""
    return number > 0 and is_translated(seed, number - 1) and not is_translated(seed, number)


def tell(
    seed: int,
    tongue: int,
    number: int,
    published: datetime,
    edit: Edit | None = None,
    *,
    retold: bool = False,
    own_pictures: bool = False,
) -> Story:
    """Return the article's content. own_pictures: every second translation has other pictures than its original."""
    bits = story_bits(seed, tongue, number, retold)
    layout = mix(bits, 0x99)
    kind = layout % 24  # 0: only a PDF, 1: only pictures
    parts = 2 if kind in (2, 3) else 1
    story = Story(
        title=make_title(bits, tongue),
        published=published,
        parts=_parts(bits, tongue, published, parts, layout) if kind > 1 else ((),),
        sources=() if kind < 2 or bits % 12 == 10 else tuple(make_offices(bits, tongue)),
        files=_files(number, tongue, layout),
        pdf=local_path(seed, number * 16 + 15, "pdf") if kind == 0 else None,
    )
    apart = not is_translated(seed, number) or (own_pictures and mix(seed ^ 0x9C, number) % 2 == 0)
    album = number + OTHER_ALBUM if tongue and apart else number
    story = _with_pictures(story, seed, album, layout) if kind else story
    return _edited(story, edit) if edit else story


def _parts(bits: int, tongue: int, day: datetime, count: int, layout: int) -> tuple[tuple[Paragraph, ...], ...]:
    if count == 1:
        return (tuple(make_body(bits, tongue, day, 2 + layout // 24 % 4)),)
    body = make_body(bits, tongue, day, PARAGRAPHS_OF_A_PART * count)
    return tuple(body[:PARAGRAPHS_OF_A_PART]), tuple(body[PARAGRAPHS_OF_A_PART:])


def _with_pictures(story: Story, seed: int, number: int, layout: int) -> Story:
    count = (layout >> 12) % 4 if story.parts[0] else 3
    extension = ("png", "jpg")[layout >> 16 & 1]
    images = tuple(local_path(seed, number * 16 + k, extension) for k in range(count))
    originals = tuple(
        local_path(seed, number * 16 + 8 + k, extension) if (layout >> 17 + k) & 1 else None for k in range(count)
    )
    return replace(story, images=images, originals=originals)


def _files(number: int, tongue: int, layout: int) -> tuple[File, ...]:
    count = (0, 0, 0, 0, 0, 1, 2, 0)[layout >> 24 & 7]
    names = (("Programme", "日程安排"), ("Application form", "申请表"))
    ends = (".pdf", ".docx")
    return tuple(
        File(
            400000 + number * 4 + k,
            f"{k + 1}. {names[k][0]}{ends[k]}" if not tongue else f"附件{k + 1}：{names[k][1]}{ends[k]}",
        )
        for k in range(count)
    )


def _edited(story: Story, edit: Edit) -> Story:
    return replace(
        story,
        title=story.title if edit.title is None else edit.title,
        parts=story.parts if edit.paragraphs is None else (edit.paragraphs,),
        sources=story.sources if edit.sources is None else edit.sources,
        pdf=story.pdf if edit.paragraphs is None else None,
    )


def plain_title(seed: int, tongue: int, number: int, retold: bool = False) -> str:
    """Return the title alone, as neighbours and lists need it."""
    return make_title(story_bits(seed, tongue, number, retold), tongue)
