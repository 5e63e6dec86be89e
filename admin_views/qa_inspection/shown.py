"""A service record beside a scorecard: what an inspector, an answerer or an agent reads of it, masked by their role."""

from collections.abc import Mapping, Sequence
from typing import Any

from admin_views.base.cells import Cell, Reading, read_titles
from admin_views.base.columns import shown_column
from admin_views.base.masking import visible
from models.service_record import ServiceRecord

TEXTS = ("question", "handling", "result", "feedback")
"""Shown in full, one under the other; the rest is a list of names and values."""
FACTS = (
    "channel_id",
    "topic_id",
    "occurred_at",
    "agent_id",
    "team_id",
    "answer_seconds",
    "talk_seconds",
    "resolved",
    "satisfaction",
    "customer_name",
    "customer_contact",
    "customer_details",
)


def record_data(record: ServiceRecord) -> Mapping[str, Any]:
    """What `quality/record.html` shows of the record: `texts` and `facts` as cells, and the record itself."""
    return {"record": record, "texts": _cells(record, TEXTS), "facts": _cells(record, FACTS)}


def _cells(record: ServiceRecord, names: Sequence[str]) -> list[Cell]:
    table = ServiceRecord.__tablename__
    columns = [shown_column(ServiceRecord, name, {}, {}) for name in names if visible(table, name)]
    return Reading(columns, table, read_titles(columns, [record])).cells(record)
