"""A site of a few pages written by hand: for what the replica's CMS would never do."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

OWNER = 77


class Answer(NamedTuple):
    status: int
    body: str = ""
    location: str | None = None


GONE = Answer(404, "<html><body>Not found</body></html>")


class Handmade:
    """Pages by path, which may be changed while they are served; `paths` are those asked for, in order."""

    def __init__(self, pages: Mapping[str, str | Answer]) -> None:
        self.pages = dict(pages)
        self.paths: list[str] = []
        self.url = ""

    def answer(self, path: str) -> Answer:
        self.paths.append(path)
        page = self.pages.get(path, GONE)
        return Answer(200, page) if isinstance(page, str) else page


@contextmanager
def served(pages: Mapping[str, str | Answer]) -> Iterator[Handmade]:
    """Serve the pages on 127.0.0.1 from a thread; links may say {base} for the site's own address."""
    site = Handmade(pages)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = site.answer(self.path)
            body = answer.body.replace("{base}", site.url).encode()
            self.send_response(answer.status)
            if answer.location is not None:
                self.send_header("Location", answer.location.replace("{base}", site.url))
            self.send_header("Content-Type", "text/html; charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def article(
    news_id: int,
    column: int = 5,
    *,
    prev: str | None = None,
    next: str | None = None,
    owner: int = OWNER,
    title: str | None = None,
    body: str | None = None,
    more: str = "",
) -> str:
    """Return an article's page as VSB prints it; prev and next are addresses."""
    title = title or f"Article number {news_id}"
    chain = "".join(
        f'<p>The {side} article:<a href="{url}" title="A neighbour">A neighbour</a></p>'
        for side, url in (("prev", prev), ("next", next))
        if url
    )
    return (
        f"<html><head><title>{title}-A University</title>"
        f"<script>_jsq_({column},'/content.jsp',{news_id},{owner})</script></head><body>"
        f'<form name="_newscontent_fromname"><h1 class="contitle">{title}</h1><div>January 8, 2020'
        f'Click:<script>_showDynClicks("wbnews", {owner}, {news_id})</script></div>'
        f'<div id="vsb_content"><div class="v_news_content"><p>{body or f"The text of {news_id}."}</p></div></div>'
        f'<div id="div_vote_id"></div>{more}{chain}<p>close</p></form></body></html>'
    )


def listing(column: int, links: list[str], total: int | None = None, owner: int = OWNER) -> str:
    """Return a list page of one page with these links as its rows."""
    rows = "".join(
        f'<li id="line_u5_{n}"><a href="{url}" title="A title">A title</a><span>2020-01-08</span></li>'
        for n, url in enumerate(links)
    )
    count = len(links) if total is None else total
    return (
        "<html><head><title>News-A University</title>"
        f"<script>_jsq_({column},'/list.jsp',-1,{owner})</script></head><body><ul>{rows}</ul>"
        f'<table><tr><td id="fanye1">共{count}条&nbsp;&nbsp;1/1</td></tr></table></body></html>'
    )
