"""Pictures, files and videos of an article."""

from __future__ import annotations

import re

from lxml import etree  # type: ignore[import-untyped]

from csu_news.items import Attachment, Image
from csu_news.pages.page import Page
from csu_news.text import Element, clean, plain_text, words
from csu_news.urls import absolute_url

_SUFFIX = (
    r"\.(?:docx?|xlsx?|xlsm|pptx?|ppsx?|pdf|wps|et|dps|ofd|odt|ods|odp|rtf|txt|csv|zip|rar|7z|gz|tar|mp3|wav|mp4|avi"
    r"|wmv|mov|flv|apk|exe|dwg|caj|epub)"
)
# /__local/a/bc/de/0123.pdf, …/file.docx?e=.docx, in lower case, which is sought much faster than either case;
# /system/_content/download.jsp?urltype=news.downloadattachurl&owner=1&wbfileid=2
_FILE_URL = re.compile(rf"{_SUFFIX}(?:$|[?#])|download\.jsp|downloadattachurl|wbfileid=")
# 申请表.docx
FILE_NAME = re.compile(rf"{_SUFFIX}$", re.I)
# getClickTimes(433435,1676231333,"wbnewsfile","attach")
_COUNTER = re.compile(r"getClickTimes\(\s*(\d+)\s*,\s*(\d+)\s*,\s*[\"']wbnewsfile[\"']")
# /system/resource/images/fileTypeImages/icon_doc.gif
_ICONS, _SPACER = "filetypeimages/", "/spacer.gif"
_ADDRESS = re.compile(r"^(?:https?:)?//|^www\.|^/?__local/|\.(?:jpe?g|png|gif|bmp|webp)$", re.I)
# showVsbVideo("/_mediafile/2016/09/05/1.mp4","height=…")
_VIDEO_CALL = re.compile(r"showVsbVideo\(\s*[\"']([^\"']+)[\"']")

_attachment_line = etree.XPath("ancestor::*[self::li or self::p or self::tr or self::div or self::span][1]")


def images(body: Element, base: str) -> list[Image]:
    """Return the body's pictures in order, a repeated one each time; no icons, no `data:`."""
    found = (_image(node, base) for node in body.iter("img"))
    return [image for image in found if image]


def _image(node: Element, base: str) -> Image | None:
    sources = (node.get(name) for name in ("src", "data-src", "data-original", "orisrc"))
    source = next((value for value in sources if value and _is_picture(value)), None)
    url = absolute_url(base, source)
    if url is None:
        return None
    original = absolute_url(base, node.get("orisrc"))
    return Image(url, original if original != url else None, _alt(node), _caption(node))


def _is_picture(source: str) -> bool:
    source = source.lower()
    return not (source.lstrip().startswith("data:") or _ICONS in source or _SPACER in source)


def _alt(node: Element) -> str | None:
    """Return the alternative text, unless it is a mere address."""
    alt = clean(node.get("alt"))
    return None if not alt or _ADDRESS.search(alt) else alt


def _caption(node: Element) -> str | None:
    for parent in node.iterancestors("figure"):
        captions = parent.findall(".//figcaption")
        return (clean(plain_text(captions[0])) if captions else "") or None
    return None


def attachments(page: Page, scopes: list[Element]) -> list[Attachment]:
    """Return named links to files in these elements, distinct, in order; not what a PDF viewer shows."""
    found: dict[str, Attachment] = {}
    for scope in scopes:
        for node in scope.iter("a"):
            attachment = _attachment(node, page)
            if attachment and attachment.url not in found:
                found[attachment.url] = attachment
    return list(found.values())


def _attachment(node: Element, page: Page) -> Attachment | None:
    href = node.get("href") or ""
    is_file = bool(_FILE_URL.search(href.lower()))
    if not is_file and not href.startswith("javascript:"):
        return None
    name = clean(words(node))
    if not name or not (is_file or FILE_NAME.search(name)):
        return None
    url = absolute_url(page.base, href) or absolute_url(page.base, node.get("tppabs")) or _counted(node, page)
    return Attachment(url, name) if url else None


def _counted(node: Element, page: Page) -> str | None:
    """Return the CMS's address of a file whose link a mirror has blanked, from its download counter."""
    for line in _attachment_line(node):
        scripts = "".join(script.text or "" for script in line.iter("script"))
        if found := _COUNTER.search(scripts):
            query = f"urltype=news.DownloadAttachUrl&owner={found[2]}&wbfileid={found[1]}"
            return absolute_url(page.base, f"/system/_content/download.jsp?{query}")
    return None


def videos(body: Element, base: str) -> list[str]:
    """Return addresses of the body's videos, distinct, in order: the CMS's player calls and HTML's tags."""
    sources: list[str | None] = []
    for node in body.iter("script", "video", "source", "embed"):
        if node.tag == "script":
            sources += [node.get("vurl"), *_VIDEO_CALL.findall(node.text or "")]
        elif node.tag != "source" or node.getparent().tag == "video":
            sources.append(node.get("src"))
    urls = (absolute_url(base, source) for source in sources)
    return list(dict.fromkeys(url for url in urls if url))
