"""Sites crawled side by side: what they share is asked as politely as if it were one crawl."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from driving import run
from handmade import Answer, article, listing, served


class Busy(dict[str, str | Answer]):
    """Pages that take their time; `most` were asked for at once."""

    def __init__(self, pages: dict[str, str | Answer]) -> None:
        super().__init__(pages)
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    def get(self, path: str, default: Any = None) -> Any:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self.lock:
            self.now -= 1
        return super().get(path, default)


def test_a_host_that_two_sites_ask_sees_one_request_at_a_time(tmp_path: Path) -> None:
    names = range(1, 13)
    with served({}) as one, served({}) as other:
        pictures = "".join(f'<img src="{other.url}/__local/{n}.jpg">' for n in names)
        one.pages |= {"/list.htm": listing(5, ["info/5/1.htm"]), "/info/5/1.htm": article(1, body=pictures)}
        rows = [f"info/6/{n}.htm" for n in names]
        other.pages = busy = Busy(
            {"/list.htm": listing(6, rows, owner=78)}
            | {f"/info/6/{n}.htm": article(n, 6, owner=78) for n in names}
            | {f"/__local/{n}.jpg": "no picture" for n in names}
        )
        files = [tmp_path / "one.toml", tmp_path / "other.toml"]
        for file, site, column in zip(files, (one, other), (5, 6), strict=True):
            file.write_text(
                f'name = "{file.stem}"\nbase_url = "{site.url}/"\nmedia_hosts = ["{urlsplit(other.url).netloc}"]\n'
                f'[[columns]]\ncolumn_id = {column}\nlist_url = "list.htm"\n'
            )
        words = [word for file in files for word in ("--site-file", str(file))]
        run("crawl", *words, "--db", str(tmp_path / "a.db"), "--delay", "0", "--json")
    asked = [path for path in other.paths if path.startswith("/__local/")]
    assert len(set(asked)) == len(set(path for path in other.paths if path.startswith("/info/"))) == 12
    assert busy.most == 1
