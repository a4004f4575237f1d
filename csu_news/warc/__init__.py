"""The evidence: WARC files written so that nothing is lost, and read so that no damage passes.

WarcWriter appends, read_response() and iter_records() read, repair() puts right what a killed run left.
Nothing here knows of Scrapy or of the database.
"""

from csu_news.warc.reader import (
    DamagedRecord,
    RecordInfo,
    StoredResponse,
    TornRecord,
    iter_records,
    read_response,
)
from csu_news.warc.records import Exchange, Location, Revisit, warc_date
from csu_news.warc.recovery import Repair, repair
from csu_news.warc.writer import Sealed, WarcWriter, file_name, seal_file

__all__ = [
    "DamagedRecord",
    "Exchange",
    "Location",
    "RecordInfo",
    "Repair",
    "Revisit",
    "Sealed",
    "StoredResponse",
    "TornRecord",
    "WarcWriter",
    "file_name",
    "iter_records",
    "read_response",
    "repair",
    "seal_file",
    "warc_date",
]
