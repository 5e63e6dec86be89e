"""The ledger as a table to take away: the same rows and words as on the page, moments in the department's time."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import get_timezone

from admin_views.duties import post_label, what_to_do
from models.obligation import Obligation
from models.words import _

HEADER = (
    _("Clause"),
    _("What"),
    _("About"),
    _("Owner"),
    _("Staff number"),
    _("Due"),
    _("Met"),
    _("State"),
    _("Waived because"),
)


def lines(rows: Iterable[Obligation]) -> Iterator[list[Any]]:
    """One line for each obligation."""
    for row in rows:
        yield [
            row.clause,
            str(what_to_do(row.kind)),
            row.title,
            row.owner.name if row.owner else str(post_label(row.owner_post)) if row.owner_post else "",
            row.owner.number if row.owner else "",
            _deadline(row.due_at),
            _local(row.met_at),
            str(row.state.label),
            row.waived_reason or "",
        ]


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(get_timezone()).replace(tzinfo=None) if moment else None


def _deadline(moment: datetime) -> datetime | None:
    """By the 29th is stored as the first moment of the 30th: the file says the last minute of the 29th."""
    local = _local(moment)
    return local - timedelta(minutes=1) if local is not None and local.time() == time() else local
