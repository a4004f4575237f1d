"""A local VSB site for demonstration, tests and measurements: a model, its pages and an HTTP server.

site = ReplicaSite("en", articles=500, seed=7)
with ReplicaServer(site) as server:
    ...  # crawl server.url with site.profile(server.url), compare with site.articles()
"""

from csu_news.replica.faults import FAULTS
from csu_news.replica.model import ReplicaSite, pair
from csu_news.replica.server import ReplicaServer
from csu_news.replica.story import Habits

__all__ = ["FAULTS", "Habits", "ReplicaServer", "ReplicaSite", "pair"]
