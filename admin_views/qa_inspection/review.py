"""The QA supervisor's queue: what inspectors handed in, with its findings, to be told or sent back."""

from collections.abc import Sequence
from itertools import groupby

from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from admin_views.pages import Page
from engine.acting import current_act
from engine.database import db
from models.qa_inspection import InspectionState, QaFinding, QaInspection

SHOWN = 200
"""As many as may be reviewed at once."""


class Review(Page):
    """One page: choose, preview, tell. The preview and the deed are the list's own bulk action."""

    needs = ("qa_inspection", "review")
    icon = "check-check"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What waits, by inspector, the longest waiting first."""
        rows = waiting()
        groups = [(inspector, list(found)) for inspector, found in groupby(rows, key=lambda row: row.inspector)]
        return self.render("quality/review.html", groups=groups, count=len(rows), me=current_act().actor.staff_id)


def waiting() -> Sequence[QaInspection]:
    """Handed-in inspections with everything that the page shows."""
    return db.session.scalars(
        select(QaInspection)
        .where(QaInspection.state == InspectionState.HANDED_IN)
        .order_by(QaInspection.inspector_id, QaInspection.handed_in_at, QaInspection.id)
        .limit(SHOWN)
        .options(
            joinedload(QaInspection.inspector),
            joinedload(QaInspection.agent),
            joinedload(QaInspection.service_record),
            selectinload(QaInspection.findings).joinedload(QaFinding.item),
        )
    ).all()
