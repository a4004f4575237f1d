"""What makes a revision: a digest of what an article says, blind to page furniture and to the parser."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence


def content_digest(
    title: str | None, published: str | None, sources: Sequence[str], body: str, media: Iterable[str]
) -> str:
    r"""Return the sha256 (hex) of canonical JSON: sorted keys, UTF-8, no spaces, white space collapsed.

    `media` are the addresses of pictures and attachments, in page order.

    >>> content_digest("A", None, [], "b  c", []) == content_digest("A", None, [], " b\nc ", [])
    True
    """
    content = {
        "body": collapse(body),
        "media": list(media),
        "published": published,
        "sources": [collapse(source) for source in sources],
        "title": None if title is None else collapse(title),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def collapse(text: str) -> str:
    """Return the text with every run of white space as one space, none at the ends."""
    return " ".join(text.split())
