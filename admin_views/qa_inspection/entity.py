"""Inspections, findings, weekly shares and score editions as lists and pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import request, url_for
from flask_babel import get_locale
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from admin_views.base import access, querying
from admin_views.base.columns import Computed, Shown, shown_column
from admin_views.base.filters import Box, Filter
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from admin_views.qa_inspection.scoring import is_mine
from admin_views.qa_inspection.shown import record_data
from engine.acting import current_act
from engine.database import db
from engine.recently import recently
from models.audit import AuditEntry
from models.obligation import Obligation
from models.qa_appeal import QaAppeal
from models.qa_inspection import TOLD, InspectionState, QaBatch, QaFinding, QaInspection, QaScore
from models.rectification import RectificationTask
from models.scorecard import ScorecardItem
from models.service_record import ServiceRecord
from models.words import _, in_language
from plugins.qa_inspection import APPEAL_WINDOW


def _told(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:  # noqa: ARG001 a filter's signature
    is_told = QaInspection.state.in_(sorted(TOLD))
    return {"1": is_told, "0": ~is_told}[values[""] if values[""] in {"0", "1"} else _unreadable(values[""])]


def _told_boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
    words = (("", _("All")), ("1", _("Result told")), ("0", _("Not yet told")))
    options = [(code, str(word), given.get("", "") == code) for code, word in words]
    return [Box(one.argument(""), str(_("QA result")), "choice", options=options)]


def _of_item(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:  # noqa: ARG001 a filter's signature
    return QaFinding.item_id.in_(select(ScorecardItem.id).where(ScorecardItem.code == values[""]))


def _item_boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
    """The items by their code: the same item of every edition."""
    rows = recently(("items", db.engine.url, current_act().actor), (ScorecardItem,), _items)
    names = {row.code: in_language(row.name, str(get_locale())) for row in rows}
    options = [
        ("", str(_("All")), "" not in given),
        *((code, name, given.get("") == code) for code, name in names.items()),
    ]
    return [Box(one.argument(""), str(_("Item")), "choice", options=options)]


def _items() -> Sequence[Any]:
    query = select(ScorecardItem.code, ScorecardItem.name).order_by(ScorecardItem.position, ScorecardItem.id)
    return db.session.execute(query).all()


def _of_cause(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:  # noqa: ARG001 a filter's signature
    return QaFinding.cause == values[""]


def _cause_boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
    return [Box(one.argument(""), str(_("Cause")), "text", given.get("", ""))]


def _unreadable(text: str) -> str:
    raise ValueError(text)


class QaInspectionView(OwnPages, EntityView):
    """Drawn records on their way to the agent. Nobody adds one by hand; scoring has its own screen."""

    model = QaInspection
    category = "quality"
    icon = "search"
    own = {DETAILS: "quality/result.html"}
    list_columns = (
        "service_record_id",
        "agent_id",
        "team_id",
        "inspector_id",
        "occurred_at",
        "score",
        "state",
        "reviewed_at",
    )
    detail_columns = (
        "service_record_id",
        "agent_id",
        "team_id",
        "occurred_at",
        "inspector_id",
        "scorecard_id",
        "draw_id",
        "batch_id",
        "remark",
        "handed_in_at",
        "reviewed_at",
    )
    filters = (
        "state",
        Filter("told", shown_column(QaInspection, "state", {}, {}), ("",), _told, _told_boxes),
        "agent_id",
        "team_id",
        "inspector_id",
        "occurred_at",
        "score",
        "batch_id",
        "draw_id",
    )
    search = ("service_record_id",)
    default_sort = ("occurred_at", True)
    empty_hint = _("Records come here by the random draw of the month's QA plan.")

    def search_condition(self, word: str) -> ColumnElement[bool]:
        """By the record's number."""
        return QaInspection.service_record_id.in_(
            select(ServiceRecord.id).where(querying.holds(ServiceRecord, ("number",), word))
        )

    def bulk_back(self) -> str:
        """Whoever reviews goes on reviewing."""
        reviews = request.form.get("action") in {"review", "send_back"} and access.allowed(self.table, "review")
        return url_for("qa_review.index") if reviews else super().bulk_back()  # type: ignore[no-any-return]  # the base is untyped

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The result: record, findings with what was deducted before, editions, appeals, and what the reader may do."""
        inspection: QaInspection = data["record"]
        findings = findings_of(inspection)
        return {
            "shown": record_data(inspection.service_record),
            "findings": findings,
            "former": former_deductions(findings),
            "tasks": tasks_of(findings),
            "appeals": appeals_of(inspection),
            "may_appeal": may_appeal(inspection),
            "window": window_of(inspection),
            "points": inspection.score if inspection.score is not None else inspection.running_score,
            "may_score": is_mine(inspection) and inspection.state is InspectionState.ASSIGNED,
            "own_result": inspection.agent_id == current_act().actor.staff_id,
            "editions": editions_of(inspection),
        }


class QaFindingView(EntityView):
    """Findings. Without scripts an inspector writes them here; the scoring screen is made for it."""

    model = QaFinding
    category = "quality"
    icon = "alert-triangle"
    list_columns = (
        "problem",
        "item_id",
        "severity",
        "deduction",
        "agent_id",
        "team_id",
        "occurred_at",
        "recurring",
        "state",
    )
    form_columns = ("inspection_id", "item_id", "severity", "deduction", "problem", "cause")
    not_in_form = ("agent_id", "team_id", "occurred_at", "recurring")
    detail_columns = (
        "inspection_id",
        "item_id",
        "severity",
        "deduction",
        "problem",
        "cause",
        "agent_id",
        "team_id",
        "occurred_at",
        "recurring",
    )
    filters = (
        "state",
        "severity",
        Filter("item_code", shown_column(QaFinding, "item_id", {}, {}), ("",), _of_item, _item_boxes),
        "agent_id",
        "team_id",
        "occurred_at",
        "recurring",
        Filter("cause", shown_column(QaFinding, "cause", {}, {}), ("",), _of_cause, _cause_boxes),
        "inspection_id",
    )
    default_sort = ("occurred_at", True)
    related = (("rectification_task", "finding"), ("qa_talk", "finding"))
    narrow = {
        "inspection_id": lambda: (
            QaInspection.inspector_id == current_act().actor.staff_id,
            QaInspection.state == InspectionState.ASSIGNED,
        )
    }


class QaBatchView(EntityView):
    """Who scores how much in which week, and how far they are."""

    model = QaBatch
    category = "quality"
    icon = "layers"
    list_columns = ("week", "inspector_id", "draw_id", "to_hand_in", "to_review")
    filters = ("inspector_id", "week", "draw_id")
    default_sort = ("week", True)
    related = (("qa_inspection", "batch_id"),)


class QaScoreView(EntityView):
    """Every score that ever stood (QA-8)."""

    model = QaScore
    category = "quality"
    icon = "history"
    in_menu = False
    list_columns = ("inspection_id", "edition", "score", "reason", "agent_id", "decided_at")
    filters = ("inspection_id", "agent_id")
    computed: Mapping[str, Computed] = {}


def findings_of(inspection: QaInspection) -> Sequence[QaFinding]:
    """The findings in the order in which they were written."""
    return db.session.scalars(
        select(QaFinding)
        .where(QaFinding.inspection_id == inspection.id)
        .order_by(QaFinding.id)
        .options(joinedload(QaFinding.item))
    ).all()


def former_deductions(findings: Sequence[QaFinding]) -> dict[int, Decimal]:
    """What a revised finding deducted before, as the audit knows: the first value that an appeal ever replaced."""
    rows = db.session.execute(
        select(AuditEntry.record_id, AuditEntry.changes)
        .where(
            AuditEntry.entity == QaFinding.__tablename__,
            AuditEntry.action == "revise",
            AuditEntry.record_id.in_([finding.id for finding in findings]),
        )
        .order_by(AuditEntry.id.desc())
    ).all()
    return {row.record_id: Decimal(str(row.changes["deduction"][0])) for row in rows if row.changes.get("deduction")}


def tasks_of(findings: Sequence[QaFinding]) -> dict[int, RectificationTask]:
    """The rectification task of each finding."""
    ids = [finding.id for finding in findings]
    rows = db.session.scalars(select(RectificationTask).where(RectificationTask.finding_id.in_(ids)))
    return {task.finding_id: task for task in rows}


def editions_of(inspection: QaInspection) -> Sequence[QaScore]:
    """Every score that stood, the first one first."""
    return db.session.scalars(
        select(QaScore).where(QaScore.inspection_id == inspection.id).order_by(QaScore.edition)
    ).all()


def appeals_of(inspection: QaInspection) -> Sequence[QaAppeal]:
    """The appeals about the result that the reader may see."""
    return db.session.scalars(
        select(QaAppeal).where(QaAppeal.inspection_id == inspection.id).order_by(QaAppeal.id)
    ).all()


def window_of(inspection: QaInspection) -> datetime | None:
    """Until when the result can be questioned, as the ledger says."""
    return db.session.scalar(
        select(func.max(Obligation.due_at)).where(
            Obligation.kind == APPEAL_WINDOW.name,
            Obligation.subject_type == QaInspection.__tablename__,
            Obligation.subject_id == inspection.id,
        )
    )


def may_appeal(inspection: QaInspection) -> bool:
    """Whether the reader is the agent and the result is open to questions."""
    own = inspection.agent_id == current_act().actor.staff_id
    return own and inspection.state is InspectionState.REVIEWED and access.allowed(QaAppeal.__tablename__, "create")
