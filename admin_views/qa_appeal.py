"""QA-8: appeals as agents file them and as somebody other than the inspector answers them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, select
from wtforms import Field

from admin_views.base import querying
from admin_views.base.fields import given
from admin_views.base.view import EntityView
from admin_views.formats import NOTHING
from admin_views.own_pages import DETAILS, MOVE, OwnPages
from admin_views.qa_inspection.entity import editions_of, findings_of, former_deductions, tasks_of
from admin_views.qa_inspection.shown import record_data
from engine.acting import current_act
from engine.hooks import hookimpl
from models.qa_appeal import QaAppeal
from models.qa_inspection import FindingState, InspectionState, QaFinding, QaInspection
from models.service_record import ServiceRecord
from models.words import _

REVISED = "ask_revised"


class RevisionField(Field):
    """A new deduction for some findings: a box for each, empty for those that stay."""

    control = "revision"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the boxes: by the finding's id, only what was filled in."""
        self.process_errors = []
        self.raw_data = None
        self.data = data if isinstance(data, dict) else None
        if formdata is None:
            return
        ids = [name.removeprefix(f"{self.name}-") for name in formdata if name.startswith(f"{self.name}-")]
        typed = {number: str(given(self, formdata, f"-{number}")).strip() for number in ids if number.isdigit()}
        self.data = {number: text for number, text in typed.items() if text} or None
        if not all(_is_number(text) for text in (self.data or {}).values()):
            self.process_errors = [str(_("This is not a number."))]

    def __call__(self, **options: Any) -> str:
        """Where several appeals are answered at once there are no findings to choose from: nothing is revised."""
        return NOTHING


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


class QaAppealView(OwnPages, EntityView):
    """Filed from the result's page; answered beside the record."""

    model = QaAppeal
    category = "quality"
    icon = "message-square"
    own = {DETAILS: "quality/appeal.html", MOVE: "quality/answer.html"}
    list_columns = ("inspection_id", "agent_id", "inspector_id", "created_at", "score_before", "answered_at", "state")
    form_columns = ("inspection_id", "grounds")
    not_in_form = (
        "agent_id",
        "team_id",
        "inspector_id",
        "answer",
        "revised",
        "answered_by_id",
        "answered_at",
        "score_before",
    )
    detail_columns = (
        "inspection_id",
        "agent_id",
        "inspector_id",
        "created_at",
        "score_before",
        "answered_by_id",
        "answered_at",
    )
    filters = ("state", "agent_id", "inspector_id", "created_at", "inspection_id")
    ask_fields = {"revised": RevisionField}
    narrow = {
        "inspection_id": lambda: (
            QaInspection.agent_id == current_act().actor.staff_id,
            QaInspection.state == InspectionState.REVIEWED,
        )
    }
    empty_hint = _("An agent questions a result on the result's own page, within the days that the rulebook gives.")

    def search_condition(self, word: str) -> ColumnElement[bool]:
        """By the record's number as well."""
        of_record = (
            select(QaInspection.id)
            .join(QaInspection.service_record)
            .where(querying.holds(ServiceRecord, ("number",), word))
        )
        return super().search_condition(word) | QaAppeal.inspection_id.in_(of_record)  # type: ignore[no-any-return]  # the base is untyped

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was questioned: record, findings, and every score that stood."""
        appeal: QaAppeal = data["record"]
        inspection = appeal.inspection
        findings = findings_of(inspection)
        return {
            "inspection": inspection,
            "shown": record_data(inspection.service_record),
            "findings": findings,
            "former": former_deductions(findings),
            "tasks": tasks_of(findings),
            "editions": editions_of(inspection),
            "standing": [f for f in findings if f.state is FindingState.TOLD],
            "typed": typed_revision(findings),
            "bands": inspection.scorecard.bands,
        }


def typed_revision(findings: Sequence[QaFinding]) -> Mapping[int, str]:
    """What stands in the boxes when the answer is shown again."""
    return {finding.id: request.form.get(f"{REVISED}-{finding.id}", "") for finding in findings}


@hookimpl
def views() -> list[EntityView]:
    """Appeals."""
    return [QaAppealView()]
