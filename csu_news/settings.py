"""How to crawl: politeness, limits and the order of components, all in one place.

The command line overrides what its options name.
"""

BOT_NAME = "csu_news"
SPIDER_MODULES = ["csu_news.spiders"]

# Where the archive is, and who is crawling
CSU_NEWS_DB = "data/csu_news.db"
CSU_NEWS_CONTACT = ""  # an address for the site's owner; --contact puts it into the user agent
USER_AGENT = "csu_news (news archive)"

# Polite: one request at a time per host, a second apart, slower when the host is slow
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0
CONCURRENT_REQUESTS = 2  # one in hand, one waiting for its turn
CONCURRENT_REQUESTS_PER_DOMAIN = 1
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
CSU_NEWS_MAX_WAIT_S = 120  # a run waits for nothing that is due later than this
CSU_NEWS_RETRY_WAITS_S = [5, 30]  # before a failing page is tried again in the run, once for each

# Safe: verified, limited, nothing open to others
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 0  # EvidenceMiddleware cuts what is longer and keeps what came
DOWNLOAD_WARNSIZE = 0
CSU_NEWS_MAX_BODY_BYTES = 16 * 1024 * 1024  # as sent, and decoded
CSU_NEWS_MAX_MEDIA_BYTES = 64 * 1024 * 1024
CSU_NEWS_ALLOW_PRIVATE = False  # for a site in an intranet, whose name leads to a private address
DOWNLOAD_FAIL_ON_DATALOSS = False  # what came is kept, and recognised as cut
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False

# gzip only: it is what EvidenceMiddleware can check to its end
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip",
}

DOWNLOAD_HANDLERS = {
    "http": "csu_news.downloads.HeldDownloadHandler",
    "https": "csu_news.downloads.HeldDownloadHandler",
}

# The archive is the frontier: redirects and retries are rows of it, not Scrapy's business
SCHEDULER = "csu_news.frontier.ArchiveScheduler"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
CONCURRENT_ITEMS = 1  # more start a hundred tasks for each response
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 200_000  # bytes of answers that wait to be read and stored: about 15 pages
ITEM_PIPELINES = {"csu_news.pipelines.ArchivePipeline": 300}
DOWNLOADER_MIDDLEWARES = {
    "csu_news.robots.RobotsMiddleware": 100,
    "csu_news.middlewares.EvidenceMiddleware": 860,
    # The rest would cost as much as the download itself, and has nothing to do here
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
EXTENSIONS = {"csu_news.extensions.FailureGuard": 0}

LOG_LEVEL = "INFO"
LOG_SCRAPED_ITEMS = False
