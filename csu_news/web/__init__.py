"""The archive in a browser: a Datasette of one archive, with pages of our own for reading and searching.

Modules: `site` is the application, `plugin` what Datasette asks of it, `guard` the headers and what is shut,
`database` the connections and `memory` what is kept between changes; `page` is what all pages share, `labels` their
words, `charts` their drawings; each other module is a page. Nothing here changes the archive.
"""

from csu_news.web.site import ArchiveSite

__all__ = ["ArchiveSite"]
