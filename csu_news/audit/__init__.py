"""The audit: whether an archive holds all that its own evidence names; pure, over plain nodes and links.

`walk` and `unreturned` take a column's previous and next links apart; `chain` holds what they come to, `report`
the verdict.
"""

from csu_news.audit.chain import Chain, Node, OneWay, Segment, by_address
from csu_news.audit.report import Audit, ColumnAudit, Digest, Hole, ListTotal
from csu_news.audit.walk import audit_chain

__all__ = [
    "Audit",
    "Chain",
    "ColumnAudit",
    "Digest",
    "Hole",
    "ListTotal",
    "Node",
    "OneWay",
    "Segment",
    "audit_chain",
    "by_address",
]
