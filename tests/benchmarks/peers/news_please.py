"""Archive the addresses of a file by news-please: `news_please.py DATABASE FILE`.

Its own crawler drops addresses with a port as foreign, so it gets the addresses and has to find none.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sqlite_utils
from newsplease import NewsPlease

AT_ONCE = 16  # it takes a thread for each address

if __name__ == "__main__":
    database, urls = sqlite_utils.Database(sys.argv[1]), Path(sys.argv[2]).read_text().split()
    for start in range(0, len(urls), AT_ONCE):
        batch = urls[start : start + AT_ONCE]
        found = NewsPlease.from_urls(batch, request_args={"timeout": 60}, fetch_images=False)
        database["articles"].upsert_all(
            (
                {
                    "url": url,
                    "title": article.title,
                    "published": article.date_publish and f"{article.date_publish:%Y-%m-%d}",
                    "source": ", ".join(article.authors or ()) or None,
                    "body": article.maintext,
                }
                for url, article in found.items()
                if article
            ),
            pk="url",
        )
