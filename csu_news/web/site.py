"""The application: a Datasette of one archive."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.plugins import pm

from csu_news.archive.database import open_read_only
from csu_news.web import plugin
from csu_news.web.database import NAME, ArchiveDatabase
from csu_news.web.guard import App, Guard
from csu_news.web.memory import Memory
from csu_news.web.verdict import Verdict

SETTINGS = {
    "allow_download": False,
    "default_cache_ttl": 0,  # a crawl may be writing
    "default_page_size": 50,
    "facet_time_limit_ms": 500,
    "max_returned_rows": 2000,
    "sql_time_limit_ms": 3000,
    "suggest_facets": False,
    "truncate_cells_html": 200,
}
PACKAGE = files("csu_news.web")

# it would print a page of local variables for every mistyped query
pm.get_plugin("datasette.handle_exception").rich = None


class ArchiveSite(Datasette):  # type: ignore[misc]
    """Serves the archive at `path`, live or at rest, by Datasette's app(); `client` asks it without a network.

    sql     whether anybody may ask with SQL of his own
    errors  ArchiveError: no such file, or not an archive
    """

    def __init__(self, path: Path, *, sql: bool = True) -> None:
        open_read_only(path).close()
        if not pm.has_plugin(plugin.__name__):
            pm.register(plugin, plugin.__name__)
        self.warc_folder = path.parent / "warc"
        super().__init__(
            metadata={"title": "csu_news", "databases": {NAME: _metadata()}},
            settings=SETTINGS | {"default_allow_sql": sql},
            static_mounts=[("static", str(PACKAGE / "static"))],
        )
        self.remove_database("_memory")
        self.archive = self.add_database(ArchiveDatabase(self, str(path)), name=NAME)
        self.memory = Memory(self.archive.connect())
        self.verdict = Verdict(path, self.memory)

    def app(self) -> App:
        return Guard(super().app(), [pattern for pattern, _ in plugin.ROUTES])

    def close(self) -> None:
        """End the threads that read, and close their connections."""
        self.verdict.close()
        self.executor.shutdown()
        self.archive.close()


def _metadata() -> dict[str, Any]:
    return {"tables": {"article_list": {"fts_table": "articles_fts", "fts_pk": "id", "sort_desc": "published"}}}
