"""Work on several machines, by Dask: sites crawled apart, each into an archive of its own; records read again.

`connection` reaches the scheduler, `crawling` hands out the sites, `task` crawls one where it is told, in a
process that `child` lets die with its worker. A task may be done twice: the archive
is the frontier, so the second goes on.
"""

from csu_news.cluster.connection import connected, executor, what_it_waits_for
from csu_news.cluster.crawling import crawl_sites
from csu_news.cluster.task import SiteTask

__all__ = ["SiteTask", "connected", "crawl_sites", "executor", "what_it_waits_for"]
