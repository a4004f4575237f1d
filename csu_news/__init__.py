"""A complete, provable, searchable archive of a university's news in one SQLite file."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csu_news.archive import Archive
    from csu_news.pages import read_page

__version__ = version("csu-news")
__all__ = ["Archive", "__version__", "read_page"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are first asked for: a command can be interrupted from its first moment."""
    if name == "Archive":
        return import_module("csu_news.archive").Archive
    if name == "read_page":
        return import_module("csu_news.pages").read_page
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
