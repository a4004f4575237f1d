"""What a browser fetches to show a page: for the archive."""

from __future__ import annotations

import re

from lxml import etree  # type: ignore[import-untyped]

from csu_news.pages.encoding import utf8_bytes
from csu_news.pages.page import base_url, parse
from csu_news.urls import absolute_url

# /system/resource/code/news/click/addclicktimes.jsp: counts a visit when fetched
_COUNTS = re.compile(r"/system/resource/code/|addclicktimes|datainput\.jsp", re.I)
# showVsbpdfIframe("/__local/A/BC/DE/0123.pdf", …): all the text that such an article has
_PDF_VIEWER = re.compile(r"showVsbpdfIframe\(\s*[\"']([^\"']+)[\"']")
_nodes = etree.XPath(
    "//img[@src] | //script | //link[@href][contains(translate(@rel,'STYLEHICON','stylehicon'),'stylesheet')"
    " or contains(translate(@rel,'ICON','icon'),'icon')]"
)


def page_requisites(body: bytes, url: str) -> list[str]:
    """Return addresses of the page's pictures, style sheets, scripts and PDF viewers' files; distinct."""
    root = parse(utf8_bytes(body))
    if root is None:
        return []
    base = base_url(root, url)
    sources: list[str | None] = []
    for node in _nodes(root):
        sources.append(node.get("href") if node.tag == "link" else node.get("src"))
        if node.tag == "script" and node.text:
            sources += _PDF_VIEWER.findall(node.text)
    urls = (absolute_url(base, source) for source in sources)
    return list(dict.fromkeys(found for found in urls if found and not _COUNTS.search(found)))
