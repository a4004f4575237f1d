"""Serve a replica as a process of its own: `python -m csu_news.replica --articles 1000 --language both`.

Prints one line of JSON, `{"en": url, "zh": url}`, when it listens; serves until SIGTERM or Ctrl-C, and then
prints another, `{"requests": number}`.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading

from csu_news.replica import ReplicaServer, ReplicaSite, pair


def main(arguments: list[str] | None = None) -> None:
    options = _parse(arguments)
    languages = ("en", "zh") if options.language == "both" else (options.language,)
    sites = [
        ReplicaSite(
            language,
            options.articles,
            options.seed,
            rows_per_page=options.rows_per_page,
            noise=options.noise,
            stale_lists=options.stale_lists,
        )
        for language in languages
    ]
    if len(sites) == 2:
        pair(sites[0], sites[1])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ReplicaServer(sites, options.host, options.port, latency_s=options.latency_ms / 1000, log=False) as server:
        print(json.dumps(dict(zip(languages, server.urls, strict=True))), flush=True)
        stop.wait()
    print(json.dumps({"requests": server.count}), flush=True)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m csu_news.replica", description="Serve an invented VSB site.")
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--language", choices=("en", "zh", "both"), default="en")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="of the first site; the second takes the next")
    parser.add_argument("--rows-per-page", type=int, default=20)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--noise", action="store_true", help="side bars and clicks differ at every request")
    parser.add_argument("--stale-lists", action="store_true", help="old list pages print old totals")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
