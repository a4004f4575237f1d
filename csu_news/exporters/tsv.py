"""Tab-separated tables for tools that read no quotes: a line is a row, a tab ends a cell, whatever is in them."""

from __future__ import annotations

import csv
import re
from codecs import StreamWriter
from collections.abc import Iterable, Sequence
from typing import Any, TextIO


def write_tsv(file: TextIO | StreamWriter, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write the names and the rows' values of them; white space in a text is one blank, what is None is empty."""
    table = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
    table.writerow(columns)
    for row in rows:
        table.writerow(_cell(row[name]) for name in columns)


def _cell(value: Any) -> Any:
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "", " ".join(value.split())) if isinstance(value, str) else value
