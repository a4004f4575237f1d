"""The crawl's offline twin: WARC records in, articles out, through the same middle; no request is made.

`reparse` rewrites what an archive holds, `rebuild` makes a lost archive anew.
"""

from csu_news.reparse.again import Summary, reparse
from csu_news.reparse.rebuild import Rebuilt, rebuild

__all__ = ["Rebuilt", "Summary", "rebuild", "reparse"]
