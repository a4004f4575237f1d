"""A virtual environment for each peer, and for us: made once, kept for the next run."""

from __future__ import annotations

import subprocess
import venv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "build" / "peers"

PACKAGES: dict[str, tuple[str, ...]] = {
    "csu_news": ("-e", str(ROOT)),  # without extras, as most have it: sqlite-utils imports pandas wherever it finds it
    "trafilatura": ("trafilatura", "lxml_html_clean", "sqlite-utils"),  # justext needs the second, and cannot say so
    "newsplease": ("news-please", "sqlite-utils"),
    "fundus": ("fundus", "curl_cffi==0.15.0", "sqlite-utils"),  # fundus 0.5.7 fails with curl_cffi 0.16 and later
}
NAMES = {"csu_news": "csu-news", "trafilatura": "trafilatura", "newsplease": "news-please", "fundus": "fundus"}


class Missing(Exception):
    """Why a peer cannot be run here, in a sentence."""


@dataclass(frozen=True)
class Environment:
    python: Path
    version: str


@cache
def environment(module: str) -> Environment:
    """Return the environment in which the module can be imported, made if need be.

    errors  Missing: it cannot be installed or imported
    """
    python = FOLDER / module / "bin" / "python"
    imports: list[str | Path] = [python, "-W", "ignore", "-c", f"import {module}, sqlite_utils"]
    if not python.exists() or subprocess.run(imports, capture_output=True, check=False).returncode:
        print(f"  installing {NAMES[module]} …", flush=True)
        venv.create(FOLDER / module, with_pip=True)
        _try([python, "-m", "pip", "install", "-q", *PACKAGES[module]], "does not install")
        _try(imports, "installs, but cannot be imported")
    code = f"import importlib.metadata as m; print(m.version({NAMES[module]!r}))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return Environment(python, found.stdout.strip())


def _try(command: list[str | Path], failing: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise Missing(f"{failing}: {last}".replace(str(FOLDER), "").replace("|", "/"))
