"""A complete, provable, searchable archive of a university's news in one SQLite file."""

from importlib.metadata import version

from csu_news.archive import Archive
from csu_news.pages import read_page

__version__ = version("csu-news")
__all__ = ["Archive", "__version__", "read_page"]
