"""The downloader middleware that keeps the evidence of every answer."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from csu_news.items import Outcome, Record
from csu_news.judge import decoded_body
from csu_news.sites import Site, site_as_json
from csu_news.spiders.news import NewsSpider, http_date
from csu_news.warc import Exchange, Revisit
from csu_news.warcinfo import RUN_FIELD, SITE_FIELD

Truncation = Literal["disconnect", "length", "time"]


class EvidenceMiddleware:
    """Puts every answer into the WARC file before anything else sees it, and decodes its body.

    Sits next to the downloader, so that redirects, errors and robots.txt pass through it as they came.
    """

    def __init__(self, crawler: Crawler) -> None:
        assert isinstance(crawler.spider, NewsSpider)
        self._spider = crawler.spider
        self._run = crawler.spider.run
        self._limit = crawler.settings.getint("CSU_NEWS_MAX_BODY_BYTES")
        self._run.evidence.info.update(_warcinfo(crawler, self._run.id, self._run.site))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        if self._spider.failure is not None:
            raise IgnoreRequest("the run is stopping")
        cut = _cut(request, response)
        record = _record(request, response, cut)
        encoding = _text(response.headers.get("Content-Encoding"))
        limit = self._limit if encoding else request.meta.get("most_bytes", self._limit)
        body = decoded_body(record, response.body, encoding, limit)
        if cut is None and record.truncated == "disconnect":  # what decodes to too much is kept whole
            cut = "disconnect"
        await self._keep(request, response, record, cut)
        request.meta["record"] = record
        if "page_id" not in request.meta:
            self._save_robots(record)
        # a plain Response: Scrapy would guess the charset of what it takes for HTML
        plain = Response(response.url, response.status, None, body, response.flags, request)
        plain.headers = response.headers
        plain.headers.pop("Content-Encoding", None)
        return plain

    async def _keep(self, request: Request, response: Response, record: Record, cut: Truncation | None) -> None:
        exchange = _exchange(request, response, record.fetched_at, cut)
        revisit = self._revisit(request, response) if cut is None else None
        try:
            record.warc_file_id, location = await self._run.evidence.store(exchange, revisit)
        except Exception as error:
            self._spider.abort(error)
            raise IgnoreRequest("the evidence cannot be stored") from error
        record.payload_sha1, record.payload_sha256 = location.payload_sha1, location.payload_sha256
        record.warc_offset, record.warc_length = location.offset, location.length
        record.warc_record_id = location.warc_record_id
        record.revisit = revisit is not None

    def _revisit(self, request: Request, response: Response) -> Revisit | None:
        """Return what the answer repeats: a 304, or the very bytes that the archive holds of the page."""
        held = request.meta.get("payload_sha256")
        if held is None or response.status not in (200, 304):
            return None
        if response.status == 200 and hashlib.sha256(response.body).hexdigest() != held:
            return None
        revisit = self._run.original(request.meta["page_id"], held)
        return revisit and replace(revisit, profile="not-modified" if response.status == 304 else "identical")

    def _save_robots(self, record: Record) -> None:
        try:
            self._run.save_fetch(record, Outcome.ROBOTS)
        except Exception as error:
            self._spider.abort(error)
            raise IgnoreRequest("the archive cannot be written") from error


def _ends_early(request: Request, response: Response) -> bool:
    """Tell whether a page that came without its length, so that only the connection's end ended it, has no end.

    Such an answer may have been cut anywhere; of a compressed one the coding tells.
    """
    if "partial" not in response.flags or response.status != 200 or "Content-Encoding" in response.headers:
        return False
    is_page = request.meta.get("kind") in ("list", "article", "part")
    return is_page and b"<html" in response.body[:2000].lower() and b"</html" not in response.body[-5000:].lower()


def _cut(request: Request, response: Response) -> Truncation | None:
    """Return what cut the answer short, as far as the wire tells."""
    cut: Truncation | None = request.meta.get("cut")
    return cut or ("disconnect" if _ends_early(request, response) else None)


def _record(request: Request, response: Response, cut: Truncation | None) -> Record:
    """Return what is known of an answer before it is stored."""
    return Record(
        url=request.url,
        fetched_at=datetime.now(UTC).replace(microsecond=0),  # as table fetches has it, for revisits to refer to
        status=response.status,
        content_type=_text(response.headers.get("Content-Type")),
        size_bytes=len(response.body),
        elapsed_ms=round(request.meta.get("download_latency", 0) * 1000),
        etag=_text(response.headers.get("ETag")),
        last_modified=_text(response.headers.get("Last-Modified")),
        served_at=http_date(_text(response.headers.get("Date")) or ""),
        truncated=cut,
    )


def _exchange(request: Request, response: Response, fetched_at: datetime, cut: Truncation | None) -> Exchange:
    return Exchange(
        url=request.url,
        method=request.method,
        request_headers=request.meta["sent"],
        status=response.status,
        reason=request.meta["reason"],
        protocol=response.protocol or "HTTP/1.1",
        response_headers=request.meta["received"],
        body=response.body,
        fetched_at=fetched_at,
        ip=str(response.ip_address) if response.ip_address else None,
        truncated=cut,
    )


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("utf-8", "surrogateescape")


def _warcinfo(crawler: Crawler, run_id: int, site: Site) -> dict[str, str]:
    """Return what the warcinfo record says: who made the file, how, and what it cannot say."""
    settings = crawler.settings
    names = ("csu-news", "scrapy", "aiohttp", "warcio")
    chosen = {name: settings[name] for name in sorted(settings) if name.isupper()}
    return {
        "software": " ".join(f"{name}/{version(name)}" for name in names),
        "format": "WARC File Format 1.1",
        RUN_FIELD: f"run {run_id}",
        SITE_FIELD: site_as_json(site),
        "robots": "obeyed" if settings.getbool("ROBOTSTXT_OBEY") else "ignored",
        "operator": settings["CSU_NEWS_CONTACT"] or "not given",
        "http-header-user-agent": settings["USER_AGENT"],
        "settings-sha256": hashlib.sha256(repr(chosen).encode()).hexdigest(),
        "description": (
            "Status line, headers and content-coded bytes are as sent, but for white space around header values."
            " Not as sent: chunking is undone (Transfer-Encoding is renamed to X-Archive-Orig-Transfer-Encoding),"
            " and an answer 304 is a revisit without its own headers."
        ),
    }
