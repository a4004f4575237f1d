"""Read a mirror that wget made, by trafilatura into SQLite: `extract.py DATABASE FOLDER URL`."""

from __future__ import annotations

import sys
from pathlib import Path

import sqlite_utils
import trafilatura

database, folder, base = sqlite_utils.Database(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
for path in sorted(folder.rglob("info/**/*.htm")):
    url = base + str(path.relative_to(folder))
    found = trafilatura.bare_extraction(path.read_bytes(), url=url, with_metadata=True)
    if found is not None:
        database["articles"].upsert(
            {
                "url": url,
                "title": found.title,
                "published": found.date,
                "source": found.author or found.sitename,
                "body": found.text,
            },
            pk="url",
        )
