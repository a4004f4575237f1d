"""stub"""

from csu_news.items import Listing
from csu_news.pages.page import Page


def read_listing(page: Page) -> Listing | None:
    return None
