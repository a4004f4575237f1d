"""The element that holds an article's text, and what is read from it alone."""

from __future__ import annotations

import re
from typing import NamedTuple

from csu_news.pages.page import Page
from csu_news.text import Element, markup

_INNER = "v_news_content"
_VOTE = 'id="div_vote_id"'
# <div id="div_vote_id"> follows the body; <span id="nattach433435"> counts a file's downloads
_FURNITURE = (_VOTE, 'id="nattach', "window.close")
_CHAIN_WORDS = ("上一条", "上一篇", "下一条", "下一篇", "prev article", "next article")
# 上一条：<a href=…>, The next article:</span><a href=…>
_CHAIN = re.compile(r"(?:[上下]一[条篇]|The (?:prev|next) article)(?:\s|[:：]|</?(?!a\b)[^>]*>){0,6}<a\b", re.I)


class Body(NamedTuple):
    """The element that holds an article's text, and its markup."""

    element: Element
    markup: str


def read_body(page: Page) -> Body | None:
    """Return the element that holds the article's text; None where no hook is known.

    Hooks nest: the CMS wraps the text in a pair, of which the inner one has the text alone; a pasted page
    brings hooks of its own; on some sites an outer pair swallows attachments, chain and 关闭. The outermost
    that holds none of these is the body; if all do (an end tag is missing), the innermost, cut where the
    vote element stands.
    """
    hooks = (_hooks(page.form) if page.form is not None else []) or _hooks(page.root)
    hooks = [hook for hook in hooks if hook.getparent() is not None and not _wraps(hook)]
    for hook in hooks:
        text = markup(hook)
        if not _has_furniture(text) or (len(hooks) == 1 and _VOTE not in text):
            return Body(hook, text)
    if not hooks:
        return None
    body = _cut(_innermost(hooks))
    return Body(body, markup(body))


def _has_furniture(text: str) -> bool:
    if any(word in text for word in _FURNITURE):
        return True
    return any(word in text for word in _CHAIN_WORDS) and bool(_CHAIN.search(text))


def _hooks(scope: Element) -> list[Element]:
    """Return the hooks below an element: `<div>`, else, of old pages, cells of a table and the like."""
    return [node for node in scope.iterdescendants("div") if _is_hook(node)] or [
        node for node in scope.iterdescendants() if _is_hook(node)
    ]


def _is_hook(node: Element) -> bool:
    """Know <div id="vsb_content_501">, <div id="vsb_content_2895_u81">, <div class="v_news_content">."""
    name = node.get("id")
    if name is not None and (name == "vsb_content" or name.startswith("vsb_content_")):
        return True
    names = node.get("class")
    return names is not None and _INNER in names and _INNER in names.split()


def _wraps(hook: Element) -> bool:
    """Tell whether the hook's text begins with a `.v_news_content` of its own: the outer one of a pair."""
    first = hook[0] if len(hook) and not (hook.text or "").strip() else None
    return first is not None and _INNER in (first.get("class") or "").split()


def _innermost(hooks: list[Element]) -> Element:
    """Return the last hook that lies in the first one."""
    inside = set(hooks[0].iter())
    return [hook for hook in hooks if hook in inside][-1]


def _cut(body: Element) -> Element:
    """Move the vote element and all that follows it out of the body, behind it."""
    node = next((node for node in body.iter() if node.get("id") == "div_vote_id"), None)
    if node is None or node is body:
        return body
    moved = [node]
    while node is not body:
        moved += list(node.itersiblings())
        node = node.getparent()
    for element in reversed(moved):
        body.addnext(element)
    return body
