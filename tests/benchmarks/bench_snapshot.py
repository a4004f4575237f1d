"""Print how long a snapshot takes and what memory it needs, for n and 10n articles.

python tests/benchmarks/bench_snapshot.py [ARTICLES]
The archives are those of bench_audit.py, written straight into SQLite.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_audit import make

CHILD = """
import json, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from csu_news.archive import Archive
from csu_news.snapshot import snapshot
with Archive(sys.argv[1]) as archive:
    summary = snapshot(archive, Path(sys.argv[2]), datetime.now(UTC))
size = sum(file.size_bytes for file in summary.files.values())
print(json.dumps([summary.seconds, size / 1e6, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for articles in (number, 10 * number):
        with tempfile.TemporaryDirectory() as folder:
            db = Path(folder) / "archive.db"
            make(db, articles)
            command = [sys.executable, "-c", CHILD, str(db), str(Path(folder) / "snapshot")]
            done = subprocess.run(command, check=True, capture_output=True)
            seconds, megabytes, peak = json.loads(done.stdout)
            print(f"{articles:,} articles: {seconds:.1f} s, {megabytes:,.0f} MB written, {peak:.0f} MB of memory")


if __name__ == "__main__":
    main()
