"""The site on a port."""

from __future__ import annotations

import socket

import uvicorn

from csu_news.errors import UsageError
from csu_news.web.site import ArchiveSite


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0: on a free one.

    errors  UsageError: the address is not ours, or taken
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(f"Cannot serve at {host} port {port}: {error.strerror or error}; choose others.") from error


def address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(site: ArchiveSite, listening: socket.socket) -> None:
    """Serve until the process is told to end."""
    config = uvicorn.Config(site.app(), lifespan="off", log_level="warning", server_header=False, access_log=False)
    try:
        uvicorn.Server(config).run([listening])
    finally:
        site.close()
