"""Which English and Chinese articles tell the same, as a table."""

from __future__ import annotations

from codecs import getwriter
from typing import BinaryIO

from csu_news.exporters.chosen import Chosen
from csu_news.exporters.tsv import write_tsv

COLUMNS = (
    *("en_key", "zh_key", "en_published", "zh_published", "evidence", "score"),
    *("en_title", "zh_title", "en_url", "zh_url"),
)


def write_pairs(chosen: Chosen, stream: BinaryIO) -> None:
    """Write a line of names and one for each pair."""
    write_tsv(getwriter("utf-8")(stream), COLUMNS, chosen.pairs())
